"""A week of sessions, day by day, by the clocks of their sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import DAY
from ccm.models import Team, TeamMembership, User
from coaching.agreed.events import ends_at
from coaching.holding import reads
from coaching.models import Participant, Session
from scheduling.mine.words import clock

MOST = 300
"""Sessions of a week that are shown."""
_NAMED = 2
"""So many of a larger group are named."""
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in its day: its `clock`, `who` is in it, and what is to be said of it (`level`,
    `word`; empty: nothing)."""

    session: Session
    clock: str
    who: str
    level: str
    word: str


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Week:
    """`days` from Monday on. `is_whole`: there are no more than are shown."""

    days: Sequence[Day]
    is_whole: bool

    @property
    def many(self) -> int:
        return sum(len(one.entries) for one in self.days)


def of(
    user: User, first: date, now: datetime, *, team: Team | None = None, own: bool = False
) -> Week:
    """The sessions that a reader sees of the week from `first` on, but for what was called off: of
    those who are in a `team` then, or that the reader leads (`own`), else all. Two queries."""
    end = first + 7 * DAY
    # The days of the sites reach a day beyond those of UTC at the most.
    bounds = (datetime.combine(one, time(), _UTC) for one in (first - DAY, end + DAY))
    rows = reads.listed(user, now).exclude(state=Session.State.CANCELLED)
    rows = rows.filter(starts_at__range=[*bounds]).order_by("starts_at", "pk")
    if own:
        rows = rows.filter(coach=user)
    if team is not None:
        stays = TeamMembership.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=first), team=team, starts_on__lt=end
        )
        within = Participant.objects.filter(agent__in=stays.values("agent"))
        rows = rows.filter(pk__in=within.values("session"))
    days: dict[date, list[Entry]] = {first + n * DAY: [] for n in range(7)}
    found = list(rows[: MOST + 1])
    for one in found[:MOST]:
        there = days.get(one.starts_at.astimezone(one.site.tz).date())
        if there is not None:
            there.append(_entry(one, now))
    return Week([Day(*one) for one in days.items()], len(found) <= MOST)


def monday(word: str, today: date) -> date:
    """The first day of the week that an address names by a day of it; else of this one."""
    try:
        day = date.fromisoformat(word)
    except ValueError:
        day = today
    if not 2000 <= day.year <= 2100:
        day = today
    return day - timedelta(days=day.weekday())


def _entry(session: Session, now: datetime) -> Entry:
    level, word = "", ""
    if reads.is_overdue(session, now):
        level, word = "bad", _("late")
    elif session.state == Session.State.HELD:
        level, word = "ok", _("held")
    elif reads.is_soon(session, now):
        level, word = "warn", _("within a day")
    at = clock(session.starts_at, ends_at(session), session.site.tz)
    return Entry(session, at, _who([one.agent.name for one in session.participants.all()]), level,
                 word)  # fmt: skip


def _who(names: Sequence[str]) -> str:
    if len(names) <= _NAMED + 1:
        return ", ".join(names)
    left = len(names) - _NAMED
    said = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", left)
    return said % {"names": ", ".join(names[:_NAMED]), "n": left}
