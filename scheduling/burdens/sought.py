"""What was asked for while a shift is, by what published rosters keep of it
(`scheduling.rosters.asked`, whose form this reads)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ccm.models import Site
from scheduling.models import KeptRoster
from scheduling.shifts.demand import Bools

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """Of a roster: in which of its slots, from its first midnight on, somebody was asked for, by
    skill."""

    begin: datetime
    slot: timedelta
    skills: Sequence[str]
    asked: Bools

    def of(self, spells: Sequence[Stretch]) -> frozenset[str]:
        """The skills that these spells were for: those asked for at least half as long as the one
        that was asked for longest. A night that ends an hour after a queue opens is not for that
        queue. Empty: nothing was asked for, or nobody knows."""
        slots = np.zeros(len(self.skills), int)
        for since, to in spells:
            first = max((since - self.begin) // self.slot, 0)
            last = -((self.begin - to) // self.slot)
            slots += self.asked[:, first : max(last, first)].sum(axis=1)
        longest = int(slots.max(initial=0))
        return frozenset(
            skill
            for skill, many in zip(self.skills, slots.tolist(), strict=True)
            if many and 2 * many >= longest
        )


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
            skills,
            np.array(required, float).reshape(len(skills), -1) > 0,
        )
        for roster, day, minutes, skills, required in kept.values_list(
            "pk", "first_day", "asked__slot_minutes", "asked__skills", "asked__required"
        )
        if skills
    }
