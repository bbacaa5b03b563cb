"""Agreement by criterion, from what was given blind."""

from datetime import timedelta

import pytest

from qa.after import disputing
from qa.after.changing import Given
from qa.agreement import Metric, Rewrite, Verdict
from qa.calibration import agreeing, ratings
from qa.models import Answer, CardCriterion, Evaluation
from tests.builders import NINE, a_user
from tests.qa.after.builders import House
from tests.qa.builders import FORM, a_version, an_evaluation, finished
from tests.qa.calibration.builders import a_session, score

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
FIRST, UNTIL = NINE - timedelta(days=1), NINE + timedelta(days=1)


@pytest.fixture
def house():
    return House()


def by_key(house, user=None):
    found = agreeing.by_criterion(house.card, FIRST, UNTIL, user or house.manager)
    return {one.criterion.key: one for one in found}


def scored_twice(house, causes, greetings=None):
    """A session of as many calls as there are pairs: what the two said of each."""
    session = a_session(house, [house.call() for _ in causes])
    for number, (one, other) in enumerate(causes, 1):
        first, second = ("yes", "yes") if greetings is None else greetings[number - 1]
        score(session, house.reviewer, number, cause=one, greeting=first)
        score(session, house.other, number, cause=other, greeting=second)
    return session


def test_each_criterion_has_its_metric_and_texts_have_none(house):
    scored_twice(house, [("3", "3")])
    found = by_key(house)
    assert {key: one.metric for key, one in found.items()} == {
        "greeting": Metric.NOMINAL, "verified": Metric.NOMINAL, "cause": Metric.ORDINAL,
    }  # fmt: skip
    assert found["cause"].found.doubled == 1
    assert "1 call was scored by several" in found["cause"].words
    assert found["cause"].verdict.rewrite is Rewrite.UNKNOWN


def test_a_session_that_is_blind_tells_nothing(house):
    session = a_session(house, [house.call(), house.call()])
    score(session, house.reviewer, 1)
    score(session, house.other, 1)
    assert by_key(house)["cause"].found.calls == 0


def test_what_all_say_alike_has_no_alpha_and_what_they_share_by_chance_is_to_be_rewritten(house):
    # Greeting: each of four pairs five times, so that they agree half the time, as by chance.
    greetings = [("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")] * 5
    scored_twice(house, [("4", "4")] * 20, greetings)
    found = by_key(house)
    assert (found["cause"].found.alpha.value, found["cause"].found.percent.value) == (None, 1)
    alpha = agreeing.estimate_words(found["cause"].found.alpha)
    assert alpha == ("–", "none: all said the same")
    greeting = found["greeting"]
    assert greeting.found.percent.value == 0.5
    # Do is .5, De of 20 and 20 is 2 x 20 x 20 / (40 x 39): alpha = 1 - .5 / .5128.
    assert greeting.found.alpha.value == pytest.approx(1 - 0.5 / (800 / 1560))
    # AC1 has "not applicable" on its scale, which nobody said: pe = (.25 + .25) / 2.
    assert greeting.found.ac.value == pytest.approx((0.5 - 0.25) / 0.75)
    assert greeting.verdict.rewrite in (Rewrite.SEEMS, Rewrite.SURELY)
    (said,) = agreeing.sentences([*found.values()])
    is_sure = greeting.verdict.rewrite is Rewrite.SURELY
    assert said == f"{'To' if is_sure else 'Perhaps to'} be written anew: Greeting"


def test_drawn_calls_that_two_reviewed_blind_count_beside_sessions(house):
    call = house.call()
    house.drawn(0, call, house.reviewer)
    house.drawn(1, call, house.other, cause="4")
    house.drawn()  # nobody else did
    found = by_key(house)["cause"].found
    assert (found.calls, found.doubled, found.percent.value) == (1, 1, 0)
    scored_twice(house, [("3", "3")])
    assert by_key(house)["cause"].found.doubled == 2


def test_an_answer_that_a_dispute_changed_counts_as_it_was_given(house):
    call = house.call()
    first = house.drawn(0, call, house.reviewer, cause="2")
    house.drawn(1, call, house.other, cause="2")
    Evaluation.objects.filter(pk=first.pk).update(
        state="released", released_at=NINE, dispute_until=UNTIL
    )
    made = house.dispute(Evaluation.objects.get(pk=first.pk))
    disputing.answer(made, house.reviewer, NINE, "Right", {"cause": Given("5")})
    assert by_key(house)["cause"].found.percent.value == 1


def test_ratings_by_other_answers_than_todays_are_left_out_and_counted(house):
    scored_twice(house, [("3", "3")])
    scale = FORM["sections"][1]["criteria"][1]
    fewer = {**scale, "options": scale["options"][:4]}
    form = {**FORM, "sections": [FORM["sections"][0], {
        **FORM["sections"][1], "criteria": [FORM["sections"][1]["criteria"][0], fewer],
    }]}  # fmt: skip
    version = a_version(house.card, form)
    session = a_session(house, version=version)
    score(session, house.reviewer)
    score(session, house.other)
    found = by_key(house)
    assert (found["cause"].found.doubled, found["cause"].left_out) == (1, 2)
    assert (found["greeting"].found.doubled, found["greeting"].left_out) == (2, 0)


