"""A queue's day that has begun: what came so far, and what its rest is told to be.

    day.py       what is expected, what came, and the rest by each way, pure
    weights.py   a learned way as it is kept, pure
    trials.py    how each way would have done on past days, pure
    learning.py  learns a queue's way, once a week
    reads.py     the days of some queues now
    keeping.py   keeps what was said when, and holds it against what came
    told.py      how what was said did, and which way is to be believed when
    drawn.py     its curve

The ways themselves are in `scheduling/forecast/intraday.py`.
"""
