"""A day of a queue, or of those that the same people take: what it takes, and who is there."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject

from ccm.intervals import DAY, day_of, site_days
from ccm.models import Queue, Site
from kpis.rollups import presence
from scheduling.forecast.history import Array
from scheduling.gaps import pool
from scheduling.gaps.moving import Clock
from scheduling.gaps.outlook import Outlook
from scheduling.gaps.pool import Pool
from scheduling.intraday import reads, staffing
from scheduling.intraday.reads import Reach, Today
from scheduling.known import past
from scheduling.known.past import Grid
from scheduling.models import AgentContract, AgentSkill, KeptShift, ShiftOfferAnswer
from scheduling.models.offers_querysets import LIVE
from scheduling.requirements import aims
from scheduling.requirements.aims import Told
from scheduling.rosters import parts
from scheduling.staffing.requirement import required_for
from scheduling.terms import limits, skills

_LEAST = 1e-6


class Present(NamedTuple):
    """Somebody's time on calls, wrapping up, ringing or ready: what they take, and milliseconds by
    the moments at which quarter hours begin."""

    takes: pool.Takes
    spells: Sequence[tuple[datetime, float]]


@dataclass(frozen=True, eq=False)
class Running:
    """A day of a pool. `todays` are those of its queues that are forecast, that of the queue which
    was asked for first; `outlook` is of its intervals. `present` are people who were there, each as
    much as they fill, by interval; None: no log tells states. `shifts` are of all of the site."""

    todays: Sequence[Today]
    queues: Sequence[Queue]
    pool: Pool
    told: Told
    on: Grid
    outlook: Outlook
    expected: Array
    came: Array
    present: Array | None
    shifts: Sequence[KeptShift]

    @property
    def today(self) -> Today:
        return self.todays[0]

    @property
    def site(self) -> Site:
        return self.today.queue.site

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.on.interval, self.on.shape[1])

    def minute(self, moment: datetime) -> int:
        """Minutes since the day's beginning."""
        return round((moment - self.on.start).total_seconds()) // 60

    def moment(self, minute: int) -> datetime:
        return self.on.start + timedelta(minutes=minute)

    def begins(self, place: int) -> datetime:
        """When an interval begins: the first time that the clock shows it."""
        return self.moment(15 * int(np.flatnonzero(self.on.interval == place)[0]))

    def ends(self, place: int) -> datetime:
        return self.moment(15 * (int(np.flatnonzero(self.on.interval == place)[-1]) + 1))

    def place(self, moment: datetime) -> int:
        """The interval that a moment is of; the last one of a later moment."""
        return int(self.on.interval[min(self.on.place(moment), len(self.on.interval) - 1)])


def running(queue: Queue, queues: Sequence[Queue], known: Reach) -> Running | None:
    """The day of a queue with those that its people take, too, of the `queues` of its site; None
    where it is not forecast. Eight queries, of which two are of who is planned and was there."""
    site, now = queue.site, known.now
    day = day_of(now, site.calendar)
    of_all = reads.todays(site, queues, known)
    if queue.pk not in of_all:
        return None
    names = {one.pk: one.name for one in queues}
    shifts = planned(site, day)
    takes = {one.agent_id: takes_of(one, names, day) for one in shifts if not one.is_on_call}
    mine = pool.around(queue.pk, takes, of_all)
    todays = [of_all[queue.pk], *(of_all[pk] for pk in sorted(mine.queues) if pk != queue.pk)]
    members = [one.queue for one in todays]
    choices = aims.choices_on(day)
    if len(members) == 1:
        told = aims.of_queue(queue, todays[0].forecast, choices)
    else:
        last = min(one.forecast.known_until for one in todays)
        told = aims.of_group(members, last, choices)
    on = past.grid(day, day, site.calendar, todays[0].minutes)
    outlook = _outlook(todays, told, on, _scheduled(shifts, mine, on))
    there = present(site, day, names)
    return Running(
        todays=todays,
        queues=members,
        pool=mine,
        told=told,
        on=on,
        outlook=outlook,
        expected=sum((_on_grid(one, one.begun.expected, on) for one in todays), _none(on)),
        came=sum((_on_grid(one, one.begun.came, on) for one in todays), _none(on)),
        present=_present(there, mine, on),
        shifts=shifts,
    )


