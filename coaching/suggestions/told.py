"""How the audit log tells of suggestions."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry
from coaching.models import Suggestion


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By what it is called now."""
    ids = {one.object_id for one in entries if one.object_id}
    rows = Suggestion.objects.filter(pk__in=ids).values_list("pk", "title")
    titles = {str(pk): title for pk, title in rows}
    found = {}
    for one in entries:
        if not one.object_id:
            continue
        title = titles.get(one.object_id, one.object_id)
        words = _("Suggestion: %(title)s") % {"title": title}
        url = reverse("suggestion", args=[one.object_id]) if one.object_id in titles else ""
        found[one.pk] = Told(words, url)
    return found
