"""Reviews are kept as they are given: of two who change one the later is told, and nothing that is
missing is passed over."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Call
from qa.models import (
    Answer,
    CalibrationCall,
    CalibrationSession,
    Evaluation,
    Evidence,
    QualityRules,
    ReviewEvent,
)
from qa.reviews import services
from qa.reviews.saying import Changes, Pin
from qa.reviews.services import Release
from qa.signals import review_finished
from tests.builders import NINE, a_call, a_queue, a_user
from tests.qa.builders import a_card, a_plan, a_reviewed_agent, an_evaluation, finished
from tests.qa.reviews.builders import a_drawn_review, answered, changes
from tests.qa.reviews.cards import TWELVE
from tests.threads import elsewhere

HOUR = timedelta(hours=1)


@pytest.fixture
def review(db):
    return an_evaluation()


def save(review, seen, now=NINE, **said):
    return services.save(review, review.reviewer, seen, changes(review, **said), now)


def finish(review, now=NINE, **more):
    review.refresh_from_db()
    return services.finish(review, review.reviewer, review.revision, now, **more)


def whole(review, now=NINE):
    """All that the builders' card asks: 40 of 100 met, 60 at 4 of 1 to 5: 40 + 45 = 85."""
    return answered(review, now, greeting="yes", verified="yes", cause="4")


def said_in(review):
    return dict(review.answers.values_list("criterion__key", "value"))


def test_what_is_said_is_kept_with_the_score_of_it(review):
    first = save(review, 0, greeting="yes")
    assert (first.state, first.revision, first.begun_at) == ("draft", 1, NINE)
    second = save(review, 1, NINE + HOUR, greeting="no", cause=("3", "Guessed"), comment="Sound")
    review.refresh_from_db()
    # 40 * 0 + 60 * half.
    assert (review.share, review.revision, review.comment) == (Decimal("0.3"), 2, "Sound")
    assert (second.begun_at, second.saved_at) == (NINE, NINE + HOUR)
    assert said_in(review) == {"greeting": "no", "cause": "3"}
    assert review.answers.get(criterion__key="cause").comment == "Guessed"


def test_an_answer_is_taken_back_and_does_not_apply(review):
    save(review, 0, greeting="yes", cause="5")
    save(review, 1, greeting="", cause="5")
    assert said_in(review) == {"cause": "5"}
    there = save(review, 2, greeting=None)
    assert review.answers.get(criterion__key="greeting").skipped
    assert there.share == 1


def test_nothing_said_changes_nothing(review):
    assert services.save(review, review.reviewer, 0, Changes(), NINE).revision == 0
    review.refresh_from_db()
    assert review.state == "todo"


def test_who_saw_an_older_revision_is_told_and_nothing_is_written_over(review):
    save(review, 0, cause="5")
    with pytest.raises(services.Stale) as told:
        save(review, 0, cause="1", greeting="yes")
    assert told.value.evaluation.revision == 1
    assert said_in(review) == {"cause": "5"}


def test_nobody_else_writes_in_a_review_nor_its_reviewer_once_it_is_done(review):
    other = a_user("qa_analyst", review.site)
    with pytest.raises(services.Closed, match="not yours"):
        services.save(review, other, 0, changes(review, cause="5"), NINE)
    finished(review)
    with pytest.raises(services.Closed, match="not open"):
        save(review, 0, cause="5")
    assert said_in(review) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("nothing_sent")
def test_of_two_tabs_that_save_at_once_one_is_kept_whole_and_the_other_told():
    review = an_evaluation()

    def one(**said):
        given = changes(review, **said)
        return lambda: services.save(review, review.reviewer, 0, given, NINE)

    outcomes = elsewhere(
        one(cause="5", greeting="yes"), one(cause="1", greeting="no"), one(cause="2", greeting=None)
    )
    assert sum(one == "done" for one in outcomes) == 1
    assert sum("changed elsewhere meanwhile" in one for one in outcomes) == 2
    kept = {
        key: "n/a" if skipped else value
        for key, value, skipped in review.answers.values_list("criterion__key", "value", "skipped")
    }
    assert kept in (
        {"cause": "5", "greeting": "yes"},
        {"cause": "1", "greeting": "no"},
        {"cause": "2", "greeting": "n/a"},
    )
    review.refresh_from_db()
    assert review.revision == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("nothing_sent")
def test_a_review_that_is_finished_twice_at_once_is_finished_once():
    review = whole(an_evaluation())
    done = lambda: services.finish(review, review.reviewer, review.revision, NINE)  # noqa: E731
    outcomes = elsewhere(done, done)
    assert sum(one == "done" for one in outcomes) == 1
    assert sum("not open any more" in one for one in outcomes) == 1
    assert ReviewEvent.objects.filter(evaluation=review, what="finished").count() == 1


def pinned(review):
    return set(review.evidence.values_list("criterion__key", "at_ms", "line"))


