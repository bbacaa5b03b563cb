"""What the record holds of one person: how much of each kind, its rows, and all of it as a file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    Max,
    Min,
    Model,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, TruncDate
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ccm import exports, personal
from ccm.models import Agent, Call
from ccm.personal import Held, values
from ccm.templatetags.figures import local_time, percent, yes_no

# Of the machine alone, in whatever table.
_MACHINE = frozenset({"id", "batch", "revision"})
_READ_AT_ONCE = 2000
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Kind:
    """How much of a kind there is of a person: `shown` that they read, `withheld` that they do not
    (yet), and from when to when those are."""

    title: personal.Words
    held: Held
    shown: int
    withheld: int
    first: date | None
    last: date | None


def kinds(agent: Agent) -> list[Kind]:
    """All kinds of which there is anything, in one query."""
    asked = list(personal.everything())
    counts = [_counted(place, held, agent) for place, (_title, held) in enumerate(asked)]
    found = {row["which"]: row for row in counts[0].union(*counts[1:], all=True)}
    return [
        Kind(title, held, row["shown"], row["all"] - row["shown"], row["first"], row["last"])
        for place, (title, held) in enumerate(asked)
        if (row := found.get(place)) and row["all"]
    ]


def _counted(place: int, held: Held, agent: Agent) -> QuerySet[Any, dict[str, Any]]:
    when: Any = Cast(held.at or Value(None), DateField())
    if held.at and _is_a_moment(held):
        when = TruncDate(held.at, tzinfo=agent.site.tz)
    readable = held.shown
    rows = held.model._default_manager.filter(held.about(agent)).order_by()
    return (
        rows.annotate(which=Value(place, IntegerField()), when=when)
        .values("which")
        .annotate(
            all=Count("pk"),
            shown=Count("pk", filter=readable),
            first=Min("when", filter=readable),
            last=Max("when", filter=readable),
        )
    )


def _is_a_moment(held: Held) -> bool:
    """Whether its rows are of moments, which are of a day by some clock, and not of days."""
    model: Any = held.model
    for name in held.at.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model
    return isinstance(field, DateTimeField)


def kind(name: str) -> Held | None:
    """The kind of that name; None: there is none."""
    return next((held for _title, held in personal.everything() if held.name == name), None)


def rows_of(held: Held, agent: Agent) -> QuerySet[Any]:
    """Those of a kind that the person reads, the newest first."""
    rows = held.model._default_manager.filter(held.about(agent))
    if held.shown is not None:
        rows = rows.filter(held.shown)
    order = [f"-{held.at}"] if held.at else []
    return rows.order_by(*order, "-pk")


def header(held: Held) -> list[str]:
    return [str(one.verbose_name) for one in _fields(held)]


def drawn_header(held: Held) -> list[str]:
    """What stands above `drawn`."""
    return [str(one.verbose_name) for one in _drawn_fields(held)]


def write(agent: Agent, file: IO[bytes]) -> None:
    """All that the person reads, as a ZIP of CSV files, a kind each, and a list of them."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        listed: list[list[object]] = []
        for kind in kinds(agent):
            held = kind.held
            name = f"{held.name.replace('.', '_')}.csv" if kind.shown else ""
            listed.append(
                [str(held.title), str(held.why), name, kind.shown, kind.withheld,
                 str(held.later) if kind.withheld else ""]
            )  # fmt: skip
            if kind.shown:
                rows = rows_of(held, agent).iterator(chunk_size=_READ_AT_ONCE)
                _add(packed, name, header(held), cells(held, rows, agent.site.tz))
        for words in personal.kept_back():
            listed.append([str(words), "", "", "", "", ""])
        titles = [_("What"), _("Why"), _("File"), _("Rows"), _("Not shown"), _("Why not shown")]
        _add(packed, "index.csv", titles, listed)


