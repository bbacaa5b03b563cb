"""A queue's day as it goes: what came, what its rest is told to be, and how far to believe that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ccm import exports
from ccm.filters import address
from ccm.intervals import day_of
from ccm.models import Queue
from ccm.navigation import may_open
from kpis.views.shared import is_silent
from scheduling.intraday import drawn, reads, staffing, told
from scheduling.intraday.day import Face
from scheduling.intraday.reads import Reach, Today
from scheduling.intraday.staffing import Staffing
from scheduling.intraday.trials import Trial
from scheduling.made.kept import number
from scheduling.requirements import aims
from scheduling.shown import queues

# The part of the page that is asked for again each minute.
PART = "intraday-now"
# So old the page says louder how old it is: three times it was not answered.
OLD_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Line:
    """An interval that is open. None: it is not over, or it is."""

    clock: str
    morning: float
    low80: float
    high80: float
    came: float | None
    updated: float | None
    trade: float | None
    positions_morning: int | None
    positions: int | None
    people: int | None

    @property
    def more(self) -> int:
        return (self.positions or 0) - (self.positions_morning or 0)


@login_required
@never_cache
@require_safe
def intraday_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """A queue's day, or the part of it that is fetched again each minute."""
    if not may_open("intraday", request.user):
        raise Http404
    now = timezone.now()
    picked = queues.picked(request)
    queue = picked.queue
    context: dict[str, Any] = {"picked": picked, "queue": queue, "now": now, "old": OLD_SECONDS}
    if queue is not None:
        known = reads.reach(queue.site, now)
        today = reads.todays(queue.site, [queue], known).get(queue.pk)
        context |= _of_record(queue, known, now)
        if today is not None:
            context |= _of_day(today, now)
        if request.GET.get("export") == "csv":
            asked = aims.words_of(context["told"].aim) if "told" in context else ""
            return _csv(queue, context["day"], context.get("lines", []), asked)
    part = request.headers.get("HX-Target") == PART
    return render(
        request, "scheduling/_intraday.html" if part else "scheduling/intraday.html", context
    )


def _of_record(queue: Queue, known: Reach, now: datetime) -> dict[str, Any]:
    newest, site = known.newest_at, queue.site
    silent = newest is not None and is_silent(site, newest, known.heard_at, now)
    return {
        "address": address(reverse("intraday"), {"queue": queue.pk}),
        "sides": sides(queue, "intraday"),
        "csv_url": address(reverse("intraday"), {"queue": queue.pk, "export": "csv"}),
        "zone": site.zone,
        "day": day_of(now, site.calendar),
        "as_of": newest,
        "stale": silent,
    }


def sides(queue: Queue, current: str) -> list[tuple[str, str, bool]]:
    """The pages of a queue's day: address, words, and whether it is this one."""
    pages = [
        ("intraday", _("Calls")),
        ("intraday_people", _("People and gaps")),
        ("shift_offers", _("Offers")),
        ("intraday_actions", _("What was done")),
    ]
    asked = {"queue": queue.pk}
    return [(address(reverse(name), asked), said, name == current) for name, said in pages]


def _of_day(today: Today, now: datetime) -> dict[str, Any]:
    begun = today.begun
    found: dict[str, Any] = {"today": today, "face": str(begun.face)}
    if begun.face == Face.CLOSED:
        return found | {"lines": []}
    aim = aims.of_queue(today.queue, today.forecast, aims.choices_on(today.day))
    plan = aims.plan_of(today.queue)
    is_left = begun.face != Face.OVER
    takes = staffing.of_rest(today, aim.aim, plan) if is_left else None
    learned = today.learned
    trials = [] if learned is None else [Trial.of(one) for one in learned.trials]
    said, held = told.said(today.queue, today.day)
    return found | {
        "told": aim,
        "staffed": takes,
        "lines": _lines(today, takes),
        "chart": drawn.day_curve(today),
        "came": round(begun.came_so_far),
        "expected": round(begun.expected_so_far),
        "morning": round(float(begun.morning().sum())),
        "updated": round(float(begun.updated().sum())),
        "trade": round(float(begun.trade().sum())),
        "opens": drawn.clock(today, begun.first),
        "trials": trials,
        "advice": told.advice(learned, trials),
        "said": said,
        "held": held,
        "most_more": _most_more(today, takes),
    }


def _most_more(today: Today, takes: Staffing | None) -> tuple[str, int] | None:
    """Where the update takes the most positions more (or fewer) than the morning told."""
    if takes is None:
        return None
    place, more = takes.most_more
    return (drawn.clock(today, today.begun.known + place), more) if more else None


def _lines(today: Today, takes: Staffing | None) -> list[Line]:
    begun = today.begun
    updated, trade = begun.updated(), begun.trade()
    found = []
    for place, there in enumerate(begun.open):
        if there <= 0:
            continue
        left = place - begun.known
        is_left = left >= 0
        morning = takes.morning.told(0, left) if takes and is_left else None
        now = takes.updated.told(0, left) if takes and is_left else None
        found.append(
            Line(
                drawn.clock(today, place),
                float(begun.expected[place]),
                float(today.low80[place]),
                float(today.high80[place]),
                None if is_left else float(begun.came[place]),
                float(updated[left]) if is_left else None,
                float(trade[left]) if is_left else None,
                None if morning is None else morning.positions,
                None if now is None else now.positions,
                None if now is None else now.people,
            )
        )
    return found


def _csv(queue: Queue, day: date, lines: Sequence[Line], asked: str) -> StreamingHttpResponse:
    """Every open interval; headings alone where nothing is told of the day."""
    header = [
        _("day"), _("from"), _("came"), _("morning"), _("80 % low"), _("80 % high"),
        _("updated"), _("by the full ratio"), _("positions in the morning"), _("positions now"),
        _("people now"), _("for a service level of"),
    ]  # fmt: skip
    rows = (
        [
            day, one.clock, one.came, number(one.morning), number(one.low80),
            number(one.high80), number(one.updated), number(one.trade), one.positions_morning,
            one.positions, one.people, asked,
        ]
        for one in lines
    )  # fmt: skip
    return exports.download(f"intraday-{queue.pk}-{day}.csv", header, rows)
