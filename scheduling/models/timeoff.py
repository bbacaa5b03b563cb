"""Time off: a site's kinds of leave, how many may be away, what people have left, and what they
asked for. What it all means is `scheduling.timeoff`, which is pure."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Leave, Site, User
from scheduling.models.timeoff_querysets import (
    LeaveKindQuerySet,
    LeaveOpeningQuerySet,
    LeaveRequestQuerySet,
    OfPlannedSiteQuerySet,
)
from scheduling.shifts.days import MINUTES

# A leave year of full time, and weeks of it, are within these.
YEAR_MINUTES = 366 * MINUTES
FULL_WEEK = 40 * 60
MOST_DAYS = 366
_SAFE_DAY = 28


class LeaveKind(models.Model):
    """A kind of leave that there is at a site: what it gives (`scheduling.timeoff.Terms`, where a
    balance is kept), which rules its requests are held against (`Policy`), and who decides.

    Its name is the kind of the absences that come of it (`ccm.models.Leave`). Minutes are of work.
    """

    class Accrual(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        MONTHLY = "monthly", _("by months")
        PAY_PERIOD = "pay_period", _("by pay periods")

    class Decides(models.TextChoices):
        RULES = "rules", _("the rules, at once")
        PERSON = "person", _("a supervisor or planner")

    site = models.ForeignKey(Site, models.CASCADE, related_name="leave_kinds")
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("can be asked for"), default=True)
    is_paid = models.BooleanField(_("paid"), default=True)
    decides = models.CharField(
        _("who decides"), max_length=6, choices=Decides, default=Decides.RULES
    )
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=0)
    longest_run = models.PositiveSmallIntegerField(_("most days in a row"), null=True, blank=True)
    under_allowance = models.BooleanField(_("under the allowance"), default=True)
    waitlist = models.BooleanField(_("waits where no room is left"), default=True)
    keeps_balance = models.BooleanField(_("a balance is kept"), default=True)
    year_minutes = models.PositiveIntegerField(_("hours a year"), default=0)
    accrual = models.CharField(_("comes"), max_length=10, choices=Accrual, default=Accrual.AT_ONCE)
    in_arrears = models.BooleanField(_("in arrears"), default=False)
    year_month = models.PositiveSmallIntegerField(_("leave year begins in month"), default=1)
    year_day = models.PositiveSmallIntegerField(_("leave year begins on day"), default=1)
    pay_period_days = models.PositiveSmallIntegerField(_("days of a pay period"), default=14)
    pay_periods_from = models.DateField(_("a pay period begins on"), default=date(2024, 1, 1))
    # Null: all of it.
    carries = models.PositiveIntegerField(_("hours carried over"), null=True, blank=True, default=0)
    # Of the leave year that it was carried into; null: to its end.
    carried_month = models.PositiveSmallIntegerField(
        _("carried hours until month"), null=True, blank=True
    )
    carried_day = models.PositiveSmallIntegerField(
        _("carried hours until day"), null=True, blank=True
    )
    overdraws = models.PositiveIntegerField(_("hours below nothing"), default=0)

    objects = LeaveKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of leave")
        verbose_name_plural = _("kinds of leave")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "site",
                Lower("name"),
                name="leave_kind_once",
                violation_error_message=_("There is another kind of this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="leave_kind_has_a_name",
                violation_error_message=_("It has a name."),
            ),
            models.CheckConstraint(
                condition=Q(year_month__gte=1, year_month__lte=12)
                & Q(year_day__gte=1, year_day__lte=_SAFE_DAY),
                name="leave_kind_year_begins",
                violation_error_message=_("A leave year begins on a day that every month has."),
            ),
            models.CheckConstraint(
                condition=Q(carried_month=None, carried_day=None)
                | Q(carried_month__gte=1, carried_month__lte=12)
                & Q(carried_day__gte=1, carried_day__lte=31),
                name="leave_kind_carried_until",
                violation_error_message=_("Say the month and the day, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(pay_period_days__gte=1, pay_period_days__lte=MOST_DAYS),
                name="leave_kind_pay_period",
                violation_error_message=_("A pay period has 1 to 366 days."),
            ),
            models.CheckConstraint(
                condition=Q(year_minutes__lte=YEAR_MINUTES, overdraws__lte=YEAR_MINUTES)
                & (Q(carries=None) | Q(carries__lte=YEAR_MINUTES)),
                name="leave_kind_within_a_year",
                violation_error_message=_("No year is so long."),
            ),
            models.CheckConstraint(
                condition=Q(notice_days__lte=MOST_DAYS)
                & (Q(longest_run=None) | Q(longest_run__gte=1, longest_run__lte=MOST_DAYS)),
                name="leave_kind_of_days",
                violation_error_message=_("These are up to 366 days."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def _share(words: Any, default: str) -> models.DecimalField:
    return models.DecimalField(
        words,
        max_digits=4,
        decimal_places=3,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )


class LeaveRules(models.Model):
    """How many of a site may be away on a day, who goes first, and what a week of full time is.

    By forecast it is what the calls leave to spare (`scheduling.timeoff.by_forecast`), else
    `people`, whatever the day. Shares are 0 to 1.
    """

    class Measure(models.TextChoices):
        FORECAST = "forecast", _("what the forecast leaves to spare")
        FIXED = "fixed", _("a fixed number of people")

    class Order(models.TextChoices):
        FIRST_COME = "first_come", _("who asked first")
        SENIORITY = "seniority", _("who has been here longest")
        FAIRNESS = "fairness", _("who was granted the smallest share")

    site = models.OneToOneField(Site, models.CASCADE, related_name="leave_rules")
    measure = models.CharField(
        _("how many may be away"), max_length=8, choices=Measure, default=Measure.FORECAST
    )
    people = models.DecimalField(
        _("people"), max_digits=6, decimal_places=1, default=Decimal(1),
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    other_shrinkage = _share(_("other shrinkage"), "0.150")
    planned_share = _share(_("share planned for leave"), "0")
    most_share = _share(_("share at most"), "1")
    order = models.CharField(
        _("who goes first"), max_length=10, choices=Order, default=Order.FIRST_COME
    )
    full_week_minutes = models.PositiveSmallIntegerField(
        _("hours a week of full time"), default=FULL_WEEK
    )

    objects = OfPlannedSiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of leave")
        verbose_name_plural = _("rules of leave")
        constraints = [
            models.CheckConstraint(
                condition=Q(people__gte=0)
                & Q(other_shrinkage__gte=0, other_shrinkage__lt=1)
                & Q(planned_share__gte=0, planned_share__lte=F("most_share"), most_share__lte=1),
                name="leave_rules_of_shares",
                violation_error_message=_("The planned share is no more than the most."),
            ),
            models.CheckConstraint(
                condition=Q(full_week_minutes__gte=1, full_week_minutes__lte=7 * MINUTES),
                name="leave_rules_of_a_week",
                violation_error_message=_("No week is so long."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.site}"


class StaffedDay(models.Model):
    """What a site has on a day, and what its calls ask for, in minutes, as it was reckoned last:
    all that its people would work if nobody took leave, and what is required on calls by the
    forecast (null: not all of the day is forecast)."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    day = models.DateField()
    contracted_minutes = models.PositiveIntegerField()
    required_minutes = models.PositiveIntegerField(null=True)
    reckoned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("staffed day")
        constraints = [
            models.UniqueConstraint(fields=["site", "day"], name="staffed_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"


class DayAllowance(models.Model):
    """A planner's word on a day: so many people may be away (null: it is closed, for nobody)."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="day_allowances")
    day = models.DateField(_("day"))
    people = models.DecimalField(
        _("people"), max_digits=6, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    reason = models.CharField(_("why"), max_length=200, blank=True)
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField()

    objects = OfPlannedSiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("allowance of a day")
        verbose_name_plural = _("allowances of days")
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "day"],
                name="day_allowance_once",
                violation_error_message=_("Something is said of this day already: correct it."),
            ),
            models.CheckConstraint(
                condition=Q(people=None) | Q(people__gte=0), name="day_allowance_of_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}, {self.day}"


class LeaveOpening(models.Model):
    """What somebody had left of a kind when a day began, by somebody's word: brought along from
    elsewhere, or put right. What was before that day counts no more. `carried` of it had come from
    the leave year before, and lapses as such."""

    agent = models.ForeignKey(
        Agent, models.CASCADE, related_name="leave_openings", verbose_name=_("agent")
    )
    kind = models.ForeignKey(
        LeaveKind, models.CASCADE, related_name="openings", verbose_name=_("kind of leave")
    )
    day = models.DateField(_("day"))
    minutes = models.IntegerField(
        _("hours left"),
        validators=[MinValueValidator(-YEAR_MINUTES), MaxValueValidator(YEAR_MINUTES)],
    )
    carried = models.PositiveIntegerField(
        _("of which carried over"), default=0, validators=[MaxValueValidator(YEAR_MINUTES)]
    )
    reason = models.CharField(_("why"), max_length=200)
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField()

    objects = LeaveOpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("balance of leave")
        verbose_name_plural = _("balances of leave")
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "kind", "day"],
                name="leave_opening_once_a_day",
                violation_error_message=_("It is said for this day already: correct it."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="leave_opening_has_a_reason",
                violation_error_message=_("Say why."),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=-YEAR_MINUTES, minutes__lte=YEAR_MINUTES)
                & (Q(carried=0) | Q(carried__lte=F("minutes"))),
                name="leave_opening_carried_of_it",
                violation_error_message=_("No more was carried over than is left."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.kind}, {self.day}"


class LeaveRequest(models.Model):
    """Time off that somebody asked for, once, and what became of it.

    Of one day it may be a part, [from_minute, to_minute) by the clock. `days` are what each takes
    ({"day", "minutes", "of_minutes"}, `scheduling.timeoff.DayOff`), of what is decided as it was
    then. `facts` are what every rule said when it was decided, or asked last ({"rule", "holds",
    "day", "found", "allowed"}; numbers as exact fractions in text). Without `decided_by` the rules
    decided. Of a request for whole days that is approved `leave` is the absence that came of it;
    null: it was taken away elsewhere.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("to be decided")
        WAITING = "waiting", _("waits for room")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CANCELLED = "cancelled", _("taken back")

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="leave_requests")
    kind = models.ForeignKey(
        LeaveKind, models.PROTECT, related_name="requests", verbose_name=_("kind of leave")
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    from_minute = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    to_minute = models.PositiveSmallIntegerField(_("to"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    days = models.JSONField(default=list)
    facts = models.JSONField(default=list)
    position = models.PositiveIntegerField(_("place"), null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    leave = models.OneToOneField(
        Leave, models.SET_NULL, null=True, blank=True, related_name="leave_request"
    )

    objects = LeaveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for time off")
        verbose_name_plural = _("requests for time off")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="leave_request_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(from_minute=None, to_minute=None)
                | Q(first_on=F("last_on"), to_minute__gt=F("from_minute"), to_minute__lte=MINUTES),
                name="leave_request_part_of_one_day",
                violation_error_message=_("Hours are of one day, and end after they begin."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "waiting"], decided_at=None)
                | Q(state__in=["approved", "refused", "withdrawn", "cancelled"])
                & Q(decided_at__isnull=False),
                name="leave_request_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(position=None),
                name="leave_request_place_of_who_waits",
            ),
            # Sent twice it is asked once.
            models.UniqueConstraint(
                fields=["agent", "first_on", "last_on", "from_minute", "to_minute"],
                condition=Q(state__in=["asked", "waiting", "approved"]),
                nulls_distinct=False,
                name="leave_request_once",
            ),
        ]
        # What is open, and who is away on some days.
        indexes = [
            models.Index(fields=["state", "last_on"], name="leave_request_by_state"),
            models.Index(fields=["agent", "first_on"], name="leave_request_by_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.kind}, {self.first_on}"

    @property
    def part(self) -> tuple[int, int] | None:
        """The part of its day, in minutes of the clock; None: whole days."""
        if self.from_minute is None or self.to_minute is None:
            return None
        return self.from_minute, self.to_minute

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.ASKED, self.State.WAITING)

    @property
    def minutes(self) -> int:
        """The minutes of work that it takes."""
        return sum(int(one["minutes"]) for one in self.days)
