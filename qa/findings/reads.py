"""Reads findings, and who may be asked to see to one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from ccm.access import ADMIN, MANAGER, QA_ANALYST, SUPERVISOR, TRAINER, scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Queue, Site, TeamLead, TeamMembership, User
from ccm.querysets import Viewer
from qa.access import sees_all_of
from qa.cards import reads as cards
from qa.models import CardCriterion, Evaluation, Finding, Scorecard

STANDING = (Finding.State.OPEN, Finding.State.DOING)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to: "" is all; of `state` "standing" is what is not over, and "all"
    all."""

    site: str = ""
    kind: str = ""
    state: str = "standing"
    is_mine: bool = False
    is_overdue: bool = False


def visible(user: Viewer) -> QuerySet[Finding]:
    found: QuerySet[Finding] = Finding.objects.visible_to(user)
    return found


def kept(user: Viewer) -> QuerySet[Finding]:
    """Those that the user may change: all that they see but those about themselves."""
    scope = scope_of(user)
    rows = visible(user)
    return rows if scope.agent is None else rows.exclude(agent=scope.agent)


def found(user: Viewer, asked: Asked, now: datetime) -> QuerySet[Finding]:
    """The findings of a list, with all that it tells of them."""
    rows = visible(user)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.state == "standing":
        rows = rows.filter(state__in=STANDING)
    elif asked.state != "all":
        rows = rows.filter(state=asked.state)
    if asked.is_mine:
        rows = rows.filter(owner=user.pk)
    if asked.is_overdue:
        rows = rows.filter(_overdue(rows, now))
    return rows.select_related("site", "owner", "agent", "queue", "criterion__card")


def is_overdue(one: Finding, now: datetime) -> bool:
    """Whether its day is over at its site and nobody has ended it."""
    due: date | None = one.due_on
    return one.state in STANDING and due is not None and due < day_of(now, one.site.calendar)


def counts(user: Viewer, asked: Asked) -> Mapping[tuple[str, str], int]:
    """How many there are by kind and state, whatever of both a list is narrowed to. One query."""
    rows = visible(user)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.is_mine:
        rows = rows.filter(owner=user.pk)
    told = rows.order_by().values_list("kind", "state").annotate(many=Count("pk"))
    return {(kind, state): many for kind, state, many in told}


def owners(
    site: Site, now: datetime, agent: Agent | None = None, kind: str = Finding.Kind.TRAINING
) -> QuerySet[User]:
    """Who may see to a finding of a site: who sees its reviews, or leads one of its teams; of one
    about an `agent` who leads theirs. A training gap a trainer of the site may, too."""
    whole = Q(groups__name__in=(MANAGER, QA_ANALYST), sites=site)
    led = _leads(site, now)
    if agent is not None:
        today = day_of(now, site.calendar)
        stays = TeamMembership.objects.filter(agent=agent, starts_on__lte=today)
        there = stays.filter(Q(ends_on=None) | Q(ends_on__gt=today))
        led = led.filter(team__in=there.values("team"))
    lead = Q(groups__name=SUPERVISOR, pk__in=led.values("supervisor"))
    found = Q(is_superuser=True) | Q(groups__name=ADMIN) | whole | lead
    if kind == Finding.Kind.TRAINING:
        found |= Q(groups__name=TRAINER, sites=site)
    rows = User.objects.filter(found, is_active=True)
    if agent is not None and agent.user_id is not None:
        rows = rows.exclude(pk=agent.user_id)
    return rows.distinct().order_by("username")


def may_own(user: User, site: Site, agent: Agent | None, kind: str) -> bool:
    """Whether somebody sees what a finding is about: of an agent who leads them, or sees all of
    the site; of a training gap a trainer of the site, who sees no other finding than their own.
    Nobody sees to what is about themselves."""
    if agent is not None and agent.user_id == user.pk:
        return False
    if sees_all_of(user, site.pk):
        return True
    scope = scope_of(user)
    if kind == Finding.Kind.TRAINING and scope.has(TRAINER) and site.pk in scope.sites:
        return True
    if agent is None:
        return site.pk in scope.team_sites
    led = Agent.objects.answered_for_by(user).exclude(user=user.pk)
    return bool(led.filter(pk=agent.pk).exists())


