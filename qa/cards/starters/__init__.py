"""Scorecards to begin with: documents as anybody may bring them in, each beside its words."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qa.cards import files
from qa.cards.card import Card

_HERE = Path(__file__).parent
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Starter:
    id: str
    name: Words
    words: Words

    @property
    def card(self) -> Card:
        return _read(self.id)

    @property
    def criteria(self) -> int:
        return sum(1 for _one in self.card.form.criteria())

    @property
    def sections(self) -> str:
        return ", ".join(self.card.sections.values())


STARTERS = (
    Starter("support", _("Support"), _("Faults, questions and complaints that callers bring.")),
    Starter("sales", _("Sales"), _("Needs, offers and objections, on calls in and out.")),
    Starter("collections", _("Collections"), _("Debts: the right person, circumstances, a plan.")),
)


def find(id: str) -> Starter | None:
    return next((one for one in STARTERS if one.id == id), None)


@cache
def _read(id: str) -> Card:
    return files.load((_HERE / f"{id}.yaml").read_bytes())
