"""The tables of a record as models: the same names, the same meaning, one class a table.

`tests/web/test_record_models.py` holds every class to its specification in
`afterdose.record.tables`: what a column means stands there, and only there. Beside the
specification's columns a row has its own key, and ``person`` stands for ``person_id``.

Nothing is overwritten: a corrected result is a new row. What changes a row all the same is kept by
`afterdose.web.audit`.
"""

from typing import Any

from django.db import models

from afterdose.web.accounts.models import Team, User


def _text(length: int = 200) -> Any:
    return models.CharField(max_length=length, null=True, blank=True)


def _code() -> Any:
    return models.CharField(max_length=40, null=True, blank=True)


def _day() -> Any:
    return models.DateField(null=True, blank=True)


def _partial_day() -> Any:
    return models.CharField(max_length=10, null=True, blank=True)


def _number() -> Any:
    return models.FloatField(null=True, blank=True)


def _whole() -> Any:
    return models.IntegerField(null=True, blank=True)


def _yes_no() -> Any:
    return models.BooleanField(null=True, blank=True)


class Person(models.Model):
    """One person of one team. ``person_id`` is theirs within the team; it is never a name."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="people")
    person_id = models.CharField(max_length=200)
    sex = _code()
    birth_date = _partial_day()
    ms_onset_date = _partial_day()
    ms_phenotype = _code()
    death_date = _day()
    death_cause = _text()
    prior_autoimmunity = _code()
    source = _text(1000)

    class Meta:
        """A person's identifier is theirs alone in a team."""

        constraints = [
            models.UniqueConstraint(fields=["team", "person_id"], name="one_person_of_an_id")
        ]

    def __str__(self) -> str:
        return self.person_id


class Contact(models.Model):
    """How a person is called and reached. Kept out of the record: it is never exported."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="contact")
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"


class Row(models.Model):
    """A row of any table but that of people."""

    source = _text(1000)

    class Meta:
        """Every table has its own."""

        abstract = True


class Dated(Row):
    """A row with the day we knew, where that may differ from its own."""

    recorded_date = _day()

    class Meta:
        """Every table has its own."""

        abstract = True


class Treatment(Dated):
    """See `afterdose.record.tables.Treatment`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="treatments")
    drug = models.CharField(max_length=60)
    start_date = models.DateField()
    course_number = _whole()
    end_date = _day()
    dose = _text()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "start_date"])]


class Dose(Row):
    """A dose as a file gave it: see `afterdose.ingest.doses`. A course is made of several."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="doses")
    drug = models.CharField(max_length=60)
    start_date = models.DateField()
    end_date = models.DateField()
    dose = models.CharField(max_length=200, blank=True)
    recorded_date = _day()

    class Meta:
        """Read by person."""

        indexes = [models.Index(fields=["person", "drug"])]


class Lab(Row):
    """See `afterdose.record.tables.Lab`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="labs")
    specimen_date = models.DateField()
    received_date = models.DateField()
    analyte = models.CharField(max_length=60)
    value = _number()
    comparator = models.CharField(max_length=2, null=True, blank=True)
    unit = _code()
    ref_low = _number()
    ref_high = _number()
    status = models.CharField(max_length=20, default="final")
    provider = _text()
    accession = _text()
    result_id = _text()
    specimen_time = models.CharField(max_length=8, null=True, blank=True)
    original_value = _text()
    original_unit = _text()
    original_code = _text()
    received_time = models.CharField(max_length=8, null=True, blank=True)
    specimen_offset = models.CharField(max_length=6, null=True, blank=True)

    class Meta:
        """A person's results are read in the record's order; the inbox by the day they came, and a
        laboratory's last one too.
        """

        indexes = [
            models.Index(fields=["person", "specimen_date", "received_date"]),
            models.Index(fields=["received_date"]),
            models.Index(fields=["provider", "received_date"]),
        ]


class Assessment(Dated):
    """See `afterdose.record.tables.Assessment`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="assessments")
    date = models.DateField()
    measure = models.CharField(max_length=40)
    value = models.FloatField()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "date"])]


class Relapse(Dated):
    """See `afterdose.record.tables.Relapse`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="relapses")
    onset_date = models.DateField()
    end_date = _day()
    confirmed = _yes_no()
    severity = _code()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "onset_date"])]


class Mri(Dated):
    """See `afterdose.record.tables.Mri`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="mri")
    date = models.DateField()
    new_t2_lesions = _whole()
    gd_lesions = _whole()
    bpf = _number()
    pbvc_pct = _number()
    brain_volume_ml = _number()
    method = _text()
    scanner = _text()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "date"])]


class Event(Dated):
    """See `afterdose.record.tables.Event`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="events")
    onset_date = models.CharField(max_length=10)
    category = models.CharField(max_length=40)
    term = _text()
    code = _text(60)
    grade = _whole()
    serious = _yes_no()
    outcome = _code()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "onset_date"])]


