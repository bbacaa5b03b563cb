"""A report as machines read it, and what of it is said beside."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import ngettext

from kpis.choosing.words import Shorts
from kpis.report.question import Row


def as_json(
    rows: Sequence[Row],
    day_only: int | None = 0,
    link: Callable[[Row, str], str] | None = None,
    partly: Sequence[str] = (),
) -> dict[str, Any]:
    """The report as the API and `callcenter report --json` print it. With a `link`, each figure
    says where it explains itself; `partly` is what of each row is not whole. A definition is in
    words, with what it reads."""
    short = Shorts()
    return {
        "rows": [
            {
                "key": row.key,
                "not_whole": partly[place] if partly else "",
                "kpis": {
                    words: {
                        "value": one.value,
                        "n": one.n,
                        "n_unit": one.variant.n_unit,
                        "unit": one.unit_told,
                        "variant": one.variant.id,
                        "definition": short(one.kpi, one.variant, one.parameters),
                        "precision": one.precision,
                        "reason": one.why_none,
                    }
                    | ({} if link is None else {"passport_url": link(row, words)})
                    for words, one in row.figures.items()
                },
            }
            for place, row in enumerate(rows)
        ],
        "day_only": day_only,
    }


def day_only_words(count: int) -> str:
    """What rows by interval do not show, for people."""
    return ngettext(
        "%(count)d call tells only its day: it counts there and in no interval.",
        "%(count)d calls tell only their day: they count there and in no interval.",
        count,
    ) % {"count": count}
