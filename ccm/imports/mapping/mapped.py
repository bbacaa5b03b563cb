"""Files that no named format knows: read as a profile says, whatever system wrote them.

Durations are what the file writes; stamps only fill what it does not. Rows without an id are told
apart by their content and by how many like them came before in the file, so that equal rows are
separate calls and the same file read again is the same calls.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from ccm.imports.cells import times
from ccm.imports.facts import reading as lists
from ccm.imports.files import rows, tables
from ccm.imports.files.dialect import LOOKED_AT
from ccm.imports.files.rows import SaidTable
from ccm.imports.mapping import answers, calls, states, totals
from ccm.imports.mapping.cellwise import Read
from ccm.imports.mapping.namer import Namer
from ccm.imports.mapping.profile import Profile
from ccm.imports.mapping.targets import DROP, KEEP, Rows
from ccm.imports.records import Chunk, FileRefused, Reading


class Mapped:
    """A format made of a profile; see `records.Format`."""

    needs_zone = True
    has_queue = False

    def __init__(self, profile: Profile, name: str, label: str = "") -> None:
        self.profile, self.name, self.label = profile, name, label or name
        self.zone = profile.zone or None

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file's header has every column that the mapping gives a meaning.

        A file without a header says too little to be told by it.
        """
        texts = head.decode(errors="replace").split("\n")
        return self.fits(rows.unlike(rows.labels_in(texts, self.profile.dialect)))

    def fits(self, labels: Iterable[str]) -> bool:
        """Whether every column that the mapping gives a meaning is among these."""
        meant = {one.label for one in self.profile.columns if one.target not in (KEEP, DROP)}
        return len(meant) > 1 and meant <= set(labels)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of rows. Raises FileRefused where the file is not as the profile says, or where
        the profile leaves open what it must not."""
        profile = self.profile.on_queue(reading.queue)
        if problems := profile.problems():
            raise FileRefused(" ".join(problems))
        most = tables.SHEET_ROWS if reading.most_rows is None else reading.most_rows + LOOKED_AT
        with rows.opened(path, profile.dialect, twins=profile.nameless, most=most) as table:
            yield from self.chunks(table, reading)

    def chunks(self, table: SaidTable, reading: Reading) -> Iterator[Chunk]:
        """Chunks of a table opened as the profile says. Raises FileRefused as `read` does."""
        profile = self.profile.on_queue(reading.queue)
        if reading.zone is None and not says_zone(profile) and not profile.rows.is_list:
            raise FileRefused(_("Its times name no zone: say which one they are in."))
        _check_columns(profile, table)
        namer = Namer(table, reading.start) if profile.nameless else None
        for stretch in table.stretches(reading.start, reading.chunk_lines):
            reading.passed(stretch.done)
            yield _chunk(Read(profile, table, stretch, reading, namer))


def says_zone(profile: Profile) -> bool:
    when = profile.column("moment")
    return profile.has("zone") or bool(when and when.spelling in (times.EPOCH, times.EPOCH_MS))


def _check_columns(profile: Profile, table: SaidTable) -> None:
    missing = [
        one.label
        for one in profile.columns
        if one.target not in (KEEP, DROP) and one.label not in table.labels
    ]
    if missing:
        raise FileRefused(
            _("It lacks the columns %(missing)s. It has %(there)s.")
            % {"missing": ", ".join(missing), "there": ", ".join(table.labels)}
        )


def _chunk(read: Read) -> Chunk:
    """The records of a stretch, every row accounted for."""
    read.leave_out()
    match read.profile.rows:
        case Rows.CALLS:
            return calls.chunk(read)
        case Rows.ANSWERS:
            return answers.chunk(read)
        case Rows.STATES:
            return states.chunk(read)
        case Rows.TOTALS:
            return totals.chunk(read)
    return lists.chunk(read.profile, read.cells, read.stretch)
