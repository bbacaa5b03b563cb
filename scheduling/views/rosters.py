"""Rosters: those of the sites one plans, one of them, and what planners do with it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from ccm import work
from ccm.access import scope_of
from ccm.filters import address
from ccm.models import Agent
from ccm.navigation import may_open, plans
from ccm.views.lists import signed_in
from scheduling import tasks
from scheduling.bids import reads as bids
from scheduling.models import KeptRoster
from scheduling.rosters import (
    asked,
    demand,
    doubts,
    edits,
    latest,
    reads,
    services,
    words,
)
from scheduling.rosters.demand import Asked
from scheduling.rosters.forms import FreezeForm, MakingForm, RosterForm
from scheduling.terms import reach, read
from scheduling.views import roster_board, roster_days
from scheduling.views.roster_board import span_of
from scheduling.views.roster_reach import planned_roster, visible_roster

_SHOWN = 100


@login_required
@require_safe
def rosters_page(request: HttpRequest) -> HttpResponse:
    """The newest rosters: drafts and published ones of sites planned, published ones of teams."""
    if not may_open("rosters", request.user):
        raise Http404
    rows = KeptRoster.objects.visible_to(request.user)
    shown = list(rows.select_related("site", "group", "made_by")[:_SHOWN])
    context = {
        "rosters": [(one, words.weeks(one.days)) for one in shown],
        "says_zones": len({one.site.zone for one in shown}) > 1,
        "may_plan": plans(request.user),
        "most": _SHOWN,
    }
    return render(request, "scheduling/rosters.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_new(request: HttpRequest) -> HttpResponse:
    """Begin a draft, and have it made."""
    if not plans(request.user):
        raise Http404
    who = signed_in(request)
    said = request.POST if request.method == "POST" else None
    sites = reach.planned_sites(who).order_by("name")
    form, making = RosterForm(said, sites=sites), MakingForm(said)
    if said is not None and form.is_valid() & making.is_valid():
        roster, now = form.save(commit=False), timezone.now()
        is_asked = demand.of_roster(roster, read.rules(roster.site), now)
        form.doubts = doubts.of_new(roster, is_asked, now)
        if form.doubts and "sure" not in said:
            for one in form.doubts:
                form.add_error(None, one)
        elif _begun(roster, is_asked, making.cleaned_data["seconds"], form, request):
            return redirect("roster", pk=roster.pk)
    return render(request, "scheduling/roster_new.html", {"form": form, "making": making})


def _begun(
    roster: KeptRoster, is_asked: Asked, seconds: int, form: RosterForm, request: HttpRequest
) -> bool:
    """Keep a new draft and have it made; False, with its error, where it cannot be."""
    now = timezone.now()
    try:
        with transaction.atomic():
            services.begin(roster, signed_in(request), now)
            asked.keep(roster, is_asked, now)
            _make(roster, seconds, request)
    except ValidationError as refusal:
        form.add_error("group", refusal)
        return False
    return True


@login_required
@require_safe
def roster_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A roster: to its planners a board to change it on, to who leads a team its people. Who works
    when comes by `roster_board` and `roster_days`, what it covers, costs and breaks by
    `roster_account`."""
    who = signed_in(request)
    roster = visible_roster(request, pk)
    span = span_of(request, roster)
    plans = scope_of(who).plans_for(roster.site_id)
    asked_for = {"view": span.view, "day": span.first}
    days = reverse("roster_days", args=[roster.pk])
    context: dict[str, Any] = {
        "roster": roster,
        "span": span,
        "length": words.weeks(roster.days),
        "may_plan": plans,
        "has_people": plans
        or Agent.objects.answered_for_by(who).filter(site=roster.site_id).exists(),
        "board_url": address(reverse("roster_board", args=[roster.pk]), asked_for),
        "days_url": address(days, asked_for),
        "paper_url": address(days, asked_for | {"paper": "yes"}),
    }
    if plans:
        run = reads.last_run(roster)
        working = run is not None and not run.job.finished
        done, undone = edits.stacks(roster, who)
        context |= {
            "run": run,
            "working": working,
            # It may be made and give nobody a shift: then it says why.
            "is_made": (run is not None and run.took_seconds is not None) or roster.shifts.exists(),
            "can_undo": bool(done),
            "can_redo": bool(undone),
            "changes": latest.changes(roster, roster.made_revision),
            "waiting": [] if roster.is_draft else latest.not_acknowledged(roster),
            "skills": reads.skills_of(roster),
            "is_stale": reads.is_stale(roster),
            "poll_url": reverse("roster_progress", args=[roster.pk]),
            "cancel_url": reverse("roster_stop", args=[roster.pk]),
        }
    return render(request, "scheduling/roster.html", context)


