"""Models of queues held against weeks that were, out of the record.

    sharing.py  whose time an agent's time was: shared out among queues; pure
    reads.py    what is read: who was there, who worked for what, what came and became of it
    replay.py   days played through by the simulator, with who was there; pure
    fitted.py   what calls tell of callers and work, as it is kept; pure
    making.py   puts it together, each night, and keeps it
    shown.py    what the pages show of it
    drawn.py    their charts

`scheduling/proof.py` has the reckoning, `docs/staffing.md` says what is taken for who was there.
"""
