"""How the log of changes tells of plans."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import Agent, AuditEntry
from coaching.models import Plan


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose plan it is, with its page."""
    rows = Plan.objects.in_bulk([int(one.object_id) for one in entries if one.object_id])
    return {
        one.pk: Told(
            _("Plan of %(who)s") % {"who": names.of(Agent, row.agent_id)},
            reverse("plan", args=[row.pk]),
        )
        for one in entries
        if (row := rows.get(int(one.object_id or 0))) is not None
    }
