"""What becomes of files that other projects published: the tables of ``docs/real-input.md``.

``python scripts/real_input.py SAMPLES`` writes ``docs/real-input-receipt.md``. A test makes them
again and holds the page to them.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.ingest import Receipt, ingest_files
from afterdose.ingest.set_aside import read_set_aside

PAGE = Path(__file__).parent.parent / "docs" / "real-input-receipt.md"
FOLDERS = ("fhir", "hl7v2", "ccda")
LANDED_ON = date(2026, 11, 24)

WHY = {
    "person-unmatched": "nine documents about `Patient/example`, from several authors, and an "
    "export whose file of people was not published: nobody knows whom these references mean, and "
    "the nine are not one person",
    "code-not-in-catalogue": "body height, pain scores, smoking status and other observations that "
    "nobody monitors here; platelets of 221 under a LOINC code that another file names platelet "
    "morphology are among them: the code decides, not the label",
    "test-message": "six of the ten HL7 files say in MSH-11 that they are for training: nobody "
    "here would want their people in a record. With `--accept-test-messages` they are read",
    "code-not-loinc": "codes of the sender's own, and codes padded with letters under the LOINC "
    "system",
    "unit-not-permitted": "filtration rate in `mL/min` without the body surface; haemoglobin of "
    "12.5 `g/mL`, a thousand times too much",
    "implausible": "total protein of about 70 `g/dL`, ten times too much",
    "person-unknown": "sections of clinical documents, published as fragments: they name nobody",
    "value-not-a-number": "blood in the urine by a word that is on no scale",
    "drug-not-known": "bisoprolol: a drug that no protocol follows",
    "date-unreadable": "a birth date of `196203520`: no date. Another is written in zeros",
}
"""Why it is right that rows were set aside, by reason; a reason that is not here stops the script.
"""


class Run(NamedTuple):
    """A receipt, and by reason what was seen most often."""

    receipt: Receipt
    seen: dict[str, str]


def read(folders: Iterable[Path], *, accept_tests: bool = False) -> Run:
    """Ingest folders into a record that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record"
        receipt = ingest_files(folders, record, landed_on=LANDED_ON, accept_tests=accept_tests)
        counts: dict[str, Counter[str]] = {}
        for row in read_set_aside(record / "set_aside.csv"):
            counts.setdefault(row.reason, Counter())[row.seen] += 1
    return Run(receipt, {reason: min(_most(found)) for reason, found in counts.items()})


def _most(found: Counter[str]) -> list[str]:
    """What was seen most often; several where they are as many."""
    return [seen for seen, count in found.items() if count == max(found.values())]


def reasons_of(receipt: Receipt) -> Counter[str]:
    """How many rows were set aside for each reason."""
    return sum((file.set_aside for file in receipt.files), Counter[str]())


def render(samples: Path) -> str:
    """Both tables as Markdown: what was read, and what was set aside."""
    folders = [samples / name for name in FOLDERS]
    every = read(folders)
    accepting = read(folders, accept_tests=True)
    lines = ["| folder | files | rows | accepted | set aside | refused |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    lines += [_row(f"`{path.name}`", read([path]).receipt) for path in folders]
    lines.append(_row("all together", every.receipt))
    lines.append(_row("all, with `--accept-test-messages`", accepting.receipt))
    lines += ["", "| reason | rows | accepting tests | seen most often | what it was |"]
    lines.append("| --- | ---: | ---: | --- | --- |")
    first, second = reasons_of(every.receipt), reasons_of(accepting.receipt)
    for reason, _ in sorted((first | second).items(), key=lambda one: (-one[1], one[0])):
        seen = every.seen.get(reason) or accepting.seen.get(reason) or ""
        shown = f"`{seen}`" if seen else ""
        lines.append(
            f"| *{reason}* | {first[reason]:,} | {second[reason]:,} | {shown} | {WHY[reason]} |"
        )
    return "\n".join(lines) + "\n"


def _row(title: str, receipt: Receipt) -> str:
    totals = receipt.as_dict()["totals"]
    names = ("files", "rows", "accepted", "set_aside", "refused")
    return f"| {title} | {' | '.join(f'{totals[name]:,}' for name in names)} |"


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path, help="the folder with fhir, hl7v2 and ccda in it")
    PAGE.write_text(render(parser.parse_args().samples), encoding="utf-8")


if __name__ == "__main__":
    main()
