"""Whatever stops a run, the record is as it was or as it shall be, and doing it again mends it.

``make faults`` kills two hundred runs at drawn moments, and one at every step that changes a file.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import LANDED_ON, bundle, observation, obx, oru, patient
from tests.ingest.test_ccda import document, section
from tests.ingest.test_ccda import observation as clinical_observation
from tests.ingest.test_containers import zipped

from afterdose.cohort import read_record, validate_folder, write_record
from afterdose.ingest import ingest_files

IS_LONG = bool(os.environ.get("AFTERDOSE_FAULTS"))
MOMENTS = 200 if IS_LONG else 6
STEPS = None if IS_LONG else 8
"""How many steps are looked at; None: all."""
CHILD = Path(__file__).parents[1] / "support" / "ingest_in_child.py"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no process can be killed here")


def results(who: int, count: int) -> list[dict[str, Any]]:
    """A person and their platelet counts, one of them in a unit nobody knows."""
    identifier = [{"system": "https://hospital.example/mrn", "value": f"{who}"}]
    person = patient(id=f"p{who}", identifier=identifier)
    counts = [
        observation(
            id=f"o{who}-{number}",
            subject={"reference": f"Patient/p{who}"},
            effectiveDateTime=f"2024-02-{number % 28 + 1:02d}T08:30:00+01:00",
            valueQuantity={"value": 150 + number, "unit": "10*9/L" if number else "cups"},
        )
        for number in range(count)
    ]
    return [person, *counts]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A delivery: lines of FHIR, messages, a document, a zip, tables, and who is who."""
    folder = tmp_path_factory.mktemp("delivery")
    lines = [json.dumps(one) for who in range(40) for one in results(who, 25)]
    messages = [oru(obx(f5=str(180 + number), f3="777-3^Platelets^LN")) for number in range(60)]
    contents: dict[str, str | bytes] = {
        "a.ndjson": "\n".join(lines),
        "b.hl7": "".join(messages) + oru(obx(f5="many")),
        "c.xml": document(section(clinical_observation())),
        "d.zip": zipped({"one.json": bundle(*results(50, 4)), "two.hl7": oru(obx(f5="199"))}),
        "e.json": b"{",
        "treatments.csv": "person_id,drug,start_date\n1,alemtuzumab,2023-01-02\n2,aspirin,x\n",
        "identities.csv": "person_id,assigner,identifier\nzoe,https://hospital.example/mrn,7\n",
    }
    for name, content in contents.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record that holds something already, its tables as CSV."""
    folder = tmp_path_factory.mktemp("before")
    (folder / "old.json").write_text(bundle(*results(0, 5), *results(1, 5)))
    ingest_files([folder / "old.json"], folder / "record", landed_on=LANDED_ON)
    write_record(read_record(folder / "record"), folder / "record", file_format="csv")
    return folder / "record"


def books(record: Path) -> dict[str, bytes]:
    """Every file of a record but receipts, hidden ones too."""
    return {
        str(path.relative_to(record)): path.read_bytes()
        for path in sorted(record.rglob("*"))
        if path.is_file() and path.parent.name != "receipts"
    }


def receipts(record: Path) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in sorted((record / "receipts").iterdir())]
    for receipt in found:
        for file in receipt["files"]:
            # That the bytes had landed before is true of a run that is done again.
            del file["already_landed"]
    return found


@pytest.fixture(scope="module")
def undisturbed(
    files: list[Path], before: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int, float]:
    """The record of a run that nobody stopped, its steps and its seconds."""
    record = tmp_path_factory.mktemp("undisturbed") / "record"
    shutil.copytree(before, record)
    child = begun(record, files)
    steps, seconds, _ = child.communicate()[0].split()
    assert child.returncode == 0
    return record, int(steps), float(seconds)


def begun(record: Path, files: list[Path], *, step: int = 0) -> "subprocess.Popen[str]":
    """A run in a process of its own that has loaded everything and begins now."""
    child = subprocess.Popen(
        [sys.executable, CHILD, record, str(step), *files], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def check_again(record: Path, files: list[Path], undisturbed: Path, before: Path) -> bool:
    """Do a run that was stopped again: the record is that of the undisturbed run.

    Returns
    -------
    bool
        Whether the run that was stopped had done everything already.
    """
    held = read_record(record).frames
    was_done = len(receipts(record)) > 1
    expected = read_record(undisturbed if was_done else before).frames
    assert held.keys() == expected.keys()
    assert all(held[table].equals(expected[table]) for table in expected)
    ingest_files(files, record, landed_on=LANDED_ON)
    assert books(record) == books(undisturbed)
    written, said = receipts(record), receipts(undisturbed)
    assert written[:2] == said
    for again in written[2:]:
        assert again["totals"]["accepted"] == 0
        assert again["totals"]["rows"] == said[1]["totals"]["rows"]
    assert len(written) == (3 if was_done else 2)
    return was_done


def test_what_an_undisturbed_run_gives(undisturbed: tuple[Path, int, float]) -> None:
    """The delivery has rows of every fate, or the tests below say little."""
    record, steps, _ = undisturbed
    assert validate_folder(record).problems == ()
    totals = receipts(record)[1]["totals"]
    assert totals["accepted"] > 1000
    assert totals["duplicates"] > 5
    assert totals["set_aside"] > 40
    assert totals["refused"] == 1
    assert steps > 30


def test_killed_at_any_moment(
    undisturbed: tuple[Path, int, float], files: list[Path], before: Path, tmp_path: Path
) -> None:
    expected, _, seconds = undisturbed
    draw = random.Random(6)
    for number in range(MOMENTS):
        record = tmp_path / f"{number}"
        shutil.copytree(before, record)
        child = begun(record, files)
        time.sleep(draw.uniform(0, 1.1 * seconds))
        child.kill()
        child.communicate()
        check_again(record, files, expected, before)
        shutil.rmtree(record)


def test_killed_at_every_step(
    undisturbed: tuple[Path, int, float], files: list[Path], before: Path, tmp_path: Path
) -> None:
    """The switch to the new files is one step: before it nothing is done, after it everything."""
    expected, last, _ = undisturbed
    # The last steps are those of the writing, where it matters most.
    steps = range(1, last + 1) if STEPS is None else range(last - 3 * STEPS + 1, last + 1, 3)
    done = []
    for step in steps:
        record = tmp_path / f"{step}"
        shutil.copytree(before, record)
        child = begun(record, files, step=step)
        child.communicate()
        assert child.returncode == -signal.SIGKILL
        done.append(check_again(record, files, expected, before))
        shutil.rmtree(record)
    assert done == sorted(done)
    assert set(done) == {True, False}


def test_killed_again_while_it_is_mended(
    undisturbed: tuple[Path, int, float], files: list[Path], before: Path, tmp_path: Path
) -> None:
    expected, last, _ = undisturbed
    record = tmp_path / "record"
    shutil.copytree(before, record)
    for step in (last - 8, 1, 2, 3):
        begun(record, files, step=step).communicate()
    check_again(record, files, expected, before)
