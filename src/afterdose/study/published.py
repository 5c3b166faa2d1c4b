"""Published figures, kept as data in ``published.toml``."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One published number.

    Attributes
    ----------
    beside : str
        Which of the report's numbers it stands beside.
    study, population, measure : str
    value : float
    unit : str
    cite : str
        The primary document.
    read : str
        ``cited text`` or ``secondary text``: where the value was read.
    year : int or None
        Years after the first course.
    n : int or None
        Denominator, where stated.
    doi : str or None
    note : str
    """

    beside: str
    study: str
    population: str
    measure: str
    value: float
    unit: str
    cite: str
    read: str
    year: int | None = None
    n: int | None = None
    doi: str | None = None
    note: str = ""

    def as_text(self) -> str:
        """``20 % (of 393)``."""
        of = f" (of {self.n})" if self.n else ""
        number = f"{self.value:g}".replace("-", "−")
        return f"{number} {self.unit}{of}"


def by_source(figures: Iterable[PublishedFigure]) -> list[tuple[PublishedFigure, ...]]:
    """Figures of one study and document together, in the order in which these first appear."""
    found: dict[tuple[str, ...], list[PublishedFigure]] = {}
    for figure in figures:
        key = (figure.study, figure.population, figure.cite, figure.read)
        found.setdefault(key, []).append(figure)
    return [tuple(group) for group in found.values()]


def published_for(*numbers: str) -> tuple[PublishedFigure, ...]:
    """The figures to set beside these numbers, in the file's order."""
    return tuple(figure for figure in _all() if figure.beside in numbers)


@cache
def _all() -> tuple[PublishedFigure, ...]:
    text = resources.files("afterdose.study").joinpath("published.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return tuple(
        PublishedFigure(**data["source"][row.pop("source")], **row) for row in data["figure"]
    )
