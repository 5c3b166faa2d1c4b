"""Whom a person's record is open to besides their team, and who is invited to sign in."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from afterdose.web.accounts.models import Role, Team
from afterdose.web.record.models import Person


class Sharing(models.Model):
    """One user may see one person's record: it is their own, or it was shared with them."""

    class Kind(models.TextChoices):
        """Why."""

        SELF = "self", "their own"
        GP = "gp", "their GP"

    person = models.ForeignKey(Person, models.CASCADE, related_name="sharings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sharings")
    kind = models.CharField(max_length=10, choices=Kind)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: until it is ended.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        """A person is somebody's own record once at most."""

        constraints = [
            models.UniqueConstraint(fields=["person", "user", "kind"], name="shared_once_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.person} with {self.user}, {self.get_kind_display()}"


class Invitation(models.Model):
    """Somebody is asked to sign in, in a role. Its address is sent once; only a digest is kept."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=20, choices=Role)
    person = models.ForeignKey(
        Person,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        help_text="Whose record opens to them, for a GP or the person.",
    )
    digest = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.team}"
