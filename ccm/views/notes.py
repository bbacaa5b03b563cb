"""Notes on calls, and the callbacks that they ask for."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import notes, tables
from ccm.contact.reads import is_listed
from ccm.models import Call, CallNote, Disposition, Topic, User
from ccm.navigation import may_open
from ccm.note_form import NoteForm

# Names offered to choose from; a longer list helps nobody to choose.
MOST_NAMES = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def note_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = _user(request)
    calls = Call.objects.visible_to(user)
    call = get_object_or_404(calls.select_related("site", "queue", "topic", "disposition"), pk=pk)
    if not notes.rights(user, call).may_note:
        raise Http404
    now = timezone.now()
    written = list(call.notes.select_related("author", "disposition", "topic"))
    standing = next((note for note in written if note.is_current), None)
    form = NoteForm(call, standing, now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        notes.write(call, user, form.said, now)
        messages.info(request, _("The note stands."))
        if form.is_first_of_two:
            words = _("The clocks show the time of the callback twice: the first one is meant.")
            messages.info(request, words)
        return redirect("call", pk=call.pk)
    return render(
        request,
        "ccm/note.html",
        {
            "call": call,
            "form": form,
            "notes": written,
            "dispositions": Disposition.objects.values_list("name", flat=True)[:MOST_NAMES],
            "topics": Topic.objects.values_list("name", flat=True)[:MOST_NAMES],
        },
    )


@login_required
@require_safe
def callbacks_page(request: HttpRequest) -> HttpResponse:
    user, now = _user(request), timezone.now()
    done = request.GET.get("done") == "1"
    own = CallNote.objects.written_by(user).filter(pk=OuterRef("pk"))
    found = (
        CallNote.objects.visible_to(user)
        .annotate(may_end=Exists(own), is_listed=is_listed(now, "call__caller_hash"))
        .callbacks()
        .filter(callback_done_at__isnull=not done)
        .select_related("site", "call__queue", "author", "callback_done_by")
    )
    overdue = 0 if done else found.filter(callback_due_at__lt=now).count()
    table = tables.CallbackTable(found, now, request)
    if done:
        table.order_by = "-due"
        table.empty_text = _("Nobody was called back yet")
    tables.arrange(table, request.GET)
    return render(request, "ccm/callbacks.html", {"table": table, "done": done, "overdue": overdue})


@login_required
@require_POST
def callback_done(request: HttpRequest, pk: int) -> HttpResponse:
    user = _user(request)
    found = CallNote.objects.written_by(user).callbacks()
    note = get_object_or_404(found, pk=pk)
    if notes.called_back(note, user, timezone.now()):
        messages.info(request, _("Noted as called back."))
    else:
        messages.warning(request, _("It was noted as called back before: that stands."))
    return redirect("callbacks")


def _user(request: HttpRequest) -> User:
    """The reader, who may see some calls. Raises Http404 for anybody else."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not may_open("calls", request.user):
        raise Http404
    return request.user
