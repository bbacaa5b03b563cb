"""The terms of work of a site as rosters take them (`scheduling.shifts`), in one query, whether of
one person or of a thousand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from ccm import together
from ccm.intervals import DAY
from ccm.models import Agent, Leave, Queue, Site
from kpis import usual
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    LeaveRequest,
    LeaveRules,
    QueueGroup,
    Rotation,
    RotationDay,
    ShiftTemplate,
    SiteRules,
)
from scheduling.models import Pairing as PairingRow
from scheduling.shifts import Day, Limits, Pairing, Person, Problem, Shape
from scheduling.shifts.days import days_of
from scheduling.terms import limits, rotations, skills, times
from scheduling.terms import shapes as expanded
from scheduling.terms.works import Works

Row = TypeVar("Row")
Wanted = dict[str, QuerySet[Any]]


def rules(site: Site) -> SiteRules:
    """What a site's rosters go by; where nobody has said so, what goes without saying."""
    return SiteRules.objects.filter(site=site).first() or SiteRules(site=site)


def days(site: Site, first_day: date, count: int) -> tuple[Day, ...]:
    """The days of a span by the site's clock and calendar."""
    holidays = [
        day for day in (first_day + n * DAY for n in range(count)) if usual.is_holiday(site, day)
    ]
    return days_of(first_day, count, site.zone, holidays)


def shapes(site: Site, *, every: bool = False) -> tuple[Shape, ...]:
    """The shifts that there are at a site; `every` has those that are no longer in use, too, as
    older rosters may."""
    templates = ShiftTemplate.objects.filter(site=site).order_by("name")
    return expanded.of_templates(templates if every else templates.filter(is_active=True))


def person_id(agent: int) -> str:
    """How a roster calls an agent."""
    return str(agent)


def people(
    site: Site,
    first_day: date,
    count: int,
    *,
    is_brief: bool = False,
    agents: Sequence[Agent] | None = None,
) -> tuple[Person, ...]:
    """Who can be given shifts of `count` days from `first_day`, in the order of their names: agents
    of the site who are there on one of them. Names that an import met and nobody has confirmed are
    nobody yet, unless they have a contract.

    What holds on the first of the days that somebody is there holds for the whole span: their
    contract with the law beside it, and their skills. Days on which nobody who ever had a contract
    has one are off. Where it `is_brief`, nothing is read of what they can and would like nor of
    rotations: enough to tell who is there and what they cover. `agents` are those that there are,
    where they are read already. One query.
    """
    wanted = _brief(site, first_day, count) if is_brief else _terms(site, first_day, count)
    if agents is None:
        wanted |= _agents(site, first_day, count)
    told = together.read(wanted)
    said, known = SiteRules(site=site), expanded.of_templates(())
    if not is_brief:
        said, known = _rules(site, told), expanded.of_templates(told["templates"])
    found = told["agents"] if agents is None else agents
    return _people(site, first_day, count, found, known, said, told)


def _people(
    site: Site,
    first_day: date,
    count: int,
    agents: Iterable[Agent],
    known: Sequence[Shape],
    said: SiteRules,
    told: Mapping[str, list[Any]],
) -> tuple[Person, ...]:
    contracts = {one.pk: one for one in told["contracts"]}
    for one in told["held"]:
        one.contract = contracts[one.contract_id]
    own = {one.pk: one for one in told.get("rotations", ())}
    for one in told.get("rotating", ()):
        one.rotation = own[one.rotation_id]
    members = defaultdict(set)
    for one in told["in_groups"]:
        members[one.queuegroup_id].add(one.queue_id)
    reader = _Reader(
        first_day,
        count,
        times.Span.of(first_day, count, site.zone, site.day_begins * 60),
        known,
        said,
        contracts=_by_agent(told["held"]),
        own_skills=_by_agent(told["skills"]),
        own_rotations=_by_agent(told.get("rotating", ())),
        patterns=rotations.patterns(told.get("rotation_days", ())),
        availabilities=_by_agent(
            [*told.get("availabilities", ()), *map(_hours_off, told.get("hours_off", ()))]
        ),
        absences=_by_agent(told.get("absences", ())),
        requests=_by_agent(told.get("hours_off", ())),
        leave=next(iter(told.get("leave_rules", ())), None) or LeaveRules(),
        site=site,
        queues={one.pk: one.name for one in told["queues"]},
        groups=[skills.Group(one.pk, frozenset(members[one.pk])) for one in told["groups"]],
    )
    return tuple(one for one in map(reader.person, agents) if one is not None)


