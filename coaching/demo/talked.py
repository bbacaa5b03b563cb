"""The talks of a demo's last weeks: planned, prepared, held and signed, with what was agreed on;
how often teams want them, plans, and rules that propose them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from ccm.intervals import DAY, day_of
from ccm.models import Agent, User
from coaching.demo.free import near
from coaching.demo.people import Led, People, at, coming, words
from coaching.following import progress
from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import services as holding
from coaching.holding.services import Asked, Said
from coaching.models import Action, Cadence, Plan, Proposal, Session, TriggerRun
from coaching.plans import services as plans
from coaching.plans.services import Aim
from coaching.preparing import services as preparing
from coaching.rhythm import services as rhythm
from coaching.triggers import services as triggers
from kpis.report import Unanswerable
from qa.models import CardCriterion

Kind = Session.Kind
EVERY = (28, 21, 28, 35)
"""Days between talks, by team in turn."""
_BACK, _ELSEWHERE = 85, 50
"""So far back talks go at the first site, and at others."""
_AHEAD = 10
_PREPARED = 45
_MISSED = 0.12
_RULES_SINCE = 24
_OPEN = 4
"""Steps of somebody that are open at a time at the most."""


def write(people: People, now: datetime) -> None:
    """All of it. Safe to run twice: what is there of a team or an agent is not made again."""
    for place, led in enumerate(people.teams):
        # What teachers did is to be told: talks of others, which change nothing, would hide it.
        if people.has_teachers and place > 0 and led.team.site_id == people.site.pk:
            continue
        every = EVERY[place % len(EVERY)]
        _rhythm(led, every, people, now)
        for agent in led.agents:
            _talks(agent, led, every, people, now)
        _others(led, people, now)
    _ends(people, now)
    _plans(people, now)
    _rules(people, now)


@transaction.atomic
def _rhythm(led: Led, days: int, people: People, now: datetime) -> None:
    if not Cadence.objects.filter(team=led.team).exists():
        then = at(led.team.site, now, _back(led, people))
        rhythm.begin(led.team, day_of(then, led.team.site.calendar), days, people.manager, then)


@transaction.atomic
def _talks(agent: Agent, led: Led, every: int, people: People, now: datetime) -> None:
    """The talks of an agent with who leads them, the oldest first, and the next one."""
    there = Session.objects.filter(participants__agent=agent, coach=led.lead)
    if agent.user_id == led.lead.pk or there.exists():
        return
    # Of who can sign in it is all prepared; of others it is enough that it was held.
    is_whole = led is people.teams[0]
    for number, ago in enumerate(_days(agent, every, _back(led, people), people)):
        hour = 10 + int(5 * people.chance("hour", agent.employee_id, ago))
        then = at(agent.site, now, ago, hour)
        if then < now - timedelta(hours=3) and _was_there(agent, then):
            _held(agent, led.lead, then, number, people, now, prepares=is_whole and ago < _PREPARED)
    _next(agent, led.lead, people, now, prepares=is_whole)


def _back(led: Led, people: People) -> int:
    is_first = led.team.site_id == people.site.pk
    return min(_BACK if is_first else _ELSEWHERE, people.days)


def _days(agent: Agent, every: int, back: int, people: People) -> Iterator[int]:
    """How many days ago each talk was; now and then one did not come about."""
    ago = back - int(every * people.chance("begins", agent.employee_id))
    while ago > 0:
        if people.chance("missed", agent.employee_id, ago) > _MISSED:
            yield ago
        ago -= every + int(7 * people.chance("later", agent.employee_id, ago)) - 3


def _was_there(agent: Agent, then: datetime) -> bool:
    hired: date | None = agent.hired_on
    return hired is None or hired <= day_of(then, agent.site.calendar) - 7 * DAY


def _held(
    agent: Agent,
    lead: User,
    then: datetime,
    number: int,
    people: People,
    now: datetime,
    *,
    prepares: bool,
) -> None:
    said, key, user = words("talks"), (agent.employee_id, number), agent.user
    assert user is not None
    is_beside = number % 3 == 2
    about = people.one_of(said["side" if is_beside else "about"], "about", *key)
    kind = Kind.SIDE_BY_SIDE if is_beside else Kind.ONE_TO_ONE
    place = people.one_of(said["place"], "place", *key)
    minutes = 45 if is_beside else 30
    then = near(then, agent.site, (agent,), lead, minutes, now)
    asked = Asked(agent.site, kind, lead, (agent,), then, minutes, about, place)
    session = holding.plan(asked, lead, then - 5 * DAY)
    _points(session, agent, lead, then - 2 * DAY, people, key)
    if prepares:
        _prepare(session, lead, then - DAY)
    session = holding.share(session, lead, then - timedelta(hours=22))
    if people.chance("says", *key) < 0.6:
        mood, energy = (2 + int(4 * people.chance(what, *key)) for what in ("mood", "energy"))
        own = people.one_of(said["said"], "said", *key)
        holding.say(session, agent, min(mood, 5), min(energy, 5), own)
    ended = then + timedelta(minutes=asked.minutes)
    notes = people.one_of(said["notes"], "notes", *key)
    session = holding.hold(session, notes, session.revision, lead, ended)
    if prepares and people.chance("private", *key) < 0.3:
        private = people.one_of(said["private"], "words", *key)
        holding.write_privately(session, private, lead, ended)
    _steps(session, agent, lead, ended, people, key)
    holding.sign(session, lead, ended + timedelta(minutes=10))
    signed = ended + DAY * (0.1 + people.chance("signs", *key))
    if signed < now and people.chance("unsigned", *key) > 0.08:
        holding.sign(session, user, signed)


def _points(
    session: Session, agent: Agent, lead: User, then: datetime, people: People, key: tuple[str, int]
) -> None:
    """What the coach writes on the agenda, and often a question of the agent's own."""
    said = words("talks")
    for title, more in [said["coach"][0], people.one_of(said["coach"][1:], "coach", *key)]:
        holding.add(session, title, more, lead, then)
    if people.chance("asks", *key) < 0.55 or agent.pk == people.own.pk:
        title, more = people.one_of(said["own"], "own", *key)
        assert agent.user is not None
        holding.add(session, title, more, agent.user, then + timedelta(hours=3), agent=agent)