@login_required
@require_safe
def roster_account(request: HttpRequest, pk: int) -> HttpResponse:
    """What a roster covers and costs, and the rules that it breaks; with what to do next."""
    roster = planned_roster(request, pk)
    run = reads.last_run(roster)
    shifts = list(roster.shifts.all())
    problem, left_out = reads.problem_of(roster, shifts)
    agents = reads.people_of(roster, problem, shifts)
    bidding, given_out = reads.bidding(roster)
    context = {
        "roster": roster,
        "run": run,
        "working": run is not None and not run.job.finished,
        "is_made": bool(shifts) or (run is not None and run.took_seconds is not None),
        "bidding": bidding,
        "given_out": given_out,
        "making": MakingForm(initial={"seconds": run.seconds if run else 60}),
        "freezing": FreezeForm(
            roster=roster, people=Agent.objects.filter(site=roster.site_id), named=agents
        ),
        "told": reads.account(roster, shifts, problem, left_out, agents, run, _day(request)),
    }
    is_part = "HX-Request" in request.headers
    template = "scheduling/_roster_account.html" if is_part else "scheduling/roster_account.html"
    return render(request, template, context)


@login_required
@require_safe
def roster_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the making of a roster is; asked every second. Its end loads the page anew."""
    roster = planned_roster(request, pk)
    run = reads.last_run(roster)
    if run is None or run.job.finished:
        return HttpResponseClientRefresh()
    context = {
        "job": run.job,
        "poll_url": reverse("roster_progress", args=[roster.pk]),
        "cancel_url": reverse("roster_stop", args=[roster.pk]),
    }
    return render(request, "_partials/job.html", context)


@login_required
@require_POST
def roster_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft anew; what is to stay in it stays."""
    roster = planned_roster(request, pk)
    form = MakingForm(request.POST)
    if not form.is_valid():
        messages.warning(request, str(form.errors["seconds"][0]))
    elif not _make(roster, form.cleaned_data["seconds"], request):
        messages.warning(request, _("It is being made already, or is published."))
    return _back(roster)


@login_required
@require_POST
def roster_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the making of a roster; the best that is found until then is kept."""
    roster = planned_roster(request, pk)
    services.stop(roster)
    return _back(roster)


@login_required
@require_POST
def roster_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a draft; one that breaks hard rules only when that is said to be known."""
    roster = planned_roster(request, pk)
    revision = request.POST.get("revision", "")
    now = timezone.now()
    shifts = list(roster.shifts.all())
    problem, left_out = reads.problem_of(roster, shifts)
    agents = reads.people_of(roster, problem, shifts)
    told = reads.account(roster, shifts, problem, left_out, agents, None)
    try:
        services.publish(
            roster,
            signed_in(request),
            now,
            revision=int(revision) if revision.isdecimal() else -1,
            hard=told.hard,
            is_confirmed=request.POST.get("confirmed") == "yes",
        )
    except services.Breaks:
        messages.warning(request, _("It breaks rules: say that you know, or make it anew."))
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        work.send(tasks.explain_refusals)
        messages.info(request, _("It is published."))
    return _back(roster)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a draft is to go, then forget it."""
    roster = planned_roster(request, pk)
    if not roster.is_draft:
        raise Http404
    if request.method == "POST":
        if services.remove(roster, signed_in(request), timezone.now()):
            messages.info(request, _("The draft is removed."))
            return redirect("rosters")
        messages.warning(request, _("It is being made: stop that first."))
        return _back(roster)
    told = {
        "named": _named(roster),
        "along": [_("Its shifts go with it. Nobody works by a draft."), *bids.on_draft(roster)],
        "keep_url": reverse("roster", args=[roster.pk]),
    }
    return render(request, "ccm/remove.html", told)


def _named(roster: KeptRoster) -> str:
    said = {"site": roster.site.name, "day": date_format(roster.first_day, "D j M Y")}
    return _("the draft of %(site)s from %(day)s") % said


def _make(roster: KeptRoster, seconds: int, request: HttpRequest) -> bool:
    run = services.make(roster, seconds, signed_in(request))
    if run is None:
        return False
    transaction.on_commit(lambda: work.send(tasks.make_roster, run.job_id))
    return True


def _day(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def _back(roster: KeptRoster) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("roster", args=[roster.pk]))


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/rosters/", rosters_page, name="rosters"),
        path(f"{under}/rosters/new/", roster_new, name="roster_new"),
        path(f"{under}/rosters/<int:pk>/", roster_page, name="roster"),
        path(f"{under}/rosters/<int:pk>/account/", roster_account, name="roster_account"),
        path(f"{under}/rosters/<int:pk>/progress/", roster_progress, name="roster_progress"),
        path(f"{under}/rosters/<int:pk>/make/", roster_make, name="roster_make"),
        path(f"{under}/rosters/<int:pk>/stop/", roster_stop, name="roster_stop"),
        path(f"{under}/rosters/<int:pk>/publish/", roster_publish, name="roster_publish"),
        path(f"{under}/rosters/<int:pk>/remove/", roster_remove, name="roster_remove"),
        *roster_board.urls(under),
        *roster_days.urls(under),
    ]
