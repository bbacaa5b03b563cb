"""Reads sessions: those of a coach and their agents, and one as its reader sees it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    When,
    prefetch_related_objects,
)
from django.utils.translation import gettext as _

from ccm import stays
from ccm.access import AGENT, scope_of
from ccm.intervals import DAY, Span, day_of, site_days
from ccm.models import Agent, Site, Team, TeamMembership, User
from ccm.querysets import Viewer
from coaching.models import Action, AgendaItem, Participant, PrivateNote, Session
from qa.cards import reads as cards
from qa.models import CardCriterion, Scorecard

SHOWN = ("site", "coach")
WHOLE = (*SHOWN, "made_by", "preparation")
"""What one session is read with."""


def visible(user: Viewer) -> QuerySet[Session]:
    rows: QuerySet[Session] = Session.objects.visible_to(user)
    return rows


def sites(user: Viewer) -> QuerySet[Site]:
    """The sites of the sessions that the user sees, those of teams led before among them."""
    rows: QuerySet[Site] = Site.objects.filter(pk__in=visible(user).order_by().values("site"))
    return rows


def changed(user: Viewer) -> QuerySet[Session]:
    """Those that the user plans and holds."""
    rows: QuerySet[Session] = Session.objects.changed_by(user)
    return rows


def listed(
    user: Viewer, now: datetime, *, state: str = "", agent: int | None = None, site: str = ""
) -> QuerySet[Session]:
    """Sessions of others that the user sees, and their own as a coach, each with who is in it. What
    comes next first where only that is asked for, with what of it was called off; else the
    newest."""
    rows = visible(user)
    if site:
        rows = rows.filter(site__slug=site)
    if agent is not None:
        rows = rows.filter(pk__in=Participant.objects.filter(agent=agent).values("session"))
    if state == "coming":
        late = Session.objects.overdue(now).order_by().values("pk")
        off = Session.objects.called_off_ahead(now).order_by().values("pk")
        rows = rows.filter(Q(state=Session.State.PLANNED) | Q(pk__in=off)).exclude(pk__in=late)
    elif state == "overdue":
        rows = Session.objects.overdue(now).filter(pk__in=rows.order_by().values("pk"))
    elif state:
        rows = rows.filter(state=state)
    rows = rows.annotate(is_to_sign=Exists(Session.objects.to_sign().filter(pk=OuterRef("pk"))))
    rows = rows.select_related(*SHOWN).prefetch_related(_people())
    return rows.order_by("starts_at" if state in ("coming", "overdue") else "-starts_at", "pk")


def of_team(rows: QuerySet[Session], team: Team, day: date) -> QuerySet[Session]:
    """Of some sessions, whenever they are, those with somebody who is in a team on a day."""
    members = TeamMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=day), team=team, starts_on__lte=day
    )
    there = Participant.objects.filter(agent__in=members.values("agent"))
    return rows.filter(pk__in=there.values("session"))


def of_team_days(rows: QuerySet[Session], team: Team, first: date, last: date) -> QuerySet[Session]:
    """Of some sessions those that begin from a day to another, by the clock of a team's site, with
    somebody who was in the team on that day: those that the team's month counts
    (`coaching.voice.month.coached_facts`)."""
    span = site_days(first, last, team.site.calendar)
    there = stays.in_team_at(
        Participant.objects.filter(
            session__starts_at__gte=span.start, session__starts_at__lt=span.end
        ),
        team,
        "session__starts_at",
    )
    return rows.filter(pk__in=there.order_by().values("session"))


def of_days(
    rows: QuerySet[Session], sites: Iterable[Site], first: date, last: date
) -> QuerySet[Session]:
    """Of some sessions of these sites those that begin from a day to another, each by the clock of
    its site."""
    spans: dict[Span, list[int]] = {}
    for one in sites:
        spans.setdefault(site_days(first, last, one.calendar), []).append(one.pk)
    within = Q(pk__in=[])
    for span, its in spans.items():
        within |= Q(site__in=its, starts_at__gte=span.start, starts_at__lt=span.end)
    return rows.filter(within)


def with_people(sessions: Sequence[Session]) -> None:
    """Read who is in some sessions, of all of them at once. One query."""
    prefetch_related_objects(sessions, _people())


def _people() -> "Prefetch[Any]":
    return Prefetch(
        "participants", Participant.objects.select_related("agent").order_by("agent__name")
    )


def is_overdue(session: Session, now: datetime) -> bool:
    """Whether its time is over and nobody says that it was held."""
    over = session.starts_at + timedelta(minutes=session.minutes)
    return session.state == Session.State.PLANNED and over <= now


def is_soon(session: Session, now: datetime) -> bool:
    """Whether it is to begin within a day."""
    return session.state == Session.State.PLANNED and now <= session.starts_at <= now + DAY


def unsigned(session: Any) -> list[str]:
    """Who has not signed a session that was held, as `listed` reads it. No query where its
    participants are read."""
    if not session.is_to_sign:
        return []
    signed = [(session.signed_at, str(session.coach))]
    signed += [(one.signed_at, one.agent.name) for one in session.participants.all()]
    return [who for at, who in signed if at is None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as its reader sees it. `own`: the reader's own part, as an agent in it; `note`:
    what they have written for themselves."""

    session: Session
    people: Sequence[Participant]
    own: Participant | None
    changes: bool
    agenda: Sequence[AgendaItem]
    actions: Sequence[Action]
    note: PrivateNote | None
    is_coach: bool
    is_peer: bool
    """Whether the reader leads it as a colleague, and sees of it what that takes alone."""
    reads_words: frozenset[int]
    """Of whom in it (ids of participants) the reader reads mood, energy and words."""

    @property
    def is_signed(self) -> bool:
        """Whether somebody has signed it: notes stay as they are."""
        return self.session.signed_at is not None or any(one.signed_at for one in self.people)

    @property
    def in_it(self) -> list[Action]:
        """Steps of it that were agreed on before anybody signed it."""
        return [one for one in self._own_steps() if not self.signed_before(one)]

    @property
    def added(self) -> list[tuple[Action, list[str]]]:
        """Steps of it that came later, each with who had signed by then."""
        return [(one, who) for one in self._own_steps() if (who := self.signed_before(one))]

    @property
    def elsewhere(self) -> list[Action]:
        """Open steps that were agreed on in other sessions, or in none."""
        return [one for one in self.actions if one.session_id != self.session.pk]

    def _own_steps(self) -> list[Action]:
        return [one for one in self.actions if one.session_id == self.session.pk]

    def signed_before(self, step: Action) -> list[str]:
        """Who had signed when a step was agreed on: their signature is not of it."""
        signed = [(self.session.signed_at, str(self.session.coach))]
        signed += [(one.signed_at, one.agent.name) for one in self.people]
        return [who for at, who in signed if at is not None and at < step.made_at]

    @property
    def may_sign(self) -> bool:
        if self.session.state != Session.State.HELD:
            return False
        is_note = self.session.kind in Session.AT_ONCE
        if is_note and not self.session.shared_notes and not self._own_steps():
            return False
        if self.own is not None:
            return self.own.signed_at is None
        return self.session.signed_at is None and self.is_coach