def _prepare(session: Session, lead: User, then: datetime) -> None:
    """Fill the agenda by what is known by then; what cannot be told is left."""
    try:
        with transaction.atomic():
            preparing.prepare(session, lead, then)
    except (ValidationError, Unanswerable):
        return


def _steps(
    session: Session, agent: Agent, lead: User, then: datetime, people: People, key: tuple[str, int]
) -> None:
    """One step or two are agreed on, where not too many are open."""
    day = day_of(then, agent.site.calendar)
    for number in range(1 + (people.chance("two steps", *key) < 0.35)):
        if Action.objects.filter(agent=agent).standing().count() >= _OPEN:
            return
        if number:
            text, days = people.one_of(words("talks")["plain_steps"], "plain", *key)
            step = Step(agent, text, day + days * DAY)
        else:
            one = people.one_of(words("talks")["steps"], "step", *key)
            criterion = None
            if "criterion" in one:
                criterion = CardCriterion.objects.filter(
                    key=one["criterion"], card__site=None
                ).first()
            due = day + one["days"] * DAY
            step = Step(agent, one["words"], due, one.get("kpi", ""), criterion)
        if not Action.objects.filter(agent=agent, words=step.words).standing().exists():
            following.agree(step, session, lead, then)


def _next(agent: Agent, lead: User, people: People, now: datetime, *, prepares: bool) -> None:
    """The talk that is planned next; with some nobody has planned one yet. One in the team of who
    can sign in was to be held the day before yesterday, and nobody has said that it was."""
    said, key = words("talks"), (agent.employee_id, -1)
    is_own, draw = agent.pk == people.own.pk, people.chance("next", agent.employee_id)
    is_forgotten = prepares and agent == people.teams[0].agents[-1]
    if draw > 0.55 and not is_own and not is_forgotten:
        return
    if is_forgotten:
        then = at(agent.site, now, 2, 14)
    else:
        then = coming(agent.site, now, 2 if is_own else 1 + int(_AHEAD * draw / 0.55))
    then += timedelta(hours=int(4 * people.chance("next hour", agent.employee_id)))
    then = near(then, agent.site, (agent,), lead, 30, now)
    about = people.one_of(said["about"], "about", *key)
    place = people.one_of(said["place"], "place", *key)
    asked = Asked(agent.site, Kind.ONE_TO_ONE, lead, (agent,), then, 30, about, place)
    planned = at(agent.site, now, 4, 15)
    session = holding.plan(asked, lead, planned)
    _points(session, agent, lead, min(now, planned + DAY), people, key)
    if prepares:
        _prepare(session, lead, now)
        holding.share(session, lead, now)


