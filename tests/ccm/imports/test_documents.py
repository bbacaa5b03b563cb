"""JSON of any drawing becomes one record a line, in a stream, and damage costs one record."""

import json
import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.files import documents
from ccm.imports.records import FileRefused
from tests.logs import opened

MB = 1 << 20
LIMIT = 1_000_000
ANN, BEN = {"id": 1, "who": "Ann"}, {"id": 2, "legs": [{"n": 1}], "note": 'a{b[\\"c'}


def lines_of(data, block=MB, limit=LIMIT):
    blocks = (data[at : at + block] for at in range(0, len(data), block))
    return [line.decode() for line in documents.record_lines(blocks, limit)]


def read_as(text, block=MB):
    return [json.loads(line) for line in lines_of(text.encode(), block)]


@pytest.mark.parametrize("block", [1, 5, MB])
@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize(
    "drawn",
    [
        lambda dump: dump([ANN, BEN]),
        lambda dump: dump(ANN) + dump(BEN),
        lambda dump: f"{dump(ANN)}\n{dump(BEN)}\n",
        lambda dump: f"{dump(ANN)},\r\n{dump(BEN)},\r\n",
        lambda dump: "\ufeff" + dump({"calls": [ANN, BEN], "next_page": None, "count": 2}),
        lambda dump: dump({"totalHits": 2, "page": {"n": 1}, "conversations": [ANN, BEN]}),
        lambda dump: dump({"ContactTraceRecords": [ANN]}) + dump({"ContactTraceRecords": [BEN]}),
        lambda dump: dump([{"calls": [ANN]}, {"calls": [BEN]}]),
        lambda dump: f"[\n{dump(ANN)},\n{dump(BEN)},\n]",
    ],
)
def test_however_it_is_drawn_each_record_is_a_line(drawn, indent, block):
    assert read_as(drawn(lambda said: json.dumps(said, indent=indent)), block) == [ANN, BEN]


def test_a_record_with_an_array_of_its_own_is_one_record():
    call = {"id": 1, "participants": [{"sessions": [{"a": 1}]}], "data": [1, 2], "calls": 3}
    assert read_as(json.dumps(call, indent=2)) == [call]


def test_nothing_is_taken_out_of_a_record_that_an_object_wraps():
    assert read_as('{"calls": [{"calls": [{"a": 1}]}]}') == [{"calls": [{"a": 1}]}]


@pytest.mark.parametrize("text", ["[]", '{"calls": []}', "[\n]\n", '{"calls": [], "count": 0}'])
def test_a_page_without_records_has_none(text):
    assert lines_of(text.encode()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Cut inside a record, between two, and behind the last.
        ('[{"a": 1}, {"b": 2', ['{"a": 1}', '{"b": 2']),
        ('{"calls": [{"a": 1}', ['{"a": 1}', "{"]),
        ('{"calls": [{"a": 1}], "next": nu', ['{"a": 1}', ', "next": nu']),
        ('{"a": 1}\n{"b": 2}\nthe end', ['{"a": 1}', '{"b": 2}', "the end"]),
        # Damage costs the record it is in: the next begins where a line begins as this did.
        ('{"a": 1}\n{"b": \n{"c": 3}\n', ['{"a": 1}', '{"b":', '{"c": 3}']),
        ('[\n  {"a" 1},\n  {"b": {\n    "c": 3}}\n]', ['{"a" 1},', '{"b": { "c": 3}}']),
        ('[{"a" 1}, {"b": 2}]', ['{"a" 1}, {"b": 2}]']),
        # Where records share a line, the next one begins with the same member.
        ('[{"a" 1}, {"b": 2}, {"a": 3}]', ['{"a" 1}, {"b": 2},', '{"a": 3}']),
        ("[1, {}]", ["1", "{}"]),
    ],
)
@pytest.mark.parametrize("block", [1, 4, MB])
def test_damage_is_one_line_and_the_rest_is_kept(text, expected, block):
    assert lines_of(text.encode(), block) == [f"{line}\n" for line in expected]


def test_a_record_that_is_not_utf8_does_not_spoil_its_neighbours():
    data = '[{"a": "König"}, '.encode() + '{"a": "Béla"}]'.encode("cp1252")
    assert lines_of(data, 3) == ['{"a": "König"}\n', '{"a": "Béla"}\n']


def test_no_nul_is_left():
    assert lines_of(b'{"a": "\0"}') == ['{"a": "\ufffd"}\n']


def test_two_hundred_levels_are_deep_enough():
    assert len(lines_of(b'{"a": ' + b"[" * 199 + b"]" * 199 + b"}")) == 1
    with pytest.raises(FileRefused, match="Record 2 is nested more than 200 levels"):
        lines_of(b'{} {"a": ' + b"[" * 200 + b"]" * 200 + b"}")
    with pytest.raises(FileRefused, match="nested"):
        lines_of(b'{"a":' * 100_000)


