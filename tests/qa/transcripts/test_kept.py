"""Lines are kept and come back as they were."""

import json

import pytest

from qa.transcripts import Line, Speaker, Transcript, as_json, from_json


def test_lines_come_back_as_they_were():
    said = Transcript(
        (
            Line("Hi", Speaker.AGENT, "Agent 1", 0, 500),
            Line("é", Speaker.CALLER, start_ms=5),
            Line("b"),
        ),
        "en",
    )
    kept = json.loads(json.dumps(as_json(said)))
    assert kept[1] == {"words": "é", "speaker": "caller", "start_ms": 5}
    assert from_json(kept, "en") == said
    assert from_json(kept, "").language is None


@pytest.mark.parametrize(
    "kept",
    [
        [{}],
        [{"words": 5, "speaker": "agent"}],
        [{"words": "a", "speaker": "somebody"}],
        [{"words": "a", "speaker": "agent", "start_ms": "5"}],
        [{"words": "a", "speaker": "agent", "end_ms": True}],
        [5],
        5,
    ],
)
def test_what_are_no_lines_is_refused(kept):
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(kept)
