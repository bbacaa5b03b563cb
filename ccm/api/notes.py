"""`POST /api/v1/calls/<id>/note/`: what a person says of a call, from a CRM or a softphone."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import notes
from ccm.api import posts
from ccm.api.auth import TokenAuthentication, TokenScope, writes_for
from ccm.api.fields import Member, Moment, Row, Text, Truth, object_schema
from ccm.api.parsers import ActJSONParser
from ccm.api.problems import Invalid
from ccm.contact.reads import why_not_promised
from ccm.models import ApiToken, Call, CallNote

NOTE: dict[str, Member] = {
    "disposition": Text(120, "How it was closed. Unknown names are made. Null: not known."),
    "topic": Text(120, "What it was about. Unknown names are made. Null: not known."),
    "resolved": Truth("Whether the caller's matter was settled; null: not known."),
    "resolvable": Truth("Whether it could have been settled at all; null: not known."),
    "escalation": Text(160, "To whom it was handed up, or why."),
    "callback_due_at": Moment(
        "When the caller wants to be called back; null: not any more.", ahead=notes.PLANNED
    ),
    "words": Text(notes.WORDS_LIMIT, "Whatever else there is to say.", lines=True),
}
_NOTE_SCHEMA = object_schema(NOTE)
_ANSWER_SCHEMA = object_schema(
    NOTE,
    id={"type": "integer"},
    call={"type": "string", "format": "uuid"},
    at={"type": "string", "format": "date-time"},
)


class CallNoteView(APIView):
    """Writes a note on a call that the caller of the API answers for."""

    parser_classes = [ActJSONParser]
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.WRITE_RECORD

    @extend_schema(
        operation_id="post_call_note",
        summary="Write a note on a call",
        description=(
            "What the agent of the call, its supervisor or an admin says of it. A note supersedes "
            "the one before, which is kept. What it says of disposition, topic, resolved and "
            "resolvable is set on the call and stands against later imports; null there gives the "
            "field back to the log, and what is left out stays as it is. So does a callback "
            "that was promised: null cancels it."
        ),
        parameters=[posts.KEY_PARAMETER],
        request={"application/json": _NOTE_SCHEMA},
        responses={201: _ANSWER_SCHEMA, **posts.PROBLEMS},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        assert request.user.is_authenticated  # TokenScope
        call = get_object_or_404(Call.objects.visible_to(request.user), pk=pk)
        if not (writes_for(request, call.site_id) and notes.rights(request.user, call).may_note):
            raise Http404
        return posts.once(
            request, f"note {pk.hex}", lambda: (posts.CREATED, self._write(request, call))
        )

    def _write(self, request: Request, call: Call) -> dict[str, Any]:
        assert request.user.is_authenticated  # TokenScope
        row = Row(request.data, NOTE, timezone.now())
        for name in row.said.keys() - NOTE.keys():
            row.wrong(name, _("A note has no such member."))
        if due_at := row["callback_due_at"]:
            words = notes.gone_words(due_at, row.now) or why_not_promised(call, due_at, row.now)
            if words:
                row.wrong("callback_due_at", words)
        if row.is_object and not row.said:
            row.wrong("words", _("The note says nothing."))
        if row.faults:
            raise Invalid(_("The note is not valid."), posts.errors_of(row.faults))
        said = {name: row[name] for name in NOTE if name in row.said}
        return _told(notes.write(call, request.user, said, row.now), row)


def _as_stored(values: dict[str, Any], note: CallNote) -> dict[str, Any]:
    """What was said, with the texts as they are kept: without card numbers."""
    kept = {
        "disposition": note.disposition and note.disposition.name,
        "topic": note.topic and note.topic.name,
        "escalation": note.escalation,
        "words": note.words,
    }
    return {
        name: kept[name] if name in kept and value is not None else value
        for name, value in values.items()
    }


def _told(note: CallNote, row: Row) -> dict[str, Any]:
    """The note as it was stored."""
    return {
        "id": note.pk,
        "call": str(note.call_id),
        "at": note.at.isoformat(),
        **_as_stored(row.values, note),
        "callback_due_at": note.callback_due_at and note.callback_due_at.isoformat(),
    }
