"""Values of more than one part, as a page tells them: labels with what they say, lists as lists.
Shares are fractions, and times seconds, as everywhere in the record. Pure but for the language."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from ccm.templatetags.figures import DASH, clock, grouped, local_time, percent, yes_no

FOLDED = 3
"""Of more entries that have parts themselves a list is folded."""
_DAY, _MOMENT = len("2026-03-02"), len("2026-03-02T09:00")


def html(
    value: object, zone: ZoneInfo, links: Mapping[str, SafeString] | None = None
) -> SafeString:
    """A value as HTML; a word that `links` knows is its link. Nothing is a dash."""
    return _told(value, "", zone, links or {})


def _told(value: object, name: str, zone: ZoneInfo, links: Mapping[str, SafeString]) -> SafeString:
    if value is None or value == "" or value == [] or value == {}:
        return format_html("{}", DASH)
    if isinstance(value, Mapping):
        parts = [(_label(str(one)), _told(said, str(one), zone, links))
                 for one, said in value.items()]  # fmt: skip
        return format_html(
            '<ul class="told">{}</ul>',
            format_html_join("", "<li><span>{}</span> {}</li>", parts),
        )
    if isinstance(value, list | tuple):
        told = [_told(one, name, zone, links) for one in value]
        if not any(isinstance(one, Mapping | list | tuple) for one in value):
            return format_html_join(", ", "{}", ((one,) for one in told))
        listed = format_html(
            '<ol class="told">{}</ol>',
            format_html_join("", "<li>{}</li>", ((one,) for one in told)),
        )
        if len(told) <= FOLDED:
            return listed
        many = ngettext("%(n)d entry", "%(n)d entries", len(told)) % {"n": len(told)}
        return format_html("<details><summary>{}</summary>{}</details>", many, listed)
    return format_html("{}", _word(value, name, zone, links))


def _word(value: object, name: str, zone: ZoneInfo, links: Mapping[str, SafeString]) -> object:
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int | float):
        return _number(value, name)
    words = str(value)
    if words in links:
        return links[words]
    return _day_or_moment(words, zone) or words


def _number(value: float, name: str) -> str:
    if name.endswith("_ms"):
        return clock(value / 1000)
    if name.endswith(("_seconds", "seconds")):
        return clock(value)
    if isinstance(value, int):
        return str(value)
    return percent(value) if 0 < value < 1 else grouped(value, 2)


def _day_or_moment(words: str, zone: ZoneInfo) -> str:
    """A day or a moment as it is told elsewhere; "": it is none."""
    try:
        if len(words) == _DAY:
            return date_format(date.fromisoformat(words), "j M Y")
        if len(words) >= _MOMENT and words[_DAY] in "T ":
            at = datetime.fromisoformat(words)
            return str(local_time(at, zone, "j M Y H:i")) if at.tzinfo else ""
    except ValueError:
        pass
    return ""


def _label(name: str) -> str:
    """A key as words: "start_ms" is "Start"."""
    words = name.removesuffix("_ms").removesuffix("_seconds").replace("_", " ").strip()
    return words[:1].upper() + words[1:] or name
