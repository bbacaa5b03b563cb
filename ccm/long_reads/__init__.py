"""Answers that take longer than anybody waits for a page.

What reads the calls themselves asks for its rows here. A page gives them `ANSWER_SECONDS`; past
that the database ends the read, and a job does the same request over in a worker, at its own pace
(`rehearsing`). The rows that it reads are kept for `KEPT_SECONDS`, so that whoever asked finds the
page answered at once, with its files, its order and its next pages, all as of one moment.

Commands and tasks wait for what they ask, and find nothing that was kept.
"""

from ccm.long_reads.pace import (
    KEPT_SECONDS,
    TakesLong,
    asked_at,
    beside,
    hurried,
    is_rehearsal,
    kept_since,
    rows,
    who_rehearses,
)

__all__ = [
    "KEPT_SECONDS",
    "TakesLong",
    "asked_at",
    "beside",
    "hurried",
    "is_rehearsal",
    "kept_since",
    "rows",
    "who_rehearses",
]
