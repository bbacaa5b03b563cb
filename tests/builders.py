"""Builders that say only what matters to a test; the rest is plausible and the same each time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from ccm import identity, partitions
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.profile import ALL, Column, Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import (
    CALLS,
    OFFERS,
    STATES,
    SURVEYS,
    Chunk,
    frame_of,
)
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Fates
from ccm.imports.storing.target import Target as Place
from ccm.models import (
    Agent,
    AgentAlias,
    Call,
    Cost,
    EventShape,
    Headcount,
    ImportProfile,
    Leave,
    PaidTime,
    Queue,
    Sale,
    Site,
    Target,
    Team,
    TeamLead,
    TeamMembership,
    User,
)
from kpis.models import Board
from scheduling.models import KnownEvent, Override, QueueGroup

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
JANUARY = date(2026, 1, 1)
SAID_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
PASSWORD = "a-long-test-passphrase"
_number = count(1)


def a_site(name: str = "", zone: str = "UTC", day_begins: int = 0) -> Site:
    n = next(_number)
    return Site.objects.create(
        name=name or f"Site {n}", slug=f"site-{n}", zone=zone, day_begins=day_begins
    )


def a_queue(site: Site | None = None, name: str = "") -> Queue:
    return Queue.objects.create(site=site or a_site(), name=name or f"Queue {next(_number)}")


def a_user(role: str = "", *sites: Site, name: str = "", password: str = "") -> User:
    """Signs in with `force_login`, or by form when it has a password (which takes long to hash)."""
    name = name or f"{role or 'nobody'}-{next(_number)}"
    user = User.objects.create_user(name, password=password or None)
    # Whoever is new has no stream that would end, and nothing to lose: rows alone, without `add`.
    if role:
        held = User.groups.through(user=user, group_id=_group(role))
        User.groups.through.objects.bulk_create([held])
    if sites:
        where = [User.sites.through(user=user, site=site) for site in dict.fromkeys(sites)]
        User.sites.through.objects.bulk_create(where)
    return user


@cache
def _group(role: str) -> int:
    """A migration made it, and no test takes it away."""
    return Group.objects.get(name=role).pk


def a_board(site: Site, *figures: str, slug: str = "") -> Board:
    """A wall of these figures: KPIs, or what is so at this moment."""
    tiles = [{"id": one, "kind": "figure", "kpi": one} for one in figures]
    return Board.objects.create(
        slug=slug or f"board-{next(_number)}", title="Wall", site=site, tiles=tiles
    )


def an_agent(site: Site, name: str = "", user: User | None = None, source: str = "test") -> Agent:
    agent = Agent.objects.create(site=site, name=name or f"Agent {next(_number)}", user=user)
    AgentAlias.objects.create(source=source, raw_name=agent.name, agent=agent, confirmed=True)
    return agent


def a_team(site: Site, supervisor: User | None = None, *agents: Agent) -> Team:
    team = Team.objects.create(site=site, name=f"Team {next(_number)}")
    if supervisor is not None:
        TeamLead.objects.create(team=team, supervisor=supervisor, starts_on=date(2000, 1, 1))
    for agent in agents:
        TeamMembership.objects.create(agent=agent, team=team, starts_on=date(2000, 1, 1))
    return team


def a_cost(site: Site, **more: Any) -> Cost:
    """A month's rent."""
    said = {
        "kind": "Rent", "first_on": JANUARY, "last_on": date(2026, 1, 31), "amount": 100,
        "currency": "GBP",
    }  # fmt: skip
    return Cost.objects.create(site=site, **said | more)


def a_target(site: Site, **more: Any) -> Target:
    """A service level of 80 %."""
    said = {"kpi": "service_level", "value": Decimal("0.8"), "valid_from": JANUARY}
    return Target.objects.create(site=site, **said | more)


def a_headcount(site: Site, **more: Any) -> Headcount:
    """A month's plan."""
    said = {"period": "month", "starts_on": JANUARY, "planned_fte": Decimal("40.5")}
    return Headcount.objects.create(site=site, **said | more)


def a_known_event(queue: Queue, **more: Any) -> KnownEvent:
    """A mailing that brings half as many calls again."""
    said = {"kind": "Mailing", "first": JANUARY, "last": JANUARY, "factor": 1.5}
    event = KnownEvent.objects.create(site=queue.site, made_at=SAID_AT, **said | more)
    event.queues.add(queue)
    return event


def an_override(queue: Queue, **more: Any) -> Override:
    said = {"first": JANUARY, "last": JANUARY, "factor": 1.2, "reason": "A mailing goes out"}
    said |= {"made_at": SAID_AT}
    return Override.objects.create(site=queue.site, queue=queue, **said | more)


def a_queue_group(*queues: Queue, name: str = "Front") -> QueueGroup:
    """Queues that the same people serve."""
    group = QueueGroup.objects.create(site=queues[0].site, name=name)
    group.queues.set(queues)
    return group


