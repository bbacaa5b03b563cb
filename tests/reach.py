"""What the matrix of access is told by: a world with one of everything, and who gets which answer
to an address of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from ccm import addresses
from ccm.access import ROLES
from ccm.models import (
    Agent,
    AgentAlias,
    ApiToken,
    Call,
    CallNote,
    ContactHours,
    Cost,
    Delivery,
    DoNotCall,
    EmergencyReach,
    Erasure,
    Headcount,
    ImportBatch,
    ImportFile,
    Job,
    Leave,
    LinkTemplate,
    NameMerge,
    PaidTime,
    Queue,
    QueueAlias,
    RecordingRegion,
    Sale,
    Site,
    Substitution,
    SurveyInvitation,
    Target,
    Team,
    TeamLead,
    TeamMembership,
    Topic,
    User,
    Webhook,
)
from kpis import kiosks
from kpis.alerts.models import Alert, AlertRule
from kpis.models import Board, KioskLink, KpiChoice, Mailing, SavedReport
from scheduling.models import (
    AdherenceException,
    KeptRoster,
    KeptShift,
    KnownEvent,
    Override,
    QueueGroup,
    Scenario,
)
from tests.builders import (
    JANUARY,
    a_board,
    a_call,
    a_cost,
    a_headcount,
    a_known_event,
    a_layout,
    a_leave,
    a_paid_time,
    a_queue,
    a_queue_group,
    a_sale,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
    an_event_shape,
    an_override,
)
from tests.scheduling.absences.builders import leave_of
from tests.scheduling.bids.builders import an_open_round
from tests.scheduling.kept.builders import a_roster
from tests.scheduling.offers.builders import offered_to
from tests.scheduling.terms.builders import terms_of
from tests.scheduling.trades.builders import a_trade, an_open_shift

NOBODY = "nobody"  # not signed in
WHO = (NOBODY, *ROLES)


@dataclass
class World:
    """One site with one of everything, and one person of each role who belongs to it."""

    site: Site
    people: dict[str, User]
    queue: Queue
    agent: Agent
    call: Call
    board: Board
    link: KioskLink
    words: str  # of another link, which nobody revokes
    batch: ImportBatch
    draft: ImportBatch  # an upload whose columns nobody has explained yet
    team: Team
    alias: AgentAlias
    queue_alias: QueueAlias
    merge: NameMerge
    stay: TeamMembership
    move: Job
    note: CallNote  # which asks for a callback
    cost: Cost
    target: Target
    headcount: Headcount
    sale: Sale
    leave: Leave
    paid: PaidTime
    lead: TeamLead
    alert: Alert
    alert_rule: AlertRule
    known_event: KnownEvent
    override: Override
    queue_group: QueueGroup
    webhook: Webhook
    contact_hours: ContactHours
    do_not_call: DoNotCall
    invitation: SurveyInvitation  # by which the caller of the call answers

    def query(self, **more: object) -> str:
        today = timezone.now().date()
        asked = {"from": today, "to": today, "site": self.site.slug, **more}
        return "?" + "&".join(f"{key}={value}" for key, value in asked.items())

    def api_query(self) -> str:
        today = timezone.now().date()
        return f"?first={today}&last={today}&site={self.site.slug}"


def a_world() -> World:
    site = a_site()
    people = {role: a_user(role, site) for role in ROLES}
    queue = a_queue(site)
    agent = an_agent(site, user=people["agent"])
    team = a_team(site, people["supervisor"], agent)
    board = a_board(site, "waiting", slug=f"b{site.pk}")
    link, _words = kiosks.make_link(board, "Hall", people["admin"])
    _other, words = kiosks.make_link(board, "Canteen", people["admin"])
    job = Job.objects.create(kind="import", created_by=people["admin"], state="done")
    batch = ImportBatch.objects.create(job=job, site=site, format="phonenow", read=1, stored=1)
    ImportFile.objects.create(batch=batch, name="calls.csv", size=0)
    prepared = Job.objects.create(kind="import", created_by=people["admin"], state="draft")
    call = a_call(queue, timezone.now() - timedelta(minutes=5), agent=agent)
    return World(
        site=site,
        people=people,
        queue=queue,
        agent=agent,
        call=call,
        board=board,
        link=link,
        words=words,
        batch=batch,
        draft=ImportBatch.objects.create(job=prepared, site=site, format="mapped"),
        team=team,
        alias=AgentAlias.objects.get(agent=agent),
        queue_alias=QueueAlias.objects.create(site=site, raw_name=queue.name, queue=queue),
        merge=a_merge("queues", queue, taken_back_at=timezone.now()),
        stay=TeamMembership.objects.get(agent=agent),
        cost=a_cost(site),
        target=a_target(site),
        headcount=a_headcount(site),
        sale=a_sale(site),
        leave=a_leave(agent, last_on=JANUARY),
        paid=a_paid_time(agent),
        lead=TeamLead.objects.get(team=team),
        alert=(alert := an_alert(site)),
        alert_rule=alert.rule,
        known_event=a_known_event(queue),
        override=an_override(queue),
        queue_group=a_queue_group(queue),
        webhook=a_webhook(site),
        contact_hours=contact_hours_of(site),
        do_not_call=a_number_not_called(site),
        invitation=an_invitation(call, people["admin"]),
        move=Job.objects.create(
            kind="names",
            state="done",
            created_by=people["manager"],
            payload={"kind": "queues", "ids": [], "words": "A becomes B"},
        ),
        note=a_note(a_call(queue, timezone.now() - timedelta(minutes=9), agent=agent)),
    )


def an_alert(site: Site) -> Alert:
    """An alert that stands, of a rule that was looked at."""
    rule = AlertRule.objects.create(
        site=site, name="Level", kpi="service_level", side="below", raises_at=Decimal("0.8"),
        clears_at=Decimal("0.85"), checked_at=timezone.now(),
    )  # fmt: skip
    return Alert.objects.create(
        rule=rule, level="warn", words="Service level below 80 %: 71 % of 52, 30 minutes",
        raised_at=timezone.now(), raised_value=0.71, value=0.71, n=52,
    )  # fmt: skip


def contact_hours_of(site: Site) -> ContactHours:
    return ContactHours.objects.create(site=site, hours={"0": [["09:00", "18:00"]]})


def a_number_not_called(site: Site) -> DoNotCall:
    return DoNotCall.objects.create(site=site, caller_hash="a" * 32, caller_masked="•••789")


def region_of_recording(name: str) -> Callable[["World"], str]:
    """An address of a region's rule, which is of no site."""

    def path(_world: "World") -> str:
        one, _made = RecordingRegion.objects.get_or_create(country="DE")
        return reverse(name, args=[one.pk])

    return path


