"""How many people the days of a forecast take.

    aims.py    what a queue's people are reckoned by: targets, patience, what its plan says
    needed.py  positions and hours of days, by that

The reckoning is in `scheduling/staffing/requirement.py`.
"""
