"""Reads trials: lists, how far each is, and who takes part."""

from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, Team, TeamMembership
from ccm.querysets import Viewer
from coaching.models import Trial, TrialAgent
from kpis.choices import Choices
from kpis.definitions import KPIS


class State(StrEnum):
    """How far a trial is."""

    PLANNED = "planned"
    RUNNING = "running"
    WAITING = "waiting"
    """Over, and its last calls still come to their figures: see `told_on`."""
    OVER = "over"
    DECIDED = "decided"
    STOPPED = "stopped"


def state(trial: Trial, now: datetime, choices: Choices | None = None) -> State:
    """`choices`: the definitions of its last day, or of today where many are told."""
    if trial.stopped_at is not None:
        return State.STOPPED
    if trial.decision:
        return State.DECIDED
    if not trial.is_locked(now):
        return State.PLANNED
    if not is_over(trial, now):
        return State.RUNNING
    return State.OVER if is_told(trial, now, choices) else State.WAITING


def is_over(trial: Trial, now: datetime) -> bool:
    """Whether its last day is over at its site."""
    return bool(day_of(now, trial.site.calendar) > trial.ends_on)


def told_on(trial: Trial, choices: Choices | None = None) -> date:
    """The first day on which all of its calls have come to their figures: the one after its last,
    or, of a KPI for which callers might come again within days of it (`window_days`), after these.
    """
    kpi = KPIS.get(trial.kpi)
    waits = 0
    # Of others no definitions are looked up.
    if kpi is not None and any("repeats" in one.needs for one in kpi.variants):
        variant, parameters = (choices or Choices(trial.ends_on)).of(kpi, trial.site_id)
        waits = parameters.window_days if "repeats" in variant.reads(parameters) else 0
    return trial.ends_on + (1 + waits) * DAY


def is_told(trial: Trial, now: datetime, choices: Choices | None = None) -> bool:
    return bool(day_of(now, trial.site.calendar) >= told_on(trial, choices))


def listed(user: Viewer, site: str) -> QuerySet[Trial]:
    """Trials that the user sees, of a site or of all, with all that a list tells of them."""
    rows: QuerySet[Trial] = Trial.objects.visible_to(user)
    if site:
        rows = rows.filter(site__slug=site)
    return rows.with_agents().select_related("site", "team", "made_by", "decided_by")  # type: ignore[attr-defined]


def members(team: Team, day: date) -> set[int]:
    """Who is in a team on a day and has not left."""
    stays = TeamMembership.objects.filter(team=team, starts_on__lte=day, agent__left_on=None)
    stays = stays.filter(Q(ends_on=None) | Q(ends_on__gt=day))
    return {*stays.values_list("agent", flat=True)}


def at_the_same_time(
    site: Site, first: date, last: date, without: Trial | None = None
) -> QuerySet[Trial]:
    """Trials of a site that run, or are to run, on any of these days; none that was stopped
    before it began."""
    rows: QuerySet[Trial] = Trial.objects.filter(site=site, starts_on__lte=last, ends_on__gte=first)
    rows = rows.exclude(stopped_at__isnull=False, stopped_at__lte=F("begins_at"))
    return rows if without is None else rows.exclude(pk=without.pk)


def tried_too(trial: Trial) -> set[int]:
    """Agents who are no colleagues to compare with, for they may have done the same, or something
    else that was tried: who is in another trial on its days, and who was in its team on any of
    them. One query."""
    others = at_the_same_time(trial.site, trial.starts_on, trial.ends_on, trial)
    taking = TrialAgent.objects.filter(agent=OuterRef("pk"), trial__in=others.values("pk"))
    found = Q(Exists(taking))
    if trial.team_id is not None:
        stays = TeamMembership.objects.filter(agent=OuterRef("pk"), team=trial.team_id)
        stays = stays.filter(starts_on__lte=trial.ends_on)
        found |= Q(Exists(stays.filter(Q(ends_on=None) | Q(ends_on__gt=trial.starts_on))))
    rows = Agent.objects.filter(found, site=trial.site).order_by()
    return {*rows.values_list("pk", flat=True)}
