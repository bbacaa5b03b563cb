"""Time off: what people have of it, and what a day allows.

Pure. A balance is the sum of a book of entries (`accrual`, `balance`); a group's day allows what
its forecast leaves to spare, or a fixed number (`allowance`).
"""

from scheduling.timeoff.accrual import Accrual, Credit, Spell, Terms, credits
from scheduling.timeoff.allowance import Allowance, Measure, Staffed, by_forecast, fixed
from scheduling.timeoff.balance import (
    Account,
    Balance,
    Entry,
    Opening,
    Posting,
    Shortage,
    Use,
    balance,
    entries,
    left,
    shortage,
)

__all__ = [
    "Account",
    "Accrual",
    "Allowance",
    "Balance",
    "Credit",
    "Entry",
    "Measure",
    "Opening",
    "Posting",
    "Shortage",
    "Spell",
    "Staffed",
    "Terms",
    "Use",
    "balance",
    "by_forecast",
    "credits",
    "entries",
    "fixed",
    "left",
    "shortage",
]
