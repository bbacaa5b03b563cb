"""What is learned from reviews: right on what it has not seen, sure as often as it is right, the
same each time, and plain numbers."""

import json
import math
import random
import subprocess
import sys
from collections import Counter
from itertools import chain

import pytest

from qa.checks import By, Scorer, measure
from qa.checks.learned import (
    FEWEST_OF_EACH,
    FEWEST_REVIEWS,
    Learned,
    NotInstalled,
    Review,
    TooFew,
    is_there,
    terms_by_line,
    train,
)
from tests.qa.transcripts.talks import talk

needs_sklearn = pytest.mark.skipif(not is_there(), reason="the extra learned is not installed")

FILL = ["well", "so", "the", "one", "we", "had", "last", "week", "then", "maybe", "order", "form"]
GOOD = ["I am so sorry about that", "my apologies for the trouble", "I apologise for this"]
BAD = ["that is your own fault", "I cannot change it", "you should have read the terms"]


def a_review(draw, answer, noise=0.1):
    """A call of filling words, with a line as of the answer, or of another in `noise` of cases."""
    fill = [" ".join(draw.choices(FILL, k=8)) for _ in range(6)]
    kind = {"yes": GOOD, "no": BAD}[answer]
    if draw.random() < noise:
        kind = BAD if kind is GOOD else GOOD
    fill.insert(draw.randrange(6), draw.choice(kind))
    return Review(talk(*(f"{'AC'[at % 2]}: {words}" for at, words in enumerate(fill))), answer)


def reviews(many, seed=1, noise=0.1, failing=0.3):
    draw = random.Random(seed)
    return [a_review(draw, "no" if draw.random() < failing else "yes", noise) for _ in range(many)]


def test_terms_are_words_and_pairs_of_each_line_without_case_accents_and_numbers():
    said = talk("A: Écoutez, order 4711", "C: No")
    assert terms_by_line(said, By.ANYBODY) == {
        1: ["ecoutez", "order", "0", "ecoutez order", "order 0"],
        2: ["no"],
    }
    assert terms_by_line(said, By.CALLER) == {2: ["no"]}


def test_too_few_reviews_are_told_without_learning():
    assert train(reviews(FEWEST_REVIEWS - 1), "c", seed=1) == TooFew(FEWEST_REVIEWS - 1, 2)
    alike = [review for review in reviews(300) if review.answer == "yes"]
    assert train(alike, "c", seed=1) == TooFew(len(alike), 1)
    rare = (
        alike + [review for review in reviews(300) if review.answer == "no"][: FEWEST_OF_EACH - 1]
    )
    assert train(rare, "c", seed=1) == TooFew(len(alike), 1)
    assert train([], "c", seed=1) == TooFew(0, 0)


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("qa.checks.learned.is_there", lambda: False)
    with pytest.raises(NotInstalled, match=r"callcenter\[learned\]"):
        train(reviews(FEWEST_REVIEWS), "c", seed=1)


@needs_sklearn
def test_what_reviews_tell_is_learned_and_the_line_that_tells_is_shown():
    trained = train(reviews(200), "tone", seed=1)
    said = talk("A: well so the order", "C: because of that", "A: that is your own fault")
    told = trained.model.score(said, "tone")
    assert told.answer == "no"
    assert told.confidence > 0.7
    assert [one.quote for one in told.evidence] == ["that is your own fault"]
    assert trained.model.score(said, "greeting") is None
    scorer: Scorer = trained.model
    assert scorer.score(talk("A: xyz"), "tone") is None


@needs_sklearn
def test_calls_held_out_are_told_as_well_as_new_ones():
    trained = train(reviews(300), "tone", seed=1)
    held_out = measure((one.told == "no", one.answer == "no") for one in trained.held_out)
    assert held_out.calls == 300
    fresh = [(trained.model.score(one.transcript, "tone"), one) for one in reviews(400, seed=2)]
    new = measure((told.answer == "no", one.answer == "no") for told, one in fresh)
    # One answer in ten is noise, which nothing can tell.
    assert held_out.kappa.low < 0.8 < held_out.kappa.high + 0.1
    assert abs(held_out.kappa.value - new.kappa.value) < 0.12


@needs_sklearn
@pytest.mark.parametrize("noise", [0.1, 0.25])
def test_it_is_as_sure_as_it_is_right(noise):
    trained = train(reviews(400, noise=noise), "tone", seed=1)
    fresh = [
        (trained.model.score(one.transcript, "tone"), one.answer)
        for one in reviews(600, seed=3, noise=noise)
    ]
    sure = sum(told.confidence for told, _ in fresh) / 600
    right = sum(told.answer == answer for told, answer in fresh) / 600
    # Three standard errors of a share of 600.
    assert abs(sure - right) < 3 * math.sqrt(right * (1 - right) / 600) + 0.02


@needs_sklearn
def test_who_speaks_is_not_what_is_learned_to_be_right_by():
    """Ten agents of whom each fails all calls or none, and says nothing but a name: of an agent
    who was not seen nothing can be told."""
    draw = random.Random(2)
    names = [f"name{sign}" for sign in "abcdefghij"]
    given = [
        Review(talk(f"A: this is {name} " + " ".join(draw.choices(FILL, k=6))), answer, name)
        for at, name in enumerate(names)
        for answer in ["yes" if at % 2 else "no"] * 20
    ]
    held_out = train(given, "c", seed=1).held_out
    right = sum(one.told == one.answer for one in held_out) / len(held_out)
    assert right < 0.7
    alone = [Review(one.transcript, one.answer) for one in given]
    leaking = train(alone, "c", seed=1).held_out
    assert sum(one.told == one.answer for one in leaking) / len(leaking) > 0.95


