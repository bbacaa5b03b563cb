"""The checks, each declared once, and how bad what they find is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import structlog
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ccm.watching.doctor.seen import Seen

log = structlog.get_logger(__name__)


class Level(IntEnum):
    """How bad it is; the worst is the exit code of `callcenter doctor`, where unknown is a
    warning."""

    WELL = 0
    WARNING = 1
    WRONG = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in words, and what to do about it; nothing where nothing is wrong."""

    level: Level
    words: str
    advice: str = ""


Judge = Callable[[Seen], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """A check. `needs` are the members of `Seen` without which it knows nothing; one that is `slow`
    waits for somebody else, and is left out where a page waits."""

    name: str
    words: str | Promise
    judge: Judge
    needs: tuple[str, ...] = ()
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A check and what it found."""

    check: Check
    finding: Finding

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "check": self.check.name,
            "level": self.finding.level.name.lower(),
            "words": self.finding.words,
            "advice": self.finding.advice,
        }


_checks: dict[str, Check] = {}


def check(
    name: str, words: str | Promise, *needs: str, slow: bool = False
) -> Callable[[Judge], Judge]:
    """Declare a check, in the order in which they are told."""

    def declare(judge: Judge) -> Judge:
        _checks[name] = Check(name, words, judge, needs, slow)
        return judge

    return declare


def checks() -> list[Check]:
    """All of them, module by module."""
    from ccm.watching.doctor import configured, machine, stored, worked

    order = [one.__name__ for one in (configured, machine, stored, worked)]
    # Whoever loads one of these first does not put its checks first.
    return sorted(_checks.values(), key=lambda one: _place(one.judge.__module__, order))


def _place(module: str, order: list[str]) -> int:
    return order.index(module) if module in order else len(order)


def well(words: str) -> Finding:
    return Finding(Level.WELL, words)


def warning(words: str, advice: str) -> Finding:
    return Finding(Level.WARNING, words, advice)


def wrong(words: str, advice: str) -> Finding:
    return Finding(Level.WRONG, words, advice)


def unknown(words: str, advice: str = "") -> Finding:
    return Finding(Level.UNKNOWN, words, advice)


def judge(seen: Seen, *, slow: bool = True) -> list[Judged]:
    """What every check finds; without those that are `slow` where nobody can wait."""
    return [Judged(one, _judged(one, seen)) for one in checks() if slow or not one.slow]


def _judged(one: Check, seen: Seen) -> Finding:
    for part in one.needs:
        if getattr(seen, part) is None:
            return unknown(seen.missing(part))
    try:
        return one.judge(seen)
    except Exception as fault:
        # A check that breaks must not take the others with it.
        log.exception("a check broke", check=one.name)
        return unknown(
            _("It could not be looked at: %(fault)s.") % {"fault": type(fault).__name__},
            _("The log says more."),
        )


def worst(found: list[Judged]) -> Level:
    """The worst of all, where unknown counts as a warning."""
    levels = {one.finding.level for one in found}
    if Level.WRONG in levels:
        return Level.WRONG
    return Level.WARNING if levels & {Level.WARNING, Level.UNKNOWN} else Level.WELL
