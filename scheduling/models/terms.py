"""What people work by: contracts, shifts that there are, rotations, what they can and would like,
and a site's rules of rosters."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import (
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models
from django.db.models import Case, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Queue, Site, User
from scheduling.models.terms_querysets import (
    AvailabilityQuerySet,
    ContractQuerySet,
    OfAgentQuerySet,
    PairingQuerySet,
    TermsQuerySet,
)
from scheduling.shifts import Kind, Weights
from scheduling.shifts.days import MINUTES

DAYS = 7
WEEK_MINUTES = DAYS * MINUTES
# A night goes on over midnight: its end is told as a minute of the next day.
MOST_CLOCK = 2 * MINUTES
MOST_WEEKS = 52
# Clocks, lengths and pauses lie on these minutes.
GRID = 5
# A preset of law: a country of ISO 3166, and perhaps a region of it ("US-OR").
LAW = r"^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$"
REST_MINUTES = 11 * 60


def _minutes(words: Any, **more: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(words, null=True, blank=True, **more)


def _ordered(fewest: str, most: str) -> Q:
    """The one is no more than the other, where both are said."""
    return Q(**{fewest: None}) | Q(**{most: None}) | Q(**{f"{fewest}__lte": F(most)})


def _at_most(most: int, *fields: str) -> Q:
    found = Q()
    for one in fields:
        found &= Q(**{one: None}) | Q(**{f"{one}__lte": most})
    return found


def _one_at_a_time(name: str, words: Any, *same: str) -> ExclusionConstraint:
    """Rows of the same things do not hold on the same day."""
    days = Func(F("starts_on"), F("ends_on"), function="DATERANGE")
    return ExclusionConstraint(
        name=name,
        expressions=[
            (days, RangeOperators.OVERLAPS),
            *((one, RangeOperators.EQUAL) for one in same),
        ],
        violation_error_message=words,
    )


def _ends_after_start(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
        name=name,
        violation_error_message=_("It ends before it begins."),
    )


def _named_once(name: str, words: Any) -> models.UniqueConstraint:
    return models.UniqueConstraint("site", Lower("name"), name=name, violation_error_message=words)


def _has_a_name(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=~Q(name=""), name=name, violation_error_message=_("It has a name.")
    )


class Contract(models.Model):
    """What people with one contract may be given: fields of `scheduling.shifts.Limits` by their
    names, in minutes worked or in days; null: it says nothing of it.

    `law` is a preset of `scheduling.presets` that holds beside it: of each the stricter.
    `week_minutes` are what is paid a week, by which hours are shared out fairly; whether pauses are
    paid is for payroll, for what counts as worked is told by each shift.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="contracts")
    name = models.CharField(_("name"), max_length=80)
    is_full_time = models.BooleanField(_("full-time"), default=True)
    week_minutes = _minutes(_("hours a week"))
    pays_pauses = models.BooleanField(_("pauses are paid"), default=False)
    law = models.CharField(
        _("law"),
        max_length=6,
        blank=True,
        validators=[
            RegexValidator(LAW, _("Write a country's code, as DE, or its region's: US-OR."))
        ],
    )
    fewest_day_minutes = _minutes(_("fewest hours a day"))
    most_day_minutes = _minutes(_("most hours a day"))
    fewest_week_minutes = _minutes(_("fewest hours a week"))
    most_week_minutes = _minutes(_("most hours a week"))
    # Of a span that may be a year.
    fewest_period_minutes = models.PositiveIntegerField(
        _("fewest hours a period"), null=True, blank=True
    )
    most_period_minutes = models.PositiveIntegerField(
        _("most hours a period"), null=True, blank=True
    )
    fewest_week_days = _minutes(_("fewest days a week"))
    most_week_days = _minutes(_("most days a week"))
    rest_minutes = _minutes(_("rest between shifts"), default=REST_MINUTES)
    week_rest_minutes = _minutes(_("unbroken rest each week"))
    most_days_in_row = _minutes(_("most days in a row"))
    fewest_days_in_row = _minutes(_("fewest days in a row"))
    fewest_off_in_row = _minutes(_("fewest days off in a row"))
    most_weekends = _minutes(_("most weekends a period"))
    fewest_weekends_off = _minutes(_("fewest weekends off a period"))
    start_band_minutes = _minutes(_("starts of a week within"))
    most_nights_in_row = _minutes(_("most nights in a row"))
    rest_after_nights_minutes = _minutes(_("rest after nights"))
    longest_without_pause = _minutes(_("longest without a pause"))

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract")
        ordering = ["name"]
        constraints = [
            _named_once("contract_once", _("There is another contract of this name already.")),
            _has_a_name("contract_has_a_name"),
            models.CheckConstraint(condition=Q(law__regex=LAW), name="contract_names_a_law"),
            models.CheckConstraint(
                condition=_ordered("fewest_day_minutes", "most_day_minutes")
                & _ordered("fewest_week_minutes", "most_week_minutes")
                & _ordered("fewest_period_minutes", "most_period_minutes")
                & _ordered("fewest_week_days", "most_week_days")
                & _ordered("fewest_days_in_row", "most_days_in_row"),
                name="contract_fewest_below_most",
                violation_error_message=_("The fewest are more than the most."),
            ),
            models.CheckConstraint(
                condition=_at_most(
                    MINUTES,
                    "fewest_day_minutes",
                    "most_day_minutes",
                    "start_band_minutes",
                    "longest_without_pause",
                )
                & _at_most(
                    WEEK_MINUTES,
                    "week_minutes",
                    "fewest_week_minutes",
                    "most_week_minutes",
                    "rest_minutes",
                    "week_rest_minutes",
                    "rest_after_nights_minutes",
                )
                & _at_most(DAYS, "fewest_week_days", "most_week_days"),
                name="contract_fits_its_days",
                violation_error_message=_("No day and no week is so long."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShiftTemplate(models.Model):
    """A kind of shift that there is at a site, on some weekdays, with its staggered starts.

    It begins at each `step_minutes` from `first_start` to `last_start`, minutes of the clock, and
    is as long as each of `lengths`, in minutes from its beginning to its end. A split shift has
    `spells` instead: pairs of minutes after its beginning, [[0, 240], [360, 600]], with unpaid
    hours between. `pauses` are {"name", "minutes", "earliest", "latest", "is_paid"}: how long, and
    between which minutes of the shift they may begin.
    """

    class Colour(models.TextChoices):
        """The tokens of `static/css/ccm.css` that tell lines of a chart apart."""

        C1 = "c1", _("blue")
        C2 = "c2", _("orange")
        C3 = "c3", _("teal")
        C4 = "c4", _("purple")
        C5 = "c5", _("green")
        C6 = "c6", _("red")
        C7 = "c7", _("cyan")
        C8 = "c8", _("grey")

    KINDS = ((Kind.WORK.value, _("work")), (Kind.ON_CALL.value, _("on call")))

    site = models.ForeignKey(Site, models.CASCADE, related_name="shift_templates")
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=7, choices=KINDS, default=Kind.WORK.value)
    first_start = models.PositiveSmallIntegerField(_("first start"))
    last_start = models.PositiveSmallIntegerField(_("last start"))
    step_minutes = models.PositiveSmallIntegerField(_("starts every"), default=30)
    lengths = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("lengths"), default=list, blank=True
    )
    spells = models.JSONField(_("spells"), default=list, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("weekdays"),
        validators=[MinLengthValidator(1)],
    )
    pauses = models.JSONField(_("pauses"), default=list, blank=True)
    colour = models.CharField(_("colour"), max_length=2, choices=Colour, default=Colour.C1)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift template")
        ordering = ["name"]
        constraints = [
            _named_once("shift_template_once", _("There is another of this name already.")),
            _has_a_name("shift_template_has_a_name"),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in Kind]), name="shift_template_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(colour__in=["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"]),
                name="shift_template_has_a_colour",
            ),
            models.CheckConstraint(
                condition=Q(last_start__gte=F("first_start"), last_start__lt=MINUTES),
                name="shift_template_starts_in_order",
                violation_error_message=_("The last start is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(step_minutes__gte=GRID)
                & Q(Exact((F("last_start") - F("first_start")) % F("step_minutes"), 0)),
                name="shift_template_steps_to_its_last_start",
                violation_error_message=_(
                    "Its steps do not lead from the first start to the last."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(lengths__len=0) & ~Q(spells=[])) | (~Q(lengths__len=0) & Q(spells=[])),
                name="shift_template_of_lengths_or_spells",
                violation_error_message=_("Say how long it is, or of which spells a split one is."),
            ),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=list(range(DAYS)), weekdays__len__gt=0),
                name="shift_template_on_weekdays",
                violation_error_message=_("On which weekdays is it?"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Rotation(models.Model):
    """A pattern over `weeks` calendar weeks, Monday to Sunday, which begins anew after them."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="rotations")
    name = models.CharField(_("name"), max_length=80)
    weeks = models.PositiveSmallIntegerField(_("weeks"), default=2)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("rotation")
        ordering = ["name"]
        constraints = [
            _named_once("rotation_once", _("There is another rotation of this name already.")),
            _has_a_name("rotation_has_a_name"),
            models.CheckConstraint(
                condition=Q(weeks__gte=1, weeks__lte=MOST_WEEKS),
                name="rotation_of_weeks",
                violation_error_message=_("A rotation has 1 to 52 weeks."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RotationDay(models.Model):
    """What a rotation says of a weekday of one of its weeks (the first is 1): a template that it
    allows, a row each, or (null) that it is off. Days without a row are left open."""

    rotation = models.ForeignKey(Rotation, models.CASCADE, related_name="days")
    week = models.PositiveSmallIntegerField()
    weekday = models.PositiveSmallIntegerField()
    template = models.ForeignKey(
        ShiftTemplate, models.PROTECT, null=True, related_name="rotation_days"
    )

    class Meta:
        verbose_name = _("day of a rotation")
        verbose_name_plural = _("days of rotations")
        ordering = ["week", "weekday"]
        constraints = [
            models.CheckConstraint(
                condition=Q(week__gte=1, week__lte=MOST_WEEKS, weekday__lt=DAYS),
                name="rotation_day_of_a_week",
            ),
            models.UniqueConstraint(
                fields=["rotation", "week", "weekday", "template"],
                nulls_distinct=False,
                name="rotation_day_once",
            ),
            ExclusionConstraint(
                name="rotation_day_off_or_on",
                expressions=[
                    ("rotation", RangeOperators.EQUAL),
                    ("week", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    (
                        Case(
                            When(template=None, then=Value(0)),
                            default=Value(1),
                            output_field=IntegerField(),
                        ),
                        RangeOperators.NOT_EQUAL,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rotation}, {self.week}.{self.weekday}: {self.template or '–'}"


class AgentContract(models.Model):
    """The contract that somebody has, [starts_on, ends_on); one at a time."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="contracts")
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="agents", verbose_name=_("contract")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until before"), null=True, blank=True)

    objects = OfAgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("contract of somebody")
        verbose_name_plural = _("contracts of people")
        ordering = ["starts_on"]
        constraints = [
            _one_at_a_time(
                "agent_with_one_contract_at_a_time",
                _("There is another contract on these days."),
                "agent",
            ),
            _ends_after_start("agent_contract_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.contract} from {self.starts_on}"


class AgentRotation(models.Model):
    """The rotation that somebody works by, [starts_on, ends_on); one at a time. The week of its
    first day is the rotation's `first_week`."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="rotations")
    rotation = models.ForeignKey(
        Rotation, models.PROTECT, related_name="agents", verbose_name=_("rotation")
    )
    first_week = models.PositiveSmallIntegerField(_("begins with week"), default=1)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until before"), null=True, blank=True)

    objects = OfAgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("rotation of somebody")
        verbose_name_plural = _("rotations of people")
        ordering = ["starts_on"]
        constraints = [
            _one_at_a_time(
                "agent_in_one_rotation_at_a_time",
                _("There is another rotation on these days."),
                "agent",
            ),
            _ends_after_start("agent_rotation_ends_after_start"),
            models.CheckConstraint(
                condition=Q(first_week__gte=1, first_week__lte=MOST_WEEKS),
                name="agent_rotation_begins_with_a_week",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.rotation} from {self.starts_on}"


class AgentSkill(models.Model):
    """A queue that somebody can take, [starts_on, ends_on), and how much of a position they fill
    there: 1 is all of one."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="queue_skills")
    queue = models.ForeignKey(
        Queue, models.CASCADE, related_name="agent_skills", verbose_name=_("queue")
    )
    proficiency = models.DecimalField(
        _("proficiency"),
        max_digits=3,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(1)],
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until before"), null=True, blank=True)

    objects = OfAgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill of somebody")
        verbose_name_plural = _("skills of people")
        ordering = ["queue__name", "starts_on"]
        constraints = [
            _one_at_a_time(
                "agent_skill_one_at_a_time",
                _("Something else is said of this queue on these days."),
                "agent",
                "queue",
            ),
            _ends_after_start("agent_skill_ends_after_start"),
            models.CheckConstraint(
                condition=Q(proficiency__gte=Decimal("0.1"), proficiency__lte=1),
                name="agent_skill_fills_part_of_a_position",
                violation_error_message=_("A proficiency is from 0.1 to 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.queue} {self.proficiency} from {self.starts_on}"


class Availability(models.Model):
    """When somebody cannot work, would rather not, or would like to; and by whose word.

    On a `weekday` (0 is Monday; null: on every day) from `first_on` to `last_on`, both included
    (null: from always, for ever), the whole day or from `from_minute` to `to_minute` of the clock,
    which may go on into the next day. With a `template` it is about shifts of that alone.
    """

    class Word(models.TextChoices):
        MUST_NOT = "must_not", _("cannot")
        RATHER_NOT = "rather_not", _("would rather not")
        LIKES = "likes", _("would like to")

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="availabilities")
    word = models.CharField(_("says"), max_length=10, choices=Word)
    weekday = models.PositiveSmallIntegerField(_("on"), null=True, blank=True)
    first_on = models.DateField(_("first day"), null=True, blank=True)
    last_on = models.DateField(_("last day"), null=True, blank=True)
    from_minute = _minutes(_("from"))
    to_minute = _minutes(_("to"))
    template = models.ForeignKey(
        ShiftTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="availabilities",
        verbose_name=_("shift"),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField()

    objects = AvailabilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("availability")
        verbose_name_plural = _("availabilities")
        ordering = ["-first_on", "weekday"]
        constraints = [
            models.CheckConstraint(
                condition=Q(word__in=["must_not", "rather_not", "likes"]),
                name="availability_is_a_word",
            ),
            models.CheckConstraint(
                condition=Q(weekday=None) | Q(weekday__lt=DAYS), name="availability_on_a_weekday"
            ),
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(first_on=None) | Q(last_on__gte=F("first_on")),
                name="availability_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(from_minute=None, to_minute=None)
                | (
                    Q(from_minute__isnull=False, to_minute__isnull=False, from_minute__lt=MINUTES)
                    & Q(to_minute__gt=F("from_minute"), to_minute__lte=F("from_minute") + MINUTES)
                ),
                name="availability_from_and_to",
                violation_error_message=_("Say from when and to when, or neither."),
            ),
            models.CheckConstraint(
                condition=Q(template=None)
                | (~Q(word="must_not") & Q(from_minute=None, to_minute=None)),
                name="availability_of_hours_or_of_a_shift",
                violation_error_message=_(
                    "A shift is liked or not; what somebody cannot is told by hours."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(word="must_not")
                | Q(weekday__isnull=False)
                | Q(first_on__isnull=False)
                | Q(from_minute__isnull=False),
                name="availability_leaves_some_time",
                violation_error_message=_("Say when: a weekday, days, or hours."),
            ),
        ]
        # Of a site's people, those of a span.
        indexes = [models.Index(fields=["agent", "first_on"], name="availability_by_agent")]

    def __str__(self) -> str:
        return f"{self.agent} {self.get_word_display()}"


class Pairing(models.Model):
    """Two who work the same shifts, or never the same, [starts_on, ends_on)."""

    one = models.ForeignKey(Agent, models.CASCADE, related_name="+", verbose_name=_("somebody"))
    other = models.ForeignKey(Agent, models.CASCADE, related_name="+", verbose_name=_("and"))
    together = models.BooleanField(_("together"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until before"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing")
        ordering = ["-starts_on"]
        constraints = [
            # A pair is written in one order, so that two words on it meet.
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="pairing_of_two"),
            _one_at_a_time(
                "pairing_one_at_a_time",
                _("Something is said of these two on these days already."),
                "one",
                "other",
            ),
            _ends_after_start("pairing_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.one}, {self.other} from {self.starts_on}"


class SiteRules(models.Model):
    """What a site's rosters go by, where somebody has said so.

    `weights` are what it costs to break each soft rule once, in the measure in which a position
    that is missing for one slot costs 10; rules that are not named are hard. `rather_not` and
    `likes` are what it costs to refuse a wish. `mix` is how many that are not new are to be there
    for each who is. `night_from` to `night_to` are minutes of the clock, of the next day from 1,440
    on: who works `night_minutes` of them works a night; who ends after `late_from`, late.

    Shifts are traded until `trade_until_hours` before they begin, where no rule is newly broken and
    at most `trade_short_hours` of positions are missing that were there; at once, or where a
    supervisor says so. `away_percent` of those who are given shifts are not there: ill, late or
    else away, which no roster knows.
    """

    class Slot(models.IntegerChoices):
        FIVE = 5, _("5 minutes")
        QUARTER = 15, _("quarter hours")
        HALF = 30, _("half hours")
        HOUR = 60, _("hours")

    site = models.OneToOneField(Site, models.CASCADE, related_name="roster_rules")
    weights = models.JSONField(_("soft rules"), default=dict, blank=True)
    rather_not = models.PositiveSmallIntegerField(_("to refuse “rather not” costs"), default=20)
    likes = models.PositiveSmallIntegerField(_("to refuse “would like” costs"), default=10)
    mix = models.DecimalField(
        _("experienced for each new one"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
    )
    new_weeks = models.PositiveSmallIntegerField(_("weeks that one is new"), default=8)
    notice_days = models.PositiveSmallIntegerField(_("days of notice"), default=14)
    slot_minutes = models.PositiveSmallIntegerField(
        _("planned by"), choices=Slot, default=Slot.QUARTER
    )
    away_percent = models.DecimalField(
        _("away unplanned, in percent"),
        max_digits=3,
        decimal_places=1,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(50)],
    )
    night_from = models.PositiveSmallIntegerField(_("night from"), default=23 * 60)
    night_to = models.PositiveSmallIntegerField(_("night to"), default=30 * 60)
    night_minutes = models.PositiveSmallIntegerField(_("a night has at least"), default=120)
    late_from = models.PositiveSmallIntegerField(_("late after"), default=20 * 60)
    trades_by_supervisor = models.BooleanField(
        _("trades are decided by a supervisor"), default=True
    )
    trade_until_hours = models.PositiveSmallIntegerField(
        _("hours before a shift until which it is traded"),
        default=24,
        validators=[MaxValueValidator(24 * 56)],
    )
    trade_short_hours = models.DecimalField(
        _("hours of positions that a trade may leave short"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    # Who bore what (`scheduling.fairness`): of so many weeks, and what one more costs a roster for
    # who stands where the group does; 0: it is not evened out.
    fairness_weeks = models.PositiveSmallIntegerField(
        _("fairness is of the last weeks"),
        default=26,
        validators=[MinValueValidator(1), MaxValueValidator(104)],
    )
    fairness_price = models.PositiveSmallIntegerField(
        _("one more burden costs"), default=5, validators=[MaxValueValidator(1000)]
    )

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of rosters")
        verbose_name_plural = _("rules of rosters")
        constraints = [
            models.CheckConstraint(
                condition=Q(slot_minutes__in=(5, 15, 30, 60)), name="rules_by_a_slot"
            ),
            models.CheckConstraint(
                condition=Q(mix=None) | Q(mix__gte=0, mix__lte=20), name="rules_of_a_mix"
            ),
            models.CheckConstraint(
                condition=Q(night_from__lt=MINUTES)
                & Q(night_to__gt=F("night_from"), night_to__lte=F("night_from") + MINUTES)
                & Q(night_minutes__gte=1, night_minutes__lte=F("night_to") - F("night_from")),
                name="rules_of_a_night",
                violation_error_message=_("A night has no more minutes than lie in it."),
            ),
            models.CheckConstraint(condition=Q(late_from__lte=MOST_CLOCK), name="rules_of_lates"),
            models.CheckConstraint(
                condition=Q(away_percent__gte=0, away_percent__lte=50), name="rules_of_away"
            ),
            models.CheckConstraint(
                condition=Q(new_weeks__lte=520, notice_days__lte=366), name="rules_within_years"
            ),
            models.CheckConstraint(
                condition=Q(trade_short_hours__gte=0, trade_until_hours__lte=24 * 56),
                name="rules_of_trades",
                violation_error_message=_("No shift is so many hours ahead."),
            ),
            models.CheckConstraint(
                condition=Q(
                    fairness_weeks__gte=1, fairness_weeks__lte=104, fairness_price__lte=1000
                ),
                name="rules_of_fairness",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.site}"

    @property
    def soft(self) -> Weights:
        return Weights(dict(self.weights))