def test_an_answer_that_few_agents_have_is_not_learned():
    given = [
        Review(talk("A: yes"), "yes", at % 10) if at % 2 else Review(talk("A: no"), "no", at % 8)
        for at in range(200)
    ]
    assert train(given, "c", seed=1) == TooFew(100, 1)  # "no" has agents 0, 2, 4 and 6


@needs_sklearn
def test_where_no_two_calls_share_a_word_nothing_breaks():
    given = [Review(talk(f"A: w{sign * at}"), sign) for sign in "xy" for at in range(1, 61)]
    trained = train(given, "c", seed=1)
    assert len(trained.held_out) == 120


@needs_sklearn
def test_where_each_part_has_answers_of_few_agents_nothing_breaks():
    # One agent has nearly all of the one answer.
    given = [Review(talk("A: yes it is"), "yes", min(at, 4)) for at in range(60)]
    given += [Review(talk("A: no it is not"), "no", 5 + at % 5) for at in range(60)]
    trained = train(given, "c", seed=1)
    assert {one.told for one in trained.held_out} <= {"yes", "no"}


@needs_sklearn
def test_where_words_tell_nothing_it_is_not_sure():
    draw = random.Random(5)
    empty = [a_review(draw, draw.choice(["yes", "no"]), noise=0.5) for _ in range(300)]
    trained = train(empty, "tone", seed=1)
    sure = sorted(one.confidence for one in trained.held_out)
    assert sure[150] < 0.6


@needs_sklearn
def test_the_same_reviews_in_any_order_teach_the_same():
    given = reviews(150)
    shuffled = random.Random(9).sample(given, len(given))
    first, again = train(given, "c", seed=4), train(shuffled, "c", seed=4)
    assert first.model == again.model
    assert Counter(first.held_out) == Counter(again.held_out)


@needs_sklearn
def test_its_numbers_are_those_of_scikit_learn():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    def document(one):
        return [*chain.from_iterable(terms_by_line(one.transcript, By.AGENT).values())]

    # The order that calls are learned from in changes the last digits.
    given = sorted(reviews(200), key=lambda one: (one.answer, document(one)))
    other = make_pipeline(
        TfidfVectorizer(analyzer=document, min_df=2, max_features=5000, sublinear_tf=True),
        LogisticRegression(C=10.0, max_iter=2000),
    ).fit(given, [one.answer for one in given])
    model = train(given, "c", seed=1, by=By.AGENT).model
    for one in reviews(20, seed=7):
        logit = other.decision_function([one])[0]
        sure = 1 / (1 + math.exp(-abs(logit) / model.temperature))
        told = model.score(one.transcript, "c")
        assert told.answer == ("yes" if logit > 0 else "no")
        assert told.confidence == pytest.approx(sure, abs=1e-6)


@needs_sklearn
def test_three_answers_and_one_that_is_too_rare():
    draw = random.Random(3)
    given = reviews(200)
    given += [Review(talk(f"A: please hold {draw.choice(FILL)} hold"), "hold") for _ in range(40)]
    given += [Review(talk("A: xyz"), "rare")] * (FEWEST_OF_EACH - 1)
    trained = train(given, "c", seed=1)
    assert trained.left_out == ("rare",)
    assert trained.model.answers == ("hold", "no", "yes")
    assert trained.model.score(talk("A: please hold"), "c").answer == "hold"


@needs_sklearn
def test_what_was_learned_is_kept_as_json_and_used_without_scikit_learn():
    model = train(reviews(120), "c", seed=1).model
    kept = json.dumps(model.as_json())
    assert Learned.from_json(json.loads(kept)) == model
    said = talk("A: I am so sorry about that")
    alone = (
        "import sys, json; sys.modules['sklearn'] = None\n"
        "from qa.checks.learned import Learned\n"
        "from qa.transcripts import read\n"
        "model = Learned.from_json(json.load(sys.stdin))\n"
        "print(model.score(read('A: I am so sorry about that'), 'c').answer)"
    )
    run = subprocess.run(
        [sys.executable, "-c", alone], input=kept, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == model.score(said, "c").answer == "yes"


KEPT = {
    "version": 1,
    "criterion": "c",
    "by": "anybody",
    "answers": ["no", "yes"],
    "intercepts": [0.5, -0.5],
    "temperature": 2.0,
    "terms": {"a": [1.0, 3.0, -1.0]},
}


def test_an_answer_worked_by_hand():
    # The only term has value 1: logits .5 + 3 and -.5 - 1, over 2: they are 2.5 apart.
    told = Learned.from_json(KEPT).score(talk("A: b", "C: a"), "c")
    assert told.answer == "no"
    assert told.confidence == pytest.approx(1 / (1 + math.exp(-2.5)))
    assert [one.line for one in told.evidence] == [2]


def test_where_no_line_speaks_for_it_there_is_no_evidence():
    kept = KEPT | {"intercepts": [9.0, 0.0], "terms": {"a": [1.0, -1.0, 1.0]}}
    told = Learned.from_json(kept).score(talk("A: a"), "c")
    assert (told.answer, told.evidence) == ("no", ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"by": "nobody"},
        {"answers": ["no"]},
        {"answers": None},
        {"intercepts": [1.0]},
        {"intercepts": [1.0, math.nan]},
        {"temperature": 0},
        {"temperature": "x"},
        {"terms": {"a": [1.0, 2.0]}},
        {"terms": []},
    ],
)
def test_what_is_nothing_learned_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011
        Learned.from_json(KEPT | wrong)


def test_what_is_something_else_is_refused():
    with pytest.raises(ValueError, match="nothing that was learned"):
        Learned.from_json({})
