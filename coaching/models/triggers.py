"""Rules that propose sessions, what they proposed, and how much of it each night found."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.kept import Late
from ccm.models import Agent, Site, SurveyResponse, User
from ccm.models.words import LineField
from ccm.querysets import Viewer
from coaching.access import agents_coached, sites_coached
from coaching.models.querysets import day_at_site
from coaching.models.sessions import Session
from qa.models import CardCriterion

FEWEST_DAYS, MOST_DAYS, MOST_TIMES = 8, 180, 50
STANDING = ("open", "put_off")
"""States of proposals that nobody has decided on."""


class TriggerRuleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Rules of sites where the user coaches somebody."""
        return self.filter(site__in=sites_coached(user).order_by().values("pk"))

    def managed_by(self, user: Viewer) -> Self:
        """Those that the user changes: of sites managed."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class TriggerRule(models.Model):
    """What a night looks for at a site, and proposes a session for.

    A KPI that is worse over the last `days` than over as many before, by more than noise; of one
    that is better neither way by its definition, `worse` says which is. Or what
    went wrong `times` of the last `of` within `days`: of reviews a criterion without points (any,
    where none is named) or a failed review; of answers of callers those not above `below` of their
    scale; of days those of which less than `below` was as scheduled.
    """

    class Kind(models.TextChoices):
        KPI = "kpi", _("A KPI got worse")
        CRITERION = "criterion", _("A criterion was failed again and again")
        AUTOFAIL = "autofail", _("Reviews failed outright")
        SURVEY = "survey", _("Callers were not content")
        ADHERENCE = "adherence", _("The schedule was not kept")

    class Worse(models.TextChoices):
        UP = "up", _("it rises")
        DOWN = "down", _("it falls")

    SURVEYS = (SurveyResponse.Kind.CSAT, SurveyResponse.Kind.NPS)

    site = models.ForeignKey(Site, models.CASCADE, related_name="+", verbose_name=_("site"))
    kind = models.CharField(_("what"), max_length=9, choices=Kind)
    is_on = models.BooleanField(_("on"), default=False)
    days = models.PositiveSmallIntegerField(_("days"), default=28)
    kpi = models.CharField(_("KPI"), max_length=40, blank=True)
    worse = models.CharField(_("worse where"), max_length=4, choices=Worse, blank=True)
    criterion = models.ForeignKey(
        CardCriterion, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("criterion"),
    )  # fmt: skip
    survey = models.CharField(_("survey"), max_length=4, blank=True)
    times = models.PositiveSmallIntegerField(_("times"), default=3)
    of = models.PositiveSmallIntegerField(_("of the last"), default=5)
    below = models.FloatField(_("below"), default=0)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects = TriggerRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule that proposes sessions")
        verbose_name_plural = _("rules that propose sessions")
        ordering = ["site", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="kpi") & ~Q(kpi="")) | (~Q(kind="kpi") & Q(kpi="")),
                name="trigger_of_a_kpi",
            ),
            models.CheckConstraint(
                condition=Q(kind="kpi") | Q(worse=""), name="trigger_worse_of_a_kpi"
            ),
            models.CheckConstraint(
                condition=Q(kind="criterion") | Q(criterion=None), name="trigger_of_a_criterion"
            ),
            models.CheckConstraint(
                condition=(Q(kind="survey") & ~Q(survey="")) | (~Q(kind="survey") & Q(survey="")),
                name="trigger_of_a_survey",
            ),
            models.CheckConstraint(
                condition=Q(times__gte=1, times__lte=F("of"), of__lte=MOST_TIMES)
                & Q(days__gte=FEWEST_DAYS, days__lte=MOST_DAYS),
                name="trigger_of_some_times",
            ),
            models.CheckConstraint(
                condition=Q(below__gte=0, below__lte=1), name="trigger_below_of_all"
            ),
        ]

    def __str__(self) -> str:
        return str(self.Kind(self.kind).label)


class TriggerLimits(models.Model):
    """How much rules of a site propose: at most `per_week` of a supervisor's people, and nothing of
    somebody within `quiet_days` of a session that was held."""

    site = models.OneToOneField(Site, models.CASCADE, related_name="+")
    per_week = models.PositiveSmallIntegerField(_("proposals a week and supervisor"), default=5)
    quiet_days = models.PositiveSmallIntegerField(_("quiet days after a session"), default=14)

    class Meta:
        verbose_name = _("limits of proposals")
        verbose_name_plural = _("limits of proposals")
        constraints = [
            models.CheckConstraint(
                condition=Q(per_week__gte=1, per_week__lte=100, quiet_days__lte=92),
                name="trigger_limits_are_limits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id}: {self.per_week}"


class ProposalQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Proposals of agents whom the user coaches; own ones once they are decided on."""
        found = Q(agent__in=agents_coached(user).order_by().values("pk"))
        mine = scope_of(user).agent
        if mine is not None:
            found |= Q(agent=mine) & ~Q(state__in=STANDING)
        return self.filter(found)

    def decided_by(self, user: Viewer) -> Self:
        """Those of which the user says what becomes of them: nobody of own ones."""
        return self.filter(agent__in=agents_coached(user).order_by().values("pk"))

    def standing(self) -> Self:
        """Those that nobody has decided, put off or not."""
        return self.filter(state__in=STANDING)

    def waiting(self, today: Any) -> Self:
        """Those that somebody is to decide now."""
        return self.filter(Q(state="open") | Q(state="put_off", until__lte=today))

    def waiting_now(self, now: Late) -> Self:
        """The same, on the day of each row's site."""
        return self.alias(today=day_at_site(now)).waiting(F("today"))


class Proposal(models.Model):
    """A session that a rule proposes with an agent, for one `cause`, with what it was found by
    (`facts`, see `coaching.triggers.looking`). `surprise` is what more serious ones are told by
    (`coaching.triggers.surprise`). `lead` and `week` (its Monday) are those it was counted for."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PUT_OFF = "put_off", _("Put off")
        PLANNED = "planned", _("Planned")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")

    rule = models.ForeignKey(TriggerRule, models.PROTECT, related_name="proposals")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="proposals")
    lead = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    cause = models.CharField(max_length=60)
    surprise = models.FloatField()
    facts = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    week = models.DateField()
    made_at = models.DateTimeField()
    until = models.DateField(_("until"), null=True)
    why = LineField(_("why"), max_length=300, blank=True)
    session = models.ForeignKey(Session, models.SET_NULL, null=True, related_name="proposals")
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed session")
        verbose_name_plural = _("proposed sessions")
        ordering = ["-surprise", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "cause"],
                condition=Q(state__in=("open", "put_off")),
                name="proposal_once_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(state="put_off", until__isnull=False) | ~Q(state="put_off"),
                name="proposal_put_off_until_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(why=""), name="proposal_declined_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "state"], name="proposal_by_agent"),
            models.Index(fields=["rule", "state"], name="proposal_by_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.cause}"

    @property
    def is_standing(self) -> bool:
        return self.state in (self.State.OPEN, self.State.PUT_OFF)


class TriggerRun(models.Model):
    """What a night found at a site: how much, how much of it was proposed anew, and of whose people
    (by user; "": of nobody's) how much was not, as their week had all that it may."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    day = models.DateField()
    found = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    rest = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("night of proposals")
        verbose_name_plural = _("nights of proposals")
        constraints = [
            models.UniqueConstraint(fields=["site", "day"], name="trigger_run_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"
