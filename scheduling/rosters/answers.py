"""What a board hears of a change: what is there now, what that covers, and which rules it breaks of
those whom it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from ccm.intervals import DAY
from ccm.models import Agent, User
from scheduling.models import KeptRoster, KeptShift
from scheduling.rosters import asked, board, edits, kept, words
from scheduling.rosters.board import Span
from scheduling.rosters.hand import Hand, Key
from scheduling.rules import check
from scheduling.terms import read

# More people are not gone through at once: the account of the whole roster tells of them.
_MOST_PEOPLE = 50


def of_changes(roster: KeptRoster, touched: Iterable[Key], who: User) -> dict[str, Any]:
    """The shifts that are there now on the days of some people, the cover of those days, and the
    rules that they break in words, hard ones first."""
    keys = {(agent, day) for agent, day in touched if _within(roster, day)}
    done, undone = edits.stacks(roster, who)
    answer: dict[str, Any] = {
        "revision": roster.revision,
        "can_undo": bool(done),
        "can_redo": bool(undone),
        "keys": [[agent, day.isoformat()] for agent, day in sorted(keys)],
    }
    if not keys:
        return answer | {"shifts": [], "strip": None, "broken": []}
    days = sorted({day for _agent, day in keys})
    # A night covers the day after.
    last = min(days[-1] + DAY, roster.last_day)
    span = Span(roster, "day", days[0], last)
    rows = board.shifts_of(span, KeptShift.objects.all())
    theirs = list(roster.shifts.filter(agent__in={agent for agent, _day in keys}))
    hand = Hand(roster)
    said = asked.kept(roster)
    problem = kept.problem_of(roster, None, [*rows, *theirs])
    strip = said and board.strip_of(span, said, problem.people, rows, hand.templates)
    changed = [one for one in theirs if (one.agent_id, one.day) in keys]
    return answer | {
        "shifts": board.told(span, changed, hand.templates),
        "strip": strip and {"first": span.first.isoformat(), **asdict(strip)},
        "broken": _broken(roster, problem, theirs, keys),
    }


def broken_by(roster: KeptRoster, touched: Iterable[Key]) -> list[dict[str, Any]]:
    """The rules that some people break on some days, in words, hard ones first: "words" and whether
    it is "hard"."""
    keys = {(agent, day) for agent, day in touched if _within(roster, day)}
    theirs = list(roster.shifts.filter(agent__in={agent for agent, _day in keys}))
    return _broken(roster, kept.problem_of(roster, None, theirs), theirs, keys)


def _broken(
    roster: KeptRoster, problem: Any, theirs: Sequence[KeptShift], keys: Iterable[Key]
) -> list[dict[str, Any]]:
    """Of those whom it is about, and their days, alone: what binds people together is told with the
    whole roster."""
    about = {agent for agent, _day in keys}
    if len(about) > _MOST_PEOPLE:
        return []
    ids = {read.person_id(one) for one in about}
    people = tuple(one for one in problem.people if one.id in ids)
    found = check(
        replace(problem, people=people, pairings=(), mix=None), kept.roster_of(roster, theirs)
    )
    days = {(read.person_id(agent), (day - roster.first_day).days) for agent, day in keys}
    found = tuple(
        one for one in found if not one.days or any((one.person, day) in days for day in one.days)
    )
    names = {
        read.person_id(pk): name
        for pk, name in Agent.objects.filter(pk__in=about).values_list("pk", "name")
    }
    return [
        {"words": words.broken(one, names, roster.first_day), "hard": one.is_hard}
        for one in sorted(found, key=lambda one: not one.is_hard)
    ]


def _within(roster: KeptRoster, day: date) -> bool:
    return roster.first_day <= day <= roster.last_day
