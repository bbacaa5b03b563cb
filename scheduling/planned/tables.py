"""The lists of what planners say."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.structure.tables import DayColumn, ListTable
from ccm.tables import WORDS, WRAPPED, SortedColumn
from ccm.templatetags.figures import DASH
from scheduling.models import KnownEvent, Override, QueueGroup


def _day(day: date) -> str:
    return date_format(day, "j M Y")


class EventTable(ListTable):
    kind = SortedColumn("kind", verbose_name=_("Kind"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    queues = tables.Column(accessor="pk", verbose_name=_("Queues"), attrs=WRAPPED, orderable=False)
    first = DayColumn("first", verbose_name=_("First day"), attrs=WORDS)
    last = DayColumn("last", verbose_name=_("Last day"), attrs=WORDS)
    does = tables.Column(
        accessor="pk", verbose_name=_("What it does"), attrs=WRAPPED, orderable=False
    )
    note = SortedColumn("note", verbose_name=_("Note"), attrs=WRAPPED)

    edit, label = "known_event_edit", _("Events")

    class Meta(ListTable.Meta):
        order_by = "-first"

    def render_kind(self, record: KnownEvent) -> SafeString:
        return self.link(record, record.kind)

    def render_queues(self, record: KnownEvent) -> str:
        return queues_words(record)

    def render_does(self, record: KnownEvent) -> str:
        does = does_words(record)
        if not getattr(record, "is_multiplied", False):
            return does
        others = gettext("on some days another event multiplies, too: both together")
        return format_html("{}<br><small>{}</small>", does, others)


class GroupTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    queues = tables.Column(accessor="pk", verbose_name=_("Queues"), attrs=WRAPPED, orderable=False)

    edit, label = "queue_group_edit", _("Queue groups")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: QueueGroup) -> SafeString:
        return self.link(record, record.name)

    def render_queues(self, record: QueueGroup) -> str:
        return queues_words(record)


class OverrideTable(ListTable):
    queue = SortedColumn("queue__name", verbose_name=_("Queue"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    first = DayColumn("first", verbose_name=_("First day"), attrs=WORDS)
    last = DayColumn("last", verbose_name=_("Last day"), attrs=WORDS)
    hours = tables.Column(accessor="pk", verbose_name=_("Hours"), attrs=WORDS, orderable=False)
    says = tables.Column(accessor="pk", verbose_name=_("Says"), attrs=WORDS, orderable=False)
    reason = SortedColumn("reason", verbose_name=_("Why"), attrs=WRAPPED)
    by = SortedColumn("made_by__username", verbose_name=_("By"), attrs=WORDS)

    edit, label = "override_edit", _("Overrides")

    class Meta(ListTable.Meta):
        order_by = "-first"

    def render_queue(self, record: Override) -> SafeString:
        return self.link(record, record.queue)

    def render_hours(self, record: Override) -> str:
        return hours_words(record)

    def render_says(self, record: Override) -> str:
        says = says_words(record)
        if not getattr(record, "is_overruled", False):
            return says
        return format_html("{}<br><small>{}</small>", says, gettext("overruled, at least in part"))

    def render_by(self, record: Override) -> str:
        return str(record.made_by or DASH)


def queues_words(row: KnownEvent | QueueGroup) -> str:
    return ", ".join(sorted(str(one) for one in row.queues.all())) or DASH


def does_words(event: KnownEvent) -> str:
    """What somebody says that an event does."""
    if event.factor is not None:
        return gettext("%(n)s times as many") % {"n": f"{event.factor:g}"}
    if event.calls is None:
        return gettext("as past events of its kind did")
    if event.keeps:
        words = gettext("%(n)s calls more a day, of which the next keeps %(share)s %%")
        return words % {"n": f"{event.calls:g}", "share": f"{event.keeps * 100:g}"}
    return gettext("%(n)s calls more a day") % {"n": f"{event.calls:g}"}


def hours_words(one: Override) -> str:
    if one.starts is None or one.ends is None:
        return gettext("the whole day")
    return f"{one.starts:%H:%M}–{one.ends:%H:%M}"


def says_words(one: Override) -> str:
    if one.factor is not None:
        return gettext("%(n)s times as many") % {"n": f"{one.factor:g}"}
    return gettext("%(n)s calls a day") % {"n": f"{one.calls or 0:g}"}


GROUP_HEADER: list[Any] = [_("Site"), _("Name"), _("Queues")]
EVENT_HEADER: list[Any] = [
    _("Site"), _("Kind"), _("Queues"), _("First day"), _("Last day"), _("Calls more a day"),
    _("Of which the next day keeps"), _("Times as many"), _("Note"),
]  # fmt: skip
OVERRIDE_HEADER: list[Any] = [
    _("Site"), _("Queue"), _("First day"), _("Last day"), _("From"), _("To"),
    _("Times as many"), _("Calls a day"), _("Why"), _("By"),
]  # fmt: skip


def group_cells(group: QueueGroup) -> Sequence[object]:
    return (group.site.name, group.name, queues_words(group))


def event_cells(event: KnownEvent) -> Sequence[object]:
    return (
        event.site.name, event.kind, queues_words(event), event.first, event.last, event.calls,
        event.keeps, event.factor, event.note,
    )  # fmt: skip


def override_cells(one: Override) -> Sequence[object]:
    hours = [None if at is None else f"{at:%H:%M}" for at in (one.starts, one.ends)]
    return (
        one.site.name, one.queue, one.first, one.last, *hours, one.factor, one.calls, one.reason,
        one.made_by,
    )  # fmt: skip


def event_words(event: KnownEvent) -> str:
    return gettext("%(kind)s from %(day)s") % {"kind": event.kind, "day": _day(event.first)}


def override_words(one: Override) -> str:
    words = gettext("Override of %(queue)s from %(day)s")
    return words % {"queue": one.queue, "day": _day(one.first)}
