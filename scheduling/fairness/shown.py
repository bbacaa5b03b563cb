"""What somebody sees who plans for nobody: their own, and the group's without names."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles

from scheduling.fairness.facts import Burden
from scheduling.fairness.ledger import Account, Ledger
from scheduling.fairness.refusals import Refusals

# Of fewer, a distribution says of somebody what they bear.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Quartiles:
    """A quarter of the group has at most `lower`, half at most `middle`, three quarters at most
    `upper`. The lowest and the highest are somebody's own, and not told."""

    people: int
    lower: float
    middle: float
    upper: float


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody's own of one burden, in the words of `scheduling.fairness.ledger`, and the group's
    ratios. What says something of the others in a smaller group, as the fair share does, is left
    out."""

    burden: int
    wished: int
    eligible: float
    ratio: float | None
    group: Quartiles | None


def quartiles(account: Account) -> Quartiles | None:
    """Of the ratios of those who have one, by linear interpolation between them (Hyndman and Fan
    1996, type 7). None where fewer than `FEWEST` do."""
    ratios = [line.ratio for line in account.lines.values() if line.ratio is not None]
    if len(ratios) < FEWEST:
        return None
    lower, middle, upper = quantiles(ratios, n=4, method="inclusive")
    return Quartiles(len(ratios), lower, middle, upper)


def own(book: Ledger, person: str) -> tuple[Mapping[Burden, Own], Refusals]:
    """What somebody may see of a ledger. Raises KeyError of who is not in it."""
    seen = {}
    for burden, account in book.accounts.items():
        line = account.lines[person]
        seen[burden] = Own(line.burden, line.wished, line.eligible, line.ratio, quartiles(account))
    return seen, book.refusals[person]
