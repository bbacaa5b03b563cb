"""The suggestions box: the list, one with its answer, and the form that takes one, with a name or
without. What takes one says nothing of who asked: see `coaching.suggestions`."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ccm import limits
from ccm.filters import about, address
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.models import Suggestion
from coaching.suggestions import reads, services
from coaching.suggestions.forms import AnswerForm, SuggestionForm
from coaching.suggestions.reads import Asked

ROWS = 20
MOST_A_MINUTE = 10
"""Nameless suggestions of a site: nobody is counted, so nobody's own are."""


@login_required
@require_safe
def suggestions_page(request: HttpRequest) -> HttpResponse:
    """What was suggested, what became of it, and what it was answered."""
    user, now = signed_in(request), timezone.now()
    sites = _sites(request)
    asked = _asked(request, sites)
    page = Paginator(reads.found(user, asked, now), ROWS).get_page(request.GET.get("page"))
    said = {"site": asked.site, "state": asked.state, "mine": "1" if asked.is_mine else ""}
    context = {
        "sites": sites,
        "asked": asked,
        "states": Suggestion.State.choices,
        "page": page,
        "rows": [_row(request, one) for one in page],
        "is_narrowed": asked != Asked(),
        "answers_any": any(reads.answers(user, one.pk) for one in sites),
        "earlier": address(request.path, said | {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, said | {"page": page.next_page_number()})
        if page.has_next()
        else "",
    }
    return render(request, "coaching/suggestions.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def suggestion_new(request: HttpRequest) -> HttpResponse:
    """Put one into the box."""
    sites = _sites(request)
    if not sites:
        raise Http404
    form = SuggestionForm(sites, request.POST if request.method == "POST" else None)
    status = HTTPStatus.OK
    if form.is_bound and form.is_valid():
        try:
            return _kept(request, form)
        except _TooOften:
            status = HTTPStatus.TOO_MANY_REQUESTS
            form.add_error(None, _("Many are coming in at this moment. Send it again in a minute."))
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return render(request, "coaching/suggestion_new.html", {"form": form}, status=status)


class _TooOften(Exception):
    pass


def _kept(request: HttpRequest, form: SuggestionForm) -> HttpResponse:
    """Keep what a valid form says. Of one without a name nothing but its words goes on from here:
    no message that a session might keep, and no address that names it."""
    site, said, now = form.chosen_site, form.cleaned_data, timezone.now()
    if form.is_named:
        user = signed_in(request)
        made = services.suggest(site, said["title"], said["words"], user, now)
        return redirect("suggestion", pk=made.pk)
    if limits.too_often(f"suggestions:{site.pk}", MOST_A_MINUTE):
        raise _TooOften
    services.suggest(site, said["title"], said["words"], None, now)
    return redirect("suggestion_kept")


@login_required
@never_cache
@require_safe
def suggestion_kept(request: HttpRequest) -> HttpResponse:
    """What is told after one without a name: the same to everybody."""
    _sites(request)
    return render(request, "coaching/suggestion_kept.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def suggestion_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One of them; by who answers it, how far it is and what it is answered."""
    user = signed_in(request)
    one = _suggestion(request, pk)
    may_answer = reads.answers(user, one.site_id)
    if request.method == "POST" and not may_answer:
        raise Http404
    form = AnswerForm(one, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.answer(pk, form.cleaned_data, form.asked_revision, user, timezone.now())
        except services.Stale as stale:
            # What was typed stays, beside what it says by now.
            one = _suggestion(request, pk)
            sent = request.POST.copy()
            sent["revision"] = str(one.revision)
            form = AnswerForm(one, sent)
            form.is_valid()
            form.add_error(None, stale.messages[0])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("suggestion", pk=pk)
    context = _row(request, one) | {"form": form if may_answer else None}
    return render(request, "coaching/suggestion.html", context)


def _row(request: HttpRequest, one: Suggestion) -> dict[str, Any]:
    """A suggestion as its reader is told of it."""
    user = signed_in(request)
    return {
        "one": one,
        "level": LEVELS[Suggestion.State(one.state)],
        "who": one.by if reads.reads_name(user, one) else None,
        "is_own": one.by_id is not None and one.by_id == user.pk,
        "may_answer": reads.answers(user, one.site_id),
    }


LEVELS = {
    Suggestion.State.NEW: "warn",
    Suggestion.State.SEEN: "none",
    Suggestion.State.PLANNED: "none",
    Suggestion.State.DONE: "ok",
    Suggestion.State.DROPPED: "none",
}


def _sites(request: HttpRequest) -> list[Site]:
    if not may_open("suggestions", request.user):
        raise Http404
    return list(reads.sites(request.user))


def _suggestion(request: HttpRequest, pk: UUID) -> Suggestion:
    if not may_open("suggestions", request.user):
        raise Http404
    rows = reads.seen(request.user, timezone.now())
    one: Suggestion = get_object_or_404(rows, pk=pk)
    about(request, one.site)
    return one


def _asked(request: HttpRequest, sites: list[Site]) -> Asked:
    """What the address asks for; a state that is none is passed over."""
    slug, state = request.GET.get("site", ""), request.GET.get("state", "")
    if slug and slug not in {one.slug for one in sites}:
        raise Http404
    return Asked(
        site=slug,
        state=state if state in Suggestion.State.values else "",
        is_mine=request.GET.get("mine") == "1",
    )


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/suggestions/", suggestions_page, name="suggestions"),
        path(f"{under}/suggestions/new/", suggestion_new, name="suggestion_new"),
        path(f"{under}/suggestions/new/kept/", suggestion_kept, name="suggestion_kept"),
        path(f"{under}/suggestions/<uuid:pk>/", suggestion_page, name="suggestion"),
    ]
