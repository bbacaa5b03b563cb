"""Which scorecards a request reaches, and what several of their pages tell."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from ccm.database import MOST_ID
from ccm.filters import about
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa import access
from qa.cards import differences, document, trial, words
from qa.cards.card import Card
from qa.models import CardVersion, Scorecard
from qa.reviews.answers import as_value
from qa.scoring import Criterion, Value

# Of what is typed into a trial.
_LONGEST = 2000

_NO_REVISION = -1


def seen(request: HttpRequest, pk: int) -> Scorecard:
    """A card that the reader may read. Raises Http404 for any other."""
    if pk > MOST_ID or not may_open("scorecards", request.user):
        raise Http404
    rows = Scorecard.objects.visible_to(request.user).select_related("site", "made_by")
    card: Scorecard = get_object_or_404(rows, pk=pk)
    if card.site is not None:
        about(request, card.site)
    return card


def version_of(request: HttpRequest, card: Scorecard, number: int) -> CardVersion:
    """A version of a card; a draft for whoever keeps the card."""
    if number > MOST_ID:
        raise Http404
    rows = CardVersion.objects.filter(card=card).select_related("published_by")
    if not access.keeps_at(signed_in(request), card.site_id):
        rows = rows.published()
    version: CardVersion = get_object_or_404(rows, number=number)
    version.card = card
    return version


def kept(request: HttpRequest, pk: int) -> Scorecard:
    """A card that the reader changes. Raises Http404 for any other."""
    if pk > MOST_ID:
        raise Http404
    rows = Scorecard.objects.kept_by(request.user).select_related("site")
    card: Scorecard = get_object_or_404(rows, pk=pk)
    if card.site is not None:
        about(request, card.site)
    return card


def told_differences(old: CardVersion, new: CardVersion) -> dict[str, Any]:
    """What `_scorecard_differences.html` expects."""
    return differences_of(document.read(old.form), document.read(new.form))


def differences_of(before: Card, after: Card) -> dict[str, Any]:
    found = differences.between(before, after)
    return {
        "found": found,
        "changes": words.changes(before, after, found.changes),
        "added": [after.name(id) for id in found.added],
        "removed": [before.name(id) for id in found.removed],
        "moved": [after.name(id) for id in found.moved],
        "trends": words.trends(before, after, found.trends),
    }


def shown_version(version: CardVersion, sent: Mapping[str, str], card: Card) -> dict[str, Any]:
    """What `_scorecard_trial.html` expects: a version, after the answers that were sent."""
    typed = {
        one.id: text[:_LONGEST]
        for one in card.form.criteria()
        if (text := sent.get(f"a-{one.id}", "").strip())
    }
    answers = {
        one.id: value
        for one in card.form.criteria()
        if one.id in typed and (value := _value(one, typed[one.id])) is not None
    }
    said = {
        one.id: text[:_LONGEST]
        for one in card.form.criteria()
        if (text := sent.get(f"c-{one.id}", "").strip())
    }
    return {"version": version, "trial": trial.tried(card, answers, typed, said)}


def _value(one: Criterion, typed: str) -> Value | None:
    if typed == trial.SKIPPED:
        return as_value(one.kind, "", skipped=True)
    try:
        return as_value(one.kind, typed, skipped=False)
    except ValueError:
        return None


def revision_of(sent: QueryDict) -> int:
    """The revision that a form was drawn with; none that there is where it says none."""
    said = sent.get("revision", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else _NO_REVISION


def without_draft(request: HttpRequest, card: Scorecard) -> HttpResponse:
    messages.warning(request, _("There is no draft of it: somebody published or discarded it."))
    return redirect("scorecard", pk=card.pk)
