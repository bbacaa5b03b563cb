"""The terms of work that tests begin with."""

from datetime import UTC, date, datetime
from typing import Any

from ccm.models import Agent, Queue, Site
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    RosterSession,
    Rotation,
    RotationDay,
    ShiftTemplate,
)

JANUARY = date(2026, 1, 1)
SAID_AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
EVERY_DAY = list(range(7))


def a_template(site: Site, name: str = "Early", **more: Any) -> ShiftTemplate:
    """Eight hours from six o'clock on."""
    said = {"first_start": 360, "last_start": 360, "lengths": [480], "weekdays": EVERY_DAY}
    if "spells" in more:
        said["lengths"] = []
    return ShiftTemplate.objects.create(site=site, name=name, **said | more)


def a_contract(site: Site, name: str = "Full-time", **more: Any) -> Contract:
    return Contract.objects.create(site=site, name=name, **more)


def a_rotation(
    site: Site,
    days: dict[tuple[int, int], list[ShiftTemplate]] | None = None,
    name: str = "Two weeks",
    weeks: int = 2,
) -> Rotation:
    """A rotation of which some days, by week and weekday, allow templates; none: off."""
    made = Rotation.objects.create(site=site, name=name, weeks=weeks)
    for (week, weekday), templates in (days or {}).items():
        for one in templates or [None]:
            RotationDay.objects.create(rotation=made, week=week, weekday=weekday, template=one)
    return made


def with_contract(agent: Agent, contract: Contract, **more: Any) -> AgentContract:
    return AgentContract.objects.create(
        agent=agent, contract=contract, **{"starts_on": JANUARY} | more
    )


def in_rotation(agent: Agent, rotation: Rotation, **more: Any) -> AgentRotation:
    return AgentRotation.objects.create(
        agent=agent, rotation=rotation, **{"starts_on": JANUARY} | more
    )


def skilled(agent: Agent, queue: Queue, proficiency: str = "1", **more: Any) -> AgentSkill:
    said = {"starts_on": JANUARY, "proficiency": proficiency}
    return AgentSkill.objects.create(agent=agent, queue=queue, **said | more)


def an_availability(agent: Agent, word: str = "rather_not", **more: Any) -> Availability:
    """Somebody would rather not work on Mondays."""
    said = {} if {"weekday", "first_on", "from_minute"} & set(more) else {"weekday": 0}
    return Availability.objects.create(agent=agent, word=word, said_at=SAID_AT, **said | more)


def a_pairing(one: Agent, other: Agent, *, together: bool = True, **more: Any) -> Pairing:
    first, second = sorted((one, other), key=lambda who: who.pk)
    said = {"starts_on": JANUARY, "together": together}
    return Pairing.objects.create(one=first, other=second, **said | more)


def a_session(site: Site, name: str = "Product training", **more: Any) -> RosterSession:
    """An hour of training on the 16th of March 2026, for nobody yet."""
    day = date(2026, 3, 16)
    said = {"kind": "training", "minutes": 60, "first_on": day, "last_on": day}
    people = more.pop("people", ())
    made = RosterSession.objects.create(site=site, name=name, **said | more)
    made.people.set(people)
    return made


def terms_of(site: Site, agent: Agent) -> dict[str, Any]:
    """One of everything at a site, and of somebody, by its name; made where it is not there."""
    mentor = Agent.objects.filter(site=site, name="Mentor").first()
    mentor = mentor or Agent.objects.create(site=site, name="Mentor")
    held = Contract.objects.filter(site=site, name="Held").first() or a_contract(site, "Held")
    cycle = Rotation.objects.filter(site=site, name="Cycle").first() or a_rotation(
        site, name="Cycle"
    )
    queue = Queue.objects.filter(site=site).first()
    said = Availability.objects.filter(agent=agent).first()
    pair = Pairing.objects.filter(one__site=site).first()
    has = AgentContract.objects.filter(agent=agent).first()
    works = AgentRotation.objects.filter(agent=agent).first()
    takes = AgentSkill.objects.filter(agent=agent).first()
    return {
        "shift_template": ShiftTemplate.objects.filter(site=site).first() or a_template(site),
        "contract": Contract.objects.filter(site=site, name="Full-time").first()
        or a_contract(site),
        "rotation": Rotation.objects.filter(site=site, name="Two weeks").first()
        or a_rotation(site),
        "availability": said or an_availability(agent),
        "pairing": pair or a_pairing(agent, mentor),
        "roster_session": RosterSession.objects.filter(site=site).first()
        or a_session(site, people=[agent]),
        "has": has or with_contract(agent, held),
        "works": works or in_rotation(agent, cycle),
        "takes": takes or (skilled(agent, queue) if queue else None),
    }
