"""Models of queues held against weeks that were, out of the record.

    reckoning.py  models held against what was, by calls, and how sure an error is; pure
    sharing.py    whose time an agent's time was: shared out among queues; pure
    reads.py      what is read: who was there, who worked for what, what came and became of it
    replay.py     days played through by the simulator, with who was there; pure
    fits.py       what calls tell of callers and work; pure
    fitted.py     the same as it is kept; pure
    making.py     puts it together, each night, and keeps it
    shown.py      what the pages show of it
    drawn.py      their charts

`docs/staffing.md` says what is taken for who was there.
"""
