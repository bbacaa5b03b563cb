"""Where a chunk's records go, and what became of the lines that made them."""

from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from ccm.imports.records import Issue, RawLine
from ccm.models import Site


@dataclass(frozen=True, slots=True)
class Target:
    """Where records go: a site, under the name of the source that wrote them.

    `whole` says that a chunk's visits tell all that is known of them, as a fold of live events
    does: rings and answers it does not show are dropped. A log's chunk may be a part. With
    `by_record` the fates are told record by record; lines must then be one record's each. What is
    `tried` alone is taken back at once, and goes by names of its own (`trial`). Of what is `exact`
    the edges of spells are told to the moment: one that is near another is another.
    """

    site: Site
    source: str
    batch_id: int | None = None
    whole: bool = False
    by_record: bool = False
    tried: bool = False
    exact: bool = False


class Told(NamedTuple):
    """What became of one record: its fate, the id of the row it is in, 32 hex digits, whether it
    names a call that is not there yet, and of one that is rejected `why`."""

    fate: str
    id: str | None = None
    waits_for_call: bool = False
    why: str = ""


def source_name(form: str, site: Site) -> str:
    """What calls of this format at this site are filed under, whichever file shows them."""
    return f"{form}@{site.slug}"[:80]


@dataclass(slots=True)
class Fates:
    """What became of the lines that made records.

    `each` says it record by record, by the record's first line, where the target asks for that.
    `rejected` are those of a list that name what the record does not have, told in `issues` and
    kept as they came in `rejected_rows`; `ignored` those of days that are closed, told there, too.
    """

    stored: int = 0
    updated: int = 0
    duplicate: int = 0
    each: dict[int, Told] = field(default_factory=dict)
    rejected: int = 0
    ignored: int = 0
    issues: list[Issue] = field(default_factory=list)
    rejected_rows: list[RawLine] = field(default_factory=list)


def looked_up(column: str, found: dict[str, int] | dict[str, str]) -> pl.Expr:
    """The ids of a column of names; null where the name is."""
    kind = pl.String if any(isinstance(one, str) for one in found.values()) else pl.Int64
    return pl.col(column).replace_strict(found, default=None, return_dtype=kind)
