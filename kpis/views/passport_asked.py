"""What the address of a passport asks for, as far as its reader may see it; else 404."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast, get_args

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.intervals import FIRST_YEAR, LAST_YEAR
from ccm.models import Agent, Queue, Site, Team
from ccm.views.failures import Misread
from kpis import dimensions
from kpis.definitions import UnknownKpi
from kpis.dimensions import By
from kpis.passports import passport as passports
from kpis.passports.passport import Passport, Scope
from kpis.sight import known_to

# An address names no more keys than this.
MOST_KEYS = 100
# What narrows the calls of a passport, and is none of its own address.
_OF_LIST = ("side", "reason", "outcome", "of_queue", "of_agent", "q", "page", "export")


def scope_asked(request: HttpRequest) -> Scope:
    """What the address asks for, if the reader may see it; else 404, in words where its days
    cannot be.

    Site and queue figures are for those who see them; an agent's figures for whoever may know
    the agent, the agent first of all.
    """
    asked = request.GET
    user = request.user
    try:
        first = date.fromisoformat(asked.get("from", ""))
        last = date.fromisoformat(asked.get("to", ""))
    except ValueError as no_date:
        raise Misread(_("The dates could not be read; write YYYY-MM-DD.")) from no_date
    if last < first:
        raise Misread(_("The last day is before the first."))
    if first.year < FIRST_YEAR or last.year > LAST_YEAR:
        words = _("Choose days between %(first)d and %(last)d.")
        raise Misread(words % {"first": FIRST_YEAR, "last": LAST_YEAR})
    agent = queue = None
    if asked.get("agent"):
        agents = Agent.objects.visible_to(user).select_related("site")
        agent = get_object_or_404(agents, pk=number(asked["agent"]))
    sites = Site.objects.visible_to(user) if agent else Site.objects.with_figures_for(user)
    site = get_object_or_404(sites, slug=asked.get("site", ""))
    if agent is not None and agent.site_id != site.pk:
        raise Http404
    if asked.get("queue"):
        queues = Queue.objects.filter(site=site)
        queue = get_object_or_404(queues, pk=number(asked["queue"]))
    only = _only(asked.getlist("only"))
    names = _within_reach(request, site, only) if only else {}
    return Scope(site, first, last, queue, agent, only, passports.words_of(only, site.tz, names))


def _only(said: list[str]) -> dict[By, list[Any]]:
    """The keys of other dimensions that the address names, as "topic:12"; else 404."""
    only: dict[By, list[Any]] = {}
    for named in said[:MOST_KEYS]:
        name, _colon, key = named.partition(":")
        if name not in get_args(By):
            raise Http404
        try:
            only.setdefault(cast(By, name), []).append(dimensions.read(cast(By, name), key))
        except (ValueError, OverflowError) as unread:
            raise Http404 from unread
    if len(only.get("direction", [])) > 1:
        raise Http404
    return only


def _within_reach(
    request: HttpRequest, site: Site, only: Mapping[By, list[Any]]
) -> dict[By, Mapping[int, str]]:
    """The names of queues, teams and agents, by id; 404 for one whose figures are not the reader's.
    What nobody did, and no team, is for those who see every agent of the site."""
    scope = scope_of(request.user)
    reachable: dict[By, Any] = {
        "queue": Queue.objects.filter(site=site),
        "team": Team.objects.visible_to(request.user).filter(site=site),
        "agent": Agent.objects.visible_to(request.user).filter(site=site),
    }
    names: dict[By, Mapping[int, str]] = {}
    for by, rows in reachable.items():
        keys = set(only.get(by, ()))
        sees_all = scope.everything or site.pk in scope.agent_sites
        if None in keys and by != "queue" and not sees_all:
            raise Http404
        keys.discard(None)
        if keys:
            names[by] = dict(rows.filter(pk__in=keys).values_list("pk", "name"))
            if len(names[by]) != len(keys):
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
        knows = known_to(request.user, [scope.site], scope.agent)
        return passports.issue(request.GET.get("kpi", ""), scope, knows, alone, beside)
    except UnknownKpi as unknown:
        raise Misread(_("Of this figure: %(why)s.") % {"why": unknown}) from unknown


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
