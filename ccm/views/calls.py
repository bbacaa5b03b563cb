"""Calls, filtered; and one call with its timeline."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import call_acts, exported, exports, filters, notes, tables, timeline, viewed
from ccm.access import scope_of
from ccm.beside import told_beside
from ccm.filters import Choices, Filters
from ccm.imports.lacking import lost_its_end
from ccm.intervals import day_of
from ccm.models import (
    Agent,
    Call,
    Direction,
    ImportBatch,
    Outcome,
    Site,
    SurveyResponse,
    User,
    Viewing,
)
from ccm.names import in_order
from ccm.navigation import may_open
from ccm.retention import closed
from ccm.surveys import facts
from ccm.templatetags.figures import clock
from ccm.views.failures import Misread, NoSite
from ccm.views.links import links_of
from ccm.views.survey import asking

WAITS_SECONDS = (10, 20, 30, 60, 120, 300, 600)
# Visits of one contact are looked for so far around each of them.
CONTACT = timedelta(days=7)
# Visits of one contact: more than a page of them is a source that repeats its ids.
MOST_VISITS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What Calls is asked for besides period, site and queue; empty or None: no matter."""

    outcome: str
    direction: str
    agent: Agent | None
    agents: list[Agent]
    wait_seconds: int | None
    same_caller_as: Call | None
    text: str
    problem: str

    @property
    def parameters(self) -> dict[str, object]:
        return {
            "outcome": self.outcome,
            "direction": self.direction,
            "agent": self.agent and self.agent.pk,
            "wait": self.wait_seconds,
            "caller": self.same_caller_as and self.same_caller_as.pk,
            "q": self.text,
        }

    @property
    def narrows(self) -> bool:
        return any(value not in (None, "") for value in self.parameters.values())

    @property
    def condition(self) -> Q:
        found = Q()
        if self.outcome:
            found &= Q(outcome=self.outcome)
        if self.direction:
            found &= Q(direction=self.direction)
        if self.agent:
            found &= Q(agent=self.agent)
        if self.wait_seconds is not None:
            found &= Q(wait_ms__gte=self.wait_seconds * 1000)
        if self.same_caller_as:
            found &= Q(caller_hash=self.same_caller_as.caller_hash)
        if self.text:
            found &= Q(external_id__icontains=self.text)
        return found

    @property
    def wait(self) -> str:
        return "" if self.wait_seconds is None else str(self.wait_seconds)

    @property
    def outcomes(self) -> Choices:
        return [("", _("All")), *((value, str(words)) for value, words in Outcome.choices)]

    @property
    def directions(self) -> Choices:
        return [("", _("All")), *((value, str(words)) for value, words in Direction.choices)]

    @property
    def waits(self) -> Choices:
        steps = sorted({*WAITS_SECONDS, *([self.wait_seconds] if self.wait_seconds else [])})
        return [("", _("any")), *((str(seconds), clock(seconds)) for seconds in steps)]


@login_required
@require_safe
def calls_page(request: HttpRequest) -> HttpResponse:
    shown, asked = _read(request)
    found = _found(request, shown, asked)
    table = tables.CallTable(
        found,
        shown.site.zone,
        _day_form(shown),
        of_one=not asked.agents and scope_of(request.user).agent is not None,
    )
    table.empty_hint = _("Nothing here fits these filters.")
    tables.arrange(table, request.GET)
    newest = None
    if table.paginator.count:
        kept = shown.parameters(**asked.parameters, sort=",".join(table.order_by))
        table.export_url = filters.address(reverse("calls_csv"), kept)
    elif not asked.narrows and shown.queue is None:
        newest = _newest_day(request, shown.site)
        table.empty_hint = ""
    caller = asked.same_caller_as
    return render(
        request,
        "ccm/calls.html",
        {
            "filters": shown.bar(
                keep=[("caller", str(caller.pk))] if caller else [], error=asked.problem
            ),
            "shown": shown,
            "gone": closed.notice(shown.site, shown.first),
            "seen": scope_of(request.user).calls_seen(shown.site.pk),
            "asked": asked,
            "all_callers": filters.address(
                reverse("calls"), shown.parameters(**asked.parameters | {"caller": None})
            ),
            "table": table,
            "newest": newest,
            "newest_url": newest and _day_url(shown.site, newest),
        },
    )


