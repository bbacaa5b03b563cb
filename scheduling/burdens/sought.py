"""What was asked for while a shift is, by what published rosters keep of it
(`scheduling.rosters.asked`, whose form this reads)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from ccm.models import Site
from scheduling.models import KeptRoster

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """Of a roster, by skill: in how many of its slots until each, from its first midnight on,
    somebody was asked for."""

    begin: datetime
    slot: timedelta
    until: dict[str, Sequence[int]]

    def of(self, spells: Sequence[Stretch]) -> frozenset[str]:
        """The skills that these spells were for: those asked for at least half as long as the one
        that was asked for longest. A night that ends an hour after a queue opens is not for that
        queue. Empty: nothing was asked for, or nobody knows."""
        spans = [
            (self._slot(since), self._slot(to + self.slot - timedelta.resolution))
            for since, to in spells
        ]
        slots = {
            skill: sum([until[last] - until[first] for first, last in spans])
            for skill, until in self.until.items()
        }
        longest = max(slots.values(), default=0)
        return frozenset(skill for skill, many in slots.items() if many and 2 * many >= longest)

    def _slot(self, moment: datetime) -> int:
        """The slot of a moment, or the nearest that the roster has."""
        most = min((len(one) - 1 for one in self.until.values()), default=0)
        return min(max((moment - self.begin) // self.slot, 0), most)


def sought(site: Site, first: date, last: date) -> dict[int, Sought]:
    """By roster, of those that were published for some of the days [first, last]; of one of which
    nothing was kept there is none. One query."""
    zone = ZoneInfo(site.zone)
    rows = KeptRoster.objects.published().within(first, last)
    kept = rows.filter(site=site, group=None, asked__isnull=False)
    return {
        roster: Sought(
            datetime.combine(day, time(), zone).astimezone(UTC),
            timedelta(minutes=minutes),
            {skill: _until(row) for skill, row in zip(skills, required, strict=True)},
        )
        for roster, day, minutes, skills, required in kept.values_list(
            "pk", "first_day", "asked__slot_minutes", "asked__skills", "asked__required"
        )
    }


def _until(required: Iterable[float]) -> Sequence[int]:
    return [0, *accumulate(int(one > 0) for one in required)]
