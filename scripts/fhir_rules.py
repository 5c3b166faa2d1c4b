"""Two rules on FHIR Observations: latest platelets below 100, no blood count in 31 days.

`make` writes 1,000 people with 100 Observations each as NDJSON; `ours` reads them as any file is
read and asks the local engine.
"""

import argparse
import json
import random
import shutil
import time
from datetime import date, timedelta
from pathlib import Path

AS_OF = date(2026, 1, 1)
PEOPLE = 1000
DRAWS = 50
RULES = Path(__file__).parent / "peers" / "rules.toml"


def make(folder: Path) -> dict[str, list[bool]]:
    """Write the data and, beside it, the two answers a person."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(4)  # noqa: S311, nothing secret hangs on it
    truth = {}
    with (folder / "data.ndjson").open("w") as out:
        for number in range(PEOPLE):
            person = f"p{number:04d}"
            out.write(json.dumps(_patient(person)) + "\n")
            last = AS_OF - timedelta(days=chance.randint(0, 60))
            counts = [chance.choice([80, 95, 120, 200, 250]) for _ in range(DRAWS)]
            for draw, count in enumerate(counts):
                day = last - timedelta(days=30 * draw)
                out.write(json.dumps(_observation(person, day, "777-3", count, "10*9/L")) + "\n")
                out.write(json.dumps(_observation(person, day, "718-7", 130, "g/L")) + "\n")
            truth[f"Patient/{person}"] = [counts[0] < 100, last < AS_OF - timedelta(days=31)]
    rows = [f"{person},ocrelizumab,2020-01-01" for person in truth]
    (folder / "treatments.csv").write_text("person_id,drug,start_date\n" + "\n".join(rows) + "\n")
    return truth


def _patient(person: str) -> dict[str, str]:
    return {"resourceType": "Patient", "id": person, "gender": "female", "birthDate": "1980-01-01"}


def _observation(person: str, day: date, code: str, value: float, unit: str) -> dict[str, object]:
    ucum = "http://unitsofmeasure.org"
    return {
        "resourceType": "Observation",
        "id": f"{person}-{day}-{code}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{person}"},
        "effectiveDateTime": f"{day}T08:00:00Z",
        "issued": f"{day}T12:00:00Z",
        "valueQuantity": {"value": value, "unit": unit, "system": ucum, "code": unit},
    }


def ours(folder: Path) -> dict[str, object]:
    """From the file to the answers, and the answers alone."""
    from afterdose.cohort import Cohort, read_record
    from afterdose.engines.local import Packed, evaluate
    from afterdose.engines.local.kernels.judging import MET
    from afterdose.engines.local.kernels.states import OVERDUE
    from afterdose.ingest import ingest_files
    from afterdose.monitoring import load_protocol

    record, protocols = folder / "record", [load_protocol(RULES)]
    shutil.rmtree(record, ignore_errors=True)
    started = time.perf_counter()
    ingest_files([folder / "data.ndjson", folder / "treatments.csv"], record, landed_on=AS_OF)
    cohort = Cohort.of(read_record(record))
    packed = Packed.of(cohort)
    loaded = time.perf_counter() - started
    evaluate(packed, protocols, as_of=AS_OF)
    seconds = 1e9
    for _ in range(5):
        started = time.perf_counter()
        found = evaluate(packed, protocols, as_of=AS_OF)
        seconds = min(seconds, time.perf_counter() - started)
    answers = zip(
        (found.alerts["answer"][:, 0] == MET).tolist(),
        (found.checks["state"][:, 0] == OVERDUE).tolist(),
        strict=True,
    )
    given = dict(zip(cohort.person_ids, map(list, answers), strict=True))
    return {"loading: seconds": loaded, "seconds": seconds, "answers": given}


def main() -> None:
    """Do what is asked for; print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["make", "ours"])
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    print(json.dumps(make(given.folder) if given.job == "make" else ours(given.folder)))


if __name__ == "__main__":
    main()
