"""The tables of the record's pages: sorted, paged and counted in the database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.db.models import F, OrderBy, QuerySet
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ccm.imports import twice
from ccm.imports.choosing import AUTO, MAPPED
from ccm.imports.formats import FORMATS
from ccm.imports.mapping import drafts, saved
from ccm.imports.records import IGNORED, REJECTED
from ccm.models import (
    Call,
    CallNote,
    Direction,
    ImportBatch,
    ImportDay,
    ImportIssue,
    ImportProfile,
    Job,
    Outcome,
    Precision,
)
from ccm.templatetags.figures import DASH, clock, count, local_time

ROWS = 50
# Counting millions of rows costs more than showing fifty: a page says "10,000+" instead.
MOST_COUNTED = 10_000
WORDS = {"th": {"class": "words"}, "td": {"class": "words"}}
# Words that are read to their end.
WRAPPED = {"th": {"class": "words"}, "td": {"class": "words why"}}
NARROW = {"th": {"class": "words"}, "td": {"class": "words why narrow"}}
# What is as it should be has no colour: fifty green tags would hide the red one.
OUTCOME_LEVELS = {
    Outcome.ABANDONED: "bad",
    Outcome.FAILED: "bad",
    Outcome.TIMED_OUT: "warn",
    Outcome.REFUSED: "warn",
    Outcome.BUSY: "warn",
}
JOB_LEVELS = {Job.State.DONE: "ok", Job.State.FAILED: "bad", Job.State.CANCELLED: "warn"}


class CappedPaginator(Paginator):
    """Pages over a table's queryset, of which at most `MOST_COUNTED` rows are counted."""

    @cached_property
    def _found(self) -> int:
        rows: QuerySet[Any] = cast(Any, self.object_list).data.data
        return rows.order_by()[: MOST_COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._found, MOST_COUNTED)

    @property
    def is_capped(self) -> bool:
        return self._found > MOST_COUNTED

    @property
    def words(self) -> str:
        """How many there are, as far as they were counted."""
        return f"{count(self.count)}+" if self.is_capped else count(self.count)


