"""The log of changes and of reads. Both only grow: the database refuses to change or remove a line.

No line points at a team, person or user by a foreign key: it outlives them.
"""

from django.db import models


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
