"""What stands on the worklist, by which protocols, and what people did about it.

`Standing` and `Item` are derived: `afterdose.web.clinic.state` makes them from the record at any
time. Nobody writes them by hand, and what people did stands in `Step`.
"""

from typing import Any

from django.db import models

from afterdose.monitoring import Standing as Place
from afterdose.monitoring import Urgency
from afterdose.web.accounts.models import Team, User
from afterdose.web.record.models import Person

URGENCIES = tuple(Urgency)
"""By number, the most dangerous first: what ``urgency`` holds."""
_URGENCY_CHOICES = [(number, str(urgency)) for number, urgency in enumerate(URGENCIES)]


class Approval(models.Model):
    """A clinician's word on one version of one protocol, and the text that was approved.

    A protocol monitors nobody before. Of approvals for one drug the newest counts.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="approvals")
    protocol = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200, help_text="The clinician's, as it is shown.")
    approved_on = models.DateField()

    class Meta:
        """The newest first."""

        indexes = [models.Index(fields=["team", "protocol"])]

    def __str__(self) -> str:
        return f"{self.protocol} {self.version}"


class Site(models.Model):
    """What a team sets differently: the text of its ``site.toml``."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="site")
    toml = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Overrides of {self.team}"


class Standing(models.Model):
    """Where one person stands on one morning. Everybody stands somewhere.

    ``urgency`` and what follows it are those of the most dangerous item; empty where nothing is on
    the worklist. ``band`` and ``nearness`` say how grave that is among those of the same urgency:
    see `afterdose.monitoring.gravity`.
    """

    ORDER = ("urgency", "band", "nearness", "-waiting_days", "person__person_id")
    """Most dangerous first."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="standing")
    team = models.ForeignKey(Team, models.CASCADE, related_name="standings")
    as_of = models.DateField(help_text="The morning it holds for.")
    standing = models.CharField(
        max_length=60, choices=[(str(place), str(place)) for place in Place]
    )
    urgency = models.PositiveSmallIntegerField(null=True, choices=_URGENCY_CHOICES)
    band = models.PositiveSmallIntegerField(default=0)
    nearness = models.FloatField(default=1.0)
    waiting_days = models.IntegerField(default=0)
    months_since_course = models.IntegerField(null=True)
    monitored_until = models.DateField(null=True)
    last_specimen = models.DateField(null=True)
    uncovered = models.JSONField(default=list)
    spark = models.JSONField(default=dict)
    computed_at = models.DateTimeField()

    class Meta:
        """The worklist's order."""

        indexes = [
            models.Index(fields=["team", "urgency", "band", "nearness"]),
            models.Index(fields=["team", "standing"]),
            models.Index(fields=["team", "as_of"]),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.standing}"

    @property
    def is_stale(self) -> bool:
        """Whether it is an earlier morning's: a page that shows it has to say so."""
        return self.as_of != self.team.today


class Item(models.Model):
    """One thing to do or to know for a person: a `afterdose.monitoring.Item` as it is shown.

    ``key`` says which thing it is from one morning to the next. ``newest_row`` is the newest result
    behind it: where it changes, a snooze ends.
    """

    standing = models.ForeignKey(Standing, models.CASCADE, related_name="items")
    person = models.ForeignKey(Person, models.CASCADE, related_name="items")
    team = models.ForeignKey(Team, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(help_text="0: the most dangerous.")
    key = models.CharField(max_length=160)
    urgency = models.PositiveSmallIntegerField(choices=_URGENCY_CHOICES)
    rule = models.CharField(max_length=60)
    protocol = models.CharField(max_length=60, blank=True)
    drug = models.CharField(max_length=60, blank=True)
    what = models.TextField()
    why = models.TextField()
    then = models.TextField(blank=True)
    since = models.DateField(null=True)
    days = models.IntegerField()
    owner = models.CharField(max_length=60)
    owner_state = models.CharField(max_length=20)
    because = models.JSONField(default=list)
    also = models.JSONField(default=list)
    overrides = models.JSONField(default=list)
    newest_row = models.CharField(max_length=40, blank=True)

    class Meta:
        """As the worklist filters, and as steps find them."""

        constraints = [
            models.UniqueConstraint(fields=["standing", "position"], name="one_item_a_position")
        ]
        indexes = [
            models.Index(fields=["person", "key"]),
            models.Index(fields=["team", "urgency"]),
            models.Index(fields=["team", "owner", "owner_state"]),
            models.Index(fields=["team", "drug"]),
            models.Index(fields=["team", "rule"]),
        ]

    def __str__(self) -> str:
        return self.what

    @staticmethod
    def key_of(protocol: str, rule: str, since: Any) -> str:
        """``alemtuzumab-eu:platelets-low:2024-03-04``."""
        return f"{protocol}:{rule}:{since or ''}"


class StepKind(models.TextChoices):
    """What can be done about an item."""

    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    SNOOZED = "snoozed", "Snoozed"
    WOKEN = "woken", "Woken"
    ESCALATED = "escalated", "Escalated"
    RESOLVED = "resolved", "Resolved"
    REOPENED = "reopened", "Reopened"
    NOTED = "noted", "Noted"


class Step(models.Model):
    """What somebody, or the system, did about an item; none is ever changed or removed.

    A snooze ends on its last day, ``until``; or when a result newer than the one it ``rests_on``
    comes in (`Item.newest_row`); or when the item becomes more urgent than ``urgency``.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="steps")
    team = models.ForeignKey(Team, models.CASCADE, related_name="steps")
    key = models.CharField(max_length=160, help_text="Of the item.")
    kind = models.CharField(max_length=20, choices=StepKind)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    until = models.DateField(null=True, help_text="Of a snooze: its last day.")
    outcome = models.CharField(max_length=60, blank=True)
    rests_on = models.CharField(max_length=40, blank=True)
    urgency = models.PositiveSmallIntegerField(null=True, choices=_URGENCY_CHOICES)
    to = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", help_text="Whom it was escalated to."
    )

    class Meta:
        """An item's steps are read together."""

        indexes = [
            models.Index(fields=["person", "key", "at"]),
            models.Index(fields=["team", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.key}"


class Laboratory(models.Model):
    """A laboratory whose results are expected, and how often: then its silence is seen.

    ``every_days`` is policy: no source states how long a feed may be silent. Four days let a
    laboratory that rests at weekends rest.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="laboratories")
    provider = models.CharField(max_length=200, help_text="As its results name it.")
    feed = models.CharField(max_length=100, blank=True, help_text="By which its messages arrive.")
    every_days = models.PositiveSmallIntegerField(default=4)
    is_watched = models.BooleanField(default=True, help_text="No: it sends nothing any more.")

    class Meta:
        """Once a team; read in the order of their names."""

        verbose_name_plural = "laboratories"
        constraints = [
            models.UniqueConstraint(fields=["team", "provider"], name="one_laboratory_of_a_name")
        ]

    def __str__(self) -> str:
        return self.provider


class Duty(models.Model):
    """Who steps in, on which days of the week, when nobody has answered in time.

    ``days`` holds numbers, Monday is 0. Of several on one day the first in ``place`` is asked.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="duties")
    user = models.ForeignKey(User, models.CASCADE, related_name="duties")
    days = models.JSONField(default=list)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """In the order they are asked."""

        verbose_name_plural = "duties"
        ordering = ["place", "id"]

    def __str__(self) -> str:
        return f"{self.user} for {self.team}"


class SavedView(models.Model):
    """A user's own name for a set of filters on the worklist."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        """A name is theirs once."""

        constraints = [
            models.UniqueConstraint(fields=["team", "user", "name"], name="one_view_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name
