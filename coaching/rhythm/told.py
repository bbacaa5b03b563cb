"""How the log of changes tells of rhythms."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Team


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Of which team a rhythm is, with its page."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        team = said.get("team")
        if team is None:
            continue
        words = _("Rhythm of coaching of %(team)s") % {"team": names.of(Team, team)}
        found[entry.pk] = Told(words, reverse("rhythm_team", args=[team]))
    return found
