"""Pages of the library for anybody, without signing in; and which of them are."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ccm import limits
from ccm.database import MOST_ID
from ccm.filters import address, of_sites
from ccm.models import Site
from ccm.names import visible
from ccm.structure import drawn
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from coaching.library.matching import LONGEST
from coaching.models import LibraryPage, PublicShelf
from coaching.public import reads, services
from coaching.views.library import as_html

FRESH_SECONDS = 300
MOST_AN_ADDRESS = 120
"""Pages a minute of one address: an office's worth."""


@require_safe
def public_shelf(request: HttpRequest, site: str) -> HttpResponse:
    """What anybody reads of a site, searched."""
    shelf = _shelf(request, site)
    if shelf is None:
        return _later(request)
    text = visible(request.GET.get("q", "").replace("\0", "")).strip()[:LONGEST]
    rows = reads.found(shelf.site, text)
    slugs = reads.slugs([one.page_id for one in rows])
    pages = [
        (one.title, reverse("public_page", args=[site, one.page_id, slugs[one.page_id]]))
        for one in rows
        if one.page_id in slugs
    ]
    context = {"shelf": shelf, "pages": pages, "text": text}
    return _for_anybody(render(request, "coaching/public_shelf.html", context), shelf)


@require_safe
def public_page(request: HttpRequest, site: str, pk: int, slug: str) -> HttpResponse:
    """One of its pages as it is published last."""
    shelf = _shelf(request, site)
    if shelf is None:
        return _later(request)
    found = reads.one(shelf.site, pk) if pk <= MOST_ID else None
    if found is None:
        raise Http404
    version, named = found
    if named != slug:
        return redirect("public_page", site=site, pk=pk, slug=named)
    tag = f'"{version.pk}-{int(shelf.is_indexed)}"'
    if request.headers.get("If-None-Match") == tag:
        return _for_anybody(HttpResponseNotModified(), shelf, tag)
    context = {"shelf": shelf, "version": version, "html": as_html(version.body)}
    return _for_anybody(render(request, "coaching/public_page.html", context), shelf, tag)


def _for_anybody(response: HttpResponse, shelf: PublicShelf, tag: str = "") -> HttpResponse:
    """Kept by whoever is between for some minutes, and listed only where that is wished."""
    patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
    response["X-Robots-Tag"] = "all" if shelf.is_indexed else "noindex, nofollow, noarchive"
    if tag:
        response["ETag"] = tag
    return response


def _shelf(request: HttpRequest, site: str) -> PublicShelf | None:
    """The open shelf of a site; None: it is asked for too often. Raises Http404 for any other,
    whether there is such a site or not."""
    key = limits.address_key(limits.address_of(request))
    if limits.too_often(f"help:address:{key}", MOST_AN_ADDRESS):
        return None
    found = reads.shelf(site)
    if found is None:
        raise Http404
    return found


def _later(request: HttpRequest) -> HttpResponse:
    response = render(request, "ccm/survey_later.html", status=429)
    response["Retry-After"] = str(limits.WINDOW_SECONDS)
    return response


@login_required
@require_safe
def public_pages(request: HttpRequest) -> HttpResponse:
    """Which pages of a site are for anybody, and whether its shelf is open."""
    user = signed_in(request)
    _open(request)
    sites = list(reads.sites(user))
    site = of_sites(request, sites)
    if site is None:
        return render(request, "coaching/public_pages.html", {"site": None})
    shelf = PublicShelf.objects.filter(site=site).first()
    context = {
        "site": site,
        "sites": sites,
        "shelf": shelf,
        "may_switch": reads.may_switch(user, site),
        "rows": reads.offered(user, site),
        "address": request.build_absolute_uri(reverse("public_shelf", args=[site.slug])),
        "switch_url": reverse("public_switch", args=[site.pk]),
        "switches": drawn.packed(_switches(shelf)),
    }
    return render(request, "coaching/public_pages.html", context)


def _switches(shelf: PublicShelf | None) -> dict[str, str]:
    """What the boxes of a shelf say, as a browser sends them."""
    said = {"open": shelf is not None and shelf.is_on}
    said["listed"] = shelf is not None and shelf.is_indexed
    return {name: "on" if is_set else "" for name, is_set in said.items()}


@login_required
@require_POST
@in_turn
def public_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Open or close the shelf of a site."""
    user = signed_in(request)
    _open(request)
    site = get_object_or_404(reads.sites(user), pk=pk if pk <= MOST_ID else 0)
    if not reads.may_switch(user, site):
        raise Http404
    there = _switches(PublicShelf.objects.filter(site=site).first())
    sent = {name: request.POST.get(name, "") for name in there}
    # A box that was left alone stays as somebody else has set it since.
    said = drawn.merged(drawn.unpacked(request.POST.get("drawn", "")), sent, there).written
    is_on, is_indexed = (said[name] == "on" for name in ("open", "listed"))
    services.switch(site, user, timezone.now(), is_on=is_on, is_indexed=is_indexed)
    messages.info(request, _("It is kept."))
    return redirect(_back(site))


@login_required
@require_POST
def public_flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a page be for anybody, or not."""
    user = signed_in(request)
    _open(request)
    written = LibraryPage.objects.written_by(user)
    page: LibraryPage = get_object_or_404(written, pk=pk if pk <= MOST_ID else 0)
    try:
        services.flag(page, user, timezone.now(), is_public=request.POST.get("public") == "1")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    sites = reads.sites(user).filter(slug=request.POST.get("site", "").replace("\0", ""))
    return redirect(_back(sites.first()))


def _back(site: Site | None) -> str:
    return address(reverse("public_pages"), {"site": site and site.slug})


def _open(request: HttpRequest) -> None:
    if not reads.sees(request.user):
        raise Http404


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/library/public"
    return [
        path("help/<slug:site>/", public_shelf, name="public_shelf"),
        path("help/<slug:site>/<int:pk>/<slug:slug>/", public_page, name="public_page"),
        path(f"{own}/", public_pages, name="public_pages"),
        path(f"{own}/sites/<int:pk>/", public_switch, name="public_switch"),
        path(f"{own}/pages/<int:pk>/", public_flag, name="public_flag"),
    ]
