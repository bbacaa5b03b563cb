"""What of a report's rows is not whole: weeks and months of which the days asked for hold a part,
and what is not over; and which days are holidays. So that nobody reads a fall into it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kpis import dimensions, usual
from kpis.dimensions import OF_DAYS, By
from kpis.report import Question, Row

_SPANS: tuple[By, ...] = ("week", "us_week", "month")


def parts(question: Question, by: By, keys: Sequence[Any], today: date) -> dict[Any, str]:
    """The stretches of days, by their keys, that are not whole, and why in words: "2 of 7 days"."""
    if by not in OF_DAYS or by == "weekday":
        return {}
    found = {}
    for key in keys:
        last = dimensions.last_day(by, key)
        have = (min(last, question.last) - max(key, question.first)).days + 1
        every = (last - key).days + 1
        if have < every:
            found[key] = _("%(days)d of %(all)d days") % {"days": have, "all": every}
        elif last >= today:
            found[key] = _("not over")
    return found


def marks(question: Question, rows: Sequence[Row], today: date) -> dict[Any, str]:
    """What to say beside the names of rows, by their keys."""
    keys = [row.id for row in rows]
    found = parts(question, question.by, keys, today)
    if question.by == "day" and len(question.sites) == 1:
        for day in keys:
            told = (usual.holiday(question.sites[0], day), found.get(day, ""))
            if words := "; ".join(one for one in told if one):
                found[day] = words
    return found


def notes(question: Question, rows: Sequence[Row], today: date) -> list[str]:
    """Columns that are not whole, in words: beside the name of a row stands its `marks`."""
    if question.across not in _SPANS:
        return []
    names = {row.column_id: row.column for row in rows}
    found = parts(question, question.across, sorted(names), today)
    words = _("%(name)s: %(part)s.")
    return [words % {"name": names[key], "part": part} for key, part in found.items()]
