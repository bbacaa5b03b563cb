"""What paid time went to that was not for calls, planned against actual; shares of paid time.

Paid time is that of published shifts, and of days of leave without one (`leaves`). Those count in
weeks alone of which the log tells of some shift of the site, whoever reads: of others all that is
known would be leave, and all of what is paid gone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext

from ccm import stays
from ccm.intervals import DAY
from ccm.models import Site, Team, TeamMembership
from ccm.querysets import Viewer
from kpis import evaluation
from scheduling.adherence import leaves
from scheduling.adherence.reads import in_team
from scheduling.models import AdherenceDay, Doing
from scheduling.staffing.shrinkage import LONGEST_NAME, MOST_KINDS, Kind
from scheduling.terms import reach

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
    lone_leave: int = 0
    """Days of leave without a shift in weeks of which the log tells of no shift of the site."""
    unseen: int = 0
    """So many of a team's people the reader does not see: they are in none of it."""

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


_READ = ("agent_id", "day", "is_told", "leave", "paid_seconds", "planned", "within")
_Day = tuple[int, date, bool, str, int, Mapping[str, int], Mapping[str, int]]


def of_site(user: Viewer, site: Site, first: date, last: date) -> Shrunk:
    """Of everyone of a site whom the reader sees. Four queries."""
    rows = AdherenceDay.objects.visible_to(user).within(first, last).filter(site=site)
    found = Shrunk()
    worked = _add_days(found, rows.values_list(*_READ).iterator())
    offs = leaves.without_shifts(site, leaves.seen(user, site), first, last, worked)
    _add_leave(found, offs, _known(site, first, last))
    return found


def facts(user: Viewer, team: Team, first: date, last: date) -> Mapping[str, Any]:
    """What `of_team` reads, as annotations of agents: their days in the team as far as the reader
    sees them, whether there is any day of theirs, whether the reader sees any that there may be,
    and when they were in the team; and the days of which a shift of the site is known, found once
    for all of them."""
    seen = AdherenceDay.objects.visible_to(user).filter(agent=OuterRef("pk"))
    days = in_team(seen.within(first, last), team).order_by("day")
    its = TeamMembership.objects.filter(agent=OuterRef("pk"), team=team).order_by("starts_on")
    told = JSONObject(**{name: F(name) for name in _READ})
    return {
        "shrunk_days": ArraySubquery(days.values(told=told)),
        "shrunk_seen": Exists(seen.order_by()),
        "shrunk_is_read": Exists(reach.people_read_by(user).order_by().filter(pk=OuterRef("pk"))),
        "shrunk_stays": ArraySubquery(
            its.values(told=JSONObject(since=F("starts_on"), until=F("ends_on")))
        ),
        "shrunk_known": ArraySubquery(_known(team.site, first, last)),
    }


def read_team(user: Viewer, team: Team, first: date, last: date) -> Shrunk:
    """`of_team`, of whoever was in the team. Two queries."""
    people = evaluation.members(team, first, last).annotate(**facts(user, team, first, last))
    return of_team(team, list(people), first, last)


def of_team(team: Team, people: Sequence[Any], first: date, last: date) -> Shrunk:
    """Of those of a team's people whom the reader sees, on the days on which they were in it; they
    were found with the `facts`. One query."""
    found = Shrunk(unseen=sum(not one.shrunk_is_read for one in people))
    there = {one.pk: stays.days_of(one.shrunk_stays) for one in people}
    seen = [one.pk for one in people if one.shrunk_seen]
    worked = _add_days(
        found,
        (
            (said["agent_id"], date.fromisoformat(said["day"]), *(said[name] for name in _READ[2:]))
            for one in people
            for said in one.shrunk_days
        ),
    )
    offs = leaves.without_shifts(team.site, seen, first, last, worked)
    _add_leave(
        found,
        (
            off
            for off in offs
            if any(since <= off.day and (until is None or off.day < until)
                   for since, until in there[off.agent])
        ),
        people[0].shrunk_known if people else (),
    )  # fmt: skip
    return found


def words(found: Shrunk) -> dict[tuple[str, str], str]:
    """The components as people call them."""
    named = {("doing", one.value): str(one.label) for one in Doing}
    named["doing", AWAY] = gettext("Late, absent or away")
    return named | {one: one[1] for one in found.components if one[0] == "leave"}


def _known(site: Site, first: date, last: date) -> QuerySet[Any, Any]:
    """Days of the whole weeks about some days on which the log tells of a shift, whosever it is:
    that a roster was known is no matter of who and which of the days are shown."""
    rows = AdherenceDay.objects.within(leaves.week_of(first), leaves.week_of(last) + 6 * DAY)
    known = rows.filter(site=site, is_told=True, leave="", paid_seconds__gt=0)
    return known.order_by().values_list("day", flat=True).distinct()


def _add_days(found: Shrunk, rows: Iterable[_Day]) -> set[tuple[int, date]]:
    """Those on which somebody had paid time."""
    worked: set[tuple[int, date]] = set()
    for agent, day, is_told, leave, paid, planned, within in rows:
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
    return worked


def _add_leave(found: Shrunk, offs: Iterable[leaves.Off], known: Iterable[date]) -> None:
    weeks = {leaves.week_of(day) for day in known}
    for off in offs:
        if leaves.week_of(off.day) not in weeks:
            found.lone_leave += off.seconds != 0
        elif off.seconds is None:
            found.unknown_leave += 1
        else:
            # They were planned so.
            found.paid += off.seconds
            found.planned["leave", off.kind] += off.seconds
            found.actual["leave", off.kind] += off.seconds
