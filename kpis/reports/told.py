"""What entries of the audit log about saved reports are about, and how their values are said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit, periods
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Channel, Direction
from ccm.navigation import ROLE_WORDS
from ccm.templatetags.figures import DASH
from kpis.definitions import UnknownKpi
from kpis.dimensions import NAMES
from kpis.models import SavedReport
from kpis.reports import form
from kpis.reports.asked import PICKED


def values(saved: SavedReport) -> dict[str, Any]:
    """What the log keeps of a report: its name, who reads it and what it asks; what it picks by
    ids, sites by the words of their addresses."""
    asks: dict[str, Any] = {**saved.question} if isinstance(saved.question, dict) else {}
    for by in PICKED:
        if by in asks:
            asks[by] = [int(one) for one in asks[by] if str(one).isdecimal()]
    if "site" in asks:
        asks["sites"] = asks.pop("site")
    said = {"name": saved.name, "owner": saved.owner_id, "roles": saved.roles}
    return said | {name: value for name, value in asks.items() if value}


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Report: Tuesdays". No query."""
    words, url = _("Report: %(name)s"), reverse("reports")
    return {
        one.pk: Told(words % {"name": said["name"]}, url)
        for one in entries
        if (said := audit.said(one)).get("name")
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """What a report asks and who reads it, in the words of its form."""
    labels = {
        "roles": _("Shared with"),
        "kpi": _("KPIs"),
        "by": _("Rows"),
        "across": _("Columns"),
        "period": _("Period"),
        "from": _("First day"),
        "to": _("Last day"),
        "like": _("Named as"),
        "sites": _("Sites"),
        "channel": _("Channel"),
        "direction": _("Direction"),
        "compare": _("Compared with"),
    }
    if name not in labels:
        return None
    return labels[name], ", ".join(_in_words(name, one) for one in value or ()) or DASH


def _in_words(name: str, word: str) -> str:
    if name == "kpi":
        try:
            return form.kpi_words(word)
        except UnknownKpi:
            return word
    words: dict[str, Mapping[Any, Any]] = {
        "roles": ROLE_WORDS,
        "by": NAMES,
        "across": NAMES,
        "period": periods.PERIODS,
        "like": periods.PERIODS,
        "channel": dict(Channel.choices),
        "direction": dict(Direction.choices),
        "compare": form.COMPARISONS,
    }
    return str(words.get(name, {}).get(word, word))
