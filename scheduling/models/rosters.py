"""Rosters as they are kept: drafts, what was published, the shifts of each, and how they were
made."""

from datetime import date, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Job, Site, User
from scheduling.models.plans import QueueGroup
from scheduling.models.rosters_querysets import (
    KeptRosterQuerySet,
    KeptShiftQuerySet,
    ShiftChangeQuerySet,
)
from scheduling.models.terms import ShiftTemplate

MOST_DAYS = 56
FEWEST_SECONDS, MOST_SECONDS = 5, 900


class KeptRoster(models.Model):
    """Who works when at a site on `days` days from `first_day`; of a `group`, only those who serve
    it, for what comes to it.

    A draft is its planners' own; a published one is what people work by. `revision` counts each
    change of its shifts, by a search or as a `RosterEdit`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    site = models.ForeignKey(Site, models.PROTECT, related_name="rosters")
    first_day = models.DateField(_("first day"))
    days = models.PositiveSmallIntegerField(
        _("days"), validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )
    group = models.ForeignKey(
        QueueGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rosters",
        verbose_name=_("queue group"),
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    note = models.CharField(_("note"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)
    # The revision at which it was last made by a search: what came before is not undone any more.
    made_revision = models.PositiveIntegerField(default=0)
    # What was asked of it when it was last read (`scheduling.rosters.asked`); null: never.
    asked = models.JSONField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True)
    # Wishes that it refused at a revision, and why, as far as that was found out in time:
    # {"person", "day", "wants", "what", "rules", "dearer"}, as `scheduling.roster.refusals` has
    # them. Null: nobody has looked yet.
    refused = models.JSONField(default=list, blank=True)
    refused_revision = models.PositiveIntegerField(null=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    objects = KeptRosterQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster")
        verbose_name_plural = _("rosters")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=MOST_DAYS),
                name="roster_of_some_days",
                violation_error_message=_("A roster has 1 to 56 days."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | Q(state="published", published_at__isnull=False),
                name="roster_published_at_a_time",
            ),
        ]
        # Of a site, those of some days.
        indexes = [models.Index(fields=["site", "first_day"], name="roster_by_site")]

    def __str__(self) -> str:
        return f"{self.site}, {self.first_day}"

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class KeptShift(models.Model):
    """A shift that somebody has on a day of a roster; it may end on the next.

    `shape` is what the roster's problem called it (`scheduling.terms.shapes.shape_id`).
    `spells` are [start, end] of what is worked: one, or two of a split shift. `activities` lie
    within them: {"kind", "name", "start", "end", "is_pause", "is_paid"} of a kind of `Activity`,
    all moments UTC in ISO 8601. `worked_minutes` and `is_night` are as the site's rules told them
    when it was made; one of no minutes is on call. What `is_fixed` stays when the roster is made
    anew.
    """

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="shifts")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="shifts")
    day = models.DateField()
    # Rosters stay as they are when a template goes.
    template = models.ForeignKey(ShiftTemplate, models.SET_NULL, null=True, related_name="+")
    shape = models.CharField(max_length=40)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    worked_minutes = models.PositiveSmallIntegerField()
    is_night = models.BooleanField(default=False)
    spells = models.JSONField(default=list)
    activities = models.JSONField(default=list, blank=True)
    is_fixed = models.BooleanField(default=False)

    objects = KeptShiftQuerySet.as_manager()

    class Activity(models.TextChoices):
        """What of a shift is not for contacts."""

        PAUSE = "pause", _("Pause")
        TRAINING = "training", _("Training")
        COACHING = "coaching", _("Coaching")
        MEETING = "meeting", _("Meeting")
        OTHER = "other", _("Other work")

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["day", "begins_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["roster", "agent", "day"], name="kept_shift_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="kept_shift_ends_after_it_begins"
            ),
        ]
        # Of somebody, those of some days.
        indexes = [models.Index(fields=["agent", "day"], name="kept_shift_by_agent")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.day}: {self.shape}"

    @property
    def is_on_call(self) -> bool:
        """At home and to be called: it covers nothing."""
        return self.worked_minutes == 0


class RosterEdit(models.Model):
    """What somebody did with shifts of a roster at once, which leaves it at revision `number`.

    One that `undoes` another put back what that changed; an edit that undoes such a one does it
    again.
    """

    class Why(models.TextChoices):
        HAND = "hand", _("By hand")
        UNDO = "undo", _("Undone")
        REPAIR = "repair", _("Repaired after an absence")
        SWAP = "swap", _("Swap")
        COVER = "cover", _("Cover")
        GIVEN_UP = "given_up", _("Given up")
        OPEN = "open", _("Open shift")
        OVERTIME = "overtime", _("Overtime")
        TIME_OFF = "time_off", _("Voluntary time off")
        BID = "bid", _("Bid")
        INTRADAY = "intraday", _("During the day")

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    why = models.CharField(max_length=10, choices=Why, default=Why.HAND)
    note = models.CharField(max_length=300, blank=True)
    undoes = models.ForeignKey("self", models.CASCADE, null=True, related_name="undone_by")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a roster")
        verbose_name_plural = _("changes of rosters")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["roster", "number"], name="roster_edit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.roster_id}: {self.number}"


class ShiftChange(models.Model):
    """What an edit changed of somebody's day. `before` and `after` are shifts as
    `scheduling.rosters.given` writes them; null: off.

    One that `is_short` came later than the site's notice before its day, once people worked by the
    roster, and not by what they did themselves: it asks to be acknowledged.
    """

    edit = models.ForeignKey(RosterEdit, models.CASCADE, related_name="changes")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="shift_changes")
    day = models.DateField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    # Whether people worked by the roster already.
    is_published = models.BooleanField()
    is_short = models.BooleanField(default=False)
    acknowledged_at = models.DateTimeField(null=True)

    objects = ShiftChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a shift")
        verbose_name_plural = _("changes of shifts")
        ordering = ["-edit", "day", "agent"]
        constraints = [
            models.UniqueConstraint(fields=["edit", "agent", "day"], name="shift_change_once"),
        ]
        # Of somebody, those of some days.
        indexes = [models.Index(fields=["agent", "day"], name="shift_change_by_agent")]

    def __str__(self) -> str:
        return f"{self.edit_id}: {self.agent_id} {self.day}"


class RosterRun(models.Model):
    """The making of a roster: how long it may search, and what it found.

    `cost` and `bound` are in the measure in which a position that is missing for one slot costs 10
    (null: not known). `without` are agents who have no shifts, as their rules contradict each
    other: `conflicts` says which, and which rules between people do ({"rules", "ways", "people"},
    as `scheduling.roster.conflicts` has them; without rules it is not known which).
    """

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="runs")
    job = models.OneToOneField(Job, models.CASCADE, related_name="roster_run")
    seconds = models.PositiveSmallIntegerField(
        _("seconds"),
        default=60,
        validators=[MinValueValidator(FEWEST_SECONDS), MaxValueValidator(MOST_SECONDS)],
    )
    seed = models.PositiveIntegerField(default=1)
    cost = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    took_seconds = models.FloatField(null=True)
    is_cancelled = models.BooleanField(default=False)
    without = models.JSONField(default=list, blank=True)
    conflicts = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("making of a roster")
        verbose_name_plural = _("makings of rosters")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(seconds__gte=FEWEST_SECONDS, seconds__lte=MOST_SECONDS),
                name="roster_run_of_some_seconds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.roster_id}: {self.pk}"

    @property
    def is_proven(self) -> bool:
        """Whether no roster can cost less."""
        return self.cost is not None and self.bound is not None and self.bound >= self.cost


class RosterRepair(models.Model):
    """What is proposed to mend a roster after absences, or is being looked for by its job.

    `revision` is that of the roster at which it was thought of (null: nothing was found yet).
    `changes` are {"agent", "day", "before", "after", "is_away"}, people who are away first: shifts
    as `scheduling.rosters.given` writes them, null where somebody is off.
    """

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="repairs")
    job = models.OneToOneField(Job, models.CASCADE, related_name="roster_repair")
    revision = models.PositiveIntegerField(null=True)
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("repair of a roster")
        verbose_name_plural = _("repairs of rosters")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.roster_id}: {self.pk}"