def _others(led: Led, people: People, now: datetime) -> None:
    """What is no talk of two in a room, in the team of who can sign in: one with several, words at
    the desk, a colleague who leads one, and one that was called off."""
    said, site, lead = words("talks"), led.team.site, led.lead
    if led is not people.teams[0] or len(led.agents) < 4:
        return
    others = [one for one in led.agents if one.pk != people.own.pk]
    with transaction.atomic():
        if Session.objects.filter(coach=lead, kind=Kind.GROUP).exists():
            return
        for number, ago in enumerate((45, 17)):
            several = tuple(led.agents[:6])
            then = near(at(site, now, ago, 12), site, several, lead, 45, now)
            asked = Asked(
                site, Kind.GROUP, lead, several, then, 45, said["group"][number], "Room 1"
            )
            session = holding.plan(asked, lead, then - 6 * DAY)
            session = holding.share(session, lead, then - DAY)
            session = holding.hold(session, said["group"][number + 3], session.revision, lead, then)
            _signed(session, several, then, now)
        then = near(coming(site, now, 5), site, led.agents, lead, 45, now)
        asked = Asked(
            site, Kind.GROUP, lead, tuple(led.agents), then, 45, said["group"][2], "Room 1"
        )
        holding.plan(asked, lead, now - DAY)
        for number, ago in enumerate((30, 11, 3)):
            agent = (others[0], people.own, others[1])[number]
            then = near(at(site, now, ago, 16, 20), site, (agent,), lead, 5, now)
            kind = Kind.VERBAL if number else Kind.QUICK_NOTE
            session = holding.put_down(Said(kind, agent, said["verbal"][number]), lead, then)
            _signed(session, (agent,), then, now)
        _peer(led, people, now)
        then = near(at(site, now, 8, 11), site, (others[2],), lead, 30, now)
        about = said["about"][3]
        asked = Asked(site, Kind.ONE_TO_ONE, lead, (others[2],), then, 30, about, "Room 2")
        session = holding.plan(asked, lead, then - 4 * DAY)
        holding.call_off(session, said["cancelled"][0], lead, then - timedelta(hours=2))


def _signed(session: Session, agents: Sequence[Agent], then: datetime, now: datetime) -> None:
    """Whoever was there signs within the day."""
    holding.sign(session, session.coach, then + timedelta(hours=1))
    for agent in agents:
        assert agent.user is not None
        holding.sign(session, agent.user, min(now, then + timedelta(hours=3)))


def _peer(led: Led, people: People, now: datetime) -> None:
    """A colleague from the same team sits with the agent who can sign in."""
    said = words("talks")
    peer = next((one for one in led.agents if one.pk != people.own.pk), None)
    if peer is None or peer.user is None:
        return
    then = at(led.team.site, now, 14, 9, 30)
    then = near(then, led.team.site, (people.own, peer), peer.user, 45, now)
    about, place = said["side"][1], "At your desk"
    asked = Asked(led.team.site, Kind.PEER, peer.user, (people.own,), then, 45, about, place)
    session = holding.plan(asked, led.lead, then - 3 * DAY)
    session = holding.share(session, led.lead, then - 2 * DAY)
    holding.hold(session, said["notes"][5], session.revision, peer.user, then)


# What became of steps.


