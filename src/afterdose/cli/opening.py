"""Opening a record for a question about people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.cli.terminal import ProgressBar, today
from afterdose.record.errors import UsageError
from afterdose.record.history import History

if TYPE_CHECKING:
    from afterdose.cohort import Cohort, Record
    from afterdose.engines.local.outcomes import DisabilityEvaluation
    from afterdose.engines.reference import (
        CheckCompleteness,
        DisabilityCounts,
        DisabilityResult,
        Worklist,
    )
    from afterdose.monitoring import Protocol, SetAsideResult
    from afterdose.outcomes.disability import DisabilityDefinition

MANY_PEOPLE = 5_000


@dataclass(frozen=True)
class Opened:
    """A record ready to be asked, and the morning it is asked about.

    ``set_aside`` is what stands beside the record, by person.
    """

    cohort: "Cohort"
    as_of: date
    simulated: bool
    person_ids: tuple[str, ...]
    set_aside: "Mapping[str, Sequence[SetAsideResult]]" = field(default_factory=dict)

    @property
    def is_large(self) -> bool:
        """Whether the compiled engine is worth its start: many people, and all of them asked about.

        A minute of compiling, once after an installation, would be lost on a clinic's.
        """
        everybody = len(self.cohort.person_ids)
        return len(self.person_ids) == everybody > MANY_PEOPLE

    @property
    def engine(self) -> str:
        """The engine's name, for those who choose by it."""
        return "local" if self.is_large else "reference"

    def worklist(self, protocols: "Sequence[Protocol]", bar: ProgressBar) -> "Worklist":
        """The worklist of the people asked about, with what was set aside."""
        from afterdose.engines.reference import with_set_aside

        found = self._worklist(protocols, bar)
        concerned = [name for name in self.person_ids if name in self.set_aside]
        return with_set_aside(found, self.cohort.histories(concerned), self.set_aside)

    def _worklist(self, protocols: "Sequence[Protocol]", bar: ProgressBar) -> "Worklist":
        if self.is_large:
            from afterdose.engines import local

            _say_it_may_compile()
            return local.build_worklist(
                self.cohort, protocols, as_of=self.as_of, progress=bar.advance
            )
        from afterdose.engines import reference

        return reference.build_worklist(self.histories(bar), protocols, as_of=self.as_of)

    def completeness(self, protocol: "Protocol", bar: ProgressBar) -> "list[CheckCompleteness]":
        """How completely the people asked about were monitored."""
        if self.is_large:
            from afterdose.engines import local

            _say_it_may_compile()
            return local.build_completeness(self.cohort, protocol, as_of=self.as_of)
        from afterdose.engines import reference

        return reference.build_completeness(self.histories(bar), protocol, as_of=self.as_of)

    def disability(
        self, definition: "DisabilityDefinition", bar: ProgressBar
    ) -> "DisabilityResult | DisabilityEvaluation":
        """Confirmed changes of disability in the people asked about."""
        if self.is_large:
            from afterdose.engines.local.outcomes import evaluate_disability, pack_outcomes

            _say_it_may_compile()
            return evaluate_disability(pack_outcomes(self.cohort, as_of=self.as_of), definition)
        from afterdose.engines import reference

        return reference.build_disability(self.histories(bar), definition, as_of=self.as_of)

    def disability_counts(
        self, definitions: "Sequence[DisabilityDefinition]"
    ) -> "Iterable[DisabilityCounts]":
        """How many of the people asked about have a confirmed change, by each definition."""
        if self.is_large:
            from afterdose.engines.local.outcomes import multiverse, pack_outcomes

            _say_it_may_compile()
            return multiverse(pack_outcomes(self.cohort, as_of=self.as_of), definitions)
        from afterdose.engines import reference

        histories = list(self.histories())
        return (
            reference.build_disability(histories, one, as_of=self.as_of).counts()
            for one in definitions
        )

    def histories(self, bar: ProgressBar | None = None) -> Iterator[History]:
        """The people asked about, one at a time."""
        for history in self.cohort.histories(self.person_ids):
            yield history
            if bar is not None:
                bar.advance()


def _say_it_may_compile() -> None:
    click.echo(
        "Many people: the compiled engine answers. The first time after an installation it "
        "compiles for up to a minute.",
        err=True,
    )


def open_cohort(record: Path, *, as_of: date | None, person_id: str | None = None) -> Opened:
    """Read a record folder; refuse it if it breaks its specification.

    Without ``as_of`` the morning is today. For simulated data, which stopped long ago, it is the
    data's last day.
    """
    from afterdose.cli.beside import set_aside_of
    from afterdose.cohort import Cohort, read_record

    found = read_record(record)
    cohort = Cohort.of(found)
    person_ids = tuple(cohort.person_ids)
    if person_id is not None:
        if person_id not in person_ids:
            raise UsageError(
                "No such person in this record. The record holds "
                f"{len(person_ids)} people; their identifiers are in people or identities.csv."
            )
        person_ids = (person_id,)
    return Opened(
        cohort=cohort,
        as_of=as_of or (last_day(found) if found.about.simulated else today()),
        simulated=found.about.simulated,
        person_ids=person_ids,
        set_aside=set_aside_of(record),
    )


def last_day(record: "Record") -> date:
    """The newest day on which anything was received or anybody was under observation."""
    days = [
        record.frames[table][column].max()
        for table, column in (("labs", "received_date"), ("follow_up", "end_date"))
        if table in record.frames
    ]
    return max((day for day in days if isinstance(day, date)), default=today())
