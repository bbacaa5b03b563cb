"""The table of how people kept their schedules: a person a row, and all of them below."""

from collections.abc import Callable, Mapping
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableListData
from django_tables2.utils import OrderByTuple

from ccm.names import in_order
from ccm.tables import DASH, WORDS
from ccm.templatetags.figures import count, hours_minutes, lasting, percent
from kpis.formulas.adherence import conformance
from scheduling.adherence.reads import Person, Totals, together
from scheduling.adherence.rules import Rules


class _Column(tables.Column):
    """A column that sorts by what `place` makes of a record; what is unknown comes last."""

    def __init__(self, words: Any, place: Callable[[Mapping[str, Any]], Any], **more: Any) -> None:
        super().__init__(verbose_name=words, **more)
        self.place = place


class _Rows(TableListData):
    data: list[Mapping[str, Any]]

    def order_by(self, aliases: OrderByTuple) -> None:
        for alias in reversed(aliases):
            place = self.table.columns[alias.lstrip("-")].column.place
            known = [one for one in self.data if place(one) is not None]
            unknown = [one for one in self.data if place(one) is None]
            known.sort(key=place, reverse=alias.startswith("-"))
            self.data = known + unknown


def _by(name: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda one: one[name]


def _footer(name: str) -> Callable[[Any], Any]:
    def made(table: "PeopleTable") -> Any:
        drawn = getattr(table, f"render_{name}", None)
        value = table.all[name]
        if value is None:
            return DASH
        return drawn(value) if drawn else value

    return made


# Shares that are exported have so many: a hundredth of a percent.
_DIGITS = 4
# Columns that are left out where it is narrow: the day and how a figure comes about have them.
SELDOM = {part: {"class": "seldom"} for part in ("th", "td", "tf")}


def _column(words: Any, name: str, **more: Any) -> _Column:
    return _Column(words, _by(name), footer=_footer(name), **more)


class PeopleTable(tables.Table):
    name = _Column(
        _("Agent"), lambda one: in_order(one["person"].name), accessor="person",
        attrs=WORDS | {"tf": {"class": "words"}}, footer=_("All"),
    )  # fmt: skip
    team = _Column(_("Team"), lambda one: in_order(one["team"]), attrs=WORDS)
    adherence = _column(_("Adherence"), "adherence")
    before = _column(_("Before exceptions"), "before", attrs=SELDOM)
    conformance = _column(_("Conformance"), "conformance")
    missed = _column(_("Missed"), "missed")
    outside = _column(_("Outside"), "outside", attrs=SELDOM)
    late = _column(_("Late"), "late")
    left_early = _column(_("Left early"), "left_early", attrs=SELDOM)
    absent = _column(_("Absent"), "absent")
    leave = _column(_("On leave"), "leave", attrs=SELDOM)
    untold = _column(_("No log"), "untold", attrs=SELDOM)
    paid = _column(_("Paid h"), "paid", attrs=SELDOM)
    worked = _column(_("Worked h"), "worked", attrs=SELDOM)

    class Meta:
        order_by = "adherence"
        default = DASH

    label = _("How schedules were kept")
    empty_hint = ""
    export_url = ""

    def __init__(
        self,
        people: list[Person],
        rules: Rules,
        url_of: Callable[[Person], str],
        how_of: Callable[[int], str],
    ) -> None:
        self.url_of, self.how_of = url_of, how_of
        self.all = record_of(together(people), rules)
        rows = [{"person": one, "team": one.team} | record_of(one.totals, rules) for one in people]
        super().__init__(_Rows(rows))

    def render_name(self, value: Person) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.url_of(value), value.name)

    def render_team(self, value: str) -> str:
        return value or DASH

    def render_adherence(self, value: float, record: Mapping[str, Any] | None = None) -> str:
        return self._explained(value, record)

    def render_before(self, value: float, record: Mapping[str, Any] | None = None) -> str:
        return self._explained(value, record)

    def render_conformance(self, value: float, record: Mapping[str, Any] | None = None) -> str:
        return self._explained(value, record)

    def _explained(self, value: float, record: Mapping[str, Any] | None) -> str:
        """A share that leads to how it came about; that of all has the tiles for it."""
        if record is None:
            return percent(value)
        return format_html(
            '<a href="{}">{}</a>', self.how_of(record["person"].agent), percent(value)
        )

    def render_missed(self, value: int) -> str:
        return lasting(value)

    def render_outside(self, value: int) -> str:
        return lasting(value)

    def render_paid(self, value: int) -> str:
        return hours_minutes(round(value / 60))

    def render_worked(self, value: int) -> str:
        return hours_minutes(round(value / 60))

    def render_late(self, value: int) -> str:
        return count(value)


def record_of(totals: Totals, rules: Rules) -> dict[str, Any]:
    """What a row tells of sums; seconds, shares or how many."""
    return {
        "adherence": rules.adherence(totals.kept).value,
        "before": rules.adherence(totals.before).value,
        "conformance": conformance(totals.kept).value,
        "missed": round(totals.kept.missed.total_seconds()),
        "outside": round(totals.kept.outside.total_seconds()),
        "late": totals.late,
        "left_early": totals.left_early,
        "absent": totals.absent,
        "leave": totals.leave,
        "untold": totals.untold,
        "paid": totals.paid_seconds,
        "worked": totals.worked_seconds,
        "on_queue_scheduled": round(totals.kept.on_queue_scheduled.total_seconds()),
        "on_queue_worked": round(totals.kept.on_queue_worked.total_seconds()),
    }


def header() -> list[str]:
    return [
        gettext("Agent"), gettext("Team"), gettext("Adherence"), gettext("Before exceptions"),
        gettext("Conformance"), gettext("Missed, min"), gettext("Outside, min"), gettext("Late"),
        gettext("Left early"), gettext("Absent"), gettext("On leave"), gettext("No log"),
        gettext("Paid scheduled, min"), gettext("Worked, min"),
        gettext("On the queue scheduled, min"), gettext("On the queue worked, min"),
    ]  # fmt: skip


def cells(one: Person, rules: Rules) -> list[object]:
    told = record_of(one.totals, rules)
    for name in (
        "missed", "outside", "paid", "worked", "on_queue_scheduled", "on_queue_worked",
    ):  # fmt: skip
        told[name] = round(told[name] / 60, 2)
    for name in ("adherence", "before", "conformance"):
        told[name] = None if told[name] is None else round(told[name], _DIGITS)
    return [one.name, one.team, *told.values()]
