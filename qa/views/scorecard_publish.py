"""What becomes of a draft: it is published, discarded, or says what a file says."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ccm.views.lists import signed_in
from qa.cards import document, reads, services, words
from qa.cards.forms import FileForm
from qa.models import Evaluation
from qa.views.scorecard_reach import differences_of, kept, revision_of, without_draft

_NOTE = 300


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell what a draft has different and what that means for trends; then publish it."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return without_draft(request, card)
    draft.card = card
    last = reads.last_of(card)
    note, wrong = "", ""
    if request.method == "POST":
        note = request.POST.get("note", "").strip()
        try:
            if last is not None and not note:
                raise ValidationError(_("Say what changed: whoever compares versions reads it."))
            if len(note) > _NOTE or "\0" in note:
                raise ValidationError(_("At most %(most)d letters.") % {"most": _NOTE})
            services.publish(
                draft, note, signed_in(request), timezone.now(), revision=revision_of(request.POST)
            )
        except services.Stale as stale:
            wrong = stale.messages[0]
            if stale.version is None:
                messages.warning(request, wrong)
                return redirect("scorecard", pk=pk)
            draft = stale.version
        except ValidationError as refusal:
            wrong = refusal.messages[0]
        else:
            said = _("Version %(number)d is published: reviews that are made from now on use it.")
            messages.info(request, said % {"number": draft.number})
            return redirect("scorecard", pk=pk)
    form = document.read(draft.form)
    waiting = 0 if last is None else Evaluation.objects.open().filter(version__card=card).count()
    context: dict[str, Any] = {
        "card": card,
        "draft": draft,
        "last": last,
        "faults": words.faults_placed(form),
        "unsaid": words.unsaid(form),
        "waiting": waiting,
        "note": note[:_NOTE],
        "wrong": wrong,
        "criteria": sum(1 for _one in form.form.criteria()),
        "longest": _NOTE,
    }
    if last is not None:
        context |= differences_of(document.read(last.form), form)
    return render(request, "qa/scorecard_publish.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether nothing is to come of a draft, with what it has different; then discard it."""
    card = kept(request, pk)
    draft, last = reads.draft_of(card), reads.last_of(card)
    if draft is None:
        return without_draft(request, card)
    if last is None:
        return redirect("scorecard_remove", pk=pk)
    draft.card = card
    if request.method == "POST":
        revision = revision_of(request.POST)
        try:
            services.discard(draft, signed_in(request), timezone.now(), revision=revision)
        except services.Stale as stale:
            messages.warning(request, stale.messages[0])
            return redirect("scorecard_discard", pk=pk)
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
            return redirect("scorecard_draft", pk=pk)
        messages.info(request, _("The draft is discarded. The last version goes on."))
        return redirect("scorecard", pk=pk)
    context = {"card": card, "draft": draft, "last": last}
    context |= differences_of(document.read(last.form), document.read(draft.form))
    return render(request, "qa/scorecard_discard.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the draft say what a file says."""
    card = kept(request, pk)
    draft = reads.draft_of(card)
    if draft is None:
        return without_draft(request, card)
    draft.card = card
    posted = request.method == "POST"
    form = FileForm(request.POST if posted else None, request.FILES if posted else None)
    wrong = ""
    if form.is_bound and form.is_valid():
        revision = revision_of(request.POST)
        try:
            services.keep(draft, form.card, signed_in(request), timezone.now(), revision=revision)
        except services.Stale as stale:
            wrong = stale.messages[0]
            draft = stale.version or draft
        else:
            messages.info(request, _("The draft says what the file says."))
            return redirect("scorecard_draft", pk=pk)
    context = {"card": card, "draft": draft, "form": form, "wrong": wrong}
    return render(request, "qa/scorecard_read.html", context)


def urls(draft: str) -> list[URLPattern]:
    return [
        path(f"{draft}/publish/", scorecard_publish, name="scorecard_publish"),
        path(f"{draft}/discard/", scorecard_discard, name="scorecard_discard"),
        path(f"{draft}/file/", scorecard_read, name="scorecard_read"),
    ]
