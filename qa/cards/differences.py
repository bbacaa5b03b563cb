"""What two versions of a scorecard have different, and what it means for trends.

A criterion is the same while its id is. Whether what was said before and after can be laid side by
side hangs on what of it changed: how it is answered, of which calls it is asked, or how it counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from qa.cards.card import Card
from qa.cards.document import write_criterion

# Of a criterion: what its answers are worth, of which calls they are asked, how they count.
_ANSWERED = frozenset({"kind", "worst", "best", "unit", "points", "option"})
_ASKED = frozenset({"may_skip", "shown_if"})
_COUNTED = frozenset({"weight", "bonus", "fails", "option_fails", "section"})


@dataclass(frozen=True, slots=True)
class Change:
    """A value that is another: of a criterion or section (`where`; empty: of the form), perhaps of
    an `option` of it. `before` and `after` are as a document has them; None: it says nothing."""

    where: str
    field: str
    before: Any
    after: Any
    option: str = ""


class Trend(StrEnum):
    """What becomes of a criterion's trend."""

    BEGINS = "begins"
    ENDS = "ends"
    # Answers before and after are not answers to the same question.
    BREAKS = "breaks"
    # They are, but asked of other calls.
    ASKED_OTHERWISE = "asked"
    # They are, but count otherwise in the score.
    COUNTS_OTHERWISE = "counts"
    GOES_ON = "goes_on"


@dataclass(frozen=True, slots=True)
class Differences:
    """Of two cards: ids of criteria that came and went, of those that stand elsewhere among the
    others, and what changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    changes: tuple[Change, ...]
    trends: Mapping[str, Trend]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved or self.changes)

    def of(self, trend: Trend) -> list[str]:
        """The criteria whose trend that becomes of."""
        return [id for id, each in self.trends.items() if each == trend]

    @property
    def breaks_score(self) -> bool:
        """Whether the same call may get another score by the new card than by the old."""
        return any(each != Trend.GOES_ON for each in self.trends.values()) or any(
            change.field == "section_weight" for change in self.changes
        )


def between(old: Card, new: Card) -> Differences:
    """What the new card has different from the old one."""
    before = {one.id: one for one in old.form.criteria()}
    after = {one.id: one for one in new.form.criteria()}
    added = tuple(id for id in after if id not in before)
    removed = tuple(id for id in before if id not in after)
    own = {id: tuple(_of_criterion(old, new, id)) for id in after if id in before}
    trends = {
        **{id: _trend(changes) for id, changes in own.items()},
        **dict.fromkeys(added, Trend.BEGINS),
        **dict.fromkeys(removed, Trend.ENDS),
    }
    changes = (*_of_sections(old, new), *(one for each in own.values() for one in each))
    return Differences(added, removed, _moved(old, new), changes, trends)


def of_one(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], where: str
) -> Iterator[Change]:
    """What a criterion has different, both as documents have it."""
    was = before or {}
    for field in dict.fromkeys([*was, *after]):
        if field == "options":
            yield from _of_options(where, was.get(field) or (), after.get(field) or ())
        elif was.get(field) != after.get(field):
            yield Change(where, field, was.get(field), after.get(field))


def flat(old: Card, new: Card) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed, as plain values before and after by their places ("greeting.weight"): what the
    log of changes keeps of a draft."""
    found = between(old, new)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for one in found.changes:
        place = ".".join(each for each in (one.where, one.option, one.field) if each)
        before[place], after[place] = one.before, one.after
    for id in found.removed:
        before[f"{id}.name"] = old.name(id)
    for id in found.added:
        after[f"{id}.name"] = new.name(id)
    if found.moved:
        before["order"] = [one.id for one in old.form.criteria()]
        after["order"] = [one.id for one in new.form.criteria()]
    return before, after


def _of_criterion(old: Card, new: Card, id: str) -> Iterator[Change]:
    before, after = (
        write_criterion(one, card.criteria[id])
        for card in (old, new)
        if (one := card.find(id)) is not None
    )
    yield from of_one(before, after, id)
    was, now = _sections(old)[id], _sections(new)[id]
    if was != now:
        yield Change(id, "section", was, now)


def _of_options(where: str, before: Any, after: Any) -> Iterator[Change]:
    was, now = ({each["id"]: each for each in options} for options in (before, after))
    for option in dict.fromkeys([*was, *now]):
        if option not in now:
            yield Change(where, "option", was[option]["name"], None, option)
        elif option not in was:
            yield Change(where, "option", None, now[option]["name"], option)
        else:
            for field in ("name", "anchor", "points", "fails"):
                one, other = was[option].get(field), now[option].get(field)
                if one != other:
                    named = "points" if field == "points" else f"option_{field}"
                    yield Change(where, named, one, other, option)
    if [one for one in was if one in now] != [one for one in now if one in was]:
        yield Change(where, "options_order", [*was], [*now])


def _of_sections(old: Card, new: Card) -> Iterator[Change]:
    was = {one.id: one for one in old.form.sections}
    now = {one.id: one for one in new.form.sections}
    for id in dict.fromkeys([*was, *now]):
        if id not in now:
            yield Change(id, "section_removed", old.sections[id], None)
        elif id not in was:
            yield Change(id, "section_added", None, new.sections[id])
        else:
            if old.sections[id] != new.sections[id]:
                yield Change(id, "section_name", old.sections[id], new.sections[id])
            if was[id].weight != now[id].weight:
                yield Change(id, "section_weight", was[id].weight, now[id].weight)
    if [one for one in was if one in now] != [one for one in now if one in was]:
        yield Change("", "sections_order", [*was], [*now])


def _sections(card: Card) -> dict[str, str]:
    return {one.id: each.id for each in card.form.sections for one in each.criteria}


def _moved(old: Card, new: Card) -> tuple[str, ...]:
    """The fewest criteria that stand elsewhere among those that both have."""
    was = [one.id for one in old.form.criteria()]
    now = [one.id for one in new.form.criteria()]
    before, after = [id for id in was if id in set(now)], [id for id in now if id in set(was)]
    stayed = {
        id
        for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        for id in after[block.b : block.b + block.size]
    }
    return tuple(id for id in after if id not in stayed)


def _trend(changes: tuple[Change, ...]) -> Trend:
    fields = {one.field for one in changes}
    for known, trend in (
        (_ANSWERED, Trend.BREAKS),
        (_ASKED, Trend.ASKED_OTHERWISE),
        (_COUNTED, Trend.COUNTS_OTHERWISE),
    ):
        if fields & known:
            return trend
    return Trend.GOES_ON
