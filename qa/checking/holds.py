"""When callers were on hold, as far as anything tells, in the time of the recording.

A call keeps how long it was on hold in all. When, its agent's states say where their source logs
them; transcripts are taken to begin when the call was answered. Where the two do not agree, or the
transcript is longer than the talk, nobody knows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from ccm.models import AgentState, Call
from qa.transcripts import Spell, Transcript

# Sources write seconds, and the parts of several holds each lose some.
_APART = timedelta(seconds=3)
Known = tuple[Spell, ...] | None


def of_calls(calls: Mapping[UUID, Call]) -> dict[UUID, Known]:
    """The holds of each call; None where nobody knows. One query."""
    spells = _states([call for call in calls.values() if call.hold_ms])
    return {pk: _holds(call, spells.get(call.agent_id or 0, ())) for pk, call in calls.items()}


def fits(call: Call, transcript: Transcript) -> bool:
    """Whether a transcript is no longer than the talk: else it began before the answer."""
    if call.answered_at is None or call.ended_at is None:
        return False
    last = max((one.end_ms or one.start_ms or 0 for one in transcript.lines), default=0)
    return timedelta(milliseconds=last) <= call.ended_at - call.answered_at + _APART


Span = tuple[datetime, datetime]


def _states(calls: Iterable[Call]) -> dict[int, list[Span]]:
    """When the agents of calls had somebody on hold during them."""
    during = Q()
    for one in calls:
        if one.agent_id and one.answered_at and one.ended_at:
            during |= Q(agent=one.agent_id, starts_at__lt=one.ended_at, ends_at__gt=one.answered_at)
    found: dict[int, list[Span]] = defaultdict(list)
    if during:
        rows = AgentState.objects.filter(during, state=AgentState.State.HOLD, cut_off=False)
        spans = rows.order_by("starts_at").values_list("agent", "starts_at", "ends_at")
        for agent, start, end in spans:
            if start is not None and end is not None:
                found[agent].append((start, end))
    return found


def _holds(call: Call, states: Iterable[Span]) -> Known:
    if call.hold_ms == 0:
        return ()
    if call.hold_ms is None or call.answered_at is None or call.ended_at is None:
        return None
    found, total = [], timedelta(0)
    for start, end in states:
        begun, over = max(start, call.answered_at), min(end, call.ended_at)
        if begun < over:
            since = (begun - call.answered_at) // timedelta(milliseconds=1)
            found.append(Spell(since, (over - begun) // timedelta(milliseconds=1)))
            total += over - begun
    known = timedelta(milliseconds=call.hold_ms)
    return tuple(found) if found and abs(total - known) <= _APART else None
