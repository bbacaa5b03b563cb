"""How shares of comments and their changes are said."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.models import SurveyResponse
from ccm.templatetags.figures import DASH, figure, lasting, percent, yes_no
from coaching.voice.changes import Share
from coaching.voice.results import Cell
from kpis.noise import Change, Interval

LEVELS = {"up": "bad", "down": "ok"}
"""More of a complaint is worse."""


def share(one: Share) -> str:
    return DASH if one.value is None else percent(one.value)


def ends(one: Interval | None, unit: str = "fraction") -> str:
    """From where to where; "": there is no interval."""
    return "" if one is None else f"{figure(one.low, unit)} – {figure(one.high, unit)}"


def difference(one: Change) -> str:
    """A change with its interval: "+3.1 pts (1.2 – 5.0 pts)"; "": there is none to tell."""
    if one.difference is None:
        return ""
    sign = "+" if one.difference.value > 0 else ""
    reach = ends(one.difference, "points")
    return f"{sign}{figure(one.difference.value, 'points')} ({reach})"


def direction(one: Change, *, is_told: bool) -> str:
    """What became of a share, in a word; of what is not told of, that it may be chance. Of days
    without comments there is nothing to hold it against."""
    if one.before is None:
        return _("no comments before")
    if one.difference is None:
        return "" if one.now is not None else _("no comments now")
    if is_told and one.direction == "up":
        return _("more than before")
    if is_told and one.direction == "down":
        return _("less than before")
    return _("within chance")


def value(cell: Cell) -> str:
    """A figure in its unit, or a dash."""
    one = cell.figure
    return DASH if one.value is None else figure(one.value, one.unit)


def score(one: SurveyResponse) -> str:
    """What a caller answered: "4 of 1–5", "yes"."""
    if (one.scale_min, one.scale_max) == (0, 1):
        return yes_no(one.score)
    return _("%(score)s of %(low)d–%(high)d") % {
        "score": f"{one.score:g}", "low": one.scale_min, "high": one.scale_max
    }  # fmt: skip


def gap(since: timedelta) -> str:
    """How long nothing was heard: in days from two days on."""
    if since < timedelta(days=2):
        return lasting(since.total_seconds())
    return ngettext("%(n)s day", "%(n)s days", since.days) % {"n": since.days}
