"""Transcripts as those who turn speech into text write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.transcripts import (
    Expected,
    Form,
    Line,
    Misread,
    Speaker,
    form_of,
    language_tag,
    named,
    read,
)
from qa.transcripts.transcript import LONGEST_LINE, MOST_CHARACTERS, MOST_LINES

AGENT, CALLER, OTHER, UNKNOWN = Speaker


def lines(text, form=None, **more):
    return [
        (one.speaker, one.words, one.start_ms, one.end_ms) for one in read(text, form, **more).lines
    ]


def labels(text, **more):
    return [(one.label, one.words) for one in read(text, **more).lines]


TALK = [(AGENT, "Good morning", 500, 2000), (CALLER, "Hello", 2500, 3000)]


@pytest.mark.parametrize(
    "whole",
    [
        [
            {"start": 0.5, "end": 2, "speaker": "agent", "text": "Good morning"},
            {"start": 2.5, "end": 3, "speaker": "customer", "text": "Hello"},
        ],
        {
            "segments": [
                {"start_ms": 500, "end_ms": 2000, "speaker": "AGENT", "text": "Good morning"},
                {"startMs": 2500, "endMs": 3000, "role": "Caller 1", "content": "Hello"},
            ]
        },
        {
            "data": {
                "transcript": [
                    {"start_time": "0.5", "end_time": "2.0", "speaker": "agent"}
                    | {"words": ["Good", "morning"]},
                    {"begin": "00:02.5", "end": "0:00:03", "speaker": {"name": "Kunde"}}
                    | {"words": [{"word": "Hello"}]},
                ]
            }
        },
        {  # Amazon Connect's Contact Lens
            "Transcript": [
                {"BeginOffsetMillis": 500, "EndOffsetMillis": 2000, "ParticipantId": "AGENT"}
                | {"Content": "Good morning", "Sentiment": "NEUTRAL"},
                {"BeginOffsetMillis": 2500, "EndOffsetMillis": 3000, "ParticipantId": "CUSTOMER"}
                | {"Content": "Hello"},
            ]
        },
        {  # AssemblyAI: milliseconds
            "audio_duration": 3,
            "utterances": [
                {"start": 500, "end": 2000, "speaker": "Agent", "text": "Good morning"},
                {"start": 2500, "end": 3000, "speaker": "Customer", "text": "Hello"},
            ],
        },
    ],
)
def test_segments_in_the_shapes_that_are_common(whole):
    assert lines(json.dumps(whole)) == TALK
    assert lines(json.dumps(whole, indent=1).encode("utf-16"), Form.JSON) == TALK


def test_whispers_segments_have_no_speakers():
    whole = {
        "text": " Good morning. Hello.",
        "language": "english",
        "segments": [
            {"id": 0, "seek": 0, "start": 0.0, "end": 1.2, "text": " Good morning.", "tokens": [1]},
            {"id": 1, "seek": 0, "start": 1.2, "end": 1.2, "text": "", "tokens": []},
            {"id": 2, "seek": 0, "start": 1.2, "end": 2.0, "text": " Hello.", "tokens": [2]},
        ],
    }
    found = read(json.dumps(whole))
    assert found.language == "en"
    assert found.lines == (
        Line("Good morning.", start_ms=0, end_ms=1200),
        Line("Hello.", start_ms=1200, end_ms=2000),
    )


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("English", "en"),
        ("en_US", "en-us"),
        ("pt-BR", "pt-br"),
        ("sl-rozaj-biske-1994", "sl"),
        ("Klingonese", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_are_tags(said, tag):
    assert language_tag(said) == tag


def test_whisper_cpp_tells_offsets_in_milliseconds():
    segment = {"timestamps": {"from": "00:00:00,500"}, "offsets": {"from": 500, "to": 2000}}
    whole = {"transcription": [segment | {"text": " Good morning"}]}
    assert lines(json.dumps(whole)) == [(UNKNOWN, "Good morning", 500, 2000)]


def test_deepgrams_utterances_and_words():
    word = {"word": "good", "punctuated_word": "Good", "start": 0.5, "end": 0.9, "speaker": 0}
    second = {"word": "morning", "punctuated_word": "morning.", "start": 1.0, "end": 2.0}
    third = {"word": "hello", "punctuated_word": "Hello.", "start": 2.5, "end": 3.0, "speaker": 1}
    channel = {
        "alternatives": [{"transcript": "x", "words": [word, second | {"speaker": 0}, third]}],
        "detected_language": "en",
    }
    by_words = {"metadata": {}, "results": {"channels": [channel]}}
    found = read(json.dumps(by_words))
    assert found.language == "en"
    assert [(one.label, one.words, one.start_ms, one.end_ms) for one in found.lines] == [
        ("speaker 0", "Good morning.", 500, 2000),
        ("speaker 1", "Hello.", 2500, 3000),
    ]
    utterance = {
        "start": 0.5,
        "end": 2.0,
        "channel": 0,
        "transcript": "Good morning.",
        "speaker": 0,
    }
    by_utterances = {"results": {"channels": [channel], "utterances": [utterance]}}
    assert labels(json.dumps(by_utterances)) == [("speaker 0", "Good morning.")]


def test_words_of_two_channels_are_put_in_order_and_a_pause_ends_a_line():
    def channel(*spoken):
        words = [{"word": word, "start": start, "end": end} for word, start, end in spoken]
        return {"alternatives": [{"words": words}]}

    whole = {
        "results": {
            "channels": [
                channel(("one", 0, 0.5), ("two", 1.4, 1.5), ("four", 2.5, 3)),
                channel(("three", 2, 2.2)),
            ]
        }
    }
    assert labels(json.dumps(whole)) == [
        ("channel 0", "one two"),
        ("channel 1", "three"),
        ("channel 0", "four"),
    ]


@pytest.mark.parametrize("is_older", [True, False])
def test_amazon_transcribes_words_with_their_signs(is_older):
    def item(start, end, word, label):
        own = {} if is_older else {"speaker_label": label}
        return (
            {"start_time": start, "end_time": end, "type": "pronunciation"}
            | own
            | {"alternatives": [{"confidence": "1.0", "content": word}]}
        )

    stop = {"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": "."}]}
    items = [item("0.0", "0.5", "Hi", "spk_0"), stop, item("0.6", "0.9", "Hello", "spk_1"), stop]
    spoken = [
        {"speaker_label": label, "items": [{"start_time": start, "speaker_label": label}]}
        for start, label in (("0.0", "spk_0"), ("0.6", "spk_1"))
    ]
    whole = {"results": {"items": items, "speaker_labels": {"segments": spoken}}}
    assert labels(json.dumps(whole)) == [("spk_0", "Hi."), ("spk_1", "Hello.")]


def test_json_with_nothing_but_a_text_is_one_line():
    assert lines('{"text": "Good morning"}') == [(UNKNOWN, "Good morning", None, None)]


VTT = """\ufeffWEBVTT - of a call
Kind: captions
Language: en-GB

