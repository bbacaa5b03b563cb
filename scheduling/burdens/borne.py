"""Shifts that people were given by published rosters, what each was of a burden, and what was
wished of those rosters."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery

from ccm.models import Site
from scheduling.burdens.sought import Sought, Stretch, sought
from scheduling.fairness import Asked, Burden, Given, burdens_of
from scheduling.models import KeptShift, KeptWish, RosterEdit, ShiftChange, SiteRules
from scheduling.shifts import Problem, Shape
from scheduling.terms import read
from scheduling.terms.shapes import template_id
from scheduling.terms.skills import of_group

# What somebody takes of their own accord.
WILLING = (
    RosterEdit.Why.SWAP,
    RosterEdit.Why.COVER,
    RosterEdit.Why.OPEN,
    RosterEdit.Why.OVERTIME,
    RosterEdit.Why.BID,
)
# A wish that was refused, and nobody has found out yet by which rule.
UNTOLD = "untold"
_Wished = set[tuple[int, int, date]]
Skills = Mapping[int, frozenset[str]]


def wishes(site: Site, first: date, last: date) -> tuple[list[Asked], _Wished]:
    """What was asked of the days [first, last] of a site's published rosters, and what became of
    it; and the (roster, agent, day) of shifts that were given as they were wished for. One
    query."""
    rows = KeptWish.objects.filter(roster__site=site, day__gte=first, day__lte=last)
    asked: list[Asked] = []
    wished: _Wished = set()
    for roster, agent, day, wants, is_refused, rule in rows.values_list(
        "roster_id", "agent_id", "day", "wants", "is_refused", "rule"
    ):
        asked.append(Asked(read.person_id(agent), day, (rule or UNTOLD) if is_refused else ""))
        if wants and not is_refused:
            wished.add((roster, agent, day))
    return asked, wished


def given(
    site: Site, first: date, last: date, rules: SiteRules, wished: _Wished, takes: Skills
) -> Iterator[Given]:
    """Shifts of the days [first, last] that are some burden, by published rosters. Two queries.

    What a night is, and late, the site's rules say by now, of older shifts too: they are held
    against each other. A shift is wished for as it was published to who had wished for it, and
    where who has it took it of their own accord; one that planners changed later is not. `takes`
    are the skills of agents by their keys: what a shift was for says `_For`.
    """
    zone = ZoneInfo(site.zone)
    problem = _days(site, first, last, rules)
    asked = _For(sought(site, first, last), takes)
    known: dict[tuple[date, int, tuple[tuple[int, int], ...]], frozenset[Burden]] = {}
    for roster, group, agent, day, template, begins, ends, spells, why in _rows(site, first, last):
        local = begins.astimezone(zone)
        key = (day, local.hour * 60 + local.minute, tuple(_spells(begins, spells)))
        if key not in known:
            shape = Shape(id="", start=key[1], spells=key[2])
            known[key] = burdens_of(problem, (day - first).days, shape)
        if known[key]:
            yield Given(
                person=read.person_id(agent),
                day=day,
                start=begins,
                end=ends,
                burdens=known[key],
                skills=asked.of(roster, group, agent, spells),
                template="" if template is None else template_id(template),
                wished=why in WILLING or (why is None and (roster, agent, day) in wished),
            )


class _For:
    """What shifts were for, each reckoned once."""

    def __init__(self, asked: Mapping[int, Sought], takes: Skills) -> None:
        self.asked, self.takes = asked, takes
        self.taken: frozenset[str] = frozenset().union(*takes.values())
        self._known: dict[tuple[object, ...], frozenset[str]] = {}

    def of(
        self, roster: int, group: int | None, agent: int, spells: Iterable[Iterable[str]]
    ) -> frozenset[str]:
        """Of a roster of a group its group; else what was asked for while the shift is
        (`Sought.of`) and somebody takes. Where that is nothing, or nobody knows, what who worked it
        takes; of whom that is not known, anything."""
        if group is not None:
            return frozenset({of_group(group)})
        found: frozenset[str] = frozenset()
        if roster in self.asked:
            key = (roster, *map(tuple, spells))
            if key not in self._known:
                self._known[key] = self.asked[roster].of([*_moments(spells)]) & self.taken
            found = self._known[key]
        return found or self.takes.get(agent, frozenset())


def _rows(site: Site, first: date, last: date) -> Iterable[tuple[Any, ...]]:
    # The last that was done with a shift once people worked by it; what planners did with a draft
    # was published with it.
    changes = ShiftChange.objects.filter(
        Q(is_published=True) | Q(edit__why__in=WILLING),
        edit__roster=OuterRef("roster"), agent=OuterRef("agent"), day=OuterRef("day"),
    ).order_by("-edit__number")  # fmt: skip
    rows = KeptShift.objects.published().filter(roster__site=site, day__gte=first, day__lte=last)
    found: Iterable[tuple[Any, ...]] = (
        rows.order_by("day", "pk")
        .annotate(why=Subquery(changes.values("edit__why")[:1]))
        .values_list(
            "roster_id", "roster__group_id", "agent_id", "day", "template_id", "begins_at",
            "ends_at", "spells", "why",
        )
    )  # fmt: skip
    return found


def _days(site: Site, first: date, last: date, rules: SiteRules) -> Problem:
    """The days of a period, and what on them a night is, and late."""
    return Problem(
        days=read.days(site, first, (last - first).days + 1),
        shapes=(),
        people=(),
        night=(rules.night_from, rules.night_to),
        night_minutes=rules.night_minutes,
        late=rules.late_from,
    )


def _moments(spells: Iterable[Iterable[str]]) -> Iterator[Stretch]:
    for since, to in spells:
        yield datetime.fromisoformat(since), datetime.fromisoformat(to)


def _spells(begins: datetime, spells: Iterable[Iterable[str]]) -> Iterator[tuple[int, int]]:
    for since, to in _moments(spells):
        yield (since - begins) // timedelta(minutes=1), (to - begins) // timedelta(minutes=1)