def a_webhook(site: Site) -> Webhook:
    return Webhook.objects.create(site=site, name="Room", url="https://example.com/hook")


def a_message(_world: "World") -> str:
    """The page of a mail that waits."""
    put = {"way": "mail", "address": "ann@example.com", "subject": "Low", "due_at": timezone.now()}
    return reverse("delivery", args=[Delivery.objects.get_or_create(key="k", defaults=put)[0].pk])


def what_was_told(world: "World") -> str:
    """The page of a message that the webhook of a site was told."""
    hook = world.webhook
    put = {
        "way": "webhook", "webhook": hook, "site": hook.site, "subject": "Low", "payload": {},
        "state": "sent", "due_at": timezone.now(),
    }  # fmt: skip
    key = f"told {hook.pk}"
    return reverse("delivery", args=[Delivery.objects.get_or_create(key=key, defaults=put)[0].pk])


def of_an_account(name: str) -> Callable[["World"], str]:
    """A page of an account that is nobody's of the world."""
    return lambda _world: reverse(
        name, args=[User.objects.get_or_create(username="somebody")[0].pk]
    )


def of_a_token(name: str) -> Callable[["World"], str]:
    """A page of a machine's key, which is revoked."""
    return lambda _world: reverse(
        name,
        args=[
            ApiToken.objects.get_or_create(
                hash="h",
                defaults={
                    "name": "Wall", "user": User.objects.get_or_create(username="somebody")[0],
                    "scopes": ["read"], "expires_at": timezone.now(),
                },
            )[0].pk
        ],
    )  # fmt: skip


