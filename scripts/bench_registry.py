"""Measures the local engine on a simulated registry beside peers, on the same parts in one run.

Writes `docs/benchmarks.json`, which the documentation prints. `--people` simulated people are
repeated `--copies` times. Peers live in environments of their own, made from
`requirements/peers.txt`, `requirements/peers-fhir.txt` and, by npm, `CQL_PACKAGES`.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "registry"
TARGET = ROOT / "docs" / "benchmarks.json"
CQL_PACKAGES = ("cql-execution@3.3.2", "cql-exec-fhir@2.2.0", "@cqframework/cql@5.3.0")


def run(python: Path, script: str, *arguments: str | Path) -> dict[str, Any]:
    """A script in a process of its own; what it printed as JSON. Its complaints are shown."""
    done = subprocess.run(
        [python, ROOT / "scripts" / script, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peers_python(use: str = "peers") -> Path:
    """The interpreter of a peers' environment, made where it is not there."""
    folder = ROOT / ".cache" / use
    python = folder / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "-q", folder], check=True)
        pinned = ROOT / "requirements" / f"{use}.txt"
        subprocess.run(
            [uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", pinned],
            check=True,
        )
    return python


def cql_execution(folder: Path) -> dict[str, Any]:
    """The two rules by cql-execution under Node, its packages installed where they are not."""
    packages = ROOT / ".cache" / "peers-npm"
    if not packages.exists():
        install = f"npm install --silent --no-audit --no-fund --prefix {packages}".split()
        subprocess.run([*install, *CQL_PACKAGES], check=True)
    peers = ROOT / "scripts" / "peers"
    (helpers,) = (ROOT / ".cache" / "peers-fhir").rglob("fhir4ds/cql/resources/cql/FHIRHelpers.cql")
    done = subprocess.run(
        ["node", peers / "cql_execution.mjs", packages, folder, peers / "rules.cql", helpers],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def agreement(out: Path, peer: Path) -> str:
    """How many of the peer's episode counts, a person and alert, are ours."""
    import polars as pl

    ours, theirs = (
        pl.read_parquet(path).select("person", "rule", pl.col("episodes").cast(pl.Int64))
        for path in (out, peer)
    )
    rules = theirs["rule"].unique().to_list()
    both = ours.filter(pl.col("rule").is_in(rules)).join(
        theirs.with_columns(pl.col("person").cast(pl.Int32)),
        on=["person", "rule"],
        how="full",
        coalesce=True,
    )
    same = (both["episodes"] == both["episodes_right"]).fill_null(value=False).sum()
    return f"{same:,} of {len(both):,} counts of {len(rules)} alerts with any episode"


def one_person() -> float:
    """Milliseconds to recompute one person's checks and alerts after a new result, warm."""
    from afterdose.engines.local import evaluate_one
    from afterdose.monitoring import load_protocol
    from afterdose.record.history import History
    from afterdose.record.tables import Lab, Person, Treatment

    protocol = load_protocol("alemtuzumab-eu")
    start = date(2020, 3, 2)
    names = ("platelets", "haemoglobin", "leukocytes", "neutrophils", "lymphocytes", "creatinine",
             "urine_rbc", "tsh", "alt", "bilirubin")  # fmt: skip
    days = [start + timedelta(days=30 * month) for month in range(48)]
    labs = tuple(Lab("p", day, day, name, 5.0, unit="1") for day in days for name in names)
    course = Treatment("p", "alemtuzumab", start, 1, start + timedelta(days=4))
    history = History(Person("p", "female"), treatments=(course,), labs=labs)
    best = 1e9
    for _ in range(20):
        started = perf_counter()
        evaluate_one(history, [protocol], as_of=days[-1])
        best = min(best, perf_counter() - started)
    return 1000 * best


def measure(people: int, copies: int, sizes: list[int]) -> dict[str, Any]:
    """Every figure."""
    ours = Path(sys.executable)
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    main = CACHE / "main"
    made = run(ours, "registry.py", "make", "--parts", main, "--people", people, "--copies", copies)
    print(f"{made['results']:,} results of {people * copies:,} people", flush=True)
    found: dict[str, Any] = {"people": people * copies, "results": made["results"]}
    out = CACHE / "ours.parquet"
    found["ours"] = run(ours, "registry.py", "ours", "--parts", main, "--out", out)
    found["kernel"] = run(ours, "registry.py", "kernel", "--people", people)
    print(json.dumps(found, indent=1), flush=True)
    codes = CACHE / "codes.json"
    from afterdose.engines.local.labs import ANALYTES

    codes.write_text(json.dumps({name: code for code, name in enumerate(ANALYTES)}))
    for peer in ("duckdb", "polars"):
        table = CACHE / f"{peer}.parquet"
        found[peer] = run(
            peers_python(), f"peers/{peer}_monitoring.py",
            "--parts", main, "--codes", codes, "--out", table,
        )  # fmt: skip
        found[peer]["agrees"] = agreement(out, table)
        print(peer, found[peer], flush=True)
    found["sizes"] = []
    for copy in sizes:
        folder = CACHE / "size"
        shutil.rmtree(folder, ignore_errors=True)
        run(ours, "registry.py", "make", "--parts", folder, "--people", people, "--copies", copy)
        found["sizes"].append(run(ours, "registry.py", "ours", "--parts", folder))
        print(found["sizes"][-1], flush=True)
        shutil.rmtree(folder)
    found["one person, ms"] = one_person()
    found["fhir"] = fhir_rules()
    return found


def fhir_rules() -> dict[str, Any]:
    """Two rules on FHIR Observations, from the file and without loading."""
    folder = CACHE / "fhir"
    truth = run(Path(sys.executable), "fhir_rules.py", "make", "--folder", folder)
    found: dict[str, Any] = {"people": len(truth)}
    runs = {
        "ours": (Path(sys.executable), "fhir_rules.py", "ours"),
        "duckdb": (peers_python(), "peers/duckdb_fhir.py"),
        "fhir4ds": (peers_python("peers-fhir"), "peers/fhir4ds_rules.py"),
    }
    answered = {
        name: run(python, script, *job, "--folder", folder)
        for name, (python, script, *job) in runs.items()
    }
    for name, one in (answered | {"cql": cql_execution(folder)}).items():
        found[name] = one
        answers = found[name].pop("answers")
        found[name]["right"] = sum(answers.get(person) == truth[person] for person in truth)
        print(name, found[name], flush=True)
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--sizes", type=int, nargs="*", default=[2, 17, 52])
    given = parser.parse_args()
    found = {
        "measured": date.today().isoformat(),  # noqa: DTZ011
        "python": platform.python_version(),
        "cores": 2,
    } | measure(given.people, given.copies, given.sizes)
    TARGET.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
