"""A figure's passport, as a page and as the drawer that a click on the figure opens."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast, get_args
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from ccm.access import scope_of
from ccm.intervals import FIRST_YEAR, LAST_YEAR
from ccm.models import Agent, Call, Queue, Site, Team
from ccm.querysets import CallQuerySet
from kpis import definitions, dimensions
from kpis.choosing import beside, words
from kpis.definitions import UnknownKpi
from kpis.dimensions import By
from kpis.noise import Verdict
from kpis.passports import passport as passports
from kpis.passports.passport import DENOMINATOR, NUMERATOR, Passport, Scope
from kpis.sight import known_to
from kpis.standing import standing
from kpis.sums.agent_time import AgentTime
from kpis.views import shared

# Calls listed in the drawer; the page of all of them turns.
FIRST, PAGE = 12, 50
# An address names no more keys than this.
MOST_KEYS = 100


@login_required
@require_GET
@vary_on_headers("HX-Request")
def passport(request: HttpRequest) -> HttpResponse:
    scope = _scope(request)
    made = _issued(request, scope)
    if "time" in made.figure.variant.needs:
        return _show(request, _drawn(request, made) | _times(request, made))
    if not any(made.figure.variant.behind(made.figure.parameters)):
        return _show(request, _drawn(request, made))
    sides = _sides(request, made) if _sees_calls(request) else []
    # Nobody in the numerator: whom it was counted over is of more help.
    fullest = next((str(one["side"]) for one in sides if one["count"]), NUMERATOR)
    side = request.GET.get("side", fullest)
    found = passports.calls(made, side, request.user)
    listed = list(_in_order(found, made)[:FIRST])
    return _show(request, _drawn(request, made) | _calls(request, made, listed, side, sides))


def _show(request: HttpRequest, drawn: dict[str, object]) -> HttpResponse:
    context = {"passport": drawn, "back_url": reverse("home"), "back": _("Home")}
    partial = "HX-Request" in request.headers
    template = "_partials/passport.html" if partial else "kpis/passport.html"
    return render(request, template, context)


@login_required
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Every call of a figure's numerator or denominator, paged; 404 for who sees no calls."""
    scope = _scope(request)
    if not _sees_calls(request):
        raise Http404
    made = _issued(request, scope)
    side = request.GET.get("side", NUMERATOR)
    found = passports.calls(made, side, request.user)
    pages = Paginator(_in_order(found, made), PAGE)
    pages.count = _how_many(request, made, side)
    page = pages.get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "name": made.figure.kpi.name,
        "side": _side_words(side),
        "scope": scope,
        "page": page,
        "calls": [_row(call) for call in page],
        "zone": scope.site.zone,
        "passport_url": f"{reverse('passport')}?{query.urlencode()}",
        "query": query.urlencode(),
    }
    return render(request, "kpis/passport_calls.html", context)


def _scope(request: HttpRequest) -> Scope:
    """What the address asks for, if the reader may see it; else 404.

    Site and queue figures are for those who see them; an agent's figures for whoever may know
    the agent, the agent first of all.
    """
    asked = request.GET
    user = request.user
    try:
        first = date.fromisoformat(asked.get("from", ""))
        last = date.fromisoformat(asked.get("to", ""))
    except ValueError as no_date:
        raise Http404 from no_date
    if last < first or first.year < FIRST_YEAR or last.year > LAST_YEAR:
        raise Http404
    agent = queue = None
    if asked.get("agent"):
        agents = Agent.objects.visible_to(user).select_related("site")
        agent = get_object_or_404(agents, pk=_number(asked["agent"]))
    sites = Site.objects.visible_to(user) if agent else Site.objects.with_figures_for(user)
    site = get_object_or_404(sites, slug=asked.get("site", ""))
    if agent is not None and agent.site_id != site.pk:
        raise Http404
    if asked.get("queue"):
        queues = Queue.objects.filter(site=site)
        queue = get_object_or_404(queues, pk=_number(asked["queue"]))
    only = _only(asked.getlist("only"))
    if only:
        _refuse_out_of_reach(request, site, only)
    return Scope(site, first, last, queue, agent, only, passports.words_of(only, site.tz))


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


def _refuse_out_of_reach(request: HttpRequest, site: Site, only: Mapping[By, list[Any]]) -> None:
    """404 for a queue, team or agent whose figures are not the reader's. What nobody did, and no
    team, is for those who see every agent of the site."""
    scope = scope_of(request.user)
    reachable: dict[By, Any] = {
        "queue": Queue.objects.filter(site=site),
        "team": Team.objects.visible_to(request.user).filter(site=site),
        "agent": Agent.objects.visible_to(request.user).filter(site=site),
    }
    for by, rows in reachable.items():
        keys = set(only.get(by, ()))
        sees_all = scope.everything or site.pk in scope.agent_sites
        if None in keys and by != "queue" and not sees_all:
            raise Http404
        keys.discard(None)
        if keys and rows.filter(pk__in=keys).count() != len(keys):
            raise Http404


