"""Which days a list or a form can mean: a year that cannot be is a slip of the keys. The one home
of these rules, for forms and imports; "today" is an argument, nothing is asked of the record."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FIRST_YEAR = 1950
# Contracts, targets and plans are told of no later time.
YEARS_AHEAD = 10
# Staff lists write the last day of this year for an end that nobody knows.
OPEN_END_YEAR = 2099

ENDS_FIRST = gettext_lazy("It ends before it starts.")
LEAVES_FIRST = gettext_lazy("Nobody leaves before being hired.")


def reach(today: date, *, may_be_open: bool = False) -> tuple[date, date]:
    """The first and the last day that can be meant; `may_be_open`: it is an end, which may be
    written as one that nobody knows."""
    last = OPEN_END_YEAR if may_be_open else today.year + YEARS_AHEAD
    return date(FIRST_YEAR, 1, 1), date(last, 12, 31)


def reach_words(today: date, *, may_be_open: bool = False) -> str:
    """What is said of any other day."""
    first, last = reach(today, may_be_open=may_be_open)
    return _("It lies before %(first)d or after %(last)d.") % {
        "first": first.year,
        "last": last.year,
    }


def is_backwards(first: date | None, last: date | None) -> bool:
    """Whether something ends before it starts, as far as both are known."""
    return first is not None and last is not None and last < first
