"""Where a chunk's records go, and what became of the lines that made them."""

from dataclasses import dataclass

import polars as pl

from ccm.models import Site


@dataclass(frozen=True, slots=True)
class Target:
    """Where records go: a site, under the name of the source that wrote them.

    `whole` says that a chunk's visits tell all that is known of them, as a fold of live events
    does: rings and answers it does not show are dropped. A log's chunk may be a part.
    """

    site: Site
    source: str
    batch_id: int | None = None
    whole: bool = False


def source_name(form: str, site: Site) -> str:
    """What calls of this format at this site are filed under, whichever file shows them."""
    return f"{form}@{site.slug}"[:80]


@dataclass(slots=True)
class Fates:
    """What became of the lines that made records."""

    stored: int = 0
    updated: int = 0
    duplicate: int = 0


def looked_up(column: str, found: dict[str, int] | dict[str, str]) -> pl.Expr:
    """The ids of a column of names; null where the name is."""
    kind = pl.String if any(isinstance(one, str) for one in found.values()) else pl.Int64
    return pl.col(column).replace_strict(found, default=None, return_dtype=kind)
