"""What audit entries about sites, queues, teams and people are about, and in what words."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Queue, Site, Team
from ccm.structure.noted import OTHERWISE
from ccm.templatetags.figures import DASH

_KINDS: dict[str, type[Any]] = {kind._meta.label_lower: kind for kind in (Site, Queue, Team, Agent)}
# What is exported or viewed is told by who does that.
_CHANGES = {"created", "changed", "removed"}


def tell(entries: Sequence[AuditEntry], _names: Names) -> dict[int, Told]:
    """Each by the name that its row has now, with the page of that; of one that is gone nothing.
    Entries are of one kind of row. One query."""
    own = [one for one in entries if one.action in _CHANGES]
    if not own:
        return {}
    kind = _KINDS[own[0].model]
    ids = {one.object_id for one in own}
    names = dict(kind._default_manager.filter(pk__in=ids).values_list("pk", "name"))
    page = f"{kind._meta.model_name}_edit"
    return {
        one.pk: Told(names[int(one.object_id)], reverse(page, args=[one.object_id]))
        for one in own
        if int(one.object_id) in names
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """The hour that days begin at, as a clock shows it; what is not kept, as another; and since
    when."""
    if name == "day_begins" and value is not None:
        return _("Days begin"), f"{value:02}:00"
    if name.endswith(OTHERWISE):
        called: Any = Agent._meta.get_field(name.removesuffix(OTHERWISE))
        return str(called.verbose_name).capitalize(), _("another") if value else _("as it was")
    if name == "since":
        return _("Since"), str(value or DASH)
    return None


def register() -> None:
    for label in _KINDS:
        audit.register(label, tell, write)
