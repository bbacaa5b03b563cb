"""What the audit log keeps of notes on calls, and how it is said: never their words, but whether
they are others than those of the note before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, CallNote, User
from ccm.templatetags.figures import DASH

ON = "of_call"
_WORDS = ("escalation", "words")
_OTHERWISE = "_otherwise"
_UNSAID = (
    "id", "call", "site", "author", "at", "is_current", "standing", "callback_done_by", *_WORDS,
)  # fmt: skip


def written(author: User, note: CallNote, before: CallNote | None, now: datetime) -> None:
    """Tell of a new note what the one before it said, and what it says."""
    last = before or CallNote()
    changed = {
        name + _OTHERWISE
        for name in _WORDS
        if getattr(note, name) != getattr(last, name)
    }  # fmt: skip
    was = None if before is None else _values(before) | dict.fromkeys(changed, False)
    audit.record(
        author, note, before=was, after=_values(note) | dict.fromkeys(changed, True), now=now
    )


def called_back(user: User, note: CallNote, now: datetime) -> None:
    """Tell that a promised call back was made."""
    call = {ON: note.call_id.hex}
    audit.record(
        user, note, before=call | {"callback_done_at": None},
        after=call | {"callback_done_at": str(now)}, now=now,
    )  # fmt: skip


def _values(note: CallNote) -> dict[str, Any]:
    return {ON: note.call_id.hex} | audit.values_of(note, _UNSAID)


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each by the page of its call. No query."""
    return {
        one.pk: Told(
            _("Note on a call"),
            reverse("call", args=[UUID(hex=said[ON])]),
        )
        for one in entries
        if (said := audit.said(one)).get(ON)
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """Of what was written only that it is another."""
    if name == ON:
        return _("Call"), str(UUID(hex=value)) if value else DASH
    if name.endswith(_OTHERWISE):
        called: Any = CallNote._meta.get_field(name.removesuffix(_OTHERWISE))
        return str(called.verbose_name).capitalize(), _("another") if value else _("as it was")
    return None
