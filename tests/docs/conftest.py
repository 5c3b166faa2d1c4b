"""The generators of the documentation are read from where the site builds them."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def generated() -> dict[str, str]:
    """Every generated page by its path."""
    import generate

    return generate.generated_pages()
