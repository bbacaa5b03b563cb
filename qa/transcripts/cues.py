"""WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format"), and SubRip's cues, which differ by a
comma in their times."""

import html
import re
from collections.abc import Iterator, Sequence

from qa.transcripts.clock import CLOCK, clock_ms
from qa.transcripts.labels import Labels
from qa.transcripts.transcript import Expected, Misread, Piece

_TIMES = re.compile(rf"\s*({CLOCK})\s*-->\s*({CLOCK})(?:\s.*)?", re.ASCII)
_SKIPPED = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,99})?[ \t]{1,9}([^<>]{0,199})>")
_TAG = re.compile(r"</?[a-z][^<>]*>|<\d[\d:.]*>|</>", re.I)
_LANGUAGE = re.compile(r"Language:\s*([\w-]+)", re.I)

Block = list[tuple[int, str]]


def are_cues(rows: Sequence[str]) -> bool:
    """Whether rows look like cues: by the name of the format or by times with an arrow."""
    return bool(rows) and (_is_head(rows[0]) or any(_TIMES.fullmatch(row) for row in rows))


def language(rows: Sequence[str]) -> str | None:
    """The language that the head says, if it has one and says it."""
    for _line, row in next(_blocks(rows), []) if rows and _is_head(rows[0]) else ():
        if hit := _LANGUAGE.match(row):
            return hit[1]
    return None


def pieces(rows: Sequence[str], labels: Labels) -> Iterator[Piece]:
    """The lines of all cues. A cue of several voices is several lines of the same times; where no
    voice is marked, a name in front of a colon is one.

    Raises Misread for a block without times, or with times that are none.
    """
    for at, block in enumerate(_blocks(rows)):
        if (at == 0 and _is_head(block[0][1])) or _SKIPPED.match(block[0][1]):
            continue
        # A cue may have a name or a number, one line above its times.
        body = block if "-->" in block[0][1] else block[1:]
        line, times = body[0] if body else block[0]
        hit = _TIMES.fullmatch(times)
        if hit is None:
            raise Misread(Expected.CUE, times, line=line)
        start, end = clock_ms(hit[1]), clock_ms(hit[2])
        if start is None or end is None:
            raise Misread(Expected.TIME, times, line=line)
        for label, words in _voices([row for _line, row in body[1:]], labels):
            yield Piece(words, label, start, end, line=line)


def texts(rows: Sequence[str]) -> Iterator[str]:
    """What rows say, to find names in."""
    return (_plain(row) for row in rows if "-->" not in row)


def _voices(rows: Sequence[str], labels: Labels) -> Iterator[tuple[str, str]]:
    voiced = _VOICE.split("\n".join(rows))
    if len(voiced) > 1:
        yield "", _plain(voiced[0])
        for label, words in zip(voiced[1::2], voiced[2::2], strict=True):
            yield html.unescape(label), _plain(words)
        return
    label, words = "", list[str]()
    for row in rows:
        plain = _plain(row)
        if found := labels.split(plain):
            yield label, " ".join(words)
            label, words = found[0], [found[1]]
        else:
            words.append(plain)
    yield label, " ".join(words)


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _is_head(row: str) -> bool:
    return row.strip() == "WEBVTT" or row.startswith(("WEBVTT ", "WEBVTT\t"))


def _blocks(rows: Sequence[str]) -> Iterator[Block]:
    block: Block = []
    for line, row in enumerate(rows, 1):
        if row.strip():
            block.append((line, row))
        elif block:
            yield block
            block = []
    if block:
        yield block
