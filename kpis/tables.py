"""Tables of KPIs: a row a queue, an agent or a day; every figure opens its passport."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableListData
from django_tables2.utils import OrderByTuple

from ccm.names import in_order
from ccm.templatetags.figures import DASH, count, figure
from kpis import ranking, recorded
from kpis.choosing import apart
from kpis.choosing.apart import Definition
from kpis.definitions import Kpi, parse
from kpis.figures import Figure
from kpis.noise import Rank
from kpis.report import Row
from kpis.standing import FEW, is_of_few, pending_words, worst
from kpis.tiles import AGENT, SHORT_NAMES

QUEUES = (
    "offered",
    "answered",
    "service_level",
    "asa",
    "abandon_rate",
    "aht",
    "fcr",
    "csat",
    "longest_wait",
)
# Of a day nobody knows yet who calls again; satisfaction stands beside the handling time.
HOME_QUEUES = tuple(one for one in QUEUES if one != "fcr")
# Rings not answered and declined are what the missed are made of.
AGENTS = (
    "answered", "aht", "talk", "hold", "acw", "fcr", "csat", "ring_no_answer", "declined",
    "missed_rate",
)  # fmt: skip
AGENT_TILES = tuple(dict.fromkeys((*AGENTS, *AGENT)))
DAYS = ("answered", "aht", "talk", "hold", "acw", "fcr", "csat", "missed_rate")
FEW_HINT = _("of so few it says little")


def heading(kpi: Kpi, definition: str = "") -> str:
    """A KPI over its column, with the definition where that is to be told."""
    name = str(SHORT_NAMES.get(kpi.id, kpi.name))
    return f"{name} ({definition})" if definition else name


def place_name(asked: str) -> str:
    """The name of a KPI's column in addresses."""
    return asked.replace(":", "_").replace("@", "_")


def drawn(value: Figure, text: Any, url: str, made_by: Definition | None = None) -> SafeString:
    """A figure in a table: a link to where it explains itself, pale where it is of few; below it,
    on one line, of how many, and how many more are not yet known."""
    shown = linked(text, url, made_by)
    if is_of_few(value):
        shown = format_html('<span class="of-few">{}</span>', shown)
    said = beside_words(value)
    if not said:
        return shown
    note = '{} <small class="part-known" title="{}">{}</small>'
    return format_html(note, shown, of_words(value), said)


def beside_words(value: Figure) -> str:
    """ "of 4" of what is of few, "137 pending" where more than a few are not yet known, or both."""
    said = [gettext("of %(n)s") % {"n": value.n_words}] if is_of_few(value) else []
    return "; ".join((*said, *filter(None, [pending_words(value)])))


def few_words(figures: Iterable[Figure]) -> str:
    """What a table says below it of figures that are of few; "": there are none."""
    if not any(map(is_of_few, figures)):
        return ""
    words = gettext("Pale, with “of” below: of fewer than %(few)d, so it says little.")
    return words % {"few": FEW}


def linked(text: Any, url: str, made_by: Definition | None = None) -> SafeString:
    """A figure as a link to where it explains itself; below it the definition that it is made by,
    where that is not its column's."""
    shown = format_html("{}", text)
    if url:
        shown = format_html('<a href="{}" data-drawer>{}</a>', url, text)
    if made_by is None:
        return shown
    words = '{} <small class="made-by" title="{}">{}</small>'
    return format_html(words, shown, made_by.in_full, made_by.words)


def tell_apart(rows: Sequence[dict[str, Any]], asked: Sequence[str]) -> None:
    """Give each row the definitions of those of its figures that are not made as most of their
    column are."""
    of_report = [row["row"] for row in rows]
    for one in asked:
        for row, other in zip(rows, apart.others(of_report, one), strict=True):
            row.setdefault("made_by", {})[one] = other


def figure_or_why(value: Figure) -> SafeString | str:
    """A figure in its unit; where it has no value a dash that says why."""
    return dash(value.why_none) if value.value is None else figure(value.value, value.unit)


