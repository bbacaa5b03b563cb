"""The mapping of an import: what its columns mean, said by a person who sees what comes of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from ccm import mapping_form
from ccm.forms import zones
from ccm.imports import twice
from ccm.imports.choosing import MAPPED
from ccm.imports.files.dialect import ENCODINGS
from ccm.imports.mapping import drafts, guess, saved
from ccm.imports.mapping.preview import preview, untold
from ccm.imports.mapping.profile import Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import FileRefused
from ccm.models import ImportBatch, User
from ccm.navigation import may_open


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mapping_page(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    if not drafts.is_open(batch):
        # Begun in another window, or by the first of two clicks.
        return _to_account(request, batch)
    try:
        look, profile = _as_it_stands(batch)
    except FileRefused as refusal:
        words = {"batch": batch, "refused": str(refusal)}
        return render(request, "ccm/mapping.html", words)
    if request.method != "POST":
        return _answer(request, batch, look, profile)
    assert isinstance(request.user, User)
    # No text of the record holds a NUL.
    data = {key: str(value).replace("\0", "") for key, value in request.POST.items()}
    if request.headers.get("HX-Request"):
        # A change makes the page look again. Only a press of a button does more.
        data = {key: value for key, value in data.items() if key not in ("do", "use")}
    if "use" in data:
        return _as_saved(request, batch, look, profile, data["use"])
    try:
        look, profile = _as_said(batch, look, profile, data)
    except (ValueError, FileRefused) as wrong:
        return _answer(request, batch, look, profile, problem=str(wrong))
    name = data.get("name", "").strip()
    if not drafts.keep(batch, profile, name, data.get("replaces", "")):
        return _to_account(request, batch)
    twice.say(batch, "again" in data)
    do = data.get("do", "")
    if do not in ("try", "import"):
        return _answer(request, batch, look, profile)
    if open_questions := mapping_form.page(profile, look, {})["asked"]:
        return _answer(request, batch, look, profile, problem=open_questions[0])
    if not name or len(name) > 80:
        problem = _("Give this layout a name of at most 80 characters: it is reused by it.")
        return _answer(request, batch, look, profile, problem=problem)
    # Told before a try, so that what was tried can be imported.
    if drafts.taken_by(batch, profile) and not drafts.replaces(batch):
        problem = _("Another layout has this name: replace it, or choose another name.")
        return _answer(request, batch, look, profile, problem=problem)
    try:
        drafts.begin(batch, request.user, dry_run=do == "try")
    except FileRefused as refusal:
        return _answer(request, batch, look, profile, problem=str(refusal))
    return _to_account(request, batch)


def _to_account(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    url = reverse("import", args=[batch.pk])
    return HttpResponseClientRedirect(url) if "HX-Request" in request.headers else redirect(url)


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    if not may_open("imports", request.user):
        raise Http404
    found = ImportBatch.objects.visible_to(request.user).select_related("site", "job", "profile")
    batch = get_object_or_404(found.prefetch_related("files"), pk=pk)
    if batch.mapping is None and batch.format != MAPPED:
        raise Http404
    return batch


def _as_it_stands(batch: ImportBatch) -> tuple[drafts.Look, Profile]:
    """The file and what was said of it so far; at first what it tells itself."""
    if profile := drafts.mapping_of(batch):
        return drafts.look(batch, profile.dialect), profile
    look = drafts.look(batch)
    profile, _reasons = guess.profile_of(look.dialect, look.frame)
    if batch.queue_name:
        profile = replace(profile, queue=batch.queue_name)
    return look, profile


def _as_saved(
    request: HttpRequest, batch: ImportBatch, look: drafts.Look, profile: Profile, slug: str
) -> HttpResponse:
    """The draft explained as a saved layout does that fits its file: shown, not begun."""
    fit = next((one for one in _fitting(look) if one.layout.slug == slug), None)
    if fit is None:
        problem = _("There is no such saved layout any longer, or the file does not fit it.")
        return _answer(request, batch, look, profile, problem=problem)
    if not drafts.keep(batch, fit.profile, fit.name):
        return _to_account(request, batch)
    return redirect("mapping", batch.pk)


def _fitting(look: drafts.Look) -> list[saved.Fit]:
    return saved.fitting(look.heads, look.dialect, look.frame)


def _as_said(
    batch: ImportBatch, look: drafts.Look, profile: Profile, data: Mapping[str, Any]
) -> tuple[drafts.Look, Profile]:
    """The file and the mapping as posted. Reading it another way starts the guesses anew.

    Raises ValueError or FileRefused where what was posted cannot be.
    """
    if data.get("of", "") not in ("", mapping_form.fingerprint(profile)):
        raise ValueError(_("Meanwhile it was read another way, in another window. Look again."))
    dialect = mapping_form.said_dialect(profile.dialect, data)
    rows = Rows(data.get("rows", profile.rows))
    if dialect != profile.dialect:
        batch.mapping = replace(profile, dialect=dialect).as_json()
        look = drafts.look(batch, dialect)
        fresh, _reasons = guess.profile_of(dialect, look.frame)
        return look, _with_rest(fresh, profile)
    if rows != profile.rows:
        fresh, _reasons = guess.profile_of(dialect, look.frame, rows)
        return look, _with_rest(fresh, profile)
    return look, mapping_form.said_profile(profile, data, look.frame)


def _with_rest(fresh: Profile, before: Profile) -> Profile:
    return replace(
        fresh,
        queue=before.queue,
        zone=before.zone,
        minutes=before.minutes,
        threshold_seconds=before.threshold_seconds,
    )


def _answer(
    request: HttpRequest,
    batch: ImportBatch,
    look: drafts.Look,
    profile: Profile,
    problem: str = "",
) -> HttpResponse:
    _profile, reasons = guess.profile_of(look.dialect, look.frame, profile.rows)
    guessed = {one.label: one.target for one in _profile.columns}
    reasons = {
        one.label: reasons[one.label] if guessed.get(one.label) == one.target else _("Your choice.")
        for one in profile.columns
        if one.label in reasons
    }
    tried = drafts.tried(batch, profile, timezone.now())
    zone = ZoneInfo(profile.zone or batch.zone or batch.site.zone)
    chunk = tried.chunk
    rows = preview(profile, look.frame, chunk, zone) if chunk else untold(profile, look.frame)
    kept = batch.files.first()
    fitting = _fitting(look)
    name = drafts.named(batch) or (batch.profile.name if batch.profile else _stem(kept))
    words = {
        **mapping_form.page(profile, look, reasons),
        "batch": batch,
        "file": kept,
        "problem": problem,
        "cannot": tried.problem,
        "without": tried.without,
        "rows": rows,
        "chunk": chunk,
        "understood": chunk.helped() if chunk else 0,
        "name": name,
        "before": drafts.before(batch, name, chunk),
        "other": saved.other_of(name, profile) if batch.profile is None else None,
        "replaces": drafts.replaces(batch),
        "fitting": [one.layout for one in fitting if one.profile != profile],
        "used": next((one.layout for one in fitting if one.profile == profile), None),
        "zones": mapping_form.zones_by_region(zones(), profile.zone, batch.site.zone),
        "encodings": ENCODINGS,
    }
    fragment = "HX-Request" in request.headers and request.method == "POST"
    return render(request, "ccm/_mapping.html" if fragment else "ccm/mapping.html", words)


def _stem(file: Any) -> str:
    """A name to begin with: the file's, without what changes from one export to the next."""
    name = file.name.split(".")[0] if file else ""
    return name.replace("_", " ").strip()[:80]
