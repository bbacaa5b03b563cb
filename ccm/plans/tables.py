"""The lists of costs, targets, headcounts, sales, absences and paid time: sorted, paged and counted
in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.db.models import DateTimeField, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ccm.intervals import day_of
from ccm.models import Cost, Headcount, Leave, PaidTime, Sale, Target
from ccm.navigation import ROLE_WORDS
from ccm.plans import aims
from ccm.structure.tables import DayColumn, ListTable
from ccm.tables import WORDS, SortedColumn, SparseColumn
from ccm.templatetags.figures import DASH


class PlanTable(ListTable):
    empty_hint = _("Many at once: import a list, as csv or xlsx, and say what its columns mean.")


def scope_words(row: Any) -> str:
    """Whom a row is of, in words."""
    for name in ("queue", "team", "agent"):
        if (one := getattr(row, name, None)) is not None:
            return str(one)
    if role := getattr(row, "role", ""):
        return str(ROLE_WORDS[role])
    return str(_("the whole site"))


class ScopeColumn(tables.Column):
    """Whom a row is of. Not sorted: it is one of several things."""

    def __init__(self) -> None:
        super().__init__(verbose_name=_("Of"), accessor="pk", orderable=False, attrs=WORDS)

    def render(self, record: Any) -> str:
        return scope_words(record)


class CostTable(PlanTable):
    kind = SortedColumn("kind", verbose_name=_("Kind"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    of = ScopeColumn()
    first = DayColumn("first_on", verbose_name=_("First day"), attrs=WORDS)
    last = DayColumn("last_on", verbose_name=_("Last day"), attrs=WORDS)
    amount = SortedColumn("amount", verbose_name=_("Amount"))
    currency = SortedColumn("currency", verbose_name=_("Currency"), attrs=WORDS)
    reference = SortedColumn("reference", verbose_name=_("Reference"), attrs=WORDS)

    edit, label = "cost_edit", _("Costs")

    class Meta(PlanTable.Meta):
        order_by = "-first"

    def render_kind(self, record: Cost) -> SafeString:
        return self.link(record, record.kind)

    def render_amount(self, record: Cost) -> str:
        return f"{record.amount:,}"


class TargetTable(PlanTable):
    kpi = SortedColumn("kpi", verbose_name=_("KPI"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    of = ScopeColumn()
    value = SparseColumn("value", verbose_name=_("Target"), empty_values=())
    since = DayColumn("valid_from", verbose_name=_("From"), attrs=WORDS)

    edit, label = "target_edit", _("Targets")

    class Meta(PlanTable.Meta):
        order_by = "kpi"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aims = aims.known()

    def render_kpi(self, record: Target) -> SafeString:
        aim = self.aims.get(record.kpi)
        return self.link(record, aim.name if aim else record.kpi)

    def render_value(self, record: Target) -> str:
        if record.value is None:
            return str(_("none any more"))
        return aims.told(self.aims.get(record.kpi), record.value)


class HeadcountTable(PlanTable):
    period = SortedColumn("starts_on", verbose_name=_("Period"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    of = ScopeColumn()
    planned_fte = SparseColumn("planned_fte", verbose_name=_("Planned FTE"))
    actual_fte = SparseColumn("actual_fte", verbose_name=_("Actual FTE"))
    planned_heads = SparseColumn("planned_heads", verbose_name=_("Planned heads"))
    actual_heads = SparseColumn("actual_heads", verbose_name=_("Actual heads"))

    edit, label = "headcount_edit", _("Headcount")

    class Meta(PlanTable.Meta):
        order_by = "-period"

    def render_period(self, record: Headcount) -> SafeString:
        month = record.period == Headcount.Period.MONTH
        return self.link(record, date_format(record.starts_on, "F Y" if month else "j M Y"))

    def render_planned_fte(self, record: Headcount) -> str:
        return f"{record.planned_fte:g}"

    def render_actual_fte(self, record: Headcount) -> str:
        return f"{record.actual_fte:g}"


def with_calls(sales: QuerySet[Any], _now: datetime) -> QuerySet[Any]:
    """Sales with whose they are and when, told by their calls where they do not say it."""
    return sales.annotate(
        agent_told=Coalesce("agent__name", "call__agent__name"),
        moment_told=Coalesce("call__offered_at", Cast("sold_on", DateTimeField())),
    )


def sale_day(sale: Sale) -> date | None:
    """The site day that figures count a sale on: its call's, else the one it names."""
    if sale.call is None:
        return sale.sold_on
    return day_of(sale.call.offered_at, sale.site.calendar)


