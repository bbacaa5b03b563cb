"""Who bears what of the work that nobody would choose: weekends, nights, lates, splits, holidays.

Pure. What somebody bore is held against what there was to bear while they could have borne it
(`ledger`), a roster's costs are set so that the next ones even it out (`prices`), and everyone sees
their own and the group's without names (`own`).
"""

from scheduling.fairness.facts import Asked, Burden, Given, Member, burdens_of
from scheduling.fairness.ledger import Account, Ledger, Line, ledger
from scheduling.fairness.prices import prices
from scheduling.fairness.refusals import Refusals
from scheduling.fairness.shown import Own, Quartiles, own, quartiles

__all__ = [
    "Account",
    "Asked",
    "Burden",
    "Given",
    "Ledger",
    "Line",
    "Member",
    "Own",
    "Quartiles",
    "Refusals",
    "burdens_of",
    "ledger",
    "own",
    "prices",
    "quartiles",
]