def a_substitute(world: "World") -> str:
    """The page that ends that somebody stands in for who leads the world's team."""
    absent, today = world.lead.supervisor, timezone.now().date()
    row, _made = Substitution.objects.get_or_create(
        absent=absent, site=world.site, ended_at=None,
        defaults={
            "substitute": User.objects.get_or_create(username="somebody")[0], "first_on": today,
            "last_on": today, "made_at": timezone.now(),
        },
    )  # fmt: skip
    return reverse("substitute_end", args=[row.pk])


def an_emergency(world: "World") -> str:
    """The page that ends somebody's reach to the site of the world."""
    who, _made = User.objects.get_or_create(username=f"somebody at {world.site.pk}")
    now = timezone.now()
    row, _made = EmergencyReach.objects.get_or_create(
        user=who, site=world.site, ended_at=None,
        defaults={
            "reason": "The night shift is without a lead", "begins_at": now,
            "ends_at": now + timedelta(minutes=30),
        },
    )  # fmt: skip
    return reverse("emergency_end", args=[row.pk])


def erasure(page: str) -> "Callable[[World], str]":
    """A page of a customer who was found."""

    def url(_world: "World") -> str:
        found = {"kind": "customer", "state": "found", "asked_at": timezone.now()}
        one, _made = Erasure.objects.get_or_create(
            why=page, defaults=found | {"sealed": addresses.seal("01134960123")}
        )
        return reverse(page, args=[one.pk])

    return url


def a_merge(kind: str, named: Queue | Agent, **more: object) -> NameMerge:
    """A merge into a name."""
    merge: NameMerge = NameMerge.objects.create(
        kind=kind, loser=0, keeper=named.pk, name="Sales", site=named.site, was={}, **more
    )
    return merge


def an_invitation(call: Call, user: User) -> SurveyInvitation:
    """A link that asks the caller, whose words nobody has."""
    return SurveyInvitation.objects.create(
        hash=str(call.pk),
        call=call,
        site=call.site,
        questions=["csat"],
        created_by=user,
        expires_at=timezone.now() + timedelta(days=1),
    )


def a_note(call: Call) -> CallNote:
    """A note that asks for a callback, written by nobody in particular."""
    return CallNote.objects.create(
        call=call, site=call.site, at=timezone.now(), callback_due_at=timezone.now()
    )


@dataclass(frozen=True)
class Row:
    """An address and what each role gets; `elsewhere` is what it gets at another site.

    Statuses are in the order of WHO: nobody, admin, manager, planner, supervisor, qa_analyst,
    trainer, agent.
    """

    path: Callable[[World], str]
    own: tuple[int, ...]
    method: str = "get"
    elsewhere: tuple[int, ...] | None = None
    # Objects of a site are named in the address; without them there is no "elsewhere".
    of_a_site: bool = True


def to(name: str, *attributes: str | int, query: str = "") -> Callable[[World], str]:
    """An address; an argument is a number or word as it is, or the path of a world's attribute."""

    def path(world: World) -> str:
        arguments: list[object] = []
        for one in attributes:
            if isinstance(one, int) or not hasattr(world, one.partition(".")[0]):
                arguments.append(one)
                continue
            value: object = world
            for part in one.split("."):
                value = getattr(value, part)
            arguments.append(value)
        return reverse(name, args=arguments) + query

    return path


