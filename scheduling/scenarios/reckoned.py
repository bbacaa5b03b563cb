"""Reckons scenarios and keeps them: the hours on calls of each month, as they come and to be sure.

Safe to run twice; a page that shows a scenario reckons nothing of this.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Queue, Site, User
from kpis.choices import Choices
from scheduling.models import QueueGroup, QueueMonths, Scenario
from scheduling.requirements import aims
from scheduling.scenarios import months, work
from scheduling.scenarios.reopened import Opening
from scheduling.scenarios.work import Change, Unanswerable
from scheduling.staffing.requirement import Aim

LEFT_OUT = ("id", "work", "reckoned_at", "known_until", "changed_at")
"""What the audit log does not keep of a scenario."""
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Work:
    """What a scenario came to, by month: `hours` on calls as expected, `sure` so that 80 of 100
    months take no more (None: too few months tell), and `paid` for the expected by what the
    queues' own plans say of shrinkage.

    `left_out` are queues of which nothing can be told, with "none" (no forecast), "aht" or "aim";
    `by_level` are those that were known for too few months to have a trend.
    """

    months: list[date]
    hours: list[float]
    sure: list[float] | None
    paid: list[float]
    queues: int
    unplanned: int
    """Queues whose plan tells no shrinkage."""
    left_out: list[tuple[int, str]]
    by_level: list[int]
    as_one: list[str]
    """Groups of queues that were reckoned as one, by name."""
    asked: list[tuple[str, float, float, bool, int]] = field(default_factory=list)
    """The service levels that positions are for: the variant, the share, within so many seconds,
    whether there are limits beside it, and of how many queues; those of the most first."""

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Self | None:
        """As it is kept."""
        if kept is None:
            return None
        firsts = [date.fromisoformat(one) for one in kept["months"]]
        left_out = [(pk, why) for pk, why in kept["left_out"]]
        # Work of before they were kept has none.
        asked = [tuple(one) for one in kept.get("asked", ())]
        return cls(**{**kept, "months": firsts, "left_out": left_out, "asked": asked})

    def kept(self) -> dict[str, Any]:
        return {
            name: [str(one) for one in self.months] if name == "months" else getattr(self, name)
            for name in self.__slots__
        }

    @property
    def shrinkage(self) -> float | None:
        """Of all queues together, by what their plans say; None: none says anything."""
        paid = sum(self.paid)
        if self.unplanned == self.queues or not paid:
            return None
        return 1 - sum(self.hours) / paid


def change_of(scenario: Scenario) -> Change:
    """What a scenario changes of the work."""

    def share(name: str, without: float) -> float:
        value = getattr(scenario, name)
        return without if value is None else float(value)

    opening = None
    if scenario.hours:
        opening = Opening(scenario.hours, share("moved", 1.0), share("beside", 0.0))
    return Change(
        volume=share("volume", 0.0),
        growth=share("growth", 0.0),
        aht=share("aht", 0.0),
        aht_seconds=scenario.aht_seconds,
        service_level=None if scenario.service_level is None else float(scenario.service_level),
        target_seconds=scenario.target_seconds,
        patience_seconds=scenario.patience_seconds,
        occupancy=None if scenario.occupancy is None else float(scenario.occupancy),
        opening=opening,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What scenarios of a site are reckoned of."""

    queues: list[Queue]
    rows: Mapping[int, QueueMonths]
    groups: list[tuple[str, frozenset[int]]]
    """Queues that the same people serve, by the group's name; of groups that share one the
    larger."""
    choices: Choices


def known_of(site: Site, now: datetime) -> Known:
    """A fixed number of queries."""
    queues = list(
        Queue.objects.filter(site=site).select_related("site", "staffing_plan").order_by("name")
    )
    rows = {one.queue_id: one for one in QueueMonths.objects.filter(queue__in=queues)}
    named = [
        (group.name, frozenset(one.pk for one in group.queues.all()))
        for group in QueueGroup.objects.filter(site=site).prefetch_related("queues")
    ]
    groups: list[tuple[str, frozenset[int]]] = []
    for name, pks in sorted(named, key=lambda one: (-len(one[1]), one[0])):
        if not any(pks & other for _name, other in groups):
            groups.append((name, pks))
    return Known(queues, rows, groups, Choices(day_of(now, site.calendar)))


