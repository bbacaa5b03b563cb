"""What the agent who can sign in has promised: callers who are to hear from them again.

Some were called back in time, some late, some never, and a few are still to be.
"""

from datetime import datetime, timedelta

from ccm import notes
from ccm.intervals import DAY
from ccm.models import Call, CallNote, Outcome, User

SINCE = timedelta(days=14)
MOST = 12
WORDS = "Wants to hear how it goes on."
# A note is written while the call is wrapped up, for the same time of the next working day.
_WRITTEN_AFTER = timedelta(seconds=20)
_EARLY, _LATE = timedelta(minutes=-12), timedelta(hours=3)
# When each in turn was called back, against when they were to be; None: never.
_KEPT = (_EARLY, _EARLY, _LATE, None)


def promise(user: User, now: datetime) -> None:
    """Notes on the user's latest calls that helped nobody, as they are at `now` (aware). Safe to
    run twice."""
    if CallNote.objects.filter(author=user).exists():
        return
    calls = Call.objects.filter(
        agent__user=user, outcome=Outcome.ANSWERED, resolved=False, direction="inbound"
    ).offered_between(now - SINCE, now)
    for place, call in enumerate(calls.select_related("site").order_by("-offered_at")[:MOST]):
        at = (call.ended_at or call.offered_at) + _WRITTEN_AFTER
        due = _next_working_day(at, call)
        note = notes.write(call, user, {"callback_due_at": due, "words": WORDS}, at)
        kept = _KEPT[place % len(_KEPT)]
        if kept is not None and due + kept < now:
            notes.called_back(note, user, due + kept)


def _next_working_day(at: datetime, call: Call) -> datetime:
    due = at.replace(second=0, microsecond=0) + DAY
    while due.astimezone(call.site.calendar.zone).weekday() >= 5:
        due += DAY
    return due
