"""Who works where: sites, teams, the people who sign in and the agents who take calls."""

from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm import special_days
from ccm.access import rights_of
from ccm.intervals import LATEST_BEGIN, Calendar, day_of
from ccm.models.words import LineField, LinesField
from ccm.opening import Stretch, stretches
from ccm.querysets import AgentQuerySet, AliasQuerySet, SiteQuerySet, TeamQuerySet


def known_zone(name: str) -> None:
    """Refuse a name that is no IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is not an IANA time zone"), params={"name": name})


class Site(models.Model):
    """A place with one clock and one calendar of holidays.

    `opening` maps weekday numbers (0 = Monday) to lists of ["HH:MM", "HH:MM"] spells in the
    site's zone; an empty mapping means always open. Weekdays of opening hours are the clock's:
    where days begin later than at midnight, the small hours still have their own date's.
    `special_days` are its own calendar, as `ccm.special_days` keeps it.
    """

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    zone = models.CharField(max_length=64, validators=[known_zone])
    # The hour of its clock that its days begin at: at 6, a night shift lies in its evening's day.
    day_begins = models.PositiveSmallIntegerField(default=0, db_default=0)
    country = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166, for holidays"))
    region = models.CharField(max_length=8, blank=True)
    opening = models.JSONField(default=dict, blank=True)
    special_days = models.JSONField(default=list, db_default=[], blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text=_("ISO 4217, of its money"))
    # What was recorded of days before is gone, and counts of days before that are never made anew
    # (`ccm.retention.closed`).
    record_begins_on = models.DateField(null=True, editable=False)
    counts_closed_before = models.DateField(null=True, editable=False)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(day_begins__lte=LATEST_BEGIN), name="site_day_begins_before_noon"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def calendar(self) -> Calendar:
        """How it tells its days: what everything that says which day asks `ccm.intervals` by."""
        return Calendar.of(self.zone, self.day_begins)

    @property
    def days_words(self) -> str:
        """Its zone, and where its days begin if that is not at midnight."""
        if not self.day_begins:
            return self.zone
        words = gettext("%(zone)s, days from %(hour)s")
        return words % {"zone": self.zone, "hour": f"{self.day_begins:02}:00"}

    def is_open(self, now: datetime, hours: dict[str, list[list[str]]] | None = None) -> bool:
        """Whether `hours` (of one of its queues; by default its own) hold `now`.

        A spell that ends at 24:00 ends the day. No hours at all: always open, but for the days on
        which its own calendar is closed.
        """
        if special_days.closed(self.special_days, [day_of(now, self.calendar)]):
            return False
        hours = hours or self.opening
        local = now.astimezone(self.tz)
        spells = hours.get(str(local.weekday()), [])
        return not hours or any(begin <= f"{local:%H:%M}" < end for begin, end in spells)

    def open_since(self, now: datetime) -> datetime | None:
        """When the spell of its opening hours began that holds `now`; None where it is closed, or
        always open."""
        local = now.astimezone(self.tz)
        for begin, end in self.opening.get(str(local.weekday()), []):
            if begin <= f"{local:%H:%M}" < end:
                hour, minute = begin.split(":")
                return local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        return None

    def stretches(self, start: datetime, end: datetime, span: timedelta) -> list[Stretch]:
        """When so much opening time is over after each moment from `start` to `end`; none where it
        is always open."""
        return stretches(start, end, span, self.opening, self.tz)


class User(AbstractUser):
    """Someone who signs in. Roles are groups (`ccm.access`); sites say where they hold."""

    sites = models.ManyToManyField(Site, blank=True, related_name="users")

    class Meta(AbstractUser.Meta):
        ordering: ClassVar[list[str]] = ["username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session was opened with: a password, roles and sites. Where one of them is another
        now the session opens nothing any more, whoever changed it and however."""
        said = f"{self.password}\n{rights_of(self)}"
        return salted_hmac("ccm.User.session", said, secret=secret, algorithm="sha256").hexdigest()


class Team(models.Model):
    """Agents of one site, under one supervisor at a time (`TeamLead`)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="teams")
    name = LineField(max_length=120)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="team_once_a_site",
                violation_error_message=_("There is another team of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


def _made_by() -> models.ForeignKey:
    """The import that made the row; null: a person on a page."""
    return models.ForeignKey(
        "ccm.ImportBatch", models.PROTECT, null=True, blank=True, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip


class TeamLead(models.Model):
    """Who leads a team, [starts_on, ends_on); one at a time. Without a first day: nobody knows
    since when, so on every day before the last."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="leads")
    supervisor = models.ForeignKey(User, models.CASCADE, related_name="leads")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    batch = _made_by()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            ExclusionConstraint(
                name="team_under_one_supervisor_at_a_time",
                expressions=[
                    (
                        Func(F("starts_on"), F("ends_on"), function="DATERANGE"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("team", RangeOperators.EQUAL),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.supervisor} leads {self.team} from {self.starts_on}"


class LeftReason(models.TextChoices):
    VOLUNTARY = "voluntary", _("of their own will")
    INVOLUNTARY = "involuntary", _("not of their own will")


class Agent(models.Model):
    """Someone who takes calls, whether or not they sign in here.

    `is_new` marks an agent that an import met and nobody has confirmed yet.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="agents")
    name = models.CharField(max_length=160)
    # The employer's own key for the person, which a name is not.
    employee_id = models.CharField(max_length=40, blank=True)
    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="agent")
    skills = LinesField(models.CharField(max_length=60), default=list, blank=True)
    contract_hours = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    hired_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    # Empty: nobody knows.
    left_reason = models.CharField(
        max_length=11, choices=LeftReason, blank=True, default="", db_default=""
    )
    is_new = models.BooleanField(default=False)

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(hired_on=None) | Q(left_on__gte=F("hired_on")),
                name="agent_leaves_after_hire",
                violation_error_message=_("Nobody leaves before being hired."),
            ),
            models.CheckConstraint(
                condition=Q(left_reason="") | Q(left_on__isnull=False),
                name="agent_with_a_reason_left",
                violation_error_message=_("Say first when they left."),
            ),
            models.UniqueConstraint(
                fields=["site", "employee_id"],
                condition=~Q(employee_id=""),
                name="agent_once_an_employee_id",
                violation_error_message=_("There is somebody of this employee id already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """An agent's time in a team, [starts_on, ends_on); one team at a time."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    batch = _made_by()

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            ExclusionConstraint(
                name="agent_in_one_team_at_a_time",
                expressions=[
                    (
                        Func(F("starts_on"), F("ends_on"), function="DATERANGE"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("agent", RangeOperators.EQUAL),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} in {self.team} from {self.starts_on}"


class AgentAlias(models.Model):
    """The name a source writes for an agent, from a site day where names were handed on.

    Of one name the alias with the latest `valid_from` up to a call's day tells whose the call
    is; one without a date holds for all days before the first. A guessed alias is not
    `confirmed` until a person says so.
    """

    source = models.CharField(max_length=80)
    raw_name = models.CharField(max_length=160)
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="aliases")
    valid_from = models.DateField(null=True, blank=True)
    confirmed = models.BooleanField(default=False)

    objects = AliasQuerySet.as_manager()

    class Meta:
        ordering = ["source", "raw_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "raw_name", "valid_from"],
                nulls_distinct=False,
                name="alias_names_one_agent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.raw_name} ({self.source})"
