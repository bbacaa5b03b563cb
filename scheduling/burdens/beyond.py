"""How much more somebody bore than their fair share, all burdens together."""

from collections.abc import Mapping
from dataclasses import dataclass

from ccm.models import Agent
from scheduling.burdens.book import Book
from scheduling.fairness import Burden
from scheduling.fairness.shown import FEWEST
from scheduling.terms import read


@dataclass(frozen=True, slots=True)
class Beyond:
    """Somebody's: burdens borne minus the fair share of each kind, and the sum of them; `borne` is
    how many, of every kind together."""

    agent: Agent
    of: Mapping[Burden, float]
    borne: int

    @property
    def total(self) -> float:
        """In tenths, as it is shown: what looks equal is equal. A shift that is two burdens counts
        twice."""
        return round(sum(self.of.values()), 1)


def beyond(book: Book) -> dict[int, Beyond]:
    """Everybody's of a ledger, by agent, in the order of their names."""
    found = {}
    for one in book.agents:
        person = read.person_id(one.pk)
        lines = {burden: of.lines[person] for burden, of in book.ledger.accounts.items()}
        more = {burden: line.burden - line.expected for burden, line in lines.items()}
        found[one.pk] = Beyond(one, more, sum(line.burden for line in lines.values()))
    return found


def may_be_told(book: Book) -> bool:
    """Whether somebody may read their own sum: of each burden that was borne at all, enough people
    could have borne it that a fair share says nothing of any other (`shown.FEWEST`)."""
    return all(
        sum(line.ratio is not None for line in account.lines.values()) >= FEWEST
        for account in book.ledger.accounts.values()
        if account.given
    )