# Who is planned, and what they take.


def planned(site: Site, day: date) -> list[KeptShift]:
    """The published shifts that reach into a day of a site, but those of whoever is absent: each
    with its agent, template, roster and the site's rules, with what is said of the agent's queues
    and contracts (`said_queues`, `said_contracts`), and with offers that they have not answered
    yet, or that are to be decided (`said_offers`). One query."""
    span = site_days(day, day, site.calendar)
    held = JSONObject(
        starts_on="starts_on", ends_on="ends_on", law="contract__law",
        **{name: f"contract__{name}" for name in limits.columns()},
    )  # fmt: skip
    theirs = {"agent": OuterRef("agent")}
    rows: Any = (
        KeptShift.objects.published()
        .worked()
        .filter(
            roster__site=site, day__gte=day - DAY, day__lte=day + DAY,
            begins_at__lt=span.end, ends_at__gt=span.start,
        )
        .select_related("agent", "template", "roster__site__roster_rules")
        .annotate(
            said_queues=ArraySubquery(AgentSkill.objects.filter(**theirs).values(told=_SKILL)),
            said_offers=ArraySubquery(
                ShiftOfferAnswer.objects.filter(state__in=LIVE, **theirs).values(told=_OFFER)
            ),
            said_contracts=ArraySubquery(AgentContract.objects.filter(**theirs).values(told=held)),
        )
    )  # fmt: skip
    return list(rows.order_by("begins_at", "agent__name", "pk"))


# How many have accepted, or wait to be decided.
_TAKEN = (
    ShiftOfferAnswer.objects.filter(offer=OuterRef("offer"), state__in=("accepted", "waiting"))
    .order_by()
    .values("offer")
    .values(many=Count("pk"))
)
_OFFER = JSONObject(
    ends="until", offer="offer_id", kind="offer__kind", starts_at="offer__starts_at",
    ends_at="offer__ends_at", until="offer__until", state="offer__state", wanted="offer__wanted",
    taken=Coalesce(Subquery(_TAKEN), 0),
)  # fmt: skip
_SKILL = JSONObject(
    queue="queue_id", proficiency="proficiency", starts_on="starts_on", ends_on="ends_on"
)


def takes_of(shift: Any, queues: Mapping[int, str], day: date) -> pool.Takes:
    return _takes(shift.said_queues, shift.agent.skills, queues, day)


def _takes(
    said: Iterable[Mapping[str, Any]], words: Iterable[str], queues: Mapping[int, str], day: date
) -> pool.Takes:
    """What somebody takes on a day, as rosters read it."""
    return skills.takes(map(_spell, said), words, queues, day)


def _spell(said: Mapping[str, Any]) -> skills.Spell:
    ends = said["ends_on"]
    return skills.Spell(
        said["queue"],
        float(said["proficiency"]),
        date.fromisoformat(said["starts_on"]),
        None if ends is None else date.fromisoformat(ends),
    )


def holds(said: Mapping[str, Any], day: date) -> bool:
    """Whether something that is said from one day until before another holds on a day."""
    ends = said["ends_on"]
    return str(said["starts_on"]) <= day.isoformat() and (ends is None or day.isoformat() < ends)


def _scheduled(shifts: Iterable[KeptShift], mine: Pool, on: Grid) -> Array:
    """People on queue by the plan, by interval, each as much as they fill."""
    clock = Clock(on.interval, on.shape[1])
    found = _none(on)
    for shift in shifts:
        fills = mine.people.get(shift.agent_id)
        if fills is None:
            continue
        for part in parts.of_shift(shift):
            if part.kind == parts.ON_QUEUE:
                start, end = (
                    round((one - on.start).total_seconds()) // 60 for one in (part.start, part.end)
                )
                found += fills * clock.shares(start, end)
    return found


def present(site: Site, day: date, queues: Mapping[int, str]) -> list[Present]:
    """Who was there on a day, by the states that a log tells; nobody of whom it tells none. One
    query."""
    values = presence.values_of(site.pk, site.calendar, site_days(day, day, site.calendar))
    with connection.cursor() as cursor:
        cursor.execute(_THERE, values)
        rows = cursor.fetchall()
    return [
        Present(
            _takes(json.loads(said or "[]"), words or (), queues, day),
            [*zip(starts, map(float, ms), strict=True)],
        )
        for words, said, starts, ms in rows
    ]