def _ends(people: People, now: datetime) -> None:
    """Steps whose day has come: those whose measure is better since are reached; of others some are
    done, a few dropped, and the latest still wait for somebody to say so."""
    for led in people.teams:
        for agent in led.agents:
            _ended(agent, led.lead, people, now)


@transaction.atomic
def _ended(agent: Agent, lead: User, people: People, now: datetime) -> None:
    said, today = words("talks"), day_of(now, agent.site.calendar)
    due = list(
        Action.objects.filter(agent=agent, made_by=lead, due_on__lt=today)
        .standing()
        .select_related("criterion")
        .order_by("pk")
    )
    told = progress.of_actions(due, agent, lead, now) if due else {}
    for one in due:
        key = (agent.employee_id, one.due_on.isoformat(), one.words)
        draw, state = people.chance("ends", *key), Action.State.DONE
        if one.pk in told and told[one.pk].word == "better":
            how = said["better"]
        elif draw < 0.2:
            how, state = said["dropped"], Action.State.DROPPED
        elif draw < 0.75 or one.due_on < today - 21 * DAY:
            how = said["done"]
        else:
            continue
        when = at(agent.site, now, max(1, (today - one.due_on).days - 1), 15)
        following.end(one, state, people.one_of(how, "how", *key), one.revision, lead, when)


# Plans and rules.


@transaction.atomic
def _plans(people: People, now: datetime) -> None:
    led, said = people.teams[0], words("talks")
    if Plan.objects.filter(agent__in=led.agents).exists():
        return
    others = [one for one in led.agents if one.pk != people.own.pk]
    for agent, one in zip([people.own, *others], said["plans"], strict=False):
        then = at(agent.site, now, one["ago"], 11)
        day = day_of(then, agent.site.calendar)
        aim = Aim(
            one["kind"], one["toward"], one["goal"], one["words"], day, day + one["days"] * DAY
        )
        plan = plans.make(agent, aim, led.lead, then)
        for text, days in one["steps"]:
            plans.step(plan, Step(agent, text, day + days * DAY), led.lead, then)
    if len(others) > len(said["plans"]):
        met, agent = said["plan_met"], others[len(said["plans"])]
        then = at(agent.site, now, 80, 11)
        day = day_of(then, agent.site.calendar)
        aim = Aim(met["kind"], "", met["goal"], met["words"], day, day + 60 * DAY)
        plan = plans.make(agent, aim, led.lead, then)
        when = at(agent.site, now, 18, 15)
        plans.end(plan, Plan.State.MET, met["how"], plan.revision, led.lead, when)


def _rules(people: People, now: datetime) -> None:
    """Rules of the first site propose talks; who leads the first team has decided on some."""
    site = people.site
    with transaction.atomic():
        then = at(site, now, _RULES_SINCE, 15)
        for rule in triggers.start(site, people.manager, then):
            rule.is_on = True
            triggers.keep(rule, people.manager, then)
    if not TriggerRun.objects.filter(site=site).exists():
        triggers.look(site, now)
    _decided(people, now)


@transaction.atomic
def _decided(people: People, now: datetime) -> None:
    said = words("talks")["proposals"]
    led = people.teams[0]
    if Proposal.objects.filter(decided_by=led.lead).exists():
        return
    rows = list(
        Proposal.objects.filter(agent__in=led.agents).standing().order_by("-surprise", "pk")
    )
    if len(rows) < 3:
        return
    planned, declined, put_off = rows[-1], rows[-2], rows[-3]
    when = near(coming(people.site, now, 3), people.site, (planned.agent,), led.lead, 30, now)
    asked = Asked(
        people.site, Kind.ONE_TO_ONE, led.lead, (planned.agent,), when, 30, said["about"], "Room 2"
    )
    session = holding.plan(asked, led.lead, now)
    triggers.planned(planned, session, led.lead, now)
    triggers.decline(declined, said["why"], led.lead, now)
    if len(rows) > 3:
        until = day_of(now, people.site.calendar) + 10 * DAY
        triggers.put_off(put_off, until, led.lead, now)
