"""What entries of the audit log about sites are about, and how their values are said."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
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


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """The hour that days begin at, as a clock shows it."""
    if name == "day_begins" and value is not None:
        return _("Days begin"), f"{value:02}:00"
    return None
