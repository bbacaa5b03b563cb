"""Tokens that open one board's stream for a minute; an open stream lives on without it.

Signed, not stored: the endpoint that reads them touches no database. A page fetches a fresh
one before every connection, and whoever gives it out checks first that its holder may look.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.core import signing

SECONDS = 60
_SALT = "ccm.live.stream"
KIOSK = "kiosk:"


class BadToken(Exception):
    """Forged, expired or damaged."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may watch which board, and until when (seconds since 1970; None: as long as a stream
    lives)."""

    slug: str
    holder: str
    until: float | None = None


def kiosk(link_id: int, terms: int = 0) -> str:
    """The holder who came by a kiosk link, under its terms of that number: whoever came under
    others is another, and can be sent away alone."""
    return f"{KIOSK}{link_id}.{terms}" if terms else f"{KIOSK}{link_id}"


def person(user_id: int) -> str:
    """The holder who signed in."""
    return f"user:{user_id}"


def stream_token(slug: str, holder: str, until: datetime | None = None) -> str:
    said = [slug, holder] if until is None else [slug, holder, until.timestamp()]
    return signing.dumps(said, salt=_SALT, compress=False)


def stream_url(slug: str, holder: str, until: datetime | None = None) -> str:
    """Where a page opens its stream, within the next `SECONDS`; it ends at `until`."""
    return f"/live/{quote(slug)}?t={quote(stream_token(slug, holder, until))}"


def read_token(token: str) -> Pass:
    """What a token allows. Raises BadToken."""
    try:
        slug, holder, *until = signing.loads(token, salt=_SALT, max_age=SECONDS)
        return Pass(str(slug), str(holder), *map(float, until))
    except (signing.BadSignature, ValueError, TypeError) as bad:
        raise BadToken from bad
