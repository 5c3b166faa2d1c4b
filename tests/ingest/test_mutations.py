"""Files with a few changed bytes: an answer, sums that add up, and no value that changed by itself.

What is accepted is held against the changed file by a second, plain way of finding its place: the
number, the unit and the code of each row stand there as the row says. ``make fuzz-ingest`` draws a
hundred thousand; every sample outside the repository is among the files where they are at hand.
"""

import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.conftest import SAMPLES
from tests.ingest.conftest import LANDED_ON, bundle, observation, obx, oru, patient
from tests.ingest.test_ccda import document, section
from tests.ingest.test_ccda import observation as clinical_observation

from afterdose.cohort import switch
from afterdose.ingest import kept, landing
from afterdose.ingest.pipeline import Run
from support.examples import examples

MUTANTS = int(os.environ.get("AFTERDOSE_MUTANTS", "3000"))
SECONDS = float(os.environ.get("AFTERDOSE_MUTANTS_SECONDS", "30"))
SEED = int(os.environ.get("AFTERDOSE_MUTANTS_SEED", "5"))

OBX_MANY = "\r".join(obx(f5=value) for value in ("<5", "210", "1.5e2", "a^b", r"2\T\3", ""))
TABLE = (
    "person_id,original_code,original_value,original_unit,specimen_date,status\n"
    "p1,777-3,210,10*9/L,2024-03-04,final\np2,718-7,13.2,g/dL,2024-03-05,final\n"
)
WRITTEN: dict[str, bytes] = {
    "a.json": bundle(patient(), observation(), observation(id="o2", valueInteger=200)).encode(),
    "a.ndjson": "\n".join(map(json.dumps, (patient(), observation(), observation()))).encode(),
    "a.hl7": (oru(obx()) + oru(OBX_MANY)).encode(),
    "many.hl7": b"".join(oru(obx(f5=str(100 + n))).encode() for n in range(60)),
    "a.xml": document(section(clinical_observation())).encode(),
    "a.csv": TABLE.encode(),
}
WORDS = [
    b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\0", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xff",
    b",", b".", b"-", b"+", b"e9", b"<", b">", b'"', b"{", b"}", b"[", b"]", b":", b"null",
    b"NaN", b"1e400", b"true", b"9999999999999999999", b"\\X31\\", b"\\T\\", b"\\.br\\", b"&#49;",
    b"\\u0031", b"OBX|", b"MSH|", b"ADD|", b"10*3/uL", b"g/dL", b"0", b"1", b" ",
]  # fmt: skip