def agents(user: Viewer, site: Site) -> QuerySet[Agent]:
    """Agents of a site about whom the user makes findings."""
    rows = Agent.objects.filter(site=site)
    if not sees_all_of(user, site.pk):
        rows = Agent.objects.answered_for_by(user).filter(site=site)
    return rows.exclude(user=user.pk, user__isnull=False).order_by("name")


def queues(user: Viewer, site: Site) -> QuerySet[Queue]:
    return Queue.objects.visible_to(user).filter(site=site).order_by("name")


def criteria(user: Viewer, site: Site) -> QuerySet[CardCriterion]:
    """Those that reviews of a site are scored by, by their scorecards."""
    rows = cards.scored(Scorecard.objects.visible_to(user).of_site(site.pk))
    return rows.select_related("card").order_by("card__name", "card", "pk")


def review(user: Viewer, pk: int) -> Evaluation | None:
    """A finished review that a finding can be made of; None: none that the user sees, or of their
    own calls."""
    rows = Evaluation.objects.visible_to(user).done().select_related("site", "agent", "queue")
    scope = scope_of(user)
    if scope.agent is not None:
        rows = rows.exclude(agent=scope.agent)
    rows = rows.select_related("version")
    one: Evaluation | None = rows.filter(pk=pk).first()
    return one if one is not None and makes_of(user, one) else None


def makes_of(user: Viewer, review: Evaluation) -> bool:
    """Whether the user makes findings of a review that they see: of one that is done, and not of
    their own calls."""
    scope = scope_of(user)
    at_site = sees_all_of(user, review.site_id) or review.site_id in scope.team_sites
    return at_site and bool(review.is_done) and scope.agent != review.agent_id


def new_url(user: Viewer, review: Evaluation) -> str:
    """Where the user makes a finding of a review that they see; "": they make none."""
    return f"{reverse('finding_new')}?review={review.pk}" if makes_of(user, review) else ""


def praise_of(agent: int) -> QuerySet[Finding]:
    """What an agent reads of the praise that reviews of their calls led to, the newest first."""
    rows = Finding.objects.filter(agent=agent, kind=Finding.Kind.PRAISE)
    rows = rows.exclude(state=Finding.State.DROPPED)
    return rows.select_related("made_by", "criterion", "evaluation", "queue").order_by(
        "-made_at", "-pk"
    )


def facts() -> dict[str, Any]:
    """The findings that wait for a user, to find with them."""
    return {"findings_to_see_to": ArraySubquery(_waiting(OuterRef("pk")).values("pk"))}


def count(user: User) -> int:
    """How many findings wait for a user; no query where `facts` came with them."""
    known: list[int] | None = getattr(user, "findings_to_see_to", None)
    return _waiting(user.pk).count() if known is None else len(known)


def _waiting(user: Any) -> QuerySet[Finding]:
    """As their list has them: without those of a call that they are still to score."""
    within = OuterRef(user) if isinstance(user, OuterRef) else user
    todo = Evaluation.objects.open().filter(call=OuterRef("evaluation__call"), reviewer=within)
    rows = Finding.objects.filter(~Exists(todo) | Q(evaluation__reviewer=user), owner=user)
    return rows.filter(state__in=STANDING).order_by("pk")


def _overdue(rows: QuerySet[Finding], now: datetime) -> Q:
    """Those of which `is_overdue` says so, each by the day of its site. One query."""
    late = Q(pk__in=[])
    for site in Site.objects.filter(pk__in=rows.order_by().values("site")):
        late |= Q(site=site, due_on__lt=day_of(now, site.calendar))
    return late & Q(state__in=STANDING)


def _leads(site: Site, now: datetime) -> QuerySet[TeamLead]:
    today = day_of(now, site.calendar)
    rows = TeamLead.objects.filter(team__site=site)
    begun = Q(starts_on=None) | Q(starts_on__lte=today)
    return rows.filter(begun, Q(ends_on=None) | Q(ends_on__gt=today))