def test_places_are_pinned_once_and_let_go(review):
    pins = (Pin("greeting", 4000, 1), Pin("greeting", 4000, 1), Pin("", 9000, None))
    there = services.save(review, review.reviewer, 0, Changes(pins=pins), NINE)
    again = Changes(pins=(Pin("greeting", 4000, 1), Pin("cause", None, 3)))
    services.save(review, review.reviewer, there.revision, again, NINE)
    assert pinned(review) == {("greeting", 4000, 1), (None, 9000, None), ("cause", None, 3)}
    gone = review.evidence.get(at_ms=9000)
    elsewhere_pinned = Evidence.objects.create(evaluation=an_evaluation(), line=1, made_at=NINE)
    let_go = Changes(unpinned=frozenset({gone.pk, elsewhere_pinned.pk}))
    services.save(review, review.reviewer, 2, let_go, NINE)
    assert pinned(review) == {("greeting", 4000, 1), ("cause", None, 3)}
    assert Evidence.objects.filter(pk=elsewhere_pinned.pk).exists()


def test_no_more_places_are_pinned_than_a_page_can_show(review):
    many = tuple(Pin("", ms, None) for ms in range(200))
    services.save(review, review.reviewer, 0, Changes(pins=many), NINE)
    with pytest.raises(ValidationError, match="At most 200"):
        services.save(review, review.reviewer, 1, Changes(pins=(Pin("", 999, None),)), NINE)


def test_what_is_missing_is_told_and_the_draft_stays(review):
    save(review, 0, greeting="yes", cause="2")
    with pytest.raises(services.Unfinished) as told:
        finish(review)
    # The check of the account is open; 2 of 1 to 5 is a quarter, which needs a comment below half.
    assert (told.value.standing.open, told.value.standing.unsaid) == (("verified",), ("cause",))
    review.refresh_from_db()
    assert (review.state, review.revision) == ("draft", 1)


def test_a_finished_review_has_its_score_its_history_and_whoever_listens_is_told(review):
    heard = []
    listen = lambda **told: heard.append((told["evaluation"].pk, told["now"]))  # noqa: E731
    review_finished.connect(listen)
    try:
        whole(review)
        there = finish(review, NINE + HOUR)
    finally:
        review_finished.disconnect(listen)
    assert (there.state, there.finished_at) == ("finished", NINE + HOUR)
    review.refresh_from_db()
    assert review.share == Decimal("0.85")
    event = ReviewEvent.objects.get(evaluation=review, what="finished")
    assert (event.what, event.who, event.share) == ("finished", review.reviewer, Decimal("0.85"))
    assert heard == [(review.pk, NINE + HOUR)]
    entry = AuditEntry.objects.get(model="qa.evaluation", object_id=str(review.pk))
    assert entry.after["answers"] == {"greeting": "yes", "verified": "yes", "cause": "4"}
    assert (entry.before["state"], entry.after["state"]) == ("draft", "finished")


def test_what_is_not_asked_any_more_is_not_kept(db):
    queue = a_queue()
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    version = a_card(queue.site, form=TWELVE).versions.get()
    review = an_evaluation(call, version=version)
    answered(
        review, greeting="met", verified="yes", cause="5", held="yes", hold="not", accuracy="met",
        minutes="3,5", tone="5", listening="met", resolved="yes",
    )  # fmt: skip
    review.refresh_from_db()
    pin = Changes(pins=(Pin("hold", 4000, None), Pin("tone", 5000, None)))
    services.save(review, review.reviewer, 1, pin, NINE)
    review.refresh_from_db()
    save(review, 2, held="no")
    there = finish(review)
    # All at their best but for 3.5 minutes, (10 - 3.5) / 8 of 5 points of 25 + 20 + 5 in Solving.
    assert "hold" not in said_in(review)
    assert pinned(review) == {("tone", 5000, None)}
    lost = Decimal(5) * (1 - Decimal("6.5") / 8)
    whole_weight = 10 + 20 + 25 + 20 + 5 + 15 + 10 + 15
    assert there.share == (1 - lost / whole_weight).quantize(Decimal("1e-10"))


@pytest.mark.parametrize(
    ("policy", "days", "expected"),
    [
        ("at_once", 3, timedelta(0)),
        ("at_day", 3, timedelta(days=3)),
        ("by_hand", 3, None),
    ],
)
def test_a_drawn_review_is_released_as_its_plan_has_it(db, policy, days, expected):
    queue = a_queue()
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    plan = a_plan(queue.site, release=policy, release_days=days)
    there = finish(whole(a_drawn_review(call, plan=plan)), release=Release(by_hand=True))
    assert there.release_at == (None if expected is None else NINE + expected)


def test_the_second_review_of_a_drawn_call_measures_reviewers_and_is_not_released(db):
    queue = a_queue()
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    first = finish(whole(a_drawn_review(call)))
    second = finish(whole(a_drawn_review(call, rank=1)))
    assert (first.release_at, second.release_at) == (NINE, None)