STYLE
::cue { color: red }

NOTE Agent: this is no cue

intro
00:00.500 --> 00:02.000 align:start
<v.loud Agent>Good &amp; <i>early</i> <00:01.000>morning</v>

00:02.500 --> 00:03.000
<v Customer>Hello</v>
<v Agent>Hi</v>

01:00:03,000 --> 01:00:04.250
Customer: Bye
now
"""


def test_cues_of_webvtt_with_voices_or_names():
    found = read(VTT)
    assert form_of(VTT.removeprefix("\ufeff")) is Form.VTT
    assert found.language == "en-gb"
    assert lines(VTT.replace("\n", "\r\n").encode()) == [
        (AGENT, "Good & early morning", 500, 2000),
        (CALLER, "Hello", 2500, 3000),
        (AGENT, "Hi", 2500, 3000),
        (CALLER, "Bye now", 3_603_000, 3_604_250),
    ]


def test_cues_of_subrip():
    text = (
        "1\n00:00:00,500 --> 00:00:02,000\nGood morning\n\n2\n00:00:02,500 --> 00:00:03,000\nHello"
    )
    assert lines(text) == [(UNKNOWN, "Good morning", 500, 2000), (UNKNOWN, "Hello", 2500, 3000)]


@pytest.mark.parametrize(
    "text",
    [
        "[00:12] Agent: Good morning\n[00:15] Customer: Hello",
        "00:12 Agent Good morning\n00:15 Customer Hello",
        "00:12 Agent: Good morning\n\n00:15 Customer: Hello",
        "(0:12) Agent - Good morning\n(0:15) Customer - Hello",
        "Agent (00:12): Good morning\nCustomer (00:15): Hello",
        "Agent 00:12\nGood\nmorning\n\nCustomer 00:15\nHello",
        "[00:00:12.000] Agent\nGood morning\n[00:00:15] Customer\nHello",
        "00:12\nAgent: Good morning\n00:15\nCustomer: Hello",
    ],
)
def test_plain_text_with_speakers_and_times(text):
    wanted = [(AGENT, "Good morning"), (CALLER, "Hello")]
    found = lines(text, Form.TEXT)
    assert [(speaker, words) for speaker, words, *_ in found] == wanted
    if "\nAgent" not in text:
        assert [start for *_, start, _end in found] == [12_000, 15_000]


@pytest.mark.parametrize(
    "text", ["- Agent: Hi\n- Customer: Hello", "**Agent:** Hi\n**Customer**: Hello"]
)
def test_marks_of_lists_and_bold_names_are_no_words(text):
    assert lines(text) == [(AGENT, "Hi", None, None), (CALLER, "Hello", None, None)]


def test_a_sentence_may_begin_with_a_time():
    assert lines("10:30 is fine\nAgent: Good") == [
        (UNKNOWN, "10:30 is fine", None, None),
        (AGENT, "Good", None, None),
    ]


def test_times_with_an_end():
    text = "[00:12 - 00:14.5] Agent: Hi\n[00:15 --> 00:16] Customer: Hello"
    assert lines(text, Form.TEXT) == [
        (AGENT, "Hi", 12_000, 14_500),
        (CALLER, "Hello", 15_000, 16_000),
    ]


def test_names_are_what_begins_two_lines_or_is_known():
    text = (
        "Anna Lind: There is one way: pay now\nBob: When?\nAnna Lind: At 10:30\nBob: Fine\nSay: it"
    )
    assert labels(text) == [
        ("Anna Lind", "There is one way: pay now"),
        ("Bob", "When?"),
        ("Anna Lind", "At 10:30"),
        ("Bob", "Fine Say: it"),
    ]
    known = read(text, speakers={"anna lind": AGENT, "BOB": CALLER})
    assert [one.speaker for one in known.lines] == [AGENT, CALLER, AGENT, CALLER]


def test_numbered_speakers_are_unknown_until_they_are_named():
    text = "Speaker 1: Hi\nSPK_2: Hello"
    found = read(text)
    assert [one.speaker for one in found.lines] == [UNKNOWN, UNKNOWN]
    assert [one.label for one in found.lines] == ["Speaker 1", "SPK_2"]
    told = named(found, {"speaker 1": AGENT})
    assert [one.speaker for one in told.lines] == [AGENT, UNKNOWN]


def test_text_without_names_or_times_is_a_line_each_of_somebody_unknown():
    assert lines("Hello\n\n  I have  a question \n") == [
        (UNKNOWN, "Hello", None, None),
        (UNKNOWN, "I have a question", None, None),
    ]


def test_what_stands_before_the_first_name_is_kept():
    assert labels("Call of today\nAgent: Hi") == [("", "Call of today"), ("Agent", "Hi")]


@pytest.mark.parametrize(
    ("label", "speaker"),
    [
        ("AGENT", AGENT),
        ("Agent 12", AGENT),
        ("agent_0", AGENT),
        ("Kundin", CALLER),
        ("Interprète", OTHER),
        ("CUSTOM_BOT", OTHER),
        ("Bob", UNKNOWN),
        ("spk_1", UNKNOWN),
    ],
)
def test_who_the_words_of_the_field_mean(label, speaker):
    assert lines(json.dumps([{"speaker": label, "text": "Hi"}]))[0][0] is speaker


def test_lines_are_by_their_start_where_all_have_one():
    segments = [{"start": 5, "text": "b"}, {"start": 1, "text": "a"}]
    assert [one.words for one in read(json.dumps(segments)).lines] == ["a", "b"]
    segments.append({"text": "c"})
    assert [one.words for one in read(json.dumps(segments)).lines] == ["b", "a", "c"]


def test_words_are_composed_and_without_what_cannot_be_kept():
    words = read('[{"text": "e\\u0301 a\\u0000b \\ud83d\\ude00 \\ud800 \\u00a0 c"}]').lines[0].words
    assert words == "\u00e9 a b \U0001f600 \ufffd c"


@pytest.mark.parametrize(
    ("text", "expected", "line", "entry", "value"),
    [
        ("", Expected.SOMETHING, None, None, ""),
        ("\n \n", Expected.SOMETHING, None, None, ""),
        ("WEBVTT\n", Expected.SOMETHING, None, None, ""),
        ("[]", Expected.SOMETHING, None, None, ""),
        ('{"a": 1}', Expected.SEGMENTS, None, None, ""),
        ('{"text": "a",\n "b": }', Expected.JSON, 2, None, "}"),
        ('[{"text": NaN}]', Expected.JSON, None, None, "NaN"),
        ("[" * 100_000, Expected.JSON, None, None, ""),
        ('[{"text": "a"}, {"start": 1}]', Expected.SEGMENT, None, 2, "start"),
        ('[{"text": "a"}, 5]', Expected.SEGMENT, None, 2, "5"),
        ('[{"text": 5}]', Expected.WORDS, None, 1, "5"),
        ('[{"text": "a", "speaker": ["b"]}]', Expected.LABEL, None, 1, "['b']"),
        ('[{"text": "a", "start": -1}]', Expected.TIME, None, 1, "-1"),
        ('[{"text": "a", "start": 1e999}]', Expected.TIME, None, 1, "inf"),
        ('[{"text": "a", "start": "soon"}]', Expected.TIME, None, 1, "soon"),
        ('[{"text": "a", "start": true}]', Expected.TIME, None, 1, "True"),
        ('[{"text": "a", "start": 200000}]', Expected.NOT_SO_LATE, None, 1, "200000000"),
        ('[{"text": "a", "start": 2, "end": 1}]', Expected.END_AFTER_START, None, 1, "1000"),
        ("WEBVTT\n\nsoon\nHello", Expected.CUE, 4, None, "Hello"),
        ("WEBVTT\n\n00:01 --> later\nHello", Expected.CUE, 3, None, "00:01 --> later"),
        ("WEBVTT\n\n00:01:99 --> 00:02:00\nHi", Expected.TIME, 3, None, "00:01:99 --> 00:02:00"),
        ("Agent: Hi\n[00:75] Agent: you", Expected.TIME, 2, None, "[00:75] Agent: you"),
        (b"Agent: Hi\nAgent: \xff", Expected.UTF, 2, None, "ff"),
        ("Agent: " + "a" * (LONGEST_LINE + 1), Expected.SHORTER_LINE, 1, None, "a" * 80),
        ("a\n" * (MOST_LINES + 1), Expected.FEWER_LINES, MOST_LINES + 1, None, ""),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, expected, line, entry, value):
    with pytest.raises(Misread) as caught:
        read(text)
    told = caught.value
    assert (told.expected, told.line, told.entry, told.value) == (expected, line, entry, value)
    assert expected.value in str(told)


def test_a_whole_number_of_thousands_of_digits_is_no_time():
    with pytest.raises(Misread, match="JSON that is whole"):
        read('[{"text": "a", "start": ' + "9" * 5000 + "}]")


@pytest.mark.parametrize("text", ["a" * (MOST_CHARACTERS + 1), b"a" * (4 * MOST_CHARACTERS + 1)])
def test_what_is_huge_is_refused_before_it_is_looked_at(text):
    with pytest.raises(Misread, match="at most 10,000,000 characters"):
        read(text)


def test_many_words_in_few_lines_are_too_many():
    with pytest.raises(Misread, match="1,000,000 characters of words"):
        read("\n".join(["a" * LONGEST_LINE] * 51))


def only_misread(text, form=None):
    try:
        found = read(text, form)
    except Misread:
        return
    assert found.lines
    for one in found.lines:
        one.words.encode()
        one.label.encode()
        assert one.words
        assert one.start_ms is None or one.start_ms >= 0


@given(st.binary(max_size=300), st.sampled_from([None, *Form]))
def test_any_bytes_are_a_transcript_or_misread(data, form):
    only_misread(data, form)


PARTS = st.sampled_from(
    ["WEBVTT", "\n", "\n\n", "00:01.000 --> 00:02.000", "[00:12]", "00:99", "Agent", ":", " ",
     "<v ", ">", "</v>", "&amp;", "\r", "\ud800", "\x00", "Hello", "-->", "{", "[", '"', "NOTE"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=40).map("".join), st.sampled_from([None, *Form]))
def test_any_pieces_of_the_formats_are_a_transcript_or_misread(text, form):
    only_misread(text, form)


NAMES = st.sampled_from(
    ["segments", "results", "channels", "items", "alternatives", "words", "text", "start", "end",
     "speaker", "speaker_labels", "start_ms", "offsets", "from", "utterances", "transcript",
     "audio_duration", "language", "content", "word", "detected_language"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


@given(VALUES)
def test_any_json_is_a_transcript_or_misread(value):
    only_misread(json.dumps(value), Form.JSON)
