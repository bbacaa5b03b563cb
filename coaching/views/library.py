"""The library as it is read: the list and what is found, a page and its versions, who has read it,
and what readers say of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ccm import exported, exports, filters, tables
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.models import Site, User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import writes_library
from coaching.library import differences, finding, forms, listed, reading, reads, services, text
from coaching.library.matching import LONGEST
from coaching.library.reads import Asked
from coaching.models import LibraryPage, LibraryVersion

READER_STATES = ("all", "still", "read")


@login_required
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The pages that the reader may read, or of these what is found by words."""
    user, now = signed_in(request), timezone.now()
    _open(request)
    writes = writes_library(scope_of(user))
    sites = list(reads.sites_read(user))
    asked = _asked(request, sites, writes)
    context: dict[str, Any] = {
        "asked": asked,
        "sites": sites,
        "kinds": LibraryPage.Kind.choices,
        "states": [("used", _("in use")), ("drafts", _("with a draft")),
                   ("withdrawn", _("withdrawn"))] if writes else [],
        "writes": writes,
        "many_to_read": reading.count(user),
        "to_read_url": address(reverse("library"), {"reading": "1"}),
        "longest": LONGEST,
    }  # fmt: skip
    if asked.text:
        found = finding.found(user, asked, now, _number(request.GET.get("page", "")))
        said = _said(asked)
        context |= {
            "found": found,
            "still": reading.still_to_read(user, now),
            "before_url": found.before and address(request.path, said | {"page": found.before}),
            "after_url": found.after and address(request.path, said | {"page": found.after}),
        }
        return render(request, "coaching/library_found.html", context)
    table = listed.PageTable(
        reads.listed(user, asked, now),
        now=now,
        still=reading.still_to_read(user, now),
        exclude=_excluded(sites, writes),
    )
    if asked == Asked():
        table.say_first(writes=writes)
    elif asked == Asked(is_to_read=True):
        table.say_all_read()
    tables.arrange(table, request.GET)
    if writes:
        said = _said(asked) | {"sort": ",".join(table.order_by)}
        table.export_url = address(reverse("library_csv"), said)
    return render(request, "coaching/library.html", context | {"table": table})


@login_required
@require_safe
def library_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows in the same order with how many have read them and found them helpful, for
    those who write some; that they were taken along is noted."""
    user, now = signed_in(request), timezone.now()
    if not writes_library(scope_of(user)):
        raise Http404
    sites = list(reads.sites_read(user))
    asked = _asked(request, sites, writes=True)
    table = listed.PageTable(reads.listed(user, asked, now), now=now)
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    if request.method == "GET":
        site = next((one for one in sites if one.slug == asked.site), None)
        exported.listed(user, LibraryPage, site, asked != Asked(site=asked.site), now)
    return exports.download("library.csv", listed.HEADER, listed.lines(table.data.data, now))


def public_at(uses: reads.Uses) -> str:
    """Where anybody reads a page without signing in; "": nowhere."""
    return reverse("public_shelf", args=[uses.shelf]) if uses.shelf else ""


@login_required
@require_safe
def library_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(request, page_of(request, pk))


def _drawn(
    request: HttpRequest, page: LibraryPage, form: forms.AnswerForm | None = None
) -> HttpResponse:
    """A page as it is read; of one that is not published yet its draft's is the page."""
    user, now = signed_in(request), timezone.now()
    writes = reads.writes(user, page)
    version = reads.current(page)
    if version is None:
        return redirect("library_draft", pk=page.pk)
    uses = reads.uses(page) if writes else None
    context = shown(version, page) | {
        "reader": reads.reader(user, version, now),
        "is_overdue": reads.is_overdue(page, now),
        "writes": writes,
        "uses": uses,
        "public_at": "" if uses is None else public_at(uses),
        "draft": reads.draft(page) if writes else None,
        "helped": reads.helped(version),
        "said": reads.said_of(version) if writes else [],
        "versions": reads.versions(page, with_draft=writes),
        "sees_readers": reads.sees_readers_of(user, page),
        "form": form or forms.AnswerForm(),
    }
    return render(request, "coaching/library_page.html", context)


