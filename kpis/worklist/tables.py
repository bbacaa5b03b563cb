"""The table of call backs."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.models import Call, Outcome
from ccm.tables import DASH, WORDS, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import count, local_time
from kpis.worklist.due import late_words
from kpis.worklist.reads import KEPT, LATE, OPEN, OVERDUE, Rights, standing

# Words that are read to their end, beside others.
NARROW = {"th": {"class": "words"}, "td": {"class": "words why narrow"}}
# So much of a note is told in the list.
WORDS_SHOWN = 80
LEVELS = {
    OPEN: ("none", _("Due")),
    OVERDUE: ("bad", _("Overdue")),
    KEPT: ("ok", _("Kept")),
    LATE: ("warn", _("Missed: called back late")),
}


class WorklistTable(tables.Table):
    """Calls as `kpis.worklist.reads` tells them, each with `may_open`, whether its page is there
    for the reader."""

    due = SortedColumn("due_at", verbose_name=_("Due"), attrs=WORDS)
    state = tables.Column(verbose_name=_("State"), accessor="pk", orderable=False, attrs=WORDS)
    queue = SparseColumn("queue__name", verbose_name=_("Queue"), attrs=WORDS)
    caller = tables.Column(
        verbose_name=_("Caller"),
        accessor="caller_masked",
        orderable=False,
        attrs=WORDS,
        empty_values=(),
    )
    asked = SortedColumn("asked_at", verbose_name=_("Asked"), attrs=NARROW)
    tries = SortedColumn("tries", verbose_name=_("Tries in vain"), attrs=WORDS)
    owner = SparseColumn("owner_name", verbose_name=_("Who calls"), attrs=WORDS, empty_values=())

    class Meta:
        order_by = "due"
        default = DASH

    label = _("Call backs")
    empty_hint = ""
    export_url = ""

    def __init__(
        self, data: QuerySet[Call], *, zone: str, now: datetime, request: HttpRequest, may: Rights
    ) -> None:
        """`may` is what the reader may do about them."""
        super().__init__(data)
        # Given at once, a request would have the table page and count itself; `arrange` does.
        self.request = request
        self.zone, self.now, self.may = zone, now, may

    def render_due(self, record: Any) -> SafeString | str:
        at = local_time(record.due_at, self.zone, "j M H:i")
        if not record.may_open:
            return at
        return format_html('<a href="{}">{}</a>', reverse("call", args=[record.pk]), at)

    def render_state(self, record: Any) -> SafeString:
        beside: SafeString | str = ""
        if record.done_at is not None:
            beside = local_time(record.done_at, self.zone, "j M H:i")
        elif record.due_at < self.now:
            late = late_words(self.now - record.due_at)
            beside = format_html(
                '<span class="unbroken">{}</span>', gettext("by %(time)s") % {"time": late}
            )
        return format_html("{} {}", tag(*LEVELS[standing(record, self.now)]), beside)

    def render_caller(self, value: str, record: Any) -> SafeString | str:
        """Whoever calls finds the number where it is known: in the phone system, by its call."""
        value = value or DASH
        if record.is_listed:
            value = format_html("{} {}", value, tag("bad", gettext("Do not call")))
        if not (self._is_mine(record) or self.may.may_assign):
            return value
        words = gettext("call %(id)s at %(source)s")
        told = words % {"id": record.external_id, "source": record.source}
        return format_html('{} <small class="aside">{}</small>', value, told)

    def _is_mine(self, record: Any) -> bool:
        assert self.request.user.is_authenticated
        return bool(record.owner_id == self.request.user.pk)

    def render_asked(self, record: Any) -> SafeString:
        at = local_time(record.asked_at, self.zone, "j M H:i")
        is_request = record.outcome == Outcome.CALLBACK_REQUESTED
        whence = gettext("in the queue") if is_request else gettext("in a note")
        words = (record.words or "")[:WORDS_SHOWN]
        return format_html('{} {} <small class="aside">{}</small>', at, whence, words)

    def render_tries(self, record: Any) -> SafeString | str:
        if not record.tries:
            return count(0)
        last = local_time(record.tried_at, self.zone, "j M H:i")
        return format_html(gettext("{}, the last {}"), count(record.tries), last)

    def render_owner(self, record: Any) -> SafeString | str:
        is_mine = self._is_mine(record)
        # What the record itself tells nobody takes back.
        by_word = record.said_at is not None and record.done_at == record.said_at
        if record.done_at is not None and not (by_word and (is_mine or self.may.may_assign)):
            return record.owner_name or ""
        words = {
            "call": record,
            "is_mine": is_mine,
            "may": self.may,
            "back": self.request.get_full_path(),
        }
        return render_to_string("kpis/_call_back_owner.html", words, self.request)
