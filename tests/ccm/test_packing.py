"""Text that pages are made of goes out packed; what it unpacks to is the file."""

import gzip
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
SHEET = "css/wall.css"


def got(client, path, **headers):
    return client.get(f"/static/{path}", headers=headers)


@pytest.mark.parametrize(
    ("path", "takes", "coding"),
    [
        (SHEET, "gzip, deflate, br", "gzip"),
        ("js/wall.js", "gzip", "gzip"),
        ("img/icon.svg", "gzip", "gzip"),
        (SHEET, "br", None),
        (SHEET, "", None),
        ("vendor/inter/inter-latin-wall.woff2", "gzip", None),  # packed as it lies there
    ],
)
def test_text_goes_out_packed_to_who_can_unpack_it(client, path, takes, coding):
    answer = got(client, path, **{"accept-encoding": takes})
    assert answer.get("Content-Encoding") == coding
    assert answer["Vary"] == "Accept-Encoding"
    body = answer.getvalue()
    assert int(answer["Content-Length"]) == len(body)
    unpacked = gzip.decompress(body) if coding else body
    assert unpacked == (TOP / "static" / path).read_bytes()


def test_who_has_a_file_is_told_that_it_is_the_same(client):
    first = got(client, SHEET, **{"accept-encoding": "gzip"})
    again = got(client, SHEET, **{"accept-encoding": "gzip", "if-none-match": first["ETag"]})
    assert (again.status_code, again.getvalue()) == (304, b"")


def test_a_part_of_a_file_is_a_part_of_what_lies_there(client):
    answer = got(client, SHEET, **{"accept-encoding": "gzip", "range": "bytes=0-9"})
    assert answer.status_code == 206
    assert answer.getvalue() == (TOP / "static" / SHEET).read_bytes()[:10]


def test_a_file_that_was_changed_is_packed_anew(client, tmp_path, settings):
    settings.STATICFILES_DIRS = [tmp_path]
    sheet = tmp_path / "changed.css"
    for words in ("a { color: red; }", "a { color: green; }"):
        sheet.write_text(words)
        answer = got(client, "changed.css", **{"accept-encoding": "gzip"})
        assert gzip.decompress(answer.getvalue()).decode() == words
