"""Tokens that open one board's stream for a minute; an open stream lives on without it.

Signed, not stored: the endpoint that reads them touches no database. A page fetches a fresh
one before every connection, and whoever gives it out checks first that its holder may look.
"""

from dataclasses import dataclass
from urllib.parse import quote

from django.core import signing

SECONDS = 60
_SALT = "ccm.live.stream"


class BadToken(Exception):
    """Forged, expired or damaged."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Who may watch which board."""

    slug: str
    holder: str


def kiosk(link_id: int) -> str:
    """The holder who came by a kiosk link."""
    return f"kiosk:{link_id}"


def person(user_id: int) -> str:
    """The holder who signed in."""
    return f"user:{user_id}"


def stream_token(slug: str, holder: str) -> str:
    return signing.dumps([slug, holder], salt=_SALT, compress=False)


def stream_url(slug: str, holder: str) -> str:
    """Where a page opens its stream, within the next `SECONDS`."""
    return f"/live/{quote(slug)}?t={quote(stream_token(slug, holder))}"


def read_token(token: str) -> Pass:
    """What a token allows. Raises BadToken."""
    try:
        slug, holder = signing.loads(token, salt=_SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError) as bad:
        raise BadToken from bad
    return Pass(str(slug), str(holder))