def changed(content: bytes, draw: random.Random) -> bytes:
    """The file with one to three changes."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        content = draw.choice(CHANGES)(content, draw)
    return content


def bit(content: bytes, draw: random.Random) -> bytes:
    if not content:
        return content
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :]


def gone_or_written_over(content: bytes, draw: random.Random) -> bytes:
    at, to = span(content, draw)
    return content[:at] + draw.choice([b"", *WORDS]) + content[to:]


def put_in(content: bytes, draw: random.Random) -> bytes:
    at, _ = span(content, draw)
    return content[:at] + draw.choice(WORDS) + content[at:]


def twice(content: bytes, draw: random.Random) -> bytes:
    at, to = span(content, draw)
    return content[:to] + content[at:]


def cut_off(content: bytes, draw: random.Random) -> bytes:
    return content[: span(content, draw)[0]]


def digit(content: bytes, draw: random.Random) -> bytes:
    places = [found.start() for found in re.finditer(rb"\d", content)]
    if not places:
        return content
    at = draw.choice(places)
    return content[:at] + str(draw.randrange(10)).encode() + content[at + 1 :]


def lines_in_another_order(content: bytes, draw: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if len(lines) > 1:
        one, other = draw.sample(range(len(lines)), 2)
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def span(content: bytes, draw: random.Random) -> tuple[int, int]:
    """A place, and one a little behind it."""
    at = draw.randrange(len(content) + 1)
    return at, min(len(content), at + draw.choice((1, 1, 2, 8, 40, 400)))


CHANGES = (
    bit, gone_or_written_over, put_in, put_in, twice, digit, digit, cut_off, lines_in_another_order
)  # fmt: skip


# What stands at a place, found in another way -----------------------------------------------------

Found = tuple[list[str], list[str], list[str]]
"""What may be the value, the unit and the code there."""


def in_message(content: bytes, locator: str) -> Found | None:
    """The fields of a segment; None where escapes or continuations ask for a real reader."""
    number = int(locator.split()[1])
    lines = re.split(rb"\r\n|\r|\n", content.removeprefix(b"\xef\xbb\xbf"))
    heads = [line.strip(b"\x0b\x1c \t") for line in lines[:number]]
    header = next(line for line in reversed(heads) if line.startswith(b"MSH"))
    field = header[3:4].decode("latin-1")
    field = field if field.strip() else "|"
    others = header.decode("latin-1")[4:].split(field)[0]
    component, repetition, escape = (others + "^~\\"[len(others) :])[:3]
    following = next((line for line in lines[number:] if line.strip()), b"")
    try:
        text = heads[-1].decode("utf-8")
    except UnicodeDecodeError:
        return None
    fields = text.split(field) + [""] * 8
    if escape in fields[5] + fields[6] + fields[3] or following.startswith(b"ADD"):
        return None
    first = [one.split(repetition)[0] for one in fields]
    value = first[5].split(component)
    return (
        [fields[5], *value, "".join(value[1:4]), "".join(value[:4])],
        [fields[6], *first[6].split(component)[:1]],
        first[3].split(component),
    )


class Literal(str):
    """A number as the file writes it."""

    __slots__ = ()


def in_resource(content: bytes, locator: str) -> Found | None:
    """The values, units and codes of a resource or component."""
    pointer = locator.partition(" (")[0]
    if pointer.startswith("line "):
        first, _, pointer = pointer.removeprefix("line ").partition("/")
        content = re.split(rb"\r\n|\n|\r", content)[int(first) - 1]
    node: Any = json.loads(content.decode("utf-8-sig"), parse_float=Literal, parse_int=Literal)
    for step in filter(None, pointer.split("/")):
        node = node[int(step)] if isinstance(node, list) else node[step]
    values, units = [], []
    for key, value in node.items():
        if key == "valueQuantity":
            values.append(value.get("value"))
            units += [value.get("unit"), value.get("code")]
        elif key == "valueCodeableConcept":
            codings = value.get("coding") or []
            values += [value.get("text")]
            values += [one.get(name) for one in codings for name in ("display", "code")]
        elif key.startswith("value"):
            values.append(value)
    codes = [one.get("code") for one in node["code"]["coding"]]
    return values, units, codes


def in_document(content: bytes, locator: str) -> Found | None:
    """The attributes and texts of an observation of a clinical document."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(content.strip(), parser)
    (node,) = root.xpath(named(locator))
    said = [
        text
        for one in node.xpath(f"{named('value')} | {named('value')}//*")
        for text in (*one.attrib.values(), "".join(one.itertext()))
    ]
    return said, said, node.xpath(f"{named('code')}/@code | {named('code/translation')}/@code")


def named(path: str) -> str:
    """The path whatever the namespace: a document without it is read too."""
    return re.sub(r"([A-Za-z]\w*)", r"*[local-name()='\1']", path)


def in_table(content: bytes, locator: str) -> Found | None:
    """Any cell of the table: a row is not found in another way so simply."""
    cells = re.split(r"[,\r\n]+", content.decode("utf-8-sig").replace('"', ""))
    return cells, cells, cells


PLACES: dict[str, Callable[[bytes, str], Found | None]] = {
    "hl7v2": in_message,
    "fhir": in_resource,
    "ccda": in_document,
    "table of results": in_table,
}


