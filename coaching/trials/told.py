"""How the audit log tells of trials."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from coaching.models import Trial
from kpis.definitions import KPIS


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By what it is called now; a list that left as a file is told elsewhere."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    titles = dict(Trial.objects.filter(pk__in=ids).values_list("pk", "title"))
    found = {}
    for one in entries:
        if not one.object_id:
            continue
        pk = int(one.object_id)
        words = _("Trial: %(title)s") % {"title": titles.get(pk, str(pk))}
        found[one.pk] = Told(words, reverse("trial", args=[pk]) if pk in titles else "")
    return found


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """KPIs, hopes and decisions in their words."""
    if name == "kpi":
        return _("KPI"), str(KPIS[str(value)].name) if str(value) in KPIS else str(value)
    if name == "hoped":
        return _("Hoped for"), str(dict(Trial.Hoped.choices).get(str(value), value))
    if name == "decision" and value:
        return _("Decision"), str(dict(Trial.Decision.choices).get(str(value), value))
    return None
