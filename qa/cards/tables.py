"""The list of scorecards: sorted, paged and counted in the database."""

from typing import Any
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.structure.tables import ListTable
from ccm.tables import WORDS, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH, count, local_time
from qa.cells import when, yes

HEADER = [
    _("Scorecard"), _("Site"), _("What it is for"), _("Version"), _("Since"), _("Reviews"),
    _("Draft"), _("Closed"),
]  # fmt: skip


class CardTable(ListTable):
    name = tables.Column(verbose_name=_("Scorecard"), attrs=WORDS)
    site = SparseColumn("site__name", verbose_name=_("Site"), attrs=WORDS, empty_values=())
    version = SparseColumn("version", verbose_name=_("Version in use"))
    since = SparseColumn("since", verbose_name=_("Since"))
    reviews = SortedColumn("reviews", verbose_name=_("Reviews"))
    state = tables.Column(verbose_name=_("State"), orderable=False, empty_values=(), attrs=WORDS)

    label = _("Scorecards")

    class Meta(ListTable.Meta):
        pass

    def order_name(self, rows: Any, is_descending: bool) -> tuple[Any, bool]:
        field = "-name" if is_descending else "name"
        return rows.order_by(field, "pk"), True

    def render_name(self, record: Any) -> SafeString:
        url = reverse("scorecard", args=[record.pk])
        return format_html(
            '<a href="{}">{}</a><small class="aside qs-about">{}</small>',
            url, record.name, record.words,
        )  # fmt: skip

    def render_site(self, record: Any) -> str:
        return gettext("all sites") if record.site is None else record.site.name

    def render_version(self, value: int) -> str:
        return f"v{value}"

    def render_since(self, record: Any) -> SafeString | str:
        return local_time(record.since, record.zone, "j M Y")

    def render_reviews(self, record: Any) -> SafeString | str:
        if not record.waiting:
            return count(record.reviews)
        waiting = gettext("%(n)s to do") % {"n": count(record.waiting)}
        return format_html('{}<small class="mark">{}</small>', count(record.reviews), waiting)

    def render_state(self, record: Any) -> SafeString | str:
        return state(record) or DASH


def state(record: Any) -> SafeString | str:
    """Closed, or that there is a draft, or nothing that is unusual."""
    if record.closed_at is not None:
        return tag("none", gettext("Closed"))
    if record.version is None:
        return tag("warn", gettext("Draft, never published"))
    return tag("ok", gettext("Draft of the next version")) if record.has_draft else ""


def cells(record: Any) -> list[object]:
    """A scorecard as a line of a file; times by its clock, with their offset."""
    zone = ZoneInfo(record.zone)
    return [
        record.name,
        gettext("all sites") if record.site is None else record.site.name,
        record.words,
        record.version,
        when(record.since, zone),
        record.reviews,
        yes(record.has_draft),
        when(record.closed_at, zone),
    ]