def reckon(scenario: Scenario, queues: Sequence[Queue], known: Known) -> tuple[Work, date] | None:
    """What a scenario comes to with some queues, and until when these are known; None where of none
    of them months ahead are kept. Without a query."""
    rows = known.rows
    there = [one for one in queues if one.pk in rows]
    if not there:
        return None
    # A queue that is behind the others is not told by them.
    last = max(rows[one.pk].known_until for one in there)
    told = {one.pk: months.ahead(rows[one.pk], one.site.day_begins) for one in there}
    firsts = next(months.firsts(rows[one.pk]) for one in there if rows[one.pk].known_until == last)
    change = change_of(scenario)
    more = work.more([*told.values()], firsts)
    left_out = [(one.pk, _NONE) for one in queues if one.pk not in rows]
    hours, paid = np.zeros(len(firsts)), np.zeros(len(firsts))
    sure = None if more is None else np.zeros(len(firsts))
    counted, unplanned = 0, 0
    asked: Counter[tuple[str, float, float, bool]] = Counter()
    left_out += [(one.pk, _NONE) for one in there if months.firsts(rows[one.pk]) != firsts]
    some = [one for one in there if months.firsts(rows[one.pk]) == firsts]
    lines = list(_lines(some, known))
    aimed = [_aim(line, known) for _name, line in lines]
    ahead = [
        told[line[0].pk] if len(line) == 1 else work.as_one([told[one.pk] for one in line])
        for _name, line in lines
    ]
    every = work.hours(list(zip(ahead, aimed, strict=True)), firsts, change, more)
    for (_name, line), aim, found in zip(lines, aimed, every, strict=True):
        if isinstance(found, Unanswerable):
            left_out += [(one.pk, found.why) for one in line]
            continue
        expected, at_most = found
        counted += len(line)
        said = change.aim(aim)
        asked[said.variant, said.service_level, said.target_seconds, said.has_limits] += len(line)
        unplanned += 0 if aim.shrinkage else len(line)
        hours += expected
        paid += expected / float(1 - aim.shrinkage)
        if sure is not None and at_most is not None:
            sure += at_most
    return (
        Work(
            firsts,
            hours.tolist(),
            None if sure is None else sure.tolist(),
            paid.tolist(),
            counted,
            unplanned,
            left_out,
            [one.pk for one in there if not rows[one.pk].by_trend],
            [name for name, line in lines if len(line) > 1],
            [(*one, many) for one, many in asked.most_common()],
        ),
        last,
    )


def _lines(queues: Sequence[Queue], known: Known) -> Iterator[tuple[str, list[Queue]]]:
    """Groups, as far as some queues are of them by the same intervals, by name; and each other
    queue alone."""
    minutes = {one.pk: known.rows[one.pk].interval_minutes for one in queues}
    left = {one.pk: one for one in queues}
    for name, pks in known.groups:
        mine = [one for one in queues if one.pk in pks]
        many = [minutes[one.pk] for one in mine]
        usual = max(set(many), key=lambda one: (many.count(one), -one), default=0)
        alike = [one for one in mine if minutes[one.pk] == usual]
        if len(alike) > 1:
            for one in alike:
                del left[one.pk]
            yield name, alike
    for one in left.values():
        yield one.name, [one]


def _aim(line: Sequence[Queue], known: Known) -> Aim:
    patient = {
        one.pk: (known.rows[one.pk].patience_seconds, known.rows[one.pk].patience_left)
        for one in line
    }
    if len(line) > 1:
        return aims.as_one(line, known.choices, patient).aim
    return aims.by_patience(line[0], known.choices, *patient[line[0].pk]).aim


