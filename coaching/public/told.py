"""How the audit log tells of public pages."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, Site
from coaching.models import LibraryVersion


def tell_shelves(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "site" in said:
            words = _("Public pages of %(site)s") % {"site": names.of(Site, said["site"])}
            found[one.pk] = Told(words, reverse("public_pages"))
    return found


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Pages by the titles that they have now. One query."""
    pages = {one.pk: (one.after or one.before or {}).get("page") for one in entries}
    rows = LibraryVersion.objects.current().filter(page__in=[pk for pk in pages.values() if pk])
    titles = dict(rows.values_list("page", "title"))
    return {
        entry: Told(
            _("Public page: %(title)s") % {"title": titles.get(pk, pk)},
            reverse("library_page", args=[pk]) if pk in titles else "",
        )
        for entry, pk in pages.items()
        if pk
    }
