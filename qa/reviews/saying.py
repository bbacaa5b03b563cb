"""What a reviewer says to a scorecard, as it comes from a form or a request: read, and what is
wrong with it in words, by its place (a JSON pointer)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from ccm.database import MOST_ID
from ccm.live.events import text_fault
from ccm.masking import masked
from qa.cards import Card
from qa.reviews.answers import as_kept, as_value
from qa.scoring import Kind, wrong

LONGEST_VALUE, LONGEST_COMMENT, LONGEST_WORDS = 2000, 2000, 5000
# Of one review, and of one save.
MOST_PINS = 200
# Two days, as a transcript may be long.
LATEST_MS = 48 * 3_600_000
MOST_LINE = 20_000
# Of a scale that people count on; what is larger could not be reckoned with.
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_LINES = str.maketrans("\t\r\n", "   ")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said to one criterion; None: that stays as it is."""

    value: str | None = None
    skipped: bool | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A place of the call that an answer rests on: of a criterion, or (empty) of the whole review.
    Lines are numbered from 1."""

    criterion: str
    at_ms: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a review changes: answers by their criterion's key, the comment on the whole, places
    that are pinned, and ids of such that are not any more."""

    answers: Mapping[str, Said] = field(default_factory=dict)
    comment: str | None = None
    pins: tuple[Pin, ...] = ()
    unpinned: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.answers or self.pins or self.unpinned) or self.comment is not None


Wrong = dict[str, str]


def escaped(key: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901)."""
    return key[:60].replace("~", "~0").replace("/", "~1")


def read(card: Card, said: object) -> tuple[Changes, Wrong]:
    """Changes from what was sent: all that is right, and what is wrong with the rest."""
    reader = _Reader(card)
    return reader.changes(said), reader.wrong


class _Reader:
    def __init__(self, card: Card) -> None:
        self.card, self.wrong = card, Wrong()

    def changes(self, said: object) -> Changes:
        if not isinstance(said, Mapping):
            self.wrong[""] = _("This must be a JSON object.")
            return Changes()
        answers = said.get("answers", {})
        if not isinstance(answers, Mapping):
            self.wrong["/answers"] = _("This must be a JSON object.")
            answers = {}
        read = {
            str(key): one
            for key, value in answers.items()
            if (one := self._answer(str(key), value)) not in (None, Said())
        }
        comment = None
        if "comment" in said:
            comment = self._text(said["comment"], "/comment", LONGEST_WORDS)
        return Changes(
            read,
            comment,
            tuple(self._pins(said.get("pins", []))),
            frozenset(self._ids(said.get("unpinned", []))),
        )

    def _answer(self, key: str, said: object) -> Said | None:
        place = f"/answers/{escaped(key)}"
        criterion = self.card.find(key)
        if criterion is None:
            self.wrong[place] = _("The scorecard does not ask this.")
            return None
        if not isinstance(said, Mapping):
            self.wrong[place] = _("This must be a JSON object.")
            return None
        found = Said()
        if "comment" in said:
            comment = self._text(said["comment"], f"{place}/comment", LONGEST_COMMENT)
            found = replace(found, comment=comment)
        if "value" not in said and "skipped" not in said:
            return found
        skipped = said.get("skipped", False)
        if not isinstance(skipped, bool):
            self.wrong[f"{place}/skipped"] = _("This is true or false.")
            return found
        value = said.get("value", "")
        value = str(value) if isinstance(value, int | float) else value
        text = self._text("" if skipped else value, f"{place}/value", LONGEST_VALUE, free=False)
        if text is None:
            return found
        text = as_kept(criterion.kind, text)
        if criterion.kind == Kind.NUMBER and text:
            text = text.replace(",", ".")
            if not _NUMBER.fullmatch(text):
                self.wrong[f"{place}/value"] = _("This is no number.")
                return found
        try:
            meant = as_value(criterion.kind, text, skipped=skipped)
        except ValueError:
            self.wrong[f"{place}/value"] = _("This is no number.")
            return found
        if meant is not None and wrong(self.card.form, {key: meant}):
            words = {True: _("It always applies."), False: _("There is no such answer to it.")}
            self.wrong[f"{place}/value"] = words[skipped]
            return found
        return replace(found, value=text, skipped=skipped)

    def _text(self, said: object, place: str, most: int, *, free: bool = True) -> str | None:
        """A text; what somebody wrote (`free`) without card and telephone numbers. None: it is
        wrong."""
        one_line = said.translate(_LINES) if isinstance(said, str) else said
        if fault := text_fault(one_line, most):
            self.wrong[place] = fault
            return None
        text = str(said).strip().replace("\r\n", "\n")
        return masked(text) if free else text

    def _pins(self, said: object) -> Iterator[Pin]:
        for number, one in enumerate(self._list(said, "/pins")):
            place = f"/pins/{number}"
            if not isinstance(one, Mapping):
                self.wrong[place] = _("This must be a JSON object.")
                continue
            key = one.get("criterion") or ""
            if not isinstance(key, str) or (key and self.card.find(key) is None):
                self.wrong[f"{place}/criterion"] = _("The scorecard does not ask this.")
                continue
            at_ms = self._whole(one.get("at_ms"), f"{place}/at_ms", 0, LATEST_MS)
            line = self._whole(one.get("line"), f"{place}/line", 1, MOST_LINE)
            if at_ms is None and line is None:
                self.wrong.setdefault(place, _("It is at no second and in no line."))
                continue
            yield Pin(key, at_ms, line)

    def _ids(self, said: object) -> Iterator[int]:
        for number, one in enumerate(self._list(said, "/unpinned")):
            found = self._whole(one, f"/unpinned/{number}", 0, MOST_ID)
            if found is not None:
                yield found

    def _list(self, said: object, place: str) -> list[object]:
        if not isinstance(said, list) or len(said) > MOST_PINS:
            self.wrong[place] = _("This must be a list of at most %(most)s.") % {"most": MOST_PINS}
            return []
        return said

    def _whole(self, said: object, place: str, least: int, most: int) -> int | None:
        if said is None:
            return None
        if isinstance(said, bool) or not isinstance(said, int) or not least <= said <= most:
            words = _("This must be a whole number from %(least)s to %(most)s.")
            self.wrong[place] = words % {"least": least, "most": most}
            return None
        return said
