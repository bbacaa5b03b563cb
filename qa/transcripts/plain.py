"""Plain text with speakers and, maybe, times: "Agent: ...", "[00:12] Customer: ...", "00:12 Agent
...", "Agent (00:12): ...", and a name with a time on a line of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa.transcripts.clock import CLOCK, clock_ms
from qa.transcripts.labels import Labels
from qa.transcripts.transcript import Expected, Misread, Piece

_LISTED = re.compile(r"\A\s*[-*•]\s+")
_UNTIL = rf"(?:\s*(?:-->|-|\u2013|to)\s*(?P<end>{CLOCK}))?"
_BRACKETED = re.compile(
    rf"\s*[\[(]\s*(?P<start>{CLOCK}){_UNTIL}\s*[\])]\s*(?:[-\u2013|:]\s*)?(?P<rest>.*)", re.A | re.S
)
_BARE = re.compile(
    rf"\s*(?P<start>{CLOCK})(?![\d:]){_UNTIL}\s*(?:[-\u2013|]\s*)?(?P<rest>.*)", re.A | re.S
)
# A name with its time behind it: in brackets with words or a colon to come, or bare at the end.
_BEHIND = re.compile(
    rf"\s*(?P<label>[^\W_][^:\[(]{{0,79}}?)\s*(?:[\[(]\s*(?P<start>{CLOCK})\s*[\])]\s*:?"
    rf"(?P<rest>.*)|\s(?P<alone>{CLOCK})\s*)",
    re.S,
)


def texts(rows: Sequence[str]) -> Iterator[str]:
    """What rows say behind their times, to find names in."""
    for row in map(_plain, rows):
        hit = _BRACKETED.fullmatch(row) or _BARE.fullmatch(row)
        yield hit["rest"] if hit else row


def pieces(rows: Sequence[str], labels: Labels) -> Iterator[Piece]:
    """The lines of a text. One that has neither a name nor a time goes on with what was before;
    where no line has either, each is a line of somebody unknown.

    Raises Misread for what stands in brackets as a time and is none.
    """
    said = [(line, _plain(row)) for line, row in enumerate(rows, 1) if row.strip()]
    begun_by_time = [_BARE.fullmatch(row) is not None for _line, row in said]
    # Not for a sentence that begins with a time: "10:30 is fine".
    are_timed = sum(begun_by_time) > 1 and begun_by_time[0]
    begun: Piece | None = None
    loose: list[Piece] = []
    for line, row in said:
        found = _piece(row, line, labels, are_timed)
        if found is not None:
            yield from loose if begun is None else [begun]
            begun, loose = found, []
        elif begun is None:
            loose.append(Piece(row, line=line))
        else:
            begun = replace(begun, words=f"{begun.words} {row}" if begun.words else row)
    yield from loose if begun is None else [begun]


def _plain(row: str) -> str:
    """A row without the marks of a list or of bold letters."""
    return _LISTED.sub("", row, count=1).replace("**", "")


def _piece(row: str, line: int, labels: Labels, are_timed: bool) -> Piece | None:
    hit = _BRACKETED.fullmatch(row)
    if hit is not None:
        return _told(hit, line, labels, must_be=True)
    hit = _BARE.fullmatch(row)
    if hit is not None and (
        are_timed or labels.split(hit["rest"]) or labels.split_plain(hit["rest"])
    ):
        return _told(hit, line, labels, must_be=False)
    if named := labels.split(row):
        return Piece(named[1], named[0], line=line)
    hit = _BEHIND.fullmatch(row)
    if hit is not None and labels.known(hit["label"]):
        start = clock_ms(hit["start"] or hit["alone"])
        return None if start is None else Piece(hit["rest"] or "", hit["label"], start, line=line)
    return None


def _told(hit: re.Match[str], line: int, labels: Labels, *, must_be: bool) -> Piece | None:
    start = clock_ms(hit["start"])
    end = None if hit["end"] is None else clock_ms(hit["end"])
    if start is None or (end is None and hit["end"] is not None):
        if must_be:
            raise Misread(Expected.TIME, hit[0], line=line)
        return None
    named = labels.split(hit["rest"]) or labels.split_plain(hit["rest"])
    label, words = named or ("", hit["rest"])
    if not named and labels.known(hit["rest"].strip()):
        label, words = hit["rest"], ""
    return Piece(words, label, start, end, line=line)
