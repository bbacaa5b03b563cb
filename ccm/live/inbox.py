"""The inbox: events as sources posted them, until they are folded and a while longer."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from ccm.live import bus, events
from ccm.live.events import Event
from ccm.models import LiveEvent, Site

_INSERT = """
INSERT INTO ccm_liveevent
    (source, event_id, site_id, kind, at, call, agent, payload, received_at)
SELECT %s, e.id, %s, e.kind, e.at, e.call, e.agent, e.payload, %s
FROM jsonb_to_recordset(%s::jsonb)
    AS e(id text, kind text, at timestamptz, call text, agent text, payload jsonb)
ON CONFLICT (source, event_id) DO NOTHING
"""


def put(posted: Sequence[Event], site: Site, source: str, now: datetime) -> int:
    """Keep the events that are new to this source, in one statement; how many they were.

    The live process is told after the commit.
    """
    # In one order, so that two posts of the same events never wait for each other in a circle.
    ordered = sorted(posted, key=lambda event: event.id)
    rows = [
        {
            "id": one.id, "kind": one.kind, "at": one.at.isoformat(), "call": one.call,
            "agent": one.agent, "payload": events.payload(one),
        }
        for one in ordered
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT, [source, site.pk, now, json.dumps(rows)])
        new: int = cursor.rowcount
        if new:
            transaction.on_commit(bus.events_came)
    return new


def event(row: LiveEvent) -> Event:
    """The event of a row of the inbox."""
    return events.restored(row.event_id, row.kind, row.at, row.call, row.agent, row.payload)
