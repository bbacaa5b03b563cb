"""Amazon Connect's agent events, as its stream has them: read as a file of them is (see
`ccm.imports.formats.amazon_connect_agent_events`), so that both make the same spells. Pure.
"""

import re
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from ccm.identity import EPOCH
from ccm.imports.files.members import Record, Unreadable, storable
from ccm.imports.formats import amazon_connect_agent_events as format
from ccm.imports.records import Reading
from ccm.live.events import SNAPSHOT, Event, Fault, Shown
from ccm.live.shapes import id_of

NAME = format.FORMAT.name
_PLACE = re.compile(r"\[(\d+)\]")


def read(value: object, now: datetime) -> Event | list[Fault]:
    """The event in a piece of JSON, or what is wrong with it."""
    try:
        # Of text no database can hold a replacement character remains, as of a file's.
        said = storable(value)
        made_id = id_of(said)
    except RecursionError:
        return [Fault("", _("It is nested too deep."))]
    if not isinstance(said, dict):
        return [Fault("", _("An event is a JSON object."))]
    record = Record(1, said, Reading(zone=None, now=now.astimezone(UTC)))
    try:
        kind = record.needed("EventType")
        if kind not in format.KINDS:
            return [Fault("/EventType", _("No rule knows this event."))]
        told = format.event_of(record, kind)
        return Event(
            id=record.text("EventId") or made_id,
            kind=SNAPSHOT,
            at=_moment(told.at),
            agent=told.agent,
            session=kind.lower() if kind in ("LOGIN", "LOGOUT") else "",
            shown=tuple(
                Shown(
                    held.state,
                    held.reason or "",
                    _moment(held.since),
                    None if end is None else _moment(end),
                )
                for held, end in told.spells()
            ),
        )
    except Unreadable as bad:
        column, _value, _rule, words = bad.args
        return [Fault("/" + _PLACE.sub(r"/\1", column).replace(".", "/"), words)]


def _moment(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)
