"""What rules say of calls, told by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest

from qa.checks import (
    By,
    Evidence,
    Kind,
    Known,
    Pattern,
    Place,
    Rule,
    Ruled,
    Scored,
    Verdict,
    Where,
    judge,
    judged,
)
from qa.scoring import NOT_APPLICABLE
from qa.transcripts import Spell
from tests.qa.transcripts.talks import talk

MET, BROKEN, NONE = Verdict
NOTHING = Known()


def rule(kind=Kind.SAY, *said, **more):
    patterns = tuple(Pattern(one) for one in said)
    return Rule("1", "c", kind, patterns, **{"met": "yes", "broken": "no", **more})


def verdict(given, transcript, known=NOTHING):
    told = judge(given, transcript, known)
    return None if told is None else (told.verdict, [one.line for one in told.evidence])


HELLO = talk("A: Good morning, this is Anna", "C: I want to cancel", "A: Good bye", "C: bye")


def test_what_must_be_said_and_was_is_met_with_its_line():
    told = judge(rule(Kind.SAY, "this is anna"), HELLO, NOTHING)
    assert (told.rule, told.criterion, told.verdict, told.answer) == ("1", "c", MET, "yes")
    assert told.evidence == (Evidence(1, None, "Good morning, this is Anna"),)
    assert told.confidence == 1.0


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (rule(Kind.SAY, "sorry"), (BROKEN, [])),
        (rule(Kind.SAY, "sorry", "good bye"), (MET, [3])),
        (rule(Kind.SAY, "cancel"), (BROKEN, [])),
        (rule(Kind.SAY, "cancel", by=By.CALLER), (MET, [2])),
        (rule(Kind.SAY, "bye", by=By.ANYBODY), (MET, [3])),
        (rule(Kind.NEVER_SAY, "bye", by=By.ANYBODY), (BROKEN, [3, 4])),
        (rule(Kind.NEVER_SAY, "sorry"), (MET, [])),
    ],
)
def test_what_is_said_by_whom(given, wanted):
    assert verdict(given, HELLO) == wanted


def test_an_expression_counts_as_a_phrase_does():
    given = replace(rule(), said=(Pattern(r"this is \w+", is_regex=True),))
    assert verdict(given, HELLO) == (MET, [1])


TIMED = talk(
    (2, 4, "C: Hello?"),
    (5, 7, "A: Good morning"),
    (20, 22, "A: Anything else?"),
    (23, 24, "C: No"),
    (25, 27, "A: Good bye"),
)


@pytest.mark.parametrize(
    ("where", "said", "wanted"),
    [
        # The first line starts at 2 s, so 3 s reach up to 5 s, which does not count.
        (Where(Place.START, seconds=3), "good morning", (BROKEN, [])),
        (Where(Place.START, seconds=4), "good morning", (MET, [2])),
        (Where(Place.START, lines=1), "good morning", (MET, [2])),  # the agent's first
        (Where(Place.START, lines=1), "anything else", (BROKEN, [])),
        # The last ends at 27 s: what ends at 22 s or later is within 5 s.
        (Where(Place.END, seconds=5), "anything else", (MET, [3])),
        (Where(Place.END, seconds=4), "anything else", (BROKEN, [])),
        (Where(Place.END, lines=1), "good bye", (MET, [5])),
        (Where(Place.END, lines=1), "anything else", (BROKEN, [])),
        # Times go before lines where there are any.
        (Where(Place.END, seconds=4, lines=2), "anything else", (BROKEN, [])),
    ],
)
def test_near_the_start_and_the_end(where, said, wanted):
    assert verdict(rule(Kind.SAY, said, where=where), TIMED) == wanted


def test_without_times_lines_count_or_nothing_is_told():
    assert verdict(rule(Kind.SAY, "good", where=Where(Place.START, seconds=9)), HELLO) is None
    both = Where(Place.START, seconds=9, lines=1)
    assert verdict(rule(Kind.SAY, "good morning", where=both), HELLO) == (MET, [1])


SORRY = talk(
    (0, 2, "C: I am angry"),
    (3, 4, "A: I am sorry"),
    (10, 12, "C: still angry, very angry"),
    (13, 14, "A: Well"),
    (30, 31, "A: sorry"),
)


@pytest.mark.parametrize(
    ("reach", "wanted"),
    [
        ({"seconds": 5}, (BROKEN, [3])),  # 12 s and 5 s are before 30 s
        ({"seconds": 18}, (MET, [2, 5])),
        ({"lines": 1}, (BROKEN, [3])),
        ({"lines": 2}, (MET, [2, 5])),
    ],
)
def test_after_each_time_a_phrase_is_said(reach, wanted):
    after = Where(Place.AFTER, after=(Pattern("angry"),), after_by=By.CALLER, **reach)
    assert verdict(rule(Kind.SAY, "sorry", where=after), SORRY) == wanted


def test_after_what_was_not_said_nothing_applies():
    after = Where(Place.AFTER, seconds=5, after=(Pattern("angry"),), after_by=By.AGENT)
    told = judge(
        rule(Kind.SAY, "sorry", where=after, not_applicable=NOT_APPLICABLE), SORRY, NOTHING
    )
    assert (told.verdict, told.answer, told.evidence) == (NONE, NOT_APPLICABLE, ())


def test_what_must_not_follow_and_what_stands_before():
    after = Where(Place.AFTER, lines=1, after=(Pattern("price"),))
    never = rule(Kind.NEVER_SAY, "maybe", where=after)
    assert verdict(never, talk("A: maybe the price, maybe not")) == (BROKEN, [1])
    assert verdict(never, talk("A: maybe the price")) == (MET, [])


def test_where_nobody_is_known_to_be_the_agent_there_is_no_telling():
    assert verdict(rule(Kind.SAY, "hello"), talk("U: hello", "C: hi")) is None
    assert verdict(rule(Kind.SAY, "hello", by=By.ANYBODY), talk("U: hello")) == (MET, [1])


QUIET = talk((0, 5, "A: One moment"), (17, 20, "A: Here it is"), (20, 21, "C: Thanks"))


@pytest.mark.parametrize(
    ("seconds", "holds", "wanted"),
    [
        (11, (), (BROKEN, [1])),  # 5 s to 17 s
        (12, (), (MET, [])),
        (11, None, (BROKEN, [1])),
        (5, (Spell(6000, 7000),), (MET, [])),  # 1 s and 4 s are left
        (3, (Spell(6000, 7000),), (BROKEN, [1])),
    ],
)
def test_silence_outside_holds(seconds, holds, wanted):
    given = rule(Kind.SILENCE, seconds=seconds)
    assert verdict(given, QUIET, Known(holds=holds)) == wanted
    told = judge(given, QUIET, Known(holds=()))
    assert all(one.at_ms == 5000 for one in told.evidence)


OVER = talk((0, 10, "C: a"), (6, 9, "A: b"), (10, 20, "A: c"))


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"seconds": 2}, (BROKEN, [2])),  # 6 s to 9 s
        ({"seconds": 3}, (MET, [])),
        ({"share": Fraction(14, 100)}, (BROKEN, [2])),  # 3 of 20 s
        ({"share": Fraction(15, 100)}, (MET, [])),
        ({"seconds": 3, "share": Fraction(1, 100)}, (BROKEN, [2])),
    ],
)
def test_overtalk_beyond_a_time_or_a_share(more, wanted):
    assert verdict(rule(Kind.OVERTALK, **more), OVER) == wanted


HELD = talk(
    (0, 3, "A: Please hold the line"),
    (10, 12, "A: Back again"),
    (40, 42, "A: And again"),
    (43, 44, "C: ok"),
)


@pytest.mark.parametrize(
    ("holds", "wanted"),
    [
        ((Spell(4000, 5000),), (MET, [1])),
        ((Spell(2000, 5000),), (MET, [1])),  # while it is said
        ((Spell(8000, 1000),), (MET, [1])),  # 5 s after
        ((Spell(8001, 1000),), (BROKEN, [1])),
        ((Spell(4000, 5000), Spell(14_000, 20_000)), (BROKEN, [2])),
        ((), (NONE, [])),
    ],
)
def test_holds_are_to_be_announced(holds, wanted):
    given = rule(Kind.HOLD_NOTICE, "hold the line", seconds=5)
    assert verdict(given, HELD, Known(holds=holds)) == wanted


def test_of_unannounced_holds_the_evidence_has_their_time():
    given = rule(Kind.HOLD_NOTICE, "hold the line", seconds=5)
    told = judge(given, HELD, Known(holds=(Spell(14_000, 20_000),)))
    assert told.evidence == (Evidence(2, 14_000, "Back again"),)


def test_where_holds_or_times_are_not_known_there_is_no_telling():
    given = rule(Kind.HOLD_NOTICE, "hold the line", seconds=5)
    assert verdict(given, HELD) is None
    assert verdict(given, HELLO, Known(holds=(Spell(0, 1),))) is None
    assert verdict(rule(Kind.SILENCE, seconds=1), HELLO) is None
    assert verdict(rule(Kind.OVERTALK, seconds=1), HELLO) is None


@pytest.mark.parametrize(
    ("limits", "known", "language", "is_for"),
    [
        ({"queues": frozenset({7})}, Known(queue=7), None, True),
        ({"queues": frozenset({7})}, Known(queue=8), None, False),
        ({"queues": frozenset({7})}, Known(), None, False),
        ({"languages": frozenset({"en"})}, Known(), "en-gb", True),
        ({"languages": frozenset({"en-gb"})}, Known(), "en", False),
        ({"languages": frozenset({"en"})}, Known(), None, False),
        ({"languages": frozenset({"en"})}, Known(language="en_US"), "fr", True),
    ],
)
def test_rules_are_for_some_queues_and_languages(limits, known, language, is_for):
    said = talk("A: Hello", language=language)
    assert (judge(rule(Kind.SAY, "hello", **limits), said, known) is not None) is is_for


def test_a_long_line_is_quoted_around_what_was_found():
    told = judge(rule(Kind.SAY, "here"), talk("A: " + "a " * 200 + "here" + " b" * 200), NOTHING)
    quote = told.evidence[0].quote
    assert "here" in quote
    assert (quote[0], quote[-1], len(quote)) == ("…", "…", 202)


def test_an_expression_that_cannot_be_is_an_error():
    bad = replace(rule(), said=(Pattern("(", is_regex=True),))
    with pytest.raises(ValueError, match="unclosed group"):
        judge(bad, HELLO, NOTHING)


def test_rules_are_a_scorer_and_a_broken_one_goes_first():
    rules = (
        rule(Kind.SAY, "good bye"),
        replace(rule(Kind.SAY, "sorry"), id="2"),
        replace(rule(Kind.SAY, "sorry"), id="3", criterion="other", broken=None),
    )
    scorer = Ruled(rules, NOTHING)
    assert scorer.score(HELLO, "c") == Scored("no", (), 1.0)
    assert scorer.score(HELLO, "other") is None
    assert Ruled(rules[:1], NOTHING).score(HELLO, "c").answer == "yes"
    assert [one.rule for one in judged(rules, HELLO, NOTHING)] == ["1", "2", "3"]
