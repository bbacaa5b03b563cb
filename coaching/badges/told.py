"""How the audit log tells of rules of badges."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By its name."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "name" in said:
            found[one.pk] = Told(_("Badge: %(name)s") % {"name": said["name"]}, reverse("badges"))
    return found
