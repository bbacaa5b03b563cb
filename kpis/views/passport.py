"""A figure's passport, as a page and as the drawer that a click on the figure opens; its calls."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast, get_args
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from ccm import exports, tables
from ccm.access import scope_of
from ccm.intervals import FIRST_YEAR, LAST_YEAR, day_of
from ccm.models import Agent, Outcome, Precision, Queue, Site, Team
from ccm.names import in_order
from ccm.templatetags.figures import count
from kpis import definitions, dimensions
from kpis.choosing import beside, words
from kpis.definitions import UnknownKpi
from kpis.dimensions import By
from kpis.measures import LeftOut
from kpis.noise import Verdict
from kpis.passports import contents, listing
from kpis.passports import passport as passports
from kpis.passports.listing import (
    ALL,
    DENOMINATOR,
    FIRST_WITH_ANY,
    LEFT_OUT,
    NUMERATOR,
    REST,
    Listed,
    Narrowed,
)
from kpis.passports.passport import Passport, Scope
from kpis.passports.predicates import REASONS
from kpis.rollups.units import ENDINGS
from kpis.sight import known_to
from kpis.standing import standing
from kpis.sums.agent_time import AgentTime
from kpis.views import shared

# Calls listed in the drawer; the page of all of them turns.
FIRST, PAGE = 12, 50
# An address names no more keys than this.
MOST_KEYS = 100
LONGEST_TEXT, MOST_PAGES = 120, 1_000_000


@login_required
@require_GET
@vary_on_headers("HX-Request")
def passport(request: HttpRequest) -> HttpResponse:
    scope = _scope(request)
    made = _issued(request, scope)
    if "time" in made.figure.variant.needs:
        return _show(request, _drawn(request, made) | _times(request, made))
    sides = listing.sides_of(made)
    if not sides:
        return _show(request, _drawn(request, made))
    side = request.GET.get("side", "")
    if side and side not in sides:
        raise Http404
    if not _sees_calls(request):
        return _show(request, _drawn(request, made) | {"calls": [], "hidden": True})
    # Nobody in the numerator: whom it was counted over is of more help.
    found = listing.page(made, request.user, Narrowed(side or FIRST_WITH_ANY), 0, FIRST)
    side = side or next((one for one in sides if found.on(one)), sides[0])
    return _show(request, _drawn(request, made, found) | _calls(request, made, found, side))


def _show(request: HttpRequest, drawn: dict[str, object]) -> HttpResponse:
    context = {"passport": drawn, "back_url": reverse("home"), "back": _("Home")}
    partial = "HX-Request" in request.headers
    template = "_partials/passport.html" if partial else "kpis/passport.html"
    return render(request, template, context)


@login_required
@require_GET
def calls(request: HttpRequest) -> HttpResponseBase:
    """Calls of a figure's scope by side and reason, paged or exported; 404 for who sees none."""
    scope = _scope(request)
    if not _sees_calls(request):
        raise Http404
    made = _issued(request, scope, alone=True)
    sides = listing.sides_of(made)
    if not sides:
        raise Http404
    narrowed = _narrowed(request.GET, sides)
    agents = _agents(request, scope)
    if request.GET.get("export") == "csv":
        return _export(made, listing.every(made, request.user, narrowed), agents)
    page = _number(request.GET.get("page", "1") or "1")
    found = listing.page(made, request.user, narrowed, _first(page), PAGE)
    pages = Paginator(range(found.on(narrowed.side, narrowed.reasons)), PAGE)
    turned = pages.get_page(page)
    if turned.number != page:
        found = listing.page(made, request.user, narrowed, _first(turned.number), PAGE)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "name": made.figure.kpi.name,
        "scope": scope,
        "page": turned,
        "sides": _sides(request, made, found, narrowed.side),
        "chosen": _side_words(narrowed.side, sides),
        "calls": [_row(call, scope, "j M Y", agents) for call in found.rows],
        "filters": {"keep": _kept(request, narrowed)},
        "asked": _choices(made, found, narrowed, agents),
        "mixed": narrowed.side in (ALL, DENOMINATOR),
        "partly": not _sees_all(request, scope),
        "passport_url": f"{reverse('passport')}?{urlencode(_kept(request))}",
        "query": query.urlencode(),
    }
    return render(request, "kpis/passport_calls.html", context)


def _first(page: int) -> int:
    """The place of a page's first row; far beyond the last is beyond the last."""
    return (min(max(1, page), MOST_PAGES) - 1) * PAGE


# What narrows the calls of a passport, and is none of its own address.
_OF_LIST = ("side", "reason", "outcome", "of_queue", "of_agent", "q", "page", "export")