class KnownPaginator(CappedPaginator):
    """Pages over rows whose number, `found`, the page knows already."""

    def __init__(self, *args: Any, found: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found

    @property
    def _found(self) -> int:
        return self.found


def arrange(
    table: tables.Table,
    asked: QueryDict,
    paginator: type[Paginator] = CappedPaginator,
    rows: int = ROWS,
    **known: Any,
) -> None:
    """Sort and page the table as the address asks, `rows` a page; what makes no sense there is
    passed over.

    `known` goes to the paginator.
    """
    if asked.getlist(table.prefixed_order_by_field):
        table.order_by = asked.getlist(table.prefixed_order_by_field)
    page = asked.get(table.prefixed_page_field, "1")
    try:
        table.paginate(paginator, rows, page, **known)
    except PageNotAnInteger:
        table.page = table.paginator.page(1)
    except EmptyPage:
        table.page = table.paginator.page(table.paginator.num_pages)


def tag(level: str, word: object) -> SafeString:
    """A state with its word."""
    return render_to_string("_partials/tag.html", {"level": level, "word": word})


def outcome_tag(call: Call) -> SafeString:
    outcome = Outcome(call.outcome)
    return tag(OUTCOME_LEVELS.get(outcome, "none"), outcome.label)


def import_tag(batch: ImportBatch) -> SafeString:
    """Where an import stands, in the same words wherever that is told."""
    job = batch.job
    if batch.undone_at is not None:
        return tag("warn", _("Taken back"))
    if batch.rejected and job.state == Job.State.DONE:
        return tag("warn", _("Done, some rejected"))
    if drafts.is_unexplained(batch):
        return tag("warn", _("Waiting: its columns are to be explained"))
    if twice.is_asked(batch):
        return tag("warn", _("Waiting: its calls are there already"))
    return tag(JOB_LEVELS.get(Job.State(job.state), "none"), job.get_state_display())


class Offered(Protocol):
    """Whatever was offered at a moment, as a call is."""

    @property
    def offered_at(self) -> datetime: ...
    @property
    def time_precision(self) -> str: ...


def offered_time(call: Offered, zone: str, day: str = "") -> SafeString | str:
    """When a call was offered, no finer than its source says; `day` is a date format or empty."""
    if call.time_precision == Precision.DAY:
        return date_format(call.offered_at.astimezone(ZoneInfo(zone)), day or "j M")
    clock_form = "H:i" if call.time_precision == Precision.MINUTE else "H:i:s"
    return local_time(call.offered_at, zone, f"{day} {clock_form}".strip())


def formats_of(batch: ImportBatch, layouts: Callable[[], Mapping[str, str]] = saved.names) -> str:
    """The formats of an import's files, as far as they are read; else what was said.

    `layouts` tells the names of those that somebody described, by slug; it is asked if need be.
    """
    if batch.format == MAPPED and (name := drafts.named(batch)):
        return name
    found = {file.format: None for file in batch.files.all() if file.format}
    if not found and batch.job.finished and batch.format not in FORMATS:
        if batch.corrects is not None:
            return formats_of(batch.corrects, layouts)  # what it was to be read as
        return DASH  # nothing that is known
    return ", ".join(_format_words(name, layouts) for name in found or [batch.format])


def _format_words(name: str, layouts: Callable[[], Mapping[str, str]]) -> str:
    """A log format as people call it; one that somebody described, by its own name."""
    if name in FORMATS:
        return FORMATS[name].label
    words = {AUTO: _("Found out from the file"), MAPPED: _("Not described yet")}
    return str(words[name] if name in words else layouts().get(name, name))


class SortedColumn(tables.Column):
    """Sorted by `fields` (the accessor unless said), ties by the table's own key."""

    def __init__(self, accessor: str, *, fields: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(accessor=accessor, **kwargs)
        self.fields = fields or (accessor,)

    def order(self, queryset: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        fields = (*self.fields, "pk")
        return queryset.order_by(*(self.turned(field, is_descending) for field in fields)), True

    def turned(self, field: str, is_descending: bool) -> OrderBy:
        return F(field).desc() if is_descending else F(field).asc()


class SparseColumn(SortedColumn):
    """Sorted with what is unknown last, whichever way. No index can give that order."""

    def turned(self, field: str, is_descending: bool) -> OrderBy:
        if field == "pk":
            return super().turned(field, is_descending)
        return F(field).desc(nulls_last=True) if is_descending else F(field).asc(nulls_last=True)


class LengthColumn(SparseColumn):
    """Milliseconds as m:ss."""

    def render(self, value: int) -> str:
        return clock(value / 1000)


class CountColumn(SortedColumn):
    def render(self, value: int) -> str:
        return count(value)


class CallTable(tables.Table):
    """Calls of one site."""

    time = SortedColumn("offered_at", verbose_name=_("Time"), attrs=WORDS)
    queue = SparseColumn("queue__name", verbose_name=_("Queue"), attrs=WORDS)
    direction = SortedColumn("direction", verbose_name=_("Direction"), attrs=WORDS)
    caller = tables.Column(
        verbose_name=_("Caller"), accessor="caller_masked", orderable=False, attrs=WORDS
    )
    wait = LengthColumn("wait_ms", verbose_name=_("Wait"))
    agent = SparseColumn("agent__name", verbose_name=_("Agent"), attrs=WORDS)
    talk = LengthColumn("talk_ms", verbose_name=_("Talk"))
    hold = LengthColumn("hold_ms", verbose_name=_("Hold"))
    wrapup = LengthColumn("acw_ms", verbose_name=_("Wrap-up"))
    outcome = SortedColumn("outcome", verbose_name=_("Outcome"), attrs=WORDS)

    class Meta:
        order_by = "-time"
        default = DASH

    label = _("Calls")
    empty_hint = ""
    export_url = ""

    def __init__(self, data: QuerySet[Call], zone: str, day: str, *, of_one: bool = False) -> None:
        """`day` is the date format that tells the days of the period apart, empty for one day.
        `of_one`: the reader sees one agent's calls and nobody else's."""
        super().__init__(data, empty_text=_("No calls"), exclude=("agent",) if of_one else ())
        self.zone, self.day = zone, day

    def render_time(self, record: Call) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("call", args=[record.pk]),
            offered_time(record, self.zone, self.day),
        )

    def render_outcome(self, record: Call) -> SafeString:
        return outcome_tag(record)


CALL_HEADER = [
    _("Time"),
    _("Queue"),
    _("Caller"),
    _("Wait, seconds"),
    _("Agent"),
    _("Talk, seconds"),
    _("Hold, seconds"),
    _("Wrap-up, seconds"),
    _("Outcome"),
    _("Id at the source"),
    _("Source"),
    _("Direction"),
]


_CALL_FIELDS = (
    "offered_at",
    "time_precision",
    "queue__name",
    "caller_masked",
    "wait_ms",
    "agent__name",
    "talk_ms",
    "hold_ms",
    "acw_ms",
    "outcome",
    "external_id",
    "source",
    "direction",
)


def call_rows(calls: QuerySet[Call], zone: ZoneInfo) -> Iterator[list[object]]:
    """Calls as rows under `CALL_HEADER`: times in `zone` with their offset, lengths exact."""
    # Translated once, not once a row.
    outcomes = {value: str(words) for value, words in Outcome.choices}
    directions = {value: str(words) for value, words in Direction.choices}
    for row in calls.values_list(*_CALL_FIELDS).iterator(chunk_size=2000):
        at, precision, queue, caller, wait, agent, talk, hold, acw, outcome, *of_source, way = row
        there = at.astimezone(zone)
        yield [
            there.date() if precision == Precision.DAY else there,
            queue,
            caller,
            _seconds(wait),
            agent,
            _seconds(talk),
            _seconds(hold),
            _seconds(acw),
            outcomes[outcome],
            *of_source,
            directions[way],
        ]


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


class CallbackTable(tables.Table):
    """Callers who want to be called back, or who have been."""

    due = SortedColumn("callback_due_at", verbose_name=_("Due"), attrs=WORDS)
    state = tables.Column(
        verbose_name=_("State"), accessor="callback_due_at", orderable=False, attrs=WORDS
    )
    queue = SparseColumn("call__queue__name", verbose_name=_("Queue"), attrs=WORDS)
    caller = tables.Column(
        verbose_name=_("Caller"), accessor="call__caller_masked", orderable=False, attrs=WORDS
    )
    about = tables.Column(verbose_name=_("Note"), accessor="words", orderable=False, attrs=WORDS)
    author = SparseColumn(
        "author", verbose_name=_("Written by"), fields=("author__username",), attrs=WORDS
    )
    done = tables.Column(verbose_name=_("Done"), accessor="pk", orderable=False)

    class Meta:
        order_by = "due"
        default = DASH

    label = _("Callbacks")
    empty_hint = ""
    export_url = ""

    def __init__(self, data: QuerySet[CallNote], now: datetime, request: HttpRequest) -> None:
        """Each row says as `may_end` whether its reader may say that the caller was called, and as
        `is_listed` whether the caller stands on the do-not-call list."""
        super().__init__(data, empty_text=_("Nobody waits to be called back"))
        # Given at once, a request would have the table page and count itself; `arrange` does.
        self.request = request
        self.now = now

    def render_due(self, record: CallNote) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("call", args=[record.call_id]),
            local_time(
                record.callback_due_at,
                record.site.zone,
                _with_year_if_past(record.callback_due_at or self.now),
            ),
        )

    def render_caller(self, value: str, record: Any) -> SafeString | str:
        if not record.is_listed:
            return value
        return format_html("{} {}", value, tag("bad", _("Do not call")))

    def render_state(self, record: CallNote) -> SafeString:
        if record.callback_done_at:
            done = local_time(record.callback_done_at, record.site.zone, "j M H:i")
            who = record.callback_done_by or _("somebody who left")
            return format_html("{} {} · {}", tag("ok", _("Done")), done, who)
        late = record.callback_due_at is not None and record.callback_due_at < self.now
        return tag("bad", _("Overdue")) if late else tag("none", _("Due"))

    def render_done(self, record: CallNote) -> SafeString | str:
        if record.callback_done_at:
            return ""
        if not record.may_end:  # type: ignore[attr-defined]
            return str(_("for its agent or their supervisor to say"))
        return render_to_string("ccm/_callback_done.html", {"note": record}, self.request)


def _with_year_if_past(moment: datetime) -> str:
    """The date format of a moment: with its year only where that is not this one."""
    return "j M H:i" if moment.year == timezone.now().year else "j M Y H:i"


class BatchTable(tables.Table):
    """Imports, with their books: read = stored + updated + duplicate + rejected + ignored."""

    when = SortedColumn("created_at", verbose_name=_("When"), attrs=WORDS)
    files = tables.Column(verbose_name=_("Files"), accessor="pk", orderable=False, attrs=WORDS)
    state = SortedColumn("job__state", verbose_name=_("State"), attrs=WORDS)
    read = CountColumn("read", verbose_name=_("Read"))
    stored = CountColumn("stored", verbose_name=_("= stored"))
    updated = CountColumn("updated", verbose_name=_("+ updated"))
    duplicate = CountColumn("duplicate", verbose_name=_("+ duplicate"))
    rejected = CountColumn("rejected", verbose_name=_("+ rejected"))
    ignored = CountColumn("ignored", verbose_name=_("+ ignored"))
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    format = SortedColumn("format", verbose_name=_("Format"), attrs=WORDS)
    who = SparseColumn(
        "job__created_by",
        verbose_name=_("Who"),
        fields=("job__created_by__username",),
        attrs=WORDS,
    )

    class Meta:
        order_by = "-when"
        default = DASH

    label = _("Imports")
    empty_hint = _("The first file you import appears here, with what became of every row.")
    export_url = ""

    def __init__(self, data: QuerySet[ImportBatch], zone: str) -> None:
        """Times are of each import's site; those of `zone` need not say so in their rows."""
        super().__init__(data, empty_text=_("No imports yet"))
        self.zone = zone
        self.layouts = cache(saved.names)

    def render_when(self, record: ImportBatch) -> SafeString:
        zone = record.site.zone
        told = _("no. %(number)d") % {"number": record.pk}
        return format_html(
            '<a href="{}">{}</a> <small class="aside">{}</small>',
            reverse("import", args=[record.pk]),
            local_time(record.created_at, zone, _with_year_if_past(record.created_at)),
            told if zone == self.zone else f"{zone}, {told}",
        )

    def render_files(self, record: ImportBatch) -> str:
        first, *more = [file.name for file in record.files.all()] or [DASH]
        if more:
            return str(_("%(name)s and %(count)d more") % {"name": first, "count": len(more)})
        return first

    def render_format(self, record: ImportBatch) -> str:
        return formats_of(record, self.layouts)

    def render_state(self, record: ImportBatch) -> SafeString | str:
        shown = import_tag(record)
        return format_html("{} {}", shown, _("dry run")) if record.dry_run else shown


class LayoutTable(tables.Table):
    """Saved layouts, each with what depends on it."""

    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    reads = tables.Column(
        verbose_name=_("What it reads"), accessor="pk", orderable=False, attrs=WORDS
    )
    who = SparseColumn(
        "created_by",
        verbose_name=_("Who"),
        fields=("created_by__username",),
        attrs=WORDS,
    )
    changed = SortedColumn("changed_at", verbose_name=_("Changed"), attrs=WORDS)
    imports = CountColumn("imports", verbose_name=_("Imports"))
    folders = tables.Column(
        verbose_name=_("Watched folders"), accessor="pk", orderable=False, attrs=WORDS
    )

    class Meta:
        order_by = "name"
        default = DASH

    label = _("Saved layouts")
    empty_hint = _("Import a file as another one, say what its columns mean, and it is kept here.")
    export_url = ""

    def __init__(self, data: QuerySet[ImportProfile], folders: Mapping[str, Sequence[str]]) -> None:
        """`folders` are the names of the watched folders that read by a layout, by its slug."""
        super().__init__(data, empty_text=_("No layouts yet"))
        self.folders = folders

    def render_name(self, record: ImportProfile) -> SafeString:
        return format_html(
            '<a href="{}">{}</a> <small class="aside">--profile {}</small>',
            reverse("layout", args=[record.pk]), record.name, record.slug,
        )  # fmt: skip

    def render_reads(self, record: ImportProfile) -> str:
        return saved.words_of(record)

    def render_changed(self, record: ImportProfile) -> str:
        return date_format(timezone.localtime(record.changed_at), "j M Y")

    def render_folders(self, record: ImportProfile) -> str:
        return ", ".join(self.folders.get(record.slug, ())) or DASH


class DayTable(tables.Table):
    """What an import did to each queue's site day: calls, and the source's lines."""

    day = SortedColumn("day", verbose_name=_("Day"), fields=("day", "queue"), attrs=WORDS)
    queue = SortedColumn("queue", verbose_name=_("Queue"), fields=("queue", "day"), attrs=WORDS)
    before = CountColumn("before", verbose_name=_("Calls before"))
    made = CountColumn("made", verbose_name=_("+ new"))
    after = CountColumn("after", verbose_name=_("= after"))
    stored = CountColumn("stored", verbose_name=_("Lines stored"))
    updated = CountColumn("updated", verbose_name=_("updated"))
    duplicate = CountColumn("duplicate", verbose_name=_("duplicate"))

    class Meta:
        order_by = "day"
        default = DASH

    label = _("What it did to each queue's day")
    empty_hint = ""
    export_url = ""

    def __init__(self, data: QuerySet[ImportDay]) -> None:
        counted = data.annotate(after=F("before") + F("made"))
        super().__init__(counted, prefix="day-", empty_text=_("It told of no call"))

    def render_day(self, value: date) -> str:
        return date_format(value, "j M Y")

    def render_queue(self, value: str) -> str:
        return value or str(_("on no queue"))


FATE_WORDS = {REJECTED: _("Rejected"), IGNORED: _("Ignored")}


def fate_words(fate: str) -> str:
    """What became of a line; one that was only noted had another fate."""
    return str(FATE_WORDS.get(fate, _("Noted")))


class IssueTable(tables.Table):
    """What was wrong with the lines of one import."""

    line = SortedColumn("line", verbose_name=_("Line"), fields=("file", "line"))
    file = SortedColumn("file__name", verbose_name=_("File"), fields=("file", "line"), attrs=WORDS)
    origin = SortedColumn("origin", verbose_name=_("Line of the first file"), fields=("origin",))
    fate = SortedColumn("fate", verbose_name=_("Fate"), attrs=WORDS)
    rows = CountColumn("count", verbose_name=_("Rows alike"))
    column = SortedColumn("column", verbose_name=_("Column"), attrs=WORDS)
    value = tables.Column(verbose_name=_("Value"), orderable=False, attrs=WORDS)
    message = SortedColumn(
        "message",
        verbose_name=_("Why"),
        attrs=WRAPPED,
    )

    class Meta:
        order_by = "line"
        default = DASH

    label = _("What was wrong with which lines")
    empty_hint = ""

    def __init__(
        self, data: QuerySet[ImportIssue], export_url: str, several_files: bool, corrected: bool
    ) -> None:
        """Of `corrected` rows it tells, too, where they stood before."""
        told = {"file": several_files, "origin": corrected}
        super().__init__(
            data,
            empty_text=_("Nothing to say about any line"),
            exclude=[name for name, is_told in told.items() if not is_told],
        )
        self.export_url = export_url

    def render_line(self, value: int) -> str:
        return count(value)

    def render_origin(self, value: int) -> str:
        return count(value)

    def render_fate(self, value: str) -> str:
        return fate_words(value)


ISSUE_HEADER = [
    _("File"),
    _("Line"),
    _("Line of the first file"),
    _("Rows alike"),
    _("Fate"),
    _("Rule"),
    _("Column"),
    _("Value"),
    _("Why"),
]


def issue_cells(issue: ImportIssue) -> list[object]:
    """An issue as a row under `ISSUE_HEADER`."""
    return [
        issue.file.name,
        issue.line,
        issue.origin,
        issue.count,
        fate_words(issue.fate),
        issue.rule,
        issue.column,
        issue.value,
        issue.message,
    ]
