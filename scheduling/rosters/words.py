"""Rules of rosters in words: those that one breaks, those that contradict each other, and what is
not asked for."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scheduling.rosters import demand
from scheduling.rules import Broken, Rule
from scheduling.terms import words as terms

RULES: dict[Rule, Promise] = {
    Rule.UNKNOWN_PERSON: gettext_lazy("is not there to be given shifts"),
    Rule.UNKNOWN_SHAPE: gettext_lazy("has a shift that there is not any more"),
    Rule.UNKNOWN_DAY: gettext_lazy("has a shift on a day that is not of the roster"),
    Rule.WEEKDAY: gettext_lazy("has a shift that there is not on this weekday"),
    Rule.TEMPLATE: gettext_lazy("has a shift of a kind that is not theirs"),
    Rule.CLOSED: gettext_lazy("works while they cannot, or are absent"),
    Rule.DAY_OFF: gettext_lazy("begins a shift on a day without a contract"),
    Rule.EARLIEST_START: gettext_lazy("begins earlier than they may"),
    Rule.LATEST_END: gettext_lazy("ends later than they may"),
    Rule.PRESENT: gettext_lazy("has a shift on a day on which they are not employed"),
    Rule.FIXED: gettext_lazy("does not have the shift that was to stay"),
    Rule.ROTATION: gettext_lazy("has a shift that their rotation does not allow"),
    Rule.FOLLOWS: gettext_lazy("has shifts of which one must not follow the other"),
    Rule.OVERLAP: gettext_lazy("has two shifts at once"),
    Rule.FEWEST_DAY_MINUTES: gettext_lazy("works fewer hours in a shift than they must"),
    Rule.MOST_DAY_MINUTES: gettext_lazy("works more hours in a shift than they may"),
    Rule.FEWEST_WEEK_MINUTES: gettext_lazy("works too few hours in a week"),
    Rule.MOST_WEEK_MINUTES: gettext_lazy("works too many hours in a week"),
    Rule.FEWEST_PERIOD_MINUTES: gettext_lazy("works too few hours in the period"),
    Rule.MOST_PERIOD_MINUTES: gettext_lazy("works too many hours in the period"),
    Rule.FEWEST_WEEK_DAYS: gettext_lazy("works on too few days of a week"),
    Rule.MOST_WEEK_DAYS: gettext_lazy("works on too many days of a week"),
    Rule.REST_MINUTES: gettext_lazy("rests too shortly between two shifts"),
    Rule.WEEK_REST_MINUTES: gettext_lazy("has no rest in a week that is long enough"),
    Rule.MOST_DAYS_IN_ROW: gettext_lazy("works on too many days in a row"),
    Rule.FEWEST_DAYS_IN_ROW: gettext_lazy("works on too few days in a row"),
    Rule.FEWEST_OFF_IN_ROW: gettext_lazy("has too few days off in a row"),
    Rule.MOST_WEEKENDS: gettext_lazy("works on too many weekends"),
    Rule.FEWEST_WEEKENDS_OFF: gettext_lazy("has too few weekends off"),
    Rule.START_BAND_MINUTES: gettext_lazy("begins at times of a week that lie too far apart"),
    Rule.MOST_NIGHTS_IN_ROW: gettext_lazy("works too many nights in a row"),
    Rule.REST_AFTER_NIGHTS_MINUTES: gettext_lazy("rests too shortly after nights"),
    Rule.MOST_OF_TEMPLATE: gettext_lazy("has too many shifts of a kind"),
    Rule.PAUSE_AFTER: gettext_lazy("has too few minutes of pauses in a shift so long"),
    Rule.LONGEST_WITHOUT_PAUSE: gettext_lazy("is on duty too long without a pause"),
    Rule.PAUSE_MISSING: gettext_lazy("has a shift without one of its pauses"),
    Rule.PAUSE_UNKNOWN: gettext_lazy("has a pause that is not of the shift"),
    Rule.PAUSE_LENGTH: gettext_lazy("has a pause that is shorter or longer than it is to be"),
    Rule.PAUSE_WINDOW: gettext_lazy("has a pause earlier or later than it may be"),
    Rule.ACTIVITY_OVERLAP: gettext_lazy("has two activities at once"),
    Rule.ACTIVITY_OUTSIDE: gettext_lazy("has an activity outside the shift"),
    Rule.MIX: gettext_lazy("Too few experienced people are there beside new ones"),
    Rule.PAIRING: gettext_lazy("does not work with, or apart from, whom they are to"),
}
# What binds people, by the name of its rule, as `scheduling.roster.conflicts` has it: beside these
# the fields of a contract.
_BINDING: dict[str, Promise] = {
    "closed": gettext_lazy("what they cannot, or an absence"),
    "days_off": gettext_lazy("days without a contract"),
    "rotation": gettext_lazy("the rotation"),
    "fixed": gettext_lazy("shifts that are to stay"),
    "templates": gettext_lazy("the kinds of shifts that are theirs"),
    "earliest_start": gettext_lazy("the earliest start"),
    "latest_end": gettext_lazy("the latest end"),
    "present": gettext_lazy("the days on which they are employed"),
    "most_of_template": gettext_lazy("the most shifts of a kind"),
    "pause_after": gettext_lazy("pauses of a long shift"),
    "pairing": gettext_lazy("whom they are to work with, or not"),
    "mix": gettext_lazy("experienced people beside new ones"),
}
_LEFT_OUT: dict[str, Promise] = {
    demand.NO_FORECAST: gettext_lazy("nothing is forecast on these days"),
    demand.SOME_DAYS: gettext_lazy("not all days are forecast"),
    demand.NO_LENGTH: gettext_lazy("of some calls nothing tells how long they take"),
    demand.NO_NUMBER: gettext_lazy("no number of positions meets what is asked"),
}
# More people are counted and not named.
_MOST_NAMES = 12
Names = Mapping[str, str]
"""Of people, by their ids of a roster."""


def broken(one: Broken, names: Names, first_day: date) -> str:
    """A rule that is broken, in one line: by whom, when, how far."""
    said = str(RULES[one.rule])
    if one.person is not None:
        told = {"name": names.get(one.person, one.person), "rule": said}
        said = _("%(name)s %(rule)s") % told
    if one.day is not None:
        said = f"{said}, {_day(first_day, one.day)}"
    if one.amount is None or one.limit is None or one.rule is Rule.PAUSE_UNKNOWN:
        return said
    if one.rule in (Rule.CLOSED, Rule.OVERLAP):
        return f"{said}: {amount(one.rule, one.amount)}"
    told = {"amount": amount(one.rule, one.amount), "limit": amount(one.rule, one.limit)}
    return f"{said}: " + _("%(amount)s, allowed %(limit)s") % told


def amount(rule: Rule, many: float) -> str:
    """So much of what a rule counts: hours and minutes where it is minutes, else a number."""
    is_minutes = rule.endswith("_minutes") or rule in _OF_MINUTES
    # Who has two shifts at once rests less than not at all.
    return terms.hours(max(round(many), 0)) if is_minutes else f"{many:g}"


_OF_MINUTES = frozenset(
    {
        Rule.CLOSED,
        Rule.OVERLAP,
        Rule.PAUSE_AFTER,
        Rule.LONGEST_WITHOUT_PAUSE,
        Rule.PAUSE_LENGTH,
        Rule.PAUSE_WINDOW,
    }
)


def binding(one: Mapping[str, Any], names: Names, first_day: date) -> str:
    """A rule of a contradiction, of `RosterRun.conflicts`: "Ada: Rest between shifts"."""
    name, what = str(one["name"]), str(one.get("what") or "")
    if name == "pairing" and what:
        said = _("the pairing with %(name)s") % {"name": names.get(what, what)}
    else:
        said = bound(name)
    parts = [said]
    if one.get("day") is not None:
        parts.append(_day(first_day, one["day"]))
    if one.get("span"):
        parts.append(_day(first_day, max(one["span"][0], 0) // (24 * 60)))
    if not one["person"]:
        return _("Everybody: %(rule)s") % {"rule": ", ".join(parts)}
    return f"{names.get(one['person'], one['person'])}: {', '.join(parts)}"


def contradiction(one: Mapping[str, Any], names: Names) -> str:
    """What becomes of rules of `RosterRun.conflicts` that contradict each other: of one person, of
    some who are tied to each other, or that it is not known which do."""
    rules = one["rules"]
    if not rules:
        people = one.get("people", [])
        if len(people) > _MOST_NAMES:
            who = ngettext("%(n)s person", "%(n)s people", len(people)) % {"n": len(people)}
        else:
            who = ", ".join(names.get(person, person) for person in people)
        return _(
            "Which rules of these contradict each other, or whether any do, was not found out in"
            " the time there was: %(who)s"
        ) % {"who": who}
    if any(rule["name"] in ("pairing", "mix") for rule in rules):
        return _("These cannot all be kept, so that one of them is broken:")
    return _("These cannot all be kept, so that there are no shifts:")


def bound(name: str) -> str:
    """What binds somebody, by the name of its rule."""
    return str(_BINDING[name]) if name in _BINDING else terms.rule(name)


def left_out(one: Mapping[str, str]) -> str:
    """A queue or group that nothing, or not all, is asked for, of `RosterRun.left_out`."""
    return f"{one['name']}: {_LEFT_OUT[one['why']]}"


def refused(name: str, day: date, *, wants: bool, what: str) -> str:
    """A wish that was not granted; `what` names a shift, or is empty: any."""
    told = {"name": name, "day": date_format(day, "D j M"), "what": what}
    if wants:
        said = (
            _("%(name)s would like %(what)s on %(day)s, and has none")
            if what
            else _("%(name)s would like to work on %(day)s, and is off")
        )
    elif what:
        said = _("%(name)s would rather not have %(what)s on %(day)s, and has it")
    else:
        said = _("%(name)s would rather not work on %(day)s, and does")
    return said % told


def refusing(rules: Sequence[str], dearer: float, *, is_changed: bool = False) -> str:
    """Why a wish was not granted: the rules that refuse it, by their names, else how much dearer
    the roster would be. Of one that was changed since, how much dearer it was then."""
    if rules:
        return ", ".join(dict.fromkeys(bound(name) for name in rules))
    if is_changed:
        if dearer <= 0:
            return _("before the last changes, granting it would have cost no more")
        said = _("before the last changes, granting it would have cost %(n)s more")
        return said % {"n": f"{dearer:g}"}
    if dearer <= 0:
        return _("granting it would cost no more: a longer search may find how")
    return _("granting it would cost %(n)s more") % {"n": f"{dearer:g}"}


def untold(*, is_changed: bool) -> str:
    """Why a wish was refused of which nothing is known."""
    if is_changed:
        return _("why is found out within some minutes")
    return _("why could not be found out in time")


def weeks(days: int) -> str:
    if days % 7:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    return ngettext("%(n)s week", "%(n)s weeks", days // 7) % {"n": days // 7}


def _day(first_day: date, day: int) -> str:
    return date_format(first_day + timedelta(days=day), "D j M")