def shown(version: LibraryVersion, page: LibraryPage) -> dict[str, Any]:
    """What the templates of one version expect."""
    outline = text.outline(version.body)
    return {
        "page": page,
        "version": version,
        "html": as_html(version.body),
        "contents": [(one, f"{text.PREFIX}{one.anchor}") for one in outline.headings],
        "zone": listed.zone_of(page.site),
    }


def as_html(body: str, top: int = 2) -> SafeString:
    made = text.html(body, _("Table"), top)
    return mark_safe(made)  # noqa: S308 - HTML in it was escaped, and links are of few kinds


@login_required
@require_safe
def library_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version as it was, or a draft as it will be."""
    page = page_of(request, pk)
    version = _version(request, page, number)
    if version.is_draft:
        return redirect("library_draft", pk=pk)
    return render(request, "coaching/library_version.html", shown(version, page))


@login_required
@require_safe
def library_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions beside each other: unless asked for others the last two."""
    page = page_of(request, pk)
    versions = reads.versions(page, with_draft=reads.writes(signed_in(request), page))
    if not versions:
        raise Http404
    new = _chosen(request, "to", versions) or versions[0]
    earlier = [one for one in versions if one.number < new.number]
    old = _chosen(request, "from", versions) or (earlier[0] if earlier else new)
    old, new = reads.whole(old, new)
    context = {
        "page": page, "versions": versions, "old": old, "new": new,
        "changes": changes(old, new),
    }  # fmt: skip
    return render(request, "coaching/library_compare.html", context)


def changes(old: LibraryVersion, new: LibraryVersion) -> list[dict[str, Any]]:
    """What two versions have different, by what it is: its name and lines; nothing of what both
    say."""
    told = ((_("Title"), "title"), (_("Why"), "why"), (_("Text"), "body"))
    found = [
        {"name": name, "lines": differences.between(getattr(old, field), getattr(new, field))}
        for name, field in told
    ]
    return [one for one in found if one["lines"]]


