"""Which calls of a period may be drawn, and what each is of. One statement over a site's calls.

What cannot be reviewed is left out before chance has a say, so that it needs no swap: each call
that is left out counts under the first of these reasons that it has.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from ccm.identity import id_floor
from ccm.intervals import DAY, Span, day_of, day_starts, days, last_day, site_days
from ccm.models import Call, Site, TeamMembership
from qa.plans import strata
from qa.plans.how import How
from qa.plans.periods import Period

UNANSWERED, GOING_ON, NO_CONSENT, CONSENT_UNKNOWN, LENGTH_UNKNOWN, SHORT, NO_RECORD = (
    "unanswered", "going_on", "no_consent", "consent_unknown", "length_unknown", "short",
    "no_record",
)  # fmt: skip
"""Why a call is left out: nobody answered it, or nobody knows who; it is not over yet; its caller
did not agree to be recorded, or was not asked as far as anybody knows, where the site asks for it;
nobody knows how long it was, or it is shorter than the plan's calls; where the plan asks for one,
there is neither a recording nor a transcript."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """An agent's eligible calls, ids by the label of their stratum; of no team: None."""

    agent: int
    team: int | None
    calls: Mapping[str, Sequence[str]]

    @property
    def many(self) -> int:
        return sum(map(len, self.calls.values()))


@dataclass(frozen=True, slots=True)
class Found:
    """What of a period may be drawn: of each agent with calls in it, by their number, also of those
    none of whose calls may be. `left_out` counts calls by the reason."""

    agents: Sequence[Theirs]
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def many(self) -> int:
        return sum(one.many for one in self.agents)


def find(site: Site, how: How, period: Period) -> Found:
    """What of a period of a site may be drawn as a plan draws. Four queries."""
    span = site_days(period.first, period.last, site.calendar)
    teams = _teams(site, period)
    by_agent: dict[int, dict[str, list[str]]] = defaultdict(dict)
    left_out: Counter[str] = Counter()
    for agent, why, label, many, ids in _rows(site, how, span):
        if agent is not None and how.teams and teams.get(agent) not in how.teams:
            continue
        if agent is not None:
            by_agent[agent]  # an agent none of whose calls may be drawn is told of, too
        if why:
            left_out[why] += many
        else:
            by_agent[agent][label] = ids
    return Found(
        [Theirs(agent, teams.get(agent), by_agent[agent]) for agent in sorted(by_agent)],
        dict(left_out),
    )


def reaches_beyond(site: Site, moment: datetime, now: datetime) -> bool:
    """Whether the site's record has a call of that moment or later: what was before is there."""
    rows = Call.objects.filter(site=site).offered_between(moment, now + DAY)
    return bool(rows.exists())


def _teams(site: Site, period: Period) -> dict[int, int]:
    """The last team that each agent was in within the period."""
    stays = TeamMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=period.first),
        agent__site=site,
        starts_on__lt=period.next,
    )
    return dict(stays.order_by("starts_on").values_list("agent", "team"))


def _rows(site: Site, how: How, span: Span) -> list[tuple[Any, ...]]:
    """(agent, why left out, label, how many, ids) of calls; no ids of those left out."""
    values: dict[str, Any] = {
        "site": site.pk,
        "low": id_floor(span.start - DAY),
        "high": id_floor(span.end + DAY),
        "start": span.start,
        "end": span.end,
        "queues": list(how.queues),
        "direction": how.direction,
        "shortest": how.shortest_s * 1000,
        "needs_consent": how.needs_consent,
        "needs_record": how.needs_record,
    }
    label = _label(site, how, span, values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH said AS MATERIALIZED (
                SELECT c.id, {_TAKEN} AS agent, {_WHY} AS why, {label} AS label
                FROM ccm_call c LEFT JOIN ccm_agent a ON a.id = c.agent_id
                WHERE c.site_id = %(site)s AND c.id >= %(low)s AND c.id < %(high)s
                    AND c.offered_at >= %(start)s AND c.offered_at < %(end)s
                    {"AND c.queue_id = ANY(%(queues)s)" if how.queues else ""}
                    {"AND c.direction = %(direction)s" if how.direction else ""}
            )
            SELECT agent, why, CASE WHEN why = '' THEN label ELSE '' END AS label, count(*),
                array_agg(id::text ORDER BY id) FILTER (WHERE why = '')
            FROM said GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            values,
        )
        return list(cursor.fetchall())


