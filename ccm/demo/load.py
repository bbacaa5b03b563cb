"""The demo centre written into the record, through the loader that every import uses.

Apps above `ccm` that want to add their own to a demo (boards, scorecards) connect to
`ccm.signals.demo_loaded`, which is sent once the calls are stored and may be sent again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils.translation import gettext as _

from ccm import jobs, limits, partitions
from ccm.access import AGENT, SUPERVISOR
from ccm.demo import exposure, logins, promises
from ccm.demo.centre import SOURCE, Centre, make_centre
from ccm.demo.house import SITES, Hours, SiteSpec
from ccm.demo.ledger import ledger_of
from ccm.demo.people import Crew, Person, TeamSpec
from ccm.demo.telling import Record
from ccm.imports.storing.links import calls_called
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target
from ccm.intervals import day_of
from ccm.models import (
    Agent,
    AgentAlias,
    Cost,
    Headcount,
    Job,
    Leave,
    PaidTime,
    Queue,
    Sale,
    Site,
    Team,
    TeamLead,
    TeamMembership,
    Topic,
    User,
)
from ccm.signals import demo_loaded, record_changed

KIND = "demo"
# So many rows are written at a time.
ROWS = 2_000


class DemoRefused(Exception):
    """The demo centre cannot be loaded here; the words say why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The arguments that make a centre what it is."""

    seed: int
    days: int
    agents: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded. `calls` counts visits; `new` is False when all was there already."""

    wanted: Wanted
    now: datetime
    sites: tuple[Site, ...]
    calls: int
    new: bool


def load(wanted: Wanted, now: datetime) -> Loaded:
    """Load the centre as it is at `now` (aware), or go on with a load that was cut off.

    The same arguments again change nothing. Raises DemoRefused when the record already holds a
    demo of other arguments, or strangers can reach this server: the demo has well-known users.
    """
    _refuse_exposed()
    job = _job(wanted, now)
    then = datetime.fromisoformat(job.payload["now"])
    calls = 0
    with jobs.running(job.pk) as held:
        if held is not None:
            calls = _fill(held, wanted, then)
            # Still under the job, so that a load cut off here is gone on with.
            demo_loaded.send(sender=None)
    job.refresh_from_db()
    if job.state == Job.State.FAILED:
        raise DemoRefused(job.words)
    if job.state != Job.State.DONE:
        raise DemoRefused(_("Another process is loading the demo centre."))
    sites = tuple(Site.objects.filter(slug__in=[site.slug for site in SITES]))
    loaded = Loaded(wanted, then, sites, calls, new=held is not None)
    if loaded.new:
        record_changed.send(sender=None)
    return loaded


def loaded_demo() -> Job | None:
    """The finished load of the demo in this record; its `payload` says which centre and when."""
    job = Job.objects.filter(kind=KIND, state=Job.State.DONE).order_by("pk").last()
    return job if job and Site.objects.filter(slug=SITES[0].slug).exists() else None


def _refuse_exposed() -> None:
    if not limits.is_loopback(settings.HOST):
        raise DemoRefused(
            _(
                "The pages are served at %(host)s (CCM_HOST), where others than this machine may"
                " come in. The demo centre has users whose passwords are shown at every start:"
                " look at it with `callcenter up`."
            )
            % {"host": settings.HOST}
        )
    if beyond := exposure.beyond(settings.ALLOWED_HOSTS):
        raise DemoRefused(
            _(
                "This server answers to %(hosts)s (CCM_ALLOWED_HOSTS). The demo centre has users"
                " whose passwords are shown at every start, so it loads only where nobody but"
                " this machine can sign in."
            )
            % {"hosts": ", ".join(beyond)}
        )


@transaction.atomic
def _job(wanted: Wanted, now: datetime) -> Job:
    """The job of this demo: the one that is there, or a new one."""
    said = {"seed": wanted.seed, "days": wanted.days, "agents": wanted.agents}
    there = Site.objects.filter(slug__in=[site.slug for site in SITES]).exists()
    job = Job.objects.filter(kind=KIND).exclude(state=Job.State.FAILED).order_by("pk").last()
    if job is None or (not there and job.finished):
        if there:
            raise DemoRefused(
                _("The record has a site named like one of the demo's that is none of it.")
            )
        payload = {**said, "now": now.astimezone(UTC).isoformat()}
        return Job.objects.create(kind=KIND, payload=payload, words=_("The demo centre"))
    kept = {name: job.payload[name] for name in said}
    if kept != said:
        raise DemoRefused(
            _(
                "The record already holds the demo of seed %(seed)s with %(days)s days and"
                " %(agents)s agents. For another, begin with an empty record."
            )
            % kept
        )
    return job


