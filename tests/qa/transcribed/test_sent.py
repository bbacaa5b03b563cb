"""What was sent is taken apart into transcripts, whatever it is; nothing of it is an error of
ours."""

import io
import json
import zipfile
from uuid import UUID

import pytest

from qa.transcribed import sent
from qa.transcribed.sent import Given, TooMuch, of_files, of_object
from qa.transcripts import Form

ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def files(*pairs):
    return of_files([(name, io.BytesIO(data)) for name, data in pairs])


def packed(*pairs, **more):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in pairs:
            archive.writestr(name, data)
    return buffer.getvalue()


def test_files_are_named_by_their_calls_own_id_or_their_sources():
    assert files((f"{ID}.vtt", b"a"), ("169.1.json", b"b"), ("C:\\x\\17.txt", b"c")) == [
        Given(f"{ID}.vtt", b"a", Form.VTT, ID),
        Given("169.1.json", b"b", Form.JSON, None, "169.1"),
        Given("17.txt", b"c", None, None, "17"),
    ]


def test_an_id_with_stops_is_no_ending():
    assert files(("1699.55", b"a"))[0].external_id == "1699.55"


def test_an_archive_is_opened_without_what_systems_put_beside():
    data = packed(("a/1.txt", "x"), ("__MACOSX/1.txt", "y"), (".DS_Store", "z"), ("2.vtt", "w"))
    assert [(one.place, one.external_id) for one in files(("all.zip", data))] == [
        ("all.zip: 1.txt", "1"),
        ("all.zip: 2.vtt", "2"),
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 no archive", b"\x00" * 500, packed(("1.txt", "x" * 999))[:90]],
    ids=["nothing", "its mark alone", "zeros", "cut off"],
)
def test_an_archive_that_is_none_is_told(data):
    (one,) = files(("a.zip", data))
    assert "cannot be opened" in one.wrong


def test_an_archive_that_unfolds_to_too_much_is_not_unfolded(monkeypatch):
    monkeypatch.setattr(sent, "MOST_BYTES", 1000)
    found = files(("a.zip", packed(("1.txt", "a" * 900), ("2.txt", "a" * 900), ("3.txt", "a"))))
    assert [bool(one.wrong) for one in found] == [False, True]


def test_an_archive_in_an_archive_is_not_opened():
    (one,) = files(("a.zip", packed(("b.zip", packed(("1.txt", "x"))))))
    assert "not opened" in one.wrong


def test_lines_of_json_say_their_calls():
    lines = b"\n".join(
        [
            json.dumps({"call": str(ID), "transcript": "Agent: Hi"}).encode(),
            b"",
            json.dumps(
                {"external_id": 17, "source": "pbx", "transcript": [{"text": "Hi"}]}
            ).encode(),
            b"{broken",
            b"[1]",
            b'{"transcript": "x", "call": "no id"}',
            b'{"call": "' + str(ID).encode() + b'"}',
            b'{"external_id": NaN, "transcript": "x"}',
        ]
    )
    found = files(("all.jsonl", lines))
    assert found[0] == Given("all.jsonl, line 1", "Agent: Hi", None, ID)
    assert found[1].external_id == "17"
    assert (found[1].source, found[1].form, found[1].text) == ("pbx", Form.JSON, '[{"text": "Hi"}]')
    assert [one.place for one in found[2:]] == [f"all.jsonl, line {n}" for n in (4, 5, 6, 7, 8)]
    assert all(one.wrong for one in found[2:])


@pytest.mark.parametrize(
    "said",
    [
        None, [], "x", {"transcript": "x", "external_id": "a" * 65},
        {"transcript": "x", "external_id": "a\0b"}, {"transcript": "x", "external_id": "\ud800"},
        {"transcript": "x", "call": ["x"]}, {"transcript": "x", "source": {"a": 1}},
        {"transcript": "x", "external_id": True}, {},
    ],
)  # fmt: skip
def test_objects_that_say_no_call_are_told(said):
    assert of_object(said, "0").wrong


def test_more_than_are_taken_at_once_are_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(sent, "MOST", 2)
    with pytest.raises(TooMuch):
        files(("1.txt", b""), ("2.txt", b""), ("3.txt", b""))
