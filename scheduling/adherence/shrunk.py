"""What paid time went to that was not for calls, planned against actual; shares of paid time.

Paid time is that of published shifts, and of days of leave without one (`leaves`).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ccm.models import Site
from ccm.querysets import Viewer
from scheduling.adherence import leaves
from scheduling.models import AdherenceDay, Doing
from scheduling.staffing.shrinkage import LONGEST_NAME, MOST_KINDS, Kind

AWAY = "away"
"""Of actual time: late, left early, absent or away, and not on leave."""


@dataclass(slots=True)
class Shrunk:
    """Seconds by component, of `paid`; components of leave by ("leave", its kind), of the rest by
    ("doing", what it was)."""

    paid: int = 0
    planned: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    actual: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    untold: int = 0
    """Days of people of which the log has nothing: they are in none of it."""
    unknown_leave: int = 0
    """Days of leave without a shift of which nobody tells how long they would have been."""

    @property
    def components(self) -> list[tuple[str, str]]:
        places = {one.value: place for place, one in enumerate(Doing)} | {AWAY: len(Doing)}
        return sorted(
            {*self.planned, *self.actual},
            key=lambda one: (one[0] != "leave", places.get(one[1], 0), one[1].casefold()),
        )

    def share(self, seconds: int) -> float | None:
        return seconds / self.paid if self.paid else None

    def kinds(self, words: Mapping[tuple[str, str], str]) -> tuple[Kind, ...]:
        """The actual components as a staffing plan has them, to a hundredth of a percent; the
        smallest together where there are more than a plan takes."""
        shares = [
            (words[one], round(Decimal(self.actual[one]) / self.paid, 4))
            for one in self.components
            if self.actual.get(one)
        ]
        shares = [(name, share) for name, share in shares if share]
        if len(shares) > MOST_KINDS:
            shares.sort(key=lambda one: -one[1])
            rest = sum((share for _name, share in shares[MOST_KINDS - 1 :]), Decimal(0))
            shares = [*shares[: MOST_KINDS - 1], (words["doing", Doing.OTHER.value], rest)]
        return tuple(Kind(name[:LONGEST_NAME], share) for name, share in shares)


def of_site(user: Viewer, site: Site, first: date, last: date) -> Shrunk:
    """Of everyone of a site whom the reader sees. Six queries."""
    found = Shrunk()
    rows = AdherenceDay.objects.visible_to(user).within(first, last).filter(site=site)
    worked: set[tuple[int, date]] = set()
    named = rows.values_list(
        "agent_id", "day", "is_told", "leave", "paid_seconds", "planned", "within"
    )
    for agent, day, is_told, leave, paid, planned, within in named.iterator():
        if paid:
            worked.add((agent, day))
        if not is_told and not leave:
            found.untold += bool(paid)
            continue
        found.paid += paid
        for name, seconds in planned.items():
            if name != Doing.ON_QUEUE:
                found.planned["doing", name] += seconds
        if leave:
            found.actual["leave", leave] += paid
            continue
        for name, seconds in within.items():
            if name != Doing.ON_QUEUE:
                found.actual["doing", name] += seconds
        found.actual["doing", AWAY] += paid - sum(within.values())
    for off in leaves.without_shifts(site, leaves.seen(user, site), first, last, worked):
        if off.seconds is None:
            found.unknown_leave += 1
            continue
        # They were planned so.
        found.paid += off.seconds
        found.planned["leave", off.kind] += off.seconds
        found.actual["leave", off.kind] += off.seconds
    return found