def _number(word: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise Http404
    return int(word)


def _issued(request: HttpRequest, scope: Scope) -> Passport:
    if request.GET.get("side", NUMERATOR) not in (NUMERATOR, DENOMINATOR):
        raise Http404
    try:
        knows = known_to(request.user, [scope.site], scope.agent)
        return passports.issue(request.GET.get("kpi", ""), scope, knows)
    except UnknownKpi as unknown:
        raise Http404 from unknown


def _drawn(request: HttpRequest, made: Passport) -> dict[str, object]:
    one, scope = made.figure, made.scope
    asked = request.GET.get("kpi", "")
    asked_beside = shared.others(request.GET.get("definition", ""))
    level, word = standing(one, Verdict())
    return {
        "name": one.kpi.name,
        "value": one.value,
        "unit": one.unit,
        "scale": one.currency,
        "level": level,
        "word": word,
        "scope": scope.who,
        "period": scope.days,
        "zone": scope.site.zone,
        "as_of": made.newest_at,
        "counted_at": made.counted_at,
        "now": timezone.now(),
        "words": made.words,
        "formula": one.variant.formula,
        "variant": one.variant.id,
        "source": one.variant.source,
        "since": made.changes[-1].day if made.changes and ":" not in asked else None,
        "marks": [words.of_change(change) for change in made.changes if change.day > scope.first],
        "beside": [
            {
                "id": other.variant.id,
                "value": other.value,
                "unit": other.unit,
                "words": definitions.passport(other.kpi, other.variant, other.parameters),
            }
            for other in beside.other_of(made.others, asked_beside)
        ],
        "n": one.n,
        "n_words": one.of or made.unit_words,
        "made_of": one.made_of,
        "reason": one.reason,
        "caution": one.caution,
        "approximate": one.approximate,
        "left_out": one.left_out,
        "variants": [
            {
                "id": other.variant.id,
                "words": definitions.passport(one.kpi, other.variant, other.parameters),
                "value": other.value,
                "unit": other.unit,
                "currency": other.currency,
                "n": other.n,
                "chosen": other.variant is one.variant,
            }
            for other in (one, *made.others)
        ]
        if made.others
        else [],
    }


def _calls(
    request: HttpRequest,
    made: Passport,
    found: list[Call],
    side: str,
    sides: list[dict[str, object]],
) -> dict[str, object]:
    """The calls that were counted, as far as the reader may open them."""
    may_see_calls = _sees_calls(request)
    return {
        "sides": sides,
        "listed": _("Listed: those %(side)s.") % {"side": _side_words(side)},
        "calls": [_row(call) for call in found] if may_see_calls else [],
        "hidden": not may_see_calls,
        "partly": may_see_calls and not _sees_all(request, made.scope),
    }


def _times(request: HttpRequest, made: Passport) -> dict[str, object]:
    """The time that was summed: all of it on the page, the most of it in the drawer."""
    rows = passports.times(made, request.user)
    shown = rows[:FIRST] if "HX-Request" in request.headers else rows
    return {
        "times": [{"of": row.of, **_spent(row.time)} for row in shown],
        "more": len(rows) - len(shown),
        "all_url": request.get_full_path(),
        "partly": not _sees_all(request, made.scope),
    }


def _spent(time: AgentTime) -> dict[str, float]:
    """Seconds of each part."""
    return {
        "handling": time.handling_ms / 1000,
        "ringing": time.ringing_ms / 1000,
        "paused": time.paused_ms / 1000,
        "other": time.other_ms / 1000,
        "ready": time.ready_ms / 1000,
        "logged_in": time.logged_in_ms / 1000,
        "untold": time.untold_ms / 1000,
    }


def _sees_calls(request: HttpRequest) -> bool:
    """Planners and trainers see volumes, not calls."""
    scope = scope_of(request.user)
    return scope.everything or bool(scope.call_sites or scope.teams) or scope.agent is not None


def _sees_all(request: HttpRequest, scope: Scope) -> bool:
    """Whether the reader may open every call of the scope. Of a site or a queue a supervisor
    may not; of an agent, whoever may see the agent's figures may."""
    reach = scope_of(request.user)
    return reach.everything or scope.agent is not None or scope.site.pk in reach.call_sites


def _sides(request: HttpRequest, made: Passport) -> list[dict[str, object]]:
    behind = made.figure.variant.behind(made.figure.parameters)
    sides = [NUMERATOR] if behind.numerator else []
    if behind.denominator:
        sides.append(DENOMINATOR)
    query = request.GET.dict()
    return [
        {
            "side": side,
            "words": _side_words(side),
            "count": _how_many(request, made, side),
            "url": f"{reverse('passport_calls')}?{urlencode(query | {'side': side})}",
        }
        for side in sides
    ]


def _how_many(request: HttpRequest, made: Passport, side: str) -> int:
    """The calls of a side that the reader may open."""
    known = passports.known_count(made, side) if _sees_all(request, made.scope) else None
    return passports.calls(made, side, request.user).count() if known is None else known


def _side_words(side: str) -> str:
    return _("in the numerator") if side == NUMERATOR else _("in the denominator")


def _row(call: Call) -> dict[str, object]:
    return {
        "at": call.offered_at,
        "url": reverse("call", args=[call.pk]),
        "queue": call.queue.name if call.queue else "",
        "outcome": call.get_outcome_display(),
        "wait_seconds": _seconds(call.wait_ms),
        "talk_seconds": _seconds(call.talk_ms),
        "hold_seconds": _seconds(call.hold_ms),
        "acw_seconds": _seconds(call.acw_ms),
    }


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _in_order(found: CallQuerySet, made: Passport) -> CallQuerySet:
    """As they came; of a longest wait the longest first."""
    first = [F("wait_ms").desc(nulls_last=True)] if made.figure.kpi.id == "longest_wait" else []
    return found.select_related("queue").order_by(*first, "offered_at", "pk")
