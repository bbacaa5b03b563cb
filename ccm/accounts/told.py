"""What entries of the audit log about accounts are about, and how their values are said."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, User
from ccm.navigation import ROLE_WORDS
from ccm.templatetags.figures import DASH


def tell_users(entries: Sequence[AuditEntry], _names: Names) -> dict[int, Told]:
    """Each by the name that the account has now, with its page; of one that is gone nothing, nor of
    those who were taken along. Whoever changed where their own mail goes is told as that. One
    query."""
    entries = [one for one in entries if one.object_id.isdecimal()]
    found = User.objects.in_bulk([int(one.object_id) for one in entries])
    return {
        one.pk: Told(
            _("Own mail address")
            if {*(one.after or {})} == {"email"}
            else _("Account of %(name)s") % {"name": found[int(one.object_id)]},
            reverse("user", args=[one.object_id]),
        )
        for one in entries
        if int(one.object_id) in found
    }


def write_user(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """Roles, and what is only said to have changed."""
    if name == "roles":
        return _("Roles"), ", ".join(str(ROLE_WORDS.get(one, one)) for one in value or ()) or DASH
    if name == "changed":
        said = {"username": _("login"), "name": _("name"), "email": _("mail")}
        return _("Changed"), ", ".join(said.get(one, one) for one in value or ()) or DASH
    if name == "link":
        return _("Link to choose a password"), _("made") if value else DASH
    if name == "password" and isinstance(value, bool):
        return _("Password"), _("chosen by a link") if value else DASH
    return None


def tell_tokens(entries: Sequence[AuditEntry], _names: Names) -> dict[int, Told]:
    """Each by its name then, with the list of them. No query."""
    return {
        one.pk: Told(
            _("API token %(name)s") % {"name": (one.after or one.before or {}).get("name", "")},
            reverse("tokens"),
        )
        for one in entries
    }
