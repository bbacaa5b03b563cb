"""Marks the days whose counts no longer hold, in the transaction that changed their calls."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import DAY, day_of, days
from ccm.models import AgentState, Call, DirtyDay, Queue, Site, SurveyResponse
from ccm.templatetags.figures import count

Days = set[tuple[int | None, date]]

_DAY_MS = 86_400_000
# A call out answers who asked to be called back so long before, at most.
CALLED_BACK = timedelta(days=7)
_REACHES_OTHER_DAYS = "(transfer_kind <> '' OR direction = 'outbound')"
QUARTER = "date_bin('15 min', {}, '2000-01-01Z')"
# A mark that has waited so long is held on to; before that the day is marked once more.
_WAITED = "interval '10 seconds'"
# One that a recount holds is worked off without what is changed now, and so does not count; one
# that is held here is left alone by recounts until these changes are committed (`DirtyDay`).
_MARK = f"""
    WITH wanted AS (
        SELECT %(site)s::bigint AS site_id, q AS queue_id, d AS day
        FROM unnest(%(queues)s::bigint[], %(days)s::date[]) AS u(q, d)
    ), there AS (
        SELECT m.queue_id, m.day FROM ccm_dirtyday m JOIN wanted w
          ON m.site_id = w.site_id AND m.day = w.day AND m.queue_id IS NOT DISTINCT FROM w.queue_id
        WHERE m.marked_at < clock_timestamp() - {_WAITED}
        FOR NO KEY UPDATE OF m SKIP LOCKED
    )
    INSERT INTO ccm_dirtyday (site_id, queue_id, day, marked_at)
    SELECT w.site_id, w.queue_id, w.day, clock_timestamp() FROM wanted w
    WHERE NOT EXISTS (
        SELECT FROM there t WHERE t.day = w.day AND t.queue_id IS NOT DISTINCT FROM w.queue_id
    )"""


# The newest days are behind for seconds, again and again, while calls go on.
USUAL_DAYS = 3


class Notice(NamedTuple):
    """What is being counted anew, and what is shown meanwhile, in words."""

    what: str
    meanwhile: str

    def __str__(self) -> str:
        return f"{self.what} {self.meanwhile}"


def waiting(sites: Iterable[Site]) -> dict[int, int]:
    """Of sites that are being counted anew, how many days show what was counted before: none where
    it is no more than the few that calls change as they go on. One query."""
    marks = DirtyDay.objects.filter(site__in=[site.pk for site in sites]).order_by()
    found = marks.values_list("site").annotate(Count("day", distinct=True))
    return {site: days for site, days in found if days > USUAL_DAYS}


def notice(site: Site, days: int) -> Notice | None:
    """What people are told of a site of which so many days are marked; None: nothing."""
    if days <= USUAL_DAYS:
        return None
    words = ngettext(
        "%(days)s day still shows what was counted before.",
        "%(days)s days still show what was counted before.",
        days,
    )
    what = _("Figures of %(site)s are being counted anew.") % {"site": site.name}
    return Notice(what, words % {"days": count(days)})


def touched(calls: pl.DataFrame, site: Site) -> Days:
    """The queue days that calls were offered on."""
    quarters = calls.select("queue_id", pl.col("offered_at").dt.truncate("15m")).unique()
    return _days(quarters.iter_rows(), site)


def _days(found: Iterable[tuple[int | None, datetime]], site: Site) -> Days:
    """Queues and quarter hours as queue days: days begin on one everywhere."""
    quarters = list(found)
    known = {moment: day_of(moment, site.calendar) for moment in {at for _queue, at in quarters}}
    return {(queue, known[at]) for queue, at in quarters}


def mark_days(cursor: CursorWrapper, site: Site, days: Days) -> None:
    """Mark days of queues (None: calls on no queue)."""
    if not days:
        return
    queues, dates = zip(*days, strict=True)
    cursor.execute(_MARK, {"site": site.pk, "queues": list(queues), "days": list(dates)})


def mark_quarters(
    cursor: CursorWrapper, site: Site, found: Iterable[tuple[int | None, datetime]]
) -> None:
    """Mark the days of calls that were offered on these queues in these quarter hours."""
    mark_days(cursor, site, _days(found, site))


def mark_all(site: Site) -> int:
    """Mark every day from a day before the site's first call, state of an agent, or answer that
    knows no call, to a day after its last, of each of its queues and of none; how many days. For
    what changes them all, as another zone or hour that days begin at does: the days beside are
    where what was counted under the old one may have lain."""
    calls = Call._default_manager.filter(site=site)
    alone = SurveyResponse._default_manager.filter(site=site, call=None)
    states = AgentState._default_manager.filter(agent__site=site)
    ends = [
        *states.aggregate(Min("starts_at"), Max("starts_at"), Max("ends_at")).values(),
        *calls.aggregate(Min("offered_at"), Max("offered_at")).values(),
        *alone.aggregate(Min("answered_at"), Max("answered_at")).values(),
    ]
    told = [day_of(moment, site.calendar) for moment in ends if moment is not None]
    if not told:
        return 0
    every = list(days(min(told) - DAY, max(told) + DAY))
    queues = [None, *Queue._default_manager.filter(site=site).values_list("pk", flat=True)]
    with connection.cursor() as cursor:
        mark_days(cursor, site, {(queue, day) for queue in queues for day in every})
    return len(every)


def mark_staged(cursor: CursorWrapper, site: Site, span: dict[str, str]) -> None:
    """Mark the days of what changed: where it is, where it was, after a transfer where the
    contact went on, and before a call out where a call back was asked for."""
    cursor.execute(
        f"""SELECT DISTINCT queue_id, {QUARTER.format("moment")}
        FROM staged, LATERAL (VALUES (offered_at), (old_offered_at)) AS v(moment)
        WHERE fate <> 'duplicate' AND moment IS NOT NULL"""
    )
    days = _days(cursor.fetchall(), site)
    cursor.execute(
        "SELECT DISTINCT linked_id, source FROM staged"
        f" WHERE fate <> 'duplicate' AND {_REACHES_OTHER_DAYS}"
    )
    contacts = cursor.fetchall()
    mark_days(cursor, site, days | _days_of_contacts(cursor, site, contacts, _reaching(span)))


def _days_of_contacts(
    cursor: CursorWrapper, site: Site, contacts: list[tuple[str, str]], span: dict[str, str]
) -> Days:
    """The queue days of all visits of contacts (linked_id, source)."""
    if not contacts:
        return set()
    linked, sources = zip(*contacts, strict=True)
    cursor.execute(
        f"""SELECT DISTINCT c.queue_id, {QUARTER.format("c.offered_at")}
        FROM unnest(%(linked)s, %(sources)s) AS s(linked_id, source), LATERAL (
            SELECT * FROM ccm_call c
            WHERE c.linked_id = s.linked_id AND c.source = s.source
              AND c.id BETWEEN %(low)s AND %(high)s
            OFFSET 0
        ) AS c
        -- Outside, for of a site that just came the planner would look through all its calls.
        WHERE c.site_id = %(site)s""",
        span | {"linked": list(linked), "sources": list(sources), "site": site.pk},
    )
    return _days(cursor.fetchall(), site)


def _reaching(span: dict[str, str]) -> dict[str, str]:
    """The ids of `span`, and those of calls that may have asked for the calls back in it."""
    low = max(0, int(span["low"][:12], 16) - CALLED_BACK.days * _DAY_MS)
    return span | {"low": f"{low:012x}" + span["low"][12:]}


def beside(cursor: CursorWrapper, site: Site, calls: pl.DataFrame, span: dict[str, str]) -> Days:
    """The days of visits there are that follow a transfer of these calls, or asked to be called
    back by them; they are not there yet. Asked before they are: of rows just copied the planner
    knows nothing."""
    reach = (pl.col("transfer_kind") != "") | (pl.col("direction") == "outbound")
    contacts = calls.filter(reach).select("linked_id", "source").unique()
    return _days_of_contacts(cursor, site, contacts.rows(), _reaching(span))


def mark_calls(cursor: CursorWrapper, site: Site, ids: list[str]) -> None:
    """Mark the days of these calls and, after a transfer, of where their contacts went on, and
    before a call out of where a call back was asked for."""
    if not ids:
        return
    mark_gained(cursor, site, ids)
    cursor.execute(
        "SELECT DISTINCT linked_id, source FROM ccm_call"
        f" WHERE id = ANY(%s::uuid[]) AND {_REACHES_OTHER_DAYS}",
        [ids],
    )
    births = [int(one.replace("-", "")[:12], 16) for one in (min(ids), max(ids))]
    low, high = (f"{max(0, birth):012x}" for birth in (births[0] - _DAY_MS, births[1] + _DAY_MS))
    span = {"low": low + "0" * 20, "high": high + "f" * 20}
    contacts = cursor.fetchall()
    mark_days(cursor, site, _days_of_contacts(cursor, site, contacts, _reaching(span)))


def mark_answers(cursor: CursorWrapper, site: Site, ids: list[str]) -> None:
    """Mark the days of answers told alone: their call's, or the one they were given on."""
    cursor.execute(
        f"""SELECT DISTINCT COALESCE(c.queue_id, r.queue_id),
            {QUARTER.format("COALESCE(c.offered_at, r.answered_at)")}
        FROM ccm_surveyresponse r LEFT JOIN ccm_call c ON c.id = r.call_id
        WHERE r.id = ANY(%s::uuid[])""",
        [ids],
    )
    mark_days(cursor, site, _days(cursor.fetchall(), site))


def mark_gained(cursor: CursorWrapper, site: Site, ids: list[str]) -> None:
    """Mark the days of calls that gained a ring or an answer."""
    if not ids:
        return
    cursor.execute(
        f"SELECT DISTINCT queue_id, {QUARTER.format('offered_at')}"
        " FROM ccm_call WHERE id = ANY(%s::uuid[])",
        [ids],
    )
    mark_days(cursor, site, _days(cursor.fetchall(), site))


def mark_spells(cursor: CursorWrapper, site: Site, ids: Collection[int | str]) -> None:
    """Mark the days that these states of agents reach over: they count as time of the site."""
    if not ids:
        return
    cursor.execute(
        f"""SELECT DISTINCT {QUARTER.format("COALESCE(starts_at, ends_at)")},
            {QUARTER.format("COALESCE(ends_at, starts_at)")}
        FROM ccm_agentstate WHERE id = ANY(%s::bigint[])""",
        [list(ids)],
    )
    reach = {
        (day_of(first, site.calendar), day_of(last, site.calendar))
        for first, last in cursor.fetchall()
    }
    mark_days(cursor, site, {(None, day) for pair in reach for day in days(*pair)})
