"""Contact rules as the audit log tells them."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, DoNotCall
from ccm.templatetags.figures import yes_no


def tell_hours(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    return _of_sites(entries, names, _("Contact hours of %(site)s"), "contact_hours_list")


def tell_numbers(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    words = _("A number that %(site)s is not to call")
    return _of_sites(entries, names, words, "do_not_call_list")


def tell_regions(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Consent to be recorded, US CA". No query."""
    url = reverse("recording_region_list")
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        where = f"{said.get('country', '')} {said.get('region', '')}".strip()
        found[one.pk] = Told(_("Consent to be recorded, %(where)s") % {"where": where}, url)
    return found


def _of_sites(
    entries: Sequence[AuditEntry], names: Names, words: str, page: str
) -> Mapping[int, Told]:
    url = reverse(page)
    return {one.pk: Told(words % {"site": names.site_of(one)}, url) for one in entries}


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """What entries of numbers keep otherwise than the row has it."""
    if name == "caller_hash":
        return _("Number"), str(value)[:8]
    if name == "numbers":
        return _("Numbers of a list"), str(value)
    if name == "note":
        return _("Note"), yes_no(value)
    if name == "reason":
        return _("Why"), str(dict(DoNotCall.Reason.choices).get(str(value), value))
    return None
