"""A scorecard: the form that is scored, and the words in which it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.scoring import Criterion, Form


@dataclass(frozen=True, slots=True)
class Link:
    """A page to read about a criterion: of this site ("/...") or elsewhere (http, https)."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class OptionWords:
    """An option as it is called; `anchor` describes what it looks like on a call."""

    name: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """How a criterion is asked: what is looked at (`help`), why it matters, an example that meets
    it and one that does not. `unit` is that of a number."""

    name: str
    help: str = ""
    why: str = ""
    good: str = ""
    bad: str = ""
    unit: str = ""
    links: tuple[Link, ...] = ()
    options: Mapping[str, OptionWords] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Card:
    """A form, the names of its sections by their ids, and the words of its criteria by theirs."""

    form: Form
    sections: Mapping[str, str]
    criteria: Mapping[str, CriterionWords]

    def name(self, criterion: str) -> str:
        """What a criterion is called; its id where the form has none of it any more."""
        words = self.criteria.get(criterion)
        return criterion if words is None else words.name

    def find(self, criterion: str) -> Criterion | None:
        return next((one for one in self.form.criteria() if one.id == criterion), None)

    def option(self, criterion: str, option: str) -> str:
        """What an option is called; its id where there is none of it."""
        words = self.criteria.get(criterion)
        found = None if words is None else words.options.get(option)
        return option if found is None else found.name

    def described(self, criterion: str, option: str) -> str:
        """What an option is called, with what it stands for: "3: Asks before it says"."""
        name, words = self.option(criterion, option), self.criteria.get(criterion)
        found = None if words is None else words.options.get(option)
        return f"{name}: {found.anchor}" if found is not None and found.anchor else name
