"""How it stands with somebody's coaching, in a word."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coaching.rhythm.reads import Line


def standing(line: Line) -> tuple[str, str]:
    """The level of a tag, and its word."""
    state = line.day.state
    if state == "late":
        words = ngettext("%(n)s day late", "%(n)s days late", line.late_days)
        return "bad", words % {"n": line.late_days}
    if state == "away":
        return "none", _("absent")
    if line.is_soon:
        return "warn", _("due soon")
    if state == "new":
        return "none", _("first time runs")
    return "ok", _("in time")