def _narrowed(asked: QueryDict, sides: Sequence[str]) -> Narrowed:
    """The calls that an address asks for; 404 for what there is none of."""
    side, outcome = asked.get("side", sides[0]), asked.get("outcome", "")
    reasons = frozenset(one for one in asked.get("reason", "").split(",") if one)
    if side not in sides or not reasons <= set(REASONS) or outcome not in ("", *ENDINGS):
        raise Http404
    queue, agent = (asked.get(name, "") for name in ("of_queue", "of_agent"))
    return Narrowed(
        side,
        reasons,
        outcome,
        _number(queue) if queue else None,
        _number(agent) if agent else None,
        asked.get("q", "").strip()[:LONGEST_TEXT],
    )


def _agents(request: HttpRequest, scope: Scope) -> dict[int, str]:
    """The agents of the site whom the reader may know, by id and in order of their names; of an
    agent's figures that agent."""
    if scope.agent is not None:
        return {scope.agent.pk: scope.agent.name}
    agents = Agent.objects.visible_to(request.user).filter(site=scope.site)
    return _in_order(agents.values_list("pk", "name"))


def _queues(scope: Scope) -> dict[int, str]:
    """The queues that calls of a scope may be on, likewise; none where these are picked."""
    if "queue" in scope.only:
        return {}
    if scope.queue is not None:
        return {scope.queue.pk: scope.queue.name}
    return _in_order(Queue.objects.filter(site=scope.site).values_list("pk", "name"))


def _in_order(rows: Iterable[tuple[int, str]]) -> dict[int, str]:
    return dict(sorted(rows, key=lambda row: in_order(row[1])))


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


def _number(word: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise Http404
    return int(word)


def _issued(request: HttpRequest, scope: Scope, alone: bool = False) -> Passport:
    try:
        knows = known_to(request.user, [scope.site], scope.agent)
        return passports.issue(request.GET.get("kpi", ""), scope, knows, alone)
    except UnknownKpi as unknown:
        raise Http404 from unknown


def _drawn(
    request: HttpRequest, made: Passport, found: listing.Page | None = None
) -> dict[str, object]:
    """The passport without its calls; `found` tells how many there are for each reason."""
    one, scope = made.figure, made.scope
    interval = passports.interval(made)
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
        "counted_over": contents.counted_over(one, made.unit_words),
        "target": contents.target(one, made.aim),
        "interval": interval,
        "method": contents.method(one),
        "has_method": one.value is not None and one.variant.interval != "none",
        "switches": contents.switches(one.variant, one.parameters),
        "made_of": one.made_of,
        "reason": one.reason or contents.silence(one),
        "caution": one.caution,
        "approximate": one.approximate,
        "left_out": [_left_out(request, note, found) for note in one.left_out],
        "variants": [
            {
                "id": other.variant.id,
                "words": definitions.passport(one.kpi, other.variant, other.parameters),
                "value": other.value,
                "unit": other.unit,
                "currency": other.currency,
                "counted_over": contents.counted_over(other, made.unit_words),
                "chosen": other.variant is one.variant,
            }
            for other in (one, *made.others)
        ]
        if made.others
        else [],
    }


def _left_out(request: HttpRequest, note: LeftOut, found: listing.Page | None) -> dict[str, object]:
    """What was left out, with its calls where the reader may open any: as many as are named, but
    for rings and answers, of which a call may have several."""
    reasons = frozenset(note.reasons)
    calls_ = found.on(ALL, reasons) if found is not None and reasons else 0
    listed = [*_kept(request), ("side", ALL), ("reason", ",".join(note.reasons))]
    return {
        "words": note.words,
        "n": note.n,
        "calls": calls_,
        "url": f"{reverse('passport_calls')}?{urlencode(listed)}" if calls_ else "",
    }


