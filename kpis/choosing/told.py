"""What entries of the audit log about choices are about, and how their values are said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Queue, Site
from ccm.templatetags.figures import DASH
from kpis.choosing import fields
from kpis.definitions import KPIS


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Service level, Sales", with the page of the KPI."""
    found = {}
    for one in entries:
        values = audit.said(one)
        if not values.keys() >= {"site", "queue", "kpi"}:
            continue
        site, queue = values["site"], values["queue"]
        where = _("all sites")
        if queue is not None:
            where = names.of(Queue, queue)
        elif site is not None:
            where = names.of(Site, site)
        kpi = KPIS.get(values["kpi"])
        name = kpi.name if kpi is not None else values["kpi"]
        url = reverse("definition", args=[kpi.id]) if kpi is not None else ""
        found[one.pk] = Told(f"{name}, {where}", url)
    return found


def called(kpi: str) -> str:
    """A KPI by its name; what is none as it is."""
    return str(KPIS[kpi].name) if kpi in KPIS else kpi


def write(values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """A KPI by its name, a variant, and the parameters as their form says them."""
    if name == "kpi":
        return _("KPI"), called(value) or DASH
    if name == "variant":
        unsaid = DASH
        if value == "":
            own = _("as in the wider scope")
            unsaid = own if values.get("parameters") else _("nothing of its own")
        return _("Definition"), value or unsaid
    if name == "valid_from":
        return _("From"), value or DASH
    return fields.said(name, value)
