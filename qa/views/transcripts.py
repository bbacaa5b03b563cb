"""Transcripts: brought in as files, listed, read with what checks make of them, removed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ccm import exported, exports, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about
from ccm.forms import FilesField
from ccm.models import Call, Viewing
from ccm.navigation import may_open
from ccm.structure.forms import Dressed
from ccm.views.lists import signed_in
from qa import tasks
from qa.access import keeps, keeps_at, sites_reviewed
from qa.checking import reads as checks
from qa.models import CallTranscript
from qa.reviews import facts
from qa.transcribed import files, reads, sent, services, words
from qa.transcripts import language_tag

MOST_REFUSED = 200
_AT_ONCE = 2000


class FilesForm(Dressed, forms.Form):
    """Files with transcripts."""

    texts = FilesField(
        label=gettext_lazy("Files"),
        widget=FilesField.widget(attrs={"accept": ".json,.jsonl,.ndjson,.vtt,.srt,.txt,.zip"}),
    )
    language = forms.CharField(
        label=gettext_lazy("Language, where a file does not say"), required=False, max_length=20,
        help_text=gettext_lazy("As en, or de-at."),
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()

    def clean_texts(self) -> list[sent.Given]:
        try:
            return sent.of_files([(one.name, one) for one in self.cleaned_data["texts"]])
        except sent.TooMuch as much:
            raise forms.ValidationError(str(much)) from None

    def clean_language(self) -> str:
        said = self.cleaned_data["language"].strip()
        if said and language_tag(said) is None:
            raise forms.ValidationError(_("This is no language: write en, or de-at."))
        return str(said)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transcripts_page(request: HttpRequest) -> HttpResponse:
    """The newest transcripts, and the door that others come in by."""
    if not may_open("checks", request.user):
        raise Http404
    user, may_add = signed_in(request), keeps(scope_of(request.user))
    form = FilesForm() if may_add else None
    fates: list[services.Fate] = []
    if request.method == "POST":
        if not may_add:
            raise Http404
        form = FilesForm(request.POST, request.FILES)
        if form.is_valid():
            said = form.cleaned_data
            fates = services.keep(
                said["texts"], user, timezone.now(), language=said["language"],
                kept=tasks.check_soon,
            )  # fmt: skip
            form = FilesForm()
    sites = list(sites_reviewed(user))
    checked, left = reads.counts(sites)
    context = {
        "form": form,
        "told": _told(fates),
        "refused": [one for one in fates if one.what == services.What.REFUSED][:MOST_REFUSED],
        "rows": reads.newest(user, sites)[: reads.MOST_SHOWN],
        "says_sites": len(sites) > 1,
        "checked": checked,
        "left": left,
        "most": sent.MOST,
        "most_shown": reads.MOST_SHOWN,
        "keeps": may_add,
    }
    return render(request, "qa/transcripts.html", context)


@login_required
@require_safe
def transcripts_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All transcripts in reach, the newest first; that the list was taken along is noted."""
    if not may_open("checks", request.user):
        raise Http404
    user = signed_in(request)
    if request.method == "GET":
        exported.listed(user, CallTranscript, None, False, timezone.now())
    rows = reads.newest(user, sites_reviewed(user))[: exports.MOST_ROWS + 1]
    return exports.download("transcripts.csv", files.HEADER, files.lines(rows.iterator(_AT_ONCE)))


@login_required
@require_safe
def transcript_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said on a call, and what checks make of it."""
    row = _transcript(request, pk)
    about(request, row.site)
    call = Call.objects.filter(pk=row.call_id).first()
    if call is not None:
        viewed.note(signed_in(request), [call.agent_id], Viewing.What.CALL, timezone.now())
    refusal = "" if call is None else services.why_not(call, facts.rules_of(row.site_id))
    lines = [] if refusal else list(enumerate(row.lines, 1))
    context = {
        "row": row,
        "call": call,
        "refusal": refusal,
        "lines": [
            {
                "number": number,
                "seconds": None if one.get("start_ms") is None else one["start_ms"] / 1000,
                "speaker": one.get("speaker", ""),
                "who": _who(one),
                "words": one.get("words", ""),
            }
            for number, one in lines
            if isinstance(one, dict)
        ],
        "hidden": sum(row.masked.values()),
        "said": [] if refusal else checks.of_call(row, request.user),
        "sees_checks": may_open("checks", request.user),
        "keeps": keeps_at(request.user, row.site_id),
    }
    return render(request, "qa/transcript.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def transcript_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Before a transcript is removed, and its removal."""
    row = _transcript(request, pk)
    if not keeps_at(request.user, row.site_id):
        raise Http404
    if request.method == "POST":
        if services.remove(row, signed_in(request), timezone.now()):
            messages.info(request, _("The transcript is removed."))
        return redirect("transcripts")
    about(request, row.site)
    if (call := Call.objects.filter(pk=row.call_id).first()) is not None:
        viewed.note(signed_in(request), [call.agent_id], Viewing.What.CALL, timezone.now())
    return render(request, "qa/transcript_remove.html", {"row": row})


def _transcript(request: HttpRequest, pk: int) -> CallTranscript:
    if pk > MOST_ID:
        raise Http404
    rows = CallTranscript.objects.visible_to(request.user)
    found: CallTranscript = get_object_or_404(
        rows.select_related("site", "queue", "agent", "made_by"), pk=pk
    )
    return found


def _told(fates: list[services.Fate]) -> list[tuple[str, str, int]]:
    """How many there are of each fate: its level, its word, how many."""
    many = {what.value: 0 for what in services.What}
    for one in fates:
        many[one.what.value] += 1
    return [(words.LEVELS[what], str(words.FATES[what]), n) for what, n in many.items() if n]


def _who(line: dict[str, Any]) -> str:
    roles = {"agent": _("Agent"), "caller": _("Caller")}
    return roles.get(str(line.get("speaker")), "") or str(line.get("label") or "–")


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/checks/transcripts"
    return [
        path(f"{own}/", transcripts_page, name="transcripts"),
        path(f"{own}/export.csv", transcripts_csv, name="transcripts_csv"),
        path(f"{own}/<int:pk>/", transcript_page, name="transcript"),
        path(f"{own}/<int:pk>/remove/", transcript_remove, name="transcript_remove"),
    ]
