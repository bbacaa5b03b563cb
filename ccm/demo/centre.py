"""The demo centre: a house, its people and weeks of calls, the same for the same arguments.

    centre = make_centre(seed=1, days=90, agents=120, today=date(2026, 6, 1), now=moment)
    centre.records["leeds"].calls         # a frame as the import's formats make them

Calls still in the air at `now` are open, as a switch would show them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ccm.demo import rota
from ccm.demo.arrivals import contacts, opening_ms
from ccm.demo.floor import Bench, Floor, Line
from ccm.demo.house import SITES, SiteSpec
from ccm.demo.lessons import lessons, taught
from ccm.demo.people import Crew, Person, hire
from ccm.demo.telling import Record, tell
from ccm.demo.temper import Temper
from ccm.intervals import Calendar, site_day
from ccm.intervals import days as each_day

SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Centre:
    """The whole demo: who, and per site (by slug) what happened until `now`."""

    seed: int
    first: date
    now: datetime
    crew: Crew
    records: dict[str, Record]


def make_centre(seed: int, days: int, agents: int, today: date, now: datetime) -> Centre:
    """The centre's last `days` days up to and with `today`, filled until `now` (aware).

    Raises ValueError for arguments no house fits.
    """
    if seed < 0:
        raise ValueError("the seed is a whole number, 0 or more")
    if not 1 <= days <= 1_500:
        raise ValueError("a demo centre is 1 to 1,500 days old")
    first = today - timedelta(days=days - 1)
    crew = hire(seed, agents, first)
    crew = taught(crew, lessons(crew, seed, first, days))
    records = {}
    for site in SITES:
        last = max(first, now.astimezone(ZoneInfo(site.zone)).date())
        records[site.slug] = play(site, crew, seed, first, last).until(now)
    return Centre(seed, first, now.astimezone(UTC), crew, records)


def play(site: SiteSpec, crew: Crew, seed: int, first: date, last: date) -> Record:
    """One site's days `first` to `last`, whole, to the end of the last shift and call."""
    people = crew.of(site.name)
    sizes = [sum(one.queues[0] == queue.name for one in people) for queue in site.queues]
    volumes = [
        rota.usual_volume(site, queue, size) for queue, size in zip(site.queues, sizes, strict=True)
    ]
    every = contacts(site, volumes, seed, first, last)
    on_floor = np.flatnonzero(~every.left_ivr)
    game = Floor(
        _lines(site, first, last), _bench(site, people), Temper(site, every, on_floor).caller
    )
    played = game.play(
        every.arrive[on_floor].tolist(),
        every.queue[on_floor].tolist(),
        rota.duties(site, people, seed, first, last),
    )
    return tell(site, people, seed, every, on_floor, played)


def _lines(site: SiteSpec, first: date, last: date) -> list[Line]:
    number = {queue.name: place for place, queue in enumerate(site.queues)}
    return [
        Line(
            talk_ms=queue.talk_seconds * 1000,
            acw_ms=queue.acw_seconds * 1000,
            overflow=number.get(queue.overflow, -1),
            spans=tuple(
                span
                for day in each_day(first, last + timedelta(days=1))
                if (span := opening_ms(site, queue, day))
            ),
        )
        for queue in site.queues
    ]


def _bench(site: SiteSpec, people: list[Person]) -> list[Bench]:
    number = {queue.name: place for place, queue in enumerate(site.queues)}
    return [
        Bench(
            tuple(number[name] for name in one.queues), one.talk, one.acw, one.missed,
            tuple((_begins_ms(site, day), factor) for day, factor in one.learned),
        )
        for one in people
    ]  # fmt: skip


def _begins_ms(site: SiteSpec, day: date) -> int:
    return round(site_day(day, Calendar.of(site.zone)).start.timestamp() * 1000)
