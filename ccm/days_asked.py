"""Two days or a month as an address says them: read, or refused with what it says and why. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from ccm.intervals import FIRST_YEAR
from ccm.templatetags.figures import count

# Longer than any report a page draws; `callcenter report` has no limit.
LONGEST = timedelta(days=366)
# As much of what was typed is told again.
MOST_TOLD = 40


class Misdated(ValueError):
    """Days that cannot be; its message is for people."""


class Typed(NamedTuple):
    """What was typed for a day, and whether it is one."""

    word: str
    is_day: bool


def ends(start: str, end: str) -> tuple[date | None, date | None]:
    """The days that two words say; None of an empty one. Raises Misdated."""
    try:
        first, last = (_day(one) if one else None for one in (start, end))
    except ValueError as no_day:
        raise Misdated(_unread(start, end)) from no_day
    if first and last and last < first:
        raise Misdated(_refused(_("The last day is before the first."), start, end))
    return first, last


def both(start: str, end: str) -> tuple[date, date]:
    """The days that two words say. Raises Misdated, also where one says nothing."""
    first, last = ends(start, end)
    if first is None or last is None:
        raise Misdated(_unread(start, end))
    return first, last


def span(start: str, end: str, latest: date) -> tuple[date, date]:
    """The first and the last day of what a page can show, up to `latest`; of one day the first is
    enough. Raises Misdated."""
    first, last = ends(start, end)
    if first is None:
        raise Misdated(_unread(start, end))
    last = last or first
    if last - first >= LONGEST or not _have_come(first, last, latest):
        why = [_refused(_("Choose at most 366 days between 1990 and today."), start, end)]
        if last - first >= LONGEST:
            why.append(_("These are %(count)s days.") % {"count": count((last - first).days + 1)})
        if last > latest:
            words = _("%(day)s is still to come: today is %(today)s.")
            why.append(words % {"day": last.isoformat(), "today": latest.isoformat()})
        raise Misdated(" ".join(why))
    return first, last


def refuse_to_come(first: date, last: date, todays: Iterable[date]) -> None:
    """Raises Misdated for days that are not between 1990 and today, which is that of the latest of
    the sites asked: of a day that has not come there is no figure, not even 0."""
    latest = max(todays)
    if not _have_come(first, last, latest):
        words = _("Ask for days between 1990 and today, %(today)s.")
        raise Misdated(words % {"today": latest.isoformat()})


def typed(start: str, end: str) -> tuple[Typed, Typed]:
    """Both words as a form shows them again."""
    first, last = (Typed(_cut(one), _is_day(one)) for one in (start, end))
    return first, last


def month(word: str) -> date:
    """The first day of a month, YYYY-MM. Raises Misdated."""
    try:
        return _day(f"{word}-01")
    except ValueError as no_day:
        words = _("The month could not be read; write YYYY-MM.")
        raise Misdated(of_month(words, word)) from no_day


def of_month(why: str, word: str) -> str:
    """Why a month is refused, with what was typed."""
    return f"{why} {_('Month says %(month)s.') % {'month': _cut(word)}}"


def _have_come(first: date, last: date, latest: date) -> bool:
    return first.year >= FIRST_YEAR and last <= latest


def _day(word: str) -> date:
    """Raises ValueError, too, of another spelling than YYYY-MM-DD."""
    day = date.fromisoformat(word)
    if day.isoformat() != word:
        raise ValueError(word)
    return day


def _is_day(word: str) -> bool:
    try:
        return bool(_day(word))
    except ValueError:
        return False


def _unread(start: str, end: str) -> str:
    return _refused(_("The dates could not be read; write YYYY-MM-DD."), start, end)


def _refused(why: str, start: str, end: str) -> str:
    nothing = _("nothing")
    told = {"start": _cut(start) or nothing, "end": _cut(end) or nothing}
    return f"{why} {_('From says %(start)s, To says %(end)s.') % told}"


def _cut(word: str) -> str:
    return word if len(word) <= MOST_TOLD else f"{word[:MOST_TOLD]}…"
