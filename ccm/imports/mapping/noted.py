"""Saved layouts in the audit log: made, changed, renamed, deleted."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, ImportProfile, User
from ccm.templatetags.figures import DASH


def values(layout: ImportProfile) -> dict[str, Any]:
    """What the log keeps: its names, and a mark that changes with what it says."""
    said = json.dumps(layout.mapping, sort_keys=True).encode()
    mark = hashlib.sha256(said).hexdigest()[:8]
    return {"name": layout.name, "slug": layout.slug, "mapping": mark}


def changed(
    who: User | None, layout: ImportProfile, before: dict[str, Any] | None, now: datetime
) -> None:
    """Note that a layout was made, or changed from `before`."""
    if before != (after := values(layout)):
        audit.record(who, layout, before=before, after=after, now=now)


def removed(who: User | None, layout: ImportProfile, now: datetime) -> None:
    audit.record(who, layout, before=values(layout), after=None, now=now)


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Layout: Le standard", with the list of them. No query."""
    words, url = _("Layout: %(name)s"), reverse("layouts")
    return {
        one.pk: Told(words % {"name": said["name"]}, url)
        for one in entries
        if (said := audit.said(one)).get("name")
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """What it says as its mark: by that two can be told apart."""
    return (_("What it says"), value or DASH) if name == "mapping" else None
