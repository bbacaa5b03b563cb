"""How the log of changes tells of calibration sessions."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, Site


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by its name; of an export the site."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        name = said.get("name") or names.of(Site, said.get("site") or 0)
        found[one.pk] = Told(_("Calibration: %(name)s") % {"name": name})
    return found
