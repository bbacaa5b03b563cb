"""Where what is planned by today differs from a version, which stays as it was published."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduling.forecast.history import Array
from scheduling.forecast.overrides import Word
from scheduling.models import Forecast, ForecastDay
from scheduling.planned import layer

# So many stretches of days are named; of the others it is said that there are.
_NAMED = 4
_NEAR = 0.005
_DAY = timedelta(days=1)
TAKEN_BACK, ADDED, CHANGED = "taken back", "added", "changed"


class Change(NamedTuple):
    """Days in a row of which the same was done since."""

    what: str
    first: date
    last: date


def changes(days: Sequence[ForecastDay], words: Sequence[Word]) -> list[Change]:
    """What planners took back, added and changed since a version was published, against what they
    say now; both over the numbers of the version."""
    then, now = layer.published(days), layer.of_days(days, words)
    told = [(day.day, what) for day in days if (what := _what(day, then, now))]
    return list(_in_rows(told))


def _what(day: ForecastDay, then: Mapping[date, Array], now: Mapping[date, Array]) -> str:
    """Empty: the same."""
    calls = np.array(day.calls)
    before, after = then.get(day.day, calls), now.get(day.day, calls)
    if np.allclose(before, after, rtol=0, atol=_NEAR):
        return ""
    if day.day not in now:
        return TAKEN_BACK
    return CHANGED if day.day in then else ADDED


def _in_rows(told: Iterable[tuple[date, str]]) -> Iterator[Change]:
    numbered = enumerate(told)
    for (what, _row), some in groupby(
        numbered, key=lambda one: (one[1][1], one[1][0] - one[0] * _DAY)
    ):
        days = [day for _place, (day, _what) in some]
        yield Change(what, days[0], days[-1])


def told(
    version: Forecast | None, days: Sequence[ForecastDay], words: Sequence[Word], *, is_frozen: bool
) -> str:
    """What the page of a version has to say of the planners' word today; empty: nothing. One that
    is not `is_frozen` stands in for the newest."""
    if version is None or version.version is None:
        return ""
    if is_frozen:
        return sentence(changes(days, words))
    return _(
        "It stands in for the newest, which is made soon; what planners say today lies over it."
    )


def sentence(found: Sequence[Change]) -> str:
    """Empty where nothing differs."""
    if not found:
        return ""
    said = {
        TAKEN_BACK: _("%(days)s was taken back"),
        ADDED: _("%(days)s was added"),
        CHANGED: _("%(days)s was changed"),
    }
    parts = [said[one.what] % {"days": _days(one)} for one in found[:_NAMED]]
    if (left := len(found) - _NAMED) > 0:
        parts.append(ngettext("and %(n)d more", "and %(n)d more", left) % {"n": left})
    whole = _("It is frozen as it was published. What planners say today differs: %(what)s.")
    return whole % {"what": "; ".join(parts)}


def _days(one: Change) -> str:
    first = date_format(one.first, "D j M")
    if one.first == one.last:
        return _("what was said of %(day)s") % {"day": first}
    return _("what was said of %(first)s to %(last)s") % {
        "first": first,
        "last": date_format(one.last, "D j M"),
    }