def of_words(value: Figure) -> str | None:
    """Of how many a figure is, to whoever points at it: "of 1,234; 137 not yet known"; None of what
    is a number."""
    if value.unit == "count":
        return None
    said = []
    if value.value is not None:
        said.append(gettext("of %(n)s") % {"n": value.n_words})
    if value.not_yet:
        said.append(gettext("%(n)s not yet known") % {"n": count(value.not_yet)})
    words = "; ".join(said)
    return f"{words}: {FEW_HINT}" if is_of_few(value) else words or None


def dash(reason: str) -> SafeString:
    """No value, and why: to whoever points at it, and to who hears the page."""
    words = _("no value: %(reason)s") % {"reason": reason}
    return format_html('<span role="img" aria-label="{}" title="{}">{}</span>', words, reason, DASH)


class KpiColumn(tables.Column):
    """A figure in its unit, as a link to its passport. Sorts by value; no value comes last.

    The column names its `definition` where another stands beside it.
    """

    def __init__(self, asked: str, definition: str = "") -> None:
        kpi, _variant = parse(asked)
        super().__init__(
            verbose_name=heading(kpi, definition),
            accessor=f"figures__{asked}",
            attrs={"td": {"title": lambda record: of_words(record["figures"][asked])}},
        )
        self.asked = asked

    def render(self, value: Any, record: dict[str, Any]) -> SafeString:
        made_by = record.get("made_by", {}).get(self.asked)
        return self._drawn(value, record["url_of"](self.asked), made_by)

    def foot(self, value: Figure, url: str, made_by: Definition | None) -> None:
        """Have the figure of the whole below those of the rows."""
        self._footer = self._drawn(value, url, made_by)
        self.attrs["tf"] = {"title": of_words(value)}

    def _drawn(self, value: Figure, url: str, made_by: Definition | None) -> SafeString:
        text: Any = figure_or_why(value)
        if value.currency and value.value is not None:
            text = format_html("{} <small>{}</small>", text, value.currency)
        return drawn(value, text, url, made_by)

    def place(self, row: dict[str, Any], descending: bool) -> tuple[bool, float]:
        """Where a row comes among others."""
        value = row["figures"][self.asked].value
        return (value is None, 0.0 if value is None else (-value if descending else value))


class RankColumn(tables.Column):
    """Where an agent stands in the team, as a range: "3–7 of 24", and below it in which. Nothing
    comes last."""

    def __init__(self) -> None:
        super().__init__(verbose_name=_("Rank in the team"), accessor="rank", default=DASH)

    def render(self, value: Rank, record: dict[str, Any]) -> SafeString:
        within = gettext("in %(team)s") % {"team": record["ranked_in"]}
        return format_html('{} <small class="mark">{}</small>', ranking.words(value), within)

    def place(self, row: dict[str, Any], descending: bool) -> tuple[bool, float]:
        """By the middle of the range, as a share of the team."""
        rank = row["rank"]
        if rank is None:
            return (True, 0.0)
        middle = (rank.best + rank.worst) / 2 / rank.ranked
        return (False, -middle if descending else middle)


class KpiRows(TableListData):
    """Rows that sort by the figures of a column."""

    def order_by(self, aliases: OrderByTuple) -> None:
        for alias in reversed(aliases):
            descending = alias.startswith("-")
            column = self.table.columns[alias.lstrip("-")].column
            if hasattr(column, "place"):
                self.data.sort(key=lambda row, by=column: by.place(row, descending))
            else:
                self.data.sort(key=self.place_of_name, reverse=descending)

    def place_of_name(self, row: dict[str, Any]) -> Any:
        """Where a row comes among others by its name."""
        return in_order(row["name"])


class NameColumn(tables.Column):
    """What a row is of."""

    def __init__(self) -> None:
        words = {"class": "words"}
        super().__init__(verbose_name=_("Name"), attrs={"th": words, "td": words, "tf": words})

    def foot(self, name: str) -> None:
        """Name the row of the whole."""
        self._footer = name


