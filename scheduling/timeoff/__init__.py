"""Time off: what people have of it, what a day allows, and what becomes of a request.

Pure. A balance is the sum of a book of entries (`accrual`, `balance`); a group's day allows what
its forecast leaves to spare, or a fixed number (`allowance`); days of leave take what would be
worked on them (`spent`); requests are held against rules that say what they found (`checks`), gone
through in a stated order (`deciding`), and shown by day (`calendar`). Minutes are whole minutes of
work; shares and people are exact fractions.
"""

from scheduling.timeoff.accrual import Accrual, Credit, Spell, Terms, credits
from scheduling.timeoff.allowance import Allowance, Measure, Staffed, by_forecast, fixed
from scheduling.timeoff.asked import Absence, DayOff, Member, Order, Policy, Request
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
    of_year,
    shortage,
)
from scheduling.timeoff.calendar import GroupDay, calendar
from scheduling.timeoff.checks import Fact, Rule, Standing, facts
from scheduling.timeoff.deciding import Book, Decision, Outcome, Settled, settle
from scheduling.timeoff.spent import days_asked, week_by_contract

__all__ = [
    "Absence",
    "Account",
    "Accrual",
    "Allowance",
    "Balance",
    "Book",
    "Credit",
    "DayOff",
    "Decision",
    "Entry",
    "Fact",
    "GroupDay",
    "Measure",
    "Member",
    "Opening",
    "Order",
    "Outcome",
    "Policy",
    "Posting",
    "Request",
    "Rule",
    "Settled",
    "Shortage",
    "Spell",
    "Staffed",
    "Standing",
    "Terms",
    "Use",
    "balance",
    "by_forecast",
    "calendar",
    "credits",
    "days_asked",
    "entries",
    "facts",
    "fixed",
    "left",
    "of_year",
    "settle",
    "shortage",
    "week_by_contract",
]
