"""The tables of `scheduling.models.timeoff`."""

import datetime
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ccm.creation import table

TABLES = [
    table(
        "LeaveKind",
        {
            "name": models.CharField(max_length=60, verbose_name="name"),
            "is_active": models.BooleanField(default=True, verbose_name="can be asked for"),
            "is_paid": models.BooleanField(default=True, verbose_name="paid"),
            "decides": models.CharField(
                max_length=6,
                choices=[("rules", "the rules, at once"), ("person", "a supervisor or planner")],
                default="rules",
                verbose_name="who decides",
            ),
            "notice_days": models.PositiveSmallIntegerField(
                default=0, verbose_name="days of notice"
            ),
            "longest_run": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most days in a row"
            ),
            "under_allowance": models.BooleanField(
                default=True, verbose_name="under the allowance"
            ),
            "waitlist": models.BooleanField(
                default=True, verbose_name="waits where no room is left"
            ),
            "keeps_balance": models.BooleanField(default=True, verbose_name="a balance is kept"),
            "year_minutes": models.PositiveIntegerField(default=0, verbose_name="hours a year"),
            "accrual": models.CharField(
                max_length=10,
                choices=[
                    ("at_once", "at once"),
                    ("monthly", "by months"),
                    ("pay_period", "by pay periods"),
                ],
                default="at_once",
                verbose_name="comes",
            ),
            "in_arrears": models.BooleanField(default=False, verbose_name="in arrears"),
            "year_month": models.PositiveSmallIntegerField(
                default=1, verbose_name="leave year begins in month"
            ),
            "year_day": models.PositiveSmallIntegerField(
                default=1, verbose_name="leave year begins on day"
            ),
            "pay_period_days": models.PositiveSmallIntegerField(
                default=14, verbose_name="days of a pay period"
            ),
            "pay_periods_from": models.DateField(
                default=datetime.date(2024, 1, 1), verbose_name="a pay period begins on"
            ),
            "carries": models.PositiveIntegerField(
                null=True, blank=True, default=0, verbose_name="hours carried over"
            ),
            "carried_month": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="carried hours until month"
            ),
            "carried_day": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="carried hours until day"
            ),
            "overdraws": models.PositiveIntegerField(default=0, verbose_name="hours below nothing"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="leave_kinds"),
        },
        verbose_name="kind of leave",
        verbose_name_plural="kinds of leave",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                F("site"),
                Lower("name"),
                name="leave_kind_once",
                violation_error_message="There is another kind of this name already.",
            ),
            models.CheckConstraint(
                name="leave_kind_has_a_name",
                condition=~Q(name=""),
                violation_error_message="It has a name.",
            ),
            models.CheckConstraint(
                name="leave_kind_year_begins",
                condition=Q(year_month__gte=1, year_month__lte=12)
                & Q(year_day__gte=1, year_day__lte=28),
                violation_error_message="A leave year begins on a day that every month has.",
            ),
            models.CheckConstraint(
                name="leave_kind_carried_until",
                condition=Q(carried_day=None, carried_month=None)
                | (
                    Q(carried_month__gte=1, carried_month__lte=12)
                    & Q(carried_day__gte=1, carried_day__lte=31)
                ),
                violation_error_message="Say the month and the day, or neither.",
            ),
            models.CheckConstraint(
                name="leave_kind_pay_period",
                condition=Q(pay_period_days__gte=1, pay_period_days__lte=366),
                violation_error_message="A pay period has 1 to 366 days.",
            ),
            models.CheckConstraint(
                name="leave_kind_within_a_year",
                condition=Q(overdraws__lte=527040, year_minutes__lte=527040)
                & (Q(carries=None) | Q(carries__lte=527040)),
                violation_error_message="No year is so long.",
            ),
            models.CheckConstraint(
                name="leave_kind_of_days",
                condition=Q(notice_days__lte=366)
                & (Q(longest_run=None) | Q(longest_run__gte=1, longest_run__lte=366)),
                violation_error_message="These are up to 366 days.",
            ),
        ],
    ),
    table(
        "LeaveRules",
        {
            "measure": models.CharField(
                max_length=8,
                choices=[
                    ("forecast", "what the forecast leaves to spare"),
                    ("fixed", "a fixed number of people"),
                ],
                default="forecast",
                verbose_name="how many may be away",
            ),
            "people": models.DecimalField(
                max_digits=6,
                decimal_places=1,
                default=Decimal("1"),
                verbose_name="people",
                validators=[MinValueValidator(0)],
            ),
            "other_shrinkage": models.DecimalField(
                max_digits=4,
                decimal_places=3,
                default=Decimal("0.150"),
                verbose_name="other shrinkage",
                validators=[MinValueValidator(0), MaxValueValidator(1)],
            ),
            "planned_share": models.DecimalField(
                max_digits=4,
                decimal_places=3,
                default=Decimal("0"),
                verbose_name="share planned for leave",
                validators=[MinValueValidator(0), MaxValueValidator(1)],
            ),
            "most_share": models.DecimalField(
                max_digits=4,
                decimal_places=3,
                default=Decimal("1"),
                verbose_name="share at most",
                validators=[MinValueValidator(0), MaxValueValidator(1)],
            ),
            "order": models.CharField(
                max_length=10,
                choices=[
                    ("first_come", "who asked first"),
                    ("seniority", "who has been here longest"),
                    ("fairness", "who was granted the smallest share"),
                ],
                default="first_come",
                verbose_name="who goes first",
            ),
            "full_week_minutes": models.PositiveSmallIntegerField(
                default=2400, verbose_name="hours a week of full time"
            ),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="leave_rules"),
        },
        verbose_name="rules of leave",
        verbose_name_plural="rules of leave",
        constraints=[
            models.CheckConstraint(
                name="leave_rules_of_shares",
                condition=Q(people__gte=0)
                & Q(other_shrinkage__gte=0, other_shrinkage__lt=1)
                & Q(most_share__lte=1, planned_share__gte=0, planned_share__lte=F("most_share")),
                violation_error_message="The planned share is no more than the most.",
            ),
            models.CheckConstraint(
                name="leave_rules_of_a_week",
                condition=Q(full_week_minutes__gte=1, full_week_minutes__lte=10080),
                violation_error_message="No week is so long.",
            ),
        ],
    ),
    table(
        "StaffedDay",
        {
            "day": models.DateField(),
            "contracted_minutes": models.PositiveIntegerField(),
            "required_minutes": models.PositiveIntegerField(null=True),
            "reckoned_at": models.DateTimeField(),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="staffed day",
        constraints=[
            models.UniqueConstraint(name="staffed_day_once", fields=("site", "day")),
        ],
    ),
    table(
        "DayAllowance",
        {
            "day": models.DateField(verbose_name="day"),
            "people": models.DecimalField(
                max_digits=6,
                decimal_places=1,
                null=True,
                blank=True,
                verbose_name="people",
                validators=[MinValueValidator(0)],
            ),
            "reason": models.CharField(max_length=200, blank=True, verbose_name="why"),
            "said_at": models.DateTimeField(),
            "said_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="day_allowances"),
        },
        verbose_name="allowance of a day",
        verbose_name_plural="allowances of days",
        ordering=["day"],
        constraints=[
            models.UniqueConstraint(
                name="day_allowance_once",
                fields=("site", "day"),
                violation_error_message="Something is said of this day already: correct it.",
            ),
            models.CheckConstraint(
                name="day_allowance_of_people", condition=Q(people=None) | Q(people__gte=0)
            ),
        ],
    ),
    table(
        "LeaveOpening",
        {
            "day": models.DateField(verbose_name="day"),
            "minutes": models.IntegerField(
                verbose_name="hours left",
                validators=[MinValueValidator(-527040), MaxValueValidator(527040)],
            ),
            "carried": models.PositiveIntegerField(
                default=0,
                verbose_name="of which carried over",
                validators=[MaxValueValidator(527040)],
            ),
            "reason": models.CharField(max_length=200, verbose_name="why"),
            "said_at": models.DateTimeField(),
            "agent": models.ForeignKey(
                "ccm.agent", models.CASCADE, related_name="leave_openings", verbose_name="agent"
            ),
            "kind": models.ForeignKey(
                "scheduling.leavekind",
                models.CASCADE,
                related_name="openings",
                verbose_name="kind of leave",
            ),
            "said_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="balance of leave",
        verbose_name_plural="balances of leave",
        ordering=["-day", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="leave_opening_once_a_day",
                fields=("agent", "kind", "day"),
                violation_error_message="It is said for this day already: correct it.",
            ),
            models.CheckConstraint(
                name="leave_opening_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why.",
            ),
            models.CheckConstraint(
                name="leave_opening_carried_of_it",
                condition=Q(minutes__gte=-527040, minutes__lte=527040)
                & (Q(carried=0) | Q(carried__lte=F("minutes"))),
                violation_error_message="No more was carried over than is left.",
            ),
        ],
    ),
    table(
        "LeaveRequest",
        {
            "first_on": models.DateField(verbose_name="first day"),
            "last_on": models.DateField(verbose_name="last day"),
            "from_minute": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="from"
            ),
            "to_minute": models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="to"),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "asked_at": models.DateTimeField(),
            "state": models.CharField(
                max_length=9,
                choices=[
                    ("asked", "to be decided"),
                    ("waiting", "waits for room"),
                    ("approved", "approved"),
                    ("refused", "refused"),
                    ("withdrawn", "withdrawn"),
                    ("cancelled", "taken back"),
                ],
                default="asked",
                verbose_name="state",
            ),
            "days": models.JSONField(default=list),
            "facts": models.JSONField(default=list),
            "position": models.PositiveIntegerField(null=True, verbose_name="place"),
            "decided_at": models.DateTimeField(null=True),
            "reason": models.CharField(max_length=300, blank=True, verbose_name="why"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="leave_requests"),
            "asked_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "kind": models.ForeignKey(
                "scheduling.leavekind",
                models.PROTECT,
                related_name="requests",
                verbose_name="kind of leave",
            ),
            "leave": models.OneToOneField(
                "ccm.leave", models.SET_NULL, null=True, blank=True, related_name="leave_request"
            ),
        },
        verbose_name="request for time off",
        verbose_name_plural="requests for time off",
        ordering=["asked_at", "pk"],
        constraints=[
            models.CheckConstraint(
                name="leave_request_ends_after_start",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                name="leave_request_part_of_one_day",
                condition=Q(from_minute=None, to_minute=None)
                | Q(first_on=F("last_on"), to_minute__gt=F("from_minute"), to_minute__lte=1440),
                violation_error_message="Hours are of one day, and end after they begin.",
            ),
            models.CheckConstraint(
                name="leave_request_decided_at_a_time",
                condition=Q(decided_at=None, state__in=["asked", "waiting"])
                | (
                    Q(state__in=["approved", "refused", "withdrawn", "cancelled"])
                    & Q(decided_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="leave_request_place_of_who_waits",
                condition=Q(state="waiting") | Q(position=None),
            ),
            models.UniqueConstraint(
                name="leave_request_once",
                fields=("agent", "first_on", "last_on", "from_minute", "to_minute"),
                condition=Q(state__in=["asked", "waiting", "approved"]),
                nulls_distinct=False,
            ),
        ],
        indexes=[
            models.Index(name="leave_request_by_state", fields=["state", "last_on"]),
            models.Index(name="leave_request_by_agent", fields=["agent", "first_on"]),
        ],
    ),
]
