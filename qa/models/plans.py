"""How calls are drawn, what was drawn, and a site's rules of quality review."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.intervals import last_day
from ccm.models import Agent, Call, Direction, Queue, Site, Team, User
from ccm.models.words import LineField
from qa.models.querysets import DrawnCallQuerySet, OfSitesQuerySet
from qa.models.scorecards import Scorecard


class QualityRules(models.Model):
    """What holds for a site's reviews: how long an agent has to dispute, a reviewer to answer and
    an agent to escalate (days), whether a call whose caller was never asked may be heard, and what
    is masked in transcripts (kinds of `qa.transcripts`). A site without a row has the defaults."""

    site = models.OneToOneField(Site, models.CASCADE, related_name="quality_rules")
    dispute_days = models.PositiveSmallIntegerField(_("days to dispute"), default=7)
    answer_days = models.PositiveSmallIntegerField(_("days to answer a dispute"), default=5)
    escalate_days = models.PositiveSmallIntegerField(_("days to escalate"), default=5)
    needs_consent = models.BooleanField(
        _("reviewed only where the caller agreed to be recorded"), default=False
    )
    masked = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    objects = OfSitesQuerySet.as_manager()

    class Meta:
        verbose_name = _("rules of quality review")
        verbose_name_plural = _("rules of quality review")
        ordering = ["site"]

    # Whether the region of the site asks for it, whatever the site says (`qa.reviews.facts`).
    must_agree = False

    def __str__(self) -> str:
        return str(self.site)

    @property
    def asks_consent(self) -> bool:
        """Whether nobody hears or reads a call of which nobody knows that the caller agreed."""
        return self.needs_consent or self.must_agree


class SamplingPlan(models.Model):
    """So many calls of each agent, drawn at random each week, two weeks or month, to be reviewed by
    a scorecard.

    No teams or queues: all of the site's. `shortest_s` are seconds of talk below which a call is
    left out, and `needs_record` leaves out those without a known recording and without a
    transcript. `strata` are what calls are told apart by, `bands` the ends of bands of length in
    seconds; `allocation` and `parts` how a draw is shared over strata (`qa.sampling.allocation`):
    `parts` are numbers of calls or shares by the stratum's label. `several_share` of calls is
    reviewed by `several` people who do not see each other.
    """

    class Cadence(models.TextChoices):
        WEEKLY = "weekly", _("Every week")
        BIWEEKLY = "biweekly", _("Every two weeks")
        MONTHLY = "monthly", _("Every month")

    class Stratum(models.TextChoices):
        QUEUE = "queue", _("Queue")
        LENGTH = "length", _("Length")
        TIME = "time", _("Time of day")
        NEW_HIRE = "new_hire", _("New hire")
        DISPOSITION = "disposition", _("Disposition")
        LOW_CSAT = "low_csat", _("Low survey")
        TRANSFER = "transfer", _("Transfer")
        REPEAT = "repeat", _("Repeat caller")

    class Allocation(models.TextChoices):
        PROPORTIONAL = "proportional", _("As calls come")
        FIXED = "fixed", _("So many of each")
        SHARES = "shares", _("More of some")

    class Release(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        AT_DAY = "at_day", _("Some days after the review")
        BY_HAND = "by_hand", _("By hand")

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="sampling_plans", verbose_name=_("site")
    )
    name = LineField(_("name"), max_length=120)
    card = models.ForeignKey(
        Scorecard, models.PROTECT, related_name="plans", verbose_name=_("scorecard")
    )
    cadence = models.CharField(
        _("how often"), max_length=8, choices=Cadence, default=Cadence.WEEKLY
    )
    starts_on = models.DateField(_("from"))
    ended_on = models.DateField(_("ended"), null=True, blank=True)
    per_agent = models.PositiveSmallIntegerField(
        _("calls of each agent"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    teams = models.ManyToManyField(Team, blank=True, related_name="+", verbose_name=_("teams"))
    queues = models.ManyToManyField(Queue, blank=True, related_name="+", verbose_name=_("queues"))
    direction = models.CharField(
        _("direction"), max_length=10, choices=Direction, blank=True, default=""
    )
    shortest_s = models.PositiveIntegerField(_("shortest talk in seconds"), default=30)
    needs_record = models.BooleanField(
        _("recording or transcript"), default=False, db_default=False
    )
    strata = ArrayField(
        models.CharField(max_length=12, choices=Stratum),
        default=list,
        blank=True,
        verbose_name=_("told apart by"),
    )
    bands = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    new_hire_days = models.PositiveSmallIntegerField(_("new hire for days"), default=90)
    repeat_days = models.PositiveSmallIntegerField(_("repeat caller within days"), default=7)
    allocation = models.CharField(
        _("shared"), max_length=12, choices=Allocation, default=Allocation.PROPORTIONAL
    )
    parts = models.JSONField(default=dict, blank=True)
    several_share = models.DecimalField(
        _("share reviewed by several"), max_digits=3, decimal_places=2, default=Decimal("0.10")
    )
    several = models.PositiveSmallIntegerField(_("reviewers of these"), default=2)
    due_days = models.PositiveSmallIntegerField(_("days to review"), default=7)
    release = models.CharField(
        _("released"), max_length=8, choices=Release, default=Release.AT_ONCE
    )
    release_days = models.PositiveSmallIntegerField(_("days until release"), default=0)

    objects = OfSitesQuerySet.as_manager()

    class Meta:
        verbose_name = _("sampling plan")
        verbose_name_plural = _("sampling plans")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="sampling_plan_once_a_site",
                violation_error_message=_("There is another plan of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(several_share__gte=0, several_share__lte=1, several__gte=2),
                name="sampling_plan_several_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(per_agent__gte=1), name="sampling_plan_draws_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanReviewer(models.Model):
    """Somebody who reviews for a plan, at most `capacity` calls a period; null: all that come."""

    plan = models.ForeignKey(SamplingPlan, models.CASCADE, related_name="reviewers")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    capacity = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "user"], name="plan_reviewer_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class PlanDraw(models.Model):
    """A plan's draw of one period, days [first_day, next_day) of the site.

    With `seed` and the calls that its agents keep it can be repeated by anybody. `how` is the plan
    as it was then; `digest` is of all eligible calls of all agents.
    """

    plan = models.ForeignKey(SamplingPlan, models.PROTECT, related_name="draws")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    first_day = models.DateField()
    next_day = models.DateField()
    seed = models.CharField(max_length=64)
    how = models.JSONField()
    digest = models.CharField(max_length=64)
    eligible = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = OfSitesQuerySet.as_manager()

    class Meta:
        verbose_name = _("draw of calls")
        verbose_name_plural = _("draws of calls")
        ordering = ["-first_day", "plan"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "first_day"], name="plan_draw_once_a_period"),
            models.CheckConstraint(
                condition=Q(next_day__gt=F("first_day")), name="plan_draw_has_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.first_day}"

    @property
    def due_day(self) -> date:
        """The day of the site by whose end its reviews are due."""
        return last_day(self.due_at, self.site.calendar)


class AgentDraw(models.Model):
    """What was drawn from one agent's calls of a period.

    `calls` are the ids of all that were eligible, 16 bytes each, in their order; `strata` the
    labels of strata, and `of_strata` the place of each call's in them, 2 bytes each. `refused`
    tells of calls that turned out not to be reviewable why not (`qa.sampling.swap`). `wanted` were
    to be drawn; fewer calls may have been. An agent has one of each draw, or two where two names
    became one since.
    """

    draw = models.ForeignKey(PlanDraw, models.CASCADE, related_name="agents")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    wanted = models.PositiveSmallIntegerField()
    eligible = models.PositiveIntegerField()
    calls = models.BinaryField()
    strata = models.JSONField(default=list)
    of_strata = models.BinaryField()
    digest = models.CharField(max_length=64)
    refused = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("draw of an agent's calls")
        verbose_name_plural = _("draws of agents' calls")
        ordering = ["draw", "agent"]

    def __str__(self) -> str:
        return f"{self.draw}: {self.agent}"


class DrawnCall(models.Model):
    """A call that chance has drawn, one of `n` of the `of` of its layer that could be reviewed: its
    inclusion probability. One that was swapped stays, with who did it and why.

    `stratum` is the label of its own one; its layer may have others, too (`qa.plans.kept.layers`).
    """

    class State(models.TextChoices):
        STANDING = "standing", _("Drawn")
        SWAPPED = "swapped", _("Swapped")

    class Reason(models.TextChoices):
        NO_RECORDING = "no_recording", _("There is no recording")
        NO_CONSENT = "no_consent", _("The caller did not agree to be recorded")
        UNUSABLE = "unusable", _("The recording cannot be understood")
        NO_TALK = "no_talk", _("Nobody talked: a wrong connection or a test")
        WRONG_AGENT = "wrong_agent", _("Somebody else took the call")
        LANGUAGE = "language", _("No reviewer speaks its language")
        OTHER = "other", _("Something else")

    drawn = models.ForeignKey(AgentDraw, models.CASCADE, related_name="drawn")
    call = models.ForeignKey(Call, models.DO_NOTHING, related_name="+", db_constraint=False)
    layer = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    of = models.PositiveIntegerField()
    stratum = LineField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.STANDING)
    swap_reason = models.CharField(_("why"), max_length=12, choices=Reason, blank=True)
    swap_words = LineField(_("in words"), max_length=300, blank=True)
    swapped_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    swapped_at = models.DateTimeField(null=True)
    replaced_by = models.OneToOneField("self", models.SET_NULL, null=True, related_name="replaces")

    objects = DrawnCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("drawn call")
        verbose_name_plural = _("drawn calls")
        ordering = ["drawn", "layer", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["drawn", "call"], name="drawn_call_once"),
            models.CheckConstraint(
                condition=Q(n__gte=1, of__gte=F("n")), name="drawn_call_has_a_probability"
            ),
            models.CheckConstraint(
                condition=Q(state="standing", swap_reason="")
                | (Q(state="swapped", swapped_at__isnull=False) & ~Q(swap_reason="")),
                name="drawn_call_swapped_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.call_id)
