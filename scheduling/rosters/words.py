"""Rules of rosters in words: those that one breaks, those that contradict each other, and what is
not asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scheduling.rosters import demand
from scheduling.rules import Broken, Rule
from scheduling.shifts import Day
from scheduling.terms import limits
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
    Rule.PAIRING: gettext_lazy("is not with, or not apart from, whom they are paired with"),
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
    if one.rule is Rule.PAIRING and one.person in names and one.day is not None:
        return f"{_paired(one, names)}, {_day(first_day, one.day)}"
    said = str(RULES[one.rule])
    if one.person is not None:
        told = {"name": names.get(one.person, one.person), "rule": said}
        said = _("%(name)s %(rule)s") % told
    if one.day is not None:
        said = f"{said}, {_day(first_day, one.day)}"
    if one.amount is None or one.limit is None or one.rule in _UNCOUNTED:
        return said
    if one.rule in (Rule.CLOSED, Rule.OVERLAP):
        return f"{said}: {amount(one.rule, one.amount)}"
    told = {"amount": amount(one.rule, one.amount), "limit": amount(one.rule, one.limit)}
    return f"{said}: " + _("%(amount)s, allowed %(limit)s") % told


def _paired(one: Broken, names: Names) -> str:
    """A pairing that is broken: who both are, as far as that is to be told, and which of the two
    kinds it is of."""
    told = {"name": names.get(one.person or "", ""), "other": names.get(one.what, "")}
    if not told["other"]:
        if one.limit:
            return _("%(name)s is not on the same shift as whom they are to work with") % told
        return _("%(name)s is on the same shift as whom they are never to work with") % told
    if one.limit:
        return _("%(name)s and %(other)s are to work the same shifts, and do not") % told
    return _("%(name)s and %(other)s are never to work the same shift, and do") % told


def somebody(rule: Rule) -> str:
    """A rule that is broken, whoever does it: what many of a kind are told under."""
    if rule is Rule.MIX:
        return str(RULES[rule])
    return _("Somebody %(rule)s") % {"rule": RULES[rule]}


def amount(rule: Rule, many: float) -> str:
    """So much of what a rule counts: hours and minutes where it is minutes, else a number."""
    is_minutes = rule.endswith("_minutes") or rule in _OF_MINUTES
    # Who has two shifts at once rests less than not at all.
    return terms.hours(max(round(many), 0)) if is_minutes else f"{many:g}"


# Broken or not: how far is not to be told.
_UNCOUNTED = frozenset({Rule.PAUSE_UNKNOWN, Rule.PAUSE_MISSING, Rule.PAIRING})
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


# Rules of which each day or stretch of time is one by itself.
_BY_DAY = frozenset({"closed", "days_off", "rotation", "fixed"})
# More stretches of days than this are counted and not told.
_MOST_STRETCHES = 5


def bindings(rules: Iterable[Mapping[str, Any]], names: Names, days: Sequence[Day]) -> list[str]:
    """Rules of a contradiction, of `RosterRun.conflicts`: "Ada: Rest between shifts, 11:00". All
    days of a rotation are told in one line, and so is what else is of single days."""
    found = []
    for (name, _person), alike in groupby(rules, key=lambda one: (one["name"], one["person"])):
        several = list(alike)
        found += [several] if name in _BY_DAY else [[one] for one in several]
    return [_binding(some, names, days) for some in found]


def _binding(some: Sequence[Mapping[str, Any]], names: Names, days: Sequence[Day]) -> str:
    one = some[0]
    name, what = str(one["name"]), str(one.get("what") or "")
    if name == "pairing" and what:
        said = _("the pairing with %(name)s") % {"name": names.get(what, what)}
    else:
        said = bound(name)
    parts = [said]
    if one.get("limit") is not None:
        many = one["limit"]
        parts.append(terms.hours(many) if limits.is_minutes(name) else str(many))
    if one.get("day") is not None:
        parts.append(_on_days({each["day"] for each in some}, days))
    elif one.get("span"):
        parts += [_stretch(each["span"], days) for each in some]
    if not one["person"]:
        return _("Everybody: %(rule)s") % {"rule": ", ".join(parts)}
    return f"{names.get(one['person'], one['person'])}: {', '.join(parts)}"


def _on_days(numbers: Iterable[int], days: Sequence[Day]) -> str:
    """Days of a roster, those that follow each other together."""
    runs: list[list[int]] = []
    for day in sorted(numbers):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    told = [from_to(days[run[0]].date, days[run[-1]].date) for run in runs[:_MOST_STRETCHES]]
    if left := sum(map(len, runs[_MOST_STRETCHES:])):
        more = ngettext("%(n)s day more", "%(n)s days more", left)
        told.append(more % {"n": left})
    return ", ".join(told)


def _stretch(span: Sequence[int], days: Sequence[Day]) -> str:
    """Moments from which to which somebody cannot work, as far as they are of the roster: whole
    days, at whichever hour the site's begin, or days and hours."""
    (first, begin), (last, end) = (_at(moment, days) for moment in span)
    if begin == end or first < 0 or last >= len(days):
        until = last - 1 if end in (0, begin) else last
        told = [min(max(day, 0), len(days) - 1) for day in (first, until)]
        return from_to(days[told[0]].date, days[max(told)].date)
    if end == 0:
        last, end = last - 1, 24 * 60
    if first == last:
        return f"{_date(days[first].date)} {terms.clock(begin)}–{terms.clock(end)}"
    told_so = {
        "first": f"{_date(days[first].date)} {terms.clock(begin)}",
        "last": f"{_date(days[last].date)} {terms.clock(end)}",
    }
    return _("%(first)s to %(last)s") % told_so


def _at(moment: int, days: Sequence[Day]) -> tuple[int, int]:
    """The day and the minute of its clock of a moment of a roster; days before the first, and after
    the last, are of 24 hours."""
    for number, day in enumerate(days):
        if 0 <= moment - day.start < day.minutes:
            # Where clocks are put an hour of the day is another by the clock.
            past = moment - day.start
            near = (past - 60, past, past + 60)
            return number, next((one for one in near if day.at(one) == moment), past)
    if moment < 0:
        return divmod(moment, 24 * 60)
    over = moment - days[-1].start - days[-1].minutes
    ahead, minute = divmod(over, 24 * 60)
    return len(days) + ahead, minute


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
    return _("These cannot all be kept, so that there are no shifts but those that are to stay:")


def bound(name: str) -> str:
    """What binds somebody, by the name of its rule."""
    return str(_BINDING[name]) if name in _BINDING else terms.rule(name)


def left_out(one: demand.LeftOut) -> str:
    """A queue or group that nothing, or not all, is asked for."""
    return f"{one.name}: {_LEFT_OUT[one.why]}"


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
            return _("before the last changes, nothing that is counted stood against granting it")
        said = _("before the last changes, granting it would have cost %(n)s more")
        return said % {"n": f"{dearer:g}"}
    if dearer <= 0:
        return _(
            "nothing that is counted stands against granting it: a longer search, or a change by"
            " hand, can"
        )
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


def from_to(first: date, last: date) -> str:
    """Days, both included: "Mon 25 to Wed 27 Jan"."""
    if first >= last:
        return _date(first)
    alike = (first.year, first.month) == (last.year, last.month)
    told = {"first": date_format(first, "D j" if alike else "D j M"), "last": _date(last)}
    return _("%(first)s to %(last)s") % told


def _day(first_day: date, day: int) -> str:
    return _date(first_day + timedelta(days=day))


def _date(day: date) -> str:
    return date_format(day, "D j M")
