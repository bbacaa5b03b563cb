"""The members of posted rows: what each may be, said once for the checks and for the API's schema.

Pure. A row is read against a table of members; everything wrong with it is a `Fault` with a
pointer, and what is right comes out in the record's words.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.live.events import (
    AHEAD,
    EARLIEST,
    EXTRA_MEMBERS,
    EXTRA_NAME,
    EXTRA_VALUE,
    Fault,
    text_fault,
)

# What a column of milliseconds holds.
MOST_MS = 2**31 - 1
# So many faults of a row are told: no post has an answer many times as long as itself.
MOST_FAULTS = 20
_BREAKS = re.compile("[\t\r\n]")


class Wrong(Exception):
    """What is wrong with a value, in words."""


class Member(Protocol):
    """One member of a row."""

    @property
    def words(self) -> str: ...

    def read(self, said: Any, now: datetime) -> Any:
        """The value, of one that is not null. Raises Wrong."""
        ...

    def schema(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `limit` characters, or one of `choices`; empty is nothing said.

    It is one line unless it may have `lines`.
    """

    limit: int
    words: str
    choices: tuple[str, ...] = ()
    lines: bool = False

    def read(self, said: Any, now: datetime) -> str | None:
        one_line = _BREAKS.sub(" ", said) if self.lines and isinstance(said, str) else said
        if fault := text_fault(one_line, self.limit):
            raise Wrong(fault)
        plain = str(said).strip()
        if plain and self.choices and plain not in self.choices:
            raise Wrong(_("This is none of %(choices)s.") % {"choices": ", ".join(self.choices)})
        return plain or None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.limit} | (
            {"enum": list(self.choices)} if self.choices else {}
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """A time with its offset from UTC, from 1990 to so far `ahead` of now."""

    words: str
    ahead: timedelta = AHEAD

    def read(self, said: Any, now: datetime) -> datetime:
        try:
            at = datetime.fromisoformat(said) if isinstance(said, str) else None
        except ValueError:
            at = None
        if at is None:
            raise Wrong(_no_time())
        if at.tzinfo is None:
            words = _("This time has no offset from UTC, so nobody knows when it was.")
            raise Wrong(f"{words} {_form()}")
        try:
            at = at.astimezone(UTC)
        except OverflowError:  # near the ends of the calendar a moment may have no UTC
            raise Wrong(_no_time()) from None
        if at < EARLIEST:
            raise Wrong(_("This is before 1990."))
        if at > now + self.ahead:
            days = self.ahead.days
            words = ngettext(
                "This is more than a day in the future.",
                "This is more than %(days)d days in the future.",
                days,
            )
            raise Wrong(words % {"days": days})
        return at

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


def _no_time() -> str:
    return f"{_('This is not a time.')} {_form()}"


def _form() -> str:
    return _("Write it in ISO 8601, as 2026-05-04T09:30:00.250+02:00.")


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, whole unless it may be `broken`."""

    low: float
    high: float
    words: str
    broken: bool = False

    def read(self, said: Any, now: datetime) -> float:
        kinds = int | float if self.broken else int
        if isinstance(said, bool) or not isinstance(said, kinds):
            kind = _("This must be a number.") if self.broken else _("This must be a whole number.")
            raise Wrong(kind)
        if not self.low <= said <= self.high:
            limits = {"low": f"{self.low:.15g}", "high": f"{self.high:.15g}"}
            raise Wrong(_("This must be a number from %(low)s to %(high)s.") % limits)
        return said

    def schema(self) -> dict[str, Any]:
        kind = "number" if self.broken else "integer"
        return {"type": kind, "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    words: str

    def read(self, said: Any, now: datetime) -> bool:
        if not isinstance(said, bool):
            raise Wrong(_("This must be true, false or null."))
        return said

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


Members = Mapping[str, Member]


def lengths(**words: str) -> dict[str, Member]:
    """Members of durations, each in milliseconds and in seconds: `wait_ms` and `wait_seconds`."""
    found: dict[str, Member] = {}
    for name, what in words.items():
        found[f"{name}_ms"] = Number(0, MOST_MS, f"{what} Milliseconds.")
        found[f"{name}_seconds"] = Number(
            0, MOST_MS // 1000, f"{what} Seconds, in place of {name}_ms.", broken=True
        )
    return found


class Row:
    """A posted object as it is read: the values of its members, and the faults found so far."""

    def __init__(self, said: object, members: Members, now: datetime, at: str = "") -> None:
        """`at` is the pointer to the object itself."""
        self.at, self.now = at, now
        self.faults: list[Fault] = []
        self.values: dict[str, Any] = dict.fromkeys(members)
        self.is_object = isinstance(said, Mapping)
        self.said: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        if not self.is_object:
            self._add(at, _("This must be a JSON object."))
            return
        for name, member in members.items():
            if (value := self.said.get(name)) is not None:
                try:
                    self.values[name] = member.read(value, now)
                except Wrong as wrong:
                    self.wrong(name, str(wrong))

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def wrong(self, name: str, words: str) -> None:
        self._add(f"{self.at}/{step(name)}", words)

    def _add(self, pointer: str, words: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(pointer, words))

    def needs(self, *names: str) -> None:
        """Members without which the row says nothing."""
        if not self.is_object:
            return
        faulty = {fault.pointer for fault in self.faults}
        for name in names:
            if self.values[name] is None and f"{self.at}/{name}" not in faulty:
                self.wrong(name, _("This is needed."))

    def says(self, *names: str) -> bool:
        """Whether any of the members is said, be it wrongly."""
        return any(self.said.get(name) is not None for name in names)

    def ms(self, name: str) -> int | None:
        """A duration (`lengths`) in milliseconds."""
        exact, seconds = self[f"{name}_ms"], self[f"{name}_seconds"]
        if exact is not None and seconds is not None:
            words = _("Say it in milliseconds or in seconds, not in both.")
            self.wrong(f"{name}_seconds", words)
        return round(seconds * 1000) if exact is None and seconds is not None else exact

    def parts(self, name: str, most: int) -> Iterator[Any]:
        """A member that is a list of objects, as far as the row may still be a good one."""
        said = self.said.get(name)
        if said is None:
            return
        if not isinstance(said, list):
            self.wrong(name, _("This must be a list."))
            return
        if len(said) > most:
            self.wrong(name, _("At most %(limit)d of these.") % {"limit": most})
            return
        for one in said:
            if len(self.faults) == MOST_FAULTS:
                return
            yield one

    def part(self, said: object, members: Members, *steps: object) -> "Row":
        """An object inside this one, whose faults become this one's with `take`."""
        path = "".join(f"/{step(str(one))}" for one in steps)
        return Row(said, members, self.now, f"{self.at}{path}")

    def take(self, part: "Row") -> None:
        self.faults += part.faults[: MOST_FAULTS - len(self.faults)]

    def others(self, known: frozenset[str]) -> dict[str, Any]:
        """What the row says beside its known members, where that is plain."""
        found = {name: v for name, v in self.said.items() if name not in known and v is not None}
        if len(found) > EXTRA_MEMBERS:
            words = _("This has more than %(limit)d members that are not known here.")
            self._add(self.at, words % {"limit": EXTRA_MEMBERS})
            return {}
        for name, value in found.items():
            if fault := text_fault(name, EXTRA_NAME) or _plain_fault(value):
                self.wrong(name, fault)
        return found


def _plain_fault(value: object) -> str | None:
    """Why a value that no member tells of cannot be kept."""
    if isinstance(value, str):
        return text_fault(value, EXTRA_VALUE)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        storable = abs(value) < 2**53 if isinstance(value, int) else math.isfinite(value)
        return None if storable else _("This number is too large.")
    return _("This is not known here, and only plain values are kept of what is not.")


def step(name: str) -> str:
    """A member's name in a pointer (RFC 6901), whatever characters it is made of."""
    shown = name[:EXTRA_NAME].encode("utf-8", "backslashreplace").decode()
    # No column holds a NUL, and answers are kept.
    shown = shown.replace("\0", "\\x00")
    return shown.replace("~", "~0").replace("/", "~1")


def object_schema(members: Members, *needed: str, **more: Any) -> dict[str, Any]:
    """The JSON Schema of an object of these members; `more` are schemas of further ones."""
    told = {
        name: member.schema() | {"description": member.words, "nullable": name not in needed}
        for name, member in members.items()
    }
    # An empty list of required members is no JSON Schema.
    required = {"required": list(needed)} if needed else {}
    return {"type": "object", **required, "properties": told | more}
