"""A shape that an admin said: where in any JSON the members of an event lie, and what its words
mean. Pure, and only data: pointers (RFC 6901), tables of words, a spelling of times.

Nothing is guessed. What a word, a time or a member is not said to mean is refused, with a pointer
to it in what was posted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import times
from ccm.live import events
from ccm.live.events import SURVEY_KINDS, TEXTS, Event, Fault, text_fault
from ccm.live.shapes import id_of

AT, RESOLVED, ISO = "at", "resolved", "iso"
SPELLINGS = (
    ISO, times.EPOCH, times.EPOCH_MS, times.YMD, times.DMY, times.MDY, times.YMD_SHORT,
    times.DMY_SHORT, times.MDY_SHORT, times.COMPACT,
)  # fmt: skip
SURVEY = tuple(f"survey.{name}" for name in ("kind", "score", "min", "max", "comment"))
MEMBERS = (*TEXTS, AT, RESOLVED, *SURVEY)
YES, NO = "true", "false"
# The members whose words mean one of so many.
CHOICES: dict[str, tuple[str, ...]] = {
    **{name: text.choices for name, text in TEXTS.items() if text.choices},
    RESOLVED: (YES, NO),
    "survey.kind": SURVEY_KINDS,
}
# Of members that only some kinds read; the rest are read of any event of a call, or of an agent.
_ONLY = {
    "state": ("agent.state",), "reason": ("agent.state",), "outcome": ("call.ended",),
    "ended_by": ("call.ended",), "target": ("call.transferred",),
    "transfer": ("call.transferred",),
}  # fmt: skip
_OF_CALLS = ("call", "linked", "queue", "caller", "topic", RESOLVED, *SURVEY)

LONGEST_POINTER, MOST_STEPS, MOST_JOINED = 300, 20, 4
MOST_MEANINGS, LONGEST_WORD, LONGEST_TIME = 500, 200, 80
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)


class Wrong(ValueError):
    """Why what was said is no shape: `faults`, each with its pointer."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{one.pointer}: {one.message}" for one in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where in a piece of JSON something lies."""

    text: str
    steps: tuple[str, ...]

    @classmethod
    def of(cls, text: object) -> "Pointer":
        """Raises ValueError, in words, for what is no pointer."""
        if not isinstance(text, str) or (text and not text.startswith("/")):
            raise ValueError(_("This is no pointer, as /call/id is one."))
        if len(text) > LONGEST_POINTER or text.count("/") > MOST_STEPS:
            raise ValueError(_("This pointer is too long."))
        if text_fault(text, LONGEST_POINTER):
            raise ValueError(_("This holds characters that cannot be stored."))
        if re.search("~(?![01])", text):
            raise ValueError(_("In a pointer ~ is written ~0, and / within a name ~1."))
        steps = text.split("/")[1:]
        return cls(text, tuple(one.replace("~1", "/").replace("~0", "~") for one in steps))

    def find(self, value: Any) -> Any:
        """What lies there; None where nothing does."""
        for step in self.steps:
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value


@dataclass(frozen=True, slots=True)
class Mapped:
    """How events of one source are read.

    `members` are the pointers to each member, joined with a space where there are several;
    `constants` what is said of every event, where no pointer finds anything. `meanings` has the
    source's words (lower case) for the words of `CHOICES`: "" is nothing, and of a kind that the
    event tells nothing here. `spelling` and `zone` are of its times. `extra` is kept besides.
    `parts` points at the list of events in a post that wraps them.
    """

    members: Mapping[str, tuple[Pointer, ...]]
    constants: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spelling: str = ISO
    zone: str = ""
    extra: Mapping[str, Pointer] = field(default_factory=dict)
    parts: Pointer | None = None

    @classmethod
    def from_json(cls, said: object) -> "Mapped":
        """Raises Wrong, with all that is wrong, for what is no shape."""
        return _Reading(said).shape()

    def events_in(self, posted: object) -> object:
        """The event or the list of events that a post has, where they are wrapped."""
        return posted if self.parts is None else self.parts.find(posted)

    def read(self, value: object, now: datetime) -> Event | list[Fault] | None:
        """The event in a piece of JSON, all that is wrong with it, or None: it tells nothing."""
        if not isinstance(value, Mapping):
            return [Fault("", _("An event is a JSON object."))]
        faults: list[Fault] = []
        kind = self._word("kind", value, faults)
        if faults or kind == "":
            return faults or None
        if kind is None:
            return [Fault(self._pointer("kind"), _("This is needed."))]
        made: dict[str, Any] = {"kind": kind}
        for name in MEMBERS:
            if name != "kind" and _reads(kind, name):
                self._take(name, value, now, made, faults)
        if "score" not in made.get("survey", {}):
            made.pop("survey", None)
        if "id" not in self.members:
            try:
                made["id"] = id_of(value)
            except RecursionError:
                return [Fault("", _("It is nested too deep."))]
        for name, pointer in self.extra.items():
            if (found := pointer.find(value)) is not None:
                made[name] = found
        # Without what is wrong already, so that all else that is wrong is told as well.
        event = events.read(made, now)
        if isinstance(event, Event):
            return faults or event
        told = {one.pointer for one in faults}
        more = [
            Fault(self._pointer(one.pointer[1:].replace("/", ".")), one.message) for one in event
        ]
        return faults + [one for one in more if one.pointer not in told]

    def _take(
        self, name: str, value: object, now: datetime, made: dict[str, Any], faults: list[Fault]
    ) -> None:
        """Put a member into the event that is made, as `events.read` wants it."""
        if name == AT:
            if moment := self._moment(value, now, faults):
                made[name] = moment.isoformat()
            return
        word = self._word(name, value, faults)
        if not word:
            return
        if name == RESOLVED:
            made[name] = word == YES
        elif name not in SURVEY:
            made[name] = word
        else:
            answer = made.setdefault("survey", {})
            answer[name.partition(".")[2]] = _number(word) if name in SURVEY[1:4] else word

    def _text(self, name: str, value: object, faults: list[Fault]) -> str:
        """A member as text: what lies at its pointers, else its constant."""
        words = []
        for pointer in self.members.get(name, ()):
            found = pointer.find(value)
            if isinstance(found, bool):
                found = YES if found else NO
            elif isinstance(found, int) and abs(found) < 10**18:
                found = str(found)
            elif isinstance(found, float) and name in SURVEY:
                found = f"{found:f}"
            if found is None:
                continue
            if not isinstance(found, str):
                faults.append(Fault(pointer.text, _("This is not text.")))
                return ""
            words.append(found.strip())
        return " ".join(filter(None, words)) or self.constants.get(name, "")

    def _word(self, name: str, value: object, faults: list[Fault]) -> str | None:
        """A member, said in our words: "" where they mean nothing, None where it is not told."""
        text = self._text(name, value, faults)
        choices = CHOICES.get(name)
        if not text or choices is None:
            return text or None
        meant = self.meanings.get(name, {}).get(text.lower()) if len(text) <= LONGEST_WORD else None
        if meant is None:
            meant = text if text in choices else None
        if meant is None:
            words = _("It is not said what this word means.")
            faults.append(Fault(self._pointer(name), words))
        return meant

    def _moment(self, value: object, now: datetime, faults: list[Fault]) -> datetime | None:
        text = self._stamp(value)
        zone = ZoneInfo(self.zone) if self.zone else None
        try:
            return _moment_of(text, self.spelling, zone, now)
        except _Unsaid as unsaid:
            words = str(unsaid)
        except (ValueError, OverflowError):
            words = _("This is no time as it is said to be written.")
        faults.append(Fault(self._pointer(AT), words if text else _("This is needed.")))
        return None

    def _stamp(self, value: object) -> str:
        """The text of the time: a day and a clock apart are joined."""
        found = [pointer.find(value) for pointer in self.members.get(AT, ())]
        numbers = (one for one in found if isinstance(one, str | int | float))
        return " ".join(str(one) for one in numbers if not isinstance(one, bool)).strip()

    def _pointer(self, name: str) -> str:
        """Where a member lies in what was posted; the whole where it lies nowhere."""
        if name in self.extra:
            return self.extra[name].text
        pointers = self.members.get(name) or self.members.get(f"{name}.kind") or ()
        return pointers[0].text if pointers else ""


class _Unsaid(ValueError):
    """A time that cannot be told without more being said."""


def _moment_of(text: str, spelling: str, zone: ZoneInfo | None, now: datetime) -> datetime:
    """Raises ValueError or OverflowError where it is none."""
    if len(text) > LONGEST_TIME:
        raise ValueError(text[:LONGEST_TIME])
    if spelling == ISO:
        if not re.search("[Tt ]", text):
            raise ValueError(text)  # a day alone
        wall = datetime.fromisoformat(text)
    else:
        told = times.moments(pl.Series([text], dtype=pl.String), spelling).row(0, named=True)
        if told["wall"] is None or not told["has_clock"]:
            raise ValueError(text)
        wall = told["wall"]
        if told["offset_s"] is not None:
            return wall.replace(tzinfo=UTC) - timedelta(seconds=told["offset_s"])
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    if zone is None:
        raise _Unsaid(_("This time has no offset from UTC, and it is said in no zone."))
    passes = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    if not any(one.astimezone(zone).replace(tzinfo=None) == wall for one in passes):
        raise _Unsaid(_("The clocks of its zone skipped this time."))
    # Of an hour that comes twice it is the one that was just now.
    return min(passes, key=lambda one: abs(one - now))


def _number(word: str) -> object:
    """The number that a word is, or the word, which is then refused."""
    if _WHOLE.fullmatch(word):
        return int(word)
    if _NUMBER.fullmatch(word):
        number = float(word)
        return int(number) if number.is_integer() else number
    return word


def _reads(kind: str, name: str) -> bool:
    """Whether an event of a kind has a member."""
    if name in _ONLY:
        return kind in _ONLY[name]
    return kind.startswith("call.") or name not in _OF_CALLS


class _Reading:
    """What somebody said of a shape, as it is read: what it says, and the faults found so far."""

    def __init__(self, said: object) -> None:
        self.faults: list[Fault] = []
        if not isinstance(said, Mapping):
            raise Wrong([Fault("", _("This must be a JSON object."))])
        self.said = said
        known = ("members", "constants", "meanings", "spelling", "zone", "extra", "parts")
        for name in said:
            if name not in known:
                words = _("This is none of %(choices)s.") % {"choices": ", ".join(known)}
                self._wrong(words, name)

    def shape(self) -> Mapped:
        members = {
            name: self._pointers(told, "members", name)
            for name, told in self._object("members", MEMBERS).items()
        }
        constants = {
            name: self._constant(name, told)
            for name, told in self._object("constants", MEMBERS).items()
        }
        for name in (AT, "kind"):
            if name not in members and (name == AT or name not in constants):
                self._wrong(_("It must be said where this lies."), "members", name)
        for name in (AT, "id"):
            if name in constants:
                self._wrong(_("This cannot be the same of every event."), "constants", name)
        made = Mapped(
            members=members,
            constants=constants,
            meanings={
                name: self._meanings(name, told)
                for name, told in self._object("meanings", tuple(CHOICES)).items()
            },
            spelling=self._one_of("spelling", SPELLINGS) or ISO,
            zone=self._zone(),
            extra={
                name: pointer[0]
                for name, told in self._object("extra", None).items()
                if (pointer := self._pointers(told, "extra", name))
            },
            parts=(self._pointers(self.said.get("parts"), "parts") or (None,))[0],
        )
        if self.faults:
            raise Wrong(self.faults)
        return made

    def _wrong(self, words: str, *steps: object) -> None:
        at = "".join(
            "/" + str(one)[:60].encode("utf-8", "backslashreplace").decode()
            .replace("~", "~0").replace("/", "~1").replace("\0", "\\x00")
            for one in steps
        )  # fmt: skip
        if len(self.faults) < 20:
            self.faults.append(Fault(at, words))

    def _object(self, name: str, known: tuple[str, ...] | None) -> Mapping[str, Any]:
        """A part that is an object, without what nobody knows."""
        told = self.said.get(name)
        if told is None:
            return {}
        if not isinstance(told, Mapping):
            self._wrong(_("This must be a JSON object."), name)
            return {}
        if known is None:
            known = tuple(told)
            if len(known) > events.EXTRA_MEMBERS:
                words = _("At most %(limit)d of these.")
                self._wrong(words % {"limit": events.EXTRA_MEMBERS}, name)
                return {}
            for one in known:
                if one in MEMBERS or one == "survey" or text_fault(one, events.EXTRA_NAME):
                    self._wrong(_("It cannot be kept under this name."), name, one)
        for one in told:
            if one not in known:
                self._wrong(_("There is no such member."), name, one)
        return {one: told[one] for one in told if one in known}

    def _pointers(self, told: object, *steps: str) -> tuple[Pointer, ...]:
        if told is None:
            return ()
        several = told if isinstance(told, list) and steps[0] == "members" else [told]
        if not 0 < len(several) <= MOST_JOINED:
            words = _("At most %(limit)d pointers are joined.") % {"limit": MOST_JOINED}
            self._wrong(words, *steps)
            return ()
        try:
            return tuple(Pointer.of(one) for one in several)
        except ValueError as wrong:
            self._wrong(str(wrong), *steps)
            return ()

    def _constant(self, name: str, told: object) -> str:
        if isinstance(told, bool):
            told = YES if told else NO
        elif isinstance(told, int) and abs(told) < 10**9:
            told = str(told)
        limit = TEXTS[name].limit if name in TEXTS else LONGEST_WORD
        if fault := text_fault(told, limit):
            self._wrong(fault, "constants", name)
            return ""
        word = str(told).strip()
        if word and name in CHOICES and word not in CHOICES[name]:
            words = _("This is none of %(choices)s.") % {"choices": ", ".join(CHOICES[name])}
            self._wrong(words, "constants", name)
        return word

    def _meanings(self, name: str, told: object) -> dict[str, str]:
        if not isinstance(told, Mapping) or len(told) > MOST_MEANINGS:
            words = _("This must be a JSON object of at most %(limit)d words.")
            self._wrong(words % {"limit": MOST_MEANINGS}, "meanings", name)
            return {}
        found: dict[str, str] = {}
        for word, meant in told.items():
            meaning = {None: "", True: YES, False: NO}.get(meant, meant) if _plain(meant) else meant
            if text_fault(word, LONGEST_WORD):
                self._wrong(_("This word cannot be kept."), "meanings", name, word)
            elif meaning != "" and meaning not in CHOICES[name]:
                choices = ", ".join(CHOICES[name])
                words = _("This is none of %(choices)s.") % {"choices": choices}
                self._wrong(words, "meanings", name, word)
            elif found.setdefault(word.strip().lower(), str(meaning)) != meaning:
                self._wrong(_("This word means two things."), "meanings", name, word)
        return found

    def _one_of(self, name: str, choices: tuple[str, ...]) -> str:
        told = self.said.get(name)
        if told in (None, ""):
            return ""
        if not isinstance(told, str) or told not in choices:
            words = _("This is none of %(choices)s.") % {"choices": ", ".join(choices)}
            self._wrong(words, name)
            return ""
        return told

    def _zone(self) -> str:
        told = self.said.get("zone")
        if told in (None, ""):
            return ""
        if not isinstance(told, str) or told not in available_timezones():
            self._wrong(_("This is no IANA time zone."), "zone")
            return ""
        return told


def _plain(told: object) -> bool:
    return told is None or isinstance(told, bool)