def seen(session: Session, user: User) -> Seen:
    """What a reader sees of a session that is visible to them. Four queries."""
    people = list(session.participants.select_related("agent").order_by("agent__name"))
    mine = scope_of(user).agent
    own = next((one for one in people if one.agent_id == mine), None)
    is_coach = session.coach_id == user.pk
    rows = AgendaItem.objects.filter(session=session).with_steps().select_related("by")
    changes = _changes(session, people, user)
    is_peer = is_coach and not changes
    agenda = rows
    if is_peer:
        agenda = rows.kept().shown_to_peer()
    elif own is not None and not is_coach:
        agenda = rows.kept().shown_to_agent(own.agent_id)
    ids = [] if is_peer else [one.agent_id for one in people]
    actions = Action.objects.visible_to(user).filter(agent__in=ids)
    standing = actions.filter(session=session) | actions.standing()
    return Seen(
        session,
        people,
        own,
        changes,
        list(agenda),
        list(
            standing.select_related("agent__site", "criterion").distinct().order_by("due_on", "pk")
        ),
        PrivateNote.objects.visible_to(user).filter(session=session).first(),
        is_coach,
        is_peer,
        frozenset(
            one.pk
            for one in people
            if one is own or (user.pk is not None and user.pk == reader_of(session))
        ),
    )


def reader_of(session: Session) -> int | None:
    """Who, but for themselves, reads what agents say of themselves in a session: who coaches it;
    where a colleague leads it, who planned it. None: nobody does any more."""
    return session.made_by_id if session.kind == Session.Kind.PEER else session.coach_id


def _changes(session: Session, people: Sequence[Participant], user: User) -> bool:
    """Whether it is among those `changed_by` the user, of one that they see. A query where a
    colleague leads it."""
    if session.kind == Session.Kind.PEER and session.coach_id == user.pk:
        return changed(user).filter(pk=session.pk).exists()
    mine = scope_of(user).agent
    if mine is None or session.coach_id == user.pk:
        return True
    return all(one.agent_id != mine for one in people)


def is_late(action: Action, now: datetime) -> bool:
    """Whether its day is over at its agent's site and it is open still."""
    today = day_of(now, action.agent.site.calendar)
    return action.state == Action.State.OPEN and action.due_on < today


