"""Event by event equal to R msprog, where R and the package are there."""

import csv
import shutil
import subprocess
from functools import cache
from pathlib import Path
from random import Random

import pytest

from support.beside_pymsprog import draw_history, our_events

SCRIPT = Path(__file__).parents[1] / "support" / "msprog_batch.R"
# R's spelling, and the same for our translation.
OPTIONS = {
    "outcome='edss'": {},
    "outcome='edss', event='multiple', baseline='roving', RAW_PIRA=TRUE": {
        "event": "multiple",
        "baseline": "roving",
        "RAW_PIRA": True,
    },
    "outcome='edss', event='firstPIRA', relapse_rebl=TRUE": {
        "event": "firstPIRA",
        "relapse_rebl": True,
    },
    "outcome='edss', event='multiple', require_sust_days=200": {
        "event": "multiple",
        "require_sust_days": 200,
    },
    "outcome='edss', event='multiple', conf_days=c(84, 168), conf_tol_days=c(7, 30)": {
        "event": "multiple",
        "conf_days": [84, 168],
        "conf_tol_days": [7, 30],
    },
    "outcome='edss', event='multiple', baseline='roving', sub_threshold_rebl='event'": {
        "event": "multiple",
        "baseline": "roving",
        "sub_threshold_rebl": "event",
    },
}


@cache
def has_msprog() -> bool:
    """Whether R can load msprog."""
    program = shutil.which("Rscript")
    if program is None:
        return False
    asked = [program, "-e", "quit(status = !requireNamespace('msprog', quietly = TRUE))"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


def test_a_few_option_sets(tmp_path):
    """EDSS: person, kind, class and days."""
    if not has_msprog():
        pytest.skip("R with the package msprog is not there")
    random = Random(21)
    histories = [draw_history(random, "edss") for _ in range(150)]
    visits = [(at, *visit) for at, one in enumerate(histories) for visit in one["visits"]]
    relapses = [(at, day) for at, one in enumerate(histories) for day in one["relapses"]]
    files = [tmp_path / f"{name}.csv" for name in ("visits", "relapses", "options", "events")]
    for path, header, rows in (
        (files[0], ("id", "day", "value"), visits),
        (files[1], ("id", "day"), relapses),
        (files[2], ("set", "arguments"), enumerate(OPTIONS)),
    ):
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    subprocess.run(["Rscript", SCRIPT, *files], check=True, capture_output=True)
    theirs = {
        (int(row["set"]), int(row["id"]), row["event"], _plain(row["class"]), _days(row["days"]))
        for row in csv.DictReader(files[3].read_text().splitlines())
    }
    ours = {
        (which, at, event[0], event[1], event[2])
        for which, options in enumerate(OPTIONS.values())
        for at, one in enumerate(histories)
        for event in our_events(one, options)
    }
    assert ours == theirs


def _plain(kind: str) -> str:
    return "" if kind == "NA" else kind.lower()


def _days(text: str) -> int:
    return int(float(text))
