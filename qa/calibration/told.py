"""How the log of changes tells of calibration sessions."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each by its name."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if name := said.get("name"):
            found[one.pk] = Told(_("Calibration: %(name)s") % {"name": name})
    return found