@login_required
@require_safe
def calls_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same calls in the same order as the page, to keep; that they were is noted. 404 in words
    for a file of something else than was asked for: it could not say so, as a page does."""
    shown, asked = _read(request)
    if problem := shown.problem or asked.problem:
        raise Misread(problem)
    table = tables.CallTable(_found(request, shown, asked), shown.site.zone, "")
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    found = table.data.data[: exports.MOST_ROWS + 1]
    if request.method == "GET":
        exported.calls(
            _user(request), shown.site, shown.first, shown.last, timezone.now(),
            queue=shown.queue, agent=asked.agent,
        )  # fmt: skip
    return exports.download(
        f"calls-{shown.site.slug}-{shown.first}-{shown.last}.csv",
        [f"{tables.CALL_HEADER[0]} ({shown.site.zone})", *tables.CALL_HEADER[1:]],
        tables.call_rows(found, shown.site.tz),
    )


def _read(request: HttpRequest) -> tuple[Filters, Asked]:
    """What the page is asked for. Raises Http404 for who may see no calls, or asks too far."""
    if not may_open("calls", _user(request)):
        raise Http404
    sites = Site.objects.with_calls_for(_user(request))
    shown = filters.read(request, timezone.now(), sites=sites)
    if shown is None:
        raise NoSite(_("Calls"))
    return shown, _asked(request, shown.site)


def _user(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # login_required stands before every view
    return request.user


def _asked(request: HttpRequest, site: Site) -> Asked:
    wanted = request.GET
    user = _user(request)
    problems = []
    outcome = wanted.get("outcome", "")
    if outcome and outcome not in Outcome.values:
        outcome = ""
        problems.append(_("There is no such outcome."))
    direction = wanted.get("direction", "")
    if direction and direction not in Direction.values:
        direction = ""
        problems.append(_("There is no such direction."))
    wait = wanted.get("wait", "")
    if wait and not (wait.isdecimal() and len(wait) <= 6):
        wait = ""
        problems.append(_("A wait is a number of seconds."))
    reachable = sorted(Agent.objects.visible_to(user), key=lambda one: in_order(one.name))
    agents = [one for one in reachable if one.site_id == site.pk]
    agent = _agent(reachable, wanted.get("agent", ""))
    return Asked(
        outcome=outcome,
        direction=direction,
        # Whoever changes the site has not changed the agent yet.
        agent=agent if agent in agents else None,
        agents=agents if len(agents) > 1 else [],
        wait_seconds=int(wait) if wait else None,
        same_caller_as=_same_caller(user, wanted.get("caller", "")),
        text=wanted.get("q", "").strip()[:120],
        problem=" ".join(problems),
    )


def _agent(agents: list[Agent], word: str) -> Agent | None:
    if not word:
        return None
    for agent in agents:
        if str(agent.pk) == word:
            return agent
    raise Http404


def _same_caller(user: User, word: str) -> Call | None:
    if not word:
        return None
    try:
        call = Call.objects.visible_to(user).exclude(caller_hash="").filter(pk=UUID(word)).first()
    except ValueError:
        call = None
    if call is None:
        raise Http404
    return call


def _found(request: HttpRequest, shown: Filters, asked: Asked) -> QuerySet[Call]:
    found = Call.objects.visible_to(request.user).in_span(shown.span).filter(site=shown.site)
    if shown.queue is not None:
        found = found.filter(queue=shown.queue)
    return found.filter(asked.condition).select_related("queue", "agent")


def _day_form(shown: Filters) -> str:
    """How to write the day of a row: not at all on one day, with the year only where it tells."""
    if shown.first == shown.last:
        return ""
    return "j M" if shown.first.year == shown.last.year == shown.today.year else "j M Y"


def _newest_day(request: HttpRequest, site: Site) -> date | None:
    """The site day of the newest call in reach: where to look when there are none here.

    Ids sort by time of birth, so the last one is found without sorting.
    """
    last = Call.objects.visible_to(request.user).filter(site=site).order_by("-id").first()
    return day_of(last.offered_at, site.calendar) if last else None


@login_required
@require_safe
def call_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    user, now = _user(request), timezone.now()
    call = get_object_or_404(
        Call.objects.visible_to(user)
        .annotate(**facts(now))
        .select_related("site", "queue", "topic", "disposition"),
        pk=pk,
    )
    rings = list(call.offers.order_by("starts_at", "pk"))
    visits = list(
        Call.objects.visible_to(user)
        .offered_between(call.offered_at - CONTACT, call.offered_at + CONTACT)
        .filter(linked_id=call.linked_id, source=call.source, site=call.site)
        .exclude(pk=call.pk)
        .select_related("queue")
        .order_by("offered_at", "pk")[:MOST_VISITS]
    )
    surveys = list(SurveyResponse.objects.filter(call=call))
    names = _names(user, [one.agent_id for one in (call, *visits)] + [r.agent_id for r in rings])
    parts = timeline.parts(call, rings, names, now)
    if end_is_lost := lost_its_end(call):
        parts = [replace(part, seconds=None) if part.going_on else part for part in parts]
    rights = notes.rights(user, call)
    viewed.note(user, [call.agent_id], Viewing.What.CALL, now)
    return render(
        request,
        "ccm/call.html",
        {
            "call": call,
            "agent": _name(call.agent_id, names),
            "outcome": _outcome_words(call, end_is_lost),
            "end_is_lost": end_is_lost,
            "level": tables.OUTCOME_LEVELS.get(Outcome(call.outcome), "none"),
            "parts": [part for part in parts if part.kind != timeline.RING],
            "rings": [part for part in parts if part.kind == timeline.RING],
            "picture": timeline.picture(call, parts),
            "visits": [
                {
                    "call": visit,
                    "agent": _name(visit.agent_id, names),
                    "wait_seconds": None if visit.wait_ms is None else visit.wait_ms / 1000,
                    "level": tables.OUTCOME_LEVELS.get(Outcome(visit.outcome), "none"),
                }
                for visit in visits
            ],
            "surveys": surveys,
            "beside": _beside(call),
            "acts": call_acts.of_call(user, call),
            "links": links_of(call, names.get(call.agent_id or 0, "")),
            "rights": rights,
            "asking": (asking(call, surveys, now, end_is_lost) if rights.may_ask_caller else None),
            "note": call.notes.filter(is_current=True)
            .select_related("author", "disposition", "topic")
            .first(),
            "batch": _batch(user, call),
            "day_url": _day_url(call.site, day_of(call.offered_at, call.site.calendar)),
            "same_caller_url": _same_caller_url(call, now) if call.caller_hash else "",
            "now": now,
        },
    )


def _outcome_words(call: Call, end_is_lost: bool) -> str:
    """How a call ended; of one that nobody answered and whose end is lost that it waited."""
    if end_is_lost and call.outcome == Outcome.IN_PROGRESS:
        return _("Waited, its end was never told")
    return str(Outcome(call.outcome).label)


def _beside(call: Call) -> list[tuple[str, str]]:
    """What the source told beside, as text."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in told_beside(call).items()
    ]


