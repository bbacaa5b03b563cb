"""What the columns of lists can mean, kind by kind, and what a list must tell to be one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ccm.imports.mapping.meanings import Cell, Target

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS = (
    _("Open on Monday"),
    _("Open on Tuesday"),
    _("Open on Wednesday"),
    _("Open on Thursday"),
    _("Open on Friday"),
    _("Open on Saturday"),
    _("Open on Sunday"),
)
# Several columns may hold some of these, which are then taken together.
TOGETHER = ("aliases", "skills")

_FIRST = Target("first", _("First day"), Cell.DATE)
_LAST = Target("last", _("Last day"), Cell.DATE)
_MONTH = Target(
    "month",
    _("Month, quarter or year"),
    Cell.WORDS,
    help=_("As 2026-03, 03/2026, March 2026, Q1 2026 or 2026."),
)
_QUEUE = Target("queue", _("Queue"), Cell.WORDS)
_TEAM = Target("team", _("Team"), Cell.WORDS)
_AGENT = Target(
    "agent",
    _("Agent"),
    Cell.WORDS,
    help=_("By employee id, login, name in a log, or name."),
)
_SUPERVISOR = Target(
    "supervisor", _("Supervisor"), Cell.WORDS, help=_("By login, e-mail or full name.")
)
_SUPERVISOR_SINCE = Target("supervisor_since", _("Supervisor since"), Cell.DATE)
_CURRENCY = Target("currency", _("Currency"), Cell.WORDS, help=_("As EUR. Else the site's."))
_REFERENCE = Target(
    "reference", _("Reference"), Cell.WORDS, help=_("Tells apart what is otherwise alike.")
)

_PEOPLE = (
    Target("employee_id", _("Employee id"), Cell.WORDS),
    Target("name", _("Name"), Cell.WORDS),
    Target("given_name", _("Given name"), Cell.WORDS),
    Target("family_name", _("Family name"), Cell.WORDS),
    Target("login", _("Login or e-mail"), Cell.WORDS),
    _TEAM,
    Target("since", _("In the team since"), Cell.DATE),
    _SUPERVISOR,
    _SUPERVISOR_SINCE,
    Target("skills", _("Skills"), Cell.WORDS),
    Target("contract_hours", _("Contract, hours a week"), Cell.NUMBER),
    Target("hired", _("Hired on"), Cell.DATE),
    Target("left", _("Left on"), Cell.DATE),
    Target(
        "left_reason",
        _("Reason for leaving"),
        Cell.WORDS,
        help=_("As voluntary or involuntary, resigned or dismissed; other words: not known."),
    ),
    Target(
        "aliases",
        _("Names and extensions in logs"),
        Cell.WORDS,
        help=_("Several with a comma, a semicolon or a bar between."),
    ),
)
_TEAMS = (_TEAM, _SUPERVISOR, _SUPERVISOR_SINCE)
_QUEUES = (
    _QUEUE,
    Target("medium", _("Channel"), Cell.WORDS),
    *(
        Target(day, words, Cell.WORDS, help=_("As 09:00-12:30, 13:30-18:00."))
        for day, words in zip(WEEK, _DAYS, strict=True)
    ),
)
_COSTS = (
    Target("kind", _("Kind of cost"), Cell.WORDS),
    Target("amount", _("Amount"), Cell.NUMBER),
    _CURRENCY,
    _FIRST,
    _LAST,
    _MONTH,
    _QUEUE,
    _AGENT,
    _REFERENCE,
    Target("note", _("Note"), Cell.WORDS),
)
_TARGETS = (
    Target("kpi", _("KPI"), Cell.WORDS, help=_("By its id or name.")),
    Target(
        "value",
        _("Target"),
        Cell.WORDS,
        help=_("Shares as 80% or 0.8, times in seconds or as m:ss."),
    ),
    Target("valid_from", _("From"), Cell.DATE),
    _QUEUE,
    _TEAM,
    _AGENT,
    Target("role", _("Role"), Cell.WORDS),
)
_HEADCOUNT = (
    _MONTH,
    Target("day", _("Day"), Cell.DATE),
    _TEAM,
    Target("planned_fte", _("Planned FTE"), Cell.NUMBER),
    Target("actual_fte", _("Actual FTE"), Cell.NUMBER),
    Target("planned_heads", _("Planned heads"), Cell.COUNT),
    Target("actual_heads", _("Actual heads"), Cell.COUNT),
)
_SALES = (
    _REFERENCE,
    Target("call_ref", _("Id of the call"), Cell.WORDS),
    _AGENT,
    Target("day", _("Day"), Cell.DATE),
    Target("sale_value", _("Sale"), Cell.NUMBER),
    Target("pipeline_value", _("Pipeline value"), Cell.NUMBER),
    _CURRENCY,
)
_LEAVE = (
    _AGENT,
    Target("kind", _("Kind of absence"), Cell.WORDS),
    _FIRST,
    _LAST,
)
_PAID = (
    _AGENT,
    Target("day", _("Day"), Cell.DATE),
    Target("paid_hours", _("Paid hours"), Cell.NUMBER, help=_("Worked or not, as 7.5.")),
    Target("paid_minutes", _("Paid minutes"), Cell.NUMBER),
)


@dataclass(frozen=True, slots=True)
class List:
    """A kind of list: its words, its columns, and what it needs: of each group one column."""

    words: Any
    targets: Mapping[str, Target]
    needs: tuple[tuple[str, ...], ...]


def _list(words: Any, targets: tuple[Target, ...], *needs: tuple[str, ...]) -> List:
    return List(words, {one.name: one for one in targets}, needs)


# By the names of `ccm.imports.mapping.targets.Rows`.
LISTS: dict[str, List] = {
    "people": _list(_("One row a person"), _PEOPLE, ("name", "family_name", "employee_id")),
    "teams": _list(_("One row a team"), _TEAMS, ("team",)),
    "queues": _list(_("One row a queue and its hours"), _QUEUES, ("queue",)),
    "costs": _list(
        _("One row a cost"), _COSTS, ("kind",), ("amount",), ("first", "month")
    ),
    "targets": _list(
        _("One row a target of a KPI"), _TARGETS, ("kpi",), ("value",), ("valid_from",)
    ),
    "headcount": _list(
        _("One row the headcount of a day or month"),
        _HEADCOUNT,
        ("day", "month"),
        ("planned_fte", "actual_fte", "planned_heads", "actual_heads"),
    ),
    "sales": _list(
        _("One row a sale"), _SALES, ("call_ref", "agent"), ("sale_value", "pipeline_value")
    ),
    "leave": _list(_("One row an absence"), _LEAVE, ("agent",), ("kind",), ("first",)),
    "paid": _list(
        _("One row an agent's paid time of a day"),
        _PAID,
        ("agent",),
        ("day",),
        ("paid_hours", "paid_minutes"),
    ),
}  # fmt: skip
