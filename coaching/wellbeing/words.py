"""Signs in words: what of which days, and what is usual."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.templatetags.figures import count, percent
from coaching.wellbeing.signs import Day, Limits, Sign, Watched

WIDEST = 0.5
"""What is usual within wider bounds says nothing, as a range of ranks over half of a team."""
NAMES: Mapping[Sign, Any] = {
    Sign.OCCUPANCY: gettext_lazy("Occupancy"),
    Sign.OVERTIME: gettext_lazy("Overtime"),
    Sign.MISSED: gettext_lazy("Missed breaks"),
    Sign.LONG: gettext_lazy("Long pauses"),
    Sign.AGAINST: gettext_lazy("Against wishes"),
}


def limit(sign: Sign, limits: Limits) -> str:
    """From where on a day is one: "occupancy over 88 %"."""
    if sign == Sign.OCCUPANCY:
        return _("occupancy over %(limit)s") % {"limit": percent(limits.occupancy, 0)}
    if sign == Sign.OVERTIME:
        words = _("over %(n)d min longer than the plan, or overtime that was taken")
        return words % {"n": (limits.overtime_seconds or 0) // 60}
    if sign == Sign.MISSED:
        words = _("less than %(limit)s of the planned breaks")
        return words % {"limit": percent(limits.missed, 0)}
    if sign == Sign.LONG:
        words = _("pauses over %(n)d min longer than planned")
        return words % {"n": (limits.pause_seconds or 0) // 60}
    return _("the roster went against a wish")


def cause(one: Watched, limits: Limits) -> str:
    """ "occupancy over 88 % on 41 of 48 days of 8 people"; of a single person without people. On
    how many of them it showed is not told: of all of them it would tell of each."""
    said = {
        "what": limit(one.sign, limits), "days": count(one.now.days), "of": count(one.now.of),
        "all": count(one.now.of_people),
    }  # fmt: skip
    if one.now.of_people == 1:
        words = ngettext(
            "%(what)s on %(days)s of %(of)s day", "%(what)s on %(days)s of %(of)s days", one.now.of
        )
        return words % said
    return _("%(what)s on %(days)s of %(of)s days of %(all)s people") % said


def usual(one: Watched) -> str:
    """ "usually 12.0 %, 5.0 % to 20.0 %"; of what is not told why."""
    verdict = one.verdict
    if verdict.usual is None:
        known = sum(week.of > 0 for week in one.past)
        return ngettext(
            "%(n)d week before is known: too few for what is usual",
            "%(n)d weeks before are known: too few for what is usual",
            known,
        ) % {"n": known}
    if _says_nothing(one):
        words = _("usually %(usual)s; of so few days it is not told what is unlike it")
        return words % {"usual": percent(verdict.usual, 0)}
    if verdict.low is None or verdict.high is None:
        return _("usually %(usual)s") % {"usual": percent(verdict.usual, 0)}
    said = {
        "usual": percent(verdict.usual, 0), "low": percent(verdict.low, 0),
        "high": percent(verdict.high, 0),
    }  # fmt: skip
    return _("usually %(usual)s, %(low)s to %(high)s") % said


def _says_nothing(one: Watched) -> bool:
    """Whether what is usual reaches over half of all that there could be: hardly anything is
    outside."""
    low, high = one.verdict.low, one.verdict.high
    return low is not None and high is not None and high - low > WIDEST


def unknown(sign: Sign, *, has_pauses: bool, is_team: bool) -> str:
    """Why nothing is told of a sign, of a team or of one person."""
    if sign in (Sign.MISSED, Sign.LONG) and not has_pauses:
        return _(
            "not known: no reason of the log's pauses is told to be a pause (Adherence, Rules)"
        )
    if not is_team:
        if sign == Sign.AGAINST:
            return _("nothing was wished of this week's roster")
        return _("nothing tells of it this week")
    if sign == Sign.OCCUPANCY:
        return _("not known: states tell of too few people")
    if sign == Sign.AGAINST:
        return _("not known: too few people had a wish of the roster")
    return _("not known: of too few people both a published shift and states are there")


def state(one: Watched, is_more: bool) -> tuple[str, str]:
    """Level and word of a sign; `is_more`: it stands among all that are told."""
    if one.verdict.usual is None or not one.now.of:
        return "none", ""
    if is_more:
        return "warn", _("more than usual")
    if one.verdict.unusual and not one.is_more:
        return "ok", _("less than usual")
    return "none", "" if _says_nothing(one) else _("as usual")


def _beyond(share: float, limit: float) -> str:
    """A share over a limit with as many digits as it takes to see that it is."""
    digits = next((one for one in (1, 2, 3) if round(share, one + 2) > limit), 4)
    return percent(share, digits)


def of_day(day: Day, limits: Limits) -> Iterator[str]:
    """What signs a day of somebody shows, each with its figure."""
    for sign in Sign:
        if not day.shows(sign, limits):
            continue
        if sign == Sign.OCCUPANCY:
            share = _beyond(day.occupancy or 0, limits.occupancy or 0)
            yield _("occupancy %(share)s") % {"share": share}
        elif sign == Sign.OVERTIME:
            beyond = (day.beyond_seconds or 0) // 60
            if beyond > 0:
                yield _("%(n)d min longer than the plan") % {"n": beyond}
            if day.is_overtime:
                yield _("overtime that was taken")
        elif sign == Sign.AGAINST:
            yield _("the roster went against a wish")
        else:
            said = {"done": (day.pauses_done or 0) // 60, "of": (day.pauses_planned or 0) // 60}
            yield _("%(done)d min of pauses, %(of)d planned") % said
