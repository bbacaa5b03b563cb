"""The board of a roster: what it draws, and each change that a planner makes on it.

What a script asks for is answered in JSON. A change that cannot be is answered with its reason in
words: 409 where somebody else was faster, 422 where it cannot be at all.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, register_converter, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from ccm import viewed, work
from ccm.access import scope_of
from ccm.filters import address
from ccm.models import Agent, User, Viewing
from ccm.views.lists import signed_in
from scheduling import tasks
from scheduling.bids import reads as bids
from scheduling.models import KeptRoster, KeptShift, RosterEdit, ShiftTemplate
from scheduling.rosters import answers, asked, board, edits, hand, latest, repairs, services
from scheduling.rosters.board import Span
from scheduling.rosters.forms import FreezeForm, ShiftForm, WithinForms
from scheduling.terms import words as terms
from scheduling.views.roster_reach import planned_roster, visible_roster

MOST_BYTES = 1_000_000
# More people than a board draws at once.
_MOST_ROWS = 200


class DayConverter:
    """A day in an address: 2026-03-16."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        found = parse_date(value)
        if found is None:
            raise ValueError(value)
        return found

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "roster_day")


def span_of(request: HttpRequest, roster: KeptRoster) -> Span:
    """The days that an address asks for."""
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        day = None
    return Span.asked(roster, request.GET.get("view", ""), day)


@login_required
@require_safe
def roster_board(request: HttpRequest, pk: int) -> HttpResponse:
    """People and shifts of some days, and how that covers what is asked for. Who leads a team gets
    its people, and no cover: others work, too. Shifts are those of as many people as `rows` says,
    in the order of their names, on a day who works first; else of everybody. Of `people`, by their
    ids, there are their shifts alone."""
    who = signed_in(request)
    roster = visible_roster(request, pk)
    span = span_of(request, roster)
    plans = scope_of(who).plans_for(roster.site_id)
    templates = ShiftTemplate.objects.filter(site=roster.site_id).in_bulk()
    rows = KeptShift.objects.visible_to(who)
    if "people" in request.GET:
        theirs = board.shifts_of(span, rows.filter(agent__in=_ids(request.GET["people"])))
        return JsonResponse(
            {"revision": roster.revision, "shifts": board.told(span, theirs, templates)}
        )
    shifts = board.shifts_of(span, rows)
    agents = list(board.agents_of(span))
    if plans:
        people = board.people_of(roster, agents)
        said = asked.kept(roster)
        strip = said and board.strip_of(span, said, people, shifts, templates)
    else:
        led = {*Agent.objects.answered_for_by(who).values_list("pk", flat=True)}
        agents, people, strip = [one for one in agents if one.pk in led], (), None
    by_id = {one.id: one for one in people}
    agents = board.shown(agents, by_id, shifts) if plans else agents
    if span.view == "day":
        agents = board.workers_first(span, agents, shifts)
    drawn = {one.pk for one in agents[: _many(request.GET.get("rows", ""))]}
    return JsonResponse(
        {
            "revision": roster.revision,
            "people": board.rows(agents, by_id),
            "shifts": board.told(span, [one for one in shifts if one.agent_id in drawn], templates),
            "templates": board.templates_told(templates),
            "away": board.away(roster, span) if plans else [],
            "strip": strip and {"first": span.first.isoformat(), **asdict(strip)},
        }
    )


def _many(said: str) -> int | None:
    return int(said) if said.isdecimal() and len(said) < 6 else None


def _ids(said: str) -> list[int]:
    found = [one for one in said.split(",") if one.isdecimal() and len(one) < 19]
    return [int(one) for one in found[:_MOST_ROWS]]


