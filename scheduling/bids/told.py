"""How the audit log tells of bids."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry
from scheduling.models import KeptRoster


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """On which roster a round is, and whose choices."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts = []
        if said.get("roster") is not None:
            parts.append(names.of(KeptRoster, said["roster"]))
        if said.get("round") is not None:
            parts.append(_("round %(number)s") % {"number": said["round"]})
        if said.get("agent") is not None:
            parts.append(names.of(Agent, said["agent"]))
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {', '.join(parts)}")
    return found
