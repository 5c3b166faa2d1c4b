"""What a person was before the first course: disability, phenotype, stage of the disease."""

from enum import StrEnum

from afterdose.outcomes.definitions import BASELINE_MONTHS, Definition
from afterdose.outcomes.timeline import Timeline
from afterdose.outcomes.visits import baseline_row
from afterdose.record.tables import Assessment, Person

_LATER_FROM = 4.0


class EdssBand(StrEnum):
    """EDSS before the first course."""

    LOW = "0 to 1.5"
    MILD = "2.0 to 3.5"
    MODERATE = "4.0 to 5.5"
    HIGH = "6.0 and more"
    UNKNOWN = "no EDSS before treatment"


class Phenotype(StrEnum):
    """Phenotype as the record states it."""

    CIS = "CIS"
    RRMS = "RRMS"
    SPMS = "SPMS"
    PPMS = "PPMS"
    UNKNOWN = "not recorded"


class Stage(StrEnum):
    """Whether the disease was at an earlier or a later stage before the first course."""

    EARLIER = "earlier stage"
    LATER = "later stage"
    UNKNOWN = "stage not assessable"


UPPER_ENDS = ((EdssBand.LOW, 2.0), (EdssBand.MILD, 4.0), (EdssBand.MODERATE, 6.0))
"""Bands in order, each with the score at which the next one begins."""

BASELINE_DISABILITY = Definition(
    id="baseline-disability",
    title="Disability before treatment",
    words=(
        "The last EDSS on or before the first day of the first course, at most "
        f"{BASELINE_MONTHS} months before it, in four bands: "
        + ", ".join(band for band in EdssBand if band is not EdssBand.UNKNOWN)
        + ". People without such a score are a stratum of their own."
    ),
    source="policy",
)
PHENOTYPE = Definition(
    id="phenotype",
    title="Phenotype",
    words=(
        "CIS, RRMS, SPMS or PPMS as stated in the table people. The record does not date it, so it "
        "may have been learnt after the first course. People without one are a stratum of their "
        "own."
    ),
    source="policy",
)
LATER_STAGE = Definition(
    id="later-stage",
    title="Later-stage disease",
    words=(
        f"Later: SPMS or PPMS, or an EDSS of {_LATER_FROM:.1f} or more before the first course; "
        "either decides alone. Earlier: CIS or RRMS with a lower EDSS; both have to be known. "
        "Otherwise the stage is not assessable."
    ),
    source="policy",
)


def edss_band(timeline: Timeline, visits: list[Assessment]) -> EdssBand:
    """The band of a person's EDSS before the first course.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    visits : list of Assessment
        EDSS scores known on the timeline's day, by date.
    """
    assert timeline.start is not None
    baseline = baseline_row(visits, timeline.start)
    if baseline is None:
        return EdssBand.UNKNOWN
    return next((band for band, end in UPPER_ENDS if baseline.value < end), EdssBand.HIGH)


def phenotype_of(person: Person) -> Phenotype:
    """The phenotype, or that none is recorded.

    Examples
    --------
    >>> phenotype_of(Person("P1", ms_phenotype="spms")).value
    'SPMS'
    """
    return Phenotype(person.ms_phenotype.upper()) if person.ms_phenotype else Phenotype.UNKNOWN


def stage_of(band: EdssBand, phenotype: Phenotype) -> Stage:
    """Earlier or later stage, from what was known before treatment.

    Examples
    --------
    >>> stage_of(EdssBand.UNKNOWN, Phenotype.PPMS).value
    'later stage'
    >>> stage_of(EdssBand.LOW, Phenotype.UNKNOWN).value
    'stage not assessable'
    """
    is_progressive = phenotype in (Phenotype.SPMS, Phenotype.PPMS)
    if is_progressive or band in (EdssBand.MODERATE, EdssBand.HIGH):
        return Stage.LATER
    if band is EdssBand.UNKNOWN or phenotype is Phenotype.UNKNOWN:
        return Stage.UNKNOWN
    return Stage.EARLIER
