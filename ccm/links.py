"""Links from a call to other systems: what a template may hold, and a call's own link.

Pure. A template is an https address with names in braces, each replaced by what the record holds
of the call, quoted so that it can only be a part of the address. Numbers of callers are not among
them: the record has none. `caller_hash` is what it keeps in their place, the same for each call of
one caller; `account` is the customer's, where the call's source told it.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from django.utils.translation import gettext as _

LIMIT = 500
# What a call has under its own name; `extra.NAME` is what its source told beside.
NAMES = (
    "call_id",
    "external_id",
    "linked_id",
    "source",
    "queue",
    "agent",
    "topic",
    "disposition",
    "account",
    "caller_hash",
)
_BRACES = re.compile(r"\{([^{}]*)\}")
_EXTRA = re.compile(r"extra\.[^{}\s]{1,60}")
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f\\]")


def fault(template: str) -> str:
    """What is wrong with a template, in words; empty when it is right."""
    if len(template) > LIMIT:
        return _("At most %(limit)d characters.") % {"limit": LIMIT}
    plain = _BRACES.sub("", template)
    if _UNFIT.search(plain):
        return _("An address has no spaces, control characters or backslashes.")
    try:
        parts = urlsplit(template)
        host = parts.hostname
        _port = parts.port
    except ValueError:
        return _("This is no address.")
    if not template.startswith("https://") or not host:
        return _("It begins with https:// and the name of a host.")
    if "{" in parts.netloc or "@" in parts.netloc:
        return _("The host is fixed: nothing in braces, and no user name.")
    if "{" in plain or "}" in plain:
        return _("A brace is not closed, or not opened.")
    names = _BRACES.findall(template)
    if not names:
        return _("It names nothing of the call in braces, as {external_id}.")
    for name in names:
        if name not in NAMES and not _EXTRA.fullmatch(name):
            known = ", ".join(f"{{{one}}}" for one in (*NAMES, "extra.NAME"))
            return _("There is no {%(name)s}. Known are: %(known)s.") % {
                "name": name,
                "known": known,
            }
    return ""


def place(template: str) -> str:
    """What two templates that lead to one place have in common: a host's case tells nothing."""
    parts = urlsplit(template)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower()))


def filled(template: str, values: Mapping[str, object]) -> str | None:
    """The address for one call; None where something it needs is not known."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        plain = str(values.get(found[1]) or "")
        # Dots alone would lead a step up the path, quoted or not.
        missing = missing or not plain.strip(".")
        return quote(plain, safe="")

    address = _BRACES.sub(value, template)
    return None if missing else address