#             nobody adm man pla sup qa  tra age
ALL_IN = (302, 200, 200, 200, 200, 200, 200, 200)
FIGURES = (302, 200, 200, 200, 200, 200, 404, 404)
FLOOR = (302, 200, 200, 200, 200, 404, 404, 404)
FIGURES_POST = (302, 302, 302, 302, 302, 302, 404, 404)
NOT_THEIRS = (302, *(404,) * 7)
THEIR_DAY = (302, 200, 200, 200, 200, 404, 404, 200)
# Of one's own shifts.
OWN = (302, *(404,) * 6, 200)
OWN_POST = (302, *(404,) * 6, 302)
PEOPLE = (302, 200, 200, 200, 200, 200, 404, 200)
CALLS = (302, 200, 200, 404, 200, 200, 404, 200)
INTAKE = (302, 200, 200, 404, 404, 404, 404, 404)
INTAKE_POST = (302, 302, 302, 404, 404, 404, 404, 404)
EVERYBODY = (200,) * 8
NOTES = (302, 200, 404, 404, 200, 404, 404, 200)
NOTES_POST = (302, 302, 404, 404, 302, 404, 404, 302)
API = (401, 200, 200, 200, 200, 200, 200, 200)
# An agent gets the own figures.
API_FIGURES = (401, 200, 200, 200, 200, 200, 404, 200)
API_CALLS = (401, 200, 200, 404, 200, 200, 404, 200)
# The lists of plans: kept by admins and managers, read by whom they concern.
READ = {
    "cost": INTAKE,
    "target": ALL_IN,
    "headcount": (302, 200, 200, 200, 404, 404, 404, 404),
    "sale": CALLS,
    "leave": (302, 200, 200, 200, 200, 404, 404, 200),
    "paid": (302, 200, 200, 200, 200, 404, 404, 200),
    "webhook": INTAKE,
    "contact_hours": INTAKE,
    "do_not_call": INTAKE,
    "alert_rule": INTAKE,
    "known_event": FIGURES,
    "override": FIGURES,
    "queue_group": FIGURES,
}
PLANNERS = (302, 200, 200, 200, 404, 404, 404, 404)
PLANNERS_POST = (302, 302, 302, 302, 404, 404, 404, 404)
LEADS = (302, 200, 200, 200, 200, 404, 404, 404)
LEADS_POST = (302, 302, 302, 302, 302, 404, 404, 404)
# Those that planners keep, too.
PLANNED = {"known_event", "override", "queue_group"}


def kept(part: str) -> tuple[int, ...]:
    if part == "leave":  # who leads a team records absences of its people, too
        return LEADS
    return PLANNERS if part in PLANNED else INTAKE


def kept_by_post(part: str) -> tuple[int, ...]:
    if part == "leave":
        return LEADS_POST
    return PLANNERS_POST if part in PLANNED else INTAKE_POST


# Read by whoever sees sites, but for agents.
READERS = (302, 200, 200, 200, 200, 200, 200, 404)
# Who reads every call of a site.
READ_ALL = (302, 200, 200, 404, 404, 200, 404, 404)
ONLY_ADMIN = (302, 200, 404, 404, 404, 404, 404, 404)
ONLY_ADMIN_POST = (302, 302, 404, 404, 404, 404, 404, 404)


def layout(name: str) -> Callable[[World], str]:
    """An address of a saved layout, which is of no site."""

    def path(_world: World) -> str:
        return reverse(name, args=[a_layout().pk])

    return path


def event_shape(name: str) -> Callable[[World], str]:
    """An address of a saved shape of live events, which is of no site."""

    def path(_world: World) -> str:
        return reverse(name, args=[an_event_shape().pk])

    return path


def definition(name: str) -> Callable[[World], str]:
    """An address of a definition that was chosen for all sites."""

    def path(_world: World) -> str:
        row, _made = KpiChoice.objects.get_or_create(
            kpi="service_level", variant="SL3", valid_from=date(2026, 1, 1)
        )
        return reverse(name, args=[row.kpi, row.pk])

    return path


def an_answer_of_the_admin(world: World) -> str:
    payload = {"address": "/reports/", "path": "/reports/", "query": ""}
    asked = Job.objects.create(kind="long_read", created_by=world.people["admin"], payload=payload)
    return reverse("answer_progress", args=[asked.pk])


def link_to_elsewhere(_world: World) -> str:
    """A link to another system, which is of all sites."""
    template = "https://crm.example/{call_id}"
    return reverse(
        "link_edit", args=[LinkTemplate.objects.get_or_create(name="CRM", template=template)[0].pk]
    )


def topic(_world: World) -> str:
    """A word that all sites share."""
    return reverse("name", args=["topics", Topic.objects.get_or_create(name="Billing")[0].pk])


def scenario(name: str) -> Callable[[World], str]:
    """An address of a scenario of a site."""

    def path(world: World) -> str:
        put = {"site": world.site, "name": "More calls", "changed_at": timezone.now()}
        row = Scenario.objects.filter(site=world.site).first() or Scenario.objects.create(**put)
        return reverse(name, args=[row.pk])

    return path


def roster_shift(world: World) -> str:
    """What somebody has on the first day of a draft."""
    there = KeptRoster.objects.filter(site=world.site, state="draft").first()
    there = there or a_roster(world.site)
    return reverse("roster_shift", args=[there.pk, world.agent.pk, there.first_day])


