"""Hours of people, day by day, as payroll takes them: planned and done, by what they went to."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scheduling.models import AdherenceDay, Doing


def header() -> list[str]:
    planned, done = _("%(what)s scheduled, min"), _("%(what)s done, min")
    return [
        _("Day"), _("Agent"), _("Employee id"), _("Paid scheduled, min"),
        _("Unpaid pauses scheduled, min"), _("Worked, min"), _("Of it at night, min"),
        *(planned % {"what": one.label} for one in Doing),
        *(done % {"what": one.label} for one in Doing),
        _("Shifts"), _("Late, min"), _("Left early, min"), _("Absent"), _("Leave"), _("Log"),
    ]  # fmt: skip


def lines(rows: QuerySet[Any]) -> Iterator[Sequence[object]]:
    """A line for each person and day. Of a day that no log tells, what was done is empty: nobody
    knows it, and it is not 0."""
    for row in rows.select_related("agent").order_by("day", "agent__name", "agent_id"):
        yield _line(row)


def _line(row: AdherenceDay) -> Sequence[object]:
    def told(seconds: int) -> float | None:
        return minutes(seconds) if row.is_told else None

    return [
        row.day, row.agent.name, row.agent.employee_id, minutes(row.paid_seconds),
        minutes(row.unpaid_seconds), told(row.worked_seconds), told(row.night_seconds),
        *(minutes(row.planned.get(one.value, 0)) for one in Doing),
        *(told(row.done.get(one.value, 0)) for one in Doing),
        row.shifts, told(row.late_seconds), told(row.early_seconds),
        row.absent if row.is_told else None, row.leave,
        _("told") if row.is_told else _("no log"),
    ]  # fmt: skip


def minutes(seconds: int) -> float:
    """To a hundredth; whole ones without a fraction."""
    found = round(seconds / 60, 2)
    return int(found) if found == int(found) else found
