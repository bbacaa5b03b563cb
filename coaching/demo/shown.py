"""What a demo shows of coaching, part by part: each may be cut off and is gone on with when it is
asked for again."""

from datetime import datetime

from coaching.demo import belonging, heard, history, learned, remarked, shelved, talked, tried
from coaching.demo.people import people

FEWEST_DAYS = 28
"""Of a shorter past there is nothing to talk about."""


def write(now: datetime) -> bool:
    """Write all of it; whether there is a demo to write it of. Safe to run twice.

    Its reviews are there by then, and everybody in it has a sign-in (`qa.demo`): what is told of
    reviews, and by agents themselves, is left out where they are not.
    """
    history.write(now)
    who = people(now)
    if who is None or who.days < FEWEST_DAYS:
        return False
    # Talks are prepared with what callers wrote, and courses read pages.
    heard.write(who, now)
    pages = shelved.write(who, now)
    learned.write(who, pages, now)
    talked.write(who, now)
    belonging.write(who, now)
    tried.write(who, now)
    remarked.write(who, now)
    return True
