"""Trials as a file."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from coaching.models import Trial
from coaching.trials import reads, words
from kpis.choices import Choices
from qa.cells import when

HEADER = (
    gettext_lazy("Trial"), gettext_lazy("Site"), gettext_lazy("State"), gettext_lazy("Idea"),
    gettext_lazy("What is done otherwise"), gettext_lazy("KPI"), gettext_lazy("Hoped for"),
    gettext_lazy("Team"), gettext_lazy("Agents"), gettext_lazy("First day"),
    gettext_lazy("Last day"), gettext_lazy("Registered"), gettext_lazy("Registered by"),
    gettext_lazy("Why it was stopped"), gettext_lazy("Decision"), gettext_lazy("Why"),
    gettext_lazy("Decided by"), gettext_lazy("Effect then"), gettext_lazy("From"),
    gettext_lazy("To"), gettext_lazy("Unit"),
)  # fmt: skip


def lines(rows: QuerySet[Trial], now: datetime) -> Iterator[Sequence[object]]:
    choices = Choices(now.date())
    for one in rows.iterator(chunk_size=500):
        _level, state = words.STATES[reads.state(one, now, choices)]
        yield (
            one.pk, one.site.name, state, one.title, one.words, one.kpi,
            one.get_hoped_display(), one.team and one.team.name, len(one.agent_ids),
            one.starts_on, one.ends_on, when(one.made_at, one.site.tz),
            None if one.made_by is None else str(one.made_by), one.why_stopped,
            one.get_decision_display(), one.decided_words,
            None if one.decided_by is None else str(one.decided_by),
            one.told.get("value"), one.told.get("low"), one.told.get("high"),
            one.told.get("unit"),
        )  # fmt: skip
