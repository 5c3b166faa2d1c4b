"""Small histories: one person, first course on 1 January 2010 unless a test says otherwise."""

from datetime import date

import pytest

from afterdose.outcomes.timeline import timeline_of
from afterdose.record.history import History
from afterdose.record.tables import Assessment, Event, FollowUp, Mri, Person, Relapse, Treatment

AS_OF = date(2020, 1, 1)


def day(text: str) -> date:
    return date.fromisoformat(text)


class Someone:
    """Builds a history row by row: dates as text, everything else as in the record."""

    def __init__(self, *, prior: str | None = "none", died: str | None = None, cause=None):
        self.rows = {"treatments": [], "follow_up": []}
        self.person = Person(
            "P1", prior_autoimmunity=prior, death_date=day(died) if died else None,
            death_cause=cause,
        )  # fmt: skip

    def _add(self, table, row):
        self.rows.setdefault(table, []).append(row)
        return self

    def course(self, start, number=None, drug="alemtuzumab", recorded=None):
        row = Treatment("P1", drug, day(start), number, recorded_date=recorded and day(recorded))
        return self._add("treatments", row)

    def followed(self, start, end=None, reason=None):
        return self._add("follow_up", FollowUp("P1", day(start), end and day(end), reason))

    def edss(self, when, value, recorded=None):
        row = Assessment("P1", day(when), "edss", value, recorded and day(recorded))
        return self._add("assessments", row)

    def relapse(self, when, *, confirmed=True):
        return self._add("relapses", Relapse("P1", day(when), confirmed=confirmed))

    def scan(self, when, bpf, method="SIENAX 2.6", scanner="A"):
        row = Mri("P1", day(when), bpf=bpf, method=method, scanner=scanner)
        return self._add("mri", row)

    def pbvc(self, when, pct, method="SIENA 6", scanner="A"):
        row = Mri("P1", day(when), pbvc_pct=pct, method=method, scanner=scanner)
        return self._add("mri", row)

    def lesions(self, when, new_t2=0, gd=0):
        return self._add("mri", Mri("P1", day(when), new_t2_lesions=new_t2, gd_lesions=gd))

    def event(self, onset, category="thyroid", recorded=None):
        return self._add(
            "events", Event("P1", onset, category, recorded_date=recorded and day(recorded))
        )

    @property
    def history(self):
        return History(self.person, **{table: tuple(rows) for table, rows in self.rows.items()})

    def timeline(self, as_of=AS_OF):
        return timeline_of(self.history, "alemtuzumab", as_of=as_of)


@pytest.fixture
def someone():
    """A person with a first course on 1 January 2010, followed from then for six years."""

    def build(**about):
        return Someone(**about).course("2010-01-01", 1).followed("2009-12-01", "2015-12-31")

    return build
