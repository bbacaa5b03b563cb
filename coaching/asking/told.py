"""How the audit log tells of rules of asking callers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from coaching.models import AskingRule


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By what they are called now. One query."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    names = dict(AskingRule.objects.filter(pk__in=ids).values_list("pk", "name"))
    found = {}
    for one in entries:
        if one.object_id:
            pk = int(one.object_id)
            words = _("Asking callers: %(name)s") % {"name": names.get(pk, one.object_id)}
            found[one.pk] = Told(words, reverse("asking_rule", args=[pk]) if pk in names else "")
    return found


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """A share as its form asks for it: of 100 calls."""
    if name != "share" or value is None:
        return None
    return _("Share"), _("%(n)s %%") % {"n": f"{(Decimal(value) * 100).normalize():f}"}
