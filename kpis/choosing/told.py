"""What entries of the audit log about choices are about."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Told
from ccm.models import AuditEntry, Queue, Site
from kpis.definitions import KPIS


def tell(entries: Sequence[AuditEntry]) -> dict[int, Told]:
    """Each as "Service level, Sales", with the page of the KPI. Two queries."""
    said = {one.pk: one.after or one.before or {} for one in entries}
    sites = dict(Site.objects.filter(pk__in=_ids(said, "site")).values_list("pk", "name"))
    queues = dict(Queue.objects.filter(pk__in=_ids(said, "queue")).values_list("pk", "name"))
    found = {}
    for number, values in said.items():
        kpi = KPIS.get(values["kpi"])
        site, queue = values["site"], values["queue"]
        where = _("all sites")
        if queue is not None:
            where = queues.get(queue, _("queue %(number)d") % {"number": queue})
        elif site is not None:
            where = sites.get(site, _("site %(number)d") % {"number": site})
        name = kpi.name if kpi is not None else values["kpi"]
        url = reverse("definition", args=[kpi.id]) if kpi is not None else ""
        found[number] = Told(f"{name}, {where}", url)
    return found


def _ids(said: Mapping[int, Mapping[str, Any]], name: str) -> set[int]:
    return {values[name] for values in said.values()} - {None}
