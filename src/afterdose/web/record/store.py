"""The record a run adds to, where it is in the database: only the people concerned are read."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from afterdose.ingest.doses import Dose as Told
from afterdose.ingest.identity import Identities
from afterdose.ingest.rows import Identifier
from afterdose.ingest.store import Outcome, Store, TableOutcome
from afterdose.record.errors import UsageError
from afterdose.record.tables import SPECS, Treatment
from afterdose.record.tables import Person as Facts
from afterdose.web.accounts.models import Team
from afterdose.web.record.export import record_of
from afterdose.web.record.load import add_people, add_rows, keys_of
from afterdose.web.record.models import Dose, Identity, Person
from afterdose.web.record.models import Treatment as Course
from afterdose.web.record.rows import fields_of, hold

if TYPE_CHECKING:
    from afterdose.record.tables import TableSpec

_MANY = 200
"""From so many people on everybody is read at once, instead of each when their rows come."""


class TeamStore(Store):
    """A team's record while a run adds to it. Nothing is written before `save`."""

    def __init__(self, team: Team) -> None:
        super().__init__(None)
        self._team = team
        self._fetched: set[str] = set()
        self._is_whole = False
        self._doses_held: set[tuple[object, ...]] = set()

    def add_labs(self, rows: pl.DataFrame, astray: pl.DataFrame | None = None) -> int:
        """As `Store.add_labs`."""
        for some in (rows, astray):
            if some is not None:
                self._fetch(some["person_id"].unique().to_list())
        return super().add_labs(rows, astray)

    def contradicting(self, row: Facts) -> list[str]:
        """As `Store.contradicting`."""
        self._fetch([row.person_id])
        return super().contradicting(row)

    def add_person(self, row: Facts) -> Outcome:
        """As `Store.add_person`."""
        self._fetch([row.person_id])
        return super().add_person(row)

    def add_table(self, spec: "TableSpec", frame: pl.DataFrame, **said: Any) -> TableOutcome:
        """As `Store.add_table`."""
        if "person_id" in frame.columns:
            names = frame["person_id"].drop_nulls().cast(pl.String).str.strip_chars()
            self._fetch(names.unique().to_list())
        return super().add_table(spec, frame, **said)

    def take_back(self, given: Store) -> int:
        """Refuse to: rows in the database are corrected, not taken out.

        Raises
        ------
        UsageError
        """
        raise UsageError(
            "This file was read by another mapping before. Permitted: the same one. Correct the "
            "rows it gave in the charts, or send the file to a team without people."
        )

    def save(self) -> list[Person]:
        """Write what the run added; the people it is about, by key.

        Returns
        -------
        list of Person
        """
        gone = self.gone()
        added = self.added()
        names = {name for frame in added.values() for name in frame["person_id"]}
        names |= {row.person_id for row in gone}
        if not names:
            return []
        people = added.pop("people", None)
        if people is not None:
            self._save_people(people)
        keys = keys_of(self._team, names)
        self._leave(gone)
        self._save_doses(dict(keys.iter_rows()))
        for table, frame in added.items():
            add_rows(table, frame, keys)
        hold(self._team, "people", *added)
        return list(self._team.people.filter(pk__in=keys["person"].to_list()).order_by("pk"))

    def _save_people(self, rows: pl.DataFrame) -> None:
        known = dict(
            self._team.people.filter(person_id__in=rows["person_id"].to_list()).values_list(
                "person_id", "pk"
            )
        )
        is_known = pl.col("person_id").is_in(list(known))
        add_people(rows.filter(~is_known), self._team)
        fields = fields_of("people")
        for row in rows.filter(is_known).to_dicts():
            facts = {fields[name]: row[name] for name in fields}
            Person.objects.filter(pk=known[row["person_id"]]).update(**facts)

    def _leave(self, courses: list[Treatment]) -> None:
        """Take out courses whose place another takes, made of more doses."""
        for row in courses:
            rows = Course.objects.filter(
                person__team=self._team,
                person__person_id=row.person_id,
                drug=row.drug,
                start_date=row.start_date,
                end_date=row.end_date,
                course_number=row.course_number,
                dose=row.dose,
            )
            rows.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:1])).delete()

    def _save_doses(self, keys: dict[str, int]) -> None:
        new = [
            (keys[name], dose)
            for name in sorted(keys)
            for dose in self.doses_of(name)
            if dose.told not in self._doses_held
        ]
        Dose.objects.bulk_create(
            Dose(person_id=key, **{field: value for field, value in dose._asdict().items()
                                   if field != "person_id"})
            for key, dose in new
        )  # fmt: skip

    def _fetch(self, names: Iterable[str]) -> None:
        """Hold what the database has of these people."""
        new = {name for name in names if name} - self._fetched
        if not new or self._is_whole:
            return
        if len(self._fetched) + len(new) > _MANY:
            self._is_whole = True
            new = set(self._team.people.values_list("person_id", flat=True)) - self._fetched
        self._fetched |= new
        keys = keys_of(self._team, new)["person"].to_list()
        if keys:
            doses = doses_of(self._team, keys)
            self._doses_held |= {dose.told for dose in doses}
            self.hold(record_of(self._team, keys, held=frozenset(SPECS)).frames, doses)


def doses_of(team: Team, people: Sequence[int] | None = None) -> list[Told]:
    """The doses of a team's record, of some people or of all, as files gave them."""
    rows = Dose.objects.filter(person__team=team)
    if people is not None:
        rows = rows.filter(person__in=people)
    fields = ("person__person_id", *Told._fields[1:])
    return [Told(*row) for row in rows.order_by("pk").values_list(*fields)]


def identities_of(team: Team) -> Identities:
    """Who is who in a team's record."""
    found = Identities()
    found.reserve(team.people.values_list("person_id", flat=True))
    rows = team.identities.values_list("person__person_id", "assigner", "value")
    for person_id, assigner, value in rows:
        found.add(person_id, Identifier(assigner, value))
    return found


def save_identities(team: Team, before: dict[Identifier, str], found: Identities) -> list[Person]:
    """Write the identifiers that a run learnt.

    Somebody whom only an identifier names so far is in the record from then on: these are returned.
    """
    new = {one: person for one, person in found.pairs().items() if one not in before}
    if not new:
        return []
    names = set(new.values())
    bare = names - set(keys_of(team, names)["person_id"])
    Person.objects.bulk_create(Person(team=team, person_id=name) for name in sorted(bare))
    keys = dict(keys_of(team, names).iter_rows())
    Identity.objects.bulk_create(
        Identity(team=team, assigner=one.assigner, value=one.value, person_id=keys[person])
        for one, person in new.items()
    )
    return list(team.people.filter(pk__in=[keys[name] for name in bare]).order_by("pk"))
