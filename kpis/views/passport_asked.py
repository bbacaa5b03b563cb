"""What the address of a passport asks for, as far as its reader may see it; else 404."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django.db.models import Value
from django.db.models.fields import CharField
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from ccm import days_asked, long_reads
from ccm.access import scope_of
from ccm.days_asked import Misdated
from ccm.intervals import day_of
from ccm.models import Agent, Queue, Site, Team
from ccm.views.failures import Misread
from kpis import dimensions
from kpis.declaration import Need
from kpis.definitions import UnknownKpi
from kpis.dimensions import By
from kpis.named import ROWS
from kpis.passports import passport as passports
from kpis.passports.passport import Passport, Scope
from kpis.reads import anew
from kpis.reports import partial
from kpis.sight import Sight

# An address names no more keys than this.
MOST_KEYS = 100
# What narrows the calls of a passport, and is none of its own address.
_OF_LIST = ("side", "reason", "outcome", "of_queue", "of_agent", "q", "page", "export")


def scope_asked(request: HttpRequest) -> Scope:
    """What the address asks for, if the reader may see it; else 404, in words where its days
    cannot be.

    Site and queue figures are for those who see them; an agent's figures for whoever may know
    the agent, the agent first of all. A report of several sites may be of a day that has begun at
    one of them alone, so days may be any that have begun at a site of the reader's.
    """
    asked = request.GET
    user = request.user
    try:
        first, last = days_asked.both(asked.get("from", ""), asked.get("to", ""))
    except Misdated as why:
        raise Misread(str(why)) from why
    agent = queue = None
    slug = asked.get("site", "")
    if asked.get("agent"):
        seen = Site.objects.visible_to(user).filter(slug=slug)
        agents = Agent.objects.visible_to(user).filter(site__in=seen).select_related("site")
        found: Any = agents.annotate(**anew.age("site"))
        row = agent = get_object_or_404(found, pk=number(asked["agent"]))
        site = agent.site
    else:
        sites: Any = Site.objects.with_figures_for(user).annotate(**anew.age())
        row = site = get_object_or_404(sites, slug=slug)
    _refuse_to_come(request, site, first, last)
    if asked.get("queue"):
        queues = Queue.objects.filter(site=site)
        queue = get_object_or_404(queues, pk=number(asked["queue"]))
    only = _only(asked.getlist("only"))
    names = _within_reach(request, site, only, agent) if only else {}
    said = passports.words_of(only, site.tz, names)
    return Scope(site, first, last, queue, agent, only, said, anew.age_by(row, site))


def _refuse_to_come(request: HttpRequest, site: Site, first: date, last: date) -> None:
    now = long_reads.asked_at()
    sites = [site]
    if last > day_of(now, site.calendar):
        sites += Site.objects.with_figures_for(request.user)
    try:
        days_asked.refuse_to_come(first, last, partial.todays_of(sites, now).values())
    except Misdated as why:
        raise Misread(str(why)) from why


def _only(said: list[str]) -> dict[By, list[Any]]:
    """The keys of other dimensions that the address names, as "topic:12"; else 404."""
    only: dict[By, list[Any]] = {}
    for named in said[:MOST_KEYS]:
        name, _colon, key = named.partition(":")
        if name not in dimensions.NAMES:
            raise Http404
        try:
            only.setdefault(cast(By, name), []).append(dimensions.read(cast(By, name), key))
        except (ValueError, OverflowError) as unread:
            raise Http404 from unread
    if len(only.get("direction", [])) > 1:
        raise Http404
    return only


def _within_reach(
    request: HttpRequest, site: Site, only: Mapping[By, list[Any]], person: Agent | None
) -> Mapping[By, Mapping[int, str]]:
    """The names of what the keys name, by id; 404 for a queue, team or agent whose figures are not
    the reader's. What nobody did, and no team, is for those who see every agent of the site. Of a
    `person` whom the reader may know each team that they were in tells a part, and none."""
    scope = scope_of(request.user)
    teams = Team.objects.visible_to(request.user)
    if person is not None:
        teams |= Team.objects.filter(memberships__agent=person)
    rows: dict[By, Any] = dict(ROWS) | {
        "queue": Queue.objects.filter(site=site),
        "team": teams.filter(site=site),
        "agent": Agent.objects.visible_to(request.user).filter(site=site),
    }
    sees_all = scope.everything or site.pk in scope.agent_sites
    asked: dict[By, set[Any]] = {by: set(keys) for by, keys in only.items() if by in rows}
    nobodys: tuple[By, ...] = ("agent", "team") if person is None else ("agent",)
    if not sees_all and any(None in asked.get(by, ()) for by in nobodys):
        raise Http404
    names: dict[By, dict[int, str]] = {by: {} for by in asked}
    many = [
        rows[by]
        .filter(pk__in=keys - {None})
        .order_by()
        .annotate(kind=Value(by, output_field=CharField()))
        .values_list("kind", "pk", "name")
        for by, keys in asked.items()
    ]
    if many:
        for by, pk, name in many[0].union(*many[1:], all=True):
            names[by][pk] = name
    for by, keys in asked.items():
        if by in ("queue", "team", "agent") and names[by].keys() != keys - {None}:
            raise Http404
    return names


def number(word: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise Http404
    return int(word)


def issued(
    request: HttpRequest, scope: Scope, alone: bool = False, beside: Sequence[str] = ()
) -> Passport:
    """The passport that the address asks for in a scope, with definitions `beside`; 404, in words,
    for no KPI there is."""
    try:
        knows = _known(request, scope)
        return passports.issue(request.GET.get("kpi", ""), scope, knows, alone, beside)
    except UnknownKpi as unknown:
        raise Misread(_("Of this figure: %(why)s.") % {"why": unknown}) from unknown


def _known(request: HttpRequest, scope: Scope) -> frozenset[Need]:
    """What of the figures of a scope the reader may know, of those that not everybody may."""
    agents = scope.only.get("agent") if scope.agent is None else [scope.agent.pk]
    sight = Sight.of(request.user, scope.site.pk, agents or ())
    return sight.knows(scope.site.pk, agents, scope.only.get("team"))


def sees_calls(request: HttpRequest) -> bool:
    """Planners and trainers see volumes, not calls."""
    scope = scope_of(request.user)
    return scope.everything or bool(scope.call_sites or scope.teams) or scope.agent is not None


def sees_all(request: HttpRequest, scope: Scope) -> bool:
    """Whether the reader may open every call of the scope. Of a site or a queue a supervisor
    may not; of an agent, whoever may see the agent's figures may."""
    reach = scope_of(request.user)
    return reach.everything or scope.agent is not None or scope.site.pk in reach.call_sites


def kept(request: HttpRequest) -> list[tuple[str, str]]:
    """The address of the passport itself, as pairs."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        if name not in _OF_LIST
        for value in values
    ]
