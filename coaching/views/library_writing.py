"""The library as it is written: a new page, its draft, what is published of it, and what it is."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm.access import scope_of
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import writes_library
from coaching.library import reads, services, text
from coaching.library.forms import NewPageForm, PublishForm, SeenForm, SettingsForm, TextForm
from coaching.models import LibraryPage, LibraryVersion
from coaching.views.library import as_html, changes, page_of, public_at


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def library_new(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    scope = scope_of(user)
    if not may_open("library", user) or not writes_library(scope):
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = NewPageForm(
        list(reads.sites_written(user)), posted, everywhere=scope.everything,
        first=request.GET.get("site", ""),
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        page = services.make(form.chosen, said["kind"], said, user, now)
        messages.info(request, _("The draft is kept. Nobody else reads it before it is published."))
        return redirect("library_draft", pk=page.pk)
    return render(request, "coaching/library_new.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def library_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft of a page as it is written, and below it as it will be read."""
    page = page_of(request, pk, changes=True)
    draft = reads.draft(page)
    if draft is None:
        return redirect("library_page", pk=pk)
    form = TextForm(request.POST if request.method == "POST" else None, draft=draft)
    differs: list[dict[str, Any]] = []
    if form.is_bound and form.is_valid():
        try:
            services.write(pk, form.cleaned_data, form.seen)
        except services.Stale as stale:
            # What was typed stays, beside what the draft says by now.
            there = reads.draft(page)
            if there is None:
                messages.warning(request, stale.messages[0])
                return redirect("library_page", pk=pk)
            draft = there
            form = TextForm(_again(request, there), draft=there)
            form.is_valid()
            form.add_error(None, stale.messages[0])
            differs = changes(there, _typed(form))
        else:
            messages.info(request, _("The draft is kept."))
            return redirect("library_draft", pk=pk)
    outline = text.outline(draft.body)
    context = {
        "page": page,
        "draft": draft,
        "form": form,
        "differs": differs,
        "html": as_html(draft.body, top=3),
        "dead": outline.dead,
        "unreached": outline.unreached if page.kind == LibraryPage.Kind.TREE else (),
        "last": reads.current(page),
        "public_at": public_at(reads.uses(page)),
    }
    return render(request, "coaching/library_draft.html", context)


def _again(request: HttpRequest, draft: LibraryVersion) -> Any:
    posted = request.POST.copy()
    posted["version"], posted["revision"] = str(draft.pk), str(draft.revision)
    return posted


def _typed(form: TextForm) -> LibraryVersion:
    return LibraryVersion(**{name: form.cleaned_data.get(name, "") for name in services.SAID})


@login_required
@require_POST
def library_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version, or go on with its draft."""
    page_of(request, pk, changes=True)
    services.begin(pk, signed_in(request), timezone.now())
    return redirect("library_draft", pk=pk)


@login_required
@require_POST
def library_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Have nothing come of a draft."""
    page_of(request, pk, changes=True)
    form = SeenForm(request.POST)
    seen = form.seen if form.is_valid() else (-1, -1)
    try:
        is_left = services.discard(pk, seen, signed_in(request), timezone.now())
    except services.Stale as stale:
        messages.warning(request, stale.messages[0])
        return redirect("library_page", pk=pk)
    messages.info(request, _("The draft is gone."))
    return redirect("library_page", pk=pk) if is_left else redirect("library")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def library_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at what changed and who has to read it, and publish."""
    user, now = signed_in(request), timezone.now()
    page = page_of(request, pk, changes=True)
    draft, last = reads.draft(page), reads.current(page)
    if draft is None:
        return redirect("library_page", pk=pk)
    form = PublishForm(draft, last, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.publish(pk, said["note"], said["must_read"], form.seen, user, now)
        except services.Stale as stale:
            messages.warning(request, stale.messages[0])
            return redirect("library_draft", pk=pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            words = _("Version %(number)s is published.") % {"number": made.number}
            messages.info(request, words)
            return redirect("library_page", pk=pk)
    outline = text.outline(draft.body)
    context = {
        "page": page,
        "draft": draft,
        "last": last,
        "form": form,
        "faults": services.faults(draft),
        "unreached": outline.unreached if page.kind == LibraryPage.Kind.TREE else (),
        "changes": [] if last is None else changes(last, draft),
        "is_for": bool(page.roles.count()),
    }
    return render(request, "coaching/library_publish.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def library_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """What a page is, whose, and whom it is for."""
    page = page_of(request, pk, changes=True)
    user, now = signed_in(request), timezone.now()
    today = reads.today_of(page.site, now)
    form = SettingsForm(page, today, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.set_up(pk, form.said, form.asked_revision, user, now)
        except services.Stale as stale:
            # What was typed stays; sent again, it is what holds.
            page = page_of(request, pk, changes=True)
            posted = request.POST.copy()
            posted["revision"] = str(page.revision)
            form = SettingsForm(page, today, posted)
            form.is_valid()
            form.add_error(None, stale.messages[0])
        else:
            messages.info(request, _("It is kept."))
            return redirect("library_page", pk=pk)
    shown = reads.current(page) or reads.draft(page)
    context = {"page": page, "form": form, "version": shown}
    return render(request, "coaching/library_settings.html", context)


@login_required
@require_POST
def library_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a page out of use, or with `back` have it in use again. Where people have to read it, or
    anybody may, it asks once before."""
    page = page_of(request, pk, changes=True)
    now = timezone.now()
    is_back = request.POST.get("back") == "yes"
    if request.POST.get("sure") != "yes" and (hangs := _hangs_on(page, now, is_back)):
        return render(request, "coaching/library_withdraw.html", hangs)
    if services.withdraw(pk, signed_in(request), now, is_back=is_back):
        words = _("It is in use again.") if is_back else _("It is withdrawn: only writers see it.")
        messages.info(request, words)
    return redirect("library_page", pk=pk)


def _hangs_on(page: LibraryPage, now: datetime, is_back: bool) -> dict[str, Any]:
    """Who loses a page that is withdrawn, or has it back; nothing where nobody has to read it, nor
    reads it without signing in."""
    version = reads.current(page)
    if version is None or (page.retired_at is None) == is_back:
        return {}
    uses = reads.uses(page, in_use=True)
    page.retired_at = None
    must = reads.must_read(page, version, now).count()
    public = public_at(uses)
    if not must and not public:
        return {}
    told = {"page": page, "version": version, "is_back": is_back}
    return told | {"must": must, "public_at": public, "uses": uses}


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/library/<int:pk>"
    return [
        path(f"{under}/library/new/", library_new, name="library_new"),
        path(f"{one}/draft/", library_draft, name="library_draft"),
        path(f"{one}/draft/begin/", library_begin, name="library_begin"),
        path(f"{one}/draft/discard/", library_discard, name="library_discard"),
        path(f"{one}/publish/", library_publish, name="library_publish"),
        path(f"{one}/settings/", library_settings, name="library_settings"),
        path(f"{one}/withdraw/", library_withdraw, name="library_withdraw"),
    ]
