"""How the audit log tells of pages of the library and their versions."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from ccm.navigation import ROLE_WORDS
from coaching.models import LibraryPage, LibraryVersion


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Pages by the title that they have now; a list that left as a file is told elsewhere."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    versions = LibraryVersion.objects.filter(page__in=ids).order_by("is_current", "number")
    titles = dict(versions.values_list("page", "title"))
    found = {}
    for one in entries:
        if not one.object_id:
            continue
        pk = int(one.object_id)
        words = _("Library: %(title)s") % {"title": titles.get(pk, str(pk))}
        found[one.pk] = Told(words, reverse("library_page", args=[pk]) if pk in titles else "")
    return found


def tell_versions(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Versions by their titles and numbers."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    rows = LibraryVersion.objects.filter(pk__in=ids).only("page", "number", "title").in_bulk()
    found = {}
    for one in entries:
        version = rows.get(int(one.object_id)) if one.object_id else None
        if version is None:
            continue
        said = {"title": version.title, "number": version.number}
        words = _("Library: %(title)s, version %(number)s") % said
        url = reverse("library_version", args=[version.page_id, version.number])
        found[one.pk] = Told(words, url)
    return found


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """Kinds and roles in their words, and from which version on it has to be read."""
    if name == "kind":
        return _("Kind"), str(dict(LibraryPage.Kind.choices).get(str(value), value))
    if name == "must_read_roles":
        roles = value if isinstance(value, list) else []
        words = ", ".join(str(ROLE_WORDS.get(one, one)) for one in roles)
        return _("Whom it is for"), words or "–"
    if name == "must_from":
        return _("To be read since version"), "–" if value is None else str(value)
    return None
