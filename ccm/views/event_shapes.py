"""Shapes of live events: how those of other makes are read, tried and saved by admins."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.live.events import text_fault
from ccm.live.shapes import known, trying
from ccm.live.shapes.mapped import Mapped, Wrong
from ccm.models import EventShape
from ccm.structure.forms import SharedForm
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in

# What a new shape begins with, and a sample that it reads.
EXAMPLE: dict[str, Any] = {
    "members": {
        "id": "/uuid",
        "kind": "/type",
        "at": "/when",
        "call": "/call/id",
        "queue": "/call/queue",
        "agent": "/who",
    },
    "meanings": {
        "kind": {"entered": "call.offered", "picked up": "call.answered", "over": "call.ended"}
    },
    "spelling": "iso",
    "zone": "",
}
SAMPLE: list[Any] = [
    {
        "uuid": "1",
        "type": "entered",
        "when": "2026-05-04T09:30:00+02:00",
        "call": {"id": "c17", "queue": "Sales"},
    }
]


class ShapeForm(SharedForm, forms.Form):
    is_there = False

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=known.LONGEST_NAME, required=False
    )
    mapping = forms.CharField(
        label=gettext_lazy("What its members mean"), widget=forms.Textarea, strip=False
    )
    sample = forms.CharField(
        label=gettext_lazy("Events to try it on"), widget=forms.Textarea, required=False
    )
    found: Any = None
    """What the mapping says, once it is read."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name and text_fault(name, known.LONGEST_NAME):
            raise forms.ValidationError(_("This holds characters that cannot be stored."))
        return name

    def clean_mapping(self) -> str:
        text: str = self.cleaned_data["mapping"]
        try:
            self.found = trying.json_of(text, trying.LONGEST_SHAPE)
            Mapped.from_json(self.found)
        except trying.NoJson as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        except Wrong as wrong:
            raise forms.ValidationError(
                [f"{one.pointer or '/'}: {one.message}" for one in wrong.faults]
            ) from wrong
        return text


@login_required
@require_safe
def shapes_page(request: HttpRequest) -> HttpResponse:
    _admin(request)
    shapes = list(EventShape.objects.select_related("created_by"))
    words = {"shapes": shapes, "built_in": list(known.BUILT_IN)}
    return render(request, "ccm/event_shapes.html", words)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shape_new(request: HttpRequest) -> HttpResponse:
    _admin(request)
    return _page(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def shape_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _shape(request, pk))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shape_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """What deleting a shape does, and the deletion once that is confirmed."""
    shape = _shape(request, pk)
    if request.method != "POST":
        words = {
            "named": shape.name,
            "hanging": [],
            "along": [
                _("Posts that ask for it are refused from then on: change their sources first."),
                _("What came by it stays."),
            ],
            "keep_url": reverse("event_shape", args=[shape.pk]),
        }
        return render(request, "ccm/remove.html", words)
    known.remove(shape, signed_in(request))
    messages.info(request, _("%(name)s is deleted.") % {"name": shape.name})
    return redirect("event_shapes")


def _page(request: HttpRequest, shape: EventShape | None) -> HttpResponse:
    """A shape in its form. It is saved by that button alone; whatever is posted is tried."""
    said = {
        "name": shape.name if shape else "",
        "mapping": _drawn(shape.mapping if shape else EXAMPLE),
        "sample": "" if shape else _drawn(SAMPLE),
    }
    form = ShapeForm(request.POST if request.method == "POST" else None, initial=said)
    form.is_there = shape is not None
    if not form.is_bound:
        return _answer(request, shape, form)
    if form.is_valid() and request.POST.get("do") == "save":
        if not form.cleaned_data["name"]:
            form.add_error("name", _("Give it a name: sources post by what is made of it."))
        else:
            try:
                made = known.save(form.cleaned_data["name"], form.found, signed_in(request), shape)
            except known.NameTaken as refusal:
                form.add_error("name", str(refusal))
            else:
                messages.info(request, _("%(name)s is saved.") % {"name": made.name})
                return redirect("event_shape", made.pk)
    return _answer(request, shape, form)


def _answer(request: HttpRequest, shape: EventShape | None, form: ShapeForm) -> HttpResponse:
    words: dict[str, Any] = {"shape": shape, "form": form}
    sample = form["sample"].value() or ""
    mapping = form.found if form.is_bound else shape.mapping if shape else EXAMPLE
    if sample.strip() and mapping is not None and "mapping" not in form.errors:
        try:
            posted = trying.json_of(sample, trying.LONGEST_SAMPLE)
            words["tried"] = trying.tried(Mapped.from_json(mapping), posted, timezone.now())
        except trying.NoJson as wrong:
            words["no_sample"] = str(wrong)
        except Wrong as wrong:
            words["no_sample"] = str(wrong)
    return render(request, "ccm/event_shape.html", words)


def _drawn(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _shape(request: HttpRequest, pk: int) -> EventShape:
    _admin(request)
    if pk > MOST_ID:
        raise Http404
    return get_object_or_404(EventShape.objects.select_related("created_by"), pk=pk)


def _admin(request: HttpRequest) -> None:
    """Raises Http404 for whoever is no admin: a shape is of no site."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not scope_of(request.user).everything:
        raise Http404
