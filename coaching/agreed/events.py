"""Sessions as they stand in calendars and beside shifts. What one is about stays on its page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.models import Agent, User
from coaching.models import Session
from scheduling.mine import calendar
from scheduling.mine.engaged import Engagement

LONGEST = timedelta(minutes=480)
MOST = calendar.MOST_EVENTS


def of_agent(agent: Agent, since: datetime, until: datetime | None) -> list[Engagement]:
    """Sessions that an agent is in or leads, as `scheduling.mine.engaged.Reader`; not what was said
    in passing, for which no time was agreed on. Nobody in one is named. One query."""
    rows = Session.objects.of_agent(agent.pk)
    if agent.user_id is not None:
        rows = rows | Session.objects.filter(coach=agent.user_id)
    rows = rows.filter(starts_at__gt=since - LONGEST).exclude(kind__in=Session.AT_ONCE)
    if until is not None:
        rows = rows.filter(starts_at__lt=until)
    found = [_engagement(one, _words(one)) for one in rows.order_by("starts_at", "pk")[:MOST]]
    return [one for one in found if one.ends_at > since]


def of_coach(user: User, now: datetime, centre: str = "") -> bytes:
    """The sessions that somebody leads, from four weeks ago on, as a calendar; they are named for
    who is in them. `centre` as `calendar.event_of`. Two queries."""
    rows = Session.objects.filter(coach=user, starts_at__gt=now - calendar.BEFORE)
    rows = rows.prefetch_related("participants__agent").order_by("starts_at", "pk")[:MOST]
    events = [calendar.event_of(_engagement(one, _with(one)), centre) for one in rows]
    return calendar.written("my sessions", _("My sessions"), events)


def _engagement(session: Session, words: str) -> Engagement:
    return Engagement(
        f"session-{session.pk}", session.revision, session.made_at, session.starts_at,
        ends_at(session), words, session.place, reverse("session", args=[session.pk]),
        session.state == Session.State.CANCELLED,
    )  # fmt: skip


def ends_at(session: Session) -> datetime:
    at: datetime = session.starts_at + timedelta(minutes=session.minutes)
    return at


def _words(session: Session) -> str:
    return _("Coaching: %(kind)s") % {"kind": session.get_kind_display()}


def _with(session: Session) -> str:
    people: Sequence[str] = sorted(one.agent.name for one in session.participants.all())
    return _("%(kind)s: %(who)s") % {
        "kind": session.get_kind_display(), "who": ", ".join(people),
    }  # fmt: skip
