"""What calls of a queue are about, beside those of others."""

import math
import random

import pytest

from qa.checks import By, frequent
from qa.checks.topics import LEAST_Z
from tests.qa.transcripts.talks import talk

FILL = ["the", "and", "to", "of", "you", "it", "please", "yes"]


def calls(many, *phrases, seed=1):
    draw = random.Random(seed)
    return [
        talk("C: " + " ".join([*draw.sample(FILL, 8), draw.choice(phrases), *draw.sample(FILL, 8)]))
        for _ in range(many)
    ]


def told(found):
    return [one.words for one in found]


def test_phrases_of_each_queue_without_words_that_all_say():
    found = frequent(
        {
            "billing": calls(40, "credit card", "late fee"),
            "support": calls(40, "password reset", "blue screen"),
        }
    )
    assert set(told(found["billing"])) == {"credit card", "late fee"}
    assert set(told(found["support"])) == {"password reset", "blue screen"}
    first = found["billing"][0]
    assert first.calls == first.times > 10
    assert first.z > LEAST_Z


def test_a_topic_of_most_calls_of_one_queue_is_no_stop_word():
    found = frequent({"billing": calls(40, "invoice"), "support": calls(60, "password")})
    assert told(found["billing"]) == ["invoice"]


def test_z_worked_by_hand():
    a = [talk("C: xx")] * 20 + [talk("C: xx", "C: xx")] * 5 + [talk("C: yy", "C: yy")] * 5
    b = [talk("C: yy")] * 20 + [talk("C: yy", "C: yy")] * 5 + [talk("C: xx", "C: xx")] * 5
    found = frequent({"a": a + [talk("C: zz")] * 30, "b": b + [talk("C: zz")] * 30})
    # Queue a says 30 xx, 10 yy and 30 zz, b 10, 30 and 30. The prior is half of all: 20, 20, 30. So
    # xx is 30 + 20 of 70 + 70 here, 10 + 20 of as many elsewhere.
    z = (math.log(50 / 90) - math.log(30 / 110)) / math.sqrt(1 / 50 + 1 / 30)
    assert told(found["a"]) == (["xx"] if z >= LEAST_Z else [])
    many = frequent({"a": a * 4 + [talk("C: zz")] * 120, "b": b * 4 + [talk("C: zz")] * 120})
    assert told(many["a"]) == ["xx"]
    # Four times as many of all: the standard error is half.
    assert many["a"][0].z == pytest.approx(2 * z)
    assert (many["a"][0].calls, many["a"][0].times) == (100, 120)


def test_who_says_it_and_how_few_calls_are_enough():
    a = [talk("A: discount", "C: hm")] * 9
    b = [talk("A: hello", "C: hm")] * 9
    assert frequent({"a": a, "b": b}) == {"a": (), "b": ()}
    # In all calls of the one and none of the other: it stops nothing.
    assert told(frequent({"a": a * 3, "b": b * 3}, by=By.AGENT)["a"]) == ["discount"]
    mixed = a * 3 + b
    assert told(frequent({"a": mixed, "b": b * 4}, by=By.AGENT)["a"]) == ["discount"]
    assert frequent({"a": mixed, "b": b * 4}, by=By.AGENT, fewest_calls=28)["a"] == ()


def test_words_are_written_as_they_mostly_are():
    a = [talk("C: Número, señor")] * 20 + [talk("C: numero")] * 10 + [talk("C: hola")] * 40
    b = [talk("C: hola")] * 70
    assert told(frequent({"a": a, "b": b})["a"])[0] in ("número señor", "número")


def test_numbers_are_no_topics_and_lines_are_apart():
    a = [talk("C: 4711 0815", "C: credit", "C: card")] * 20 + [talk("C: hm")] * 30
    found = frequent({"a": a, "b": [talk("C: hm")] * 50})
    assert sorted(told(found["a"])) == ["card", "credit"]


def test_one_queue_alone_or_an_empty_one_tells_nothing():
    assert frequent({"a": calls(40, "invoice")}) == {"a": ()}
    assert frequent({}) == {}
    found = frequent({"a": calls(40, "invoice", "fee"), "b": []})
    assert found["b"] == ()


def test_at_most_so_many():
    words = [f"word{'abcdefghij'[at]}" for at in range(10)]
    found = frequent({"a": calls(300, *words), "b": calls(300, "other")}, most=3)
    assert len(found["a"]) == 3


def test_no_phrase_is_a_fragment_of_another():
    # Three times: 60 "claim progress", of which 15 go on with "somebody", and 40
    # "claim" of others; 30 "late repair bill sent", which is longer than any phrase.
    a = (
        [talk("C: claim progress somebody")] * 15
        + [talk("C: claim progress")] * 45
        + [talk("C: claim")] * 40
        + [talk("C: late repair bill sent")] * 30
        + [talk("C: hm")] * 170
    )
    found = frequent({"a": a * 3, "b": [talk("C: hm")] * 900})
    # "Claim progress" is 60 of 100 "claim", so it stands for it; "somebody" adds little to it; of
    # "late repair bill" and "repair bill sent" the first in the alphabet stands for both.
    assert sorted(told(found["a"])) == ["claim progress", "late repair bill"]


def test_a_longer_phrase_that_is_rare_gives_way_to_the_shorter_one():
    a = [talk("C: invoice")] * 70 + [talk("C: invoice copy")] * 30 + [talk("C: hm")] * 100
    found = frequent({"a": a, "b": [talk("C: hm")] * 150 + [talk("C: copy")] * 50})
    assert told(found["a"]) == ["invoice"]


FRAMES = (
    "Hi, I am calling about {}. I have tried the website twice.",
    "It is about {}, somebody was meant to ring me back.",
    "I have a question on {}, I do not quite understand your letter.",
)
MATTERS = {
    "billing": ["unexpected charge", "direct debit", "refund"],
    "roadside": ["flat tyre", "recovery truck", "new battery"],
    "claims": ["claim progress", "repair garage", "excess"],
}


@pytest.mark.parametrize("weights", [(1, 1, 1), (8, 1, 1), (1, 1, 8)])
def test_ways_to_begin_are_no_topic_and_no_phrase_is_cut_before_its_noun(weights):
    draw = random.Random(7)
    found = frequent(
        {
            queue: [
                talk("C: " + draw.choices(FRAMES, weights)[0].format(draw.choice(matters)))
                for _ in range(150)
            ]
            for queue, matters in MATTERS.items()
        }
    )
    assert {queue: set(told(phrases)) for queue, phrases in found.items()} == {
        "billing": {"unexpected charge", "direct debit", "refund"},
        "roadside": {"flat tyre", "recovery truck", "new battery"},
        "claims": {"claim progress", "repair garage", "excess"},
    }


def test_no_phrase_that_is_shown_ends_as_another_mostly_goes_on():
    draw = random.Random(3)
    sides = {
        queue: [
            talk("C: " + draw.choices(FRAMES, (6, 2, 1))[0].format(draw.choice(matters)))
            for _ in range(200)
        ]
        for queue, matters in MATTERS.items()
    }
    for queue, phrases in frequent(sides).items():
        texts = [one.lines[0].words.lower() for one in sides[queue]]
        for one in told(phrases):
            for other in told(phrases):
                if one != other and one.split()[-1] == other.split()[0]:
                    whole = " ".join([one, *other.split()[1:]])
                    times = [sum(part in text for text in texts) for part in (whole, one)]
                    assert times[0] < times[1] / 2, (one, other)