def _batch(user: User, call: Call) -> ImportBatch | None:
    """The import a call came in by, where the reader may see it."""
    if call.batch_id is None:
        return None
    return ImportBatch.objects.visible_to(user).filter(pk=call.batch_id).first()


def _names(user: User, agents: Iterable[int | None]) -> dict[int, str]:
    """The names of those agents that the reader may know about."""
    wanted = {agent for agent in agents if agent is not None}
    known = Agent.objects.visible_to(user).filter(pk__in=wanted)
    return dict(known.values_list("pk", "name"))


def _name(agent: int | None, names: dict[int, str]) -> str:
    return "" if agent is None else names.get(agent, _("another agent"))


def _day_url(site: Site, day: date) -> str:
    """Calls of one day of a site."""
    asked = {"period": "custom", "from": day, "to": day, "site": site.slug}
    return filters.address(reverse("calls"), asked)


def _same_caller_url(call: Call, now: datetime) -> str:
    """Calls of the same caller at this site, from four weeks before this one to a week after."""
    day = day_of(call.offered_at, call.site.calendar)
    last = min(day + timedelta(days=7), day_of(now, call.site.calendar))
    asked = {"period": "custom", "from": day - timedelta(days=28), "to": max(day, last)}
    return filters.address(reverse("calls"), asked | {"site": call.site.slug, "caller": call.pk})