def _agents(site: Site, first_day: date, count: int) -> Wanted:
    last_day = first_day + timedelta(days=count - 1)
    there = Q(left_on=None) | Q(left_on__gt=first_day)
    hired = Q(hired_on=None) | Q(hired_on__lte=last_day)
    return {"agents": Agent.objects.filter(there, hired, site=site).order_by("name", "pk")}


def _brief(site: Site, first_day: date, count: int) -> Wanted:
    """What people cover, under which contracts, and when they are absent; of the weeks before, too,
    which count for the period."""
    last_day = first_day + timedelta(days=count - 1)
    held = AgentContract.objects.filter(agent__site=site)
    return {
        "held": held.order_by("starts_on"),
        "contracts": Contract.objects.filter(pk__in=held.order_by().values("contract")),
        "skills": AgentSkill.objects.filter(agent__site=site),
        "queues": Queue.objects.filter(site=site).order_by("pk"),
        "groups": QueueGroup.objects.filter(site=site),
        "in_groups": QueueGroup.queues.through._default_manager.filter(queuegroup__site=site),
        "absences": Leave.objects.filter(
            Q(last_on=None) | Q(last_on__gte=first_day - times.BEFORE),
            first_on__lte=last_day + DAY,
            agent__site=site,
        ),
    }


def _terms(site: Site, first_day: date, count: int) -> Wanted:
    """All that binds people on some days, and what they said of them. What was said of the day
    before may reach into the span, and of the day after a shift of its last night."""
    last_day = first_day + timedelta(days=count - 1)
    of_site = {"agent__site": site}
    rotating = AgentRotation.objects.filter(**of_site).within(first_day, last_day)
    return _brief(site, first_day, count) | {
        "rules": SiteRules.objects.filter(site=site),
        "templates": ShiftTemplate.objects.filter(site=site, is_active=True).order_by("name"),
        "rotating": rotating.order_by("starts_on"),
        "rotations": Rotation.objects.filter(pk__in=rotating.order_by().values("rotation")),
        "rotation_days": RotationDay.objects.filter(rotation__site=site),
        "availabilities": Availability.objects.filter(**of_site).within(
            first_day - DAY, last_day + DAY
        ),
        "leave_rules": LeaveRules.objects.filter(site=site),
        "hours_off": _hours_requested(site, first_day - times.BEFORE, last_day + DAY),
    }


def _rules(site: Site, told: Mapping[str, list[Any]]) -> SiteRules:
    found = told["rules"][0] if told["rules"] else SiteRules(site=site)
    found.site = site
    return found


def hours_off(site: Site, first: date, last: date) -> Iterator[Availability]:
    """Hours of a day that people have off by request, as what they cannot; of whole days there are
    absences. One query."""
    return map(_hours_off, _hours_requested(site, first, last))


def _hours_requested(site: Site, first: date, last: date) -> QuerySet[Any]:
    rows = LeaveRequest.objects.approved().within(first, last).filter(agent__site=site)
    return rows.exclude(from_minute=None)


def _hours_off(one: LeaveRequest) -> Availability:
    return Availability(
        agent_id=one.agent_id,
        word=Availability.Word.MUST_NOT,
        first_on=one.first_on,
        last_on=one.last_on,
        from_minute=one.from_minute,
        to_minute=one.to_minute,
    )


def problem_terms(site: Site, first_day: date, count: int) -> Problem:
    """A roster of `count` days from `first_day` that is asked for, but for what is asked of it:
    days, shapes, people, and what binds them. `dataclasses.replace` adds the demand, and to people
    what they worked before. One query."""
    last_day = first_day + timedelta(days=count - 1)
    pairs = PairingRow.objects.within(first_day, last_day).filter(one__site=site).order_by("pk")
    wanted = _terms(site, first_day, count) | _agents(site, first_day, count) | {"pairs": pairs}
    told = together.read(wanted)
    said, known = _rules(site, told), expanded.of_templates(told["templates"])
    found = _people(site, first_day, count, told["agents"], known, said, told)
    there = {one.id for one in found}
    pairings = (
        Pairing(person_id(one.one_id), person_id(one.other_id), one.together)
        for one in told["pairs"]
    )
    return Problem(
        days=days(site, first_day, count),
        shapes=known,
        people=found,
        weights=said.soft,
        pairings=tuple(one for one in pairings if one.one in there and one.other in there),
        mix=None if said.mix is None else float(said.mix),
        night=(said.night_from, said.night_to),
        night_minutes=said.night_minutes,
        late=said.late_from,
    )


