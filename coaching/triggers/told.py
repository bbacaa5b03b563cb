"""How the log of changes tells of proposals and of the rules that made them."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Site
from coaching.models import Proposal, TriggerRule


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose proposal it is, with its page."""
    rows = Proposal.objects.in_bulk([int(one.object_id) for one in entries if one.object_id])
    return {
        one.pk: Told(
            _("Proposed session with %(who)s") % {"who": names.of(Agent, row.agent_id)},
            reverse("proposal", args=[row.pk]),
        )
        for one in entries
        if (row := rows.get(int(one.object_id or 0))) is not None
    }


def tell_rules(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """What a rule looks for, with its page."""
    rows = TriggerRule.objects.in_bulk([int(one.object_id) for one in entries if one.object_id])
    return {
        one.pk: Told(
            _("Rule that proposes sessions: %(what)s") % {"what": row.get_kind_display()},
            reverse("trigger_rule", args=[row.pk]),
        )
        for one in entries
        if (row := rows.get(int(one.object_id or 0))) is not None
    }


def tell_limits(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Of which site they are."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        if said.get("site") is not None:
            words = _("Limits of proposals of %(site)s") % {"site": names.of(Site, said["site"])}
            found[entry.pk] = Told(words)
    return found
