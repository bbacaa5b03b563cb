"""What is said of scorecards: what is wrong with one, what changed, what becomes of trends."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.templatetags.figures import DASH, yes_no
from qa.cards.card import Card, CriterionWords
from qa.cards.differences import Change, Trend
from qa.cards.document import Misread, Wrong
from qa.scoring import Criterion, Fails, Kind, faults
from qa.scoring.form import Fault

Words = str | Promise
MOST_TOLD = 30

KINDS: dict[Kind, Words] = {
    Kind.YES_NO: gettext_lazy("Yes or no"),
    Kind.SCALE: gettext_lazy("Scale"),
    Kind.CHOICE: gettext_lazy("Choice"),
    Kind.NUMBER: gettext_lazy("Number"),
    Kind.TEXT: gettext_lazy("Text"),
}
FAILS: dict[Fails, Words] = {
    Fails.NOTHING: gettext_lazy("No"),
    Fails.SECTION: gettext_lazy("Fails its section"),
    Fails.FORM: gettext_lazy("Fails the whole review"),
}
_MEMBERS: dict[str, Words] = {
    "layout": gettext_lazy("layout"),
    "sections": gettext_lazy("section"),
    "criteria": gettext_lazy("criterion"),
    "options": gettext_lazy("answer"),
    "links": gettext_lazy("link"),
    "shown_if": gettext_lazy("condition"),
}
FIELDS: dict[str, Words] = {
    "id": gettext_lazy("id"),
    "name": gettext_lazy("name"),
    "kind": gettext_lazy("kind"),
    "weight": gettext_lazy("weight"),
    "worst": gettext_lazy("worth nothing at"),
    "best": gettext_lazy("worth all at"),
    "unit": gettext_lazy("unit"),
    "may_skip": gettext_lazy("may be not applicable"),
    "fails": gettext_lazy("critical"),
    "bonus": gettext_lazy("bonus"),
    "comment_below": gettext_lazy("comment needed below, %"),
    "shown_if": gettext_lazy("shown only if"),
    "help": gettext_lazy("what is looked at"),
    "why": gettext_lazy("why it matters"),
    "good": gettext_lazy("good example"),
    "bad": gettext_lazy("bad example"),
    "links": gettext_lazy("links"),
    "url": gettext_lazy("address"),
    "criterion": gettext_lazy("criterion"),
    "anchor": gettext_lazy("description"),
    "section": gettext_lazy("section"),
    "section_name": gettext_lazy("name"),
    "section_weight": gettext_lazy("weight"),
    "section_added": gettext_lazy("new section"),
    "section_removed": gettext_lazy("section removed"),
    "sections_order": gettext_lazy("order of sections"),
    "option": gettext_lazy("answer"),
    "option_name": gettext_lazy("name"),
    "option_anchor": gettext_lazy("description"),
    "option_fails": gettext_lazy("fails it"),
    "points": gettext_lazy("points"),
    "options_order": gettext_lazy("order of answers"),
}
_TRENDS: dict[Trend, tuple[Words, Words]] = {
    Trend.BREAKS: (
        gettext_lazy("Answered otherwise"),
        gettext_lazy("Answers before and after are of different questions: the trend has a break."),
    ),
    Trend.ASKED_OTHERWISE: (
        gettext_lazy("Asked of other calls"),
        gettext_lazy("The question is the same, but other calls answer it: compare with care."),
    ),
    Trend.COUNTS_OTHERWISE: (
        gettext_lazy("Counts otherwise"),
        gettext_lazy("Its own trend goes on; what it adds to a score is another."),
    ),
    Trend.BEGINS: (gettext_lazy("New"), gettext_lazy("Their trends begin with this version.")),
    Trend.ENDS: (
        gettext_lazy("Removed"),
        gettext_lazy("Their trends end; what was answered stays and can be read."),
    ),
    Trend.GOES_ON: (
        gettext_lazy("Go on"),
        gettext_lazy("The same key, the same answers: their trends go on."),
    ),
}


def wrong(misread: Misread) -> list[str]:
    """Everything that is wrong with a document, each with its place; of many the first ones."""
    found = [_with_place(one) for one in misread.wrong[:MOST_TOLD]]
    more = len(misread.wrong) - len(found)
    if more > 0:
        found.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
    return found


def _with_place(one: Wrong) -> str:
    said = problem(one)
    return f"{where}: {said}" if (where := place(one.where)) else said


def place(where: str) -> str:
    """A place of a document as people count: "section 1, criterion 3, kind"."""
    parts = []
    for part in where.split("."):
        found = re.fullmatch(r"([a-z_]+)\[(\d+)\]", part)
        if found is None:
            parts.append(str(_MEMBERS.get(part) or FIELDS.get(part) or f"“{part}”"))
        else:
            name = _MEMBERS.get(found[1]) or FIELDS.get(found[1]) or found[1]
            parts.append(f"{name} {int(found[2]) + 1}")
    return ", ".join(parts) if where else ""


def problem(one: Wrong) -> str:
    """What is wrong, without its place."""
    told = {"value": one.value, "limit": one.limit}
    said: dict[str, str] = {
        "layout": _("this layout is not known: 1 is."),
        "object": _("an object with members is needed here."),
        "list": _("a list is needed here."),
        "unknown": _("there is no such member: it would be ignored."),
        "needed": _("this is needed."),
        "text": _("a text is needed, in quotes where it looks like a number, not %(value)s."),
        "letters": _("there are signs in it that no text can have."),
        "too_long": _("%(value)s letters are too many: %(limit)s are possible."),
        "too_many": _("%(value)s are too many: %(limit)s are possible."),
        "whole": _("a whole number is needed, not “%(value)s”."),
        "out_of_range": _("%(value)s is not from 0 to %(limit)s."),
        "number": _("a number is needed, not “%(value)s”."),
        "flag": _("true or false is needed, not “%(value)s”."),
        "one_of": _("one of these is needed: %(value)s."),
        "url": _("“%(value)s” is no address of a page: begin with https:// or with /."),
        "id": _("“%(value)s” cannot be an id: letters a to z, digits, - _ . can."),
        "twice": _("“%(value)s” is there twice."),
        "too_large": _("The file is too large: %(limit)s KB are read."),
        "encoding": _("The file is no text in UTF-8 (from its byte %(limit)s on)."),
        "empty": _("The file is empty."),
        "json": _("This is no JSON (%(value)s).") if one.value else _("This is no JSON."),
        "yaml": _("This is no YAML (%(value)s).") if one.value else _("This is no YAML."),
        "alias": _("Aliases and tags are not read: write each value where it belongs."),
        "deep": _("Values lie deeper in each other than those of a scorecard."),
        "member_twice": _("“%(value)s” is said twice."),
    }
    words = said[one.code] % told
    if one.code in ("json", "yaml", "alias", "deep", "member_twice") and one.limit:
        words += " " + _("Line %(line)d.") % {"line": one.limit}
    return words


def _faults() -> dict[Fault, str]:
    return {
        Fault.NOTHING_SCORED: _("Nothing on it is scored: give a criterion a weight."),
        Fault.TWICE: _("This id is there twice."),
        Fault.NO_CRITERIA: _("This section has no criteria yet."),
        Fault.FEW_OPTIONS: _("There must be at least two answers."),
        Fault.OPTION_TWICE: _("An answer is there twice."),
        Fault.NO_DIFFERENCE: _("All answers have the same points: nothing can be told apart."),
        Fault.NEGATIVE: _("Weights and points are not below 0."),
        Fault.BOUNDS: _("Say at which number it is worth nothing, and at which all."),
        Fault.NEVER_FAILS: _("It is critical, but no answer fails it: mark one."),
        Fault.CRITICAL_BONUS: _("A bonus cannot be critical: nobody loses by not earning it."),
        Fault.CRITICAL_KIND: _("Only what is chosen from answers can be critical."),
        Fault.SHOWN_BY_LATER: _("It is shown by a criterion that does not stand before it."),
        Fault.SHOWN_BY_NO_OPTION: _("It is shown by an answer that its criterion does not have."),
        Fault.SECTION_WEIGHTS: _("Either every section has a weight of its own, or none has."),
    }


def faults_of(card: Card) -> dict[str, list[str]]:
    """What keeps a card from being published, by the ids of its criteria and sections; empty: of
    the whole."""
    said = _faults()
    found: dict[str, list[str]] = defaultdict(list)
    for one in faults(card.form):
        if said[one.fault] not in found[one.where]:
            found[one.where].append(said[one.fault])
    return dict(found)


@dataclass(frozen=True, slots=True)
class Placed:
    """Something that is said of a place of a card: a criterion or section by its id, or the whole
    (empty), and what that is called."""

    words: str
    where: str = ""
    name: str = ""
    is_section: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.words}" if self.name else self.words


def faults_placed(card: Card) -> list[Placed]:
    """What keeps a card from being published, each with its place."""
    return _placed(card, faults_of(card))


def faults_told(card: Card) -> list[str]:
    """The same as texts."""
    return [str(one) for one in faults_placed(card)]


def unsaid_of(card: Card) -> dict[str, list[str]]:
    """What reviewers would have to guess of a card's answers, by the ids of its criteria. It keeps
    nothing from being published."""
    stock = re.compile(re.escape(called()["option"]) + " [A-Z]")
    found: dict[str, list[str]] = defaultdict(list)
    for one in card.form.criteria():
        options = [card.criteria[one.id].options[each.id] for each in one.options]
        named = [each.name for each in options if stock.fullmatch(each.name)]
        if one.kind == Kind.CHOICE and named:
            found[one.id].append(
                _("Still called %(names)s: name the answers.") % {"names": ", ".join(named)}
            )
        if one.kind == Kind.SCALE and options and not (options[0].anchor and options[-1].anchor):
            found[one.id].append(
                _("What its lowest and its highest step look like is not described.")
            )
        elif one.kind == Kind.SCALE and {each.anchor for each in options[1:-1]} == {""}:
            found[one.id].append(_("None of the steps between the ends is described."))
    return dict(found)


def unsaid(card: Card) -> list[Placed]:
    """The same, each with its place."""
    return _placed(card, unsaid_of(card))


def _placed(card: Card, found: Mapping[str, Sequence[str]]) -> list[Placed]:
    return [
        Placed(words, where, _named(card, where) if where else "", where in card.sections)
        for where, each in found.items()
        for words in each
    ]


def _named(card: Card, where: str) -> str:
    return card.sections[where] if where in card.sections else card.name(where)


@dataclass(frozen=True, slots=True)
class Said:
    """A change in words; a dash where there is nothing."""

    name: str
    field: str
    before: str
    after: str


def changes(old: Card, new: Card, found: Iterable[Change]) -> list[Said]:
    """Changes in the words of both cards."""
    told = []
    for one in found:
        name = _named(new if _has(new, one.where) else old, one.where) if one.where else ""
        field = str(FIELDS[one.field])
        if one.option:
            card = new if one.after is not None or one.field != "option" else old
            field = f"{card.option(one.where, one.option)}, {field}"
        told.append(Said(name, field, _value(old, one, one.before), _value(new, one, one.after)))
    return told


def _has(card: Card, where: str) -> bool:
    return where in card.sections or where in card.criteria


def _value(card: Card, one: Change, value: Any) -> str:
    if value is None or value == "":
        # No weight of a section is one, too; what is not marked is not.
        return _("no") if one.field in ("may_skip", "bonus", "option_fails") else DASH
    if isinstance(value, bool):
        return yes_no(value)
    if one.field == "kind":
        return str(KINDS[Kind(value)])
    if one.field == "fails":
        return str(FAILS[Fails(value)])
    if one.field == "section":
        return card.sections.get(value, value)
    if one.field == "shown_if":
        return "; ".join(condition(card, each["criterion"], each["options"]) for each in value)
    if one.field == "links":
        return ", ".join(f"{each['name']} ({each['url']})" for each in value)
    if one.field == "options_order":
        return ", ".join(card.option(one.where, each) for each in value)
    if one.field == "sections_order":
        return ", ".join(card.sections.get(each, each) for each in value)
    return str(value)


def condition(card: Card, criterion: str, options: Iterable[str]) -> str:
    """An answer that shows another criterion: "Sold: Yes or Partly"."""
    order = card.criteria[criterion].options if criterion in card.criteria else {}
    wanted = {*options}
    known = [*[one for one in order if one in wanted], *sorted(wanted - {*order})]
    said = _(" or ").join(card.option(criterion, each) for each in known)
    return f"{card.name(criterion)}: {said}"


def shown_if(card: Card, one: Criterion) -> list[str]:
    return [condition(card, each.criterion, each.options) for each in one.shown_if]


@dataclass(frozen=True, slots=True)
class TrendSaid:
    """What becomes of the trends of some criteria."""

    level: str
    title: str
    words: str
    names: Sequence[str]


def trends(old: Card, new: Card, found: Mapping[str, Trend]) -> list[TrendSaid]:
    """What becomes of the trends, what needs most care first."""
    levels = {Trend.BREAKS: "bad", Trend.ASKED_OTHERWISE: "warn", Trend.COUNTS_OTHERWISE: "warn"}
    told = []
    for trend, (title, words) in _TRENDS.items():
        ids = [id for id, each in found.items() if each == trend]
        if ids:
            card = old if trend == Trend.ENDS else new
            names = [card.name(id) for id in ids]
            told.append(TrendSaid(levels.get(trend, "none"), str(title), str(words), names))
    return told


def stale() -> str:
    return _(
        "Somebody changed this draft since you opened the page. Yours is not kept yet: look, and "
        "save again."
    )


def called() -> dict[str, str]:
    """How the answers of a new criterion are named."""
    return {
        "yes": _("Met"),
        "no": _("Not met"),
        "worst": _("Not at all"),
        "best": _("Fully"),
        "option": _("Answer"),
    }


def anchor(kind: Kind, called: CriterionWords, option: str) -> str:
    """What an answer looks like on a call; of a step of a scale that nobody described, between
    which two that are it lies. "": that is not known."""
    chosen = called.options.get(option)
    if chosen is None or chosen.anchor or kind != Kind.SCALE:
        return "" if chosen is None else chosen.anchor
    told = [one.anchor for one in called.options.values()]
    place = [*called.options].index(option)
    before = next((one for one in reversed(told[:place]) if one), "")
    after = next((one for one in told[place + 1 :] if one), "")
    if not before or not after:
        return ""
    return _("between “%(one)s” and “%(other)s”") % {"one": before, "other": after}