def _by_agent(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found = defaultdict(list)
    for one in rows:
        found[one.agent_id].append(one)  # type: ignore[attr-defined]
    return found


class _Reader:
    """What is said of a site's people, read once; one person of it after the other."""

    def __init__(
        self,
        first: date,
        count: int,
        span: times.Span,
        known: Sequence[Shape],
        said: SiteRules,
        **read: Any,
    ) -> None:
        self.first, self.count, self.span = first, count, span
        self.shifts, self.said = times.Shifts(known), said
        self.contracts: dict[int, list[AgentContract]] = read["contracts"]
        self.own_skills: dict[int, list[AgentSkill]] = read["own_skills"]
        self.own_rotations: dict[int, list[AgentRotation]] = read["own_rotations"]
        self.patterns: Mapping[int, rotations.Pattern] = read["patterns"]
        self.availabilities: dict[int, list[Availability]] = read["availabilities"]
        self.absences: dict[int, list[Leave]] = read["absences"]
        self.requests: dict[int, list[LeaveRequest]] = read["requests"]
        self.leave: LeaveRules = read["leave"]
        self.site: Site = read["site"]
        self.queues: dict[int, str] = read["queues"]
        self.groups: list[skills.Group] = read["groups"]

    def person(self, agent: Agent) -> Person | None:
        """Somebody as a roster knows them; None where they are not to be given shifts."""
        since = max(self.first, agent.hired_on or self.first)
        ever = self.contracts.get(agent.pk, [])
        last = self.first + timedelta(days=self.count - 1)
        held = [one for one in ever if one.starts_on <= last and (one.ends_on or date.max) > since]
        if (ever and not held) or (agent.is_new and not held):
            return None
        own = self.availabilities.get(agent.pk, [])
        bound = self._limits(agent, held)
        credited, away = self._credited(agent, ever, bound)
        return Person(
            id=person_id(agent.pk),
            limits=bound,
            skills=self._skills(agent, since),
            closed=times.closed(self.span, self.absences.get(agent.pk, []), own),
            days_off=self._uncovered(held),
            credited=credited,
            away=away,
            absent=times.absent(self.span, self.absences.get(agent.pk, ())),
            rotation=rotations.of_days(
                self.own_rotations.get(agent.pk, []), self.patterns, self.first, self.count
            ),
            present=self._present(agent),
            wishes=times.wishes(self.span, own, self.shifts, self.said.rather_not, self.said.likes),
            is_new=agent.hired_on is not None
            and (since - agent.hired_on).days < 7 * self.said.new_weeks,
        )

    def _limits(self, agent: Agent, held: list[AgentContract]) -> Limits:
        if held:
            return limits.of_contract(held[0].contract)
        return limits.without_contract(agent.contract_hours)

    def _credited(
        self, agent: Agent, ever: list[AgentContract], bound: Limits
    ) -> tuple[dict[int, int], frozenset[int]]:
        """What absences count for (`times.credited`)."""
        absences, requests = self.absences.get(agent.pk, ()), self.requests.get(agent.pk, ())
        if not absences and not requests:
            return {}, frozenset()
        hours = [
            (one.first_on, one.to_minute - one.from_minute)
            for one in requests
            if one.from_minute is not None and one.to_minute is not None
        ]
        works = Works(agent, self.site, self.leave, tuple(ever))
        return times.credited(
            self.span, absences, hours, works.of_week, bound.fewest_week_minutes or 0
        )

    def _skills(self, agent: Agent, since: date) -> skills.Skills:
        said = skills.spells(self.own_skills.get(agent.pk, []))
        theirs = skills.takes(said, agent.skills, self.queues, since)
        return skills.with_groups(theirs, self.groups)

    def _uncovered(self, held: list[AgentContract]) -> frozenset[int]:
        """The days that none of somebody's contracts holds on; none where they have no contract."""
        if not held:
            return frozenset()
        return frozenset(
            day
            for day in range(self.count)
            if not any(
                one.starts_on <= self.span.date(day)
                and (one.ends_on is None or self.span.date(day) < one.ends_on)
                for one in held
            )
        )

    def _present(self, agent: Agent) -> tuple[int, int] | None:
        """The first and last day of the span on which somebody is there; None: all of them. Who
        leaves on a day is not there any more."""
        first, last = 0, self.count - 1
        if agent.hired_on is not None:
            first = max(first, (agent.hired_on - self.first).days)
        if agent.left_on is not None:
            last = min(last, (agent.left_on - self.first).days - 1)
        return None if (first, last) == (0, self.count - 1) else (first, last)
