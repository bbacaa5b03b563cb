"""Writes sessions: planned, prepared, shared, held, signed, or put down at once. Each change is in
the audit log; what was written in one (notes, agenda, words of agents) is not: who reads the log
need not read that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, Call, Site, User
from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import logged, reads
from coaching.models import AgendaItem, Participant, PrivateNote, Session

State, Source = Session.State, AgendaItem.Source
UNSAID = ("id", "shared_notes", "made_by", "made_at", "revision")
"""What the audit log keeps nothing of."""
TWICE = timedelta(minutes=2)
"""The same from the same person within so long is one post that came twice."""
MOST_ITEMS = 60
_follow_off: list[Callable[[Session, User, datetime], None]] = []
AT_ONCE_MINUTES = 1
"""A session has minutes; how many a word at the desk took nobody writes down."""


class Stale(ValidationError):
    """Somebody else has changed the session meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A session to be planned."""

    site: Site
    kind: str
    coach: User
    agents: tuple[Agent, ...]
    starts_at: datetime
    minutes: int = 30
    about: str = ""
    place: str = ""


@transaction.atomic
def plan(asked: Asked, who: User, now: datetime) -> Session:
    """Plan a session; one with who coaches an agent opens with what the agent has for next time. A
    post that comes twice makes one.

    Raises ValidationError for no agents, for several where the kind is of one, for an agent of
    another site, and for a coach who would coach themselves.
    """
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    _check(asked)
    ids = {one.pk for one in asked.agents}
    same = Session.objects.filter(
        made_by=who, made_at__gt=now - TWICE, site=asked.site, kind=asked.kind, coach=asked.coach,
        starts_at=asked.starts_at, about=asked.about,
    ).prefetch_related("participants")  # fmt: skip
    for one in same:
        if {each.agent_id for each in one.participants.all()} == ids:
            return one
    made: Session = Session.objects.create(
        site=asked.site, kind=asked.kind, coach=asked.coach, about=asked.about,
        starts_at=asked.starts_at, minutes=asked.minutes, place=asked.place, made_by=who,
        made_at=now,
    )  # fmt: skip
    Participant.objects.bulk_create(Participant(session=made, agent=one) for one in asked.agents)
    if asked.kind in Session.WITH_COACH:
        _open_with_what_waits(made, asked.agents[0], who, now)
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


@dataclass(frozen=True, slots=True)
class Said:
    """A quick note about an agent, or a word with them at the desk, of just now. Its words are the
    agent's to read, or, private, those of whoever writes them alone; a step is no secret."""

    kind: str
    agent: Agent
    words: str
    is_private: bool = False
    step: Step | None = None


@transaction.atomic
def put_down(said: Said, who: User, now: datetime) -> Session:
    """Keep a quick note or a word at the desk: a session that is held now, and a step that was
    agreed on in it. A post that comes twice makes one.

    Raises ValidationError for no words, another kind, whoever coaches themselves, and as
    `following.services.agree`.
    """
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    if said.kind not in Session.AT_ONCE:
        raise ValidationError({"kind": _("A session of this kind is planned.")})
    if not said.words:
        raise ValidationError({"words": _("Write what was said.")})
    asked = Asked(said.agent.site, said.kind, who, (said.agent,), now, minutes=AT_ONCE_MINUTES)
    _check(asked)
    made = _put_down_already(said, who, now) or _put_down(asked, said, who, now)
    if said.step is not None:
        following.agree(said.step, made, who, now)
    return made


def _put_down_already(said: Said, who: User, now: datetime) -> Session | None:
    rows = Session.objects.held().filter(
        made_by=who, made_at__gt=now - TWICE, coach=who, kind=said.kind,
        participants__agent=said.agent, shared_notes="" if said.is_private else said.words,
    )  # fmt: skip
    if said.is_private:
        own = PrivateNote.objects.visible_to(who).filter(words=said.words)
        rows = rows.filter(pk__in=own.values("session"))
    found: Session | None = rows.order_by("pk").first()
    return found


