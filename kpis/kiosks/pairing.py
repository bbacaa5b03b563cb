"""Pairing: a screen shows a code, and whoever reads it there gives the screen a board.

The code alone opens nothing. The screen has a secret of its own, and that becomes the words of its
link, so it finds its board again by the secret for as long as the link is good.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from ccm import audit
from ccm.models import User, token_hash
from kpis.kiosks import links, networks, told
from kpis.models import Board, KioskLink, WaitingScreen

LIFE = timedelta(minutes=10)
DIGITS = 6
# So many screens wait at once, and at one address: a code that is typed wrongly should meet
# nobody's, and nobody should keep all others from theirs.
MOST_WAITING, MOST_THERE = 200, 20
_TRIES = 20
_BROWSERS = (
    ("SmartTV", r"SmartTV|SMART-TV|Tizen|Web0S|WebOS|BRAVIA|AppleTV|CrKey|AFT\w"),
    ("Edge", r"Edg/"),
    ("Firefox", r"Firefox/"),
    ("Chrome", r"Chrome/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iPad or iPhone", r"iPad|iPhone"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
    ("macOS", r"Macintosh"),
)


class TooManyWait(Exception):
    """No code is given to one more screen for now."""


def wait(address: str, browser: str, now: datetime) -> tuple[WaitingScreen, str]:
    """A screen that asks for a code, and its secret. Forgets those whose code has run out.

    Raises TooManyWait.
    """
    forget(now)
    there = networks.masked(address)
    waiting_from = list(WaitingScreen.objects.values_list("address", flat=True))
    if len(waiting_from) >= MOST_WAITING or waiting_from.count(there) >= MOST_THERE:
        raise TooManyWait
    secret = links.new_words()
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                screen = WaitingScreen.objects.create(
                    code=f"{secrets.randbelow(10**DIGITS):0{DIGITS}}",
                    hash=token_hash(secret),
                    address=there,
                    browser=browser_words(browser),
                    asked_at=now,
                    expires_at=now + LIFE,
                )
        except IntegrityError:
            continue  # another screen has this code
        return screen, secret
    raise TooManyWait


def forget(now: datetime) -> None:
    """Drop the screens whose code has run out."""
    WaitingScreen.objects.filter(expires_at__lte=now).delete()


def waiting(secret: str, now: datetime) -> WaitingScreen | None:
    """The screen of a secret, while its code is good."""
    return WaitingScreen.objects.filter(hash=token_hash(secret), expires_at__gt=now).first()


def shown_by(code: str, now: datetime) -> WaitingScreen | None:
    """The screen that shows a code."""
    return WaitingScreen.objects.filter(code=code, expires_at__gt=now).first()


@transaction.atomic
def pair(
    screen: int,
    code: str,
    board: Board,
    name: str,
    user: User,
    until: datetime,
    now: datetime,
    allowed: Sequence[str] = (),
) -> KioskLink | None:
    """Give the screen of that id and code a board; None: it shows the code no more. Once. The audit
    log has it, and what the screen was known by."""
    found = (
        WaitingScreen.objects.select_for_update()
        .filter(pk=screen, code=code, expires_at__gt=now)
        .first()
    )
    if found is None:
        return None
    link = KioskLink.objects.create(
        board=board,
        name=name,
        hash=found.hash,
        created_by=user,
        expires_at=until,
        networks=list(allowed),
    )
    known_by = ", ".join(filter(None, (found.browser, found.address)))
    audit.record(user, link, before=None, after=told.values(link) | {"paired": known_by}, now=now)
    found.delete()
    return link


def browser_words(agent: str) -> str:
    """What a browser says of itself, as "Chrome on Linux"; "": nothing we know."""
    browser = next((name for name, sign in _BROWSERS if re.search(sign, agent)), "")
    system = next((name for name, sign in _SYSTEMS if re.search(sign, agent)), "")
    return " · ".join(filter(None, (browser, system)))
