"""What a choice would have shown: the last weeks as they were made, and as they would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.models import Site
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
from kpis.sums.counts import Counts

WEEKS = 13
_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_FORTNIGHT_MS = 14 * 86_400_000


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, or all of them together, under both definitions."""

    first: date
    last: date
    old: Figure
    new: Figure
    part: str = ""
    """What of it is not on record, in words: "2 of 7 days"; empty where all or nothing is."""

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
    few words, and in full their formulas in words. `until` is the day from which another choice of
    the same scope stands before it."""

    weeks: list[Week]
    whole: Week
    old: str
    new: str
    old_in_full: str
    new_in_full: str
    until: date | None


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
    whole = [row.counts for row in _rows(draft, sites, first, last, "total", either)]

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
    return Preview(
        weeks=[both(day, day + 6 * _DAY, by_week.get(day, Counts())) for day in begins],
        whole=both(first, last, whole[0]),
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
    form = ".1%" if unit == "fraction" else ".1f"
    for name, tone, values, dash in (
        (_("As it is"), "faint", [week.old.value for week in preview.weeks], "dot"),
        (_("New"), "accent", [week.new.value for week in preview.weeks], "solid"),
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
    # Every other Monday: the days that weeks begin on.
    figure.update_xaxes(
        tickformat="%-d %b", hoverformat="%-d %b", tick0=preview.weeks[0].first, dtick=_FORTNIGHT_MS
    )
    # Not from 0: it is the difference that is looked at.
    figure.update_yaxes(rangemode="normal", tickformat=".0%" if unit == "fraction" else "")
    figure.update_layout(height=240)
    return {
        "id": "both",
        "json": figure.to_json(),
        "words": _("%(kpi)s of the last %(weeks)d weeks under both definitions")
        % {"kpi": draft.kpi.name, "weeks": WEEKS},
        "legend": [("faint", _("As it is")), ("accent", _("New"))],
    }