def _put_down(asked: Asked, said: Said, who: User, now: datetime) -> Session:
    made: Session = Session.objects.create(
        site=asked.site, kind=asked.kind, state=State.HELD, coach=who, starts_at=now, held_at=now,
        minutes=asked.minutes, shared_notes="" if said.is_private else said.words, made_by=who,
        made_at=now,
    )  # fmt: skip
    Participant.objects.create(session=made, agent=said.agent)
    audit.record(who, made, before=None, after=values(made), now=now)
    if said.is_private:
        write_privately(made, said.words, who, now)
    return made


def _check(asked: Asked) -> None:
    if not asked.agents:
        raise ValidationError({"agents": _("Choose whom it is with.")})
    if asked.kind in Session.OF_ONE and len(asked.agents) > 1:
        raise ValidationError({"agents": _("This kind is with one agent.")})
    for one in asked.agents:
        if one.site_id != asked.site.pk:
            raise ValidationError({"agents": _("%(who)s is of another site.") % {"who": one.name}})
        if one.user_id == asked.coach.pk:
            raise ValidationError({"coach": _("Nobody coaches themselves.")})
    if asked.kind == Session.Kind.PEER and not _is_colleague(asked):
        raise ValidationError({"coach": _("A colleague of the site who signs in leads it.")})


def _is_colleague(asked: Asked) -> bool:
    """Whether who is to lead it is an agent of the site who signs in and has not left."""
    return reads.colleagues(asked.site).filter(user=asked.coach).exists()


@transaction.atomic
def change(
    session: Session, said: dict[str, Any], revision: int, who: User, now: datetime
) -> Session:
    """Have a planned session be at another time, elsewhere, or about something else. Said twice it
    is said once.

    `said` has `starts_at`, `minutes`, `place` and `about`. Raises Stale where it is not of that
    revision any more, ValidationError where it is not planned.
    """
    there = locked(session)
    names = ("starts_at", "minutes", "place", "about")
    if all(getattr(there, name) == said[name] for name in names):
        return there
    _check_revision(there, revision)
    if there.state != State.PLANNED:
        raise ValidationError(_("It is not planned any more: look again."))
    before = values(there)
    for name in names:
        setattr(there, name, said[name])
    return _kept(there, before, who, now)


@transaction.atomic
def share(session: Session, who: User, now: datetime) -> Session:
    """Let its agents read the agenda before it is held. Said twice it is shared since the first."""
    there = locked(session)
    if there.state != State.PLANNED or there.shared_at is not None:
        return there
    before = values(there)
    there.shared_at = now
    return _kept(there, before, who, now)


def when_called_off(act: Callable[[Session, User, datetime], None]) -> None:
    """Have something follow where a session is called off, within its transaction."""
    if act not in _follow_off:
        _follow_off.append(act)


@transaction.atomic
def call_off(session: Session, why: str, who: User, now: datetime) -> Session:
    """Call a planned session off; what its agents wrote for it waits for their next, and what it
    was planned for is to decide again. Raises ValidationError without a why, and where it is
    held."""
    if not why:
        raise ValidationError({"why": _("Say why: its agents read it.")})
    there = locked(session)
    if there.state == State.CANCELLED:
        return there
    if there.state != State.PLANNED:
        raise ValidationError(_("It is held already."))
    before = values(there)
    there.state, there.why_cancelled = State.CANCELLED, why
    for own in AgendaItem.objects.filter(session=there, source=Source.OWN):
        stood = logged.values(own)
        own.session = None
        own.save(update_fields=["session"])
        logged.changed(own, stood, who, now)
    for act in _follow_off:
        act(there, who, now)
    return _kept(there, before, who, now)