_TAKEN = "CASE WHEN c.answered_at IS NOT NULL THEN c.agent_id END"
_WHY = f"""
    CASE WHEN c.answered_at IS NULL OR c.agent_id IS NULL THEN '{UNANSWERED}'
         WHEN c.ended_at IS NULL AND c.talk_ms IS NULL THEN '{GOING_ON}'
         WHEN c.consent IS FALSE THEN '{NO_CONSENT}'
         WHEN c.consent IS NULL AND %(needs_consent)s THEN '{CONSENT_UNKNOWN}'
         WHEN c.talk_ms IS NULL AND %(shortest)s > 0 THEN '{LENGTH_UNKNOWN}'
         WHEN c.talk_ms < %(shortest)s THEN '{SHORT}'
         WHEN %(needs_record)s AND c.recording = '' AND c.id NOT IN (
             SELECT call_id FROM qa_calltranscript
             WHERE call_id >= %(low)s AND call_id < %(high)s) THEN '{NO_RECORD}'
         ELSE '' END
"""
_YES_NO = f"CASE WHEN {{}} THEN '{strata.YES}' ELSE '{strata.NO}' END"
# The lowest quarter of its scale, as for the satisfaction figures.
_LOW = """c.id IN (
    SELECT call_id FROM ccm_surveyresponse
    WHERE site_id = %(site)s AND kind = 'csat' AND call_id >= %(low)s AND call_id < %(high)s
        AND score - scale_min <= 0.25 * (scale_max - scale_min))"""
# Contacts whose caller had another within so many days before. A contact begins with its first
# visit, which may lie before the period.
_REPEAT = """c.linked_id IN (
    SELECT linked_id FROM (
        SELECT linked_id, at, lag(at) OVER (PARTITION BY caller_hash ORDER BY at, linked_id) AS last
        FROM (
            SELECT caller_hash, linked_id, min(offered_at) AS at FROM ccm_call
            WHERE site_id = %(site)s AND caller_hash <> '' AND id >= %(before_low)s
                AND id < %(high)s AND offered_at >= %(before)s AND offered_at < %(end)s
            GROUP BY caller_hash, linked_id
        ) contacts
    ) lagged WHERE at - last <= %(within)s)"""


def _label(site: Site, how: How, span: Span, values: dict[str, Any]) -> str:
    """SQL of a call's label; what it needs is put into `values`."""
    found = [_part(one, site, how, span, values) for one in how.strata]
    return " || '|' || ".join(found) if found else "''"


def _part(one: str, site: Site, how: How, span: Span, values: dict[str, Any]) -> str:
    if one == strata.QUEUE:
        said = f"coalesce(c.queue_id::text, '{strata.NONE}')"
    elif one == strata.DISPOSITION:
        said = f"coalesce(c.disposition_id::text, '{strata.NONE}')"
    elif one == strata.LENGTH:
        values["bands"] = [end * 1000 for end in sorted(how.bands)]
        values["band_names"] = strata.bands(how.bands)
        said = (
            "coalesce((%(band_names)s::text[])[1 + width_bucket(c.talk_ms, %(bands)s::int[])],"
            f" '{strata.UNKNOWN}')"
        )
    elif one == strata.TIME:
        moments, names = _parts_of_days(site, span)
        values["moments"], values["moment_names"] = moments, names
        said = (
            f"CASE WHEN c.time_precision = 'day' THEN '{strata.UNKNOWN}' ELSE"
            " (%(moment_names)s::text[])"
            "[width_bucket(c.offered_at, %(moments)s::timestamptz[])] END"
        )
    elif one == strata.NEW_HIRE:
        values["day_starts"], values["days"] = _days(site, span)
        values["new_hire_days"] = how.new_hire_days
        said = _YES_NO.format(
            "(%(days)s::date[])[width_bucket(c.offered_at, %(day_starts)s::timestamptz[])]"
            " - a.hired_on < %(new_hire_days)s"
        )
    elif one == strata.LOW_CSAT:
        said = _YES_NO.format(_LOW)
    elif one == strata.TRANSFER:
        said = _YES_NO.format("c.transfer_kind <> ''")
    elif one == strata.REPEAT:
        before = span.start - timedelta(days=how.repeat_days)
        values["before"], values["before_low"] = before, id_floor(before - DAY)
        values["within"] = timedelta(days=how.repeat_days)
        said = _YES_NO.format(f"c.caller_hash <> '' AND {_REPEAT}")
    else:
        raise ValueError(f"calls are not told apart by {one}")
    return f"'{one}:' || {said}"


def _days(site: Site, span: Span) -> tuple[list[datetime], list[date]]:
    """When each site day of a span begins, and which it is: the database's own table of time zones
    may be another."""
    first = day_of(span.start, site.calendar)
    last = last_day(span.end, site.calendar)
    return day_starts(first, last, site.calendar), list(days(first, last))


def _parts_of_days(site: Site, span: Span) -> tuple[list[datetime], list[str]]:
    """When each part of a day begins by the site's clock, and which it is, from before the span
    on."""
    first, last = (moment.astimezone(site.tz).date() for moment in (span.start, span.end))
    begins = {
        datetime(day.year, day.month, day.day, hour, tzinfo=site.tz).astimezone(
            span.start.tzinfo
        ): name
        for day in days(first - DAY, last)
        for hour, name in strata.PARTS_OF_DAY
    }
    moments = sorted(begins)
    return moments, [begins[one] for one in moments]
