"""Saved layouts: what each reads and what depends on it, renamed and deleted by admins."""

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ccm import mapping_form, tables
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.imports.mapping import saved
from ccm.imports.mapping.profile import NO_QUEUE, Profile
from ccm.imports.mapping.targets import DROP, KEEP, ROWS
from ccm.models import ImportBatch, ImportProfile, WatchedFolder
from ccm.structure.forms import SharedForm
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in

# So many imports are named on a layout's page.
LATEST = 10


class NameForm(SharedForm, forms.Form):
    is_there = True
    name = forms.CharField(label=gettext_lazy("Name"), max_length=saved.LONGEST_NAME)


@login_required
@require_safe
def layouts_page(request: HttpRequest) -> HttpResponse:
    _admin(request)
    imports = (
        ImportBatch.objects.filter(Q(profile=OuterRef("pk")) | Q(files__format=OuterRef("slug")))
        .order_by()
        .annotate(all=Value(1))
        .values("all")
        .annotate(count=Count("pk", distinct=True))
        .values("count")
    )
    layouts = ImportProfile.objects.select_related("created_by").annotate(
        imports=Coalesce(Subquery(imports), 0)
    )
    folders = defaultdict(list)
    for slug, name in WatchedFolder.objects.values_list("format", "name"):
        folders[slug].append(name)
    table = tables.LayoutTable(layouts, folders)
    tables.arrange(table, request.GET)
    return render(request, "ccm/layouts.html", {"table": table})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def layout_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a layout reads, and its name, which may be changed."""
    layout = _layout(request, pk)
    form = NameForm(
        request.POST if request.method == "POST" else None, initial={"name": layout.name}
    )
    before = layout.name
    if form.is_bound and form.is_valid():
        try:
            saved.rename(layout, form.cleaned_data["name"], signed_in(request))
        except saved.NameTaken as refusal:
            form.add_error("name", str(refusal))
        else:
            words = {"before": before, "name": layout.name}
            messages.info(request, _("%(before)s is called %(name)s now.") % words)
            return redirect("layout", layout.pk)
    return _page(request, layout, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def layout_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """What deleting a layout does, and the deletion once that is confirmed."""
    layout = _layout(request, pk)
    if request.method != "POST":
        hanging = [
            _("The watched folder %s, which reads its files by it") % one.name
            for one in saved.folders_of(layout)
        ]
        words = {
            "named": layout.name,
            "hanging": hanging,
            "along": [
                _("No file is read by it from then on, and it is offered nowhere."),
                _("What was imported with it stays, and says its name."),
                _("To have it again, map a file under the same name."),
            ],
            "keep_url": reverse("layout", args=[layout.pk]),
        }
        return render(request, "ccm/remove.html", words)
    try:
        saved.remove(layout, timezone.now(), signed_in(request))
    except saved.InUse as refusal:
        form = NameForm(initial={"name": layout.name})
        return _page(request, layout, form, str(refusal), status=409)
    messages.info(request, _("%(name)s is deleted.") % {"name": layout.name})
    return redirect("layouts")


def _page(
    request: HttpRequest,
    layout: ImportProfile,
    form: NameForm,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    done = ImportBatch.objects.filter(
        Q(profile=layout) | Q(files__format=layout.slug)
    ).distinct()  # fmt: skip
    words = {
        "layout": layout,
        "form": form,
        "problem": problem,
        "folders": list(saved.folders_of(layout).select_related("site")),
        "sites": list(
            done.order_by("site__name")
            .values("site__name")
            .annotate(count=Count("pk", distinct=True))
        ),
        "latest": list(done.select_related("site").prefetch_related("files")[:LATEST]),
    }
    return render(request, "ccm/layout.html", words | _said(layout), status=status)


def _said(layout: ImportProfile) -> dict[str, Any]:
    """What a layout says, in words; `unreadable` is why it says nothing any longer."""
    try:
        profile = Profile.from_json(layout.mapping)
    except ValueError as wrong:
        return {"unreadable": str(wrong)}
    others = {KEEP: _("Keep as it is"), DROP: _("Leave out")}
    return {
        "kind": ROWS[profile.rows],
        "shape": mapping_form.words_of_dialect(profile.dialect),
        "answers": mapping_form.words_of_answers(profile),
        "columns": [
            (
                one.label,
                profile.targets[one.target].label,
                mapping_form.words_of_column(one, profile.targets[one.target]),
            )
            for one in profile.columns
            if one.target in profile.targets
        ],
        "kept": [
            (words, [one.label for one in profile.columns if one.target == target])
            for target, words in others.items()
        ],
        "zone": "" if profile.rows.is_list else profile.zone or _("the site's"),
        "queue": _("none: they are on no queue") if profile.queue == NO_QUEUE else profile.queue,
    }


def _layout(request: HttpRequest, pk: int) -> ImportProfile:
    _admin(request)
    if pk > MOST_ID:
        raise Http404
    return get_object_or_404(ImportProfile.objects.select_related("created_by"), pk=pk)


def _admin(request: HttpRequest) -> None:
    """Raises Http404 for whoever is no admin: a layout is of no site."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not scope_of(request.user).everything:
        raise Http404
