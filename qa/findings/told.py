"""How the audit log tells of findings."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from qa.models import Finding


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By what it is called now."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    titles = dict(Finding.objects.filter(pk__in=ids).values_list("pk", "title"))
    found = {}
    for one in entries:
        if not one.object_id:
            continue
        pk = int(one.object_id)
        title = titles.get(pk, str(pk))
        words = _("Finding: %(title)s") % {"title": title}
        found[one.pk] = Told(words, reverse("finding", args=[pk]) if pk in titles else "")
    return found


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """Kinds and states in their words."""
    if name == "kind":
        return _("Kind"), str(dict(Finding.Kind.choices).get(str(value), value))
    if name == "state":
        return _("State"), str(dict(Finding.State.choices).get(str(value), value))
    return None
