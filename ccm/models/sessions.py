"""Who is signed in with which browser."""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from ccm.models.people import User


class BrowserSession(AbstractBaseSession):
    """A session of a browser: whose, since when, and when a person last did something in it.

    `expire_date` is when nothing of it is left; what it opens until then is said by
    `ccm.entry.lasting`.
    """

    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="browser_sessions"
    )
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta(AbstractBaseSession.Meta):
        pass

    @classmethod
    def get_session_store_class(cls) -> Any:
        from ccm.entry.store import SessionStore

        return SessionStore
