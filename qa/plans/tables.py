"""The table of reviews: sorted, paged and counted in the database."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.tables import WORDS, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH, clock, local_time, percent
from qa.cells import CALL, hundredths, when, yes
from qa.models import Evaluation
from qa.plans import queue
from qa.plans.words import Names

_LEVELS = {"released": "ok", "finished": "ok"}


class ReviewTable(tables.Table):
    """Reviews that somebody may know of."""

    due = SparseColumn("due_at", verbose_name=_("Due"), attrs=WORDS)
    finished = SparseColumn("finished_at", verbose_name=_("Finished"), attrs=WORDS)
    state = SortedColumn("state", verbose_name=_("State"), attrs=WORDS)
    agent = SortedColumn("agent__name", verbose_name=_("Agent"), attrs=WORDS)
    reviewer = SortedColumn(
        "reviewer__username", verbose_name=_("Reviewer"), attrs=WORDS,
        fields=("reviewer__first_name", "reviewer__last_name", "reviewer__username"),
    )  # fmt: skip
    call = SortedColumn("called_at", verbose_name=_("Call"), attrs=WORDS)
    queue = SparseColumn("queue__name", verbose_name=_("Queue"), attrs=WORDS)
    score = SparseColumn("share", verbose_name=_("Score"))
    length = tables.Column(
        verbose_name=_("Talk"), accessor="facts", orderable=False,
        attrs={"td": {"class": "seldom"}},
    )  # fmt: skip
    why = tables.Column(
        verbose_name=_("Why"), accessor="kind", orderable=False,
        attrs={"th": {"class": "words"}, "td": {"class": "words seldom"}},
    )  # fmt: skip
    action = tables.Column(
        verbose_name=_("To do"), accessor="pk", orderable=False,
        attrs={"td": {"class": "action"}},
    )  # fmt: skip

    class Meta:
        default = DASH

    label = _("Reviews")
    empty_hint = ""
    export_url = ""

    def __init__(
        self,
        data: QuerySet[Evaluation],
        now: datetime,
        *,
        kept: frozenset[int] | None,
        done: bool,
        scored: bool = True,
    ) -> None:
        """`kept` are the sites whose reviews the reader hands on; None: of all. What is `done` has
        no day that it is due by and is not handed on, but may be released: the newest stands first.
        Where none can be done there are no scores (`scored`), and only where all are they sort: the
        order would tell those of drafts."""
        rows = data.select_related(*queue.NAMED)
        super().__init__(
            rows, empty_text=gettext("No reviews"), order_by="-finished" if done else "due",
            exclude=("due",) if done else ("finished", *(() if scored else ("score",))),
        )  # fmt: skip
        if scored:
            self.columns["score"].column.orderable = done
        self.now, self.kept = now, kept
        # Of the rows that are shown; whoever draws them tells.
        self.names = Names()

    def render_due(self, record: Evaluation) -> str:
        return DASH if record.due_day is None else date_format(record.due_day, "D j M")

    def render_finished(self, record: Evaluation) -> str:
        if record.finished_at is None:
            return DASH
        return local_time(record.finished_at, record.site.tz, "D j M H:i")

    def render_state(self, record: Evaluation) -> SafeString:
        if queue.is_overdue(record, self.now):
            return tag("bad", gettext("Overdue"))
        return tag(_LEVELS.get(record.state, "none"), record.get_state_display())

    def render_reviewer(self, record: Evaluation) -> str:
        return str(record.reviewer)

    def render_call(self, record: Evaluation) -> SafeString | str:
        when = local_time(record.called_at, record.site.tz, "j M H:i")
        at = reverse("review", args=[record.pk])
        return format_html('<a href="{}">{}</a>', at, when) if at else when

    def render_score(self, record: Evaluation) -> SafeString | str:
        if not record.is_done:
            return DASH
        share = percent(record.share)
        return (
            format_html("{} {}", share, tag("bad", gettext("failed")))
            if record.is_failed
            else share
        )

    def render_length(self, record: Evaluation) -> str:
        talk = record.facts.get("talk_ms")
        return clock(None if talk is None else talk / 1000)

    def render_why(self, record: Evaluation) -> str:
        return queue.why(record, self.names)

    def render_action(self, record: Evaluation) -> SafeString | str:
        if record.may_be_released:
            words = gettext("Release…")
            return format_html(
                '<a class="link" href="{}" aria-label="{}: {}">{}</a>',
                reverse("review_told", args=[record.pk]), words, record.agent.name, words,
            )  # fmt: skip
        is_kept = self.kept is None or record.site_id in self.kept
        if not is_kept or not record.is_open or record.kind == Evaluation.Kind.CALIBRATION:
            return ""
        words = gettext("Hand on")
        return format_html(
            '<a class="link" href="{}" aria-label="{}: {}, {}">{}</a>',
            reverse("review_reassign", args=[record.pk]), words, record.agent.name,
            record.reviewer, words,
        )  # fmt: skip


HEADER = [
    _("Review"), _("Site"), *CALL, _("Due"), _("State"), _("Overdue"), _("Agent"), _("Reviewer"),
    _("Queue"), _("Talk, seconds"), _("Kind"), _("Why"), _("Score, %"), _("Failed"), _("Finished"),
]  # fmt: skip


def rows(found: QuerySet[Evaluation], now: datetime) -> Iterator[list[Any]]:
    """Reviews that are `told_to` somebody as rows under `HEADER`; times by their sites' clocks,
    with their offset."""
    reviews = list(found.select_related(*queue.NAMED))
    names = queue.names_of(reviews)
    for one in reviews:
        talk = one.facts.get("talk_ms")
        zone = one.site.tz
        yield [
            one.pk,
            one.site.name,
            one.call_id,
            when(one.called_at, zone),
            one.due_day,
            Evaluation.State(one.state).label,
            yes(queue.is_overdue(one, now)),
            one.agent.name,
            str(one.reviewer),
            one.queue and one.queue.name,
            None if talk is None else talk / 1000,
            Evaluation.Kind(one.kind).label,
            queue.why(one, names),
            hundredths(one.share) if one.is_told else None,
            yes(one.is_failed) if one.is_told and one.is_done else None,
            when(one.finished_at, zone),
        ]
