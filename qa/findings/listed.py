"""The list of findings, on the page and as a file."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import django_tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.tables import WORDS, WRAPPED, tag
from ccm.templatetags.figures import DASH
from qa.cells import when, yes
from qa.findings import reads
from qa.models import Finding

LEVELS = {
    Finding.State.OPEN: "warn",
    Finding.State.DOING: "none",
    Finding.State.DONE: "ok",
    Finding.State.DROPPED: "none",
}


class FindingTable(django_tables2.Table):
    title = django_tables2.Column(verbose_name=gettext_lazy("What"), attrs=WRAPPED)
    kind = django_tables2.Column(verbose_name=gettext_lazy("Kind"), attrs=WORDS)
    state = django_tables2.Column(verbose_name=gettext_lazy("State"), attrs=WORDS)
    owner = django_tables2.Column(
        verbose_name=gettext_lazy("Owner"), attrs=WORDS, order_by="owner__username"
    )
    due_on = django_tables2.Column(
        verbose_name=gettext_lazy("Due"), attrs=WORDS, order_by=("due_on", "title")
    )
    about = django_tables2.Column(
        verbose_name=gettext_lazy("About"), attrs=WRAPPED, orderable=False, empty_values=()
    )
    site = django_tables2.Column(verbose_name=gettext_lazy("Site"), attrs=WORDS)

    label = gettext_lazy("Findings")
    empty_hint = gettext_lazy("A finding says what reviews showed, whose it is and how far it is.")
    export_url = ""

    class Meta:
        default = DASH
        order_by = ("due_on",)
        empty_text = gettext_lazy("Nothing is found")

    def __init__(self, *args: Any, now: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        self._now = now

    def render_title(self, record: Finding) -> SafeString:
        url = reverse("finding", args=[record.pk])
        return format_html('<a class="link" href="{}">{}</a>', url, record.title)

    def render_kind(self, record: Finding) -> str:
        return str(record.get_kind_display())

    def render_state(self, record: Finding) -> SafeString:
        return state_tag(record)

    def render_due_on(self, value: date, record: Finding) -> SafeString | str:
        day = date_format(value, "j M Y")
        if not reads.is_overdue(record, self._now):
            return day
        return format_html("{} {}", day, tag("bad", _("overdue")))

    def render_about(self, record: Finding) -> str:
        return about(record) or DASH


def state_tag(one: Finding) -> SafeString:
    return tag(LEVELS[Finding.State(one.state)], one.get_state_display())


def about(one: Finding) -> str:
    """What a finding is about, in short."""
    parts = (one.agent, one.criterion, one.queue)
    return " · ".join(str(part) for part in parts if part is not None)


HEADER = (
    gettext_lazy("Finding"), gettext_lazy("Site"), gettext_lazy("Kind"), gettext_lazy("State"),
    gettext_lazy("What"), gettext_lazy("In words"), gettext_lazy("Owner"), gettext_lazy("Due"),
    gettext_lazy("Overdue"), gettext_lazy("Agent"), gettext_lazy("Criterion"),
    gettext_lazy("Scorecard"), gettext_lazy("Queue"), gettext_lazy("Review"),
    gettext_lazy("Made"), gettext_lazy("Made by"), gettext_lazy("Ended"),
)  # fmt: skip


def lines(rows: QuerySet[Finding], now: datetime) -> Iterator[Sequence[object]]:
    for one in rows.select_related("made_by").iterator(chunk_size=500):
        zone = one.site.tz
        yield (
            one.pk, one.site.name, one.get_kind_display(), one.get_state_display(), one.title,
            one.words, None if one.owner is None else str(one.owner), one.due_on,
            yes(reads.is_overdue(one, now)), one.agent and one.agent.name,
            one.criterion and one.criterion.name, one.criterion and one.criterion.card.name,
            one.queue and one.queue.name, one.evaluation_id, when(one.made_at, zone),
            None if one.made_by is None else str(one.made_by),
            when(one.ended_at, zone),
        )  # fmt: skip
