"""After-call notes: what a person says of a call, and who is to be called back.

A person's word stands against the log's: what a note says is set on the call and named in
`Call.noted`, which an import leaves alone (`ccm.imports.storing.merge`). Said to be unknown, a
field is given back to the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import notes_told
from ccm.access import scope_of
from ccm.dirty import mark_gained
from ccm.imports.storing import names
from ccm.masking import masked
from ccm.models import Agent, Call, CallNote, User
from ccm.signals import record_changed

WORDS_LIMIT = 4000
# A callback is no further away.
PLANNED = timedelta(days=366)
# A callback for "now" is due while the note is still being written.
GRACE = timedelta(minutes=5)
# What a note may say of the call itself -> the call's column.
COLUMNS = {
    "disposition": "disposition_id",
    "topic": "topic_id",
    "resolved": "resolved",
    "resolvable": "resolvable",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What a reader of a call may do about it."""

    may_note: bool = False
    may_ask_caller: bool = False


def rights(user: User, call: Call) -> Rights:
    """What the user may do about a call that they may see; one query at most.

    Notes are the agent's, the supervisor's and an admin's; of a call that nobody took, its
    site's supervisors'. Who is judged by the answer does not choose whom to ask: so callers are
    asked by supervisors, managers and admins.
    """
    scope = scope_of(user)
    if scope.everything:
        return Rights(may_note=True, may_ask_caller=True)
    if call.agent_id is None:
        leads = call.site_id in scope.team_sites
    else:
        led = Agent.objects.in_teams(scope.team_calendars, timezone.now())
        leads = bool(scope.teams) and led.filter(pk=call.agent_id).exists()
    own = scope.agent is not None and scope.agent == call.agent_id
    manages = call.site_id in scope.managed_sites
    return Rights(may_note=leads or own, may_ask_caller=leads or manages)


@transaction.atomic
def write(call: Call, author: User, said: Mapping[str, Any], now: datetime) -> CallNote:
    """Write a note on a call; the note before is kept and superseded.

    `said` holds what the author says: `disposition` and `topic` (names, made when unknown),
    `resolved`, `resolvable`, `escalation`, `callback_due_at` (aware), `words`. Of the first four
    None means "not known"; one that is left out stays as it is. So does the callback that was
    promised and is not done: None cancels it.
    """
    # Two notes at once, or a note and an import, take turns; whoever but needs the call to be there
    # waits for none.
    held = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    values = {COLUMNS[name]: _value(name, said[name]) for name in COLUMNS if name in said}
    kept = {one for one in held.noted or () if one not in values}
    noted = sorted(kept | {name for name, value in values.items() if value is not None})
    Call.objects.filter(pk=held.pk).update(**values, noted=noted or None)
    standing = CallNote.objects.filter(call=held, is_current=True)
    before = standing.first()
    promised = standing.filter(callback_done_at=None).values_list("callback_due_at", flat=True)
    due_at = said["callback_due_at"] if "callback_due_at" in said else promised.first()
    standing.update(is_current=False)
    note = CallNote.objects.create(
        call=held,
        site_id=held.site_id,
        author=author,
        at=now,
        **values,
        standing=noted or None,
        escalation=masked(said.get("escalation") or ""),
        callback_due_at=due_at,
        words=masked(said.get("words") or ""),
    )
    notes_told.written(author, note, before, now)
    with connection.cursor() as cursor:
        mark_gained(cursor, held.site, [held.pk.hex])
    transaction.on_commit(lambda: record_changed.send(sender=None))
    return note


def gone_words(due_at: datetime, now: datetime) -> str:
    """Why nobody can be called back at a time, in words: it has gone. Empty: it has not."""
    return _("This time has gone.") if due_at < now - GRACE else ""


def _value(name: str, said: Any) -> Any:
    if said is None or name in ("resolved", "resolvable"):
        return said
    known, words = names.dispositions if name == "disposition" else names.topics, masked(said)
    return known([words])[words]


def called_back(note: CallNote, user: User, now: datetime) -> bool:
    """The caller was called back; whether nobody had said so. Said twice, the first stands."""
    waiting = CallNote.objects.filter(pk=note.pk, callback_done_at=None)
    with transaction.atomic():
        if not waiting.update(callback_done_at=now, callback_done_by=user):
            return False
        notes_told.called_back(user, note, now)
    return True
