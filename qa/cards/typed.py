"""A criterion as it is typed into its form: read into a document, and drawn again as it was typed.

Fields of rows carry their number: `option-0-name`, `link-2-url`; rows in which nothing is written
are none. What is wrong is told by the reader of documents, at the place where it stands.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from qa.cards import words
from qa.cards.card import Card, CriterionWords
from qa.cards.document import (
    MOST_LINKS,
    MOST_OPTIONS,
    Misread,
    read_criterion,
    write_criterion,
)
from qa.cards.edits import before, new_id
from qa.scoring import Criterion, Kind
from qa.scoring.form import CHOSEN

_TEXTS = ("name", "help", "why", "good", "bad", "unit", "worst", "best")
_ROW = re.compile(r"(option|link)-(\d{1,3})-([a-z]+)")
_SHOWN = "shown-"
# Rows that stand ready for more answers and links.
SPARE_OPTIONS, SPARE_LINKS = 2, 1


@dataclass(frozen=True, slots=True)
class Shower:
    """A criterion that may show this one: its answers, and which of them do."""

    id: str
    name: str
    options: list[tuple[str, str, bool]]

    @property
    def is_chosen(self) -> bool:
        return any(chosen for _id, _name, chosen in self.options)


@dataclass
class Typed:
    """A criterion's form: `said` is the document that is typed, `wrong` what is wrong by its
    place."""

    said: dict[str, Any]
    showers: list[Shower]
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.said.get("kind") or "")

    @property
    def is_chosen(self) -> bool:
        return self.kind in {str(one) for one in CHOSEN}

    @property
    def options(self) -> list[tuple[int, Mapping[str, Any], str]]:
        """Each row of an answer with its number and what is wrong, and some that are empty."""
        return self._rows("options", SPARE_OPTIONS, MOST_OPTIONS)

    @property
    def links(self) -> list[tuple[int, Mapping[str, Any], str]]:
        return self._rows("links", SPARE_LINKS, MOST_LINKS)

    def _rows(self, name: str, spare: int, most: int) -> list[tuple[int, Mapping[str, Any], str]]:
        rows = list(self.said.get(name) or ())
        rows += [{}] * max(0, min(spare, most - len(rows)))
        return [
            (number, row, " ".join(self._of_row(f"{name}[{number}]")))
            for number, row in enumerate(rows)
        ]

    def _of_row(self, place: str) -> Iterator[str]:
        for where, said in self.wrong.items():
            if where == place:
                yield said
            elif where.startswith(f"{place}."):
                yield f"{words.place(where.removeprefix(f'{place}.'))}: {said}"

    @property
    def elsewhere(self) -> list[str]:
        """What is wrong that no field of the form shows."""
        shown = {*_TEXTS, "kind", "weight", "comment_below"}
        return [
            f"{words.place(where)}: {said}" if where else said
            for where, said in self.wrong.items()
            if where not in shown and not where.startswith(("options[", "links["))
        ]


def of_criterion(card: Card, one: Criterion, said: CriterionWords) -> Typed:
    """The form of a criterion as it is."""
    return of_document(card, one.id, write_criterion(one, said))


def of_document(card: Card, id: str, document: dict[str, Any]) -> Typed:
    chosen = {each["criterion"]: {*each["options"]} for each in document.get("shown_if") or ()}
    return Typed(document, [*_showers(card, id, chosen)])


def of_post(card: Card, id: str, sent: QueryDict) -> Typed:
    """The form as it was sent."""
    said: dict[str, Any] = {"id": id, "kind": sent.get("kind", "")}
    for name in _TEXTS:
        said[name] = sent.get(name, "").replace("\r\n", "\n").strip()
    for name in ("weight", "comment_below"):
        said[name] = _number(sent.get(name, ""))
    if said["weight"] is None:
        said["weight"] = 0
    said["fails"] = sent.get("fails", "")
    for name in ("may_skip", "bonus"):
        said[name] = sent.get(name) == "yes"
    said["options"] = _options(sent)
    said["links"] = [
        {"name": row.get("name", ""), "url": row.get("url", "")} for row in _rows(sent, "link")
    ]
    chosen = {
        name.removeprefix(_SHOWN): {*sent.getlist(name)} for name in sent if name.startswith(_SHOWN)
    }
    said["shown_if"] = [
        {"criterion": name, "options": sorted(options)} for name, options in chosen.items()
    ]
    return Typed(said, [*_showers(card, id, chosen)])


def read(typed: Typed) -> tuple[Criterion, CriterionWords] | None:
    """The criterion that is typed; None: it is none, and `typed` says why."""
    said = {name: value for name, value in typed.said.items() if value not in ("", None, [])}
    if typed.kind == Kind.TEXT:
        said["weight"] = 0
    if not typed.is_chosen:
        said.pop("options", None)
    if typed.kind != Kind.NUMBER:
        for name in ("worst", "best", "unit"):
            said.pop(name, None)
    try:
        return read_criterion(said)
    except Misread as misread:
        for one in misread.wrong:
            typed.wrong.setdefault(one.where, words.problem(one))
        return None


def _showers(card: Card, id: str, chosen: Mapping[str, Collection[str]]) -> Iterator[Shower]:
    """The criteria before this one that are chosen from answers; and those that are said to show it
    and no longer can, so that they can be taken away."""
    earlier = [one for one in before(card, id) if one.kind in CHOSEN]
    for one in earlier:
        said = card.criteria[one.id]
        wanted = chosen.get(one.id, ())
        options = [(each.id, said.options[each.id].name, each.id in wanted) for each in one.options]
        known = {each.id for each in one.options}
        options += [(each, each, True) for each in sorted({*wanted} - known)]
        yield Shower(one.id, said.name, options)
    for name in chosen.keys() - {one.id for one in earlier}:
        found = card.criteria.get(name)
        yield Shower(
            name,
            name if found is None else found.name,
            [(each, card.option(name, each), True) for each in sorted(chosen[name])],
        )


def _options(sent: QueryDict) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    taken = {row["id"] for row in _rows(sent, "option") if row.get("id")}
    for row in _rows(sent, "option"):
        id = row.get("id") or new_id(row.get("name", ""), taken, "answer")
        taken.add(id)
        points = _number(row.get("points", ""))
        found.append(
            {
                "id": id,
                "name": row.get("name", ""),
                "anchor": row.get("anchor", ""),
                "points": 0 if points is None else points,
                "fails": row.get("fails") == "yes",
            }
        )
    return found


def _rows(sent: QueryDict, kind: str) -> list[dict[str, str]]:
    """The rows of a kind in which something is written, in the order of their numbers."""
    rows: dict[int, dict[str, str]] = {}
    for name in sent:
        found = _ROW.fullmatch(name)
        if found is not None and found[1] == kind:
            text = sent.get(name, "").replace("\r\n", "\n").strip()
            rows.setdefault(int(found[2]), {})[found[3]] = text
    return [
        row
        for _number, row in sorted(rows.items())
        if any(row.get(name) for name in ("name", "anchor", "url"))
    ]


def _number(text: str) -> int | str | None:
    """A whole number; a text that is none as it is, for the reader to say so."""
    text = text.strip()
    if not text:
        return None
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text
