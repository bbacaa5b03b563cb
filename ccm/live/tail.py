"""A log's new lines, whole and in order, through rotation, truncation and restart. It reads alone.

A `Place` says how far a log is read. It outlives the process, so it names the file by what it is
(device and inode, and a digest of its first bytes) and not by its name: the rest of a file is read
where that was renamed or copied to, then the files that came after it, then the log itself. Where
a place cannot be found again, whatever was written since is read from its beginning: better twice
than not at all.
"""

import hashlib
import os
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

# So many of its first bytes tell a file from another with its inode, or from what it was before.
HEAD_BYTES = 1024
# At most so much is read at a time; a line that is longer is taken in parts.
READ_BYTES = 4 << 20
# A file that another has followed may still be written to: its last line has so long to be ended.
SILENCE_SECONDS = 2.0
# By so much the clock of files may lag.
CLOCKS_NS = 1_000_000_000
# What rotation appends to a log's name. Nothing compressed, and nothing of another name.
_ROTATED = re.compile(r"[.-]\d[\d._T-]*")


class Place(NamedTuple):
    """`offset` bytes of a file are read, whose first `head_size` bytes have the digest `head`.

    `file` is "device:inode"; empty where nothing was read yet.
    """

    file: str = ""
    offset: int = 0
    head_size: int = 0
    head: str = ""


class Piece(NamedTuple):
    """Lines, each with its end but perhaps the last, and the place after them."""

    data: bytes
    place: Place


class _File:
    """An open file, whatever it is called by now. Raises OSError where it cannot be read."""

    def __init__(self, path: Path) -> None:
        # Who opens a pipe would wait for somebody to write to it.
        self._handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        about = os.fstat(self._handle)
        if not stat.S_ISREG(about.st_mode):
            self.close()
            raise OSError(0, "it is no file")
        self.id = _id(about)

    def close(self) -> None:
        os.close(self._handle)

    @property
    def written_ns(self) -> int:
        return os.fstat(self._handle).st_mtime_ns

    def read(self, offset: int, most: int) -> bytes:
        return os.pread(self._handle, most, offset)

    def place(self, offset: int) -> Place:
        head = self.read(0, HEAD_BYTES)
        return Place(self.id, offset, len(head), _digest(head))

    def holds(self, place: Place) -> bool:
        """Whether it may be the file of a place: it is as long, and begins alike."""
        size = os.fstat(self._handle).st_size
        head = self.read(0, place.head_size)
        alike = len(head) == place.head_size and _digest(head) == place.head
        return size >= place.offset and (alike if place.head_size else self.id == place.file)