@transaction.atomic
def hold(session: Session, notes: str, revision: int, who: User, now: datetime) -> Session:
    """Say that a session was held, or what its shared notes are from now on. Said twice it is said
    once.

    Once somebody has signed, notes stay as they are. Raises Stale where it is not of that revision
    any more, ValidationError where it was called off or signed.
    """
    there = locked(session)
    if there.state == State.HELD and there.shared_notes == notes:
        return there
    _check_revision(there, revision)
    if there.state == State.CANCELLED:
        raise ValidationError(_("It was called off."))
    if is_signed(there):
        raise ValidationError(_("It is signed: what was said stays. Agree on more in the next."))
    before = values(there)
    there.shared_notes = notes
    if there.state == State.PLANNED:
        there.state, there.held_at = State.HELD, now
    return _kept(there, before, who, now)


@transaction.atomic
def sign(session: Session, who: User, now: datetime) -> Session:
    """Sign a held session, as its coach or as an agent in it; said twice it is signed once.

    Raises ValidationError where it is not held or says nothing to sign, and for anybody else.
    """
    there = locked(session)
    if there.state != State.HELD:
        raise ValidationError(_("It is signed once it was held."))
    if not Session.objects.to_sign().filter(pk=there.pk).exists():
        raise ValidationError(_("There is nothing in it to sign."))
    own = there.participants.select_for_update().filter(agent__user=who).first()
    if own is not None:
        if own.signed_at is None:
            own.signed_at = now
            own.save(update_fields=["signed_at"])
            _record_signature(there, own, who, now)
        return there
    if there.coach_id != who.pk:
        raise ValidationError(_("Its coach signs it, and the agents in it."))
    if there.signed_at is None:
        before = values(there)
        there.signed_at = now
        return _kept(there, before, who, now)
    return there


def _record_signature(session: Session, own: Participant, who: User, now: datetime) -> None:
    said = {"agent": own.agent_id, "signed_at": None}
    audit.record(who, session, before=said, after=said | {"signed_at": now.isoformat()}, now=now)


@transaction.atomic
def add(
    session: Session,
    title: str,
    words: str,
    who: User,
    now: datetime,
    *,
    agent: Agent | None = None,
    call: Call | None = None,
    otherwise: str = "",
) -> AgendaItem:
    """Put a point on the agenda: the coach's, or, of an agent in it (`agent`), their own; of a call
    of theirs with what they would do `otherwise`. A post that comes twice makes one.

    Raises ValidationError for no words, too many points, and a session that is over.
    """
    there = locked(session)
    if there.state != State.PLANNED:
        raise ValidationError(_("The session is over: put it on the next one's agenda."))
    source = Source.COACH if agent is None else Source.OWN
    point = AgendaItem(
        session=there, agent=agent, source=source, title=title, words=words, otherwise=otherwise,
        call=call, by=who, made_at=now,
    )  # fmt: skip
    return _put(point, AgendaItem.objects.filter(session=there), who)


@transaction.atomic
def note(
    agent: Agent,
    title: str,
    words: str,
    who: User,
    now: datetime,
    *,
    call: Call | None = None,
    otherwise: str = "",
) -> AgendaItem:
    """Keep what an agent has for next time, where no session is planned: the next with who coaches
    them opens with it. A post that comes twice makes one. Raises ValidationError as `add`."""
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    point = AgendaItem(
        agent=agent, source=Source.OWN, title=title, words=words, otherwise=otherwise, call=call,
        by=who, made_at=now,
    )  # fmt: skip
    return _put(point, reads.waiting(agent), who)


def take_back(agent: Agent, pk: int) -> None:
    """Drop what an agent has for next time, before a session is planned."""
    reads.waiting(agent).filter(pk=pk).delete()


