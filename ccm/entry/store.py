"""Sessions in the database, each with whose it is and when a person last did something in it.

When that was stands in a column of its own: a page writes it at most once a minute by one
statement, and no page writes the whole session over what another has just put there.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.utils import timezone

from ccm.entry.lasting import SEEN_EVERY, Limits
from ccm.models import BrowserSession

# A cookie outlives its session, so that a page can tell that there was one.
COOKIE_LONGER = timedelta(days=1)
# When a session began, which its next key takes along.
BEGAN = "ccm_began"


def limits() -> Limits:
    return Limits(
        timedelta(minutes=settings.SESSION_IDLE_MINUTES), timedelta(hours=settings.SESSION_HOURS)
    )


class SessionStore(InDatabase):
    """A session as a request sees it. `for_walls` is whether the request is one that a session
    opens which a wall alone keeps open; `was_over` whether the session opens it no more."""

    for_walls = False
    was_over = False
    _is_told_again = False
    row: BrowserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row: BrowserSession | None = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None or not self._opens(row, now):
            self.was_over = self._is_told_again = True
            self._session_key = None
            return {}
        self.row = row
        return self.decode(row.session_data)

    def _opens(self, row: BrowserSession, now: datetime) -> bool:
        return self.for_walls or now < limits().pages_until(row.began_at, row.seen_at)

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        now = timezone.now()
        began = _moment(data.get(BEGAN)) or (self.row.began_at if self.row else now)
        seen = self.row.seen_at if self.row else now
        until = self.row.expire_date if self.row else limits().pages_until(began, seen)
        return BrowserSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=until,
            user_id=data.get(SESSION_KEY),
            began_at=began,
            seen_at=seen,
        )

    def begin(self) -> None:
        """Somebody signed in: from now on its time is counted."""
        self[BEGAN] = timezone.now().timestamp()
        self.row = None

    def touch(self, now: datetime) -> None:
        """A person did something, or a wall asked. At most one statement a minute."""
        if self.row is None or self.session_key != self.row.session_key:
            return
        seen, until = self.row.seen_at, self.row.expire_date
        if self.for_walls:
            wanted = max(until, limits().walls_until(self.row.began_at, now))
            if wanted - until >= SEEN_EVERY:
                until = wanted
        elif now - seen >= SEEN_EVERY:
            seen = now
            until = max(until, limits().pages_until(self.row.began_at, now))
        if (seen, until) == (self.row.seen_at, self.row.expire_date):
            return
        self.row.seen_at, self.row.expire_date = seen, until
        if not self.modified:  # what is saved anyway has it
            found = BrowserSession.objects.filter(pk=self.session_key)
            found.update(seen_at=seen, expire_date=until)

    def is_empty(self) -> bool:
        """Whether the cookie is taken away, too: not of a session that is over, so that what a page
        asks for by itself does not take what its reader is to be told."""
        return super().is_empty() and not self._is_told_again

    def flush(self) -> None:
        super().flush()
        self.row = None
        self.was_over = True
        self._is_told_again = False

    @classmethod
    def clear_expired(cls) -> None:
        """Drop the rows of sessions that are over; their streams have ended long ago."""
        over = BrowserSession.objects.filter(expire_date__lt=timezone.now())
        over._raw_delete(over.db)

    def get_expiry_age(self, **_said: Any) -> int:
        """How long the browser keeps the cookie, in seconds: the session itself ends earlier."""
        return int((limits().whole + COOKIE_LONGER).total_seconds())

    def get_expiry_date(self, **_said: Any) -> datetime:
        return timezone.now() + timedelta(seconds=self.get_expiry_age())


def _moment(stamp: Any) -> datetime | None:
    return datetime.fromtimestamp(stamp, timezone.get_default_timezone()) if stamp else None
