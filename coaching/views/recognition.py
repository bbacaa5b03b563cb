"""Recognition: the feed with one's own first, and the form that gives one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.models import Call, Site
from ccm.navigation import manages, may_open
from ccm.views.lists import signed_in
from coaching.models import Kudos
from coaching.recognition import listed, reads, services
from coaching.recognition.forms import KudosForm, survey_words
from coaching.recognition.reads import Asked

ROWS = 20


@login_required
@require_safe
def recognition_page(request: HttpRequest) -> HttpResponse:
    """Who was thanked by whom and what for, of own sites; what oneself was given stands first."""
    user, now = signed_in(request), timezone.now()
    sites = _sites(request)
    asked = _asked(request, sites)
    rows = reads.found(user, asked, now)
    own: list[Kudos] = []
    me = scope_of(user).agent
    if not asked.whose and me is not None:
        own = list(reads.own(user)[: reads.MOST_OWN])
        rows = rows.exclude(agent=me)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    shows_own = me is not None and asked.whose in ("", reads.MINE)
    if me is not None and shows_own and request.method == "GET" and reads.count(user):
        # Those that are shown here count in the sidebar no more.
        services.saw_own(me, now)
    drawn = reads.lines([*own, *page], user, now)
    said = {"site": asked.site, "whose": asked.whose}
    context = {
        "sites": sites,
        "asked": asked,
        "whose": _whose(request),
        "own": [_row(one, own=True) for one in drawn[: len(own)]] if page.number == 1 else [],
        "mine_url": address(request.path, {"site": asked.site, "whose": reads.MINE}),
        "has_more_own": len(own) == reads.MOST_OWN,
        "page": page,
        "rows": [_row(one, own=one.kudos.agent_id == me) for one in drawn[len(own) :]],
        "is_narrowed": asked != Asked(),
        "new_url": address(reverse("recognition_new"), {"site": asked.site}),
        "export_url": address(reverse("recognition_csv"), said) if manages(user) else "",
        "earlier": address(request.path, said | {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, said | {"page": page.next_page_number()})
        if page.has_next()
        else "",
    }
    return render(request, "coaching/recognition.html", context)


@login_required
@require_safe
def recognition_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same of sites managed, to keep; that it was is noted."""
    user, now = signed_in(request), timezone.now()
    if not manages(user):
        raise Http404
    sites = list(Site.objects.managed_by(user))
    asked = _asked(request, sites)
    rows = reads.found(user, asked, now).filter(pk__in=Kudos.objects.managed_by(user).values("pk"))
    if request.method == "GET":
        site = next((one for one in sites if one.slug == asked.site), None)
        exported.listed(user, Kudos, site, bool(asked.whose), now)
    return exports.download("recognition.csv", listed.HEADER, listed.lines(rows))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recognition_new(request: HttpRequest) -> HttpResponse:
    """Give one; with `call` in the address, to who took a call, and of it."""
    user, now = signed_in(request), timezone.now()
    sites = _sites(request)
    call = _call(request)
    site = call.site if call is not None else filters.of_sites(request, sites)
    if site is None:
        raise Http404
    about(request, site)
    posted = request.POST if request.method == "POST" else None
    form = KudosForm(site, user, now, posted, call=call, given=_given(request))
    if form.is_bound and form.is_valid():
        try:
            services.give(form.made(), user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.info(request, _("It stands in the feed. You may take it back within a day."))
            return redirect("recognition")
    context = {
        "form": form, "site": site, "call": call,
        "sites": sites,
        # The site that was shown is the one that it is sent of.
        "action": address(
            request.path, {"call": call.pk} if call is not None else {"site": site.slug}
        ),
    }  # fmt: skip
    return render(request, "coaching/recognition_new.html", context)


@login_required
@require_POST
def recognition_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one that the reader gave."""
    user = signed_in(request)
    _sites(request)
    if pk > MOST_ID:
        raise Http404
    get_object_or_404(Kudos.objects.filter(giver=user), pk=pk)
    try:
        services.take_back(pk, user, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is taken back."))
    return redirect("recognition")


@login_required
@require_POST
def recognition_walls(request: HttpRequest, pk: int) -> HttpResponse:
    """Have walls show what the reader was given, or no longer."""
    user = signed_in(request)
    _sites(request)
    if pk > MOST_ID:
        raise Http404
    get_object_or_404(Kudos.objects.filter(agent__user=user), pk=pk)
    services.show_on_walls(pk, request.POST.get("show") == "1", user, timezone.now())
    return redirect("recognition")


def _row(line: reads.Line, *, own: bool = False) -> dict[str, Any]:
    said = "" if line.survey is None else survey_words(line.survey)
    return {"line": line, "one": line.kudos, "survey": said, "is_own": own}


def _whose(request: HttpRequest) -> list[tuple[str, str]]:
    """What of the feed the reader may choose."""
    user = signed_in(request)
    choices = [("", _("all"))]
    if reads.has_team(user):
        choices.append((reads.TEAM, _("my team's")))
    if scope_of(user).agent is not None:
        choices.append((reads.MINE, _("mine")))
    return [*choices, (reads.GIVEN, _("given by me"))]


def _sites(request: HttpRequest) -> list[Site]:
    if not may_open("recognition", request.user):
        raise Http404
    return list(reads.sites(request.user))


def _asked(request: HttpRequest, sites: list[Site]) -> Asked:
    """What the address asks for; whose it cannot be is passed over."""
    slug, whose = request.GET.get("site", ""), request.GET.get("whose", "")
    if slug and slug not in {one.slug for one in sites}:
        raise Http404
    return Asked(site=slug, whose=whose if whose in reads.WHOSE else "")


def _call(request: HttpRequest) -> Call | None:
    """The call that the address names; None: it names none. Raises Http404 for one that the reader
    may not open, that nobody took, or that they took themselves."""
    word = request.GET.get("call", "")
    if not word:
        return None
    try:
        pk = UUID(word)
    except ValueError:
        raise Http404 from None
    found = reads.call(request.user, pk)
    if found is None:
        raise Http404
    return found


def _given(request: HttpRequest) -> dict[str, Any]:
    """What the address fills in."""
    word = request.GET.get("agent", "")
    is_number = word.isascii() and word.isdecimal() and len(word) < 19
    return {"agent": int(word)} if is_number else {}


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/recognition/", recognition_page, name="recognition"),
        path(f"{under}/recognition/export.csv", recognition_csv, name="recognition_csv"),
        path(f"{under}/recognition/new/", recognition_new, name="recognition_new"),
        path(f"{under}/recognition/<int:pk>/walls/", recognition_walls, name="recognition_walls"),
        path(
            f"{under}/recognition/<int:pk>/take-back/",
            recognition_take_back,
            name="recognition_take_back",
        ),
    ]
