"""The table of a floor: an agent a row, whoever needs somebody first."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableListData
from django_tables2.utils import OrderByTuple

from ccm.live.now import State
from ccm.names import in_order
from ccm.tables import DASH, WORDS, tag
from ccm.templatetags.figures import clock, count, hours_minutes, local_time
from kpis.floor.limits import Limits, level
from kpis.floor.reads import Row

# The order of states where they are sorted by: those first who cannot take the next call.
_ORDER = (
    State.PAUSED, State.ACW, State.HOLD, State.ON_CALL, State.RINGING, State.AVAILABLE,
)  # fmt: skip


def state_words(state: State) -> str:
    return gettext("Free") if state == State.AVAILABLE else str(state.label)


def ticking(seconds: float) -> SafeString:
    """A length that goes on (static/js/floor.js), as m:ss."""
    return format_html('<span data-clock="{}">{}</span>', int(seconds), clock(int(seconds)))


class Column(tables.Column):
    """A column that sorts by what `place` makes of a record: a dict of `row`, `about` and
    `answered`."""

    def __init__(self, words: Any, place: Callable[[Mapping[str, Any]], Any], **more: Any) -> None:
        super().__init__(verbose_name=words, accessor=more.pop("accessor", "row"), **more)
        self.place = place


class _Rows(TableListData):
    def order_by(self, aliases: OrderByTuple) -> None:
        for alias in reversed(aliases):
            place = self.table.columns[alias.lstrip("-")].column.place
            self.data.sort(key=place, reverse=alias.startswith("-"))


def _attention(one: Mapping[str, Any]) -> tuple[float, bool, float]:
    """By how much they are over the time of their state, then whether anything else is, then how
    long they are in it."""
    row: Row = one["row"]
    over = 0.0 if row.over is None else row.over.total_seconds()
    return over, row.lacks_break or row.lets_ring, -row.there.since.timestamp()


def _worked(one: Mapping[str, Any]) -> float:
    """The longer at work without a break, the more."""
    since = one["row"].worked_since
    return float("-inf") if since is None else -since.timestamp()


class FloorTable(tables.Table):
    name = Column(_("Agent"), lambda one: in_order(one["row"].name), attrs=WORDS)
    team = Column(_("Team"), lambda one: in_order(one["row"].team_name), attrs=WORDS)
    state = Column(_("State"), lambda one: _ORDER.index(one["row"].there.state), attrs=WORDS)
    about = Column(
        _("Reason or queue"), lambda one: in_order(one["about"]), accessor="about", attrs=WORDS
    )
    since = Column(_("For"), lambda one: -one["row"].there.since.timestamp())
    over = Column(_("Over its time"), _attention, attrs=WORDS)
    last_break = Column(_("Last break"), _worked, attrs=WORDS)
    answered = Column(_("Answered today"), lambda one: one["answered"] or 0, accessor="answered")

    class Meta:
        order_by = "-over"
        default = ""

    label = _("Agents on the floor")
    empty_hint = ""
    export_url = ""

    def __init__(
        self,
        rows: list[Row],
        *,
        queues: Mapping[int, str],
        answered: Mapping[int, int],
        url_of: Callable[[str, int], str],
        limits: Limits,
        zone: str,
        now: datetime,
    ) -> None:
        """`answered` are calls today by agent; `url_of` leads to the day of an agent ("agent"), and
        to the passport of what they answered ("answered")."""
        self.url_of, self.limits, self.zone, self.now = url_of, limits, zone, now
        super().__init__(
            _Rows(
                [
                    {
                        "row": row,
                        "about": queues.get(row.there.queue or 0, row.there.reason),
                        "answered": answered.get(row.there.agent, 0),
                    }
                    for row in rows
                ]
            )
        )

    def render_name(self, value: Row) -> SafeString:
        url = self.url_of("agent", value.there.agent)
        return format_html('<a id="on-{}" href="{}">{}</a>', value.there.agent, url, value.name)

    def render_team(self, value: Row) -> str:
        return value.team_name or DASH

    def render_state(self, value: Row) -> SafeString:
        state = value.there.state
        return format_html(
            '<span class="doing" data-state="{}">{}</span>', state, state_words(state)
        )

    def render_since(self, value: Row) -> SafeString:
        return ticking((self.now - value.there.since).total_seconds())

    def render_over(self, value: Row) -> SafeString | str:
        if value.over is not None:
            beyond = format_html(gettext("over by {}"), ticking(value.over.total_seconds()))
            return tag(level(value.there, self.limits, self.now), beyond)
        if value.lets_ring:
            words = ngettext("%(n)s ring missed", "%(n)s rings missed", value.lately.missed)
            return tag("warn", words % {"n": count(value.lately.missed)})
        return ""

    def render_about(self, value: str) -> str:
        return value

    def render_last_break(self, value: Row) -> SafeString | str:
        if value.worked_since is None:
            return gettext("now") if value.there.state == State.PAUSED else ""
        at = local_time(value.worked_since, self.zone)
        if value.lacks_break:
            return tag("warn", format_html(gettext("no break since {}"), at))
        if value.lately.last_break != value.worked_since:
            return format_html(gettext("none since {}"), at)
        passed = int((self.now - value.worked_since).total_seconds()) // 60
        if passed < 60:
            return gettext("%(n)s min ago") % {"n": count(passed)}
        return gettext("%(time)s h ago") % {"time": hours_minutes(passed)}

    def render_answered(self, value: int, record: Mapping[str, Any]) -> SafeString:
        url = self.url_of("answered", record["row"].there.agent)
        return format_html('<a href="{}" data-drawer>{}</a>', url, count(value))