class SaleTable(PlanTable):
    what = SparseColumn(
        "pk", verbose_name=_("Sale of"), fields=("reference", "call_ref"), attrs=WORDS
    )
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    agent = SparseColumn("agent_told", verbose_name=_("Agent"), attrs=WORDS)
    day = SparseColumn("moment_told", verbose_name=_("Day"), attrs=WORDS)
    value = SparseColumn("value", verbose_name=_("Sale"))
    pipeline = SparseColumn("pipeline_value", verbose_name=_("Pipeline"))
    currency = SortedColumn("currency", verbose_name=_("Currency"), attrs=WORDS)

    edit, label = "sale_edit", _("Sales")

    class Meta(PlanTable.Meta):
        order_by = "-day"

    def render_what(self, record: Sale) -> SafeString:
        link = self.link(record, record.reference or record.call_ref or record.agent or DASH)
        if not record.call_ref or record.call is not None:
            return link
        return format_html("{} <small>{}</small>", link, _("its call is not on record"))

    def render_day(self, record: Sale) -> str:
        day = sale_day(record)
        return date_format(day, "j M Y") if day else DASH

    def render_value(self, record: Sale) -> str:
        return f"{record.value:,}"

    def render_pipeline(self, record: Sale) -> str:
        return f"{record.pipeline_value:,}"


class LeaveTable(PlanTable):
    agent = SortedColumn("agent__name", verbose_name=_("Agent"), attrs=WORDS)
    site = SortedColumn("agent__site__name", verbose_name=_("Site"), attrs=WORDS)
    kind = SortedColumn("kind", verbose_name=_("Kind"), attrs=WORDS)
    first = DayColumn("first_on", verbose_name=_("First day"), attrs=WORDS)
    last = DayColumn("last_on", verbose_name=_("Last day"), attrs=WORDS)

    edit, label = "leave_edit", _("Absences")

    class Meta(PlanTable.Meta):
        order_by = "-first"

    def render_agent(self, record: Leave) -> SafeString:
        return self.link(record, record.agent)


class PaidTable(PlanTable):
    agent = SortedColumn("agent__name", verbose_name=_("Agent"), attrs=WORDS)
    site = SortedColumn("agent__site__name", verbose_name=_("Site"), attrs=WORDS)
    day = DayColumn("day", verbose_name=_("Day"), attrs=WORDS)
    minutes = SortedColumn("minutes", verbose_name=_("Paid minutes"))

    edit, label = "paid_edit", _("Paid time")

    class Meta(PlanTable.Meta):
        order_by = "-day"

    def render_agent(self, record: PaidTime) -> SafeString:
        return self.link(record, record.agent)


# The names are those that the mapping of a list knows: what is exported can be imported.
COST_HEADER = [
    _("Site"), _("Kind of cost"), _("Queue"), _("Agent"), _("First day"), _("Last day"),
    _("Amount"), _("Currency"), _("Reference"), _("Note"),
]  # fmt: skip
TARGET_HEADER = [
    _("Site"), _("KPI"), _("Target"), _("From"), _("Queue"), _("Team"), _("Agent"), _("Role"),
]  # fmt: skip
HEADCOUNT_HEADER = [
    _("Site"), _("Period"), _("Day"), _("Team"), _("Planned FTE"), _("Actual FTE"),
    _("Planned heads"), _("Actual heads"),
]  # fmt: skip


