"""Who is there for the rest of a day, what it lacks, and what can be moved so that it lacks less.

    pool.py      queues that the same people take, pure
    outlook.py   what comes, is required and is there by interval, and what that gives, pure
    moving.py    pauses and sessions that can be moved, and what each would give, pure
    reads.py     a day of a pool, and who is planned and was there
    movable.py   what of published shifts can be moved, by the rules of rosters
    taking.py    takes a proposal, and keeps what it was predicted to do
    effects.py   what came of it
    merging.py   what of it follows a queue that is merged
    drawn.py     its curve

Forecasts are made by what is below `scheduling.intraday`, and rosters of forecasts: who is there
is told here, above both.
"""