class Tail:
    """Reads a log piece by piece. A piece is read again until it is `took`."""

    def __init__(
        self,
        path: Path,
        place: Place,
        read_ns: int,
        begins_line: Callable[[bytes, bytes], bool],
        *,
        from_end: bool = False,
    ) -> None:
        """`read_ns` is a moment by which it was last read, in nanoseconds since 1970.

        `begins_line` says of a file's last bytes and the next one's first whether these begin with
        a line of their own, not with the rest of one. With `from_end` a log of which nothing was
        read is read from its present end on.
        """
        self.path, self.place = path, place
        self.lost = False
        """Whether lines between the last piece and the next may be missing."""
        self._read_ns, self._begins_line, self._from_end = read_ns, begins_line, from_end
        self._file: _File | None = None
        self._coming: _File | None = None

    def close(self) -> None:
        for file in (self._file, self._coming):
            if file is not None:
                file.close()
        self._file = self._coming = None

    def open(self) -> None:
        """Find the place again. Raises OSError where there is no file to read."""
        if self.place.file and not self.place.head_size:
            # Of an empty file nothing tells whether it was rotated since, but what lies beside it.
            if self._file is None or self._later(self._read_ns, set()):
                self._begin()
            return
        file = self._file
        if file is None or not file.holds(self.place):
            if (file := self._found()) is None:
                # It was emptied, or is gone.
                self.lost = self.lost or self.place.offset > 0
                self._begin()
                return
            self._go_to(file, self.place._replace(file=file.id))

    def _begin(self) -> None:
        """Begin with the first file that was written since the log was last read."""
        later = self._later(self._read_ns, set()) if self.place.file else []
        file = _File(later[0] if later else self.path)
        at_end = self._from_end and not self.place.file
        self._go_to(file, file.place(self._end_of(file) if at_end else 0))

    def read(self) -> Piece | None:
        """The next lines; None where there are none yet. Raises OSError."""
        self.open()
        while True:
            file, offset = self._now(), self.place.offset
            data = file.read(offset, READ_BYTES)
            if (end := data.rfind(b"\n") + 1) or len(data) == READ_BYTES:
                end = end or READ_BYTES
                piece = Piece(data[:end], file.place(offset + end))
                # What was emptied meanwhile, and filled again, is another log.
                return piece if file.holds(self.place) else None
            coming = self._next(file)
            if coming is None:
                return None
            # What was written before the next file was begun is read before that is.
            if file.read(offset, READ_BYTES) != data:
                coming.close()
                continue
            if data:
                return self._over_the_edge(data, coming)
            self._go_to(coming, coming.place(0))

    def took(self, piece: Piece) -> None:
        """Go on after a piece."""
        self._read_ns = time.time_ns() - CLOCKS_NS
        if self._coming is not None and self._coming.id == piece.place.file:
            coming, self._coming = self._coming, None
            self._go_to(coming, piece.place)
        self.place = piece.place

    def before(self, most: int) -> bytes:
        """Whole lines before the place, at most so many bytes, of its file and those before it."""
        self.open()
        file, offset = self._now(), self.place.offset
        data = file.read(max(0, offset - most), min(offset, most))
        until = file.written_ns
        earlier = [one for one in self._rotated() if one[0] <= until and one[2] != file.id]
        while earlier and len(data) < most:
            _at, path, _id = earlier.pop()
            part = _last_bytes(path, most - len(data))
            end = part.rfind(b"\n") + 1
            cut_off = end < len(part) and self._begins_line(part[end:], data)
            data = (part[:end] if cut_off else part) + data
        # Where there is more before it, the first line may be a part.
        return data if len(data) < most else data[data.find(b"\n") + 1 :]

    def _now(self) -> _File:
        assert self._file is not None  # opened
        return self._file

    def _go_to(self, file: _File, place: Place) -> None:
        if self._file is not None and self._file is not file:
            self._file.close()
        self._file, self.place = file, place

    def _end_of(self, file: _File) -> int:
        """Where the last line that has an end ends."""
        size = os.fstat(file._handle).st_size
        while size:
            begin = max(0, size - READ_BYTES)
            if end := file.read(begin, size - begin).rfind(b"\n") + 1:
                return begin + end
            size = begin
        return 0

    def _found(self) -> _File | None:
        """The file of the place: the log itself, or what that was renamed or copied to."""
        if not self.place.file:
            return None
        found: _File | None = None
        for path in [self.path, *(path for _at, path, _id in reversed(self._rotated()))]:
            try:
                file = _File(path)
            except OSError:
                continue
            # Of several that begin alike it is the one that was read.
            if file.holds(self.place) and (found is None or file.id == self.place.file):
                if found is not None:
                    found.close()
                found = file
            else:
                file.close()
        return found

    def _next(self, file: _File) -> _File | None:
        """The file after this one, once it has any lines."""
        try:
            newest = _id(self.path.stat())
        except FileNotFoundError:
            return None
        if newest == file.id:
            return None
        later = self._later(file.written_ns, {file.id, newest})
        coming = _File(later[0] if later else self.path)
        if not coming.read(0, 1):
            coming.close()
            return None
        return coming

    def _over_the_edge(self, tail: bytes, coming: _File) -> Piece | None:
        """The last part of a file, whose line has no end: it goes on in the next, or was cut."""
        self._expect(coming)
        if 0 <= time.time_ns() - self._now().written_ns < SILENCE_SECONDS * 1e9:
            return None
        while not self._begins_line(tail, data := coming.read(0, READ_BYTES)):
            if whole := data.rfind(b"\n") + 1:
                return Piece(tail + data[:whole], coming.place(whole))
            # Not even there does the line end.
            if (after := self._next(coming)) is None:
                return None
            tail += data
            coming = after
            self._expect(coming)
        return Piece(tail, coming.place(0))

    def _expect(self, coming: _File) -> None:
        if self._coming is not None:
            self._coming.close()
        self._coming = coming

    def _rotated(self) -> list[tuple[int, Path, str]]:
        """Files beside the log that it was renamed or copied to: when each was last written, its
        path, and its id. In the order of writing."""
        found = []
        with os.scandir(self.path.parent) as entries:
            for entry in entries:
                ending = entry.name.removeprefix(self.path.name)
                if ending == entry.name or not _ROTATED.fullmatch(ending):
                    continue
                try:
                    about = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # renamed just now
                if stat.S_ISREG(about.st_mode) and about.st_size:
                    found.append((about.st_mtime_ns, Path(entry.path), _id(about)))
        return sorted(found)

    def _later(self, since_ns: int, but: set[str]) -> list[Path]:
        """Rotated files that were written after a moment, oldest first."""
        return [path for at, path, one in self._rotated() if at > since_ns and one not in but]


def _id(about: os.stat_result) -> str:
    return f"{about.st_dev}:{about.st_ino}"


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()


def _last_bytes(path: Path, most: int) -> bytes:
    """The last bytes of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - most))
            return file.read(most)
    except OSError:
        return b""
