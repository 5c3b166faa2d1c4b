"""Users, teams, and who is what in which team."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.timezone import localdate, localtime


class Role(models.TextChoices):
    """What somebody is in a team; what each may do stands in `afterdose.web.accounts.rules`."""

    NURSE = "nurse", "MS nurse"
    NEUROLOGIST = "neurologist", "Neurologist"
    GP = "gp", "GP"
    PERSON = "person", "Person with MS"
    DATA_MANAGER = "data_manager", "Data manager"
    RESEARCHER = "researcher", "Researcher"
    ADMINISTRATOR = "administrator", "Administrator"


class Team(models.Model):
    """An MS team, with a record of its own that no other team sees."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    is_simulated = models.BooleanField(
        default=False, help_text="Nobody in its record exists: every page says so."
    )
    stands_on = models.DateField(
        null=True,
        blank=True,
        help_text="The day its clock stands still on, for simulated people; else empty: today.",
    )

    def __str__(self) -> str:
        return self.name

    @property
    def today(self) -> date:
        """The morning everything of this team is asked about."""
        return self.stands_on or localdate()

    def now(self) -> datetime:
        """This moment; of a team whose clock stands still, this time of its day."""
        moment = localtime()
        if self.stands_on is None:
            return moment
        return moment.replace(
            year=self.stands_on.year, month=self.stands_on.month, day=self.stands_on.day
        )


class User(AbstractUser):
    """Somebody who may sign in."""

    email = models.EmailField("e-mail address", unique=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(models.Model):
    """What a user is in a team."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    may_open_people = models.BooleanField(
        default=False,
        help_text="A researcher with this may open the people behind a number of the study.",
    )

    class Meta:
        """One role of a kind in a team."""

        constraints = [
            models.UniqueConstraint(fields=["user", "team", "role"], name="one_role_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.team}"


class Token(models.Model):
    """What a laboratory's feed signs in with. The token itself is shown once and never kept."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    feed = models.CharField(max_length=60, help_text="Who sends with it, such as a laboratory.")
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.feed} to {self.team}"
