"""Changes of a scorecard, one at a time: sections and criteria put in, moved, exchanged, taken out.

Each takes a card and gives another. What is not there raises KeyError.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import replace

from qa.cards.card import Card, CriterionWords, OptionWords
from qa.cards.document import LONGEST_ID, MOST_CRITERIA, MOST_SECTIONS
from qa.scoring import Criterion, Fails, Form, Kind, Option, Section

_MET = (("yes", 1, False), ("no", 0, True))
_LEVELS = 5


def empty() -> Card:
    return Card(Form(()), {}, {})


def has_room(card: Card) -> bool:
    """Whether another criterion may be added."""
    return sum(1 for _one in card.form.criteria()) < MOST_CRITERIA


def has_room_for_section(card: Card) -> bool:
    return len(card.form.sections) < MOST_SECTIONS


def ids(card: Card) -> set[str]:
    """Of its sections and criteria."""
    return {one.id for one in card.form.sections} | {one.id for one in card.form.criteria()}


def new_id(name: str, taken: Collection[str], otherwise: str) -> str:
    """An id that reads like the name and is none of those taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: LONGEST_ID - 5].strip("-") or otherwise
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found


def add_section(card: Card, id: str, name: str) -> Card:
    """A section at the end, without criteria and weight."""
    sections = (*card.form.sections, Section(id, ()))
    return Card(Form(sections), {**card.sections, id: name}, card.criteria)


def change_section(card: Card, id: str, name: str, weight: int | None) -> Card:
    _section(card, id)
    sections = [replace(one, weight=weight) if one.id == id else one for one in card.form.sections]
    return Card(Form(tuple(sections)), {**card.sections, id: name}, card.criteria)


def remove_section(card: Card, id: str) -> Card:
    """With all of its criteria."""
    gone = {one.id for one in _section(card, id).criteria}
    return Card(
        Form(tuple(one for one in card.form.sections if one.id != id)),
        {key: name for key, name in card.sections.items() if key != id},
        {key: words for key, words in card.criteria.items() if key not in gone},
    )


def move_section(card: Card, id: str, by: int) -> Card:
    """So many places on; not beyond the first and the last."""
    others = [one for one in card.form.sections if one.id != id]
    moved = _section(card, id)
    place = card.form.sections.index(moved) + by
    others.insert(max(0, place), moved)
    return Card(Form(tuple(others)), card.sections, card.criteria)


def put(
    card: Card,
    one: Criterion,
    words: CriterionWords,
    section: str,
    before: str | None = None,
) -> Card:
    """A criterion put into a section, or exchanged for the one of its id: where it stands already,
    unless it is to stand in another section or `before` another criterion; else at the end."""
    _section(card, section)
    here = section_of(card, one.id)
    sections = []
    for each in card.form.sections:
        criteria = list(each.criteria)
        if here == section == each.id and before is None:
            criteria = [one if old.id == one.id else old for old in criteria]
        else:
            criteria = [old for old in criteria if old.id != one.id]
            if each.id == section:
                known = [old.id for old in criteria]
                criteria.insert(known.index(before) if before in known else len(known), one)
        sections.append(replace(each, criteria=tuple(criteria)))
    return Card(Form(tuple(sections)), card.sections, {**card.criteria, one.id: words})


def remove(card: Card, id: str) -> Card:
    """Those that it showed are at fault then, and are told as such."""
    find(card, id)
    sections = [
        replace(each, criteria=tuple(one for one in each.criteria if one.id != id))
        for each in card.form.sections
    ]
    left = {key: words for key, words in card.criteria.items() if key != id}
    return Card(Form(tuple(sections)), card.sections, left)


def move(card: Card, id: str, by: int) -> Card:
    """One place back or on; from the end of a section into the next, and the other way about."""
    one, words = find(card, id)
    places = [each.id for each in card.form.sections]
    section = next(each for each in card.form.sections if one in each.criteria)
    here, at = places.index(section.id), section.criteria.index(one)
    others = [each.id for each in section.criteria if each.id != id]
    if 0 <= at + by <= len(others):
        before = others[at + by] if at + by < len(others) else ""
        return put(card, one, words, section.id, before)
    there = here + (1 if by > 0 else -1)
    if not 0 <= there < len(places):
        return card
    into = card.form.sections[there].criteria
    return put(card, one, words, places[there], into[0].id if by > 0 and into else "")


def find(card: Card, id: str) -> tuple[Criterion, CriterionWords]:
    """A criterion and its words. Raises KeyError where there is none."""
    found = card.find(id)
    if found is None:
        raise KeyError(id)
    return found, card.criteria[id]


def section_of(card: Card, id: str) -> str | None:
    """The section that a criterion stands in."""
    for each in card.form.sections:
        if any(one.id == id for one in each.criteria):
            return each.id
    return None


def before(card: Card, id: str) -> Iterator[Criterion]:
    """The criteria that stand before one; of one that is not there, all."""
    for one in card.form.criteria():
        if one.id == id:
            return
        yield one


def fresh(
    id: str, name: str, kind: Kind, called: dict[str, str]
) -> tuple[Criterion, CriterionWords]:
    """A criterion of a kind as it begins; `called` says how answers are named: yes, no, best, worst
    and option."""
    words: dict[str, OptionWords] = {}
    options: list[Option] = []
    if kind == Kind.YES_NO:
        options = [Option(*one) for one in _MET]
        words = {option: OptionWords(called[option]) for option, *_rest in _MET}
    elif kind == Kind.SCALE:
        options = [Option(str(n + 1), n) for n in range(_LEVELS)]
        anchors = {0: called["worst"], _LEVELS - 1: called["best"]}
        words = {str(n + 1): OptionWords(str(n + 1), anchors.get(n, "")) for n in range(_LEVELS)}
    elif kind == Kind.CHOICE:
        options = [Option("a", 1), Option("b", 0)]
        words = {each.id: OptionWords(f"{called['option']} {each.id.upper()}") for each in options}
    one = Criterion(id, kind, 0 if kind == Kind.TEXT else 10, tuple(options), fails=Fails.NOTHING)
    return one, CriterionWords(name, options=words)


def _section(card: Card, id: str) -> Section:
    for one in card.form.sections:
        if one.id == id:
            return one
    raise KeyError(id)
