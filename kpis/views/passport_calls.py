"""The page of a figure's calls: each with its side and reason, narrowed, turned and exported."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ccm import exported, exports, tables, viewed
from ccm.intervals import day_of
from ccm.models import Agent, Outcome, Precision, Queue, Viewing
from ccm.names import in_order
from ccm.retention import closed
from ccm.templatetags.figures import count
from ccm.templatetags.figures import figure as written
from kpis.figures import Figure
from kpis.passports import bringing, contents, listing
from kpis.passports.listing import (
    ALL,
    DENOMINATOR,
    LEFT_OUT,
    NUMERATOR,
    REST,
    Listed,
    Narrowed,
)
from kpis.passports.passport import Passport, Scope
from kpis.passports.predicates import ANSWERS, REASONS
from kpis.rollups.units import ENDINGS
from kpis.views.passport_asked import issued, kept, number, scope_asked, sees_all, sees_calls

PAGE = 50
LONGEST_TEXT, MOST_PAGES = 120, 1_000_000


@login_required
@require_GET
def calls(request: HttpRequest) -> HttpResponseBase:
    """Calls of a figure's scope by side and reason, paged or exported; 404 for who sees none."""
    scope = scope_asked(request)
    if not sees_calls(request):
        raise Http404
    if scope.agent is not None:
        viewed.note(request.user, [scope.agent.pk], Viewing.What.FIGURES, timezone.now())
    made = issued(request, scope, alone=True)
    sides = listing.sides_of(made)
    if not sides:
        raise Http404
    narrowed = _narrowed(request.GET, sides)
    agents = _agents(request, scope)
    if request.GET.get("export") == "csv":
        assert request.user.is_authenticated
        exported.calls(
            request.user, scope.site, scope.first, scope.last, timezone.now(),
            queue=scope.queue, agent=scope.agent, kpi=made.figure.kpi.id, side=narrowed.side,
            narrowed=narrowed != Narrowed(narrowed.side),
        )  # fmt: skip
        return _export(made, listing.every(made, request.user, narrowed), agents)
    page = number(request.GET.get("page", "1") or "1")
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
        "sides": sides_of_list(request, made, found, narrowed.side),
        "chosen": side_words(narrowed.side, sides),
        "calls": [
            row_of(call, scope, "j M Y", agents) | {"value": _value(call, made.figure)}
            for call in found.rows
        ],
        "filters": {"keep": [*kept(request), ("side", narrowed.side)]},
        "asked": _choices(made, found, narrowed, agents),
        "mixed": narrowed.side in (ALL, DENOMINATOR),
        "value_words": _value_words(made.figure),
        "partly": not sees_all(request, scope),
        "shut": not all(call.opens for call in found.rows),
        "unlisted": [
            *contents.unlisted(made.figure, made.counts.sales),
            *filter(None, [closed.notice(scope.site, scope.first)]),
        ],
        "passport_url": f"{reverse('passport')}?{urlencode(kept(request))}",
        "query": query.urlencode(),
    }
    return render(request, "kpis/passport_calls.html", context)


def _first(page: int) -> int:
    """The place of a page's first row; far beyond the last is beyond the last."""
    return (min(max(1, page), MOST_PAGES) - 1) * PAGE


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
        number(queue) if queue else None,
        number(agent) if agent else None,
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
        _file_value_words(made.figure),
    ]  # fmt: skip
    rows = (
        [
            call.id if call.opens else None,
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
            call.value,
        ]
        for call in found
    )
    name = f"{made.figure.kpi.id}-{scope.site.slug}-{scope.first}-{scope.last}-calls.csv"
    return exports.download(name, header, rows)


def sides_of_list(
    request: HttpRequest, made: Passport, found: listing.Page, chosen: str
) -> list[dict[str, object]]:
    sides = listing.sides_of(made)
    own = kept(request)
    return [
        {
            "side": side,
            "words": side_words(side, sides),
            "count": found.on(side),
            "url": f"{reverse('passport_calls')}?{urlencode([*own, ('side', side)])}",
            "chosen": side == chosen,
        }
        for side in sides
    ]


def side_words(side: str, sides: Sequence[str]) -> str:
    """What is on a side; where a figure has but one, it was counted or not."""
    one_sided = REST not in sides and DENOMINATOR not in sides
    return {
        NUMERATOR: _("counted") if one_sided else _("in the numerator"),
        DENOMINATOR: _("in the denominator"),
        REST: _("in the denominator alone"),
        LEFT_OUT: _("not counted") if one_sided else _("in neither"),
        ALL: _("in all"),
    }[side]


def row_of(
    call: Listed, scope: Scope, day: str, agents: Mapping[int, str] | None = None
) -> dict[str, object]:
    """A call as a page shows it; `day` is how its day is written, `agents` are named by id."""
    return {
        "at": tables.offered_time(call, scope.site.zone, day),
        "url": reverse("call", args=[call.id]) if call.opens else "",
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


def _value_words(figure: Figure) -> str:
    """Over the column of what calls bring; empty where each brings one, or its reason and the
    columns of times tell it."""
    unit = bringing.unit_of(figure.variant, figure.parameters)
    if unit == "money":
        return _("Amount, %(currency)s") % {"currency": figure.currency or _("of any currency")}
    if unit == "score":
        return _("Score")
    answers = ANSWERS.issuperset(figure.variant.numerator)
    return _("Answers") if unit == "count" and answers else ""


def _file_value_words(figure: Figure) -> str:
    """Over the column of what calls bring in a file, which every file has: with its unit."""
    unit = bringing.unit_of(figure.variant, figure.parameters)
    if unit is None:
        return _("Value")
    units = {
        "money": figure.currency or _("of any currency"),
        "seconds": _("seconds"),
        "score": _("score"),
        "count": _("answers") if ANSWERS.issuperset(figure.variant.numerator) else _("rings"),
    }
    return _("Value, %(unit)s") % {"unit": units[unit]}


def _value(call: Listed, figure: Figure) -> str:
    """What a call brings, as its column shows it; empty of those not in the numerator."""
    if call.value is None:
        return ""
    unit = bringing.unit_of(figure.variant, figure.parameters)
    return written(call.value, unit or "count")


def _agent_name(call: Listed, agents: Mapping[int, str]) -> str:
    return "" if call.agent is None else agents.get(call.agent, _("another agent"))


def _counts_words(on: str) -> str:
    return {
        NUMERATOR: _("counts"),
        REST: _("denominator alone"),
        LEFT_OUT: _("does not count"),
    }[on]


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