SALE_HEADER = [
    _("Site"), _("Reference"), _("Id of the call"), _("Agent"), _("Day"), _("Sale"),
    _("Pipeline value"), _("Currency"), _("Counted for"), _("Counted on"),
]  # fmt: skip
PAID_HEADER = [_("Site"), _("Agent"), _("Day"), _("Paid minutes")]
LEAVE_HEADER = [_("Site"), _("Agent"), _("Kind of absence"), _("First day"), _("Last day")]


def cost_cells(cost: Cost) -> Sequence[object]:
    return (
        cost.site.name, cost.kind, cost.queue, cost.agent, cost.first_on, cost.last_on,
        cost.amount, cost.currency, cost.reference, cost.note,
    )  # fmt: skip


def target_cells(target: Target) -> Sequence[object]:
    value = aims.told(aims.known().get(target.kpi), target.value)
    return (
        target.site.name, target.kpi, value, target.valid_from, target.queue, target.team,
        target.agent, target.role,
    )  # fmt: skip


def _whose(row: Any) -> str:
    """Whom a row is of, and at which site."""
    site = str(row.site)
    of_all = not any(getattr(row, name, None) for name in ("queue", "team", "agent", "role"))
    return site if of_all else f"{scope_words(row)} ({site})"


def _day(day: date | None) -> str:
    return date_format(day, "j M Y") if day else str(_("nobody knows when"))


def cost_words(cost: Cost) -> str:
    """A cost in a few words, as those of the other plans below."""
    words = _("%(kind)s of %(whose)s, %(first)s to %(last)s")
    days = {"first": _day(cost.first_on), "last": _day(cost.last_on)}
    return str(words) % {"kind": cost.kind, "whose": _whose(cost), **days}


def target_words(target: Target) -> str:
    """Its KPI by name, its value as people write it."""
    aim = aims.known().get(target.kpi)
    words = _("%(kpi)s of %(whose)s: %(value)s from %(day)s")
    return str(words) % {
        "kpi": aim.name if aim else target.kpi,
        "whose": _whose(target),
        "value": aims.written(aim, target.value),
        "day": _day(target.valid_from),
    }


def headcount_words(one: Headcount) -> str:
    month = one.period == Headcount.Period.MONTH
    day = date_format(one.starts_on, "F Y" if month else "j M Y")
    return str(_("Headcount of %(whose)s, %(day)s")) % {"whose": _whose(one), "day": day}


def sale_words(sale: Sale) -> str:
    said = sale.reference or sale.call_ref or _day(sale.sold_on)
    return str(_("Sale %(what)s of %(whose)s")) % {"what": said, "whose": _whose(sale)}


def leave_words(leave: Leave) -> str:
    words = _("%(kind)s of %(agent)s, %(first)s to %(last)s")
    days = {"first": _day(leave.first_on), "last": _day(leave.last_on)}
    agent = f"{leave.agent} ({leave.agent.site})"
    return str(words) % {"kind": leave.kind, "agent": agent, **days}


def paid_words(paid: PaidTime) -> str:
    words = _("Paid time of %(agent)s, %(day)s")
    return str(words) % {"agent": f"{paid.agent} ({paid.agent.site})", "day": _day(paid.day)}


def headcount_cells(one: Headcount) -> Sequence[object]:
    month = one.period == Headcount.Period.MONTH
    return (
        one.site.name, f"{one.starts_on:%Y-%m}" if month else None,
        None if month else one.starts_on, one.team, one.planned_fte, one.actual_fte,
        one.planned_heads, one.actual_heads,
    )  # fmt: skip


def sale_cells(sale: Sale) -> Sequence[object]:
    """As it was said, and last what its call tells, which no import reads: it would be another
    sale."""
    return (
        sale.site.name, sale.reference, sale.call_ref, sale.agent, sale.sold_on, sale.value,
        sale.pipeline_value, sale.currency, sale.agent or (sale.call and sale.call.agent),
        sale_day(sale),
    )  # fmt: skip


def leave_cells(leave: Leave) -> Sequence[object]:
    agent = leave.agent
    return (agent.site.name, agent, leave.kind, leave.first_on, leave.last_on)


def paid_cells(paid: PaidTime) -> Sequence[object]:
    return (paid.agent.site.name, paid.agent, paid.day, paid.minutes)