def _calls(
    request: HttpRequest, made: Passport, found: listing.Page, side: str
) -> dict[str, object]:
    """The first calls of a side, and how many there are on each, as far as the reader may open
    them."""
    sides = listing.sides_of(made)
    chosen = side or sides[0]
    return {
        "sides": [one for one in _sides(request, made, found, chosen) if one["side"] != ALL],
        "listed": _("Listed: those %(side)s.") % {"side": _side_words(chosen, sides)},
        "calls": [_row(call, made.scope, "j M") for call in found.rows],
        "partly": not _sees_all(request, made.scope),
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


def _sides(
    request: HttpRequest, made: Passport, found: listing.Page, chosen: str
) -> list[dict[str, object]]:
    sides = listing.sides_of(made)
    kept = _kept(request)
    return [
        {
            "side": side,
            "words": _side_words(side, sides),
            "count": found.on(side),
            "url": f"{reverse('passport_calls')}?{urlencode([*kept, ('side', side)])}",
            "chosen": side == chosen,
        }
        for side in sides
    ]


def _kept(request: HttpRequest, narrowed: Narrowed | None = None) -> list[tuple[str, str]]:
    """The address of the passport itself, as pairs; with the side of a list that is filtered."""
    own = [
        (name, value)
        for name, values in request.GET.lists()
        if name not in _OF_LIST
        for value in values
    ]
    return own if narrowed is None else [*own, ("side", narrowed.side)]


def _side_words(side: str, sides: Sequence[str]) -> str:
    """What is on a side; where a figure has but one, it was counted or not."""
    one_sided = REST not in sides and DENOMINATOR not in sides
    return {
        NUMERATOR: _("counted") if one_sided else _("in the numerator"),
        DENOMINATOR: _("in the denominator"),
        REST: _("in the denominator alone"),
        LEFT_OUT: _("not counted") if one_sided else _("in neither"),
        ALL: _("in all"),
    }[side]


def _choices(
    made: Passport, found: listing.Page, narrowed: Narrowed, agents: Mapping[int, str]
) -> dict[str, object]:
    """What the list can be narrowed by, and by what it is."""
    reasons = [
        (name, f"{listing.reason_words(name, made)} ({count(n)})")
        for name, n in found.reasons(narrowed.side).items()
    ]
    asked = ",".join(sorted(narrowed.reasons))
    if asked and asked not in dict(reasons):
        words = (listing.reason_words(name, made) for name in sorted(narrowed.reasons))
        reasons.append((asked, "; ".join(words)))
    every = [("", _("All"))]
    queues, people = (
        [*every, *((str(pk), name) for pk, name in many.items())] if len(many) > 1 else []
        for many in (_queues(made.scope), agents)
    )
    return {
        "reason": asked,
        "reasons": [*every, *reasons],
        "outcome": narrowed.outcome,
        "outcomes": [*every, *((one, str(Outcome(one).label)) for one in ENDINGS)],
        "queue": "" if narrowed.queue is None else str(narrowed.queue),
        "queues": queues,
        "agent": "" if narrowed.agent is None else str(narrowed.agent),
        "agents": people,
        "text": narrowed.text,
    }


def _row(
    call: Listed, scope: Scope, day: str, agents: Mapping[int, str] | None = None
) -> dict[str, object]:
    """A call as a page shows it; `day` is how its day is written, `agents` are named by id."""
    return {
        "at": tables.offered_time(call, scope.site.zone, day),
        "url": reverse("call", args=[call.id]),
        "queue": call.queue,
        "agent": _agent_name(call, agents or {}),
        "outcome": Outcome(call.outcome).label if call.outcome else "",
        "wait_seconds": _seconds(call.wait_ms),
        "talk_seconds": _seconds(call.talk_ms),
        "hold_seconds": _seconds(call.hold_ms),
        "acw_seconds": _seconds(call.acw_ms),
        "visits": call.visits,
        "counts": _counts_words(call.on),
        "why": call.why,
    }


def _agent_name(call: Listed, agents: Mapping[int, str]) -> str:
    return "" if call.agent is None else agents.get(call.agent, _("another agent"))


def _counts_words(on: str) -> str:
    return {
        NUMERATOR: _("counts"),
        REST: _("denominator alone"),
        LEFT_OUT: _("does not count"),
    }[on]


def _export(
    made: Passport, found: Iterator[Listed], agents: Mapping[int, str]
) -> StreamingHttpResponse:
    """The calls as a CSV file: moments on the site's clock with their offset, lengths exact."""
    scope = made.scope
    zone, calendar = scope.site.tz, scope.site.calendar
    outcomes = {value: str(words) for value, words in Outcome.choices}
    header = [
        _("Call"), _("Site day"), _("Time (%(zone)s)") % {"zone": scope.site.zone}, _("Counts"),
        _("Why"), _("Queue"), _("Agent"), _("Outcome"), _("Wait, seconds"), _("Talk, seconds"),
        _("Hold, seconds"), _("Wrap-up, seconds"), _("Visits"), _("Id at the source"),
    ]  # fmt: skip
    rows = (
        [
            call.id,
            day_of(call.offered_at, calendar),
            None if call.time_precision == Precision.DAY else call.offered_at.astimezone(zone),
            _counts_words(call.on),
            call.why,
            call.queue,
            _agent_name(call, agents),
            outcomes.get(call.outcome, ""),
            _seconds(call.wait_ms),
            _seconds(call.talk_ms),
            _seconds(call.hold_ms),
            _seconds(call.acw_ms),
            call.visits,
            call.external_id,
        ]
        for call in found
    )
    name = f"{made.figure.kpi.id}-{scope.site.slug}-{scope.first}-{scope.last}-calls.csv"
    return exports.download(name, header, rows)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