class KpiTable(tables.Table):
    """Rows of a report. Built by `table`, with the columns a page asks for."""

    name = NameColumn()

    label: Any = _("Figures")
    empty_hint: Any = ""
    export_url: str = ""
    few: str = ""
    """What it says of its figures that they are of few (`few_words`)."""

    def say_nothing(self, unknown: str) -> None:
        """What stands in the place of rows: where nothing is known of their days, why that is
        (`kpis.recorded`)."""
        self.empty_text = recorded.nothing_words(unknown)

    def render_name(self, value: str, record: dict[str, Any]) -> SafeString:
        shown = format_html("{}", value)
        if record.get("url"):
            shown = format_html('<a href="{}">{}</a>', record["url"], value)
        if record.get("unbroken"):
            shown = format_html('<span class="unbroken">{}</span>', shown)
        if record.get("mark"):
            return format_html('{} <small class="mark">{}</small>', shown, record["mark"])
        return shown


class StateColumn(tables.Column):
    """The word for how the worst of a row's figures stands against its target; where that is not
    well, below it of which it is."""

    def __init__(self) -> None:
        hint = _("The worst of the figures in the row that have a target")
        words = {"class": "words"}
        super().__init__(
            verbose_name=_("Against targets"),
            accessor="state",
            orderable=False,
            attrs={"th": words | {"title": hint}, "td": words},
        )

    def render(self, value: tuple[str, str], record: dict[str, Any]) -> SafeString:
        level, word = value
        if not word:
            return SafeString()
        shown = format_html('<span class="state" data-level="{}">{}</span>', level, word)
        if level not in ("bad", "warn"):
            return shown
        return format_html('{} <small class="mark">{}</small>', shown, record["state_of"])


def table(
    rows: Sequence[dict[str, Any]],
    asked: Sequence[str],
    name: Any,
    *,
    with_state: bool = False,
    with_rank: bool = False,
    definitions: Mapping[str, str] | None = None,
) -> KpiTable:
    """A table with one column a KPI. `definitions` are those that columns name."""
    extra: list[tuple[str, tables.Column]] = []
    if with_state:
        extra.append(("state", StateColumn()))
    told = definitions or {}
    extra += [(place_name(one), KpiColumn(one, told.get(one, ""))) for one in asked]
    if with_rank:
        extra.append(("rank", RankColumn()))
    tell_apart(rows, asked)
    made = KpiTable(KpiRows(list(rows)), extra_columns=extra)
    made.say_nothing("")
    made.columns["name"].column.verbose_name = name
    return made


class _Row(dict[str, Any]):
    """What a table knows of a row. How its figures stand it is asked of rows that are drawn alone:
    others have theirs made only to be sorted by."""

    def __init__(self, asked: Sequence[str], told: Mapping[str, Any]) -> None:
        super().__init__(told)
        self.asked = asked

    def __missing__(self, name: str) -> Any:
        if name not in ("state", "state_of"):
            raise KeyError(name)
        level, word, which = worst(self["figures"][one] for one in self.asked)
        self["state"] = (level, word)
        self["state_of"] = ", ".join(dict.fromkeys(heading(one.kpi) for one in which))
        return self[name]


def row_of(
    row: Row,
    asked: Sequence[str],
    url_of: Callable[[str], str],
    url: str = "",
    rank: Rank | None = None,
    ranked_in: str = "",
    mark: str = "",
) -> dict[str, Any]:
    """A report's row as the table takes it; `url_of` says where a figure explains itself, and is
    asked of those that are shown alone; `ranked_in` is the team that a `rank` is within; `mark`
    says what began with it."""
    return _Row(
        asked,
        {
            "row": row,
            "name": row.name,
            "url": url,
            "mark": mark,
            "figures": row.figures,
            "url_of": url_of,
            "key": row.key,
            "rank": rank,
            "ranked_in": ranked_in,
        },
    )
