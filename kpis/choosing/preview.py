"""What a choice would have shown: the last weeks as they were made, and as they would be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, get_args

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.models import Site
from kpis import report
from kpis.choices import Choices, History
from kpis.choosing import words
from kpis.choosing.scopes import Scope
from kpis.choosing.services import Draft
from kpis.counts import Counts
from kpis.declaration import Need
from kpis.models import KpiChoice
from kpis.report import Figure, Question

WEEKS = 13
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, or all of them together, under both definitions."""

    first: date
    last: date
    old: Figure
    new: Figure

    @property
    def difference(self) -> float | None:
        """New less old in their unit, a share's in points; None where either says nothing or they
        are measured in different units."""
        if self.old.value is None or self.new.value is None or self.old.unit != self.new.unit:
            return None
        return self.new.value - self.old.value

    @property
    def difference_unit(self) -> str:
        return "points" if self.new.unit == "fraction" else self.new.unit


@dataclass(frozen=True, slots=True)
class Preview:
    """The weeks, the oldest first; `whole` is all of them. `old` and `new` are the definitions in
    few words. `sites` are those that were counted, `apart` those whose days are other days.
    `until` is the day from which another choice of the same scope stands before it."""

    weeks: list[Week]
    whole: Week
    old: str
    new: str
    sites: list[Site]
    apart: list[Site]
    until: date | None


def of(draft: Draft, scopes: Sequence[Scope], today: date) -> Preview:
    """The last 13 whole weeks of a draft's scope, all of them under what would hold on its first
    day without it, and under what would hold with it.

    Days are read once and summed to weeks; the figures are those of `kpis.report`. All sites are
    shown together as far as they share a zone.
    """
    history = History.until(draft.valid_from)
    own = None if draft.row is None else draft.row.pk
    others = [row for row in history.choices if row.pk != own]
    old = Choices(draft.valid_from, History(others, history.aims))
    # Of the same day nothing else of this scope stands, or it will be refused.
    new = Choices(draft.valid_from, History([*others, draft.choice], history.aims))
    reached = draft.scope.sites(scopes)
    sites = [site for site in reached if site.zone == reached[0].zone]
    last = today - (today.weekday() + 1) * _DAY
    first = last - WEEKS * _WEEK + _DAY
    # What either definition needs is read: the new knows all that the old does.
    days = _days(draft, sites, first, last, new)
    site = sites[0].pk if len(sites) == 1 else None
    queue = draft.scope.ids[1]

    def both(start: date, end: date) -> Week:
        counts = _together([one for day, one in days.items() if start <= day <= end])
        was, will = (
            report.figure(counts, draft.kpi, None, choices, site, queue) for choices in (old, new)
        )
        return Week(start, end, was, will)

    weeks = [both(first + n * _WEEK, first + (n + 1) * _WEEK - _DAY) for n in range(WEEKS)]
    return Preview(
        weeks=weeks,
        whole=both(first, last),
        old=words.short(draft.kpi, *old.of(draft.kpi, *draft.scope.ids)),
        new=words.short(draft.kpi, *new.of(draft.kpi, *draft.scope.ids)),
        sites=sites,
        apart=[site for site in reached if site not in sites],
        until=_next(draft),
    )


def _days(
    draft: Draft, sites: list[Site], first: date, last: date, choices: Choices
) -> dict[date, Counts]:
    """The counts of each day that has any."""
    if not sites:
        return {}
    question = Question(
        sites=sites,
        first=first,
        last=last,
        by="day",
        queues=None if draft.scope.queue is None else [draft.scope.queue],
        kpis=[draft.kpi.id],
    )
    return {row.id: row.counts for row in report.answer(question, choices)}


def _together(many: Sequence[Counts]) -> Counts:
    """The counts of days, with what variants need beside them: of one scope all of it adds up."""
    beside: dict[str, Any] = {}
    for need in get_args(Need):
        known = [one for counts in many if (one := getattr(counts, need)) is not None]
        if known:
            beside[need] = type(known[0]).sum(known)
    return replace(Counts.sum(many), **beside)


def _next(draft: Draft) -> date | None:
    """When the next choice of this scope begins."""
    site, queue = draft.scope.ids
    rows = KpiChoice.objects.filter(
        kpi=draft.kpi.id, site=site, queue=queue, valid_from__gt=draft.valid_from
    )
    if draft.row is not None:
        rows = rows.exclude(pk=draft.row.pk)
    found: date | None = rows.order_by("valid_from").values_list("valid_from", flat=True).first()
    return found


def chart(preview: Preview, draft: Draft) -> dict[str, Any]:
    """Both lines, as `_partials/chart.html` draws them, and the day that the new one begins."""
    figure = go.Figure(layout={"template": "none"})
    x = np.array([week.first for week in preview.weeks], dtype="datetime64[D]")
    unit = preview.whole.new.unit
    form = ".1%" if unit == "fraction" else ".1f"
    for name, tone, values, dash in (
        (preview.old, "faint", [week.old.value for week in preview.weeks], "dot"),
        (preview.new, "accent", [week.new.value for week in preview.weeks], "solid"),
    ):
        figure.add_scatter(
            x=x,
            y=np.array(values, float),
            mode="lines",
            name=name,
            line={"width": 2.2, "dash": dash},
            hovertemplate=f"%{{y:{form}}}",
            meta={"tone": tone},
        )
    if preview.weeks[0].first <= draft.valid_from <= preview.whole.last:
        figure.add_vline(x=draft.valid_from, line_width=1)
    figure.update_xaxes(tickformat="%-d %b", hoverformat="%-d %b")
    # Not from 0: it is the difference that is looked at.
    figure.update_yaxes(rangemode="normal", tickformat=".0%" if unit == "fraction" else "")
    figure.update_layout(height=240)
    return {
        "id": "both",
        "json": figure.to_json(),
        "words": _("%(kpi)s of the last %(weeks)d weeks under both definitions")
        % {"kpi": draft.kpi.name, "weeks": WEEKS},
        "legend": [("faint", preview.old), ("accent", preview.new)],
    }
