"""A plain file's lines, a stretch at a time."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

# A stretch of long lines ends here, so that memory is bounded by bytes as well as by lines.
STRETCH_BYTES = 32 << 20
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of a file. `position` of its lines lie before them, `count` are here."""

    position: int
    count: int
    data: bytes
    """The lines as they are, each with its end but perhaps the file's last."""
    done: int
    """Bytes of the file up to the end of these lines."""

    @property
    def cut(self) -> bool:
        """Whether the last line has no end: the file stops there, perhaps inside it."""
        return not self.data.endswith(b"\n")

    def text(self) -> str:
        """The lines without the last one's end."""
        return self.data.decode(errors="backslashreplace").removesuffix("\n")


def stretches(
    path: Path, start: int, most: int, most_bytes: int = STRETCH_BYTES
) -> Iterator[Stretch]:
    """The lines of a UTF-8 file from line `start` (0-based) on, at most `most` at a time.

    A stretch ends, too, with the line that passes `most_bytes`, or few lines later.
    """
    with path.open("rb") as file:
        deque(islice(file, start), maxlen=0)
        position = start
        while True:
            raw: list[bytes] = []
            size = 0
            while len(raw) < most and size < most_bytes:
                batch = list(islice(file, min(_BATCH, most - len(raw))))
                if not batch:
                    break
                raw += batch
                size += sum(map(len, batch))
            if not raw:
                return
            yield Stretch(position, len(raw), b"".join(raw), file.tell())
            position += len(raw)


def head(path: Path, size: int = 1 << 16) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)
