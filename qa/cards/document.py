"""Scorecards as documents (JSON, YAML): how they are kept, exported and brought in again.

A document is read completely or not at all, and everything that is wrong with it is said at once,
each with its place. That a form could be read does not mean that it can be scored: for that see
`qa.scoring.faults`.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from qa.cards.card import Card, CriterionWords, Link, OptionWords
from qa.scoring import Condition, Criterion, Fails, Form, Kind, Option, Section

LAYOUT = 1
MOST_SECTIONS, MOST_CRITERIA, MOST_OPTIONS, MOST_LINKS = 40, 200, 20, 10
LONGEST_ID, LONGEST_NAME, LONGEST_TEXT = 40, 160, 2000
MOST_WEIGHT = 10_000
# Ids stand in addresses, in names of fields and in other systems.
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_is_id = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*").fullmatch


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that cannot be read: where (as "sections[0].criteria[2].kind"), what stands there,
    and the code of what is expected (`qa.cards.words`), with a number where it has one."""

    where: str
    code: str
    value: str = ""
    limit: int | None = None


class Misread(ValueError):
    """A document that is no scorecard, and everything that is wrong with it."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("; ".join(f"{one.where}: {one.code}" for one in wrong))
        self.wrong = tuple(wrong)


def write(card: Card) -> dict[str, Any]:
    """A card as a document; what is not said is left out."""
    return {
        "layout": LAYOUT,
        "sections": [
            _said(
                id=section.id,
                name=card.sections[section.id],
                weight=section.weight,
                criteria=[write_criterion(one, card.criteria[one.id]) for one in section.criteria],
            )
            for section in card.form.sections
        ],
    }


def read(document: object) -> Card:
    """A card from a document. Raises Misread for what is none."""
    reader = _Reader()
    card = reader.card(document)
    if reader.wrong or card is None:
        raise Misread(reader.wrong)
    return card


def read_criterion(document: object, where: str = "") -> tuple[Criterion, CriterionWords]:
    """One criterion with its words, as it stands in a document. Raises Misread for what is none."""
    reader = _Reader()
    found = reader.criterion(document, where)
    if reader.wrong or found is None:
        raise Misread(reader.wrong)
    return found


def write_criterion(one: Criterion, words: CriterionWords) -> dict[str, Any]:
    """One criterion with its words, as it stands in a document."""
    return _said(
        id=one.id,
        name=words.name,
        kind=str(one.kind),
        weight=one.weight,
        options=[
            _said(
                id=option.id,
                name=words.options[option.id].name,
                anchor=words.options[option.id].anchor,
                points=option.points,
                fails=option.fails or None,
            )
            for option in one.options
        ]
        or None,
        worst=None if one.worst is None else str(one.worst),
        best=None if one.best is None else str(one.best),
        unit=words.unit,
        may_skip=one.may_skip or None,
        fails=str(one.fails),
        bonus=one.is_bonus or None,
        comment_below=None if one.comment_below is None else int(one.comment_below * 100),
        shown_if=[
            {"criterion": each.criterion, "options": sorted(each.options)} for each in one.shown_if
        ]
        or None,
        help=words.help,
        why=words.why,
        good=words.good,
        bad=words.bad,
        links=[{"name": link.name, "url": link.url} for link in words.links] or None,
    )


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


class _Reader:
    """Reads a document and notes what is wrong; what cannot be read is passed over."""

    def __init__(self) -> None:
        self.wrong: list[Wrong] = []

    def card(self, document: object) -> Card | None:
        top = self._object(document, "", {"layout", "sections"})
        if top is None:
            return None
        if top.get("layout", LAYOUT) != LAYOUT:
            self._note("layout", "layout", top["layout"])
        names: dict[str, str] = {}
        words: dict[str, CriterionWords] = {}
        sections = []
        many = 0
        for where, each in self._list(top, "sections", "", MOST_SECTIONS):
            said = self._object(each, where, {"id", "name", "weight", "criteria"})
            if said is None:
                continue
            id = self._id(said, where, names)
            names[id] = self._text(said, "name", where, LONGEST_NAME, needed=True)
            criteria = []
            for place, one in self._list(said, "criteria", where, MOST_CRITERIA):
                many += 1
                found = self.criterion(one, place)
                if found is not None:
                    if found[0].id in words:
                        self._note(f"{place}.id", "twice", found[0].id)
                    criteria.append(found[0])
                    words[found[0].id] = found[1]
            weight = self._whole(said, "weight", where, MOST_WEIGHT)
            sections.append(Section(id, tuple(criteria), weight))
        if many > MOST_CRITERIA:
            self.wrong.append(Wrong("sections", "too_many", str(many), MOST_CRITERIA))
        return Card(Form(tuple(sections)), names, words)

    def criterion(self, said: object, where: str) -> tuple[Criterion, CriterionWords] | None:
        known = {
            "id", "name", "kind", "weight", "options", "worst", "best", "unit", "may_skip",
            "fails", "bonus", "comment_below", "shown_if", "help", "why", "good", "bad", "links",
        }  # fmt: skip
        row = self._object(said, where, known)
        if row is None:
            return None
        options, called = self._options(row, where)
        below = self._whole(row, "comment_below", where, 100)
        weight = self._whole(row, "weight", where, MOST_WEIGHT)
        criterion = Criterion(
            id=self._id(row, where),
            kind=Kind(self._one_of(row, "kind", where, [*Kind], Kind.TEXT)),
            weight=1 if weight is None else weight,
            options=options,
            worst=self._number(row, "worst", where),
            best=self._number(row, "best", where),
            may_skip=self._flag(row, "may_skip", where),
            fails=Fails(self._one_of(row, "fails", where, [*Fails], Fails.NOTHING)),
            is_bonus=self._flag(row, "bonus", where),
            comment_below=None if below is None else Fraction(below, 100),
            shown_if=self._conditions(row, where),
        )
        texts = {
            name: self._text(row, name, where, LONGEST_TEXT)
            for name in ("help", "why", "good", "bad")
        }
        words = CriterionWords(
            name=self._text(row, "name", where, LONGEST_NAME, needed=True),
            unit=self._text(row, "unit", where, LONGEST_ID),
            links=tuple(self._links(row, where)),
            options=called,
            **texts,
        )
        return criterion, words

    def _options(
        self, row: Mapping[str, Any], where: str
    ) -> tuple[tuple[Option, ...], dict[str, OptionWords]]:
        options: list[Option] = []
        called: dict[str, OptionWords] = {}
        for place, each in self._list(row, "options", where, MOST_OPTIONS):
            said = self._object(each, place, {"id", "name", "anchor", "points", "fails"})
            if said is None:
                continue
            id = self._id(said, place, called)
            points = self._whole(said, "points", place, MOST_WEIGHT)
            options.append(Option(id, points or 0, self._flag(said, "fails", place)))
            called[id] = OptionWords(
                self._text(said, "name", place, LONGEST_NAME, needed=True),
                self._text(said, "anchor", place, LONGEST_TEXT),
            )
        return tuple(options), called

    def _conditions(self, row: Mapping[str, Any], where: str) -> tuple[Condition, ...]:
        found: list[Condition] = []
        for place, each in self._list(row, "shown_if", where, MOST_LINKS):
            said = self._object(each, place, {"criterion", "options"})
            if said is None:
                continue
            options = [
                self._text({"": one}, "", at, LONGEST_ID, needed=True)
                for at, one in self._list(said, "options", place, MOST_OPTIONS)
            ]
            criterion = self._text(said, "criterion", place, LONGEST_ID, needed=True)
            if any(one.criterion == criterion for one in found):
                self._note(f"{place}.criterion", "twice", criterion)
            found.append(Condition(criterion, frozenset(options)))
        return tuple(found)

    def _links(self, row: Mapping[str, Any], where: str) -> Iterator[Link]:
        for place, each in self._list(row, "links", where, MOST_LINKS):
            said = self._object(each, place, {"name", "url"})
            if said is None:
                continue
            url = self._text(said, "url", place, LONGEST_TEXT, needed=True)
            if url and not is_address(url):
                self._note(f"{place}.url", "url", url)
            yield Link(self._text(said, "name", place, LONGEST_NAME, needed=True), url)

    def _object(self, value: object, where: str, known: set[str]) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            self._note(where, "object", value)
            return None
        for name in value:
            if name not in known:
                self._note(_at(where, _short(name)), "unknown", name)
        return {name: each for name, each in value.items() if name in known}

    def _list(
        self, row: Mapping[str, Any], name: str, where: str, most: int
    ) -> Iterator[tuple[str, object]]:
        value = row.get(name)
        place = _at(where, name)
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self._note(place, "list", value)
            return
        if len(value) > most:
            self.wrong.append(Wrong(place, "too_many", str(len(value)), most))
            return
        for number, each in enumerate(value):
            yield f"{place}[{number}]", each

    def _id(self, row: Mapping[str, Any], where: str, taken: Collection[str] = ()) -> str:
        """An id, which is none of those `taken`."""
        id = self._text(row, "id", where, LONGEST_ID, needed=True)
        if id and not _is_id(id):
            self._note(_at(where, "id"), "id", id)
        if id and id in taken:
            self._note(_at(where, "id"), "twice", id)
        return id

    def _text(
        self, row: Mapping[str, Any], name: str, where: str, most: int, *, needed: bool = False
    ) -> str:
        value = row.get(name)
        place = _at(where, name)
        if value is None or value == "":
            if needed:
                self._note(place, "needed", "")
            return ""
        if not isinstance(value, str):
            self._note(place, "text", value)
            return ""
        if len(value) > most:
            self.wrong.append(Wrong(place, "too_long", str(len(value)), most))
        if _UNKEPT.search(value):
            self._note(place, "letters", "")
            return ""
        return value

    def _whole(self, row: Mapping[str, Any], name: str, where: str, most: int) -> int | None:
        value = row.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._note(_at(where, name), "whole", value)
            return None
        if not 0 <= value <= most:
            self.wrong.append(Wrong(_at(where, name), "out_of_range", _short(value), most))
            return None
        return value

    def _number(self, row: Mapping[str, Any], name: str, where: str) -> Decimal | None:
        value = row.get(name)
        if value is None:
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise InvalidOperation
            number = Decimal(str(value))
            if not number.is_finite() or abs(number) > 10**9 or abs(number.as_tuple().exponent) > 9:  # type: ignore[arg-type]
                raise InvalidOperation
        except (ArithmeticError, ValueError):
            self._note(_at(where, name), "number", value)
            return None
        return number

    def _flag(self, row: Mapping[str, Any], name: str, where: str) -> bool:
        value = row.get(name, False)
        if not isinstance(value, bool):
            self._note(_at(where, name), "flag", value)
            return False
        return value

    def _one_of(
        self, row: Mapping[str, Any], name: str, where: str, known: Sequence[str], otherwise: str
    ) -> str:
        value = row.get(name, otherwise if name == "fails" else None)
        if value not in known or not isinstance(value, str):
            self._note(_at(where, name), "one_of", ", ".join(one for one in known if one))
            return otherwise
        return value

    def _note(self, where: str, code: str, value: object) -> None:
        self.wrong.append(Wrong(where, code, _short(value)))


def _short(value: object) -> str:
    """What stands somewhere, as far as it can be shown."""
    if isinstance(value, dict | list | tuple):
        return "…"
    try:
        said = str(value)
    except ValueError:  # a number of thousands of digits
        return "…"
    return _UNKEPT.sub("�", said[:80])


def is_address(url: str) -> bool:
    """Whether a link may lead there: a page of this site, or http(s) with a host."""
    if any(ord(each) < 33 for each in url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname)
    return not parts.scheme and not parts.netloc and url.startswith("/")


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where and name else where or name
