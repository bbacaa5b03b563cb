"""How the audit log tells of huddles."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, Team


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By the team and the day."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if not one.object_id or "team" not in said:
            continue
        words = _("Huddle of %(team)s, %(day)s") % {
            "team": names.of(Team, said["team"]), "day": said["day"],
        }  # fmt: skip
        found[one.pk] = Told(words, reverse("huddle", args=[one.object_id]))
    return found