def a_sale(site: Site, **more: Any) -> Sale:
    """What was sold of a call that is not there."""
    said = {"call_ref": "C-1", "value": 100, "currency": "GBP"}
    return Sale.objects.create(site=site, **said | more)


def a_leave(agent: Agent, **more: Any) -> Leave:
    """A holiday from New Year on."""
    said = {"kind": "Holiday", "first_on": JANUARY}
    return Leave.objects.create(agent=agent, **said | more)


def a_paid_time(agent: Agent, **more: Any) -> PaidTime:
    """Eight hours of New Year's Day."""
    return PaidTime.objects.create(agent=agent, **{"day": JANUARY, "minutes": 480} | more)


def a_call(queue: Queue, at: datetime = NINE, **more: Any) -> Call:
    """A visit of `queue` offered at `at`; seconds in, one row out, its month made."""
    made = unsaved_call(queue, at, **more)
    partitions.ensure_months([partitions.month_of(at)])
    made.save(force_insert=True)
    return made


def unsaved_call(
    queue: Queue,
    at: datetime = NINE,
    *,
    wait: float | None = 10,
    talk: float | None = 120,
    agent: Agent | None = None,
    outcome: str = "answered",
    **more: Any,
) -> Call:
    """As `a_call`, for those who keep many at once (`many_calls`)."""
    external = str(more.pop("external_id", next(_number)))
    answered = at + timedelta(seconds=wait or 0) if outcome == "answered" else None
    birth = identity.milliseconds(at)
    return Call(
        **{
            "id": identity.call_id("test", external, queue.name, birth),
            "source": "test",
            "external_id": external,
            "linked_id": external,
            "site": queue.site,
            "queue": queue,
            "agent": agent,
            "offered_at": at,
            "answered_at": answered,
            "ended_at": answered + timedelta(seconds=talk)
            if answered and talk is not None
            else None,
            "wait_ms": None if wait is None else round(wait * 1000),
            "talk_ms": None if talk is None or not answered else round(talk * 1000),
            "outcome": outcome,
        }
        | more
    )


def many_calls(calls: Sequence[Call]) -> None:
    """Keep calls all at once."""
    partitions.ensure_months({partitions.month_of(call.offered_at) for call in calls})
    Call.objects.bulk_create(calls)


def a_record(at: datetime = NINE, **known: Any) -> dict[str, Any]:
    """One row of a chunk's calls: what a log format read of one visit."""
    plain = dict.fromkeys(CALLS)
    return (
        plain
        | {
            "line": 1,
            "lines": 1,
            "external_id": "c1",
            "channel": "voice",
            "direction": "inbound",
            "queue": "Sales",
            "birth_ms": identity.milliseconds(at),
            "entry_known": True,
            "offered_at": at,
            "time_precision": "second",
            "outcome": "in_progress",
        }
        | known
    )


def a_chunk(
    *records: dict[str, Any],
    offers: list[dict[str, Any]] = (),  # type: ignore[assignment]
    surveys: list[dict[str, Any]] = (),  # type: ignore[assignment]
    states: list[dict[str, Any]] = (),  # type: ignore[assignment]
) -> Chunk:
    def rows(schema: Any, given: Any) -> list[tuple[Any, ...]]:
        return [tuple(one.get(name) for name in schema) for one in given]

    read = sum(one["lines"] for one in records) + sum(one.get("lines", 1) for one in states)
    return Chunk(
        position=read,
        read=read,
        calls=frame_of(rows(CALLS, records), CALLS),
        offers=frame_of(rows(OFFERS, offers), OFFERS),
        surveys=frame_of(rows(SURVEYS, surveys), SURVEYS),
        states=frame_of(rows(STATES, states), STATES),
    )


def stored(site: Site, *records: dict[str, Any], source: str = "test", **more: Any) -> Fates:
    """Write records through the one loader."""
    return store(a_chunk(*records, **more), Place(site, source))


LAYOUT = Profile(
    Dialect(delimiter=";"),
    Rows.CALLS,
    (
        Column("N°", "external_id"),
        Column("Heure", "moment", spelling="dmy"),
        Column("Tps", "talk", unit="min", decimal=","),
        Column("Poste"),
    ),
    queue="Accueil",
    answered_by=ALL,
    zone="Europe/Paris",
)


SHAPE: dict[str, Any] = {
    "members": {"kind": "/type", "at": "/when", "call": "/call", "queue": "/queue"},
    "meanings": {"kind": {"entered": "call.offered"}},
}


def an_event_shape(name: str = "Our switch", slug: str = "our-switch") -> EventShape:
    """A saved shape of live events that knows who entered a queue."""
    shape: EventShape = EventShape.objects.get_or_create(
        slug=slug, defaults={"name": name, "mapping": SHAPE}
    )[0]
    return shape


def a_layout(name: str = "Le standard", slug: str = "le-standard") -> ImportProfile:
    """A saved layout of a small French log: number, moment, talk in minutes, and a kept column."""
    layout: ImportProfile = ImportProfile.every.get_or_create(
        slug=slug, defaults={"name": name, "mapping": LAYOUT.as_json()}
    )[0]
    return layout
