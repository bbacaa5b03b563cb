"""What the record of some days seems to lack: the reads behind `gaps`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, TextField, Window
from django.db.models.functions import Cast, Coalesce

from ccm.imports import gaps
from ccm.imports.gaps import Session, Silence
from ccm.imports.storing.names import CHANNEL
from ccm.intervals import Span
from ccm.models import (
    AgentState,
    Call,
    ImportBatch,
    ImportChange,
    Outcome,
    Precision,
    Queue,
    Site,
)

# So many of each kind are shown; all are counted, of sessions up to MOST_SESSIONS.
SHOWN = 50
MOST_SESSIONS = 5_000
_EVENTS = """
SELECT date_bin('15 min', v.moment, '2000-01-01Z') AS quarter, count(*)
FROM ccm_call c, LATERAL (VALUES (c.offered_at), (c.answered_at), (c.ended_at)) AS v(moment)
WHERE c.site_id = %(site)s AND c.offered_at >= %(start)s AND c.offered_at < %(end)s
  AND (%(source)s = '' OR c.source = %(source)s) AND c.time_precision <> 'day'
  AND v.moment IS NOT NULL
GROUP BY 1
UNION ALL
SELECT date_bin('15 min', v.moment, '2000-01-01Z'), count(*)
FROM ccm_agentstate s JOIN ccm_agent a ON a.id = s.agent_id,
    LATERAL (VALUES (s.starts_at), (s.ends_at)) AS v(moment)
WHERE a.site_id = %(site)s AND (%(source)s = '' OR s.source = %(source)s)
  AND v.moment >= %(start)s AND v.moment < %(end)s
GROUP BY 1
"""
# Removals from a queue of agents of whom no login tells before, nor a logout at the time. Other
# names of the extension are the agent's, too. Where members are added and nobody ever logs in,
# being added is the login, of which there is no record: then nothing is lacking.
_REMOVALS = """
SELECT who.id, coalesce(who.name, c.agent_name), c.at
FROM ccm_cutoff c
LEFT JOIN LATERAL (
    SELECT g.id, g.name FROM ccm_agentalias a JOIN ccm_agent g ON g.id = a.agent_id
    WHERE a.source = c.source
      AND (a.raw_name = c.agent_name
           OR substring(a.raw_name FROM %(channel)s) = substring(c.agent_name FROM %(channel)s))
      AND (a.valid_from IS NULL OR a.valid_from <= (c.at AT TIME ZONE %(zone)s)::date)
    ORDER BY a.raw_name = c.agent_name DESC, a.valid_from DESC NULLS LAST LIMIT 1
) who ON true
WHERE c.agent_name <> '' AND c.at >= %(start)s AND c.at < %(end)s
  AND c.source IN (SELECT b.source FROM ccm_importbatch b
                   WHERE b.site_id = %(site)s AND b.undone_at IS NULL)
  AND (%(source)s = '' OR c.source = %(source)s)
  AND (%(batch)s::bigint IS NULL OR c.batch_id = %(batch)s)
  AND NOT EXISTS (
    SELECT FROM ccm_agentstate s
    WHERE s.source = c.source AND s.agent_id = who.id AND s.state = 'logged_in'
      AND (s.starts_at <= c.at OR s.ends_at BETWEEN c.at - %(same)s AND c.at + %(same)s))
  AND (
    EXISTS (SELECT FROM ccm_agentstate s
            WHERE s.source = c.source AND s.state = 'logged_in' AND s.starts_at IS NOT NULL)
    OR NOT EXISTS (SELECT FROM ccm_importissue i JOIN ccm_importbatch b ON b.id = i.batch_id
                   WHERE b.source = c.source AND b.undone_at IS NULL
                     AND i.rule = 'housekeeping' AND i.value = 'ADDMEMBER'))