@login_required
@require_safe
def library_readers(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has read what is in use, and who has still to, of whom the reader may be told."""
    page, version, state = _read_by(request, pk)
    user, now = signed_in(request), timezone.now()
    rows = reads.readers(user, page, version, now, state=state)
    zone = listed.zone_of(page.site)
    table = listed.ReaderTable(reads.by_state(rows), zone=zone)
    tables.arrange(table, request.GET)
    asked = {"state": "" if state == "all" else state}
    table.export_url = address(reverse("library_readers_csv", args=[pk]), asked)
    context = {
        "page": page,
        "version": version,
        "table": table,
        "state": state,
        "states": [("all", _("all")), ("still", _("still to read")), ("read", _("read"))],
        "counted": reads.counted(reads.readers(user, page, version, now)),
    }
    return render(request, "coaching/library_readers.html", context)


@login_required
@require_safe
def library_readers_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same as a file; that it was taken along is noted."""
    page, version, state = _read_by(request, pk)
    user, now = signed_in(request), timezone.now()
    rows = reads.by_state(reads.readers(user, page, version, now, state=state))
    if request.method == "GET":
        exported.listed(user, User, page.site, True, now)
    lines = listed.reader_lines(rows, page, version)
    return exports.download("readers.csv", listed.READERS_HEADER, lines)


@login_required
@require_POST
def library_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has read the version that was shown."""
    page = page_of(request, pk)
    version = _sent(request, page)
    try:
        services.confirm(version, signed_in(request), timezone.now())
    except services.Replaced as newer:
        messages.warning(request, newer.messages[0])
    else:
        messages.info(request, _("Noted: you have read it."))
    return redirect("library_page", pk=pk)


@login_required
@require_POST
def library_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether the version that was shown helped, instead of what was said before."""
    page = page_of(request, pk)
    version = _sent(request, page)
    form = forms.AnswerForm(request.POST)
    if not form.is_valid():
        return _drawn(request, page, form)
    services.answer(
        version, signed_in(request), timezone.now(), helped=form.cleaned_data["helped"] == "yes",
        words=form.cleaned_data["words"],
    )  # fmt: skip
    messages.info(request, _("Thank you: those who write the library see it."))
    return redirect("library_page", pk=pk)


def _sent(request: HttpRequest, page: LibraryPage) -> LibraryVersion:
    """The published version that a form was drawn with. Raises Http404 for none of the page's."""
    number = _number(request.POST.get("number", ""))
    rows = LibraryVersion.objects.light().published().filter(page=page)
    version: LibraryVersion = get_object_or_404(rows, number=number)
    return version


def page_of(request: HttpRequest, pk: int, *, changes: bool = False) -> LibraryPage:
    """A page that the reader sees, or changes. Raises Http404 for any other."""
    _open(request)
    if pk > MOST_ID:
        raise Http404
    rows = LibraryPage.objects.visible_to(request.user)
    if changes:
        rows = LibraryPage.objects.written_by(request.user)
    page: LibraryPage = get_object_or_404(rows.select_related("site", "owner", "made_by"), pk=pk)
    if page.site is not None:
        about(request, page.site)
    return page


def _version(request: HttpRequest, page: LibraryPage, number: int) -> LibraryVersion:
    rows = LibraryVersion.objects.light().filter(page=page).select_related("published_by")
    if not reads.writes(signed_in(request), page):
        rows = rows.published()
    version: LibraryVersion = get_object_or_404(rows, number=number)
    return version


def _read_by(request: HttpRequest, pk: int) -> tuple[LibraryPage, LibraryVersion, str]:
    """A page whose readers may be told, its version in use, and which readers are asked for."""
    page = page_of(request, pk)
    version = reads.current(page)
    if version is None or not reads.sees_readers_of(signed_in(request), page):
        raise Http404
    state = request.GET.get("state", "all")
    return page, version, state if state in READER_STATES else "all"


def _open(request: HttpRequest) -> None:
    if not may_open("library", request.user):
        raise Http404


def _asked(request: HttpRequest, sites: list[Site], writes: bool) -> Asked:
    """What the address asks for; a kind or state that is none is passed over. Words are looked for
    in what is published."""
    asked = request.GET
    slug = asked.get("site", "")
    if slug and slug != forms.ALL_SITES and slug not in {one.slug for one in sites}:
        raise Http404
    if slug != forms.ALL_SITES:
        filters.of_sites(request, sites)
    kind, state = asked.get("kind", ""), asked.get("state", "used")
    words = text.clean(asked.get("q", "")).strip()[:LONGEST]
    if not writes or state not in reads.STATES or (words and state == "drafts"):
        state = "used"
    return Asked(
        site=slug,
        kind=kind if kind in LibraryPage.Kind.values else "",
        state=state,
        is_mine=asked.get("mine") == "1",
        is_overdue=asked.get("overdue") == "1",
        is_to_read=asked.get("reading") == "1",
        text=words,
    )


def _said(asked: Asked) -> dict[str, object]:
    """As an address says it."""
    return {
        "q": asked.text,
        "site": asked.site,
        "kind": asked.kind,
        "state": "" if asked.state == "used" else asked.state,
        "mine": "1" if asked.is_mine else "",
        "overdue": "1" if asked.is_overdue else "",
        "reading": "1" if asked.is_to_read else "",
    }


def _excluded(sites: list[Site], writes: bool) -> tuple[str, ...]:
    """Columns that say nothing to the reader."""
    left = () if writes else ("reads", "owner", "review_on")
    return left if len(sites) > 1 else (*left, "site")


def _chosen(request: HttpRequest, name: str, versions: Any) -> LibraryVersion | None:
    number = _number(request.GET.get(name, ""))
    return next((one for one in versions if one.number == number), None)


def _number(word: str) -> int:
    """A number as it was sent; 0 for what is none."""
    said = word.isascii() and word.isdecimal() and len(word) < 10
    return int(word) if said else 0


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/library/<int:pk>"
    return [
        path(f"{under}/library/", library, name="library"),
        path(f"{under}/library/export.csv", library_csv, name="library_csv"),
        path(f"{one}/", library_page, name="library_page"),
        path(f"{one}/versions/<int:number>/", library_version, name="library_version"),
        path(f"{one}/compare/", library_compare, name="library_compare"),
        path(f"{one}/readers/", library_readers, name="library_readers"),
        path(f"{one}/readers/export.csv", library_readers_csv, name="library_readers_csv"),
        path(f"{one}/read/", library_read, name="library_read"),
        path(f"{one}/answer/", library_answer, name="library_answer"),
    ]