_THERE = f"""SELECT a.skills, (
    SELECT jsonb_agg(jsonb_build_object('queue', s.queue_id, 'proficiency', s.proficiency,
        'starts_on', s.starts_on, 'ends_on', s.ends_on))::text
    FROM scheduling_agentskill s WHERE s.agent_id = a.id), q.starts, q.ms
FROM (
    SELECT agent_id, array_agg(start) AS starts,
        array_agg(handling_ms + ringing_ms + ready_ms) AS ms
    FROM ({presence.QUARTERS}) AS quarters
    WHERE handling_ms + ringing_ms + ready_ms + paused_ms + other_ms > 0
    GROUP BY agent_id
) q JOIN ccm_agent a ON a.id = q.agent_id"""


def _present(there: Iterable[Present], mine: Pool, on: Grid) -> Array | None:
    """People of a pool who were there, by interval; None where nothing tells of any."""
    found, is_told = np.zeros(len(on.day)), False
    for one in there:
        fills = max((one.takes[pk] for pk in mine.queues if pk in one.takes), default=None)
        if fills is None:
            continue
        is_told = True
        for start, ms in one.spells:
            place = on.place(start)
            if 0 <= place < len(found):
                found[place] += fills * ms / _QUARTER_MS
    if not is_told:
        return None
    many = np.bincount(on.interval, minlength=on.shape[1])
    return on.summed(found)[0] / np.maximum(many, 1)


_QUARTER_MS = 15 * 60_000


# What comes, and what that takes.


def _outlook(todays: Sequence[Today], told: Told, on: Grid, scheduled: Array) -> Outlook:
    known = min(_known(one, on) for one in todays)
    calls, asked, work, weight = _none(on), _none(on), _none(on), _none(on)
    is_open, unknown = _none(on), np.zeros(on.shape[1], bool)
    for one in todays:
        begun = one.begun
        rest = begun.updated()
        now = np.concatenate([begun.came[: begun.known], rest])
        expected = np.concatenate([begun.expected[: begun.known], rest])
        above = staffing.above(one, aims.plan_of(one.queue))
        wanted = np.where(expected > 0, np.maximum(expected + above, 0.0), 0.0)
        aht = np.array(one.row.aht_seconds, float)
        mine = _on_grid(one, now, on)
        calls += mine
        asked += _on_grid(one, wanted, on)
        # Where no call is expected a handle time still tells what one would take.
        each = np.where(np.isnan(aht), 0.0, expected + _LEAST)
        weight += _on_grid(one, each, on)
        work += _on_grid(one, each * np.nan_to_num(aht), on)
        unknown |= _on_grid(one, np.where(np.isnan(aht), expected, 0.0), on) > 0
        is_open = np.maximum(is_open, _stretched(one, np.array(one.row.open, float), on))
    aht = np.divide(work, weight, out=np.full_like(work, np.nan), where=weight > 0)
    aht[unknown] = np.nan
    seconds = on.minutes * 60
    required = np.full(on.shape[1], np.nan)
    try:
        made = required_for(asked[None], aht[None], seconds, told.aim, is_open[None])
    except ValueError:
        pass  # no number of positions meets the aim
    else:
        required = np.where(made.unknown[0], np.nan, made.positions[0].astype(float))
    return Outlook(calls, aht, is_open, required, scheduled, known, seconds, told.aim)


def _known(today: Today, on: Grid) -> int:
    """How many intervals are over of those of the grid."""
    return today.begun.known * today.minutes // on.minutes


def _on_grid(today: Today, values: Array, on: Grid) -> Array:
    """Sums of a queue's intervals by those of the grid: evenly shared out where these are
    shorter."""
    if today.minutes <= on.minutes:
        return values.reshape(on.shape[1], -1).sum(axis=1)
    many = today.minutes // on.minutes
    return np.repeat(values / many, many)


def _stretched(today: Today, values: Array, on: Grid) -> Array:
    if today.minutes <= on.minutes:
        return values.reshape(on.shape[1], -1).mean(axis=1)
    return np.repeat(values, today.minutes // on.minutes)


def _none(on: Grid) -> Array:
    return np.zeros(on.shape[1])