@pytest.mark.parametrize("before", ["", '{"a": 1}\n', '[{"a": 1},', '{"calls": [{"a": 1},'])
def test_a_record_of_more_than_a_megabyte_is_refused(before):
    number = 2 if before else 1
    with pytest.raises(FileRefused, match=f"Record {number} is longer"):
        lines_of(before.encode() + b'{"a": "' + b"x" * LIMIT + b'"}')


def test_a_record_is_measured_in_the_bytes_that_it_takes():
    """Three hundred letters of two bytes each are longer than five hundred bytes."""
    record = json.dumps({"a": "é" * 300}, ensure_ascii=False)
    assert len(lines_of(record.encode(), limit=700)) == 1
    with pytest.raises(FileRefused, match="Record 1"):
        lines_of(record.encode(), limit=500)


def test_an_object_too_long_that_wraps_no_records_is_refused_as_the_record_it_is():
    members = {f"m{n}": "x" * 20 for n in range(20)}
    with pytest.raises(FileRefused, match="Record 1"):
        lines_of(json.dumps(members).encode(), limit=100)


def test_blanks_without_end_are_refused_as_a_record_would_be():
    with pytest.raises(FileRefused, match="Record 2"):
        lines_of(b'[{"a": 1},' + b" " * (4 * MB) + b'{"a": 2}]', limit=1_000)


def test_a_record_of_a_megabyte_is_not():
    whole = b'{"a": "' + b"x" * (LIMIT - 9) + b'"}'
    assert len(whole) == LIMIT
    assert len(lines_of(b"[" + whole + b"," + whole + b"]")) == 2


def test_damage_that_no_record_follows_for_a_megabyte_is_refused():
    with pytest.raises(FileRefused, match="Record 2 is longer"):
        lines_of(b'[{"a": 1}, {"a" 2}, ' + b'{"b": 1}, ' * (MB // 8))


@pytest.mark.parametrize("piece", [b"x", b'":1,"', b" ", b"\n", b'":{},"', b"\\"])
def test_a_gigabyte_that_is_no_record_is_refused_after_a_little(piece):
    def gigabyte():
        yield b'{"'
        for _ in range(1024):
            yield piece * (MB // len(piece))

    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(FileRefused, match="megabyte"):
            list(documents.record_lines(gigabyte(), LIMIT))
        spent = time.process_time() - began
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spent < 2
    assert peak < 64 * MB


def test_a_long_document_takes_little_memory():
    record = json.dumps({"id": 1, "words": ["x" * 500] * 6}).encode()

    def pages():
        yield b'{"page": 1, "calls": ['
        for _ in range(20):
            yield (record + b",") * 330
        yield record + b"]}"

    tracemalloc.start()
    try:
        count = sum(1 for _ in documents.record_lines(pages(), LIMIT))
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20 * 330 + 1
    assert peak < 12 * MB


def test_an_upload_of_json_becomes_a_file_of_records(tmp_path):
    plain = opened(tmp_path, json.dumps({"calls": [ANN, BEN]}, indent=1).encode("utf-16"))
    assert [json.loads(line) for line in plain.read_text().splitlines()] == [ANN, BEN]


@pytest.mark.parametrize("text", ["[2026-01-01] a line\n", "{a}\n", "[x] y\n"])
def test_a_log_that_begins_with_a_bracket_is_no_json(tmp_path, text):
    assert opened(tmp_path, text.encode()) == tmp_path / "upload"


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), JSON, max_size=3), min_size=1, max_size=5),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.integers(1, 9),
)
def test_records_come_out_as_they_went_in(records, indent, ascii_only, block):
    text = json.dumps({"calls": records}, indent=indent, ensure_ascii=ascii_only)
    data = text.encode(errors="replace")
    read = [json.loads(line) for line in lines_of(data, block)]
    assert read == json.loads(data)["calls"]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_cut_or_spoilt_document_keeps_what_was_whole(data):
    records = [{"id": number, "legs": [{"n": [number]}]} for number in range(4)]
    text = json.dumps({"calls": records}, indent=data.draw(st.sampled_from([None, 1]))).encode()
    cut = data.draw(st.integers(0, len(text)))
    foreign = data.draw(st.binary(max_size=4))
    lines = lines_of(text[:cut] + foreign, data.draw(st.integers(1, 40)))
    whole = sum(text.find(b'"id": %d' % number, 0, cut) >= 0 for number in range(4)) - 1
    assert [json.loads(line)["id"] for line in lines[: max(0, whole)]] == list(range(max(0, whole)))
    assert len(lines) <= 6
