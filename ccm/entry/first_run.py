"""The first admin, made on a page by whoever reads the log of a server that nobody can enter yet.

The page takes a token that the log shows. It is made of the installation's secret key, so that it
is the same in all processes and after each start, and is kept nowhere; it opens one page, which is
gone as soon as there is anybody, and for ever once an admin was made with it.
"""

import base64
import hmac
import logging
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import ADMIN
from ccm.models import AuditEntry, User

log = logging.getLogger(__name__)

# An entry of the audit log by this name says that the token was used.
WHY = "first-run"
# Any number will do, so long as nothing else in the database locks the same one.
_LOCK = 0x63636D46
_known_to_be_over = False


class TooLate(Exception):
    """Somebody else was first."""


def token() -> str:
    """160 bits of a keyed hash, in groups that can be typed."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"ccm.entry.first_run", sha256).digest()
    letters = base64.b32encode(digest[:20]).decode().lower()
    return "-".join(letters[at : at + 8] for at in range(0, len(letters), 8))


def is_token(said: str) -> bool:
    """Whether somebody has read the log; takes as long of any word."""
    plain = "".join(said.split()).lower()
    return hmac.compare_digest(plain.encode(errors="replace"), token().encode())


def is_due() -> bool:
    """Whether nobody can enter yet. One query at most; none once there was anybody, for this
    process."""
    global _known_to_be_over
    if _known_to_be_over:
        return False
    if User.objects.exists() or AuditEntry.objects.filter(model="ccm.user", why=WHY).exists():
        _known_to_be_over = True
    return not _known_to_be_over


def is_over() -> bool:
    """Whether this process knows that somebody can enter. No query."""
    return _known_to_be_over


def make_admin(user: User, password: str) -> User:
    """Make the first admin of an unsaved user; the audit log has it. Raises TooLate."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if not is_due():
            raise TooLate
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=ADMIN))
        audit.record(user, user, before=None, after={"role": ADMIN}, now=timezone.now(), why=WHY)
    return user


def announce(address: str) -> None:
    """Write to the log where the first admin is made, and with which token; nothing where there is
    somebody already."""
    if is_due():
        words = _(
            "Nobody can sign in yet. Make the first admin at %(url)s with the token %(token)s"
        )
        log.warning(words % {"url": f"{address}/first-run/", "token": token()})
