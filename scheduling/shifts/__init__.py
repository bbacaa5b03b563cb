"""What rosters are made of: days, shapes of shifts, people and what binds them, what is asked for,
and who works when. Pure, and without a rule or a search of its own: `scheduling.roster` makes
rosters of these words and `scheduling.rules` checks them, and neither knows the other.

Moments are whole minutes since the span's beginning, as time goes by (on a day of 25 hours the
next day begins 1,500 minutes later); minutes of the clock are those a clock on the wall has shown
since midnight.
"""

from scheduling.shifts.days import Day
from scheduling.shifts.demand import Demand, NeedOfShape
from scheduling.shifts.limits import HARD, Limits, Weights
from scheduling.shifts.people import Pairing, Person, Wish, Worked
from scheduling.shifts.problem import Problem
from scheduling.shifts.roster import Activity, Assignment, Roster
from scheduling.shifts.sessions import Session
from scheduling.shifts.shapes import Kind, Pause, Shape

__all__ = [
    "HARD",
    "Activity",
    "Assignment",
    "Day",
    "Demand",
    "Kind",
    "Limits",
    "NeedOfShape",
    "Pairing",
    "Pause",
    "Person",
    "Problem",
    "Roster",
    "Session",
    "Shape",
    "Weights",
    "Wish",
    "Worked",
]
