"""A log format whose files are tables of naive times, a row a record: read stretch by stretch."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ccm.imports.cells import columns
from ccm.imports.files import tables
from ccm.imports.files.tables import Layout, Rows, Table
from ccm.imports.records import Chunk, FileRefused, Reading


class TableFormat(ABC):
    """What such formats share of `records.Format`: they name themselves and make records.

    `dated` is the column whose dates tell the order of all of them; "" where the layout does.
    """

    name: str
    label: str
    needs_zone: bool
    has_queue: bool
    layout: Layout
    zone: str | None = None
    dated = ""

    def recognises(self, head: bytes, filename: str) -> bool:
        return tables.head_fits(head, self.layout)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of rows. Raises FileRefused for a strange header, an unknown zone, or an
        ambiguous date order."""
        zone = reading.zone or (ZoneInfo(self.zone) if self.zone else None)
        if zone is None:
            raise FileRefused(_("Its times name no zone: say which one they are in."))
        with tables.opened(path, self.layout) as table:
            said = reading.date_order
            order = columns.date_order(table, self.dated, said) if self.dated else ""
            for rows in table.stretches(reading.start, reading.chunk_lines):
                reading.passed(rows.done)
                yield self.chunk(rows, table, zone, order, reading)

    @abstractmethod
    def chunk(
        self, rows: Rows, table: Table, zone: ZoneInfo, order: str, reading: Reading
    ) -> Chunk:
        """The records of a stretch, every row accounted for."""
