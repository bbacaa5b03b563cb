"""What the log of changes keeps of points on agendas: that one was put there, changed or taken off,
by whom and when. What a point says is not in it: of some an agent writes what is for their coach
alone."""

from datetime import datetime
from typing import Any

from ccm import audit
from ccm.models import User
from coaching.models import AgendaItem

UNSAID = (
    "id", "title", "words", "otherwise", "facts", "found_as", "call", "place", "by", "made_at",
)  # fmt: skip


def values(point: AgendaItem) -> dict[str, Any]:
    """What it keeps of a point."""
    return audit.values_of(point, UNSAID)


def put_on(point: AgendaItem, who: User, now: datetime) -> None:
    """A new point stands on an agenda; of one that waits for a session nobody else knows yet."""
    if point.session_id is not None:
        audit.record(who, point, before=None, after=values(point), now=now)


def changed(point: AgendaItem, before: dict[str, Any], who: User, now: datetime) -> None:
    """A point is another, stands elsewhere, or is struck off; nothing where it is as it was."""
    after = values(point)
    if before != after:
        audit.record(who, point, before=before, after=after, now=now)
