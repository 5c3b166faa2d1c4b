"""Where the files that other projects published are, for the tests that read them.

``AFTERDOSE_SAMPLES`` names their folder. Where they are missing, the tests that ask for them are
skipped, one line a file; where ``CI=true``, they fail.
"""

import os
from pathlib import Path

import pytest

BESIDE_THE_REPOSITORY = Path(__file__).parents[2] / "shared" / "samples"
SAMPLES = Path(os.environ.get("AFTERDOSE_SAMPLES") or BESIDE_THE_REPOSITORY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if (SAMPLES / "fhir").is_dir() or os.environ.get("CI") == "true":
        return
    skip = pytest.mark.skip(reason="published samples not here; set AFTERDOSE_SAMPLES")
    for item in items:
        if "samples" in getattr(item, "fixturenames", ()):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with ``fhir``, ``hl7v2`` and ``ccda`` in it."""
    if not (SAMPLES / "fhir").is_dir():
        pytest.fail(f"AFTERDOSE_SAMPLES: no folder fhir in {SAMPLES}")
    return SAMPLES
