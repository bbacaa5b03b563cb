"""Who shares the work of a site, with what each could have been given: from the terms of work."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q

from ccm import together
from ccm.intervals import DAY
from ccm.models import Agent, Leave, Queue, Site
from scheduling.fairness import Member
from scheduling.models import AgentContract, AgentSkill, Availability, Contract, QueueGroup
from scheduling.terms import read, skills, times

Row = TypeVar("Row")
# Full time where no contract of a site says how many hours that is.
FULL_WEEK_MINUTES = 40 * 60
Skills = Mapping[int, frozenset[str]]


def members(
    site: Site, agents: Sequence[Agent], first: date, last: date, known: Skills
) -> list[Member]:
    """Agents of a site as the ledger of the days [first, last] takes them, in their order. Four
    queries.

    A share is that of the most hours that a full-time contract of them has. Somebody is there from
    their first contract and until their last one ends, where they have one; between two they are
    not. Names that an import met and nobody has confirmed are nobody yet, unless they have a
    contract. Not to be given anything is who was absent, or had said that they cannot: what is said
    by now. `known` are the skills of agents by their keys (`skills_of`).
    """
    of_them = {"agent__in": agents}
    contracts = _by_agent(
        AgentContract.objects.filter(**of_them).select_related("contract").order_by("starts_on")
    )
    must_not = Availability.objects.filter(**of_them, word=Availability.Word.MUST_NOT)
    said = _by_agent(
        [
            *must_not.within(first - DAY, last + DAY),
            *read.hours_off(site, first - DAY, last + DAY),
        ]
    )
    absences = _by_agent(
        Leave.objects.filter(
            Q(last_on=None) | Q(last_on__gte=first - DAY), first_on__lte=last + DAY, **of_them
        )
    )
    count = (last - first).days + 1
    span = times.Span.of(first, count, site.zone, site.day_begins * 60)
    begin = datetime.combine(first, time(), ZoneInfo(site.zone)).astimezone(UTC)
    full = _full_week(one.contract for held in contracts.values() for one in held)
    found = []
    for agent in agents:
        held = contracts.get(agent.pk, [])
        if agent.is_new and not held:
            continue
        found.append(
            Member(
                id=read.person_id(agent.pk),
                share=_share_of_lists(agent, full) if not held else _share(held[0].contract, full),
                shares=tuple((one.starts_on, _share(one.contract, full)) for one in held),
                skills=known.get(agent.pk, frozenset()),
                since=_since(agent, held),
                until=_until(agent, held),
                gaps=_gaps(held),
                closed=tuple(
                    (begin + timedelta(minutes=since), begin + timedelta(minutes=to))
                    for since, to in times.closed(
                        span, absences.get(agent.pk, []), said.get(agent.pk, [])
                    )
                ),
            )
        )
    return found


def skills_of(site: Site, agents: Sequence[Agent], day: date) -> Skills:
    """What agents can take on a day, by queue and by group of queues: as
    `scheduling.terms.read.people` tells it. One query."""
    told = together.read(
        {
            "said": AgentSkill.objects.filter(agent__in=agents),
            "queues": Queue.objects.filter(site=site).order_by("pk"),
            "links": QueueGroup.queues.through._default_manager.filter(queuegroup__site=site),
        }
    )
    said = _by_agent(told["said"])
    queues = {one.pk: one.name for one in told["queues"]}
    by_group: dict[int, set[int]] = defaultdict(set)
    for link in told["links"]:
        by_group[link.queuegroup_id].add(link.queue_id)
    groups = [skills.Group(pk, frozenset(of_it)) for pk, of_it in by_group.items()]
    found = {}
    for agent in agents:
        theirs = skills.takes(skills.spells(said[agent.pk]), agent.skills, queues, day)
        found[agent.pk] = frozenset(skills.with_groups(theirs, groups))
    return found


def _by_agent(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for one in rows:
        found[one.agent_id].append(one)  # type: ignore[attr-defined]
    return found


def _full_week(contracts: Iterable[Contract]) -> int:
    """Minutes of a week at full time."""
    said = [one.week_minutes for one in contracts if one.is_full_time and one.week_minutes]
    return max(said, default=FULL_WEEK_MINUTES)


def _share(contract: Contract, full: int) -> float:
    """By what is paid a week, else by the most, else the fewest, that may be worked; of a contract
    that says none of these, all of it."""
    said = contract.week_minutes or contract.most_week_minutes or contract.fewest_week_minutes
    return said / full if said else 1.0


def _share_of_lists(agent: Agent, full: int) -> float:
    """By the hours a week that lists tell of somebody whose contract nobody has told."""
    return float(agent.contract_hours) * 60 / full if agent.contract_hours else 1.0


def _gaps(held: Sequence[AgentContract]) -> tuple[tuple[date, date], ...]:
    """Days [since, until) between contracts of which the second begins later than the first
    ends."""
    return tuple(
        (before.ends_on, after.starts_on)
        for before, after in pairwise(held)
        if before.ends_on is not None and before.ends_on < after.starts_on
    )


def _since(agent: Agent, held: Sequence[AgentContract]) -> date | None:
    said = [agent.hired_on, held[0].starts_on if held else None]
    return max((day for day in said if day is not None), default=None)


def _until(agent: Agent, held: Sequence[Any]) -> date | None:
    """The last day. Who leaves on a day is not there any more."""
    said = [agent.left_on, held[-1].ends_on if held else None]
    last = min((day for day in said if day is not None), default=None)
    return None if last is None else last - DAY
