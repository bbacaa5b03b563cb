"""A figure's passport, as a page and as the drawer that a click on the figure opens."""

from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from ccm import viewed
from ccm.models import Agent, Viewing
from kpis import above, definitions, recorded
from kpis.choosing import words
from kpis.measures import LeftOut
from kpis.noise import Verdict
from kpis.passports import contents, listing
from kpis.passports import passport as passports
from kpis.passports.listing import (
    ALL,
    DENOMINATOR,
    FIRST_WITH_ANY,
    NUMERATOR,
    Narrowed,
)
from kpis.passports.passport import PaidRow, Passport, Scope
from kpis.reports import partial
from kpis.standing import standing
from kpis.sums.agent_time import AgentTime
from kpis.views import shared
from kpis.views.passport_asked import issued, kept, scope_asked, sees_all, sees_calls
from kpis.views.passport_calls import row_of, side_words, sides_of_list

# Calls listed in the drawer.
FIRST = 12


@login_required
@require_GET
@vary_on_headers("HX-Request")
def passport(request: HttpRequest) -> HttpResponse:
    scope = scope_asked(request)
    if scope.agent is not None:
        viewed.note(request.user, [scope.agent.pk], Viewing.What.FIGURES, timezone.now())
    made = issued(request, scope, beside=shared.others(request.GET.get("definition", "")))
    if "time" in made.figure.variant.needs:
        return _show(request, _drawn(request, made) | _times(request, made))
    if passports.is_of_paid_time(made.figure):
        return _show(request, _drawn(request, made) | _paid_times(request, made))
    sides = listing.sides_of(made)
    if not sides:
        return _show(request, _drawn(request, made))
    side = request.GET.get("side", "")
    if side and side not in sides:
        raise Http404
    if not sees_calls(request):
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


def _drawn(
    request: HttpRequest, made: Passport, found: listing.Page | None = None
) -> dict[str, object]:
    """The passport without its calls; `found` tells how many there are for each reason."""
    one, scope = made.figure, made.scope
    asked = request.GET.get("kpi", "")
    level, word = standing(one, Verdict())
    return {
        "name": one.kpi.name,
        "value": one.value,
        **contents.facts(one, made.unit_words, passports.interval(made), made.aim, scope.part),
        "scale": one.currency,
        "level": level,
        "word": word,
        "acts": above.acts(request.user, _asked(request, made)),
        "scope": scope.who,
        "period": scope.days,
        "zone": scope.site.zone,
        "as_of": made.newest_at,
        "counted_at": made.counted_at,
        "now": timezone.now(),
        "anew": made.notice,
        "words": made.words,
        "formula": one.variant.formula,
        "since": made.changes[-1].day if made.changes and ":" not in asked else None,
        "marks": [words.of_change(change) for change in made.changes if change.day > scope.first],
        "notes": [
            *partial.record_words(made.records, [scope.site], scope.first, scope.last),
            *_clock_words(scope),
        ],
        "beside": contents.beside(made.beside),
        "with_it": contents.with_it(
            (other, _of_kpi(request, other.kpi.id)) for other in made.with_it
        ),
        "made_of": one.made_of,
        # Why nothing is known of these days, the notes say.
        "reason": "" if _is_before(made) else one.reason or contents.silence(one),
        "caution": one.caution,
        "left_out": [_left_out(request, note, found) for note in one.left_out],
        "variants": [
            {
                "id": other.variant.id,
                "words": definitions.passport(one.kpi, other.variant, other.parameters),
                "value": other.value,
                "unit": other.unit,
                "currency": other.currency,
                "counted_over": contents.counted_over(other, made.unit_words),
                # One that is asked for by its name need not be the one that is chosen.
                "chosen": other.variant is one.variant and ":" not in asked,
                "is_shown": other.variant is one.variant,
            }
            for other in (one, *made.others)
        ]
        if made.others
        else [],
    }


