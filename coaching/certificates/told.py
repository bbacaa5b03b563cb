"""How the audit log tells of certificates and their kinds."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, User
from coaching.models import CertificateKind


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By what it is, and whose."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "kind" in said and "user" in said:
            told = {
                "kind": names.of(CertificateKind, said["kind"]),
                "who": names.of(User, said["user"]),
            }
            url = reverse("certificates")
            found[one.pk] = Told(_("Certificate %(kind)s of %(who)s") % told, url)
    return found


def tell_kinds(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By their name in the entry."""
    found = {}
    for one in entries:
        name = (one.after or one.before or {}).get("name")
        if name is not None:
            words = _("Kind of certificate: %(name)s") % {"name": name}
            found[one.pk] = Told(words, reverse("certificate_kinds"))
    return found
