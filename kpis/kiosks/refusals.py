"""Whether a link is good, and else why not: in words for whoever stands in front of the screen."""

from datetime import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from kpis.kiosks import networks
from kpis.models import KioskLink

UNKNOWN, REVOKED, EXPIRED, ELSEWHERE = "unknown", "revoked", "expired", "elsewhere"


class Refusal(NamedTuple):
    """Why a link shows nothing, and what can be done about it. Neither the wall behind the link nor
    the networks it is for are told."""

    reason: str
    said: str
    hint: str


def of(link: KioskLink | None, now: datetime, address: str) -> Refusal | None:
    """Why a link is not good at an address (None: there is no such link); None: it is."""
    if link is None:
        said = _("This link is not known")
        hint = _("It may be incomplete, or its wall was removed. Whoever looks after the wallboards"
                 " can make a new one.")  # fmt: skip
        return Refusal(UNKNOWN, said, hint)
    if link.revoked_at is not None:
        hint = _("Whoever looks after the wallboards can make a new one.")
        return Refusal(REVOKED, _("This link was revoked"), hint)
    if link.expires_at <= now:
        ended = date_format(localtime(link.expires_at, link.board.site.tz), "j M Y, H:i")
        said = _("This link ran out on %(moment)s") % {"moment": ended}
        return Refusal(EXPIRED, said, _("Whoever looks after the wallboards can prolong it."))
    if not networks.allow(link.networks, address):
        said = _("This link is not meant for the network that this screen is in")
        hint = _("Whoever looks after the wallboards can say where it is good.")
        return Refusal(ELSEWHERE, said, hint)
    return None
