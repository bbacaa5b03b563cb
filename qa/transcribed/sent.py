"""What was sent, taken apart into transcripts, each with the call that it says it is of: single
files named by their call, archives of such, and files of JSON with a transcript a line."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from qa.transcripts import Form

MOST = 200
"""Transcripts that are taken at once."""
LONGEST_NAME = 64
MOST_BYTES = 40_000_000
"""Of one transcript, and of an archive unpacked."""
_FORMS = {".json": Form.JSON, ".vtt": Form.VTT, ".srt": Form.VTT, ".txt": None, ".text": None}
_LINES = (".jsonl", ".ndjson")
_LONGEST_SOURCE, _LONGEST_LANGUAGE, _LONGEST_PLACE = 40, 40, 200
# A line break as editors have it; others may stand within a text of JSON.
_BREAK = re.compile(rb"\r?\n")


@dataclass(frozen=True, slots=True)
class Given:
    """A transcript as it was sent: `place` is where, for words. Its call goes by its id, or by its
    source's id, with or without the source. `wrong`: why it cannot be taken, in words."""

    place: str
    text: str | bytes = ""
    form: Form | None = None
    call: UUID | None = None
    external_id: str = ""
    source: str = ""
    language: str = ""
    wrong: str = ""


class TooMuch(ValueError):
    """More was sent than is taken at once, in words."""


def of_files(files: Sequence[tuple[str, BinaryIO]]) -> list[Given]:
    """The transcripts of uploaded files, by their names. Raises TooMuch."""
    found: list[Given] = []
    for name, file in files:
        for one in _of_file(name, file):
            if len(found) == MOST:
                raise TooMuch(
                    _("At most %(most)s transcripts at once: send the rest afterwards.")
                    % {"most": MOST}
                )
            found.append(one)
    return found


def of_object(said: Any, place: str) -> Given:
    """A transcript as an object of JSON: `transcript` (a text, or JSON of any kind that is read),
    and which call it is of."""
    if not isinstance(said, Mapping):
        return Given(place, wrong=_("This is no JSON object."))
    words = {}
    for name, most in (
        ("call", 80), ("external_id", LONGEST_NAME), ("source", _LONGEST_SOURCE),
        ("language", _LONGEST_LANGUAGE),
    ):  # fmt: skip
        value = said.get(name)
        value = str(value) if type(value) is int else value
        if value is not None and not _is_plain(value, most):
            return Given(
                place,
                wrong=_("“%(name)s” must be text of at most %(most)s signs.")
                % {"name": name, "most": most},
            )
        words[name] = (value or "").strip()
    if "transcript" not in said:
        return Given(place, wrong=_("“transcript” is missing."))
    call = _uuid(words["call"])
    if words["call"] and call is None:
        return Given(place, wrong=_("“call” must be the id of a call."))
    text = said["transcript"]
    form = None
    if not isinstance(text, str):
        try:
            text, form = json.dumps(text), Form.JSON
        except (ValueError, RecursionError):
            return Given(place, wrong=_("It is nested too deeply."))
    return Given(
        place, text, form, call, words["external_id"], words["source"], words["language"]
    )  # fmt: skip


def _of_file(name: str, file: BinaryIO) -> Iterator[Given]:
    path = PurePosixPath(name.replace("\\", "/"))
    kind, place = path.suffix.lower(), _place(path.name)
    if kind == ".zip":
        yield from _of_archive(place, file)
        return
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        yield Given(place, wrong=_too_long())
    elif kind in _LINES:
        yield from _of_lines(place, data)
    else:
        yield _named(path, place, data)


def _of_archive(place: str, file: BinaryIO) -> Iterator[Given]:
    try:
        with zipfile.ZipFile(file) as archive:
            left = MOST_BYTES
            for info in archive.infolist():
                path = PurePosixPath(info.filename.replace("\\", "/"))
                if info.is_dir() or path.name.startswith(".") or "__MACOSX" in path.parts:
                    continue
                inside = f"{place}: {_place(path.name)}"
                # What an archive says of a file's length is its own word.
                with archive.open(info) as packed:
                    data = packed.read(left + 1)
                left -= len(data)
                if left < 0:
                    yield Given(inside, wrong=_too_long())
                    return
                if path.suffix.lower() in _LINES:
                    yield from _of_lines(inside, data)
                elif path.suffix.lower() == ".zip":
                    yield Given(inside, wrong=_("An archive in an archive is not opened."))
                else:
                    yield _named(path, inside, data)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, NotImplementedError, OSError,
            EOFError, ValueError, zlib.error) as wrong:  # fmt: skip
        # RuntimeError: a password; NotImplementedError: a way of packing that is not known.
        yield Given(
            place,
            wrong=_("The archive cannot be opened: %(why)s") % {"why": _place(str(wrong) or "?")},
        )


def _of_lines(place: str, data: bytes) -> Iterator[Given]:
    for number, line in enumerate(_BREAK.split(data.removeprefix(b"\xef\xbb\xbf")), 1):
        if not line.strip():
            continue
        where = _("%(place)s, line %(n)s") % {"place": place, "n": number}
        try:
            said = json.loads(line, parse_constant=_refuse)
        except (ValueError, RecursionError):
            yield Given(where, wrong=_("This line is no JSON."))
            continue
        yield of_object(said, where)


def _named(path: PurePosixPath, place: str, data: bytes) -> Given:
    """A file that goes by the name of its call."""
    kind = path.suffix.lower()
    # A source's id may have stops of its own.
    name = path.stem if kind in _FORMS else path.name
    if not _is_plain(name, LONGEST_NAME) or not name.strip():
        return Given(
            place,
            wrong=_("A file is named by the id of its call, of at most %(most)s signs.")
            % {"most": LONGEST_NAME},
        )
    call = _uuid(name)
    return Given(
        place, data, _FORMS.get(kind), call, external_id="" if call else name.strip()
    )  # fmt: skip


def _too_long() -> str:
    return _("At most %(most)s MB at once.") % {"most": MOST_BYTES // 1_000_000}


def _place(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)[:_LONGEST_PLACE]


def _is_plain(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and value.isprintable()


def _uuid(word: str) -> UUID | None:
    if len(word) not in (32, 36):
        return None
    try:
        return UUID(word)
    except ValueError:
        return None


def _refuse(word: str) -> None:
    raise ValueError(word)


def named_io(name: str, data: bytes) -> tuple[str, BinaryIO]:
    """A file out of its bytes."""
    return name, io.BytesIO(data)
