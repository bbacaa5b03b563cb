"""Which hours an override is of: those that are over, and those in which its queue is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ccm.models import Queue
from ccm.structure.forms import WEEKDAYS
from scheduling.known import past
from scheduling.known.past import Grid

_QUARTER = 15
_STEP = timedelta(minutes=_QUARTER)
_DAY_QUARTERS = 24 * 60 // _QUARTER
# A week has each of its days: those after it are open as they are.
_LOOKED_AT = timedelta(days=6)


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The quarter hours of an override's first week, in part those of which it is."""

    queue: Queue
    first: date
    on: Grid
    is_asked: NDArray[np.bool_]
    is_open: NDArray[np.bool_]
    is_whole: bool
    """Of whole days."""

    @classmethod
    def of(
        cls, queue: Queue, first: date, last: date, starts: time | None, ends: time | None
    ) -> Self:
        on = past.grid(first, min(last, first + _LOOKED_AT), queue.site.calendar, _QUARTER)
        begins = queue.site.day_begins * 60
        start, end = (
            None if at is None else (at.hour * 60 + at.minute - begins) % (24 * 60)
            for at in (starts, ends)
        )
        since = 0 if start is None else start // _QUARTER
        until = _DAY_QUARTERS if end is None else -(-end // _QUARTER) or _DAY_QUARTERS
        asked = (on.interval >= since) & (on.interval < until)
        return cls(queue, first, on, asked, past.open_quarters(queue, on), starts is None)

    @property
    def is_closed(self) -> bool:
        """Whether its queue is open in none of its hours."""
        return not (self.is_asked & self.is_open).any()

    def over(self, now: datetime) -> str:
        """Its open hours of the first day that are over by now, in words; empty: none is."""
        is_over = np.arange(len(self.on.day)) < (now - self.on.start) // _STEP
        return self._clock(self.is_asked & self.is_open & is_over & (self.on.day == 0))

    def closed_words(self) -> str:
        """Its hours in which its queue is closed, in words; empty: none are, or only those around
        the open ones of whole days."""
        shut = self.is_asked & ~self.is_open
        weekdays: dict[str, list[str]] = {}
        for number in range(self.on.shape[0]):
            on_it = self.on.day == number
            opens = bool((self.is_open & on_it).any())
            if not (shut & on_it).any() or (self.is_whole and opens):
                continue
            words = self._clock(shut & on_it) if opens else _("all day")
            weekday = (self.first + timedelta(days=number)).weekday()
            weekdays.setdefault(words, []).append(str(WEEKDAYS[weekday]))
        return "; ".join(f"{', '.join(named)} {words}" for words, named in weekdays.items())

    def open_words(self) -> str:
        """When its queue is open on its days, in words; empty: on none of them."""
        weekdays: dict[str, list[str]] = {}
        for number in range(self.on.shape[0]):
            if words := self._clock(self.is_open & (self.on.day == number)):
                weekday = (self.first + timedelta(days=number)).weekday()
                weekdays.setdefault(words, []).append(str(WEEKDAYS[weekday]))
        return "; ".join(f"{', '.join(named)} {words}" for words, named in weekdays.items())

    def _clock(self, mask: NDArray[np.bool_]) -> str:
        """Quarter hours of a day as stretches of the clock."""
        places = np.flatnonzero(mask)
        stretches = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
        return ", ".join(self._stretch(one) for one in stretches if len(one))

    def _stretch(self, places: Sequence[int] | NDArray[np.int64]) -> str:
        first, last = int(self.on.minute[places[0]]), int(self.on.minute[places[-1]])
        ends = (last + _QUARTER) % (24 * 60)
        return f"{first // 60:02}:{first % 60:02}–{ends // 60:02}:{ends % 60:02}"
