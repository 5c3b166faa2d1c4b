"""The named choices a definition is made of."""

from enum import StrEnum


class Kind(StrEnum):
    """What kind of confirmed change."""

    CDW = "cdw"
    CDI = "cdi"


class Class(StrEnum):
    """How a worsening stands to relapses; NONE for improvements and where nobody asked."""

    RAW = "raw"
    PIRA = "pira"
    PIRMA = "pirma"
    UNDEFINED = "undefined"
    NONE = ""


class Start(StrEnum):
    """Which visit is the first reference."""

    FIRST_VISIT = "first visit"
    FIRST_COURSE = "first course"


class Direction(StrEnum):
    """Which changes something follows upon."""

    NEITHER = "neither"
    IMPROVEMENT = "improvement"
    WORSENING = "worsening"
    BOTH = "both"

    def has(self, kind: Kind) -> bool:
        """Whether changes of this kind are meant."""
        wanted = Direction.WORSENING if kind is Kind.CDW else Direction.IMPROVEMENT
        return self in (wanted, Direction.BOTH)


class MovesTo(StrEnum):
    """Where a roving reference goes."""

    CONFIRMATION = "confirmation"
    ONSET = "onset"
    BEST = "best of window"


class ComparedWith(StrEnum):
    """What has to hold until confirmation before the reference moves."""

    OLD = "old reference"
    NEW = "new reference"


class Extrema(StrEnum):
    """Which local extrema cannot be a reference."""

    KEEP = "keep"
    SKIP_STRICT = "skip strict"
    SKIP = "skip"


class Report(StrEnum):
    """Which of the events found are reported."""

    FIRST = "first"
    FIRST_OF_A_KIND = "first of a kind"
    EACH = "each"


class Proceed(StrEnum):
    """Where the search goes on after an event."""

    CONFIRMATION = "confirmation"
    ONSET = "onset"


class Magnitude(StrEnum):
    """How far from the reference a confirming visit must be."""

    STEP = "step"
    EVENT_SCORE = "event score"


class RelapseDay(StrEnum):
    """From which day of a relapse time is counted when looking back at it."""

    ONSET = "onset"
    END = "end"


class Checkpoint(StrEnum):
    """A visit around which an interval free of relapses is asked for."""

    PRECEDING = "preceding"
    ONSET = "onset"
    CONFIRMATION = "confirmation"


class Preceding(StrEnum):
    """Which visit before the onset is the preceding one."""

    REFERENCE = "reference"
    LAST = "last"
    LAST_STEP = "last a step away"


class Strategy(StrEnum):
    """What an intercurrent event does, by its name in ICH E9(R1)."""

    TREATMENT_POLICY = "treatment policy"
    WHILE_ON_TREATMENT = "while on treatment"
    COMPOSITE = "composite"
