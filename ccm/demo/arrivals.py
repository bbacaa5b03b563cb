"""When callers ring, and everything about a caller that does not depend on the floor.

Each site day is drawn from a seed of its own, so any stretch of days comes out the same however
long the history around it: the simulator plays on exactly where the loaded record ends.
Times are milliseconds since 1970, UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ccm.demo.house import QueueSpec, SiteSpec
from ccm.identity import milliseconds
from ccm.intervals import QUARTER, Calendar, days, site_day, walk

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

QUARTER_MS = 900_000
DAY_MS = 86_400_000
# A contact has at most this many visits to be drawn: its own, the queue it goes on to, and
# the second try of a caller who gave up.
VISITS = 3
OWN, ONWARD, REDIAL = range(VISITS)
# Callers who were not helped ring again within so many days.
REPEAT_DAYS = 6
# So likely a contact is beyond help whoever takes it, and then rings again.
BEYOND_HELP = 0.10
RINGS_AGAIN = 0.50
# Day-to-day change of a queue's volume that nobody could foresee (log-normal).
RATE_SPREAD = 0.09
DRAWS = (
    "patience", "exit", "talk", "acw", "hold", "ring", "missed", "transfer", "resolved",
    "survey", "score", "topic", "ended_by", "coded", "fcr", "nps", "ces",
)  # fmt: skip
"""A new one goes to the end: those before it are then drawn as they were."""
_NORMAL = {"talk", "acw", "score", "nps", "ces"}


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of a site in order of arrival, one row each; `draws[name]` has VISITS columns.

    `number` counts within the site day. `caller` is a number under the site's dial code, -1 when
    withheld. Those who hang up in the menu never reach the floor.
    """

    day: Ints
    number: Ints
    arrive: Ints
    queue: Ints
    caller: Ints
    ivr_ms: Ints
    left_ivr: npt.NDArray[np.bool_]
    draws: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.arrive)


def contacts(
    site: SiteSpec, volumes: Sequence[float], seed: int, first: date, last: date
) -> Contacts:
    """Everyone who rings from `first` to `last`, both whole site days.

    `volumes` are calls on a usual weekday, by queue of the site.
    """
    start = first - timedelta(days=REPEAT_DAYS + 1)
    known = {day: _day(site, volumes, seed, day) for day in days(start, last)}
    return _joined([_with_repeats(site, known, day) for day in days(first, last)])


def _joined(parts: list[Contacts]) -> Contacts:
    plain = ("day", "number", "arrive", "queue", "caller", "ivr_ms", "left_ivr")
    return Contacts(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in plain},
        draws={name: np.concatenate([part.draws[name] for part in parts]) for name in DRAWS},
    )


def _with_repeats(site: SiteSpec, known: dict[date, Contacts], day: date) -> Contacts:
    """A day's contacts with those of the days before who were not helped and ring again."""
    own = known[day]
    number = day.toordinal()
    parts = [own]
    for back in range(1, REPEAT_DAYS + 1):
        earlier = known[day - timedelta(days=back)]
        beyond = earlier.draws["resolved"][:, OWN] > 1 - BEYOND_HELP
        # The tail of the same draws says who tries again, when, and with which luck.
        spare = (earlier.draws["resolved"][:, REDIAL], earlier.draws["exit"][:, REDIAL])
        due = 1 + np.floor(-np.log(np.clip(spare[1], 1e-9, 1)) * 1.3).astype(np.int64)
        again = beyond & (spare[0] < RINGS_AGAIN) & (due == back) & (earlier.caller >= 0)
        shift = ((earlier.draws["topic"][:, REDIAL] - 0.5) * 5 * 3_600_000).astype(np.int64)
        arrive = earlier.arrive + back * DAY_MS + shift
        again &= _open(site, earlier.queue, arrive, day)
        parts.append(
            Contacts(
                day=np.full(again.sum(), number),
                number=earlier.number[again],
                arrive=arrive[again],
                queue=earlier.queue[again],
                caller=earlier.caller[again],
                ivr_ms=earlier.ivr_ms[again],
                left_ivr=np.zeros(again.sum(), dtype=np.bool_),
                draws={name: np.roll(earlier.draws[name][again], -1, axis=1) for name in DRAWS},
            )
        )
    every = _joined(parts)
    order = np.argsort(every.arrive, kind="stable")
    return Contacts(
        day=every.day[order],
        number=np.arange(1, len(every) + 1),
        arrive=every.arrive[order],
        queue=every.queue[order],
        caller=every.caller[order],
        ivr_ms=every.ivr_ms[order],
        left_ivr=every.left_ivr[order],
        draws={name: every.draws[name][order] for name in DRAWS},
    )