def _put(point: AgendaItem, rows: QuerySet[AgendaItem], who: User) -> AgendaItem:
    """Add a point below others; the one that is there where the same was sent just now."""
    if not point.title:
        raise ValidationError({"title": _("Say what it is about.")})
    same = rows.filter(
        by=point.by, made_at__gt=point.made_at - TWICE, title=point.title, words=point.words,
        otherwise=point.otherwise, call=point.call_id,
    ).first()  # fmt: skip
    if same is not None:
        return same
    if rows.count() >= MOST_ITEMS:
        raise ValidationError(_("An agenda has at most %(n)s points.") % {"n": MOST_ITEMS})
    point.place = (rows.aggregate(last=Max("place"))["last"] or 0) + 1
    point.save()
    logged.put_on(point, who, point.made_at)
    return point


def _open_with_what_waits(session: Session, agent: Agent, who: User, now: datetime) -> None:
    """Have a new session open with what its agent has for next time."""
    rows = list(reads.waiting(agent).select_for_update())
    stood = [logged.values(one) for one in rows]
    for place, one in enumerate(rows, start=1):
        one.session, one.place = session, place
    AgendaItem.objects.bulk_update(rows, ["session", "place"])
    for one, before in zip(rows, stood, strict=True):
        logged.changed(one, before, who, now)


@transaction.atomic
def keep(
    session: Session, items: Iterable[int], shown: Iterable[int], who: User, now: datetime
) -> None:
    """Of the points that were `shown`, keep these on a planned session's agenda and strike off the
    others that are not an agent's own; what came meanwhile stays as it is. Raises ValidationError
    where it is over."""
    there = locked(session)
    if there.state != State.PLANNED:
        raise ValidationError(_("The session is over: its agenda stays."))
    rows = AgendaItem.objects.filter(session=there, pk__in=set(shown)).exclude(source=Source.OWN)
    kept, moved = set(items), []
    for one in rows.select_for_update():
        if one.is_kept != (one.pk in kept):
            moved.append((one, logged.values(one)))
            one.is_kept = not one.is_kept
    AgendaItem.objects.bulk_update([one for one, _before in moved], ["is_kept"])
    for one, before in moved:
        logged.changed(one, before, who, now)


@transaction.atomic
def say(
    session: Session, agent: Agent, mood: int | None, energy: int | None, words: str
) -> Participant:
    """What an agent says of themselves in a session that is not signed by them yet.

    Raises ValidationError where it is signed or called off.
    """
    there = locked(session)
    own: Participant = there.participants.select_for_update().get(agent=agent)
    if own.signed_at is not None or there.state == State.CANCELLED:
        raise ValidationError(_("It is over: what was said stays."))
    own.mood, own.energy, own.words = mood, energy, words
    own.save(update_fields=["mood", "energy", "words"])
    return own


@transaction.atomic
def write_privately(session: Session, words: str, who: User, now: datetime) -> PrivateNote | None:
    """Keep what somebody writes for themselves of a session; None: nothing, and what was is gone.
    It is in no log: nobody else is to know that there is one."""
    if not words:
        PrivateNote.objects.visible_to(who).filter(session=session).delete()
        return None
    note: PrivateNote
    note, _made = PrivateNote.objects.update_or_create(
        session=session, author=who, defaults={"words": words, "saved_at": now}
    )
    return note


def is_signed(session: Session) -> bool:
    """Whether somebody has signed it: what was said stays as it is."""
    return session.signed_at is not None or session.participants.exclude(signed_at=None).exists()


def values(session: Session) -> dict[str, Any]:
    """What the log of changes keeps of a session."""
    return audit.values_of(session, UNSAID)


def locked(session: Session) -> Session:
    """The session, for nobody else to change meanwhile."""
    rows = Session.objects.select_for_update(of=("self",)).select_related("site", "coach")
    there: Session = rows.get(pk=session.pk)
    return there


def _check_revision(there: Session, revision: int) -> None:
    if there.revision != revision:
        raise Stale


def _kept(there: Session, before: dict[str, Any], who: User, now: datetime) -> Session:
    there.revision += 1
    there.save()
    if before != values(there):
        audit.record(who, there, before=before, after=values(there), now=now)
    return there
