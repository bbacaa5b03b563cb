"""Who asked in a queue to be called back, and what became of it, as the KPIs count it.

What a call back is stands in `kpis.rollups.units`: of the visits of a queue and a day those that
are counted as called back are the ones that are listed here as reached.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import ExpressionWrapper, RawSQL
from django.db.models.functions import Coalesce

from ccm.dirty import CALLED_BACK
from ccm.identity import id_floor
from ccm.intervals import DAY, Span
from ccm.models import Call, CallNote, Outcome, Queue, Site
from ccm.querysets import Viewer
from kpis.rollups.units import REACHED_AT, called_back

# Of the same calls out: those in vain, and when the last of them was.
IN_VAIN = "FILTER (WHERE back.outcome NOT IN ('answered', 'in_progress'))"


def asked(user: Viewer, site: Site, span: Span, queue: Queue | None = None) -> QuerySet[Call]:
    """Visits of a span that asked for a call back and that the user may open.

    Each with `asked_at`, the end of the wait as far as that is known; `reached_at`, when an agent
    had the caller on the line again within the days in which that counts, or null; `tries`, the
    calls out in vain in those days, and `tried_at`, the last of them; and of the note that stands
    on it `promised_at` and `noted_at`, when the call back is due and when somebody said that it was
    made.
    """
    found: QuerySet[Call] = (
        Call.objects.visible_to(user)
        .in_span(span)
        .filter(site=site, outcome=Outcome.CALLBACK_REQUESTED, direction="inbound")
    )
    found = found.filter(queue__isnull=False) if queue is None else found.filter(queue=queue)
    note = CallNote.objects.filter(call=OuterRef("pk"), is_current=True)
    low, high = span.start - DAY, span.end + CALLED_BACK + DAY
    return found.annotate(
        asked_at=asked_at(),
        reached_at=of_calls_out(REACHED_AT, DateTimeField(), low, high),
        tries=of_calls_out(f"count(*) {IN_VAIN}", IntegerField(), low, high),
        tried_at=of_calls_out(f"max(back.offered_at) {IN_VAIN}", DateTimeField(), low, high),
        promised_at=Subquery(note.values("callback_due_at")[:1]),
        noted_at=Subquery(note.values("callback_done_at")[:1]),
    )


def is_over(call: Call, now: datetime) -> bool:
    """Whether a call out would be too late to count as this one's call back."""
    return now >= call.offered_at + CALLED_BACK


def asked_at() -> Coalesce:
    """When a visit asked: the end of its wait, as far as that is known."""
    end = F("offered_at") + F("wait_ms") * timedelta(milliseconds=1)
    return Coalesce(ExpressionWrapper(end, output_field=DateTimeField()), "ended_at", "offered_at")


def of_calls_out(told: str, kind: Any, low: datetime, high: datetime, **window: str) -> RawSQL:
    """Something of the calls out of a call's contact that were born in [low, high), in the window
    of `called_back`."""
    sql = called_back(Call._meta.db_table, told, low="%s", high="%s", **window)
    return RawSQL(sql, (id_floor(low), id_floor(high)), output_field=kind)