def _fill(job: Job, wanted: Wanted, now: datetime) -> int:
    """People first, so that every name in the log finds its row; then the calls."""
    try:
        centre = make_centre(wanted.seed, wanted.days, wanted.agents, now.date(), now)
    except ValueError as wrong:
        raise jobs.Refused(str(wrong)) from wrong
    sites = make_people(centre)
    job.total = sum(len(record.calls) + len(record.dials) for record in centre.records.values())
    stored = 0
    for slug, record in centre.records.items():
        target = Target(sites[slug], SOURCE)
        for chunk in record.chunks():
            store(chunk, target)
            stored += len(chunk.calls)
            jobs.beat(job, stored)
        partitions.analyze_grown()
        keep_books(centre, record, sites[slug])
    promises.promise(User.objects.get(username=logins.username(AGENT)), now)
    _analyze("ccm_offer, ccm_surveyresponse, ccm_agentstate, ccm_paidtime, ccm_sale")
    return stored


@transaction.atomic
def keep_books(centre: Centre, record: Record, site: Site) -> None:
    """What a site spends, pays for, sells and plans, and who is away. Safe to run twice."""
    told = ledger_of(centre, record, day_of(centre.now, site.calendar))
    queues = dict(Queue.objects.filter(site=site).values_list("name", "pk"))
    Cost.objects.bulk_create(
        (
            Cost(
                site=site, kind=one.kind, queue_id=queues.get(one.queue), first_on=one.first,
                last_on=one.last, amount=one.amount, currency=site.currency,
            )
            for one in told.spending
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    agents = dict(AgentAlias.objects.filter(source=SOURCE).values_list("raw_name", "agent"))
    PaidTime.objects.bulk_create(
        (
            PaidTime(agent_id=agents[one.agent], day=one.day, minutes=one.minutes)
            for one in told.pay
        ),
        batch_size=ROWS,
        ignore_conflicts=True,
    )
    Leave.objects.bulk_create(
        (
            Leave(agent_id=agents[one.agent], kind=one.kind, first_on=one.first, last_on=one.last)
            for one in told.away
        ),
        batch_size=ROWS,
        ignore_conflicts=True,
    )
    calls = calls_called({one.call for one in told.deals}, site)
    Sale.objects.bulk_create(
        (
            Sale(
                site=site, reference=f"P-{one.call}", call_ref=one.call,
                call_id=calls.get(one.call), value=one.sold, pipeline_value=one.quoted,
                currency=site.currency,
            )
            for one in told.deals
        ),
        batch_size=ROWS,
        ignore_conflicts=True,
    )  # fmt: skip
    Headcount.objects.bulk_create(
        (
            Headcount(
                site=site, period=Headcount.Period.MONTH, starts_on=one.month,
                planned_heads=one.planned, actual_heads=one.actual, planned_fte=one.planned_fte,
                actual_fte=one.actual_fte,
            )
            for one in told.heads
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def _analyze(tables: str) -> None:
    """Tell the planner of the rows just copied: autovacuum would come too late for what follows."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


@transaction.atomic
def make_people(centre: Centre) -> dict[str, Site]:
    """Sites, queues, topics, teams, agents and users; the sites by slug. Safe to run twice."""
    sites = {site.slug: _site(site) for site in SITES}
    by_name = {site.name: sites[site.slug] for site in SITES}
    topics = {topic for site in SITES for queue in site.queues for topic, _weight in queue.topics}
    Topic.objects.bulk_create([Topic(name=name) for name in sorted(topics)], ignore_conflicts=True)
    users = _users(list(sites.values()))
    teams = _teams(centre.crew, by_name, users)
    _agents(centre, by_name, teams, users[AGENT])
    return sites


def _site(spec: SiteSpec) -> Site:
    site, _made = Site.objects.get_or_create(
        slug=spec.slug,
        defaults={
            "name": spec.name, "zone": spec.zone, "country": spec.country,
            "region": spec.region, "opening": _written(spec.opening),
            "currency": spec.currency,
        },
    )  # fmt: skip
    for queue in spec.queues:
        hours = _written(queue.hours) if queue.hours else {}
        Queue.objects.get_or_create(site=site, name=queue.name, defaults={"hours": hours})
    return site


def _written(hours: Hours) -> dict[str, list[list[str]]]:
    """Hours as `Site.opening` keeps them; the end of a day is 24:00."""

    def clock(hour: float) -> str:
        return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"

    return {str(day): [[clock(start), clock(end)]] for day, (start, end) in hours.items()}


def _users(sites: list[Site]) -> dict[str, User]:
    """One user a role, by role."""
    found = {}
    for role, username, given, family in logins.PEOPLE:
        user, made = User.objects.get_or_create(
            username=username, defaults={"first_name": given, "last_name": family}
        )
        if made:
            user.password = make_password(logins.password(username), exposure.salt())
            user.save(update_fields=["password"])
        user.groups.add(Group.objects.get(name=role))
        user.sites.add(*(sites[:1] if role in (SUPERVISOR, AGENT) else sites))
        found[role] = user
    return found


def _teams(crew: Crew, sites: dict[str, Site], users: dict[str, User]) -> dict[str, Team]:
    """Teams by name; the first is led by the supervisor who can sign in."""
    role = Group.objects.get(name=SUPERVISOR)
    teams = {}
    for number, spec in enumerate(crew.teams):
        leader = users[SUPERVISOR] if number == 0 else _leader(spec)
        _named(leader, spec.lead)
        leader.groups.add(role)
        leader.sites.add(sites[spec.site])
        teams[spec.name], _made = Team.objects.get_or_create(site=sites[spec.site], name=spec.name)
        stays = (stay for one in crew.people for stay in _memberships(one))
        since = min((start for team, start, _end in stays if team == spec.name), default=None)
        led = {"supervisor": leader, "starts_on": since}
        TeamLead.objects.get_or_create(team=teams[spec.name], defaults=led)
    return teams


def _leader(spec: TeamSpec) -> User:
    leader, _made = User.objects.get_or_create(
        username=spec.username, defaults={"password": make_password(None)}
    )
    return leader


def _named(user: User, name: str) -> None:
    if not user.first_name:
        user.first_name, user.last_name = name.split(" ", 1)
        user.save(update_fields=["first_name", "last_name"])


def _agents(centre: Centre, sites: dict[str, Site], teams: dict[str, Team], user: User) -> None:
    """Agents under the names the log has for them, each in a team. The first signs in."""
    known = set(AgentAlias.objects.filter(source=SOURCE).values_list("raw_name", flat=True))
    people = [one for one in centre.crew.people if one.alias not in known]
    if not people:
        return
    made = Agent.objects.bulk_create(
        Agent(
            site=sites[one.site], name=one.name, skills=list(one.queues),
            employee_id=one.employee_id,
            contract_hours=one.contract_hours, hired_on=one.hired_on, left_on=one.left_on,
            left_reason=one.left_reason,
        )
        for one in people
    )  # fmt: skip
    first = made[0]
    first.user = user
    first.save(update_fields=["user"])
    _named(user, first.name)
    AgentAlias.objects.bulk_create(
        AgentAlias(source=SOURCE, raw_name=one.alias, agent=agent, confirmed=True)
        for one, agent in zip(people, made, strict=True)
    )
    TeamMembership.objects.bulk_create(
        TeamMembership(agent=agent, team=teams[team], starts_on=start, ends_on=end)
        for one, agent in zip(people, made, strict=True)
        for team, start, end in _memberships(one)
    )


def _memberships(one: Person) -> Iterable[tuple[str, date, date | None]]:
    """(team, from, until): where they came from, where they are. The last night of who left ends
    in the morning after."""
    start = one.hired_on
    if one.moved_on:
        yield one.came_from, start, one.moved_on
        start = one.moved_on
    yield one.team, start, one.left_on and one.left_on + timedelta(days=1)
