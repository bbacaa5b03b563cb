"""What keeps a rule from being used."""

from dataclasses import replace
from fractions import Fraction

import pytest

from qa.checks import (
    Fault,
    Faulty,
    Kind,
    Pattern,
    Place,
    Rule,
    Where,
    faults,
    lacks_times,
    names_twice,
)
from qa.scoring import NOT_APPLICABLE, Criterion, Option
from qa.scoring import Kind as Asked

HELLO = Rule("1", "greeting", Kind.SAY, (Pattern("hello"),), met="yes", broken="no")
QUIET = Rule("2", "pace", Kind.SILENCE, seconds=10, broken="no")


@pytest.mark.parametrize(
    "rule",
    [
        HELLO,
        replace(HELLO, kind=Kind.NEVER_SAY, said=(Pattern(r"\bno\b", is_regex=True),)),
        replace(HELLO, where=Where(Place.START, seconds=10, lines=2)),
        replace(HELLO, where=Where(Place.AFTER, lines=2, after=(Pattern("bye"),))),
        replace(HELLO, kind=Kind.HOLD_NOTICE, seconds=10, languages=frozenset({"en", "pt-br"})),
        QUIET,
        replace(QUIET, kind=Kind.OVERTALK, seconds=None, share=Fraction(1, 10)),
        replace(QUIET, kind=Kind.OVERTALK, seconds=0),
    ],
)
def test_sound_rules_have_none(rule):
    assert faults(rule) == ()


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (replace(HELLO, id=""), Faulty(Fault.NO_NAME)),
        (replace(HELLO, criterion=""), Faulty(Fault.NO_NAME)),
        (replace(HELLO, said=()), Faulty(Fault.NOTHING_TO_FIND)),
        (replace(HELLO, said=(Pattern("?!"),)), Faulty(Fault.NO_WORDS, "?!")),
        (
            replace(HELLO, said=(Pattern("(", is_regex=True),)),
            Faulty(Fault.NO_REGEX, "(", "unclosed group"),
        ),
        (replace(HELLO, said=(Pattern("a*", is_regex=True),)), Faulty(Fault.FINDS_NOTHING, "a*")),
        (replace(HELLO, said=(Pattern("a"),) * 101), Faulty(Fault.TOO_MANY)),
        (replace(HELLO, where=Where(Place.END)), Faulty(Fault.NO_REACH)),
        (replace(HELLO, where=Where(Place.END, seconds=0)), Faulty(Fault.NOT_POSITIVE)),
        (replace(HELLO, where=Where(Place.AFTER, seconds=5)), Faulty(Fault.NOTHING_TO_FIND)),
        (replace(HELLO, kind=Kind.HOLD_NOTICE), Faulty(Fault.NO_LIMIT)),
        (replace(QUIET, seconds=None), Faulty(Fault.NO_LIMIT)),
        (replace(QUIET, seconds=None, share=Fraction(1, 2)), Faulty(Fault.NO_LIMIT)),
        (replace(QUIET, seconds=0), Faulty(Fault.NOT_POSITIVE)),
        (replace(QUIET, kind=Kind.OVERTALK, share=Fraction(1)), Faulty(Fault.SHARE)),
        (replace(HELLO, languages=frozenset({"English"})), Faulty(Fault.LANGUAGE, "English")),
        (replace(HELLO, met=None, broken=None), Faulty(Fault.NO_ANSWER)),
        (replace(HELLO, met="no"), Faulty(Fault.SAME_ANSWER)),
    ],
)
def test_each_fault_is_told(rule, fault):
    assert faults(rule) == (fault,)


def test_answers_that_the_criterion_cannot_have_are_told():
    greeting = Criterion("greeting", Asked.YES_NO, options=(Option("yes", 1), Option("no", 0)))
    assert faults(HELLO, greeting) == ()
    odd = replace(HELLO, met="maybe", not_applicable=NOT_APPLICABLE)
    assert [one.fault for one in faults(odd, greeting)] == [Fault.WRONG_ANSWER] * 2
    assert faults(replace(odd, met="yes"), replace(greeting, may_skip=True)) == ()


def test_names_that_several_have_are_told():
    assert names_twice([HELLO, QUIET, HELLO]) == (Faulty(Fault.TWICE, "1"),)


@pytest.mark.parametrize(
    ("rule", "starts_alone", "no_times"),
    [
        (HELLO, False, False),
        (replace(HELLO, where=Where(Place.START, seconds=10)), False, True),
        (replace(HELLO, where=Where(Place.START, seconds=10, lines=2)), False, False),
        (replace(HELLO, where=Where(Place.END, lines=2)), False, False),
        (replace(HELLO, kind=Kind.HOLD_NOTICE, seconds=10), False, True),
        (QUIET, True, True),
        (replace(QUIET, kind=Kind.OVERTALK), True, True),
    ],
)
def test_what_goes_by_seconds_lacks_times_where_lines_have_none(rule, starts_alone, no_times):
    assert lacks_times(rule, starts=True, ends=True) is False
    assert lacks_times(rule, starts=True, ends=False) is starts_alone
    assert lacks_times(rule, starts=False, ends=False) is no_times
