"""How long a session lasts, pure.

A session is a person's while they do something: half an hour after they last did, and twelve hours
after they signed in, it opens no page any more. A wall that is shown asks for a token every ten
minutes at most, which keeps the session open for walls alone, and for `WALL_DAYS` at most: whoever
finds the screen can look, and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WALL_DAYS = 7
# When a person last did something is written at most so often.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """After how long without a person a session ends, and after how long in any case."""

    idle: timedelta
    whole: timedelta

    def pages_until(self, began: datetime, seen: datetime) -> datetime:
        """Until when it opens pages."""
        return min(seen + self.idle, began + self.whole)

    def walls_until(self, began: datetime, now: datetime) -> datetime:
        """Until when it opens walls, of which one is shown now."""
        return min(now + self.idle, began + max(self.whole, timedelta(days=WALL_DAYS)))