ORDER BY c.at, c.agent_name LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What some days seem to lack. `events` is how many the log has of them."""

    events: int
    silences: list[Silence]
    endless: list[Call]
    endless_count: int
    sessions: list[Session]

    @property
    def nothing(self) -> bool:
        return not (self.silences or self.endless_count or self.sessions)


def of_days(site: Site, span: Span, source: str = "", batch: ImportBatch | None = None) -> Lacking:
    """What the record lacks of a site's days, of one source or of all; of calls and sessions only
    those that `batch` made or changed, where one is given."""
    wide = Span(span.start - gaps.AROUND, span.end + gaps.AROUND)
    events: dict[datetime, int] = {}
    asked: dict[str, Any] = {
        "site": site.pk, "start": wide.start, "end": wide.end, "source": source,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, asked)
        for quarter, count in cursor.fetchall():
            if wide.start <= quarter < wide.end:
                events[quarter] = events.get(quarter, 0) + count
    newest = _newest(site, source, max(events, default=span.start))
    hours = list(Queue.objects.filter(site=site).values_list("hours", flat=True))
    before = newest - gaps.LONGEST_CALL
    waiting = Q(outcome=Outcome.IN_PROGRESS, offered_at__lt=before)
    calls = Call.objects.in_span(span).filter(site=site, ended_at=None)
    calls = calls.filter(Q(answered_at__lt=before) | waiting)
    if source:
        calls = calls.filter(source=source)
    if batch is not None:
        calls = calls.filter(_of(batch, "ccm_call"))
    # In one query with the rows: how many there are.
    calls = calls.annotate(of=Window(Count("*")), told_at=Coalesce("answered_at", "offered_at"))
    shown: list[Any] = list(calls.select_related("queue", "agent").order_by("offered_at")[:SHOWN])
    sessions = gaps.half_sessions(_sessions(site, span, source, batch), newest)
    sessions += gaps.leavings(_removals(site, span, source, batch))
    return Lacking(
        events=sum(count for quarter, count in events.items() if span.start <= quarter < span.end),
        silences=gaps.silences(events, site.tz, _opening(site, hours), span),
        endless=shown,
        endless_count=shown[0].of if shown else 0,
        sessions=sorted(sessions, key=lambda one: one.at),
    )


def lost_its_end(call: Call) -> bool:
    """Whether a call that nothing ended is over all the same: the log of its site goes on for
    longer after its answer, or after it came, than a call does.

    A source that tells days alone tells no ends: none of its calls has lost one.
    """
    goes_on = call.outcome in (Outcome.IN_PROGRESS, Outcome.ANSWERED) and call.ended_at is None
    if not goes_on or call.time_precision == Precision.DAY:
        return False
    told = call.answered_at or call.offered_at
    return _newest(call.site, "", told) - told > gaps.LONGEST_CALL


def _newest(site: Site, source: str, known: datetime) -> datetime:
    """How far the log goes at all, of one source or of all; at least to `known`."""
    calls = Call.objects.filter(site=site)
    states = AgentState.objects.filter(agent__site=site)
    if source:
        calls, states = calls.filter(source=source), states.filter(source=source)
    # Ids sort by time.
    last = calls.order_by("-pk").values_list("offered_at", "ended_at").first() or ()
    edges = states.aggregate(Max("starts_at"), Max("ends_at")).values()
    return max(one for one in (known, *last, *edges) if one is not None)


def _of(batch: ImportBatch, table: str) -> Q:
    """Rows that an import made, or changed."""
    changed = ImportChange.objects.filter(
        batch=batch, relation=table, row=Cast(OuterRef("pk"), TextField())
    )
    return Q(batch=batch.pk) | Q(Exists(changed))


def _opening(
    site: Site, hours: list[dict[str, list[list[str]]]]
) -> Callable[[datetime], bool] | None:
    """When the site or one of its queues is open; None where nobody has said."""
    told = [one for one in (site.opening, *hours) if one]
    if not told:
        return None
    return lambda moment: any(site.is_open(moment, one) for one in told)


def _sessions(site: Site, span: Span, source: str, batch: ImportBatch | None) -> list[Session]:
    """Sessions with one edge, and those that began last of their agents."""
    inside = Q(starts_at__gte=span.start, starts_at__lt=span.end) | Q(
        starts_at=None, ends_at__gte=span.start, ends_at__lt=span.end
    )
    rows = AgentState.objects.filter(inside, agent__site=site, state=AgentState.State.LOGGED_IN)
    if source:
        rows = rows.filter(source=source)
    half = rows.filter(Q(starts_at=None) | Q(ends_at=None)).order_by("starts_at", "ends_at")
    if batch is not None:
        half = half.filter(_of(batch, "ccm_agentstate"))
    columns = ("agent_id", "agent__name", "starts_at", "ends_at")
    found = list(half.values_list(*columns)[:MOST_SESSIONS])
    whole = rows.filter(starts_at__isnull=False, ends_at__isnull=False)
    whole = whole.filter(agent__in={agent for agent, *_rest in found})
    last = whole.order_by("agent_id", "-starts_at").distinct("agent_id")
    found += last.values_list(*columns)
    return [Session(*row) for row in found]


def _removals(site: Site, span: Span, source: str, batch: ImportBatch | None) -> list[Session]:
    """Ends of sessions of which only a removal from a queue tells."""
    asked: dict[str, Any] = {
        "site": site.pk,
        "zone": site.zone,
        "start": span.start,
        "end": span.end,
        "source": source,
        "batch": batch and batch.pk,
        "channel": CHANNEL.pattern,
        "same": gaps.ONE_LEAVING,
        "most": MOST_SESSIONS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMOVALS, asked)
        return [Session(agent, name, None, at) for agent, name, at in cursor.fetchall()]
