"""What every format of exported records must stand: any drawing, order, repeats and damage."""

import json
import random
from copy import deepcopy

from hypothesis import strategies as st

from ccm.imports import formats
from ccm.imports.records import FileRefused
from tests.logs import chunk_of, chunks_of, opened, told

VALUES = [
    None, True, -1, 0, 1.5, 10**40, float("inf"), float("nan"), "", "x", "\0", "\ud800", "9" * 5000,
    "2025-03-04T10:00:00", "0001-01-01T00:00:00+23:59", "2999-01-01T00:00:00Z",
    "1991-01-01T00:00:00Z", "2025-11-04T12:00:00.999999999Z", "Tue, 04 Mar 2025 99:00:00 +0000",
    [], [[]], [{}], {},
    {"$date": {"$numberLong": "99999999999999999999"}}, {"$numberLong": "7"}, "y" * 400,
]  # fmt: skip


def drawings(records):
    """The same records as files may hold them."""
    lines = [json.dumps(one) for one in records]
    return {
        "lines": "\n".join(lines) + "\n",
        "array": json.dumps(records),
        "drawn": json.dumps(records, indent=2),
        "one after the other": "".join(lines),
        "wrapped": json.dumps({"page": 1, "records": records}),
        "of MongoDB": "\n".join(json.dumps(mongo(one)) for one in records),
    }


def mongo(said):
    """A record as mongoexport writes it, with wrapped dates and numbers."""
    if isinstance(said, list):
        return [mongo(one) for one in said]
    if isinstance(said, dict):
        return {name: mongo(one) for name, one in said.items()}
    if isinstance(said, int) and not isinstance(said, bool):
        return {"$numberLong": str(said)}
    if isinstance(said, str) and said.startswith("2025-") and said.endswith("Z"):
        return {"$date": said}
    return said


def chunk_of_records(folder, form, records, **reading):
    """The only chunk of a file of these records."""
    text = "\n".join(json.dumps(one) for one in records)
    return chunk_of(opened(folder, text.encode()), form, **reading)


def assert_drawing_changes_nothing(folder, form, records):
    expected = told(chunk_of_records(folder, form, records))
    for words, text in drawings(records).items():
        plain = opened(folder, text.encode())
        assert formats.recognise(plain, "upload").name == form, words
        assert told(chunk_of(plain, form)) == expected, words


def assert_order_and_repeats_change_nothing(folder, form, records, seed):
    dice = random.Random(seed)
    again = dice.sample(records, dice.randrange(len(records)))
    mixed = dice.sample(records + again, len(records) + len(again))
    plain = chunk_of_records(folder, form, records)
    chunk = chunk_of_records(folder, form, mixed)
    assert told(chunk) == told(plain)
    assert chunk.duplicate == plain.duplicate + len(again)


def broken(records):
    """A strategy of files: some records with members replaced, cut anywhere, with foreign bytes."""
    paths = sorted({path for one in records for path in _paths(one)}, key=repr)

    @st.composite
    def files(draw):
        some = draw(st.lists(st.sampled_from(records), min_size=1, max_size=6))
        spoilt = []
        for one in some:
            copy = json.loads(json.dumps(one))
            for path in draw(st.lists(st.sampled_from(paths), max_size=3)):
                _replace(copy, path, deepcopy(draw(st.sampled_from(VALUES))))
            spoilt.append(copy)
        drawn = sorted(drawings(spoilt).items())
        _words, text = drawn[draw(st.integers(0, len(drawn) - 1))]
        data = text.encode(errors="surrogatepass")
        place = draw(st.integers(0, len(data)))
        foreign = draw(st.binary(max_size=6))
        rest = data[place:] if draw(st.booleans()) else b""
        return data[:place] + foreign + rest

    return files()


def _paths(said, before=()):
    inner = said.items() if isinstance(said, dict) else enumerate(said)
    for name, one in inner:
        yield (*before, name)
        if isinstance(one, dict | list):
            yield from _paths(one, (*before, name))


def _replace(said, path, value):
    for name in path[:-1]:
        try:
            said = said[name]
        except (LookupError, TypeError):
            return
    try:
        said[path[-1]] = value
    except (LookupError, TypeError):
        return


def assert_nothing_breaks_it(folder, form, data, size):
    """No crash, and the books of every chunk balance (`chunks_of` looks)."""
    try:
        for chunk in chunks_of(opened(folder, data), form, chunk_lines=size):
            assert_storable(chunk)
    except FileRefused:
        return


def assert_storable(chunk):
    """No text that a database refuses, and `extra` that is JSON."""
    for frame in (chunk.calls, chunk.offers, chunk.states):
        for row in frame.rows():
            assert not any(isinstance(cell, str) and "\0" in cell for cell in row)
    for extra in chunk.calls["extra"].drop_nulls():
        assert "\0" not in extra
        assert "\\u0000" not in extra
        json.loads(extra, parse_constant=_refuse)
    for issue in chunk.issues:
        issue.value.encode()
        assert "\0" not in issue.value + issue.column


def _refuse(word):
    raise AssertionError(f"{word} is no JSON")
