"""Queues played through, call by call: for what no formula tells.

Several queues and pools of people with skills, callers who leave and call again, call backs, calls
out in between, breaks, handle times as they were, arrivals that change through the day. Pure, and
seeded: the same seed plays the same days.

    centre.py    what is played: queues, pools, when who is there
    drawing.py   a day's calls, drawn by chance
    engine.py    plays them, event by event; compiled
    outcome.py   what came of them, by queue and interval, and how sure that is
    playing.py   many days of it, side by side
    required.py  the fewest people with whom targets are met

`docs/staffing.md` says how far it agrees with the formulas where these hold.
"""