def _open(site: SiteSpec, queue: Ints, at: Ints, day: date) -> npt.NDArray[np.bool_]:
    """Whether each queue takes calls at each moment, as far as that is on the site day."""
    found = np.zeros(len(at), dtype=np.bool_)
    for number, spec in enumerate(site.queues):
        span = opening_ms(site, spec, day)
        if span is not None:
            found |= (queue == number) & (at >= span[0]) & (at < span[1])
    return found


def opening_ms(site: SiteSpec, queue: QueueSpec, day: date) -> tuple[int, int] | None:
    """When a queue opens and closes on a site day; None when it stays shut."""
    hours = site.hours_of(queue, day)
    if hours is None:
        return None
    return _clock_ms(site.zone, day, hours[0]), _clock_ms(site.zone, day, hours[1])


def _clock_ms(zone: str, day: date, hour: float) -> int:
    """The moment of an hour on the wall clock, 0 to 24; a skipped one reads as the next."""
    if hour == 24.0:
        return _clock_ms(zone, day + timedelta(days=1), 0.0)
    wall = datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
    return milliseconds(wall.replace(hour=int(hour), minute=round(hour % 1 * 60)))


def _day(site: SiteSpec, volumes: Sequence[float], seed: int, day: date) -> Contacts:
    """The contacts a day brings by itself, in no order."""
    rng = np.random.default_rng([seed, day.toordinal(), int.from_bytes(site.code.encode())])
    quarters, hours = _quarters(site.zone, day)
    arrive, queue = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, spec in enumerate(site.queues):
        volume = volumes[number] * site.volume_of(spec, day)
        weights = curve(site, spec, day, hours)
        mean = volume * np.exp(rng.normal(0, RATE_SPREAD) - RATE_SPREAD**2 / 2)
        # A clock change makes the open hours of a queue that never shuts longer or shorter.
        count = int(rng.poisson(mean * len(hours) / 96 if spec.hours else mean))
        if count and weights.sum() > 0:
            slots = rng.choice(len(quarters), size=count, p=weights / weights.sum())
            arrive.append(quarters[slots] + rng.integers(0, QUARTER_MS, count))
            queue.append(np.full(count, number))
    at = np.concatenate(arrive)
    size = len(at)
    pool = 40 * max(100, int(sum(volumes)))
    caller = rng.integers(0, min(pool, 10**site.dial_digits), size)
    return Contacts(
        day=np.full(size, day.toordinal()),
        number=np.zeros(size, np.int64),
        arrive=at,
        queue=np.concatenate(queue),
        caller=np.where(rng.random(size) < 0.03, -1, caller),
        ivr_ms=np.exp(rng.normal(10.0, 0.45, size)).astype(np.int64),
        left_ivr=rng.random(size) < 0.022,
        draws={
            name: rng.normal(size=(size, VISITS)) if name in _NORMAL else rng.random((size, VISITS))
            for name in DRAWS
        },
    )


@cache
def _quarters(zone: str, day: date) -> tuple[Ints, Floats]:
    """Starts of a site day's quarter hours and the site's clock in their middle, in hours."""
    known = ZoneInfo(zone)
    starts = list(walk(site_day(day, Calendar(known))))
    middle = [(start + QUARTER / 2).astimezone(known) for start in starts]
    return (
        np.array([milliseconds(start) for start in starts]),
        np.array([moment.hour + moment.minute / 60 for moment in middle]),
    )


def curve(site: SiteSpec, queue: QueueSpec, day: date, hours: Floats) -> Floats:
    """How a queue's calls spread over a day: a weight for each clock time, 0 while it is shut."""
    opening = site.hours_of(queue, day)
    if opening is None:
        return np.zeros(len(hours))
    shape = np.full(len(hours), queue.base)
    for hour, width, height in queue.curve:
        shape += height * np.exp(-(((hours - hour) / width) ** 2) / 2)
    return np.where((hours >= opening[0]) & (hours < opening[1]), shape, 0.0)
