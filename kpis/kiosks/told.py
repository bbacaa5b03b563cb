"""What the audit log keeps of kiosk links, and how it is said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from ccm.templatetags.figures import DASH
from kpis.models import Board, KioskLink

_UNSAID = ("id", "hash", "created_by", "created_at", "terms", "revoked_at",
           "last_seen_at", "last_seen_address")  # fmt: skip


def values(link: KioskLink) -> dict[str, Any]:
    """The terms of a link, its end by the clock of its site; its words never, nor their hash."""
    ends = localtime(link.expires_at, link.board.site.tz)
    return audit.values_of(link, _UNSAID) | {
        "expires_at": ends.isoformat(timespec="minutes"),
        "networks": list(link.networks),
    }


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Screen: Hall, of Leeds, all queues", with the list of walls. No query."""
    words, url = _("Screen: %(name)s, of %(board)s"), reverse("boards")
    found = {}
    for one in entries:
        said = audit.said(one)
        if not said.keys() >= {"board", "name"}:
            continue
        board = names.of(Board, said["board"])
        found[one.pk] = Told(words % {"name": said["name"], "board": board}, url)
    return found


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """The terms as the page of a board's screens calls them."""
    if name == "name":
        return _("Screen"), value or DASH
    if name == "expires_at":
        return _("Good until"), (value or DASH).replace("T", " ")
    if name == "networks":
        return _("Only from"), DASH if value is None else ", ".join(value) or _("anywhere")
    if name == "paired":
        return _("Paired with"), value or DASH
    return None