def test_a_targeted_review_is_released_as_its_reviewer_says(db):
    later = NINE + timedelta(days=4)
    for release, expected in (
        (None, NINE),
        (Release(by_hand=True), None),
        (Release(at=later), later),
        (Release(at=NINE - HOUR), NINE),
    ):
        assert finish(whole(an_evaluation()), release=release).release_at == expected


def a_calibration(state="blind"):
    queue = a_queue()
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    version = a_card(queue.site).versions.get()
    session = CalibrationSession.objects.create(
        site=queue.site, name="May", version=version, due_at=NINE, made_at=NINE
    )
    rated = CalibrationCall.objects.create(session=session, call=call)
    review = an_evaluation(call, version=version, kind="calibration", session_call=rated)
    return session, review


def test_a_review_of_a_calibration_is_never_released_and_stays_once_it_is_discussed(db):
    session, review = a_calibration()
    there = finish(whole(review), release=Release(at=NINE))
    assert there.release_at is None
    # It was the last of its session, which was opened by that.
    blind = CalibrationSession.objects.filter(pk=session.pk)
    blind.update(state="blind", opened_at=None)
    assert services.reopen(review, review.reviewer, NINE).state == "draft"
    finish(review)
    CalibrationSession.objects.filter(pk=session.pk).update(state="open", opened_at=NINE)
    with pytest.raises(ValidationError, match="discussed"):
        services.reopen(review, review.reviewer, NINE)
    with pytest.raises(ValidationError, match="Only a finished review"):
        services.tell(review, a_user("manager", review.site), "", NINE, NINE)


def test_a_finished_review_is_opened_again_until_it_is_released(review):
    whole(review)
    by_hand = Release(by_hand=True)
    finish(review, release=by_hand)
    there = services.reopen(review, review.reviewer, NINE + HOUR)
    assert (there.state, there.finished_at, there.release_at) == ("draft", None, None)
    assert said_in(review)["cause"] == "4"
    finish(review, release=by_hand)
    events = ReviewEvent.objects.filter(evaluation=review).values_list("what", flat=True)
    assert sorted(events) == ["finished", "finished", "reopened"]
    with pytest.raises(ValidationError, match="not yours"):
        services.reopen(review, a_user("qa_analyst", review.site), NINE)
    Evaluation.objects.filter(pk=review.pk).update(state="released", released_at=NINE)
    with pytest.raises(ValidationError, match="not released"):
        services.reopen(review, review.reviewer, NINE)


def test_who_may_know_what_another_gave_a_call_does_not_change_their_own_grade(db):
    queue = a_queue()
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    a_plan(queue.site, release="by_hand")
    first, second = whole(a_drawn_review(call)), whole(a_drawn_review(call, rank=1))
    finish(first)
    assert services.reopen(first, first.reviewer, NINE).state == "draft"
    finish(first)
    finish(second)
    with pytest.raises(ValidationError, match="Somebody else's review"):
        services.reopen(first, first.reviewer, NINE)


def test_a_call_that_must_not_be_heard_is_not_reviewed(review):
    save(review, 0, cause="5")
    Call.objects.filter(pk=review.call_id).update(consent=False)
    with pytest.raises(services.Closed, match="did not agree"):
        save(review, 1, cause="1")


def test_a_site_may_ask_for_consent_of_which_it_knows(review):
    QualityRules.objects.create(site=review.site, needs_consent=True)
    with pytest.raises(services.Closed, match="Nobody knows"):
        save(review, 0, cause="1")


def test_a_review_outlives_its_call(review):
    Call.objects.filter(pk=review.call_id).delete()
    assert save(review, 0, cause="1").revision == 1


def test_that_it_was_talked_about_is_noted_once_and_not_by_whom_it_is_about(review):
    lead = a_user("supervisor")
    with pytest.raises(ValidationError, match="Only a finished"):
        services.tell(review, lead, "", NINE, NINE)
    whole(review)
    finish(review, NINE)
    for at in (NINE - HOUR, NINE + 2 * HOUR):
        with pytest.raises(ValidationError, match="by now"):
            services.tell(review, lead, "", at, NINE + HOUR)
    with pytest.raises(ValidationError, match="themselves"):
        services.tell(review, review.agent.user, "", NINE, NINE + HOUR)
    there = services.tell(review, lead, "Went through the greeting", NINE, NINE + HOUR)
    assert (there.verbal_at, there.verbal_by) == (NINE, lead)
    event = ReviewEvent.objects.get(evaluation=review, what="verbal")
    assert (event.who, event.words) == (lead, "Went through the greeting")
    with pytest.raises(ValidationError, match="noted already"):
        services.tell(review, lead, "", NINE, NINE + HOUR)


def test_numbers_of_cards_are_hidden_in_what_a_reviewer_writes(review):
    save(review, 0, comment="She read out 4111 1111 1111 1111", remark="to 4111 1111 1111 1111")
    review.refresh_from_db()
    assert "1111" not in review.comment
    assert "1111" not in Answer.objects.get(evaluation=review).value
