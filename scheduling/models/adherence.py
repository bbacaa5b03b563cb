"""How schedules were kept: a site's rules, exceptions that people ask for, what was counted."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Site, User
from ccm.models.words import LineField
from scheduling.models.adherence_querysets import (
    AdherenceDayQuerySet,
    ExceptionQuerySet,
    OfSiteQuerySet,
)

LONGEST_FORGIVEN, LONGEST_LATE = 1800, 7200


class AdherenceRules(models.Model):
    """By which variant a site's adherence is told from a day on, and what it forgives. Without any:
    AD1, and nothing is forgiven.

    An exception shorter than `forgiven_seconds` is none. Who comes later than `late_seconds` after
    the beginning is late, and who goes that much before the end leaves early.
    """

    class Variant(models.TextChoices):
        AD1 = "AD1", _("AD1: time in the scheduled activity of scheduled time")
        AD2 = "AD2", _("AD2: work outside of the shift counts against it")

    site = models.ForeignKey(Site, models.CASCADE, related_name="adherence_rules")
    starts_on = models.DateField(_("from"))
    variant = models.CharField(_("variant"), max_length=3, choices=Variant, default=Variant.AD1)
    forgiven_seconds = models.PositiveSmallIntegerField(
        _("forgiven, seconds"), default=0, validators=[MaxValueValidator(LONGEST_FORGIVEN)]
    )
    late_seconds = models.PositiveSmallIntegerField(
        _("late after, seconds"), default=0, validators=[MaxValueValidator(LONGEST_LATE)]
    )

    objects = OfSiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of adherence")
        verbose_name_plural = _("rules of adherence")
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["site", "starts_on"], name="adherence_rules_once"),
            models.CheckConstraint(
                condition=Q(variant__in=("AD1", "AD2")), name="adherence_of_a_variant"
            ),
            models.CheckConstraint(
                condition=Q(forgiven_seconds__lte=LONGEST_FORGIVEN, late_seconds__lte=LONGEST_LATE),
                name="adherence_forgives_so_much",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}, {self.starts_on}: {self.variant}"


class Doing(models.TextChoices):
    """What time of somebody can go to, by the plan and by the log alike."""

    ON_QUEUE = "on_queue", _("On queue")
    PAUSE = "pause", _("Pause")
    TRAINING = "training", _("Training")
    COACHING = "coaching", _("Coaching")
    MEETING = "meeting", _("Meeting")
    OTHER = "other", _("Other work")


class PauseReason(models.Model):
    """What a reason of pauses, as a site's log writes it, is in the plan; in any case of letters.
    A reason without one is other work."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="pause_reasons")
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    activity = models.CharField(_("is"), max_length=10, choices=Doing)

    objects = OfSiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason of pauses")
        verbose_name_plural = _("reasons of pauses")
        ordering = ["reason"]
        constraints = [
            models.UniqueConstraint("site", Lower("reason"), name="pause_reason_once"),
            models.CheckConstraint(
                condition=Q(activity__in=[one.value for one in Doing]), name="pause_reason_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.activity}"


class AdherenceException(models.Model):
    """A stretch of somebody's time, [starts_at, ends_at), that they ask to have judged otherwise.

    Once it is approved, the schedule that they are held against has `kind` there, or nothing where
    it is `EXCUSED`. What was published, and what the log says, stay as they are.
    """

    class Kind(models.TextChoices):
        EXCUSED = "excused", _("Excused: nothing was scheduled")
        ON_QUEUE = "on_queue", _("On queue")
        PAUSE = "pause", _("Pause")
        TRAINING = "training", _("Training")
        COACHING = "coaching", _("Coaching")
        MEETING = "meeting", _("Meeting")
        OTHER = "other", _("Other work")

    class State(models.TextChoices):
        ASKED = "asked", _("Waits")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="adherence_exceptions")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    kind = models.CharField(_("what it was"), max_length=10, choices=Kind, default=Kind.EXCUSED)
    reason = models.CharField(_("why"), max_length=300)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = LineField(_("note"), max_length=300, blank=True)

    objects = ExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exception of adherence")
        verbose_name_plural = _("exceptions of adherence")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["agent"], name="exception_asked", condition=Q(state="asked"))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="exception_ends_after_it_begins",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "withdrawn"), decided_at=None)
                | Q(state__in=("approved", "refused"), decided_at__isnull=False),
                name="exception_decided_at_a_time",
            ),
            ExclusionConstraint(
                name="exception_one_at_a_time",
                expressions=[
                    (
                        Func(F("starts_at"), F("ends_at"), function="TSTZRANGE"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("agent", RangeOperators.EQUAL),
                ],
                condition=Q(state__in=("asked", "approved")),
                violation_error_message=_("There is another exception at the same time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.starts_at}: {self.kind}"


class AdherenceDay(models.Model):
    """How somebody kept the schedule of a site day; whole seconds, so that days and people add up.

    `before_*` are held against what was published without shifts on leave, the others against that
    with approved exceptions in it. `planned`, `within` and `done` are seconds by `Doing`: paid time
    of the plan, what of it went to what, and all that was done that day. `paid_seconds` and
    `unpaid_seconds` are of the plan, `worked_seconds` all that was done but pauses. Shifts are of
    the day on which they begin. They are judged until `known_until`; without `is_told` the site's
    log has nothing of the day, and nothing is judged. `unpaid_judged_seconds` are unpaid pauses of
    what is held against, until then: of a day that is not over the plan's go on until it was
    counted.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="adherence_days")
    day = models.DateField()
    is_told = models.BooleanField()
    known_until = models.DateTimeField(null=True)
    leave = models.CharField(max_length=60, blank=True)
    scheduled = models.PositiveIntegerField(default=0)
    adherent = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)
    on_queue_scheduled = models.PositiveIntegerField(default=0)
    on_queue_worked = models.PositiveIntegerField(default=0)
    before_scheduled = models.PositiveIntegerField(default=0)
    before_adherent = models.PositiveIntegerField(default=0)
    before_missed = models.PositiveIntegerField(default=0)
    before_outside = models.PositiveIntegerField(default=0)
    before_on_queue_scheduled = models.PositiveIntegerField(default=0)
    before_on_queue_worked = models.PositiveIntegerField(default=0)
    planned = models.JSONField(default=dict)
    within = models.JSONField(default=dict)
    done = models.JSONField(default=dict)
    paid_seconds = models.PositiveIntegerField(default=0)
    unpaid_seconds = models.PositiveIntegerField(default=0)
    unpaid_judged_seconds = models.PositiveIntegerField(default=0)
    worked_seconds = models.PositiveIntegerField(default=0)
    night_seconds = models.PositiveIntegerField(default=0)
    shifts = models.PositiveSmallIntegerField(default=0)
    late = models.PositiveSmallIntegerField(default=0)
    late_seconds = models.PositiveIntegerField(default=0)
    left_early = models.PositiveSmallIntegerField(default=0)
    early_seconds = models.PositiveIntegerField(default=0)
    absent = models.PositiveSmallIntegerField(default=0)

    objects = AdherenceDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of adherence")
        verbose_name_plural = _("days of adherence")
        ordering = ["day", "agent"]
        constraints = [
            models.UniqueConstraint(fields=["agent", "day"], name="adherence_day_once"),
            models.CheckConstraint(
                condition=Q(scheduled=F("adherent") + F("missed"))
                & Q(before_scheduled=F("before_adherent") + F("before_missed")),
                name="adherence_day_adds_up",
            ),
        ]
        # Of a site, those of some days.
        indexes = [models.Index(fields=["site", "day"], name="adherence_day_by_site")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.day}"


class AdherenceFill(models.Model):
    """How far a site day is counted: until `known_until`, and over when it `is_whole`. No moment:
    the site's log has nothing of it."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    day = models.DateField()
    known_until = models.DateTimeField(null=True)
    is_whole = models.BooleanField()
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("count of adherence")
        verbose_name_plural = _("counts of adherence")
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="adherence_fill_once")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"


class AdherenceMark(models.Model):
    """A site day that is to be counted again. Marks are only added: a count removes those that it
    saw before it read, so nobody waits for it, and what comes meanwhile stays marked. `is_routine`:
    as the log went on, and not since somebody changed what the day is made of."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    day = models.DateField()
    is_routine = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("mark of adherence")
        verbose_name_plural = _("marks of adherence")
        indexes = [models.Index(fields=["site", "day"], name="adherence_mark_by_day")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"
