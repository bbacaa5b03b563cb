"""The lists of kinds of leave, of what people have left, and of what they had left by somebody's
word."""

from collections.abc import Sequence
from dataclasses import dataclass

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent
from ccm.structure.tables import DayColumn, ListTable
from ccm.tables import WORDS, WRAPPED, SortedColumn
from ccm.templatetags.figures import DASH
from scheduling.absences import reads, words
from scheduling.models import LeaveKind, LeaveOpening


class KindTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    decides = SortedColumn("decides", verbose_name=_("Who decides"), attrs=WORDS)
    notice = SortedColumn("notice_days", verbose_name=_("Days of notice"))
    gives = SortedColumn("year_minutes", verbose_name=_("Gives"), attrs=WRAPPED)
    paid = SortedColumn("is_paid", verbose_name=_("Paid"), attrs=WORDS)

    edit, label = "leave_kind_edit", _("Kinds of leave")
    empty_hint = _(
        "A kind of leave says what it gives, what is asked of requests, and who decides."
    )

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: LeaveKind) -> SafeString:
        link = self.link(record, record.name)
        if record.is_active:
            return link
        return format_html("{} <small>{}</small>", link, gettext("not in use"))

    def render_decides(self, record: LeaveKind) -> str:
        return record.get_decides_display()

    def render_gives(self, record: LeaveKind) -> str:
        return words.gives(record)

    def render_paid(self, record: LeaveKind) -> str:
        return gettext("yes") if record.is_paid else gettext("no")


KIND_HEADER = [
    _("Site"), _("Name"), _("Who decides"), _("Days of notice"), _("Minutes a year"), _("Comes"),
    _("Paid"), _("In use"),
]  # fmt: skip


def kind_cells(kind: LeaveKind) -> Sequence[object]:
    return (
        kind.site.name, kind.name, kind.get_decides_display(), kind.notice_days,
        kind.year_minutes if kind.keeps_balance else None, kind.get_accrual_display(),
        gettext("yes") if kind.is_paid else gettext("no"),
        gettext("yes") if kind.is_active else gettext("no"),
    )  # fmt: skip


class OpeningTable(ListTable):
    agent = SortedColumn("agent__name", verbose_name=_("Who"), attrs=WORDS)
    site = SortedColumn("agent__site__name", verbose_name=_("Site"), attrs=WORDS)
    kind = SortedColumn("kind__name", verbose_name=_("Kind of leave"), attrs=WORDS)
    day = DayColumn("day", verbose_name=_("Day"), attrs=WORDS)
    minutes = SortedColumn("minutes", verbose_name=_("Hours left"))
    carried = SortedColumn("carried", verbose_name=_("Of which carried over"))
    reason = SortedColumn("reason", verbose_name=_("Why"), attrs=WRAPPED)
    by = SortedColumn("said_by__username", verbose_name=_("Said by"), attrs=WORDS, empty_values=())

    edit, label = "leave_balance_edit", _("What was said of balances")
    empty_hint = _("What people had left when this began, and what was put right since.")

    class Meta(ListTable.Meta):
        order_by = "agent"

    def render_agent(self, record: LeaveOpening) -> SafeString:
        return self.link(record, record.agent)

    def render_minutes(self, record: LeaveOpening) -> str:
        return words.hours(record.minutes)

    def render_carried(self, record: LeaveOpening) -> str:
        return words.hours(record.carried) if record.carried else DASH

    def render_by(self, record: LeaveOpening) -> str:
        return str(record.said_by or DASH)


@dataclass(frozen=True, slots=True)
class Has:
    """What somebody has of a kind of leave, in a row."""

    agent: Agent
    of: reads.OfKind


class LeftTable(tables.Table):
    """What everybody has of a kind of leave, in the leave year of today."""

    name = tables.Column(accessor="agent__name", verbose_name=_("Who"), attrs=WORDS)
    brought = tables.Column(accessor="of__whole__brought", verbose_name=_("Brought"))
    accrued = tables.Column(accessor="of__whole__accrued", verbose_name=_("Accrued"))
    lapsed = tables.Column(accessor="of__whole__lapsed", verbose_name=_("Lapsed"))
    taken = tables.Column(accessor="of__whole__taken", verbose_name=_("Taken"))
    planned = tables.Column(accessor="of__whole__planned", verbose_name=_("Booked"))
    left = tables.Column(accessor="of__whole__left", verbose_name=_("Left"))
    today = tables.Column(accessor="of__left_today", verbose_name=_("Today"))

    label = _("What everybody has left")
    empty_hint = ""
    export_url = ""

    class Meta:
        order_by = "name"
        default = DASH

    def render_name(self, record: Has) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("time_off_person", args=[record.agent.pk]),
            record.agent.name,
        )

    def render_brought(self, value: int) -> str:
        return words.hours(value)

    render_accrued = render_lapsed = render_taken = render_planned = render_brought
    render_left = render_today = render_brought


OPENING_HEADER = [
    _("Site"), _("Who"), _("Kind of leave"), _("Day"), _("Minutes left"),
    _("Of which carried over"), _("Why"), _("Said by"),
]  # fmt: skip


def opening_cells(row: LeaveOpening) -> Sequence[object]:
    return (
        row.agent.site.name, row.agent, row.kind.name, row.day, row.minutes, row.carried,
        row.reason, row.said_by,
    )  # fmt: skip


def opening_words(row: LeaveOpening) -> str:
    told = {"agent": row.agent, "kind": row.kind, "day": words.day(row.day)}
    return gettext("%(kind)s of %(agent)s, %(day)s") % told
