"""The list of pages and the list of their readers, on the page and as files."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Site, User
from ccm.tables import WORDS, WRAPPED, CountColumn, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH, count, local_time
from coaching.library import reads
from coaching.models import LibraryPage, LibraryVersion
from qa.cells import when, yes

# Of two days one below the other, where it is narrow, each says what it is.
_DATED = {"th": {"class": "words"}, "td": {"class": "words dated"}}


class PageTable(django_tables2.Table):
    title = SortedColumn("title", verbose_name=gettext_lazy("Title"), attrs=WRAPPED)
    kind = SortedColumn("kind", verbose_name=gettext_lazy("Kind"), attrs=WORDS)
    site = SparseColumn(
        "site", verbose_name=gettext_lazy("Site"), attrs=WORDS, fields=("site__name",),
        empty_values=(),
    )  # fmt: skip
    owner = SparseColumn(
        "owner", verbose_name=gettext_lazy("Owner"), attrs=WORDS, fields=("owner__username",)
    )
    published = SparseColumn("published", verbose_name=gettext_lazy("Published"), attrs=_DATED)
    review_on = SparseColumn("review_on", verbose_name=gettext_lazy("Review by"), attrs=_DATED)
    reads = CountColumn(
        "reads", verbose_name=gettext_lazy("Said they read it"), empty_values=(None,)
    )
    helped = SortedColumn("helped", verbose_name=gettext_lazy("Helped"))

    label = gettext_lazy("Pages of the library")
    empty_hint: Any = gettext_lazy("Another filter may show some.")
    export_url = ""

    class Meta:
        default = DASH
        order_by = ("title",)
        empty_text = gettext_lazy("No page of the library is here")

    def __init__(
        self, *args: Any, now: datetime, still: frozenset[int] = frozenset(), **more: Any
    ) -> None:
        """`still` are the versions that the reader has still to read, by their ids."""
        super().__init__(*args, **more)
        self._now, self._still = now, still

    def say_first(self, *, writes: bool) -> None:
        """What an empty list says where nothing narrows it: no filter would show one."""
        self.empty_text = _("The library has no page yet")
        self.empty_hint = (
            _(
                "A page says how something is done, and why. Begin with what is asked most: New "
                "page makes a draft, and those of its site read it once it is published."
            )
            if writes
            else _("Pages are written by trainers and managers of your site.")
        )

    def say_all_read(self) -> None:
        """What a list of what is still to be read says where that is nothing."""
        self.empty_text = _("You have read all that you have to")
        self.empty_hint = ""

    def render_title(self, record: Any) -> SafeString:
        url = reverse("library_page", args=[record.pk])
        link = format_html('<a class="link" href="{}">{}</a>', url, record.title or DASH)
        if record.shown not in self._still:
            return link
        return format_html("{} {}", link, tag("warn", _("to be read")))

    def render_kind(self, record: LibraryPage) -> str:
        return str(record.get_kind_display())

    def render_site(self, record: LibraryPage) -> str:
        return _("all sites") if record.site is None else record.site.name

    def render_published(self, value: datetime, record: LibraryPage) -> SafeString | str:
        return local_time(value, zone_of(record.site), "j M Y")

    def render_review_on(self, value: date, record: LibraryPage) -> SafeString | str:
        day = date_format(value, "j M Y")
        if not reads.is_overdue(record, self._now):
            return day
        return format_html("{} {}", day, tag("bad", _("overdue")))

    def render_reads(self, value: int, record: Any) -> str:
        """Nobody has said so where nobody has to: that is no 0."""
        return count(value) if value or record.must_from is not None else DASH

    def render_helped(self, value: int, record: Any) -> str:
        """So many of those who said."""
        said = value + record.unhelped
        if not said:
            return DASH
        return _("%(yes)s of %(said)s") % {"yes": count(value), "said": count(said)}


def zone_of(site: Site | None) -> str:
    """The zone that times of a page are told in; UTC for one of all sites."""
    return "UTC" if site is None else site.zone


HEADER = (
    gettext_lazy("Page"), gettext_lazy("Site"), gettext_lazy("Kind"), gettext_lazy("Title"),
    gettext_lazy("Version"), gettext_lazy("Published"), gettext_lazy("Owner"),
    gettext_lazy("Review by"), gettext_lazy("Overdue"), gettext_lazy("Withdrawn"),
    gettext_lazy("Read it"), gettext_lazy("Found it helpful"), gettext_lazy("Did not"),
)  # fmt: skip


def lines(rows: QuerySet[Any], now: datetime) -> Iterator[Sequence[object]]:
    """Counts are of the version that is told."""
    for one in rows.iterator(chunk_size=500):
        zone = ZoneInfo(zone_of(one.site))
        yield (
            one.pk, _("all sites") if one.site is None else one.site.name, one.get_kind_display(),
            one.title, one.number, when(one.published, zone),
            None if one.owner is None else str(one.owner), one.review_on,
            yes(reads.is_overdue(one, now)), when(one.retired_at, zone),
            one.reads if one.reads or one.must_from is not None else None, one.helped,
            one.unhelped,
        )  # fmt: skip


class ReaderTable(django_tables2.Table):
    name = SortedColumn(
        "username", verbose_name=gettext_lazy("Who"), attrs=WRAPPED,
        fields=("last_name", "first_name", "username"),
    )  # fmt: skip
    teams = SortedColumn(
        "team_names", verbose_name=gettext_lazy("Team"), attrs=WORDS, empty_values=("",)
    )
    read = SparseColumn("read_at", verbose_name=gettext_lazy("Read"), attrs=WORDS, empty_values=())
    number = SparseColumn("read_number", verbose_name=gettext_lazy("Version"))

    label = gettext_lazy("Readers")
    empty_hint: Any = gettext_lazy(
        "Whom it is for is one of its settings; who has to read it is said when it is published."
    )
    export_url = ""

    class Meta:
        default = DASH
        empty_text = gettext_lazy("Nobody has read it, and nobody has to")

    def __init__(self, *args: Any, zone: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._zone = zone

    def render_name(self, record: User) -> str:
        return str(record)

    def render_read(self, record: Any) -> SafeString | str:
        if record.read_at is None:
            return tag("warn", _("still to read"))
        return local_time(record.read_at, self._zone, "j M Y H:i")


NOBODY = {
    "still": gettext_lazy("Nobody has still to read it"),
    "read": gettext_lazy("Nobody has read it yet"),
}
"""What an empty list of readers says, by which of them are asked for."""

READERS_HEADER = (
    gettext_lazy("Who"), gettext_lazy("User"), gettext_lazy("Team"), gettext_lazy("Has to read it"),
    gettext_lazy("Read at"), gettext_lazy("Version read"), gettext_lazy("Page"),
    gettext_lazy("Version in use"),
)  # fmt: skip


def reader_lines(
    rows: QuerySet[Any], page: LibraryPage, version: LibraryVersion
) -> Iterator[Sequence[object]]:
    zone = ZoneInfo(zone_of(page.site))
    for one in rows.iterator(chunk_size=500):
        yield (
            str(one), one.username, one.team_names, yes(one.must), when(one.read_at, zone),
            one.read_number, version.title, version.number,
        )  # fmt: skip
