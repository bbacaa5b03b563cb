"""The lists of contact hours, of numbers that are not called, and of regions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.contact.reads import is_over
from ccm.models import ContactHours, DoNotCall, RecordingRegion
from ccm.structure.tables import HoursColumn, ListTable, week_words
from ccm.tables import WORDS, WRAPPED, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH, yes_no


class ContactHoursTable(ListTable):
    site = SortedColumn("site__name", verbose_name=gettext_lazy("Site"), attrs=WORDS)
    hours = HoursColumn("hours", DASH, verbose_name=gettext_lazy("May call"))
    on_holidays = SortedColumn("on_holidays", verbose_name=gettext_lazy("On holidays"), attrs=WORDS)

    edit, label = "contact_hours_edit", gettext_lazy("Contact hours")
    empty_hint = gettext_lazy("Sites without hours may call at any time.")

    class Meta(ListTable.Meta):
        order_by = "site"

    def render_site(self, record: ContactHours) -> SafeString:
        return self.link(record, record.site.name)

    def render_on_holidays(self, value: bool) -> str:
        return yes_no(value)


CONTACT_HOURS_HEADER: list[Any] = [
    gettext_lazy("Site"), gettext_lazy("May call"), gettext_lazy("On holidays")
]  # fmt: skip


def contact_hours_cells(row: ContactHours) -> Sequence[object]:
    return (row.site.name, week_words(row.hours, ""), yes_no(row.on_holidays))


class DoNotCallTable(ListTable):
    number = SortedColumn("caller_masked", verbose_name=gettext_lazy("Number"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=gettext_lazy("Site"), attrs=WORDS)
    reason = SortedColumn("reason", verbose_name=gettext_lazy("Why"), attrs=WORDS)
    since = SortedColumn("made_at", verbose_name=gettext_lazy("Since"), attrs=WORDS)
    until = SparseColumn("last_on", verbose_name=gettext_lazy("Until"), attrs=WORDS)
    note = SparseColumn("note", verbose_name=gettext_lazy("Note"), attrs=WRAPPED)

    edit, label = "do_not_call_edit", gettext_lazy("Do not call")
    empty_hint = gettext_lazy("Callers who do not want to be called back or asked stand here.")

    class Meta(ListTable.Meta):
        order_by = "-since"

    def render_number(self, record: DoNotCall) -> SafeString:
        return self.link(record, record.caller_masked)

    def render_reason(self, record: DoNotCall) -> str:
        return record.get_reason_display()

    def render_since(self, record: DoNotCall) -> str:
        return _since(record)

    def render_until(self, value: date) -> SafeString | str:
        day = date_format(value, "j M Y")
        return (
            tag("none", _("over since %(day)s") % {"day": day})
            if is_over(value, timezone.now())
            else day
        )


DO_NOT_CALL_HEADER: list[Any] = [
    gettext_lazy("Site"), gettext_lazy("Number"), gettext_lazy("Why"), gettext_lazy("Since"),
    gettext_lazy("Until"), gettext_lazy("Note"),
]  # fmt: skip


def do_not_call_cells(row: DoNotCall) -> Sequence[object]:
    since = row.made_at.astimezone(row.site.tz).date()
    return (
        row.site.name, row.caller_masked, row.get_reason_display(), since, row.last_on, row.note,
    )  # fmt: skip


def _since(row: DoNotCall) -> str:
    return date_format(row.made_at.astimezone(row.site.tz), "j M Y")


class RecordingRegionTable(ListTable):
    country = SortedColumn("country", verbose_name=gettext_lazy("Country"), attrs=WORDS)
    region = SparseColumn("region", verbose_name=gettext_lazy("Part of it"), attrs=WORDS)
    must_agree = SortedColumn(
        "must_agree", verbose_name=gettext_lazy("Callers must have agreed"), attrs=WORDS
    )
    why = SparseColumn("why", verbose_name=gettext_lazy("Why"), attrs=WRAPPED)

    edit, label = "recording_region_edit", gettext_lazy("Consent by region")
    empty_hint = gettext_lazy(
        "Nothing is asked of callers by region; a site may ask for it in its rules of review."
    )

    class Meta(ListTable.Meta):
        order_by = "country"

    def render_country(self, record: RecordingRegion) -> SafeString:
        return self.link(record, record.country)

    def render_must_agree(self, value: bool) -> str:
        return yes_no(value)


RECORDING_REGION_HEADER: list[Any] = [
    gettext_lazy("Country"), gettext_lazy("Part of it"), gettext_lazy("Callers must have agreed"),
    gettext_lazy("Why"),
]  # fmt: skip


def recording_region_cells(row: RecordingRegion) -> Sequence[object]:
    return (row.country, row.region, yes_no(row.must_agree), row.why)
