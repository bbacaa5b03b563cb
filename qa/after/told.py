"""How the log of changes tells of disputes."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, Site


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Which dispute; its page has the rest. Of an export the site."""
    found = {}
    for one in entries:
        site = (one.after or {}).get("site")
        words = _("Disputes of %(site)s") % {"site": names.of(Site, site)} if site else ""
        words = words or _("Dispute %(number)s") % {"number": one.object_id}
        found[one.pk] = Told(words)
    return found