def same(said: str | None, there: list[Any]) -> bool:
    """Whether one of the texts is what the row says.

    A number of JSON is a double: it may be written otherwise, and its seventeenth digit is lost.
    """
    words = {" ".join(str(one).split()) for one in there if one is not None}
    if said is None:
        return True
    if " ".join(said.split()) in words:
        return True
    try:
        number = float(said)
        return any(isinstance(one, Literal) and float(one) == number for one in there)
    except ValueError:
        return False


def take(name: str, content: bytes, folder: Path, tally: Counter[str]) -> None:
    """Read one file and hold each accepted row against its place."""
    path = folder / name
    path.write_bytes(content)
    run = Run(folder / "record")
    receipt = run.take(path, landed_on=LANDED_ON)
    run.settle()
    receipt.check()
    tally["mutants"] += 1
    tally["refused"] += bool(receipt.refused)
    tally["accepted rows"] += receipt.accepted
    tally["set aside"] += receipt.set_aside.total()
    find = PLACES.get(receipt.form)
    if receipt.refused or find is None:
        return
    labs = run.store.labs.select(
        "value", "original_value", "original_unit", "original_code", "source"
    )
    for read, value, unit, code, source in labs.iter_rows():
        found = find(content, source.partition(":")[2])
        if found is None:
            tally["rows not looked up"] += 1
            continue
        values, units, codes = found
        tally["rows looked up"] += 1
        # What takes back has no value; a reader's words stand in place of what it did not read.
        assert read is None or same(value, values), (source, value, values)
        assert same(unit, units), (source, unit, units)
        assert same(code.removeprefix("LOINC:"), codes), (source, code, codes)


@pytest.fixture(autouse=True)
def no_flushing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the disk here."""
    for module in (switch, landing, kept):
        monkeypatch.setattr(module, "flush", lambda path: None)
        monkeypatch.setattr(module, "flush_folder", lambda path: None, raising=False)


def sources() -> dict[str, bytes]:
    """What is changed: our own files, and the samples where they are at hand."""
    found = dict(WRITTEN)
    if SAMPLES is not None and SAMPLES.is_dir():
        found |= {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*/*.*"))}
    return found


def test_files_with_a_few_changed_bytes() -> None:
    files = sources()
    draw, tally = random.Random(SEED), Counter[str]()
    names = list(files)
    weights = [min(1.0, (4000 / len(files[name])) ** 1.2) for name in names]
    until = time.monotonic() + SECONDS
    # Every file once as it is, then every file once changed, then as they are drawn.
    turns = [*names, *draw.choices(names, weights, k=MUTANTS)]
    with TemporaryDirectory() as folder:
        for number, name in enumerate([*names, *turns]):
            if time.monotonic() > until and number > 2 * len(WRITTEN):
                break
            content = files[name] if number < len(names) else changed(files[name], draw)
            place = Path(folder) / str(number)
            place.mkdir()
            try:
                take(name, content, place, tally)
            except Exception as error:
                kept_for_you = Path(os.environ.get("AFTERDOSE_MUTANTS_KEPT", folder)) / name
                kept_for_you.write_bytes(content)
                said = f"{name}, change {number}, kept as {kept_for_you}: {error!r}"
                raise AssertionError(said) from error
            finally:
                remove(place)
    sys.stdout.write(f"{dict(tally)}\n")
    assert tally["rows looked up"] > 10 * tally["rows not looked up"]
    assert tally["rows looked up"] > tally["mutants"] / 10


# Files by a grammar ------------------------------------------------------------------------------

SEPARATORS = st.permutations("|^~\\&!$%*+;@").map(lambda signs: signs[:5])
VALUES = st.sampled_from(
    ["210", "<5", ">= 90", "5-10", "0.0", "-1", "1e2", "NEG", "", '""', "1,5"]
) | (st.decimals(0, 10**6, allow_nan=False, places=2).map(str))
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Messages with separators of their own, several requests, results of many types."""
    said = []
    for _ in range(draw(st.integers(1, 3))):
        field, component, repetition, escape, part = draw(SEPARATORS)

        def row(*fields: str, field: str = field) -> str:
            return field.join(fields)

        def coded(code: str, component: str = component) -> str:
            return component.join((code, "a test", "LN"))

        lines = [
            row(
                f"MSH{field}{component}{repetition}{escape}{part}",
                "Lab",
                "North",
                "",
                "",
                "20240305",
                "",
                "ORU",
                "1",
                "P",
                draw(st.sampled_from(["2.3", "2.5.1", "2.8"])),
            )
        ]
        lines.append(row("PID", "1", "", component.join(("4711", "", "", "MRN"))))
        for _ in range(draw(st.integers(0, 3))):
            lines.append(row("OBR", "1", "", draw(TEXT), coded("58410-2"), "", "", "20240304"))
            for number in range(draw(st.integers(0, 4))):
                code = coded(draw(st.sampled_from(["777-3", "718-7", "2160-0", "0-0"])))
                value = draw(VALUES | TEXT)
                if draw(st.booleans()):
                    value += repetition + draw(VALUES)
                unit = draw(st.sampled_from(["10*9/L", "K/uL", "g/dL", "mg/dL", "", "cups"]))
                kind = draw(st.sampled_from(["NM", "ST", "SN", "CE", "TX", ""]))
                status = draw(st.sampled_from("FFFFPCXDWNU"))
                lines.append(
                    row(
                        "OBX",
                        str(number),
                        kind,
                        code,
                        draw(st.sampled_from(["", "1"])),
                        value,
                        unit,
                        "",
                        "",
                        "",
                        "",
                        status,
                    )
                )
                lines += ["NTE" + field + "1"] * draw(st.integers(0, 1))
        said.append(draw(st.sampled_from(["\r", "\n", "\r\n"])).join([*lines, ""]))
    return "".join(said).encode("utf-8", errors="replace")


