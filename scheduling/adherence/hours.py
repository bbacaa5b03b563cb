"""Hours of people, day by day, as payroll takes them: planned and done, by what they went to."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import merge
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm.models import Agent
from scheduling.adherence.leaves import Off
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


def lines(rows: QuerySet[Any], offs: Iterable[Off] = ()) -> Iterator[Sequence[object]]:
    """A line for each person and day, days of leave without a shift (`offs`) among them. Of a day
    that no log tells, what was done is empty: nobody knows it, and it is not 0."""
    offs = list(offs)
    agents = Agent.objects.in_bulk({one.agent for one in offs}) if offs else {}
    on_leave = sorted(
        (_placed(one.day, agents[one.agent]), _off(one, agents[one.agent])) for one in offs
    )
    ordered = rows.select_related("agent").order_by("day", "agent__name", "agent_id")
    worked = ((_placed(row.day, row.agent), _line(row)) for row in ordered)
    for _place, line in merge(worked, on_leave, key=lambda one: one[0]):
        yield line


def _placed(day: date, agent: Agent) -> tuple[date, str, int]:
    return day, agent.name, agent.pk


def _off(one: Off, agent: Agent) -> Sequence[object]:
    """Nothing was scheduled on it, and nothing is known of what was done."""
    nothing = [None] * (2 + 2 * len(Doing))
    paid = None if one.seconds is None else minutes(one.seconds)
    return [
        one.day, agent.name, agent.employee_id, paid, 0, *nothing, 0, None, None, None, one.kind,
        _("no shift"),
    ]  # fmt: skip


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
