"""Pulse and exit surveys: what people say of their work, of nobody.

`reads` reads, `services` writes, `marks` says who has answered without saying who, `mixing` takes
away what the database itself would tell of when, `apart` (pure) refuses groups that would tell of a
few by subtraction, `summing` (pure) makes figures of answers, `forms` ask and `told` says it in the
audit log. Addresses below `UNLOGGED` stand in no access log.
"""

UNLOGGED = "/coaching/pulse/"
"""What leads to the form, too: who opened that may have answered."""
FEWEST = 5
"""Of fewer people nothing is asked, and nothing is told."""
