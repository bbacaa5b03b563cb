"""Swaps of drawn calls, and reviews that change hands."""

from collections import Counter
from datetime import timedelta
from hashlib import blake2b

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Call, User
from qa.models import DrawnCall, Evaluation
from qa.plans import drawing, reads, swapping
from tests.builders import a_user
from tests.qa.builders import finished
from tests.qa.plans.builders import NEXT, Centre
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db
LATER = NEXT + timedelta(hours=1)


@pytest.fixture
def centre():
    made = Centre(agents=1, calls=12)
    made.made = made.draw()
    return made


def in_order(centre):
    """All calls of the one agent in the seed's order, by an own reckoning."""
    key = blake2b(centre.made.seed.encode()).digest()

    def number(call):
        return blake2b(str(call.pk).encode(), digest_size=16, key=key, person=b"draw").digest()

    return [one.pk for one in sorted(centre.calls[centre.agents[0].pk], key=number)]


def standing():
    return set(DrawnCall.objects.filter(state="standing").values_list("call_id", flat=True))


def swap(centre, at=0, reason="no_recording", words="", who=None):
    call = DrawnCall.objects.get(call=in_order(centre)[at])
    return swapping.swap(call, reason, words, who or centre.analysts[0], LATER)


def test_instead_comes_the_next_in_the_order_of_the_seed_and_chances_are_rewritten(centre):
    order = in_order(centre)
    new = swap(centre)
    assert new.call_id == order[5]
    assert standing() == set(order[1:6])
    # Five of the eleven that can be reviewed, as far as anybody knows.
    assert set(DrawnCall.objects.filter(state="standing").values_list("n", "of")) == {(5, 11)}
    out = DrawnCall.objects.get(call=order[0])
    assert (out.state, out.swap_reason, out.replaced_by) == ("swapped", "no_recording", new)
    assert (out.swapped_by, out.swapped_at) == (centre.analysts[0], LATER)
    assert centre.made.agents.get().refused == {str(order[0]): "no_recording"}
    assert drawing.repeat(centre.made).is_equal


def test_the_same_people_review_the_new_call_and_the_old_review_is_dropped(centre):
    old = Evaluation.objects.get(drawn__call=in_order(centre)[0])
    new = swap(centre)
    old.refresh_from_db()
    assert old.state == "dropped"
    theirs = new.evaluations.get()
    assert (theirs.reviewer, theirs.rank, theirs.state) == (old.reviewer, old.rank, "todo")
    assert (theirs.due_at, theirs.version, theirs.team) == (old.due_at, old.version, centre.team)
    assert theirs.facts["talk_ms"] == Call.objects.get(pk=new.call_id).talk_ms


@pytest.mark.parametrize(
    ("said", "reason", "words"),
    [
        ({"consent": True}, "no_consent", "caller agreed"),
        ({"recording": "call.wav"}, "no_recording", "names a recording"),
    ],
)
def test_a_reason_against_which_the_record_speaks_takes_words(centre, said, reason, words):
    Call.objects.filter(pk=in_order(centre)[0]).update(**said)
    with pytest.raises(ValidationError, match=words):
        swap(centre, reason=reason)
    assert swap(centre, reason=reason, words="I listened: nothing is there") is not None


def test_a_swap_needs_a_reason_and_something_else_needs_words(centre):
    for reason, words in (("", ""), ("dull", ""), ("other", "  ")):
        with pytest.raises(ValidationError, match="why"):
            swap(centre, reason=reason, words=words)
    swap(centre, reason="other", words="Two calls in one file")
    assert DrawnCall.objects.get(state="swapped").swap_words == "Two calls in one file"


def test_a_call_is_swapped_once(centre):
    swap(centre)
    with pytest.raises(ValidationError, match="already"):
        swap(centre)


