"""How insight is said."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.templatetags.figures import DASH, grouped, percent
from qa.agreement import Severity, Trend, Unknown
from qa.insight.relating import Relation
from qa.insight.weighted import FEWEST_A_SIDE, FEWEST_AGENTS, Lack, Mean, Rate
from qa.sampling import FEWEST_REVIEWS

TENURE: Mapping[str, Promise] = {
    "new": gettext_lazy("Under 3 months"),
    "year": gettext_lazy("3 to 12 months"),
    "second": gettext_lazy("1 to 2 years"),
    "longer": gettext_lazy("Over 2 years"),
    "unknown": gettext_lazy("Not known since when"),
}


def score(one: Mean) -> str:
    """A mean, or why there is none."""
    return percent(one.value) if one.value is not None else why(one)


def why(one: Mean) -> str:
    """Why a mean is none, or has no interval; empty where it has both."""
    if one.lack is None:
        return ""
    if one.lack is Lack.TOO_FEW:
        return _("too few: %(n)s of %(least)s") % {"n": one.n, "least": FEWEST_REVIEWS}
    if one.lack is Lack.FEW_AGENTS:
        return _("fewer than %(least)s agents") % {"least": FEWEST_AGENTS}
    return _("all alike")


def interval(one: Mean | Rate) -> str:
    """From where to where; why not, where there is none."""
    if one.interval is not None:
        return f"{percent(one.interval.low)} – {percent(one.interval.high)}"
    return why(one) if isinstance(one, Mean) else ""


def failing(one: Rate) -> str:
    """How many failed, and the share."""
    if one.value is None or one.having is None:
        return DASH
    return f"{percent(one.value)} ({one.having})"


def points(value: float) -> str:
    """Points of 100 without their sign."""
    return grouped(abs(value), 1)


def ends(low: float, high: float) -> str:
    """Both ends, as far from 0 as the value is said to be."""
    return _("%(low)s to %(high)s") % {"low": grouped(low, 1), "high": grouped(high, 1)}


def severity(one: Severity) -> str:
    """How hard somebody is beside the others, in words."""
    if one.value is None or one.why is Unknown.TOO_FEW:
        return unknown(one.why)
    if _is_nothing(one):
        return _("not told apart from the others (%(ends)s)") % {"ends": either_way(one)}
    words = _("%(points)s points harder") if one.value >= 0 else _("%(points)s points milder")
    return _sure(words % {"points": points(one.value)}, one)


def trend(one: Trend) -> str:
    """Whether somebody becomes harder or milder, in words."""
    if one.value is None or one.why is Unknown.TOO_FEW:
        return unknown(one.why)
    if _is_nothing(one):
        return _("no change told (%(ends)s a month)") % {"ends": either_way(one)}
    words = (
        _("%(points)s points a month harder")
        if one.value >= 0
        else _("%(points)s points a month milder")
    )
    return _sure(words % {"points": points(one.value)}, one)


def either_way(one: Severity | Trend) -> str:
    """Both ends of an interval, each with which way it lies."""

    def end(value: float | None) -> str:
        words = _("%(points)s harder") if (value or 0) > 0 else _("%(points)s milder")
        return words % {"points": points(value or 0)}

    return _("%(low)s to %(high)s") % {"low": end(one.low), "high": end(one.high)}


def _is_nothing(one: Severity | Trend) -> bool:
    """Whether the interval holds 0: then neither harder nor milder is told."""
    return one.low is not None and not one.leans


def _sure(said: str, one: Severity | Trend) -> str:
    """With both ends, as far from 0 as the value is said to be."""
    if one.value is None or one.low is None or one.high is None:
        return said
    low, high = (one.low, one.high) if one.value >= 0 else (-one.high, -one.low)
    return f"{said} ({ends(low, high)})"


def unknown(one: Unknown | None) -> str:
    if one is Unknown.NOT_CONNECTED:
        return _("cannot be compared: too few calls in common")
    if one is Unknown.ALIKE:
        return _("all calls tell the same")
    return _("too few double-scored calls")


def relation(one: Relation[tuple[int, str]] | None) -> str:
    """By how much more callers are satisfied where a criterion was met, in points of 100."""
    if one is None:
        return _("nothing known")
    told = one.difference
    if told.lack is Lack.TOO_FEW:
        return _("too few: %(met)s met, %(missed)s missed, of %(least)s each") % {
            "met": told.n_with, "missed": told.n_without, "least": FEWEST_A_SIDE,
        }  # fmt: skip
    if told.value is None or told.low is None or told.high is None:
        return _("fewer than %(least)s agents on a side") % {"least": FEWEST_AGENTS}
    sign = "+" if told.value > 0 else "−" if told.value < 0 else ""
    return _("%(points)s (%(ends)s)") % {
        "points": f"{sign}{points(100 * told.value)}",
        "ends": ends(100 * told.low, 100 * told.high),
    }
