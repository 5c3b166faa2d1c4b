"""What is missing, in one place."""

from dataclasses import dataclass
from math import nan

import numpy as np

from afterdose.engines.extension import AGAINST, EARLIER, NO_YEAR, NOT_ASSESSABLE, VOLUMES
from afterdose.outcomes.autoimmunity import Earlier
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.disability import Against
from afterdose.study.model import Behind, Cell, Estimate, Part, Section, Table
from afterdose.study.numbers import count_cell
from afterdose.study.people import TABLES, Study
from afterdose.study.sections.bounds import bounds_table, follow_up_table
from afterdose.study.words import percent


@dataclass(frozen=True, slots=True)
class _Gap:
    """What was missing, how often, and of how many."""

    what: str
    number: int
    total: int
    behind: Behind | None = None
    unit: str = "people"

    @classmethod
    def of(
        cls,
        study: Study,
        what: str,
        outcome: str,
        asked: np.ndarray,
        lacking: np.ndarray,
    ) -> "_Gap":
        """From truth values of people, or of people and years."""
        behind = study.behind(
            outcome, _any(asked), _any(asked & lacking), years=asked if asked.ndim == 2 else None
        )
        unit = "people" if asked.ndim == 1 else "person-years"
        return cls(what, int((asked & lacking).sum()), int(asked.sum()), behind, unit)

    def cells(self) -> tuple[str, ...]:
        """A table's row."""
        share = self.number / self.total if self.total else nan
        whole = None if self.behind is None else self.behind.whole()
        number = Estimate("", self.number, self.total, 100 * share, nan, nan, "%", self.behind)
        return (
            self.what,
            count_cell(self.number, self.behind, unit=self.unit),
            count_cell(self.total, whole, unit=self.unit),
            Cell(percent(share), number),
        )


def _any(chosen: np.ndarray) -> np.ndarray:
    return chosen if chosen.ndim == 1 else chosen.any(axis=1)


def build(study: Study) -> Section:
    """Missing tables, and what each statement had to leave out."""
    absent = [table for table in TABLES if table not in study.record.frames]
    return Section(
        id="missing",
        title="What is missing",
        headline=(
            f"The record holds no table {', '.join(absent)}."
            if absent
            else "The record holds every table the report asks for."
        ),
        parts=(
            Part(
                Table(
                    "Left out, and of how many",
                    ("What was missing", "Missing", "Of", "%"),
                    tuple(gap.cells() for gap in _gaps(study)),
                )
            ),
            *(_followed(study) if study.treated else ()),
        ),
        notes=(
            "Nothing missing was filled in. Where absence may be related to the outcome, the "
            "numbers above are biased and this table shows how much room there is for it.",
            "The bounds take the worst and the best that could be true of those not known; the "
            "truth lies between them, and nothing says where. Those treated so late that the year "
            "was not over by the data day are in no bound.",
        ),
    )


def _followed(study: Study) -> tuple[Part, ...]:
    bounds = Part(bounds_table(study))
    return (
        (Part(follow_up_table(study)), bounds) if "follow_up" in study.record.frames else (bounds,)
    )


def _gaps(study: Study) -> list[_Gap]:
    held, columns = study.record.frames, study.columns
    everybody = study.everybody()
    gaps = [
        _Gap("First course", columns.first_course_unknown, columns.in_record - columns.untreated)
    ]

    def add(what: str, outcome: str, asked: np.ndarray, lacking: np.ndarray) -> None:
        gaps.append(_Gap.of(study, what, outcome, asked, lacking))

    if "follow_up" in held:
        add(
            "Observation from the first course on", "observation", everybody,
            columns.followed.unbroken < 0,
        )  # fmt: skip
    if "people" in held:
        add(
            "Earlier autoimmune disease: never asked", "earlier-autoimmunity", everybody,
            columns.strata.earlier == EARLIER.index(Earlier.NEVER_ASKED),
        )  # fmt: skip
        add("Cause of death", "death", columns.deaths.year > 0, columns.deaths.cause < 0)
    if "assessments" in held:
        add("Confirmed worsening", "cdw", everybody, columns.cdw.answer == NOT_ASSESSABLE)
        edss = columns.edss.against[:, : study.years]
        unknown = edss == AGAINST.index(Against.NOT_ASSESSABLE)
        add("EDSS at a year's end, person-years begun", "edss", edss != NO_YEAR, unknown)
    if "mri" in held:
        bpf = columns.volume[VOLUMES.index(Volume.BPF)]
        add(
            "Yearly brain volume (BPF), person-years begun", "volume-yearly.bpf",
            bpf.missing[:, : study.years] != NO_YEAR, np.isnan(bpf.yearly[:, : study.years]),
        )  # fmt: skip
        mri = columns.mri.either[:, : study.years]
        add("MRI activity, person-years begun", "mri", mri != NO_YEAR, mri == NOT_ASSESSABLE)
    if "relapses" in held:
        counted, not_stated = columns.relapses.counted, columns.relapses.not_stated
        gaps.append(
            _Gap(
                "Whether a relapse was confirmed",
                int(not_stated.sum()),
                int(counted.sum()),
                study.behind("relapses", _any(counted > 0), _any(not_stated > 0)),
                "relapses",
            )
        )
    return gaps
