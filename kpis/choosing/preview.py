"""What a choice would have shown: the last weeks as they were made, and as they would be."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.models import Site
from ccm.templatetags.figures import figure as figure_text
from ccm.templatetags.figures import shown
from kpis import definitions, recorded, report
from kpis.choices import Choices, History
from kpis.choosing import words
from kpis.choosing.scopes import Scope
from kpis.choosing.services import Draft
from kpis.declaration import PRIVATE
from kpis.dimensions import By
from kpis.figures import Figure, figure
from kpis.models import KpiChoice
from kpis.reads import reading
from kpis.report import Question, Row
from kpis.reports import partial
from kpis.reports.charts import value_axis
from kpis.standing import any_pending_words
from kpis.sums.counts import Counts

WEEKS = 13
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_FORTNIGHT_MS = 14 * 86_400_000


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, or several together, under both definitions."""

    first: date
    last: date
    old: Figure
    new: Figure
    part: str = ""
    """What of it is not whole, in words: "2 of 7 days" on record; empty where all or nothing is."""

    @property
    def is_alike(self) -> bool:
        """Whether as much is known of it under the one as under the other: else these are figures
        of different contacts."""
        return self.old.not_yet == self.new.not_yet

    @property
    def old_pending(self) -> str:
        return any_pending_words(self.old)

    @property
    def new_pending(self) -> str:
        return any_pending_words(self.new)

    @property
    def difference(self) -> float | None:
        """New less old as they are shown, in their unit, a share's in points; None where either
        says nothing, they are measured in different units, or not alike."""
        if self.old.value is None or self.new.value is None or not self.is_alike:
            return None
        unit = self.new.unit
        if self.old.unit != unit:
            return None
        return float(shown(self.new.value, unit) - shown(self.old.value, unit))

    @property
    def difference_unit(self) -> str:
        return "points" if self.new.unit == "fraction" else self.new.unit


@dataclass(frozen=True, slots=True)
class Preview:
    """The weeks, the oldest first; `whole` is all of them, up to the first of which more is known
    under the one definition than under the other. `old` and `new` are the definitions in
    few words, and in full their formulas in words. `until` is the day from which another choice of
    the same scope stands before it."""

    weeks: list[Week]
    whole: Week
    old: str
    new: str
    old_in_full: str
    new_in_full: str
    until: date | None

    @property
    def first(self) -> date:
        return self.weeks[0].first

    @property
    def last(self) -> date:
        return self.weeks[-1].last


def of(draft: Draft, scopes: Sequence[Scope], today: date) -> Preview:
    """The last 13 whole weeks of a draft's scope, all of them under what pages show of its first
    day now (a choice that it corrects included), and under what they would show with it.

    Weeks, of each site's own days, are read once; the figures are those of `kpis.report`.
    """
    begun = KpiChoice.objects.filter(kpi=draft.kpi.id, valid_from__lte=draft.valid_from)
    there = list(begun.order_by("valid_from"))
    own = None if draft.row is None else draft.row.pk
    others = [row for row in there if row.pk != own]
    # Targets are not looked at here.
    old = Choices(draft.valid_from, History(there, []))
    # Of the same day nothing else of this scope stands, or it will be refused.
    new = Choices(draft.valid_from, History([*others, draft.choice], []))
    either = Choices(draft.valid_from, History([*there, draft.choice], []))
    sites = draft.scope.sites(scopes)
    last = today - (today.weekday() + 1) * _DAY
    first = last - WEEKS * _WEEK + _DAY
    by_week = {row.id: row.counts for row in _rows(draft, sites, first, last, "week", either)}
    records = reading.records([site.pk for site in sites])

    def both(start: date, end: date, counts: Counts) -> Week:
        unknown = recorded.why_none(records, sites, end)
        make = recorded.unless(unknown, figure)
        was, will = (
            make(counts, draft.kpi, None, choices, *draft.scope.ids) for choices in (old, new)
        )
        part = "" if unknown else partial.of_days(records, sites, start, end)
        return Week(start, end, was, will, part)

    begins = [first + number * _WEEK for number in range(WEEKS)]
    weeks = [both(day, day + 6 * _DAY, by_week.get(day, Counts())) for day in begins]
    alike = [*takewhile(lambda week: week.is_alike, weeks)]
    until = (alike or weeks)[-1].last
    (together,) = _rows(draft, sites, first, until, "total", either)
    whole = both(first, until, together.counts)
    if alike and len(alike) < len(weeks):
        told = _("%(known)d of %(weeks)d weeks: as much is known under both")
        known = told % {"known": len(alike), "weeks": len(weeks)}
        whole = replace(whole, part="; ".join(filter(None, (known, whole.part))))
    return Preview(
        weeks=weeks,
        whole=whole,
        old=words.short(draft.kpi, *old.of(draft.kpi, *draft.scope.ids)),
        new=words.short(draft.kpi, *new.of(draft.kpi, *draft.scope.ids)),
        old_in_full=definitions.passport(draft.kpi, *old.of(draft.kpi, *draft.scope.ids)),
        new_in_full=definitions.passport(draft.kpi, *new.of(draft.kpi, *draft.scope.ids)),
        until=_next(draft),
    )


def _rows(
    draft: Draft, sites: list[Site], first: date, last: date, by: By, choices: Choices
) -> list[Row]:
    """What is counted of a draft's scope, with what any of the definitions in `choices` needs."""
    question = Question(
        sites=sites,
        first=first,
        last=last,
        by=by,
        queues=None if draft.scope.queue is None else [draft.scope.queue],
        kpis=[draft.kpi.id],
        knows=PRIVATE,  # definitions are an admin's
    )
    return report.answer(question, choices)


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
    for name, tone, figures, dash in (
        (_("As it is"), "faint", [week.old for week in preview.weeks], "dot"),
        (_("New"), "accent", [week.new for week in preview.weeks], "solid"),
    ):
        figure.add_scatter(
            x=x,
            y=np.array([one.value for one in figures], float),
            text=[_said(one) for one in figures],
            mode="lines",
            name=name,
            line={"width": 2.2, "dash": dash},
            hovertemplate="%{text}",
            meta={"tone": tone},
        )
    if preview.first <= draft.valid_from <= preview.last:
        figure.add_vline(x=draft.valid_from, line_width=1)
    # Every other Monday: the days that weeks begin on.
    figure.update_xaxes(
        tickformat="%-d %b", hoverformat="%-d %b", tick0=preview.first, dtick=_FORTNIGHT_MS
    )
    # Not from 0: it is the difference that is looked at.
    values = [one.value for week in preview.weeks for one in (week.old, week.new)]
    figure.update_yaxes(rangemode="normal", **value_axis(unit, values))
    figure.update_layout(height=240)
    return {
        "id": "both",
        "json": figure.to_json(),
        "words": _("%(kpi)s of the last %(weeks)d weeks under both definitions")
        % {"kpi": draft.kpi.name, "weeks": WEEKS},
        "legend": [("faint", _("As it is")), ("accent", _("New"))],
    }


def _said(figure: Figure) -> str:
    """A point of a line in words: "71.0 %, 1,204 pending"."""
    told = (figure_text(figure.value, figure.unit), any_pending_words(figure))
    return ", ".join(filter(None, told))
