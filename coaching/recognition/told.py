"""How the audit log tells of recognition."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import Agent, AuditEntry


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By who it was given to, as they are called now."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if not one.object_id or "agent" not in said:
            continue
        agent = names.of(Agent, said["agent"])
        words = _("Recognition of %(agent)s") % {"agent": agent}
        found[one.pk] = Told(words, reverse("recognition"))
    return found
