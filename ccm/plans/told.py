"""What entries of the audit log about costs, targets and the like are about, and how their values
are said."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.imports.mapping.targets import ROWS
from ccm.models import Agent, AuditEntry, Queue, Site, Team
from ccm.navigation import ROLE_WORDS
from ccm.plans import aims
from ccm.templatetags.figures import DASH

# The list of each.
LISTS = {
    "ccm.cost": "cost_list",
    "ccm.target": "target_list",
    "ccm.headcount": "headcount_list",
    "ccm.sale": "sale_list",
    "ccm.leave": "leave_list",
    "ccm.paidtime": "paid_list",
}
IMPORTS = "ccm.importbatch"
_SCOPES: tuple[tuple[str, type[Any]], ...] = (
    ("queue", Queue),
    ("team", Team),
    ("agent", Agent),
    ("site", Site),
)


def register() -> None:
    for model in LISTS:
        audit.register(model, tell, write)
    audit.register(IMPORTS, tell_imports, write_import)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Cost, Sales", with its list. No query."""
    return {one.pk: Told(_about(one, names), reverse(LISTS[one.model])) for one in entries}


def _about(entry: AuditEntry, names: Names) -> str:
    said = entry.after or entry.before or {}
    what = [audit.model_words(entry.model)]
    if aim := _aim(said):
        what.append(str(aim.name))
    scope = next(
        (names.of(kind, said[name]) for name, kind in _SCOPES if said.get(name) is not None), ""
    )
    return ", ".join([*what, scope] if scope else what)


def _aim(said: Values) -> aims.Aim | None:
    return aims.known().get(said["kpi"]) if "kpi" in said else None


def write(said: Values, name: str, value: Any) -> tuple[str, str] | None:
    """A target as people write it; its KPI and role by their words."""
    if name == "kpi":
        aim = aims.known().get(value)
        return _("KPI"), str(aim.name) if aim else value or DASH
    if name == "role":
        return _("Role"), str(ROLE_WORDS.get(value, DASH))
    if name == "value" and "kpi" in said:
        unsaid = value is None
        return _("Target"), DASH if unsaid else aims.told(_aim(said), Decimal(str(value)))
    return None


def tell_imports(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Import 3, York", with its page. No query."""
    found = {}
    for one in entries:
        site = (one.after or one.before or {}).get("site")
        where = f", {names.of(Site, site)}" if site is not None else ""
        number = int(one.object_id)
        words = _("Import %(number)d") % {"number": number}
        found[one.pk] = Told(f"{words}{where}", reverse("import", args=[number]))
    return found


def write_import(_said: Values, name: str, value: Any) -> tuple[str, str] | None:
    """What the rows of a list are, and how many of them came or changed."""
    if name == "rows":
        return _("Rows"), _("of a log") if value == "log" else str(ROWS.get(value, value or DASH))
    if name in ("stored", "updated"):
        words = {"stored": _("New"), "updated": _("Changed")}
        return words[name], DASH if value is None else str(value)
    return None
