"""How the audit log tells of points."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.filters import address
from ccm.models import AuditEntry, Team


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By the team."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "team" not in said:
            continue
        words = _("Points of %(team)s") % {"team": names.of(Team, said["team"])}
        found[one.pk] = Told(words, address(reverse("points"), {"team": said["team"]}))
    return found