@login_required
@require_safe
def roster_since(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether a roster was changed after the revision that a page has; asked every few seconds."""
    roster = planned_roster(request, pk)
    seen = request.GET.get("revision", "")
    known = int(seen) if seen.isdecimal() and len(seen) < 10 else roster.revision
    told = latest.changes(roster, known) if known < roster.revision else []
    return JsonResponse(
        {
            "revision": roster.revision,
            "edits": [{"who": one.who, "words": one.words} for one in told],
        }
    )


@login_required
@require_POST
def roster_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes of a board, all of them or none: {"seen": revision, "changes": [...]} as
    `hand.wanted` has them."""
    roster = planned_roster(request, pk)
    who = signed_in(request)

    def change() -> set[hand.Key]:
        said = _said(request)
        seen, changes = said.get("seen"), said.get("changes")
        if not isinstance(changes, list) or not isinstance(seen, int) or isinstance(seen, bool):
            raise ValidationError(_("That cannot be: look again."))
        keys = hand.keys(changes)
        try:
            wanted = hand.wanted(hand.Hand(roster), there_of(roster, keys), changes)
        except ValidationError:
            # A shift that is not where it was: who has moved it is more to the point.
            edits.not_stale(roster, keys, max(seen, 0))
            raise
        edits.apply(roster, wanted, who, timezone.now(), seen=max(seen, 0))
        return keys

    return _answered(roster, who, change)


@login_required
@require_POST
def roster_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what the planner last did."""
    return _reversed(request, pk, edits.undo, _("There is nothing to undo."))


@login_required
@require_POST
def roster_redo(request: HttpRequest, pk: int) -> HttpResponse:
    """Do again what the planner last undid."""
    return _reversed(request, pk, edits.redo, _("There is nothing to do again."))


def _reversed(
    request: HttpRequest,
    pk: int,
    step: Callable[[KeptRoster, User, Any], RosterEdit | None],
    nothing: str,
) -> HttpResponse:
    roster = planned_roster(request, pk)
    who = signed_in(request)

    def change() -> set[hand.Key]:
        edit = step(roster, who, timezone.now())
        if edit is None:
            raise ValidationError(nothing)
        return {*edit.changes.values_list("agent_id", "day")}

    if "application/json" in request.headers.get("Accept", ""):
        return _answered(roster, who, change)
    try:
        change()
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("roster", pk=roster.pk)


def _answered(
    roster: KeptRoster, who: User, change: Callable[[], Iterable[hand.Key]]
) -> JsonResponse:
    try:
        keys = change()
    except edits.Stale as refusal:
        return JsonResponse({"words": refusal.messages[0]}, status=409)
    except ValidationError as refusal:
        return JsonResponse({"words": refusal.messages[0]}, status=422)
    return JsonResponse(answers.of_changes(roster, keys, who))


def _said(request: HttpRequest) -> Mapping[str, Any]:
    try:
        said = json.loads(request.body) if len(request.body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ValidationError(_("That cannot be: look again."))
    return said


def there_of(roster: KeptRoster, keys: Iterable[hand.Key]) -> dict[hand.Key, KeptShift]:
    """The shifts of some people's days. One query."""
    agents, days = {agent for agent, _day in keys}, {day for _agent, day in keys}
    rows = roster.shifts.filter(agent__in=agents, day__in=days)
    return {(one.agent_id, one.day): one for one in rows}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_shift(request: HttpRequest, pk: int, agent: int, day: date) -> HttpResponse:
    """What somebody has on a day, as a form: all that the board does by dragging."""
    roster = planned_roster(request, pk)
    if not roster.first_day <= day <= roster.last_day:
        raise Http404
    people = Agent.objects.filter(site=roster.site_id).order_by("name", "pk")
    somebody = people.filter(pk=agent).first()
    if somebody is None:
        raise Http404
    if request.method != "POST":
        viewed.note(signed_in(request), [agent], Viewing.What.DAY, timezone.now())
    view = span_of(request, roster).view
    made = hand.Hand(roster)
    row = there_of(roster, [(agent, day)]).get((agent, day))
    has = None if row is None else made.clocked(row)
    said = request.POST if request.method == "POST" else None
    form = ShiftForm(
        said,
        roster=roster,
        people=people,
        templates=made.templates,
        has=has,
        agent=somebody,
        day=day,
    )
    within = WithinForms(said, initial=form.within, prefix="within")
    known = roster.revision
    if said is not None:
        seen = said.get("seen", "")
        known = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        changes: list[edits.Wanted] = []
        if "remove" in said:
            changes = [edits.Wanted(agent, day, None)]
        elif form.is_valid() & within.is_valid():
            changes = _of_form(form, within, made, row, (agent, day))
        if changes:
            try:
                edit = edits.apply(roster, changes, signed_in(request), timezone.now(), seen=known)
            except ValidationError as refusal:
                form.add_error(None, refusal)
                if isinstance(refusal, edits.Stale):
                    known = roster.revision  # who saves now has been told
            else:
                _say(request, roster, form, changes if edit else ())
                return _shown(roster, changes[-1].day, view)
    context = {
        "roster": roster, "agent": somebody, "day": day, "form": form, "within": within,
        "is_there": row is not None, "seen": known,
        "view": view, "back_url": _address(roster, day, view),
    }  # fmt: skip
    return render(request, "scheduling/roster_shift.html", context)


def _say(
    request: HttpRequest, roster: KeptRoster, form: ShiftForm, changes: Sequence[edits.Wanted]
) -> None:
    """What became of a form, as the board says it of a drag; and what fell out of the shift."""
    if not changes:
        messages.info(request, _("It was so already."))
        return
    found = answers.broken_by(roster, [(one.agent, one.day) for one in changes])
    if found:
        told = _("Saved. It breaks:")
        messages.warning(request, f"{told} {'; '.join(one['words'] for one in found)}")
    else:
        messages.info(request, _("Saved."))
    if form.fell_out:
        gone = ", ".join(f"{one.name} {terms.clock(one.start)}" for one in form.fell_out)
        messages.warning(
            request, _("Not in it any more, as there was no room: %(gone)s") % {"gone": gone}
        )


def _of_form(
    form: ShiftForm, within: Any, made: hand.Hand, row: KeptShift | None, key: hand.Key
) -> list[edits.Wanted]:
    """What a form comes to; nothing, with its error, where that cannot be."""
    try:
        said = form.clocked(within)
        to = (form.cleaned_data["who"].pk, form.cleaned_data["day"])
        changes = [] if row is None or to == key else [edits.Wanted(*key, None)]
        if to != key and there_of(made.roster, [to]):
            raise ValidationError(_("There is a shift on this day already."))
        return [*changes, edits.Wanted(*to, made.given(to[1], said))]
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return []


@login_required
@require_POST
def roster_freeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Have shifts of a person, of a day, or all of them stay as they are when the roster is made
    anew, or no longer."""
    roster = planned_roster(request, pk)
    people = Agent.objects.filter(site=roster.site_id)
    form = FreezeForm(request.POST, roster=roster, people=people)
    if not form.is_valid():
        messages.warning(request, _("That cannot be: look again."))
        return redirect("roster", pk=roster.pk)
    said = form.cleaned_data
    rows = roster.shifts.exclude(is_fixed=said["fixed"])
    if said["who"]:
        rows = rows.filter(agent=said["who"])
    if said["on"]:
        rows = rows.filter(day=said["on"])
    there = {(one.agent_id, one.day): one for one in rows}
    changes = [
        {"agent": agent, "day": day.isoformat(), "do": "fix", "fixed": said["fixed"]}
        for agent, day in there
    ]
    try:
        wanted = hand.wanted(hand.Hand(roster), there, changes)
        edit = edits.apply(roster, wanted, signed_in(request), timezone.now(), seen=roster.revision)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        if edit is None:
            messages.info(request, _("They were so already."))
        elif not said["fixed"]:
            _say_freed(request, roster, there)
    return _shown(roster, said["on"] or roster.first_day)


def _say_freed(request: HttpRequest, roster: KeptRoster, freed: Collection[edits.Key]) -> None:
    """Say of how many shifts that may be changed now that a round of bids had given them out."""
    bid_for = len(bids.given_days(roster) & {*freed})
    if bid_for:
        messages.warning(
            request,
            ngettext(
                "%(n)s of these shifts was given out by a round of bids: made anew, the roster "
                "may take it from who got it.",
                "%(n)s of these shifts were given out by a round of bids: made anew, the roster "
                "may take them from who got them.",
                bid_for,
            )
            % {"n": bid_for},
        )


@login_required
@require_POST
def roster_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Read anew what is asked of a roster, by the forecasts that stand now."""
    roster = planned_roster(request, pk)
    if services.working(roster) is None:
        asked.by_now(roster, timezone.now())
        messages.info(request, _("What is asked for is read anew."))
    else:
        messages.warning(request, _("It is being made: wait until that is over, or stop it."))
    return redirect("roster", pk=roster.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is absent from a shift; then the fewest changes that mend that, which a worker looks for
    and a planner takes or not. While they are looked for the page asks every second."""
    roster = planned_roster(request, pk)
    if request.method == "POST":
        return _repairing(request, roster)
    found = repairs.last(roster)
    working = found is not None and not found.job.finished
    if "HX-Request" in request.headers and not working:
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {
        "roster": roster,
        "found": found,
        "working": working,
        "poll_url": reverse("roster_repair", args=[roster.pk]),
        "cancel_url": reverse("roster_repair_stop", args=[roster.pk]),
    }
    if "HX-Request" in request.headers and found is not None:
        return render(request, "_partials/job.html", context | {"job": found.job})
    is_found = found is not None and found.revision is not None and not working
    context |= {
        "away": [repairs.words_of(one) for one in repairs.away(roster, timezone.now())],
        "changes": repairs.told(roster, found) if found is not None and is_found else None,
        "is_current": is_found and found is not None and found.revision == roster.revision,
    }
    return render(request, "scheduling/roster_repair.html", context)


def _repairing(request: HttpRequest, roster: KeptRoster) -> HttpResponse:
    """Take a proposal, or have one looked for."""
    here = redirect("roster_repair", pk=roster.pk)
    number = request.POST.get("proposal", "")
    try:
        if request.POST.get("do") == "take":
            known = int(number) if number.isdecimal() and len(number) < 19 else 0
            edit = repairs.take(roster, known, signed_in(request), timezone.now())
            if edit is not None:
                messages.info(request, _("It is repaired."))
            return redirect("roster", pk=roster.pk)
        if request.POST.get("do") == "propose":
            job = repairs.ask(roster, signed_in(request)).job
            transaction.on_commit(lambda: work.send(tasks.repair_roster, job.pk))
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return here


@login_required
@require_POST
def roster_repair_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop looking for changes; the best that are found until then are proposed."""
    roster = planned_roster(request, pk)
    repairs.stop(roster)
    return redirect("roster_repair", pk=roster.pk)


def _address(roster: KeptRoster, day: date, view: str = "") -> str:
    return address(reverse("roster", args=[roster.pk]), {"view": view, "day": day})


def _shown(roster: KeptRoster, day: date, view: str = "") -> HttpResponse:
    return redirect(_address(roster, day, view))


def urls(under: str) -> list[URLPattern]:
    here = f"{under}/rosters/<int:pk>"
    return [
        path(f"{here}/board/", roster_board, name="roster_board"),
        path(f"{here}/since/", roster_since, name="roster_since"),
        path(f"{here}/change/", roster_change, name="roster_change"),
        path(f"{here}/undo/", roster_undo, name="roster_undo"),
        path(f"{here}/redo/", roster_redo, name="roster_redo"),
        path(f"{here}/freeze/", roster_freeze, name="roster_freeze"),
        path(f"{here}/repair/", roster_repair, name="roster_repair"),
        path(f"{here}/repair/stop/", roster_repair_stop, name="roster_repair_stop"),
        path(f"{here}/ask/", roster_ask, name="roster_ask"),
        path(f"{here}/shifts/<int:agent>/<roster_day:day>/", roster_shift, name="roster_shift"),
    ]
