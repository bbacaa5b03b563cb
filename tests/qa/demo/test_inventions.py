"""The demo's reviewers, talks and recordings are what they say they are."""

import io
import wave
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean

import pytest

from qa import cards
from qa.demo import calibrated
from qa.demo.minds import Mind, answers, normal
from qa.demo.sounds import recording
from qa.demo.talks import Went, held, talk
from qa.scoring import NOT_APPLICABLE, missing, score, wrong
from tests.qa.builders import FORM

SAID = {"name": "Sam", "queue": "Billing", "topic": "a refund"}


def scores(mind, months=0.0, reviewer="r"):
    form = cards.read(FORM).form
    said = [
        score(form, answers(form, {}, str(n), normal("agent", n % 20), reviewer, mind, months))
        for n in range(400)
    ]
    return mean(float(one.share) for one in said if one.share is not None)


def test_a_reviewer_answers_all_that_is_asked_and_nothing_else():
    form = cards.read(FORM).form
    for call in map(str, range(200)):
        said = answers(form, {}, call, normal("agent", call), "r", Mind(), 0)
        assert wrong(form, said) == ()
        assert missing(form, said, {"cause"})[0] == ()


def test_a_harder_reviewer_gives_less_and_a_drifting_one_less_each_month():
    assert scores(Mind()) > scores(Mind(severity=0.5)) > scores(Mind(severity=1.0))
    drifting = Mind(drift=0.1)
    assert scores(drifting) == scores(Mind())
    assert scores(drifting, months=12) < scores(Mind()) - 0.1


def test_two_reviewers_see_the_same_call_alike():
    form = cards.read(FORM).form

    def of(reviewer, call):
        return score(form, answers(form, {}, call, 0.0, reviewer, Mind(), 0)).share or 0

    apart = mean(abs(float(of("a", str(n)) - of("b", str(n)))) for n in range(300))
    strangers = mean(abs(float(of("a", str(n)) - of("a", str(n + 1)))) for n in range(300))
    assert apart < strangers / 2


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("hold_ms", [0, 60_000])
def test_lines_of_a_talk_follow_each_other_and_nobody_talks_on_hold(language, hold_ms):
    lines = talk("c1", Went(), language, 240_000, hold_ms, SAID)
    assert len(lines) > 10
    assert all(one.start_ms < one.end_ms for one in lines)
    gaps = [after.start_ms - before.end_ms for before, after in pairwise(lines)]
    assert min(gaps) >= 0
    assert (max(gaps) >= hold_ms) if hold_ms else (max(gaps) < 30_000)
    assert lines[-1].end_ms <= 240_000
    assert not any("{" in one.words for one in lines)


@pytest.mark.parametrize("language", ["en", "es"])
def test_somebody_speaks_until_the_end_of_a_talk_of_six_minutes(language):
    lines = talk("c1", Went(), language, 360_000, 0, SAID)
    assert lines[-1].end_ms > 300_000
    assert sum(one.end_ms - one.start_ms for one in lines) > 120_000
    said = [one.words for one in lines]
    assert len(said) == len(set(said))
    assert said[0] in talk("c1", Went(), language, 60_000, 0, SAID)[0].words


def test_a_short_talk_ends_with_the_call():
    lines = talk("c1", Went(), "en", 20_000, 0, SAID)
    assert lines
    assert lines[-1].end_ms <= 20_000


def test_a_recording_is_as_long_as_its_call_and_silent_where_nobody_talks():
    with wave.open(io.BytesIO(recording([(1_000, 2_000, "agent")], 3_000))) as made:
        rate = made.getframerate()
        assert made.getnframes() / rate == 3
        samples = made.readframes(made.getnframes())
    assert {*samples[:rate]} == {128} == {*samples[2 * rate :]}
    assert len({*samples[rate : 2 * rate]}) > 20


def heights(samples, rate, a_second=1):
    """The highest swing of each part of so many to a second."""
    wide = rate // a_second
    return [
        max(abs(one - 128) for one in samples[at : at + wide])
        for at in range(0, len(samples) - wide + 1, wide)
    ]


def test_the_picture_of_a_recording_tells_who_talks_and_where_words_are():
    lines = [(0, 40_000, "agent"), (40_000, 80_000, "caller")]
    with wave.open(io.BytesIO(recording(lines, 80_000))) as made:
        rate = made.getframerate()
        samples = made.readframes(made.getnframes())
    agent, caller = heights(samples[: 40 * rate], rate), heights(samples[40 * rate :], rate)
    # A caller is at most .6 as loud as 110; lines, sentences and words are .55 to all of that.
    assert max(caller) <= 66 < max(agent) <= 110
    for said in (agent, caller):
        assert min(said) < 0.8 * max(said)  # seconds differ ...
        assert min(said) > 0.1 * max(said)  # ... and none of them is silent
    assert min(heights(samples, rate, 50)) < 5  # between words there is a pause
    others = [heights(recording([(n * 1_000, n * 1_000 + 9_000, "agent")], 20_000)[44:], rate)
              for n in range(6)]  # fmt: skip
    assert len({max(one) for one in others}) > 3  # lines differ, too
    assert recording(lines, 80_000) == recording(lines, 80_000)


def test_no_two_sessions_of_calibration_carry_one_name():
    """One every 30 days: of the two in July the first is of the 1st, the second of the 31st."""
    first = datetime(2026, 4, 5, tzinfo=UTC)
    held = [first + timedelta(days=27 + 30 * n) for n in range(12)]
    names = [calibrated.named(at) for at in held]
    assert len({*names}) == 12
    assert {"Calibration of 2026-07-01", "Calibration of 2026-07-31"} <= {*names}


def test_a_hold_is_announced_right_before_it_begins():
    lines = talk("c1", Went(), "en", 240_000, 60_000, SAID)
    since = held(lines, 60_000)
    before = [one for one in lines if one.end_ms <= since]
    assert any("on hold" in one.words for one in before[-2:])
    assert all(one.start_ms >= since + 60_000 for one in lines[len(before) :])
    assert held(talk("c1", Went(), "en", 240_000, 0, SAID), 0) is None
    assert held(lines[: len(before)], 60_000) is None  # the talk ends before the hold is over


def test_what_is_known_not_to_apply_is_answered_so_and_what_does_is_answered():
    form = cards.read(FORM).form
    skips = next(one.id for one in form.criteria() if one.may_skip and not one.shown_if)
    for applies in (True, False):
        said = [
            answers(form, {}, str(n), 0.0, "r", Mind(), 0, {skips: applies})[skips]
            for n in range(60)
        ]
        assert [one is NOT_APPLICABLE for one in said] == [not applies] * 60
