"""Reminds people of sessions by mail: the day before, and the coach of one of which nobody says
that it was held. Each once, whatever is done twice: by its key in the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.intervals import DAY
from ccm.models import Delivery, User
from ccm.outgoing import outbox
from coaching.agreed.events import LONGEST, ends_at
from coaching.models import Session
from kpis.mailings.letters import address

AFTER = DAY
"""So long after its end its coach is asked."""
REMEMBERED = timedelta(days=14)
"""Of what was to be held longer ago nobody is asked any more: its page says that it is late."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is put out once by its key."""

    key: str
    to: User
    session: Session
    subject: str
    line: str


def put_due(now: datetime) -> int:
    """Put out what nobody was told of yet; how many mails. Three queries, and one for each mail."""
    letters = [*_before(now), *_after(now)]
    known = Delivery.objects.filter(key__in=[one.key for one in letters])
    told = set(known.values_list("key", flat=True))
    return sum(_put(one) for one in letters if one.key not in told)


def _put(one: Letter) -> bool:
    body = "\n".join([one.line, "", address("session", one.session.pk)]) + "\n"
    return outbox.mail(one.key, one.to.email, one.subject, body, site=one.session.site)


def _before(now: datetime) -> Iterator[Letter]:
    """To all who are in a session that begins within a day, and to who leads it."""
    rows = Session.objects.planned().filter(starts_at__gt=now, starts_at__lte=now + DAY)
    for session in _with_people(rows):
        when = _when(session)
        subject = _("Coaching session %(when)s") % {"when": when}
        line = _("%(kind)s, %(when)s, %(n)s minutes.") % {
            "kind": session.get_kind_display(), "when": when, "n": session.minutes,
        }  # fmt: skip
        if session.place:
            line = f"{line} {session.place}"
        people = [session.coach, *(one.agent.user for one in session.participants.all())]
        for user in people:
            if user is not None and user.is_active and user.email:
                key = f"session {session.pk} {session.starts_at:%Y%m%d%H%M} to {user.pk}"
                yield Letter(key, user, session, subject, line)


def _after(now: datetime) -> Iterator[Letter]:
    """To the coach of a session whose time is over and that nobody says was held."""
    rows = Session.objects.planned().filter(
        starts_at__gt=now - REMEMBERED - LONGEST, starts_at__lt=now - AFTER
    )
    for session in _with_people(rows):
        coach = session.coach
        over = ends_at(session) + AFTER
        if over > now or over < now - REMEMBERED or not (coach.is_active and coach.email):
            continue
        subject = _("Was it held? Coaching session %(when)s") % {"when": _when(session)}
        line = _("Its time is over and nobody said that it was held. Say so, or call it off.")
        key = f"session {session.pk} {session.starts_at:%Y%m%d%H%M} late"
        yield Letter(key, coach, session, subject, line)


def _with_people(rows: QuerySet[Session]) -> QuerySet[Session]:
    found = rows.select_related("site", "coach").prefetch_related("participants__agent__user")
    return found.order_by("pk")


def _when(session: Session) -> str:
    return date_format(session.starts_at.astimezone(session.site.tz), "D j M H:i")
