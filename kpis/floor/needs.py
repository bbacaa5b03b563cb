"""Who and what on a floor needs somebody now, the worst first, with the reason. Pure.

Many of one kind are one line: a list that is long is not read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.live.now import Floor, Present, State
from ccm.templatetags.figures import clock, count
from kpis.floor.limits import Limits, lacks_break, level, over
from kpis.live import in_line
from kpis.live import level as wait_level
from kpis.worklist.due import Due, late_words

MOST = 10
# So many of one kind are told one by one; of more only the first are named.
EACH, NAMED = 2, 3
# Rings that nobody took, one after the other, until somebody should ask why.
RINGS = 2

# The kinds, the most pressing first.
WAITING, NOBODY_FREE, PAUSED, WRAPPING, RINGING, ON_CALL, CALLBACKS, NO_BREAK = range(8)
_STATES = {PAUSED: State.PAUSED, WRAPPING: State.ACW, ON_CALL: State.ON_CALL}


class Beside(NamedTuple):
    """What is known of an agent beside what they are doing: the name, since when at work without a
    break, and how many rings in a row they let pass."""

    name: str
    worked_since: datetime | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """One line: what is the matter, why it is told, and what can be done.

    `agent` is whom it is about, where that is one; `state` the state that those of it are in;
    `queue` where callers wait. `seconds` is how long it is so, or over its time.
    """

    kind: int
    level: str
    words: str
    why: str
    todo: str
    seconds: float
    agent: int | None = None
    state: str = ""
    queue: int | None = None


def needs(
    floor: Floor,
    queues: Mapping[int, tuple[str, int]],
    people: Mapping[int, Beside],
    limits: Limits,
    due: Due,
    now: datetime,
) -> list[Need]:
    """What needs somebody at a site now, the worst first, MOST at the most.

    `queues` have their names and the threshold of their service level in seconds. Of agents those
    are told of that stand in `people`, whom the reader may see.
    """
    found = [*_of_queues(floor, queues, now), *_of_callbacks(due, now)]
    here = [one for one in floor.people.values() if one.agent in people]
    for kind, told in _of_people(here, people, limits, now).items():
        told.sort(key=lambda one: -one.seconds)
        found += told if len(told) <= EACH else [_together(kind, told, people)]
    found.sort(key=lambda one: (one.level != "bad", one.kind, -one.seconds))
    return found[:MOST]


def _of_queues(
    floor: Floor, queues: Mapping[int, tuple[str, int]], now: datetime
) -> Iterable[Need]:
    worst = "none"
    for queue, (name, threshold) in queues.items():
        there = in_line(floor, [queue], now)
        waits = wait_level(there.longest, threshold)
        worst = max(worst, waits, key=("none", "ok", "warn", "bad").index)
        if waits == "bad" and there.longest is not None:
            why = _("the longest %(time)s: over three times the %(limit)s of its service level")
            yield Need(
                WAITING, "bad",
                ngettext("%(queue)s: %(n)s caller waits", "%(queue)s: %(n)s callers wait",
                         there.calls) % {"queue": name, "n": count(there.calls)},
                why % {"time": clock(there.longest), "limit": clock(threshold)},
                _todo_of_waiting(floor), there.longest, queue=queue,
            )  # fmt: skip
    there = in_line(floor, queues.keys(), now)
    if there.longest is not None and not floor.available:
        words = _("Nobody is free") if floor.people else _("Nobody is known to be logged in")
        yield Need(
            NOBODY_FREE, "bad" if worst == "bad" else "warn", words,
            ngettext("and %(n)s caller waits", "and %(n)s callers wait", there.calls)
            % {"n": count(there.calls)},
            _todo_of_nobody(floor), there.longest,
        )  # fmt: skip


def _todo_of_nobody(floor: Floor) -> str:
    """Not every phone system tells who is there."""
    if not floor.people:
        return _("See that somebody is there, and whether the phone system tells of logins.")
    return _("%(paused)s paused, %(acw)s in wrap-up: ask who can take the next call.") % {
        "paused": count(floor.paused.total()), "acw": count(floor.acw),
    }  # fmt: skip


def _todo_of_waiting(floor: Floor) -> str:
    """Of callers who wait beside people who are free nobody need come back from a pause."""
    if not floor.available:
        return _("Who is in a pause or wrap-up could come back; who serves another queue, help.")
    return ngettext(
        "%(n)s agent of the site is free: see whether they serve this queue, and why it does not"
        " ring there.",
        "%(n)s agents of the site are free: see whether they serve this queue, and why it does not"
        " ring there.",
        floor.available,
    ) % {"n": count(floor.available)}


def _of_callbacks(due: Due, now: datetime) -> Iterable[Need]:
    if not due.overdue or due.since is None:
        return
    yield Need(
        CALLBACKS, "warn",
        ngettext("%(n)s call back is overdue", "%(n)s call backs are overdue", due.overdue)
        % {"n": count(due.overdue)},
        _("the first by %(time)s") % {"time": late_words(now - due.since)},
        _("See that each has somebody who calls."),
        (now - due.since).total_seconds(),
    )  # fmt: skip


def _of_people(
    here: Iterable[Present], people: Mapping[int, Beside], limits: Limits, now: datetime
) -> dict[int, list[Need]]:
    found: dict[int, list[Need]] = {}
    for one in here:
        beside = people[one.agent]
        for need in _of_agent(one, beside, limits, now):
            found.setdefault(need.kind, []).append(need)
    return found


def _of_agent(one: Present, beside: Beside, limits: Limits, now: datetime) -> Iterable[Need]:
    lasts = (now - one.since).total_seconds()
    beyond = over(one, limits, now)
    if beyond is not None:
        limit = timedelta(minutes=limits.of(one)).total_seconds()
        kind = {State.PAUSED: PAUSED, State.ACW: WRAPPING}.get(one.state, ON_CALL)
        why = _("%(time)s, over its %(limit)s by %(beyond)s") % {
            "time": clock(lasts), "limit": clock(limit), "beyond": clock(beyond.total_seconds()),
        }  # fmt: skip
        yield Need(kind, level(one, limits, now), _titled(kind, beside.name, one.reason), why,
                   _todo(kind), beyond.total_seconds(), one.agent, one.state)  # fmt: skip
    if beside.missed >= RINGS and one.is_free:
        words = _("%(name)s lets the phone ring") % {"name": beside.name}
        why = ngettext("%(n)s ring in a row without an answer",
                       "%(n)s rings in a row without an answer", beside.missed)  # fmt: skip
        yield Need(RINGING, "warn", words, why % {"n": count(beside.missed)}, _todo(RINGING),
                   lasts, one.agent, one.state)  # fmt: skip
    since = beside.worked_since
    if since is not None and lacks_break(since, limits, now):
        worked = (now - since).total_seconds()
        words = _("%(name)s has had no break") % {"name": beside.name}
        why = _("for %(time)s, longer than %(limit)s") % {
            "time": clock(worked), "limit": clock(limits.work * 60),
        }  # fmt: skip
        beyond_work = worked - limits.work * 60
        yield Need(NO_BREAK, "warn", words, why, _todo(NO_BREAK), beyond_work, one.agent)


def _titled(kind: int, name: str, reason: str) -> str:
    if kind == PAUSED:
        words = _("%(name)s is paused (%(reason)s)") if reason else _("%(name)s is paused")
        return words % {"name": name, "reason": reason}
    if kind == WRAPPING:
        return _("%(name)s is in wrap-up") % {"name": name}
    return _("%(name)s is on a long call") % {"name": name}


def _todo(kind: int) -> str:
    return {
        PAUSED: _("Ask whether they are coming back."),
        WRAPPING: _("Ask what keeps them, or whether they forgot to finish."),
        RINGING: _("See whether they are at their place; a pause spares callers the ring."),
        ON_CALL: _("Listen in or offer help."),
        NO_BREAK: _("Send them on a break."),
    }[kind]


def _together(kind: int, told: Sequence[Need], people: Mapping[int, Beside]) -> Need:
    """Many of one kind as one line."""
    many = len(told)
    words = {
        PAUSED: _("%(n)s agents are over their time in a pause"),
        WRAPPING: _("%(n)s agents are over their time in wrap-up"),
        RINGING: _("%(n)s agents let the phone ring"),
        ON_CALL: _("%(n)s agents are on a long call"),
        NO_BREAK: _("%(n)s agents have had no break for too long"),
    }[kind] % {"n": count(many)}
    names = ", ".join(people[one.agent].name for one in told[:NAMED] if one.agent is not None)
    if many > NAMED:
        names = _("%(names)s and %(n)s more") % {"names": names, "n": count(many - NAMED)}
    worst = "bad" if any(one.level == "bad" for one in told) else "warn"
    return Need(kind, worst, words, names, _todo(kind), told[0].seconds,
                state=_STATES.get(kind, ""))  # fmt: skip