def exception(world: World) -> str:
    """An address of an exception that an agent of a site asked for."""
    now = timezone.now()
    put = {"starts_at": now, "ends_at": now + timedelta(minutes=5), "asked_at": now}
    there = AdherenceException.objects.filter(agent=world.agent).first()
    row = there or AdherenceException.objects.create(agent=world.agent, reason="Line", **put)
    return reverse("adherence_decide", args=[row.pk])


def roster(name: str, *, is_published: bool = False) -> Callable[[World], str]:
    """An address of a roster of a site: a draft, or one that was published."""

    def path(world: World) -> str:
        state = "published" if is_published else "draft"
        there = KeptRoster.objects.filter(site=world.site, state=state).first()
        put = {"state": state, "published_at": timezone.now() if is_published else None}
        return reverse(name, args=[(there or a_roster(world.site, **put)).pk])

    return path


def bids(name: str) -> Callable[[World], str]:
    """An address of a round of bids in which the site's agent takes part."""

    def path(world: World) -> str:
        held = an_open_round(world.site, world.agent)
        return reverse(name, args=[held.roster_id if name == "bid_new" else held.pk])

    return path


def of_terms(name: str, part: str, *words: str) -> Callable[[World], str]:
    """An address of a part of the terms of work of a site, and of somebody there."""

    def path(world: World) -> str:
        return reverse(name, args=[*words, terms_of(world.site, world.agent)[part].pk])

    return path


def of_leave(name: str, part: str) -> Callable[[World], str]:
    """An address of something of a site's time off, and of somebody there."""

    def path(world: World) -> str:
        return reverse(name, args=[leave_of(world.site, world.agent)[part].pk])

    return path


def trade(name: str, *words: str) -> Callable[[World], str]:
    """An address of a shift of the world's agent that they offer, or of the offer."""

    def path(world: World) -> str:
        offered = a_trade(world.agent)
        shift = KeptShift.objects.get(roster=offered.roster, agent=world.agent, day=offered.day)
        return reverse(name, args=[shift.pk if name == "trade_new" else offered.pk, *words])

    return path


def an_offer(name: str, *words: str) -> Callable[[World], str]:
    """An address of overtime that is offered to the world's agent, or of their answer."""

    def path(world: World) -> str:
        answer = offered_to(world.agent)
        pk = answer.offer_id if name == "shift_offer_withdraw" else answer.pk
        return reverse(name, args=[pk, *words])

    return path


def open_shift(world: World) -> str:
    """The address at which an open shift is taken back."""
    return reverse("open_shift_withdraw", args=[an_open_shift(world.site).pk])


# What is kept of them: a list, and who reads it; and who keeps it.
TERMS_LISTS = {
    "shift_template": (FLOOR, PLANNERS, PLANNERS_POST),
    "contract": (PLANNERS, PLANNERS, PLANNERS_POST),
    "rotation": (FLOOR, PLANNERS, PLANNERS_POST),
    "pairing": (FLOOR, PLANNERS, PLANNERS_POST),
    "roster_session": (PLANNERS, PLANNERS, PLANNERS_POST),
    # Agents say it themselves; who leads them reads it.
    "availability": (
        (302, 200, 200, 200, 200, 404, 404, 200),
        (302, 200, 200, 200, 404, 404, 404, 200),
        (302, 302, 302, 302, 404, 404, 404, 302),
    ),
}


def shared_report(name: str) -> Callable[[World], str]:
    """An address of a report that somebody keeps and shares with every role."""

    def path(_world: World) -> str:
        owner = User.objects.filter(username="keeper").first() or a_user(name="keeper")
        report, _made = SavedReport.objects.get_or_create(
            owner=owner, name="Shared", defaults={"roles": [*ROLES], "question": {}, "form": 1}
        )
        return reverse(name, args=[report.pk])

    return path


def mailing(name: str) -> Callable[[World], str]:
    """An address of what somebody else has mailed to nobody."""

    def path(world: World) -> str:
        owner = User.objects.filter(username="keeper").first() or a_user(name="keeper")
        said = {"zone": "UTC", "since": timezone.now()}
        made, _made = Mailing.objects.get_or_create(owner=owner, site=world.site, defaults=said)
        return reverse(name, args=[made.pk])

    return path