def test_a_call_of_which_a_review_is_finished_stays():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.made = centre.draw()
    call = DrawnCall.objects.get(call=in_order(centre)[0])
    finished(call.evaluations.get(rank=1))
    with pytest.raises(ValidationError, match="finished"):
        swap(centre)
    assert call.evaluations.filter(state="todo").count() == 1


def test_both_reviewers_of_a_call_get_the_new_one():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.made = centre.draw()
    old = dict(DrawnCall.objects.get(call=in_order(centre)[0]).evaluations.values_list(
        "rank", "reviewer"))  # fmt: skip
    new = swap(centre)
    assert dict(new.evaluations.values_list("rank", "reviewer")) == old
    assert len(old) == 2


def test_where_all_were_drawn_nothing_comes_instead():
    centre = Centre(agents=1, calls=4)
    centre.made = centre.draw()
    assert swap(centre) is None
    assert set(DrawnCall.objects.filter(state="standing").values_list("n", "of")) == {(3, 3)}
    assert drawing.repeat(centre.made).is_equal
    for at in (1, 2, 3):
        assert swap(centre, at) is None
    assert standing() == set()
    assert drawing.repeat(centre.made).is_equal


def test_what_is_known_not_to_be_reviewable_by_now_is_passed_over_and_kept(centre):
    order = in_order(centre)
    Call.objects.filter(pk=order[5]).update(consent=False)
    Call.objects.filter(pk=order[6]).delete()
    assert swap(centre).call_id == order[7]
    assert centre.made.agents.get().refused == {
        str(order[0]): "no_recording", str(order[5]): "no_consent", str(order[6]): "other",
    }  # fmt: skip
    assert set(DrawnCall.objects.filter(state="standing").values_list("n", "of")) == {(5, 9)}
    assert drawing.repeat(centre.made).is_equal


def test_of_layers_only_that_of_the_call_changes():
    # Eight calls under five minutes, four longer: three of the first, two of the others.
    centre = Centre(agents=1, calls=12, strata=["length"], bands=[300])
    centre.made = centre.draw()
    call = DrawnCall.objects.filter(stratum="length:300-").first()
    new = swapping.swap(call, "no_talk", "", centre.analysts[0], LATER)
    assert new.stratum == "length:300-"
    rows = DrawnCall.objects.filter(state="standing")
    assert Counter(rows.values_list("stratum", "n", "of")) == {
        ("length:0-300", 3, 8): 3, ("length:300-", 2, 3): 2,
    }  # fmt: skip


def test_swaps_are_counted_by_who_made_them_and_why(centre):
    first, second = centre.analysts
    begun = Evaluation.objects.get(drawn__call=in_order(centre)[1])
    Evaluation.objects.filter(pk=begun.pk).update(state="draft", begun_at=NEXT)
    swap(centre, 0, who=first)
    swap(centre, 1, who=first)
    swap(centre, 2, "language", who=second)
    told = [(one.who, one.reason, one.many, one.begun) for one in reads.swaps([centre.made.pk])]
    assert told == [
        (first.username, "There is no recording", 2, 1),
        (second.username, "No reviewer speaks its language", 1, 0),
    ]
    assert AuditEntry.objects.filter(model="qa.drawncall").count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_swap_at_once_draw_two_calls():
    centre = Centre(agents=1, calls=12)
    centre.made = centre.draw()
    order = in_order(centre)
    said = elsewhere(lambda: swap(centre, 0), lambda: swap(centre, 1))
    assert said == ["done", "done"]
    assert standing() == set(order[2:7])
    assert drawing.repeat(centre.made).is_equal


def test_a_review_that_is_to_be_done_is_handed_on_with_a_reason(centre):
    review = Evaluation.objects.first()
    other = next(one for one in centre.analysts if one != review.reviewer)
    with pytest.raises(ValidationError, match="why"):
        swapping.hand_on(review, other, " ", review.reviewer, LATER)
    swapping.hand_on(review, other, "On leave", centre.lead, LATER)
    review.refresh_from_db()
    assert (review.reviewer, review.state, review.revision) == (other, "todo", 1)
    assert AuditEntry.objects.get(model="qa.evaluation").why == "On leave"
    with pytest.raises(ValidationError, match="already"):
        swapping.hand_on(review, other, "Again", centre.lead, LATER)


