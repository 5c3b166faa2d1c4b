r"""Peers that take the messages of `scripts/hl7_feed.py` apart, in an environment of their own.

None lands bytes, converts a unit, checks a code or a range, looks for duplicates or writes
anything. The package hl7 and hl7apy parse each message whole; the bare split cuts at segments,
fields and components by `str.split`, and undoes no escape.
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

Results = dict[str, list[str]]
"""By order and code: identifier of the person, value, unit, when taken; all as written."""


def messages_of(path: Path) -> list[str]:
    """The text of each message; a file of theirs is cut up before the clock runs."""
    # Read as text it would lose its carriage returns, which end segments.
    text = path.read_bytes().decode("utf-8")
    return re.split(r"(?<=\r)(?=MSH\|)", text)


def split(messages: list[str]) -> Results:
    """By `str.split` alone."""
    found = {}
    for message in messages:
        person = order = ""
        for segment in message.split("\r"):
            fields = segment.split("|")
            if fields[0] == "PID":
                person = fields[3].split("^")[0]
            elif fields[0] == "OBR":
                order = fields[3].split("^")[0]
            elif fields[0] == "OBX":
                code = fields[3].split("^")[0]
                found[f"{order}|{code}"] = [
                    person, fields[5], fields[6].split("^")[0], fields[14]
                ]  # fmt: skip
    return found


def package_hl7(messages: list[str]) -> Results:
    """By the package hl7."""
    import hl7

    found = {}
    for text in messages:
        message = hl7.parse(text)
        person, order = str(message.segment("PID")[3][0][0]), ""
        for segment in message:
            kind = str(segment[0])
            if kind == "OBR":
                order = str(segment[3][0][0])
            elif kind == "OBX":
                found[f"{order}|{segment[3][0][0]}"] = [
                    person, str(segment[5]), str(segment[6][0][0]), str(segment[14])
                ]  # fmt: skip
    return found


def hl7apy(messages: list[str]) -> Results:
    """By hl7apy, without validation and without groups, the quickest of its ways to all fields."""
    from hl7apy.parser import parse_message

    found = {}
    for text in messages:
        person = order = ""
        for segment in parse_message(text, find_groups=False).children:
            if segment.name == "PID":
                person = segment.pid_3.cx_1.to_er7()
            elif segment.name == "OBR":
                order = segment.obr_3.ei_1.to_er7()
            elif segment.name == "OBX":
                found[f"{order}|{segment.obx_3.ce_1.to_er7()}"] = [
                    person, segment.obx_5.to_er7(), segment.obx_6.ce_1.to_er7(),
                    segment.obx_14.to_er7(),
                ]  # fmt: skip
    return found


PEERS: dict[str, Callable[[list[str]], Results]] = {
    "hl7": package_hl7,
    "hl7apy": hl7apy,
    "split": split,
}


def main() -> None:
    """Parse as often as asked; print the seconds of each run, the count and the sample as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--messages", type=int, required=True, help="how many of them to parse")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    wanted = json.loads(given.folder.with_suffix(".json").read_text("utf-8"))["sample"]
    messages = messages_of(given.folder / "feed.hl7")[: given.messages]
    seconds = []
    for _ in range(given.runs):
        started = time.perf_counter()
        found = PEERS[given.peer](messages)
        seconds.append(time.perf_counter() - started)
    told = {
        "version": "" if given.peer == "split" else version(given.peer),
        "seconds": seconds,
        "messages": len(messages),
        "read": len(found),
        "sample": {key: found[key] for key in wanted if key in found},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