def _asked(request: HttpRequest, made: Passport) -> above.Asked:
    scope = made.scope
    agent = None if scope.agent is None else scope.agent.pk
    return above.Asked(made.figure.kpi.id, agent, scope.first, scope.last, kept(request))


def _of_kpi(request: HttpRequest, kpi: str) -> str:
    """The passport of another KPI in the same scope."""
    scope = [pair for pair in kept(request) if pair[0] not in ("kpi", "definition")]
    return f"{reverse('passport')}?{urlencode([('kpi', kpi), *scope])}"


def _is_before(made: Passport) -> bool:
    """Whether the record of its site begins after its days."""
    scope = made.scope
    return bool(recorded.why_none(made.records, [scope.site], scope.last))


def _clock_words(scope: Scope) -> list[str]:
    """Which of the hours of the day that a figure is of a changed clock made longer or shorter."""
    if "clock" not in scope.only:
        return []
    weekdays = scope.only.get("weekday", range(1, 8))
    days = {scope.site: (scope.first, scope.last)}
    return partial.clock_words(days, scope.only["clock"], weekdays)


def _left_out(request: HttpRequest, note: LeftOut, found: listing.Page | None) -> dict[str, object]:
    """What was left out, with its calls where the reader may open any: as many as are named, but
    for rings and answers, of which a call may have several."""
    reasons = frozenset(note.reasons)
    calls_ = found.on(ALL, reasons) if found is not None and reasons else 0
    listed = [*kept(request), ("side", ALL), ("reason", ",".join(note.reasons))]
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
    above, below = contents.on_sides(made.figure, found.on(NUMERATOR), found.on(DENOMINATOR))
    several = {NUMERATOR: above, DENOMINATOR: below}
    partly = not sees_all(request, made.scope)
    return {
        "sides": [
            one | {"several": "" if partly else several.get(str(one["side"]), "")}
            for one in sides_of_list(request, made, found, chosen)
            if one["side"] != ALL
        ],
        "unlisted": contents.unlisted(made.figure, made.counts.sales),
        "listed": _("Listed: those %(side)s.") % {"side": side_words(chosen, sides)},
        "calls": [row_of(call, made.scope, "j M") for call in found.rows],
        "partly": partly,
        "shut": not all(call.opens for call in found.rows),
    }


def _times(request: HttpRequest, made: Passport) -> dict[str, object]:
    """The time that was summed: all of it on the page, the most of it in the drawer."""
    rows = passports.times(made, request.user)
    shown = rows[:FIRST] if "HX-Request" in request.headers else rows
    return {
        "times": [{"of": _of_whom(row.of), **_spent(row.time)} for row in shown],
        "more": len(rows) - len(shown),
        "all_url": request.get_full_path(),
        "partly": not sees_all(request, made.scope),
    }


def _paid_times(request: HttpRequest, made: Passport) -> dict[str, object]:
    """The paid time that was summed, likewise."""
    rows = passports.paid_times(made, request.user)
    shown = rows[:FIRST] if "HX-Request" in request.headers else rows
    return {
        "paid_times": [{"of": _of_whom(row.of), **_paid(row)} for row in shown],
        "more": len(rows) - len(shown),
        "all_url": request.get_full_path(),
        "partly": not sees_all(request, made.scope),
    }


def _paid(row: PaidRow) -> dict[str, float]:
    """Seconds of each part."""
    paid = row.paid
    return {
        "paid": paid.paid_ms / 1000,
        "productive": row.productive_ms / 1000,
        "logged_in": paid.logged_in_ms / 1000,
        "absent": paid.absent_ms / 1000,
        "off_queue": paid.off_queue_ms / 1000,
        "untold": (paid.paid_in_all_ms - paid.paid_ms) / 1000,
    }


def _of_whom(of: Agent | date) -> str:
    return date_format(of, "j M Y") if isinstance(of, date) else str(of)


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
