"""Rosters: those of the sites one plans, one of them, and what planners do with it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from ccm import work
from ccm.database import MOST_ID
from ccm.filters import about
from ccm.models import Agent
from ccm.navigation import may_open, plans
from ccm.views.lists import signed_in
from scheduling import tasks
from scheduling.models import KeptRoster, KeptShift
from scheduling.rosters import reads, services, words
from scheduling.rosters.forms import MakingForm, RosterForm
from scheduling.terms import reach

_SHOWN = 100


@login_required
@require_safe
def rosters_page(request: HttpRequest) -> HttpResponse:
    """The newest rosters: drafts and published ones of sites planned, published ones of teams."""
    if not may_open("rosters", request.user):
        raise Http404
    rows = KeptRoster.objects.visible_to(request.user)
    rows = rows.select_related("site", "group", "made_by")[:_SHOWN]
    context = {
        "rosters": [(one, words.weeks(one.days)) for one in rows],
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
        roster = form.save(commit=False)
        try:
            with transaction.atomic():
                services.begin(roster, who, timezone.now())
                _make(roster, making.cleaned_data["seconds"], request)
        except ValidationError as refusal:
            form.add_error("group", refusal)
        else:
            return redirect("roster", pk=roster.pk)
    return render(request, "scheduling/roster_new.html", {"form": form, "making": making})


@login_required
@require_safe
def roster_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A roster: to its planners with what it covers and costs, to who leads a team its people."""
    return _page(request, _visible(request, pk))


def _page(request: HttpRequest, roster: KeptRoster) -> HttpResponse:
    who = signed_in(request)
    shifts = list(KeptShift.objects.visible_to(who).filter(roster=roster))
    context: dict[str, Any] = {
        "roster": roster,
        "days": reads.days_of(roster),
        "length": words.weeks(roster.days),
        "may_plan": _plans(request, roster),
    }
    if not context["may_plan"]:
        led = Agent.objects.answered_for_by(who).filter(site=roster.site_id)
        context["rows"] = reads.table(roster, shifts, led.order_by("name", "pk"))
        return render(request, "scheduling/roster.html", context)
    now, run = timezone.now(), reads.last_run(roster)
    problem, left_out = reads.problem_of(roster, shifts, now)
    agents = reads.people_of(roster, problem, shifts)
    context |= {
        "rows": reads.table(roster, shifts, agents),
        "run": run,
        "working": run is not None and not run.job.finished,
        "making": MakingForm(initial={"seconds": run.seconds if run else 60}),
        # It may be made and give nobody a shift: then it says why.
        "is_made": bool(shifts) or (run is not None and run.took_seconds is not None),
        "told": reads.account(roster, shifts, problem, left_out, agents, run, _day(request)),
        "poll_url": reverse("roster_progress", args=[roster.pk]),
        "cancel_url": reverse("roster_stop", args=[roster.pk]),
    }
    return render(request, "scheduling/roster.html", context)


@login_required
@require_safe
def roster_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the making of a roster is; asked every second. Its end loads the page anew."""
    roster = _planned(request, pk)
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
    roster = _planned(request, pk)
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
    roster = _planned(request, pk)
    services.stop(roster)
    return _back(roster)


@login_required
@require_POST
def roster_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a draft; one that breaks hard rules only when that is said to be known."""
    roster = _planned(request, pk)
    revision = request.POST.get("revision", "")
    now = timezone.now()
    shifts = list(roster.shifts.all())
    problem, left_out = reads.problem_of(roster, shifts, now)
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
    roster = _planned(request, pk)
    if not roster.is_draft:
        raise Http404
    if request.method == "POST":
        if services.remove(roster, signed_in(request), timezone.now()):
            messages.info(request, _("The draft is removed."))
            return redirect("rosters")
        messages.warning(request, _("It is being made: stop that first."))
        return _back(roster)
    told = {
        "named": str(roster),
        "along": [_("Its shifts go with it. Nobody works by a draft.")],
        "keep_url": reverse("roster", args=[roster.pk]),
    }
    return render(request, "ccm/remove.html", told)


def _make(roster: KeptRoster, seconds: int, request: HttpRequest) -> bool:
    run = services.make(roster, seconds, signed_in(request))
    if run is None:
        return False
    transaction.on_commit(lambda: work.send(tasks.make_roster, run.job_id))
    return True


def _visible(request: HttpRequest, pk: int) -> KeptRoster:
    if pk > MOST_ID or not may_open("rosters", request.user):
        raise Http404
    rows = KeptRoster.objects.visible_to(request.user).select_related(
        "site", "group", "made_by", "published_by"
    )
    roster: KeptRoster = get_object_or_404(rows, pk=pk)
    about(request, roster.site)
    return roster


def _planned(request: HttpRequest, pk: int) -> KeptRoster:
    if pk > MOST_ID:
        raise Http404
    rows = KeptRoster.objects.managed_by(request.user).select_related("site", "group")
    roster: KeptRoster = get_object_or_404(rows, pk=pk)
    about(request, roster.site)
    return roster


def _plans(request: HttpRequest, roster: KeptRoster) -> bool:
    found: bool = KeptRoster.objects.managed_by(request.user).filter(pk=roster.pk).exists()
    return found


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
        path(f"{under}/rosters/<int:pk>/progress/", roster_progress, name="roster_progress"),
        path(f"{under}/rosters/<int:pk>/make/", roster_make, name="roster_make"),
        path(f"{under}/rosters/<int:pk>/stop/", roster_stop, name="roster_stop"),
        path(f"{under}/rosters/<int:pk>/publish/", roster_publish, name="roster_publish"),
        path(f"{under}/rosters/<int:pk>/remove/", roster_remove, name="roster_remove"),
    ]
