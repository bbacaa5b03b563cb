"""Time off: what people have of it.

Pure. A balance is the sum of a book of entries (`accrual`, `balance`), in whole minutes of work.
"""

from scheduling.timeoff.accrual import Accrual, Credit, Spell, Terms, credits
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
    "Balance",
    "Credit",
    "Entry",
    "Opening",
    "Posting",
    "Shortage",
    "Spell",
    "Terms",
    "Use",
    "balance",
    "credits",
    "entries",
    "left",
    "shortage",
]
