"""The log of changes and of reads. Both only grow: the database refuses to change or remove a line.

No line points at a team, person or user by a foreign key: it outlives them.
"""

from django.db import models


class Change(models.Model):
    """What a statement did to a row, or to the rows of one person that it added together.

    Triggers write it: see `afterdose.web.audit.triggers`. ``hash`` covers the line and the
    ``hash`` of the line before it, so that none can be changed, removed or put between unseen:
    see `afterdose.web.audit.chain`. On PostgreSQL ``position`` and ``hash`` are given at commit.
    """

    class Operation(models.TextChoices):
        """What was done."""

        INSERT = "insert", "added"
        UPDATE = "update", "changed"
        DELETE = "delete", "removed"

    at = models.DateTimeField()
    table = models.CharField(max_length=60)
    row = models.CharField(max_length=60, help_text="Its key; of several, the first and the last.")
    rows = models.IntegerField(help_text="How many.")
    operation = models.CharField(max_length=10, choices=Operation)
    team_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    old = models.TextField(null=True, help_text="As it was, as JSON.")
    new = models.TextField(null=True, help_text="As it became, as JSON; not of added rows.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of added rows as JSON, else empty.")
    actor = models.CharField(max_length=100)
    position = models.BigIntegerField(null=True, unique=True)
    hash = models.CharField(max_length=64, null=True)

    class Meta:
        """Asked by person, by team and by actor, newest first."""

        indexes = [
            models.Index(fields=["person_id", "-id"]),
            models.Index(fields=["team_id", "-id"]),
            models.Index(fields=["actor", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row}, {self.get_operation_display()}"


class Read(models.Model):
    """Somebody looked at a person, or at a list of people."""

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.BigIntegerField()
    team_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)
    count = models.IntegerField(null=True, help_text="How many people were on the list.")
    page = models.CharField(max_length=100)
    is_change = models.BooleanField(default=False, help_text="They sent something, not only read.")

    class Meta:
        """Asked by person, by user, and by team, newest first."""

        indexes = [
            models.Index(fields=["person_id", "-id"]),
            models.Index(fields=["team_id", "-id"]),
            models.Index(fields=["user_id", "-id"]),
        ]

    def __str__(self) -> str:
        return f"read {self.pk}"