def test_nobody_chooses_a_colleagues_review_for_themselves_unless_it_would_not_be_done(centre):
    # Of five calls one of the two has three, whom the seed chose.
    theirs = {one: Evaluation.objects.filter(reviewer=one) for one in centre.analysts}
    mine, holder = sorted(theirs, key=lambda one: theirs[one].count())
    first, second, third = list(theirs[holder])
    with pytest.raises(ValidationError, match="for themselves"):
        swapping.hand_on(first, mine, "I like it", mine, LATER)
    assert swapping.hand_on(first, mine, "Too many", holder, LATER).reviewer == mine
    late = second.due_at + timedelta(hours=1)
    assert swapping.hand_on(second, mine, "It is late", mine, late).reviewer == mine
    User.objects.filter(pk=holder.pk).update(is_active=False)
    assert swapping.hand_on(third, mine, "They left", mine, LATER).reviewer == mine


def test_of_a_review_that_was_begun_the_next_one_begins_anew(centre):
    review = Evaluation.objects.first()
    Evaluation.objects.filter(pk=review.pk).update(state="draft", begun_at=NEXT)
    other = next(one for one in centre.analysts if one != review.reviewer)
    new = swapping.hand_on(review, other, "On leave", centre.lead, LATER)
    review.refresh_from_db()
    assert (review.state, new.state, new.reviewer) == ("dropped", "todo", other)
    assert (new.drawn, new.rank, new.facts) == (review.drawn, 0, review.facts)


def test_a_review_is_not_handed_to_who_may_not_or_has_the_call(centre):
    review = Evaluation.objects.first()
    elsewhere_ = a_user("qa_analyst", Centre(agents=0).site)
    player = a_user("qa_analyst", centre.site)
    centre.agents[0].user = player
    centre.agents[0].save()
    for one in (elsewhere_, player, a_user("planner", centre.site)):
        with pytest.raises(ValidationError, match="do not review"):
            swapping.hand_on(review, one, "On leave", one, LATER)
    finished(review)
    with pytest.raises(ValidationError, match="not open"):
        swapping.hand_on(review, centre.lead, "On leave", centre.lead, LATER)


def test_one_of_two_reviewers_does_not_get_the_others_review():
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.draw()
    review = Evaluation.objects.filter(rank=0).first()
    other = next(one for one in centre.analysts if one != review.reviewer)
    with pytest.raises(ValidationError, match="this call already"):
        swapping.hand_on(review, other, "On leave", centre.lead, LATER)


def test_who_is_handed_both_reviews_of_a_call_at_once_is_refused_the_second_in_words(monkeypatch):
    centre = Centre(agents=1, calls=12, several_share="1.00")
    centre.draw()
    review = Evaluation.objects.filter(rank=0).first()
    other = next(one for one in centre.analysts if one != review.reviewer)
    # As if the other's had come between the look and the change.
    monkeypatch.setattr(swapping, "_reviews_it", lambda *_: False)
    with pytest.raises(ValidationError, match="this call already"):
        swapping.hand_on(review, other, "On leave", centre.lead, LATER)


def test_a_call_that_nobody_reviews_is_given_to_somebody_once():
    centre = Centre(agents=1, calls=12)
    centre.reviewed_by(centre.analysts[0], capacity=4)
    draw = centre.draw()
    call = DrawnCall.objects.get(evaluations=None)
    made = swapping.give(call, centre.lead, centre.analysts[1], LATER)
    assert (made.reviewer, made.rank, made.due_at) == (centre.lead, 0, draw.due_at)
    with pytest.raises(ValidationError, match="already"):
        swapping.give(call, centre.analysts[1], centre.analysts[1], LATER)
