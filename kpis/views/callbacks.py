"""Who asked in a queue to be called back: who still is to be, who was, and a file of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import django_tables2 as django_tables
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from ccm import exported, exports, filters, tables
from ccm.access import scope_of
from ccm.filters import Filters
from ccm.models import Call, Precision, Site
from ccm.navigation import may_open
from ccm.templatetags.figures import age, clock, count, local_time
from ccm.views.failures import Misread
from kpis import call_backs, report, tiles
from kpis.choices import Choices
from kpis.report import Question

OPEN, NOTED, REACHED, ALL = "open", "noted", "reached", "all"
_SIDES = {
    OPEN: Q(reached_at=None, noted_at=None),
    NOTED: Q(reached_at=None, noted_at__isnull=False),
    REACHED: Q(reached_at__isnull=False),
    ALL: Q(),
}


class AskedTable(django_tables.Table):
    """Visits as `call_backs.asked` gives them, each with `may_note`, of one site."""

    asked = tables.SortedColumn("asked_at", verbose_name=gettext_lazy("Asked"), attrs=tables.WORDS)
    ago = django_tables.Column(
        verbose_name=gettext_lazy("How long ago"),
        accessor="asked_at",
        orderable=False,
        attrs=tables.WORDS,
    )
    queue = tables.SortedColumn(
        "queue__name", verbose_name=gettext_lazy("Queue"), attrs=tables.WORDS
    )
    caller = django_tables.Column(
        verbose_name=gettext_lazy("Caller"),
        accessor="caller_masked",
        orderable=False,
        attrs=tables.WORDS,
    )
    state = django_tables.Column(
        verbose_name=gettext_lazy("Called back"), accessor="pk", orderable=False, attrs=tables.WORDS
    )
    note = django_tables.Column(
        verbose_name=gettext_lazy("Note"), accessor="pk", orderable=False, attrs=tables.WORDS
    )

    class Meta:
        order_by = "asked"
        default = tables.DASH

    label = gettext_lazy("Call backs asked for")
    empty_hint = ""
    export_url = ""

    def __init__(self, data: QuerySet[Call], zone: str, day: str, now: datetime) -> None:
        """`day` is the date format that tells the days of the period apart."""
        super().__init__(data)
        self.zone, self.day, self.now = zone, day, now

    def render_asked(self, record: Any) -> SafeString:
        at: SafeString | str = tables.offered_time(record, self.zone, self.day)
        if record.time_precision != Precision.DAY:
            at = local_time(record.asked_at, self.zone, f"{self.day} H:i")
        return format_html('<a href="{}">{}</a>', reverse("call", args=[record.pk]), at)

    def render_ago(self, record: Any) -> str:
        if record.time_precision == Precision.DAY:
            return tables.DASH
        return age(record.asked_at, self.now)

    def render_state(self, record: Any) -> SafeString:
        return format_html("{} {}", tables.tag(*_standing(record, self.now)), self._beside(record))

    def render_note(self, record: Any) -> SafeString | str:
        if record.noted_at is None and record.promised_at is not None:
            due = local_time(record.promised_at, self.zone, "j M H:i")
            late = tables.tag("bad", _("Overdue")) if record.promised_at < self.now else ""
            return format_html("{} {} {}", _("promised for"), due, late)
        if record.reached_at or record.noted_at or not record.may_note:
            return tables.DASH
        url = reverse("call_note", args=[record.pk])
        return format_html('<a class="link" href="{}">{}</a>', url, _("Write a note"))

    def _beside(self, record: Any) -> SafeString | str:
        """What is known of when somebody was called."""
        if record.reached_at is not None:
            took = (record.reached_at - record.asked_at).total_seconds()
            at = local_time(record.reached_at, self.zone, "j M H:i")
            return format_html(
                "{} · {}", at, _("after %(length)s") % {"length": clock(max(0, took))}
            )
        if record.noted_at is not None:
            return local_time(record.noted_at, self.zone, "j M H:i")
        if not record.tries:
            return ""
        words = ngettext("%(n)s try in vain,", "%(n)s tries in vain, the last", record.tries)
        at = local_time(record.tried_at, self.zone, "j M H:i")
        return format_html("{} {}", words % {"n": record.tries}, at)


@login_required
@require_GET
def asked_page(request: HttpRequest) -> HttpResponseBase:
    """Visits of some days that asked for a call back, or a file of them."""
    now = timezone.now()
    user = request.user
    if not user.is_authenticated or not may_open("calls", user):
        raise Http404
    shown = filters.read(request, now, default="7d", sites=Site.objects.with_calls_for(user))
    side = request.GET.get("side", OPEN)
    if shown is None or side not in _SIDES:
        raise Http404
    may_note = Exists(Call.objects.noted_by(user).filter(pk=OuterRef("pk")))
    found = call_backs.asked(user, shown.site, shown.span, shown.queue).annotate(may_note=may_note)
    rows = found.filter(_SIDES[side]).select_related("queue")
    table = AskedTable(rows, shown.site.zone, _day_form(shown), now)
    if request.GET.get("export") == "csv":
        if shown.problem:
            raise Misread(shown.problem)
        table.order_by = request.GET.get("sort", "asked")
        exported.calls(
            user, shown.site, shown.first, shown.last, now,
            queue=shown.queue, kpi="callback_requested",
        )  # fmt: skip
        return _file(table, shown, side)
    counted = found.aggregate(**{name: Count("pk", filter=on) for name, on in _SIDES.items()})
    reach = scope_of(user)
    seen = reach.calls_seen(shown.site.pk)
    has_figures = reach.everything or shown.site.pk in reach.figure_sites
    table.empty_text, table.empty_hint = _nothing(side, counted[ALL], seen)
    tables.arrange(table, request.GET, tables.KnownPaginator, found=counted[side])
    kept = shown.parameters(side=side, sort=",".join(table.order_by))
    if counted[side]:
        table.export_url = filters.address(request.path, kept | {"export": "csv"})
    words = {
        "filters": shown.bar(keep=[("side", side)]),
        "shown": shown,
        "table": table,
        "sides": [
            {
                "words": said,
                "count": counted[name],
                "url": filters.address(request.path, shown.parameters(side=name)),
                "chosen": name == side,
            }
            for name, said in _words().items()
        ],
        "seen": seen,
        "figure": _of_figure(shown) if has_figures else "",
        "passport_url": tiles.passport_url("called_back_rate", shown) if has_figures else "",
    }
    return render(request, "kpis/call_backs.html", words)


def _words() -> dict[str, str]:
    return {
        OPEN: _("not called back"),
        NOTED: _("noted as called back"),
        REACHED: _("called back"),
        ALL: _("in all"),
    }


def _standing(record: Any, now: datetime) -> tuple[str, str]:
    """Level and word of what became of a request."""
    if record.reached_at is not None:
        return "ok", _("Reached")
    if record.noted_at is not None:
        return "ok", _("Noted as called back")
    if record.tries:
        return "warn", _("Not reached")
    if call_backs.is_over(record, now):
        return "bad", _("Never called back")
    return "bad", _("Not called yet")


def _of_figure(shown: Filters) -> str:
    """What the figure that the page leads to counts, which need not be what it lists."""
    kpis = ("callback_requested", "called_back")
    question = Question(
        sites=[shown.site], first=shown.first, last=shown.last, queues=shown.queues, kpis=kpis
    )
    rows = report.answer(question, Choices(shown.last))
    asked_, back = (rows[0].figures[one].value if rows else 0 for one in kpis)
    if question.counts_contacts:
        words = _(
            "The figure of the site counts contacts, each by how its last visit ended:"
            " %(asked)s asked, %(back)s called back. That of a queue counts visits."
        )
    else:
        words = _(
            "The figure counts all visits of the queue: %(asked)s asked, %(back)s called back."
        )
    return words % {"asked": count(asked_), "back": count(back)}


def _nothing(side: str, in_all: int, seen: str) -> tuple[str, str]:
    """What an empty list says, and beside."""
    if not in_all:
        beside = _("on these days, on queues of these filters.")
        if seen == "all":
            return _("Nobody asked to be called back"), beside
        return _("Of the calls that you may open none asked for a call back"), beside
    if side == OPEN:
        if seen != "all":
            return _("Of the calls that you may open everybody who asked was called back"), ""
        return _("Everybody who asked was called back"), ""
    return _("Nothing here fits these filters."), ""


def _day_form(shown: Filters) -> str:
    """How to write a day of a row: with the year only where it tells."""
    return "j M" if shown.first.year == shown.last.year == shown.today.year else "j M Y"


def _file(table: AskedTable, shown: Filters, side: str) -> HttpResponseBase:
    """The rows as a CSV file: moments on the site's clock with their offset."""
    header = [
        _("Asked (%(zone)s)") % {"zone": shown.site.zone}, _("Queue"), _("Caller"),
        _("Called back"), _("Reached"), _("Tries in vain"), _("Last try"), _("Promised for"),
        _("Noted as called back"), _("Id at the source"), _("Source"),
    ]  # fmt: skip
    name = f"call-backs-{side}-{shown.site.slug}-{shown.first}-{shown.last}.csv"
    rows = table.data.data[: exports.MOST_ROWS + 1]
    return exports.download(name, header, _cells(rows, shown, table.now))


def _cells(rows: QuerySet[Any], shown: Filters, now: datetime) -> Iterator[Sequence[object]]:
    def there(at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(shown.site.tz)

    for row in rows.iterator(chunk_size=2000):
        at = row.asked_at.astimezone(shown.site.tz)
        yield [
            at.date() if row.time_precision == Precision.DAY else at,
            row.queue.name,
            row.caller_masked,
            _standing(row, now)[1],
            there(row.reached_at),
            row.tries,
            there(row.tried_at),
            there(row.promised_at),
            there(row.noted_at),
            row.external_id,
            row.source,
        ]