@st.composite
def resources(draw: st.DrawFn) -> bytes:
    """A bundle of observations with every kind of value, components and absent values."""
    amount = st.decimals(0, 10**5, allow_nan=False, places=3).map(float) | st.integers(0, 999)
    quantity = st.fixed_dictionaries(
        {"value": amount, "unit": st.sampled_from(["10*9/L", "g/dL", "mg/dL", "%", ""])},
        optional={"comparator": st.sampled_from(["<", "<=", ">", ">=", "ad"]), "code": TEXT},
    )
    value = st.fixed_dictionaries({}, optional={"dataAbsentReason": st.just({"text": "lost"})}) | (
        st.builds(dict, valueQuantity=quantity)
        | st.builds(dict, valueString=VALUES | TEXT)
        | st.builds(dict, valueInteger=st.integers(-5, 999))
        | st.builds(dict, valueRange=st.builds(dict, low=quantity, high=quantity))
        | st.builds(dict, valueBoolean=st.booleans())
        | st.builds(dict, valueCodeableConcept=st.builds(dict, text=VALUES))
    )
    code = st.sampled_from(["777-3", "718-7", "2160-0", "5804-0", "0-0"]).map(
        lambda loinc: {"code": {"coding": [{"system": "http://loinc.org", "code": loinc}]}}
    )
    part = st.builds(lambda one, other: one | other, code, value)
    found = []
    for number in range(draw(st.integers(0, 4))):
        one = observation(id=f"o{number}", valueQuantity=None) | draw(part)
        if draw(st.booleans()):
            one["component"] = draw(st.lists(part, max_size=3))
        found.append(
            one | {"status": draw(st.sampled_from(["final", "amended", "preliminary", "x"]))}
        )
    return bundle(patient(), *found).encode()


@pytest.mark.parametrize(("name", "files"), [("a.hl7", messages()), ("a.json", resources())])
def test_files_by_a_grammar(name: str, files: st.SearchStrategy[bytes]) -> None:
    @examples(60)
    @given(content=files)
    def read(content: bytes) -> None:
        with TemporaryDirectory() as folder:
            take(name, content, Path(folder), Counter())

    read()


def remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