class Examination(Dated):
    """See `afterdose.record.tables.Examination`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="examinations")
    date = models.DateField()
    examination = models.CharField(max_length=40)
    result = _code()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "date"])]


class FollowUp(Row):
    """See `afterdose.record.tables.FollowUp`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="follow_up")
    start_date = models.DateField()
    end_date = _day()
    end_reason = _code()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "start_date"])]


class Owner(Row):
    """See `afterdose.record.tables.Owner`."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="owners")
    check_id = models.CharField(max_length=60, db_column="check")
    owner = models.CharField(max_length=60)
    state = models.CharField(max_length=20)
    since = models.DateField()

    class Meta:
        """In the record's order."""

        indexes = [models.Index(fields=["person", "since"])]


MODELS: dict[str, type[models.Model]] = {
    "people": Person,
    "treatments": Treatment,
    "labs": Lab,
    "assessments": Assessment,
    "relapses": Relapse,
    "mri": Mri,
    "events": Event,
    "examinations": Examination,
    "follow_up": FollowUp,
    "owners": Owner,
}
"""The model of every table of the record."""


class Held(models.Model):
    """A table that a team's record holds, be it without a row.

    A table the record does not hold answers for nobody: that is not the same as a table in which
    nothing stands of a person. The first row of a table makes it held.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="held")
    table = models.CharField(max_length=20)

    class Meta:
        """Once a table."""

        constraints = [models.UniqueConstraint(fields=["team", "table"], name="held_once")]

    def __str__(self) -> str:
        return self.table


class Identity(models.Model):
    """An identifier that means a person, and who assigned it. See `afterdose.ingest.identity`."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="identities")
    assigner = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    person = models.ForeignKey(Person, models.CASCADE, related_name="identities")

    class Meta:
        """It cannot mean two."""

        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["team", "assigner", "value"], name="means_one_person")
        ]

    def __str__(self) -> str:
        return f"{self.assigner}: {self.value}"


class Arrival(models.Model):
    """Bytes that landed, from where, and what became of every row in them.

    ``receipt`` is a `afterdose.ingest.receipt.FileReceipt` as JSON. The same bytes may come again.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="arrivals")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    feed = models.CharField(max_length=100, blank=True, help_text="Who sent it; empty: by hand.")
    landed_on = models.DateField()
    landed_at = models.DateTimeField(null=True, help_text="Empty: taken over from a folder.")
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    receipt = models.JSONField(default=dict)

    class Meta:
        """The newest are looked at first."""

        indexes = [
            models.Index(fields=["team", "landed_at"]),
            models.Index(fields=["team", "sha256"]),
            models.Index(fields=["team", "feed", "landed_at"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short(self) -> str:
        """As rows cite it."""
        return self.sha256[:12]


class SetAside(models.Model):
    """A row that could not be read, until somebody looked at it.

    See `afterdose.ingest.set_aside`; ``seen`` is a code or a unit, never a value.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="set_aside")
    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="set_aside")
    locator = models.CharField(max_length=1000)
    reason = models.CharField(max_length=60)
    seen = models.CharField(max_length=1000, blank=True)
    analyte = models.CharField(max_length=60, blank=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="set_aside")
    specimen_date = _day()
    received_date = models.DateField()
    mapping = models.CharField(max_length=100, blank=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_name = models.CharField(max_length=200, blank=True)
    settled_on = _day()
    settled_why = models.TextField(blank=True)

    class Meta:
        """What is open is read by team and by person."""

        verbose_name_plural = "rows set aside"
        indexes = [
            models.Index(fields=["team", "settled_on"]),
            models.Index(fields=["person", "received_date"]),
        ]

    def __str__(self) -> str:
        return self.cited

    @property
    def cited(self) -> str:
        """File and position, as reasons cite it."""
        return f"{self.arrival.short}:{self.locator}"


class Unmatched(models.Model):
    """Rows of an arrival that wait for an identifier to mean somebody."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="unmatched")
    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="unmatched")
    assigner = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    rows = models.PositiveIntegerField()
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=200, blank=True)

    class Meta:
        """One line an arrival and identifier."""

        verbose_name_plural = "unmatched"
        constraints = [
            models.UniqueConstraint(
                fields=["arrival", "assigner", "value"], name="waits_once_an_arrival"
            )
        ]
        indexes = [models.Index(fields=["team", "decided_at"])]

    def __str__(self) -> str:
        return f"{self.assigner}: {self.value}"
