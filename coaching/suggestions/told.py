"""How the audit log tells of suggestions: by their site and day, not by their words."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, Site
from coaching.models import Suggestion


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Leads to those that are there. One query."""
    ids = {one.object_id for one in entries if one.object_id}
    there = {str(pk) for pk in Suggestion.objects.filter(pk__in=ids).values_list("pk", flat=True)}
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if not one.object_id or "site" not in said or "day" not in said:
            continue
        words = _("Suggestion at %(site)s of %(day)s") % {
            "site": names.of(Site, said["site"]), "day": said["day"]
        }  # fmt: skip
        url = reverse("suggestion", args=[one.object_id]) if one.object_id in there else ""
        found[one.pk] = Told(words, url)
    return found
