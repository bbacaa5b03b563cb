"""A shape tried on a sample: what would be made of each event, and what they amount to. Nothing is
stored. Pure.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from ccm.live import events, state
from ccm.live.events import Event, Fault
from ccm.live.shapes import Shape

# In characters.
LONGEST_SHAPE, LONGEST_SAMPLE = 64_000, 100_000
MOST_EVENTS = 50


class NoJson(ValueError):
    """A text that is no JSON; where, in words."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One event of a sample: what it becomes, or why it becomes nothing."""

    number: int
    event: Event | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def ignored(self) -> bool:
        return self.event is None and not self.faults

    @property
    def said(self) -> list[tuple[str, str]]:
        """The members of the event with their values."""
        if self.event is None:
            return []
        one = self.event
        told: dict[str, Any] = {"id": one.id, "kind": one.kind, "at": one.at.isoformat()}
        told |= {"call": one.call, "agent": one.agent} | events.payload(one)
        return [(name, _shown(value)) for name, value in told.items() if value not in ("", None)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sample: its events, the visits and spells they make, and how many of them
    are part of no visit, for none of their call names its queue."""

    events: list[Tried]
    visits: list[state.Visit]
    spells: list[state.Spell]
    unplaced: int


def json_of(text: str, limit: int) -> Any:
    """What a text says, as the API reads it. Raises NoJson."""
    if len(text) > limit:
        raise NoJson(_("This is longer than %(limit)d characters.") % {"limit": limit})
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as wrong:
        raise NoJson(_("It is nested too deep.")) from wrong
    except json.JSONDecodeError as wrong:
        where = {"line": wrong.lineno, "column": wrong.colno}
        raise NoJson(
            _("This is no JSON: look at line %(line)d, column %(column)d.") % where
        ) from wrong
    except ValueError as wrong:
        raise NoJson(_("This is no JSON.")) from wrong


def tried(shape: Shape, posted: object, now: datetime) -> Outcome:
    """What a shape makes of the first events of a sample."""
    found = shape.events_in(posted)
    each = found if isinstance(found, list) else [found]
    told = [_tried(shape, number, one, now) for number, one in enumerate(each[:MOST_EVENTS])]
    good = {one.event.id: one.event for one in told if one.event is not None}
    calls = _grouped((one for one in good.values() if one.kind.startswith("call.")), "call")
    agents = _grouped((one for one in good.values() if not one.kind.startswith("call.")), "agent")
    return Outcome(
        told,
        [visit for one in calls for visit in state.fold_visits(one)],
        [spell for one in agents for spell in (*state.fold_spells(one), *state.shown_spells(one))],
        sum(len(state.unplaced(one)) for one in calls),
    )


def _tried(shape: Shape, number: int, value: object, now: datetime) -> Tried:
    found = shape.read(value, now)
    if isinstance(found, Event):
        return Tried(number, found)
    return Tried(number, faults=tuple(found or ()))


def _grouped(told: Iterable[Event], owner: str) -> list[list[Event]]:
    grouped: dict[str, list[Event]] = defaultdict(list)
    for one in told:
        grouped[getattr(one, owner)].append(one)
    return list(grouped.values())


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")
