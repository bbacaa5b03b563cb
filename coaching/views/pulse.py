"""Surveys of people: the list, a new one, what one was answered, and the form that takes answers.
What takes them says nothing of who asked: see `coaching.pulse`."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.database import MOST_ID
from ccm.filters import about, address, of_sites
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.models import PulseSurvey
from coaching.pulse import FEWEST, reads, services
from coaching.pulse.forms import PulseAnswerForm, PulseForm
from coaching.pulse.marks import mark

ROWS = 20


@login_required
@require_safe
def pulse_page(request: HttpRequest) -> HttpResponse:
    """What asks the reader stands first; then those that run, and those that are over."""
    user, now = signed_in(request), timezone.now()
    if not may_open("pulse", user):
        raise Http404
    page = Paginator(reads.seen(user, now), ROWS).get_page(request.GET.get("page"))
    context = {
        "to_answer": reads.to_answer(user, now),
        "page": page,
        "rows": [{"one": one, "is_over": one.is_over(now), **_state(one, now)} for one in page],
        "may_ask": reads.sites_asked(user).exists(),
        "earlier": address(request.path, {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, {"page": page.next_page_number()}) if page.has_next() else "",
    }
    return render(request, "coaching/pulse.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pulse_new(request: HttpRequest) -> HttpResponse:
    """Ask a site, a team, or who leaves."""
    user, now = signed_in(request), timezone.now()
    if not may_open("pulse", user):
        raise Http404
    sites = list(reads.sites_asked(user))
    site = of_sites(request, sites)
    if site is None:
        raise Http404
    form = PulseForm(site, user, now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = services.make(form.asked(), user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("pulse_survey", pk=made.pk)
    context = {
        "form": form,
        "site": site,
        "sites": sites,
        "fewest": FEWEST,
        "action": address(request.path, {"site": site.slug}),
    }
    return render(request, "coaching/pulse_new.html", context)


@login_required
@require_safe
def pulse_survey(request: HttpRequest, pk: int) -> HttpResponse:
    """What a survey asks, and once it is over what it was answered."""
    user, now = signed_in(request), timezone.now()
    one = _survey(request, pk)
    manages = PulseSurvey.objects.managed_by(user).filter(pk=pk).exists()
    is_over = one.is_over(now)
    may_read = manages or one.kind == PulseSurvey.Kind.PULSE
    told = reads.told(one.site, one.kind, now) if is_over and may_read else frozenset()
    is_told = one.pk in told
    context = {
        "one": one,
        **_state(one, now),
        "is_over": is_over,
        "is_told": is_told,
        "may_read": may_read,
        "fewest": FEWEST,
        "results": [_row(each) for each in reads.results(one, told, with_words=manages)]
        if is_told
        else [],
        "questions": [] if is_told else list(one.questions.all()),
        "manages": manages,
        "may_call_off": manages and one.opens_on > one.day(now),
    }
    return render(request, "coaching/pulse_survey.html", context)


@login_required
@require_POST
def pulse_call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Call one off that has not begun."""
    user = signed_in(request)
    if not may_open("pulse", user) or pk > MOST_ID:
        raise Http404
    get_object_or_404(PulseSurvey.objects.managed_by(user), pk=pk)
    try:
        services.call_off(pk, user, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("pulse_survey", pk=pk)
    messages.info(request, _("It is called off."))
    return redirect("pulse")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pulse_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer one. From here on nothing but what was said goes on, and a mark."""
    user, now = signed_in(request), timezone.now()
    if not may_open("pulse", user) or pk > MOST_ID:
        raise Http404
    rows = PulseSurvey.objects.asking(user, now).select_related("site", "team")
    one: PulseSurvey = get_object_or_404(rows, pk=pk)
    about(request, one.site)
    if not one.is_open(now):
        raise Http404
    if user.pk is None or reads.has_answered(one.pk, user.pk):
        return redirect("pulse_kept")
    posted = request.POST if request.method == "POST" else None
    form = PulseAnswerForm(list(one.questions.all()), posted)
    if form.is_bound and form.is_valid():
        try:
            services.answer(one.pk, mark(one.pk, user.pk), form.said(), now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("pulse_kept")
    context = {"one": one, "form": form, "fewest": FEWEST}
    return render(request, "coaching/pulse_answer.html", context)


@login_required
@never_cache
@require_safe
def pulse_kept(request: HttpRequest) -> HttpResponse:
    """What is told after an answer: the same to everybody."""
    if not may_open("pulse", request.user):
        raise Http404
    return render(request, "coaching/pulse_kept.html")


def _survey(request: HttpRequest, pk: int) -> PulseSurvey:
    user = signed_in(request)
    if not may_open("pulse", user) or pk > MOST_ID:
        raise Http404
    one: PulseSurvey = get_object_or_404(reads.seen(user, timezone.now()), pk=pk)
    about(request, one.site)
    return one


def _state(one: PulseSurvey, now: Any) -> dict[str, str]:
    if one.is_over(now):
        return {"level": "none", "word": _("over")}
    if one.is_open(now):
        return {"level": "ok", "word": _("runs")}
    return {"level": "none", "word": _("planned")}


def _row(one: reads.Result) -> dict[str, Any]:
    level, word = "none", ""
    if one.change is not None:
        level, word = {
            "up": ("ok", _("higher than before")),
            "down": ("warn", _("lower than before")),
            "noise": ("none", _("no sure change")),
        }.get(one.change.direction, ("none", _("too few to say whether it changed")))
    low, high = one.question.ends
    return {"one": one, "level": level, "word": word, "low": low, "high": high}


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/pulse/", pulse_page, name="pulse"),
        path(f"{under}/pulse/new/", pulse_new, name="pulse_new"),
        path(f"{under}/pulse/answer/kept/", pulse_kept, name="pulse_kept"),
        path(f"{under}/pulse/answer/<int:pk>/", pulse_answer, name="pulse_answer"),
        path(f"{under}/pulse/<int:pk>/", pulse_survey, name="pulse_survey"),
        path(f"{under}/pulse/<int:pk>/call-off/", pulse_call_off, name="pulse_call_off"),
    ]
