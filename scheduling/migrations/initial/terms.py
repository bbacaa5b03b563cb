"""The tables of `scheduling.models.terms`."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.core.validators import (
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from ccm.creation import table

TABLES = [
    table(
        "Contract",
        {
            "name": models.CharField(max_length=80, verbose_name="name"),
            "is_full_time": models.BooleanField(default=True, verbose_name="full-time"),
            "week_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="hours a week"
            ),
            "pays_pauses": models.BooleanField(default=False, verbose_name="pauses are paid"),
            "law": models.CharField(
                max_length=6,
                blank=True,
                verbose_name="law",
                validators=[
                    RegexValidator(
                        "^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$",
                        "Write a country's code, as DE, or its region's: US-OR.",
                    )
                ],
            ),
            "fewest_day_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="fewest hours a day"
            ),
            "most_day_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most hours a day"
            ),
            "fewest_week_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="fewest hours a week"
            ),
            "most_week_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most hours a week"
            ),
            "fewest_period_minutes": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="fewest hours a period"
            ),
            "most_period_minutes": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="most hours a period"
            ),
            "fewest_week_days": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="fewest days a week"
            ),
            "most_week_days": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most days a week"
            ),
            "rest_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, default=660, verbose_name="rest between shifts"
            ),
            "week_rest_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="unbroken rest each week"
            ),
            "most_days_in_row": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most days in a row"
            ),
            "fewest_days_in_row": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="fewest days in a row"
            ),
            "fewest_off_in_row": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="fewest days off in a row"
            ),
            "most_weekends": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most weekends a period"
            ),
            "fewest_weekends_off": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="fewest weekends off a period"
            ),
            "start_band_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="starts of a week within"
            ),
            "most_nights_in_row": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="most nights in a row"
            ),
            "rest_after_nights_minutes": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="rest after nights"
            ),
            "longest_without_pause": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="longest without a pause"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="contracts"),
        },
        verbose_name="contract",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                F("site"),
                Lower("name"),
                name="contract_once",
                violation_error_message="There is another contract of this name already.",
            ),
            models.CheckConstraint(
                name="contract_has_a_name",
                condition=~Q(name=""),
                violation_error_message="It has a name.",
            ),
            models.CheckConstraint(
                name="contract_names_a_law",
                condition=Q(law__regex="^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$"),
            ),
            models.CheckConstraint(
                name="contract_fewest_below_most",
                condition=(
                    Q(fewest_day_minutes=None)
                    | Q(most_day_minutes=None)
                    | Q(fewest_day_minutes__lte=F("most_day_minutes"))
                )
                & (
                    Q(fewest_week_minutes=None)
                    | Q(most_week_minutes=None)
                    | Q(fewest_week_minutes__lte=F("most_week_minutes"))
                )
                & (
                    Q(fewest_period_minutes=None)
                    | Q(most_period_minutes=None)
                    | Q(fewest_period_minutes__lte=F("most_period_minutes"))
                )
                & (
                    Q(fewest_week_days=None)
                    | Q(most_week_days=None)
                    | Q(fewest_week_days__lte=F("most_week_days"))
                )
                & (
                    Q(fewest_days_in_row=None)
                    | Q(most_days_in_row=None)
                    | Q(fewest_days_in_row__lte=F("most_days_in_row"))
                ),
                violation_error_message="The fewest are more than the most.",
            ),
            models.CheckConstraint(
                name="contract_fits_its_days",
                condition=(Q(fewest_day_minutes=None) | Q(fewest_day_minutes__lte=1440))
                & (Q(most_day_minutes=None) | Q(most_day_minutes__lte=1440))
                & (Q(start_band_minutes=None) | Q(start_band_minutes__lte=1440))
                & (Q(longest_without_pause=None) | Q(longest_without_pause__lte=1440))
                & (Q(week_minutes=None) | Q(week_minutes__lte=10080))
                & (Q(fewest_week_minutes=None) | Q(fewest_week_minutes__lte=10080))
                & (Q(most_week_minutes=None) | Q(most_week_minutes__lte=10080))
                & (Q(rest_minutes=None) | Q(rest_minutes__lte=10080))
                & (Q(week_rest_minutes=None) | Q(week_rest_minutes__lte=10080))
                & (Q(rest_after_nights_minutes=None) | Q(rest_after_nights_minutes__lte=10080))
                & (Q(fewest_week_days=None) | Q(fewest_week_days__lte=7))
                & (Q(most_week_days=None) | Q(most_week_days__lte=7)),
                violation_error_message="No day and no week is so long.",
            ),
        ],
    ),
    table(
        "ShiftTemplate",
        {
            "name": models.CharField(max_length=60, verbose_name="name"),
            "kind": models.CharField(
                max_length=7,
                choices=[("work", "work"), ("on_call", "on call")],
                default="work",
                verbose_name="kind",
            ),
            "first_start": models.PositiveSmallIntegerField(verbose_name="first start"),
            "last_start": models.PositiveSmallIntegerField(verbose_name="last start"),
            "step_minutes": models.PositiveSmallIntegerField(
                default=30, verbose_name="starts every"
            ),
            "lengths": ArrayField(
                models.PositiveSmallIntegerField(), blank=True, default=list, verbose_name="lengths"
            ),
            "spells": models.JSONField(blank=True, default=list, verbose_name="spells"),
            "weekdays": ArrayField(
                models.PositiveSmallIntegerField(),
                verbose_name="weekdays",
                validators=[MinLengthValidator(1)],
            ),
            "pauses": models.JSONField(blank=True, default=list, verbose_name="pauses"),
            "colour": models.CharField(
                max_length=2,
                choices=[
                    ("c1", "blue"),
                    ("c2", "orange"),
                    ("c3", "teal"),
                    ("c4", "purple"),
                    ("c5", "green"),
                    ("c6", "red"),
                    ("c7", "cyan"),
                    ("c8", "grey"),
                ],
                default="c1",
                verbose_name="colour",
            ),
            "is_active": models.BooleanField(default=True, verbose_name="in use"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="shift_templates"),
        },
        verbose_name="shift template",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                F("site"),
                Lower("name"),
                name="shift_template_once",
                violation_error_message="There is another of this name already.",
            ),
            models.CheckConstraint(
                name="shift_template_has_a_name",
                condition=~Q(name=""),
                violation_error_message="It has a name.",
            ),
            models.CheckConstraint(
                name="shift_template_of_a_kind", condition=Q(kind__in=["work", "on_call"])
            ),
            models.CheckConstraint(
                name="shift_template_has_a_colour",
                condition=Q(colour__in=["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"]),
            ),
            models.CheckConstraint(
                name="shift_template_starts_in_order",
                condition=Q(last_start__gte=F("first_start"), last_start__lt=1440),
                violation_error_message="The last start is not before the first.",
            ),
            models.CheckConstraint(
                name="shift_template_steps_to_its_last_start",
                condition=Q(step_minutes__gte=5)
                & (Exact((F("last_start") - F("first_start")) % F("step_minutes"), 0)),
                violation_error_message="Its steps do not lead from the first start to the last.",
            ),
            models.CheckConstraint(
                name="shift_template_of_lengths_or_spells",
                condition=(Q(lengths__len=0) & ~Q(spells=[])) | (~Q(lengths__len=0) & Q(spells=[])),
                violation_error_message="Say how long it is, or of which spells a split one is.",
            ),
            models.CheckConstraint(
                name="shift_template_on_weekdays",
                condition=Q(weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6], weekdays__len__gt=0),
                violation_error_message="On which weekdays is it?",
            ),
        ],
    ),
    table(
        "Rotation",
        {
            "name": models.CharField(max_length=80, verbose_name="name"),
            "weeks": models.PositiveSmallIntegerField(default=2, verbose_name="weeks"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="rotations"),
        },
        verbose_name="rotation",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                F("site"),
                Lower("name"),
                name="rotation_once",
                violation_error_message="There is another rotation of this name already.",
            ),
            models.CheckConstraint(
                name="rotation_has_a_name",
                condition=~Q(name=""),
                violation_error_message="It has a name.",
            ),
            models.CheckConstraint(
                name="rotation_of_weeks",
                condition=Q(weeks__gte=1, weeks__lte=52),
                violation_error_message="A rotation has 1 to 52 weeks.",
            ),
        ],
    ),
    table(
        "RotationDay",
        {
            "week": models.PositiveSmallIntegerField(),
            "weekday": models.PositiveSmallIntegerField(),
            "rotation": models.ForeignKey(
                "scheduling.rotation", models.CASCADE, related_name="days"
            ),
            "template": models.ForeignKey(
                "scheduling.shifttemplate", models.PROTECT, null=True, related_name="rotation_days"
            ),
        },
        verbose_name="day of a rotation",
        verbose_name_plural="days of rotations",
        ordering=["week", "weekday"],
        constraints=[
            models.CheckConstraint(
                name="rotation_day_of_a_week", condition=Q(week__gte=1, week__lte=52, weekday__lt=7)
            ),
            models.UniqueConstraint(
                name="rotation_day_once",
                fields=("rotation", "week", "weekday", "template"),
                nulls_distinct=False,
            ),
            ExclusionConstraint(
                name="rotation_day_off_or_on",
                expressions=[
                    ("rotation", "="),
                    ("week", "="),
                    ("weekday", "="),
                    (
                        models.Case(
                            models.When(template=None, then=models.Value(0)),
                            default=models.Value(1),
                            output_field=models.IntegerField(),
                        ),
                        "<>",
                    ),
                ],
            ),
        ],
    ),
    table(
        "AgentContract",
        {
            "starts_on": models.DateField(verbose_name="from"),
            "ends_on": models.DateField(null=True, blank=True, verbose_name="until before"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="contracts"),
            "contract": models.ForeignKey(
                "scheduling.contract",
                models.PROTECT,
                related_name="agents",
                verbose_name="contract",
            ),
        },
        verbose_name="contract of somebody",
        verbose_name_plural="contracts of people",
        ordering=["starts_on"],
        constraints=[
            ExclusionConstraint(
                name="agent_with_one_contract_at_a_time",
                expressions=[
                    (models.Func(F("starts_on"), F("ends_on"), function="DATERANGE"), "&&"),
                    ("agent", "="),
                ],
                violation_error_message="There is another contract on these days.",
            ),
            models.CheckConstraint(
                name="agent_contract_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="It ends before it begins.",
            ),
        ],
    ),
    table(
        "AgentRotation",
        {
            "first_week": models.PositiveSmallIntegerField(
                default=1, verbose_name="begins with week"
            ),
            "starts_on": models.DateField(verbose_name="from"),
            "ends_on": models.DateField(null=True, blank=True, verbose_name="until before"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="rotations"),
            "rotation": models.ForeignKey(
                "scheduling.rotation",
                models.PROTECT,
                related_name="agents",
                verbose_name="rotation",
            ),
        },
        verbose_name="rotation of somebody",
        verbose_name_plural="rotations of people",
        ordering=["starts_on"],
        constraints=[
            ExclusionConstraint(
                name="agent_in_one_rotation_at_a_time",
                expressions=[
                    (models.Func(F("starts_on"), F("ends_on"), function="DATERANGE"), "&&"),
                    ("agent", "="),
                ],
                violation_error_message="There is another rotation on these days.",
            ),
            models.CheckConstraint(
                name="agent_rotation_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                name="agent_rotation_begins_with_a_week",
                condition=Q(first_week__gte=1, first_week__lte=52),
            ),
        ],
    ),
    table(
        "AgentSkill",
        {
            "proficiency": models.DecimalField(
                max_digits=3,
                decimal_places=2,
                default=1,
                verbose_name="proficiency",
                validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(1)],
            ),
            "starts_on": models.DateField(verbose_name="from"),
            "ends_on": models.DateField(null=True, blank=True, verbose_name="until before"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="queue_skills"),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, related_name="agent_skills", verbose_name="queue"
            ),
        },
        verbose_name="skill of somebody",
        verbose_name_plural="skills of people",
        ordering=["queue__name", "starts_on"],
        constraints=[
            ExclusionConstraint(
                name="agent_skill_one_at_a_time",
                expressions=[
                    (models.Func(F("starts_on"), F("ends_on"), function="DATERANGE"), "&&"),
                    ("agent", "="),
                    ("queue", "="),
                ],
                violation_error_message="Something else is said of this queue on these days.",
            ),
            models.CheckConstraint(
                name="agent_skill_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                name="agent_skill_fills_part_of_a_position",
                condition=Q(proficiency__gte=Decimal("0.1"), proficiency__lte=1),
                violation_error_message="A proficiency is from 0.1 to 1.",
            ),
        ],
    ),
    table(
        "Availability",
        {
            "word": models.CharField(
                max_length=10,
                choices=[
                    ("must_not", "cannot"),
                    ("rather_not", "would rather not"),
                    ("likes", "would like to"),
                ],
                verbose_name="says",
            ),
            "weekday": models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="on"),
            "first_on": models.DateField(null=True, blank=True, verbose_name="first day"),
            "last_on": models.DateField(null=True, blank=True, verbose_name="last day"),
            "from_minute": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="from"
            ),
            "to_minute": models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="to"),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "said_at": models.DateTimeField(),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="availabilities"),
            "said_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "template": models.ForeignKey(
                "scheduling.shifttemplate",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="availabilities",
                verbose_name="shift",
            ),
        },
        verbose_name="availability",
        verbose_name_plural="availabilities",
        ordering=["-first_on", "weekday"],
        constraints=[
            models.CheckConstraint(
                name="availability_is_a_word",
                condition=Q(word__in=["must_not", "rather_not", "likes"]),
            ),
            models.CheckConstraint(
                name="availability_on_a_weekday", condition=Q(weekday=None) | Q(weekday__lt=7)
            ),
            models.CheckConstraint(
                name="availability_ends_after_start",
                condition=Q(last_on=None) | Q(first_on=None) | Q(last_on__gte=F("first_on")),
                violation_error_message="It ends before it begins.",
            ),
            models.CheckConstraint(
                name="availability_from_and_to",
                condition=Q(from_minute=None, to_minute=None)
                | (
                    Q(from_minute__isnull=False, from_minute__lt=1440, to_minute__isnull=False)
                    & Q(
                        to_minute__gt=F("from_minute"),
                        to_minute__lte=F("from_minute") + models.Value(1440),
                    )
                ),
                violation_error_message="Say from when and to when, or neither.",
            ),
            models.CheckConstraint(
                name="availability_of_hours_or_of_a_shift",
                condition=Q(template=None)
                | (~Q(word="must_not") & Q(from_minute=None, to_minute=None)),
                violation_error_message="A shift is liked or not; what somebody cannot is told by hours.",
            ),
            models.CheckConstraint(
                name="availability_leaves_some_time",
                condition=~Q(word="must_not")
                | Q(weekday__isnull=False)
                | Q(first_on__isnull=False)
                | Q(from_minute__isnull=False),
                violation_error_message="Say when: a weekday, days, or hours.",
            ),
        ],
        indexes=[
            models.Index(name="availability_by_agent", fields=["agent", "first_on"]),
        ],
    ),
    table(
        "Pairing",
        {
            "together": models.BooleanField(verbose_name="together"),
            "starts_on": models.DateField(verbose_name="from"),
            "ends_on": models.DateField(null=True, blank=True, verbose_name="until before"),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "one": models.ForeignKey(
                "ccm.agent", models.CASCADE, related_name="+", verbose_name="somebody"
            ),
            "other": models.ForeignKey(
                "ccm.agent", models.CASCADE, related_name="+", verbose_name="and"
            ),
        },
        verbose_name="pairing",
        ordering=["-starts_on"],
        constraints=[
            models.CheckConstraint(name="pairing_of_two", condition=Q(one__lt=F("other"))),
            ExclusionConstraint(
                name="pairing_one_at_a_time",
                expressions=[
                    (models.Func(F("starts_on"), F("ends_on"), function="DATERANGE"), "&&"),
                    ("one", "="),
                    ("other", "="),
                ],
                violation_error_message="Something is said of these two on these days already.",
            ),
            models.CheckConstraint(
                name="pairing_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="It ends before it begins.",
            ),
        ],
    ),
    table(
        "SiteRules",
        {
            "weights": models.JSONField(blank=True, default=dict, verbose_name="soft rules"),
            "rather_not": models.PositiveSmallIntegerField(
                default=20, verbose_name="to refuse “rather not” costs"
            ),
            "likes": models.PositiveSmallIntegerField(
                default=10, verbose_name="to refuse “would like” costs"
            ),
            "mix": models.DecimalField(
                max_digits=4,
                decimal_places=2,
                null=True,
                blank=True,
                verbose_name="experienced for each new one",
                validators=[MinValueValidator(0), MaxValueValidator(20)],
            ),
            "new_weeks": models.PositiveSmallIntegerField(
                default=8, verbose_name="weeks that one is new"
            ),
            "notice_days": models.PositiveSmallIntegerField(
                default=14, verbose_name="days of notice"
            ),
            "slot_minutes": models.PositiveSmallIntegerField(
                choices=[
                    (5, "5 minutes"),
                    (15, "quarter hours"),
                    (30, "half hours"),
                    (60, "hours"),
                ],
                default=15,
                verbose_name="planned by",
            ),
            "night_from": models.PositiveSmallIntegerField(default=1380, verbose_name="night from"),
            "night_to": models.PositiveSmallIntegerField(default=1800, verbose_name="night to"),
            "night_minutes": models.PositiveSmallIntegerField(
                default=120, verbose_name="a night has at least"
            ),
            "late_from": models.PositiveSmallIntegerField(default=1200, verbose_name="late after"),
            "site": models.OneToOneField("ccm.site", models.CASCADE, related_name="roster_rules"),
            "trade_short_hours": models.DecimalField(
                max_digits=5,
                decimal_places=2,
                default=0,
                verbose_name="hours of positions that a trade may leave short",
                validators=[MinValueValidator(0)],
            ),
            "trade_until_hours": models.PositiveSmallIntegerField(
                default=24,
                verbose_name="hours before a shift until which it is traded",
                validators=[MaxValueValidator(1344)],
            ),
            "trades_by_supervisor": models.BooleanField(
                default=True, verbose_name="trades are decided by a supervisor"
            ),
            "fairness_price": models.PositiveSmallIntegerField(
                default=5,
                verbose_name="one more burden costs",
                validators=[MaxValueValidator(1000)],
            ),
            "fairness_weeks": models.PositiveSmallIntegerField(
                default=26,
                verbose_name="fairness is of the last weeks",
                validators=[MinValueValidator(1), MaxValueValidator(104)],
            ),
            "away_percent": models.DecimalField(
                max_digits=3,
                decimal_places=1,
                default=0,
                verbose_name="away unplanned, in percent",
                validators=[MinValueValidator(0), MaxValueValidator(50)],
            ),
        },
        verbose_name="rules of rosters",
        verbose_name_plural="rules of rosters",
        constraints=[
            models.CheckConstraint(
                name="rules_by_a_slot", condition=Q(slot_minutes__in=(5, 15, 30, 60))
            ),
            models.CheckConstraint(
                name="rules_of_a_mix", condition=Q(mix=None) | Q(mix__gte=0, mix__lte=20)
            ),
            models.CheckConstraint(
                name="rules_of_a_night",
                condition=Q(
                    night_from__lt=1440,
                    night_to__gt=F("night_from"),
                    night_to__lte=F("night_from") + models.Value(1440),
                )
                & Q(night_minutes__gte=1, night_minutes__lte=F("night_to") - F("night_from")),
                violation_error_message="A night has no more minutes than lie in it.",
            ),
            models.CheckConstraint(name="rules_of_lates", condition=Q(late_from__lte=2880)),
            models.CheckConstraint(
                name="rules_within_years", condition=Q(new_weeks__lte=520, notice_days__lte=366)
            ),
            models.CheckConstraint(
                name="rules_of_trades",
                condition=Q(trade_short_hours__gte=0, trade_until_hours__lte=1344),
                violation_error_message="No shift is so many hours ahead.",
            ),
            models.CheckConstraint(
                name="rules_of_fairness",
                condition=Q(
                    fairness_price__lte=1000, fairness_weeks__gte=1, fairness_weeks__lte=104
                ),
            ),
            models.CheckConstraint(
                name="rules_of_away", condition=Q(away_percent__gte=0, away_percent__lte=50)
            ),
        ],
    ),
]
