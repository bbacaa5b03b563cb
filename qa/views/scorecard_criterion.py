"""A criterion of a draft: its form, and how it will look."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm.views.lists import signed_in
from qa.cards import differences, document, edits, reads, services, trial, typed, words
from qa.cards.card import Card
from qa.models import CardVersion
from qa.scoring import Form, Section
from qa.views.scorecard_reach import kept, revision_of, without_draft


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_criterion(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One criterion of the draft, with all that is said of it."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return without_draft(request, card)
    draft.card = card
    form = document.read(draft.form)
    found = form.find(key)
    if request.method != "POST":
        if found is None:
            raise Http404
        its = typed.of_criterion(form, found, form.criteria[key])
        return _criterion(request, draft, form, key, its, edits.section_of(form, key) or "")
    if request.POST.get("do") == "remove":
        return _remove(request, draft, form, key)
    if found is None and not request.POST.get("anew"):
        # It was removed since, and what is typed would be lost.
        its = typed.of_post(form, key, request.POST)
        its.wrong[""] = _("Somebody removed this criterion. Save again to have it back.")
        return _criterion(request, draft, form, key, its, "", anew=True)
    return _save(request, draft, form, key)


def _save(request: HttpRequest, draft: CardVersion, form: Card, key: str) -> HttpResponse:
    sent = request.POST
    its = typed.of_post(form, key, sent)
    section = sent.get("section", "")
    if section not in form.sections:
        section = edits.section_of(form, key) or next(iter(form.sections), "")
    read = typed.read(its)
    anew = bool(sent.get("anew"))
    if read is None or not section:
        return _criterion(request, draft, form, key, its, section, anew=anew)
    now = timezone.now()
    try:
        changed = edits.put(form, *read, section)
        services.keep(draft, changed, signed_in(request), now, revision=revision_of(sent))
    except services.Stale as stale:
        if stale.version is None:
            its.wrong[""] = stale.messages[0]
            return _criterion(request, draft, form, key, its, section)
        latest = document.read(stale.version.form)
        its = typed.of_post(latest, key, sent)
        its.wrong[""] = stale.messages[0]
        clash = _clash(latest, key, its.said)
        gone = latest.find(key) is None
        return _criterion(
            request, stale.version, latest, key, its, section, clash=clash, anew=gone or anew
        )
    return redirect(reverse("scorecard_draft", args=[draft.card_id]) + f"#c-{key}")


def _clash(latest: Card, key: str, said: dict[str, Any]) -> list[words.Said]:
    """What the draft says by now of a criterion, beside what was typed."""
    found = latest.find(key)
    if found is None:
        return []
    try:
        mine = document.read_criterion({
            name: value for name, value in said.items() if value not in ("", None, [])
        })  # fmt: skip
    except document.Misread:
        return []
    section = edits.section_of(latest, key) or ""
    other = edits.put(latest, *mine, section)
    return words.changes(latest, other, differences.between(latest, other).changes)


def _remove(request: HttpRequest, draft: CardVersion, form: Card, key: str) -> HttpResponse:
    try:
        changed = edits.remove(form, key)
        revision = revision_of(request.POST)
        services.keep(draft, changed, signed_in(request), timezone.now(), revision=revision)
    except KeyError:
        messages.warning(request, _("That is not on the draft any more: look again."))
    except services.Stale as stale:
        messages.warning(request, stale.messages[0])
        if form.find(key) is not None:
            return redirect("scorecard_criterion", pk=draft.card_id, key=key)
    else:
        messages.info(request, _("%(name)s is taken off the draft.") % {"name": form.name(key)})
    return redirect("scorecard_draft", pk=draft.card_id)


def _criterion(
    request: HttpRequest,
    draft: CardVersion,
    form: Card,
    key: str,
    its: typed.Typed,
    section: str,
    *,
    anew: bool = False,
    clash: list[words.Said] | None = None,
) -> HttpResponse:
    context = {
        "card": draft.card,
        "draft": draft,
        "key": key,
        "typed": its,
        "section": section,
        "sections": form.sections.items(),
        "kinds": [(str(kind), said) for kind, said in words.KINDS.items()],
        "fails": [(str(one), said) for one, said in words.FAILS.items()],
        "faults": words.faults_of(form).get(key, []) if not its.wrong else [],
        "anew": anew,
        "clash": clash or [],
        "longest": document.LONGEST_TEXT,
        **_alone(key, its),
    }
    return render(request, "qa/scorecard_criterion.html", context)


def _alone(key: str, its: typed.Typed) -> dict[str, Any]:
    """A criterion as a reviewer sees it, as far as it can be read."""
    said = {name: value for name, value in its.said.items() if value not in ("", None, [])}
    said.pop("shown_if", None)
    try:
        one, called = document.read_criterion(said)
    except document.Misread:
        return {"preview": None}
    alone = Card(Form((Section("s", (one,)),)), {"s": ""}, {one.id: called})
    return {"preview": trial.tried(alone, {}, {}, {}).parts[0].rows[0]}


@login_required
@require_POST
def scorecard_preview(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A criterion as a reviewer would see it, as it is typed. Nothing of it is kept."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        raise Http404
    form = document.read(draft.form)
    its = typed.of_post(form, key[: document.LONGEST_ID], request.POST)
    return render(request, "qa/_scorecard_preview.html", _alone(key, its))


def urls(draft: str) -> list[URLPattern]:
    return [
        path(f"{draft}/criteria/<str:key>/", scorecard_criterion, name="scorecard_criterion"),
        path(f"{draft}/preview/<str:key>/", scorecard_preview, name="scorecard_preview"),
    ]