def renew(site: Site, now: datetime) -> int:
    """Reckon all scenarios of a site anew, and begin the one of how it is; of how many it was kept.
    A fixed number of queries, and one for each.

    What somebody changed or removed meanwhile stays so: it was reckoned as it was changed.
    """
    known = known_of(site, now)
    if not known.rows:
        return 0
    _base(site, now)
    scenarios = list(Scenario.objects.filter(site=site).prefetch_related("queues"))
    kept = 0
    for one in scenarios:
        _put(one, {queue.pk for queue in one.queues.all()}, known, now)
        kept += Scenario.objects.filter(pk=one.pk, changed_at=one.changed_at).update(
            work=one.work, reckoned_at=one.reckoned_at, known_until=one.known_until
        )
    return kept


def _base(site: Site, now: datetime) -> None:
    """The scenario of how a site is, if there is none yet."""
    if Scenario.objects.filter(site=site, is_base=True).exists():
        return
    taken = set(Scenario.objects.filter(site=site).values_list("name", flat=True))
    words = str(_("As it is"))
    name = words if words not in taken else f"{words} ({site.name})"[:80]
    Scenario.objects.bulk_create(
        [Scenario(site=site, name=name, is_base=True, changed_at=now)], ignore_conflicts=True
    )


def _put(scenario: Scenario, chosen: Set[int], known: Known, now: datetime) -> None:
    """Reckon a scenario with the queues that are chosen, or with none chosen all of its site."""
    some = [one for one in known.queues if not chosen or one.pk in chosen]
    found = reckon(scenario, some, known)
    scenario.reckoned_at = now
    scenario.work, scenario.known_until = None, None
    if found is not None:
        scenario.work, scenario.known_until = found[0].kept(), found[1]


def values(scenario: Scenario) -> dict[str, Any]:
    """What the audit log keeps of a scenario."""
    said = audit.values_of(scenario, LEFT_OUT)
    chosen = list(scenario.queues.order_by("pk").values_list("pk", flat=True))
    return said | {"queues": chosen}


@transaction.atomic
def keep(scenario: Scenario, queues: Sequence[Queue], who: User, now: datetime) -> None:
    """Keep what somebody says of a scenario, with some queues or (none) all of its site, and reckon
    it."""
    _alone(scenario.site_id)
    there = Scenario.objects.filter(pk=scenario.pk).first()
    before = None if there is None else values(there)
    _put(scenario, {one.pk for one in queues}, known_of(scenario.site, now), now)
    scenario.changed_at = now
    scenario.save()
    scenario.queues.set(queues)
    # Amounts as they are kept, with all their digits.
    scenario.refresh_from_db()
    if before != (after := values(scenario)):
        audit.record(who, scenario, before=before, after=after, now=now)


@transaction.atomic
def copy(scenario: Scenario, who: User, now: datetime) -> Scenario:
    """A scenario like another, under a name of its own.

    Raises Scenario.DoesNotExist where somebody removed it just now.
    """
    _alone(scenario.site_id)
    queues = list(scenario.queues.all())
    made = Scenario.objects.get(pk=scenario.pk)
    made.pk, made.is_base, made.made_by = None, False, who
    made._state.adding = True
    taken = {
        name.lower()
        for name in Scenario.objects.filter(site=scenario.site).values_list("name", flat=True)
    }
    number = 1
    while (name := _named(scenario.name, number)).lower() in taken:
        number += 1
    made.name = name
    keep(made, queues, who, now)
    return made


def _alone(site_id: int) -> None:
    """Of two who name scenarios of a site at once the second waits, and sees the first's name."""
    Site.objects.select_for_update(no_key=True).get(pk=site_id)


def _named(name: str, number: int) -> str:
    words = _("copy") if number == 1 else _("copy %(n)d") % {"n": number}
    tail = f" ({words})"
    return name[: 80 - len(tail)] + tail


@transaction.atomic
def remove(scenario: Scenario, who: User, now: datetime) -> None:
    audit.record(who, scenario, before=values(scenario), after=None, now=now)
    scenario.delete()
