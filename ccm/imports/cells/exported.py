"""Calls of systems that export each as one record, and export it again when more is known.

Of the versions of a call in one stretch the newest counts; the older ones are duplicates, for
they tell nothing new. Two of one revision that differ contradict each other: one is rejected.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells.columns import LONGEST_SECONDS
from ccm.imports.files import members
from ccm.imports.files.members import Record, Unreadable, reject
from ccm.imports.records import (
    CALLS,
    IGNORED,
    NOTED,
    OFFERS,
    Chunk,
    Issue,
    Reading,
    frame_of_ms,
)

Row = dict[str, Any]
PARTS = ("ivr_ms", "wait_ms", "ring_ms", "talk_ms", "hold_ms", "acw_ms")


class LeftOut(Exception):
    """A record that a rule leaves out: column, value, rule and words."""


@dataclass(slots=True)
class Told:
    """What a record tells: the visits of one contact (columns of CALLS) and rings.

    A ring's `call` is the number of its visit here. Moments are milliseconds since 1970.
    `lines`, `line`, `external_id`, `revision` and `entry_known` are filled in here.
    """

    external_id: str
    revision: int | None
    visits: list[Row]
    offers: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Export:
    """The format of such an export: `names` are members that its records have, at any depth.

    `tell` reads a record. It raises Unreadable or LeftOut.
    """

    name: str
    label: str
    has_queue: bool
    names: frozenset[str]
    tell: Callable[[Record], Told]
    zone: str | None = "UTC"
    needs_zone: bool = False

    def recognises(self, head: bytes, filename: str) -> bool:
        return self.names <= members.names_in(head)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of records. Raises FileRefused where they begin without the needed members."""
        members.check_head(path, self.names)
        for made, records in members.stretches(path, reading):
            _fill(made, records, self.tell)
            yield made


def _fill(made: Chunk, records: list[Record], tell: Callable[[Record], Told]) -> None:
    """Put what records tell into their chunk."""
    newest = _newest(made, records, tell)
    calls: list[Row] = []
    offers: list[Row] = []
    notes: list[Issue] = []
    for record, told in newest:
        notes += record.notes
        offers += [ring | {"call": ring["call"] + len(calls)} for ring in told.offers]
        for place, visit in enumerate(told.visits):
            calls.append(
                {"linked_id": told.external_id, "entry_known": True, "channel": "voice"}
                | visit
                | {
                    "external_id": told.external_id,
                    "revision": told.revision,
                    "line": record.line,
                    # A line counts once, however many visits it tells.
                    "lines": 0 if place else 1,
                }
            )
    made.calls = _frame(calls, CALLS)
    made.offers = _frame(offers, OFFERS)
    made.issues += _once(notes)
    made.issues.sort(key=lambda issue: issue.line)


def _newest(
    made: Chunk, records: list[Record], tell: Callable[[Record], Told]
) -> list[tuple[Record, Told]]:
    """The newest version of each call, the other records accounted for."""
    kept: dict[str, tuple[Record, Told]] = {}
    left_out: list[Issue] = []
    for record in records:
        try:
            told = tell(record)
            _check(told)
        except Unreadable as bad:
            reject(made, record, bad)
            continue
        except LeftOut as rule:
            made.ignored += 1
            column, value, name, words = rule.args
            left_out.append(Issue(record.line, column, value, name, words, IGNORED))
            continue
        mine = record, told
        other = kept.setdefault(told.external_id, mine)
        if other is mine:
            continue
        older, newer = sorted((mine, other), key=_version)
        kept[told.external_id] = newer
        if older[1].revision == newer[1].revision and older[0].said != newer[0].said:
            words = _("Another record tells of the same call, as new and with other words.")
            reject(made, older[0], Unreadable("", told.external_id, "conflict", words))
        else:
            made.duplicate += 1
    made.issues += _once(left_out)
    return list(kept.values())


def _check(told: Told) -> None:
    """Raise Unreadable where stamps tell of parts longer than any call's."""
    for visit in told.visits:
        for part in PARTS:
            lasted = visit.get(part)
            if lasted is not None and lasted > LONGEST_SECONDS * 1000:
                words = _("By its times this part is longer than three weeks.")
                raise Unreadable(part, f"{lasted} ms", "range", words)


def _version(version: tuple[Record, Told]) -> tuple[int, str]:
    """By what the newer version is told; of equals any, but the same in whatever order."""
    record, told = version
    return -1 if told.revision is None else told.revision, repr(sorted(record.said.items()))


def _once(issues: list[Issue]) -> list[Issue]:
    """Issues of one rule about one column and value as one, with their number."""
    alike: dict[tuple[str, ...], list[Issue]] = defaultdict(list)
    for one in issues:
        alike[one.fate, one.rule, one.column, one.value if one.fate != NOTED else ""].append(one)
    return [
        Issue(
            first.line, first.column, first.value, first.rule, first.message, first.fate, len(same)
        )
        for same in alike.values()
        for first in [min(same, key=lambda issue: issue.line)]
    ]


def _frame(rows: list[Row], schema: pl.Schema) -> pl.DataFrame:
    return frame_of_ms([[row.get(name) for name in schema] for row in rows], schema)
