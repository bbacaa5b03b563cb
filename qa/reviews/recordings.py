"""Recordings of calls: where one is, and how a part of its file is sent.

What a call has is an address elsewhere, which is only linked to, or the name of a file in the
folder of the setting CCM_RECORDINGS. Nothing outside that folder is ever read: no path leads up,
and no link out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

# What browsers play; anything else is no recording.
KINDS = {
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "audio/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".weba": "audio/webm",
    ".webm": "audio/webm",
}
# Of a file that is asked for "from here on" so much is sent at once: who listens asks again as they
# listen, and holds no thread of the server meanwhile.
MOST_AT_ONCE = 1 << 20
_PIECE = 1 << 16
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a call's recording is: `url` elsewhere, or a file of ours that is there (`file`).
    `lacks`: a file is named that is not to be had."""

    url: str = ""
    file: bool = False
    lacks: bool = False

    def __bool__(self) -> bool:
        return bool(self.url) or self.file


def of(named: str, folder: str) -> Recording:
    """Where the recording is that a call names; `folder` empty: there are no files."""
    named = named.strip()
    if not named:
        return Recording()
    if "://" in named[:12]:
        return Recording(url=named) if _is_address(named) else Recording(lacks=True)
    return Recording(file=True) if path_of(named, folder) else Recording(lacks=True)


def _is_address(named: str) -> bool:
    try:
        parts = urlsplit(named)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def path_of(named: str, folder: str) -> Path | None:
    """The file of a recording within the folder; None: there is none, or it is no recording."""
    if not folder or not named or "\0" in named:
        return None
    try:
        top = Path(folder).resolve(strict=True)
        found = (top / named).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    inside = found.is_relative_to(top) and found.suffix.lower() in KINDS
    return found if inside and found.is_file() else None


def kind_of(path: Path) -> str:
    """Its media type."""
    return KINDS[path.suffix.lower()]


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes [start, end) of a file of `size`."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class OutOfRange(ValueError):
    """A part that the file has not."""


def part_of(asked: str | None, size: int) -> Part | None:
    """What a `Range` header asks for; None: all of the file, also for what is several parts or none
    (RFC 9110, 14.2). Raises OutOfRange."""
    hit = _RANGE.fullmatch(asked.strip()) if asked else None
    if hit is None or not any(hit.groups()):
        return None
    first, last = hit.groups()
    if not first:
        length = min(int(last), size)
        if not length:
            raise OutOfRange(asked)
        return Part(size - length, size, size)
    start = int(first)
    if start >= size or (last and int(last) < start):
        raise OutOfRange(asked)
    end = min(int(last) + 1, size) if last else min(start + MOST_AT_ONCE, size)
    return Part(start, end, size)


def pieces(file: BinaryIO, part: Part) -> Iterator[bytes]:
    """The bytes of a part, a piece at a time; the file is closed at the end."""
    with file:
        file.seek(part.start)
        left = part.length
        while left and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            yield piece