def held(user: Viewer) -> QuerySet[Session]:
    """Those that the user may say were held."""
    rows: QuerySet[Session] = Session.objects.held_by(user)
    return rows


def colleagues(site: Site) -> QuerySet[Agent]:
    """Agents of a site who may lead a session of another (peer): who sign in as one and have not
    left."""
    rows: QuerySet[Agent] = Agent.objects.filter(
        site=site, left_on=None, user__is_active=True, user__groups__name=AGENT
    )
    return rows.order_by("name")


def by_team(rows: Any, own: Any, today: date) -> list[tuple[str, list[tuple[int, str]]]]:
    """Agents of a site to choose from, by their team of today: teams of somebody's `own` people
    first, who is in none last. Two queries."""
    mine = set(own.order_by().with_team_on(today).values_list("team_id", flat=True))
    found: dict[tuple[bool, bool, str, int], list[tuple[int, str]]] = {}
    for pk, name, team, called in rows.with_team_on(today).values_list(
        "pk", "name", "team_id", "team_name"
    ):
        key = (team is None, team not in mine, called or "", team or 0)
        found.setdefault(key, []).append((pk, name))
    return [(key[2] or _("in no team"), found[key]) for key in sorted(found)]


def led(user: User) -> Sequence[Session]:
    """Sessions that somebody leads as a colleague: to be held, or not signed by them yet. With who
    is in them. Two queries."""
    rows = Session.objects.led_by_peer(user).exclude(state=Session.State.CANCELLED)
    rows = rows.filter(signed_at=None).select_related(*SHOWN).prefetch_related(_people())
    return list(rows.order_by("starts_at", "pk"))


def criteria(user: Viewer, site: int) -> QuerySet[CardCriterion]:
    """Criteria that a step may be measured by."""
    rows = cards.scored(Scorecard.objects.visible_to(user).of_site(site))
    return rows.select_related("card").order_by("card__name", "card", "pk")


@dataclass(frozen=True, slots=True)
class Mine:
    """An agent's own coaching: what comes next, with what is called off of days that are not over,
    what they have for a session that is not planned yet, open steps, and sessions that were."""

    coming: Sequence[Session]
    waiting: Sequence[AgendaItem]
    actions: Sequence[Action]
    past: Sequence[Session]
    unsigned: int

    @property
    def is_planned(self) -> bool:
        """Whether a session is to come."""
        return any(one.state == Session.State.PLANNED for one in self.coming)


MOST_PAST = 20


def open_steps(agent: Agent) -> list[Action]:
    """Those that an agent has agreed to and that nobody ended. One query."""
    rows = Action.objects.filter(agent=agent).standing()
    return list(rows.select_related("criterion", "agent__site", "plan_step__plan"))


def waiting(agent: Agent) -> QuerySet[AgendaItem]:
    """What an agent has for the next session with who coaches them, in the order it came."""
    rows: QuerySet[AgendaItem] = AgendaItem.objects.filter(session=None, agent=agent)
    return rows.order_by("made_at", "pk")


def next_with_coach(agent: Agent, now: datetime) -> Session | None:
    """The next planned one that no colleague leads and nobody else is in."""
    rows = Session.objects.of_agent(agent.pk).planned().not_over(now)
    rows = rows.filter(kind__in=Session.WITH_COACH).order_by("starts_at", "pk")
    found: Session | None = rows.first()
    return found


def mine(agent: Agent, now: datetime) -> Mine:
    """Three queries."""
    own = Participant.objects.filter(session=OuterRef("pk"), agent=agent, signed_at=None)
    own = own.filter(session__in=Session.objects.to_sign().order_by().values("pk"))
    rows = Session.objects.of_agent(agent.pk)
    off = Q(pk__in=Session.objects.called_off_ahead(now).order_by().values("pk"))
    past = rows.exclude(Q(state=Session.State.PLANNED) | off).order_by("-starts_at", "-pk")
    waits = Q(is_unsigned=True)
    wanted = Q(state=Session.State.PLANNED) | off | waits | Q(pk__in=past.values("pk")[:MOST_PAST])
    there = list(
        rows.annotate(
            is_unsigned=Exists(own),
            is_ahead=Case(When(Q(state=Session.State.PLANNED) | off, True), default=False),
        )
        .filter(wanted)
        .select_related(*SHOWN)
        .order_by("-starts_at", "-pk")
    )
    coming = [one for one in reversed(there) if one.is_ahead]
    over = [one for one in there if not one.is_ahead]
    unsigned = sum(one.is_unsigned for one in over)
    return Mine(coming, list(waiting(agent)), open_steps(agent), over[:MOST_PAST], unsigned)