def _add(
    packed: zipfile.ZipFile, name: str, titles: Sequence[str], rows: Iterator[Any] | list[Any]
) -> None:
    with packed.open(name, "w", force_zip64=True) as entry:
        text = io.TextIOWrapper(entry, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        writer.writerow([exports.cell(title) for title in titles])
        writer.writerows([exports.cell(value) for value in row] for row in rows)
        text.flush()
        text.detach()


def _fields(held: Held) -> list[Field[Any, Any]]:
    without = _MACHINE | set(held.without)
    return [one for one in held.model._meta.concrete_fields if one.name not in without]


def _drawn_fields(held: Held) -> list[Field[Any, Any]]:
    return [one for one in _fields(held) if one.name not in held.in_file]


def drawn(held: Held, rows: Iterable[Any], agent: Agent) -> list[list[object]]:
    """Rows as a page has them: without what only the file has, shares in percent, what has parts
    told part by part, and what the agent reads elsewhere as a link to it."""
    fields, rows, zone = _drawn_fields(held), list(rows), agent.site.tz
    keys = [one for one in fields if isinstance(one, ForeignKey)]
    links = {one.attname: _links(one.related_model, _led_to(one, rows), agent) for one in keys}
    calls = {str(pk): link for pk, link in _links(Call, _ids_in(fields, rows), agent).items()}

    def told(field: Field[Any, Any], value: Any, cell: object) -> object:
        if field.name == "share":
            return _in_percent(cell)
        if isinstance(value, Mapping | list | tuple):
            return values.html(value, zone, calls)
        return links.get(field.attname, {}).get(value, cell)

    return [
        [
            told(one, getattr(row, one.attname), cell)
            for one, cell in zip(fields, cells, strict=True)
        ]
        for row, cells in zip(rows, _cells(fields, rows, zone), strict=True)
    ]


def _led_to(key: ForeignKey[Any, Any], rows: Sequence[Model]) -> set[Any]:
    return {pk for row in rows if (pk := getattr(row, key.attname)) is not None}


def _ids_in(fields: Sequence[Field[Any, Any]], rows: Sequence[Model]) -> set[UUID]:
    """What looks like the id of a call within values that have parts."""
    found: set[UUID] = set()
    waiting: list[Any] = [getattr(row, one.attname) for row in rows for one in fields]
    waiting = [one for one in waiting if isinstance(one, Mapping | list | tuple)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif isinstance(one, str) and _UUID.fullmatch(one):
            found.add(UUID(one))
    return found


def _links(model: Any, wanted: Collection[Any], agent: Agent) -> dict[Any, SafeString]:
    """Links to the pages of rows that the agent reads, called by when they are of. No query where
    there is no such page, or nothing wanted; else one."""
    label = model._meta.label_lower
    held, page = kind(label), personal.page_of(label)
    if not wanted or held is None or not page:
        return {}
    rows = rows_of(held, agent).filter(pk__in=wanted)
    return {
        pk: format_html(
            '<a class="link" href="{}">{}</a>',
            reverse(page, args=[pk]),
            _when(at, agent.site.tz) or pk,
        )
        for pk, at in rows.values_list("pk", held.at or "pk")
    }


def _when(at: object, zone: ZoneInfo) -> SafeString | str:
    """A moment, or a day, in words; "": it is neither."""
    if isinstance(at, datetime):
        return local_time(at, zone, "j M Y H:i")
    return date_format(at, "j M Y") if isinstance(at, date) else ""


def _in_percent(cell: object) -> object:
    return cell if cell is None else percent(float(str(cell)))


def cells(held: Held, rows: Any, zone: ZoneInfo) -> Iterator[list[object]]:
    """Rows as cells, a few thousand at a time: what they lead to is named for all of those at
    once."""
    return _cells(_fields(held), rows, zone)


def _cells(fields: Sequence[Field[Any, Any]], rows: Any, zone: ZoneInfo) -> Iterator[list[object]]:
    waiting = iter(rows)
    while many := list(islice(waiting, _READ_AT_ONCE)):
        names = {one.attname: _names(one, many) for one in fields if isinstance(one, ForeignKey)}
        for row in many:
            yield [
                _cell(one, getattr(row, one.attname), names.get(one.attname), zone)
                for one in fields
            ]


def _names(key: ForeignKey[Any, Any], rows: Sequence[Model]) -> Mapping[int, str]:
    """How what rows lead to is called; what has no name of its own keeps its number."""
    target = key.related_model
    assert isinstance(target, type)
    wanted = {number for row in rows if (number := getattr(row, key.attname)) is not None}
    if not wanted or not _has_a_name(target):
        return {}
    return {pk: str(one) for pk, one in target._default_manager.in_bulk(wanted).items()}


def _has_a_name(model: type[Model]) -> bool:
    """Whether a row says who or what it is without asking for others."""
    return bool({"name", "username"} & {one.name for one in model._meta.concrete_fields})


def _cell(
    field: Field[Any, Any], value: Any, names: Mapping[int, str] | None, zone: ZoneInfo
) -> object:
    if value is None:
        return None
    if names is not None:
        return names.get(value, value)
    if field.flatchoices:
        said = dict(field.flatchoices).get(value, value)
        return str(said) if isinstance(said, Promise) else said
    if isinstance(value, datetime):
        return value.astimezone(zone)
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float | str | date | time):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {said}" for name, said in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bytes | memoryview):
        return value.hex()
    return str(value)