def test_not_applicable_is_an_answer_where_answers_have_no_order(house):
    scored_twice(house, [("3", "3")], [(None, "yes")])
    found = by_key(house)["greeting"].found
    assert (found.doubled, found.percent.value) == (1, 0)


def test_how_many_fail_is_counted_of_all_scored_calls_once_each(house):
    for cause in ("5", "5", "3"):
        house.drawn(cause=cause)
    house.finished(cause="1", verified="no")
    scored_twice(house, [("1", "1")])  # a calibration is no score
    found = by_key(house)
    assert (found["cause"].scored, found["cause"].failed) == (4, 2)
    assert (found["verified"].scored, found["verified"].failed) == (4, 1)
    assert found["greeting"].failed == 0


def test_only_what_is_of_ones_sites_is_counted(house):
    scored_twice(house, [("3", "3")])
    for who in (a_user("manager"), house.lead):
        assert by_key(house, who)["cause"].found.calls == 0
    assert by_key(house, a_user("admin"))["cause"].found.calls == 1


def test_the_same_ratings_are_asked_for_with_as_many_queries(house, django_assert_num_queries):
    scored_twice(house, [("3", "3")])
    user = a_user("admin")
    by_key(house, user)
    # Reviews, versions, answers, the newest version, criteria, counts.
    with django_assert_num_queries(6):
        by_key(house, user)
    scored_twice(house, [("3", "4")] * 3)
    with django_assert_num_queries(6):
        by_key(house, user)


def test_a_call_is_of_the_days_in_which_the_first_of_its_reviews_was_finished(house):
    call = house.call()
    house.drawn(0, call, house.reviewer)
    late = house.drawn(1, call, house.other, cause="4")
    Evaluation.objects.filter(pk=late.pk).update(finished_at=UNTIL + timedelta(days=5))
    assert by_key(house)["cause"].found.doubled == 1
    reviews = ratings.seen(house.manager)
    assert ratings.blind(reviews, UNTIL, UNTIL + timedelta(days=9)) == {}


def test_a_bonus_and_a_critical_criterion_that_was_failed_are_not_what_nobody_fails(house):
    form = {**FORM, "sections": [*FORM["sections"], {
        "id": "more", "name": "More", "criteria": [{
            "id": "spared", "name": "Spared the next call", "kind": "yes_no", "weight": 5,
            "bonus": True, "options": [
                {"id": "yes", "name": "Yes", "points": 1}, {"id": "no", "name": "No", "points": 0},
            ],
        }],
    }]}  # fmt: skip
    version = a_version(house.card, form)
    rows = {one.key: one for one in CardCriterion.objects.filter(card=house.card)}
    reviews = [an_evaluation(house.call(), house.reviewer, version=version) for _ in range(90)]
    for number, one in enumerate(reviews):
        finished(one)
        said = {"greeting": "yes", "spared": "no", "verified": "no" if number == 0 else "yes"}
        Answer.objects.bulk_create(
            Answer(
                evaluation=one, criterion=rows[key], value=value,
                share=0 if (key, value) == ("verified", "no") else 1, lost=0,
            )
            for key, value in said.items()
        )  # fmt: skip
    found = by_key(house)
    assert {key: (one.scored, one.failed) for key, one in found.items() if one.scored} == {
        "greeting": (90, 0), "verified": (90, 1), "spared": (90, 0),
    }  # fmt: skip
    # One of 90 is surely fewer than one in twenty; of a critical one that is one too many.
    assert {key: one.verdict.nobody_fails for key, one in found.items() if one.scored} == {
        "greeting": True, "verified": False, "spared": None,
    }  # fmt: skip
    assert found["greeting"].tags == [("warn", "nobody fails it")]
    assert found["spared"].tags == [("none", "not known")]


@pytest.mark.parametrize(
    ("rewrite", "nobody", "failed", "expected"),
    [
        (Rewrite.NO, None, 0, [("ok", "holds")]),
        (Rewrite.UNSURE, False, 9, [("none", "unsure")]),
        (Rewrite.SEEMS, True, 0, [("warn", "perhaps rewrite me"), ("warn", "nobody fails it")]),
        (Rewrite.SURELY, None, 9, [("bad", "rewrite me")]),
        (Rewrite.NO, True, 1, [("warn", "hardly anybody fails it")]),
        (Rewrite.UNKNOWN, None, 0, [("none", "not known")]),
    ],
)
def test_a_verdict_has_one_word_wherever_it_stands(rewrite, nobody, failed, expected):
    assert agreeing.tags(Verdict(rewrite, nobody), failed) == expected
