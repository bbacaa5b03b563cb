"""What entries of the audit log about sites are about."""

from collections.abc import Sequence

from django.urls import reverse

from ccm.audit import Names, Told
from ccm.models import AuditEntry, Site


def tell(entries: Sequence[AuditEntry], _names: Names) -> dict[int, Told]:
    """Each by the name that its site has now, with the page of that; of one that is gone nothing.
    One query."""
    names = dict(
        Site.objects.filter(pk__in={one.object_id for one in entries}).values_list("pk", "name")
    )
    return {
        one.pk: Told(names[int(one.object_id)], reverse("site_edit", args=[one.object_id]))
        for one in entries
        if int(one.object_id) in names
    }
