"""The ramp curve as a file: a line for each week since hire."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy

from coaching.ramp.curve import Point
from coaching.ramp.reads import Shown

HEADER = (
    gettext_lazy("Week since hire"), gettext_lazy("New, in this week"),
    gettext_lazy("New, with a figure"), gettext_lazy("New: handling time, s"),
    gettext_lazy("Hired before, in this week"), gettext_lazy("Hired before, with a figure"),
    gettext_lazy("Hired before: handling time, s"), gettext_lazy("Tenured, from, s"),
    gettext_lazy("Tenured, to, s"),
)  # fmt: skip


def lines(shown: Shown) -> Iterator[Sequence[object]]:
    for new, earlier in weeks(shown):
        band = new if new is not None and new.low is not None else earlier
        yield (
            (new or earlier).number if new or earlier else None,  # type: ignore[union-attr]
            *_told(new), *_told(earlier),
            _seconds(None if band is None else band.low),
            _seconds(None if band is None else band.high),
        )  # fmt: skip


def weeks(shown: Shown) -> Iterator[tuple[Point | None, Point | None]]:
    """Of each week those who are new, and those hired before; None: nobody has come so far."""
    new, earlier = shown.new.points, shown.earlier.points
    for at in range(max(len(new), len(earlier))):
        yield (
            new[at] if at < len(new) else None,
            earlier[at] if at < len(earlier) else None,
        )


def _told(point: Point | None) -> tuple[object, ...]:
    if point is None:
        return (0, 0, None)
    return (point.reached, point.n, _seconds(point.middle))


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
