"""Sessions: made, scored blind, opened, talked about, agreed on, closed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ccm.models import Call, User
from qa.calibration import drawing, reads, services
from qa.calibration.drawing import Draw
from qa.models import CalibrationCall, CardCriterion, Evaluation
from tests.builders import NINE, a_call, a_user
from tests.qa.after.builders import House, answered
from tests.qa.builders import an_evaluation
from tests.qa.calibration.builders import a_session, score
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def house():
    return House()


def criterion(house, key):
    return CardCriterion.objects.get(card=house.card, key=key)


def test_a_session_makes_a_review_for_each_rater_and_call(house):
    session = a_session(house, [house.call(), house.call()])
    reviews = Evaluation.objects.filter(session_call__session=session)
    assert {(one.reviewer, one.session_call_id) for one in reviews} == {
        (who, call.pk) for who in (house.reviewer, house.other) for call in session.calls.all()
    }
    assert {(one.kind, one.state, one.due_at) for one in reviews} == {
        ("calibration", "todo", session.due_at)
    }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"raters": "one"}, "From 2 to 12"),
        ({"calls": "none"}, "From 1 to 20"),
        ({"expert": "manager"}, "expert is one of"),
        ({"calls": "refused"}, "did not agree"),
        ({"calls": "own"}, "own calls"),
    ],
)
def test_a_session_that_cannot_be_is_refused_and_leaves_nothing(house, more, words):
    said = {
        "one": (house.reviewer,),
        "none": (),
        "manager": house.manager,
        "refused": (house.call(consent=False),),
        "own": (house.call(),),
    }
    raters = (house.reviewer, house.other)
    if more.get("calls") == "own":
        raters = (house.reviewer, house.other, house.me)
    asked = {
        "site": house.site, "name": "March", "version": house.card.versions.get(),
        "raters": raters, "expert": house.other, "due_at": NINE, "calls": (house.call(),),
    } | {key: said[value] for key, value in more.items()}  # fmt: skip
    from django.db import transaction

    with pytest.raises(ValidationError, match=words), transaction.atomic():
        services.make(services.Asked(**asked), house.reviewer, NINE)
    assert not Evaluation.objects.exists()
    assert not CalibrationCall.objects.exists()


def test_nobody_sees_what_others_said_until_all_have_finished(house):
    admin = a_user("admin")
    session = a_session(house)
    score(session, house.reviewer, cause="2")
    assert session.state == "blind"
    for who in (admin, house.manager, house.other):
        theirs = Evaluation.objects.visible_to(who).filter(reviewer=house.reviewer)
        assert not theirs.exists()
    with pytest.raises(ValueError, match="blind"):
        reads.spread(session, 1, house.reviewer)
    score(session, house.other, cause="4")
    assert (session.state, session.opened_by, session.opened_at) == ("open", None, NINE)
    assert Evaluation.objects.visible_to(house.other).filter(reviewer=house.reviewer).exists()


def test_the_maker_opens_it_early_and_what_is_not_finished_is_dropped(house):
    session = a_session(house, [house.call(), house.call()], who=house.reviewer)
    score(session, house.reviewer)
    for who in (house.manager, house.lead):
        with pytest.raises(ValidationError, match="Who made"):
            services.open_session(session, who, NINE)
    assert services.open_session(session, house.reviewer, NINE) == 3
    states = Evaluation.objects.filter(session_call__session=session).values_list(
        "state", flat=True
    )
    assert sorted(states) == ["dropped"] * 3 + ["finished"]
    session.refresh_from_db()
    with pytest.raises(ValidationError, match="open already"):
        services.open_session(session, house.reviewer, NINE)


def test_the_spread_marks_who_stands_apart(house):
    raters = (house.reviewer, house.other, house.manager)
    session = a_session(house, raters=raters)
    score(session, house.reviewer, cause="4")
    score(session, house.other, cause="4", comment="Asked twice")
    score(session, house.manager, cause="2", greeting="no")
    [glance], spread = reads.spread(session, 1, house.reviewer)
    # Of four criteria one is a text, and nobody said any.
    assert (glance.alike, glance.apart) == (1, 2)
    # 40 + 60 x 3/4 = 85, and 60 x 1/4 = 15.
    assert (glance.low, glance.high) == (Decimal("0.15"), Decimal("0.85"))
    rows = {row.criterion.key: row for group in spread.groups for row in group.rows}
    # The expert first.
    assert [one.rater for one in rows["cause"].said] == [house.other, *sorted(
        (house.reviewer, house.manager), key=lambda one: one.username
    )]  # fmt: skip
    apart = {one.rater for one in rows["cause"].said if one.is_apart}
    assert apart == {house.manager}
    assert rows["cause"].different == 2
    assert not any(one.is_apart for one in rows["verified"].said)
    assert rows["cause"].said[0].comment == "Asked twice"
    assert spread.apart == 2


def test_an_open_session_tells_nothing_of_a_call_to_who_is_still_to_score_it_or_took_it(house):
    session = a_session(house, calls=[house.call(), house.call()])
    for number in (1, 2):
        score(session, house.reviewer, number)
        score(session, house.other, number)
    first, second = session.calls.order_by("pk")
    # The manager has the first call to review for another reason.
    an_evaluation(Call.objects.get(pk=first.call_id), house.manager, kind="targeted")
    glances, spread = reads.spread(session, 1, house.manager)
    assert [(one.is_hidden, one.scored) for one in glances] == [(True, 0), (False, 2)]
    assert spread is None
    assert reads.spread(session, 2, house.manager)[1] is not None
    client = Client()
    client.force_login(house.manager)
    page = client.get(reverse("calibration", args=[session.pk])).content.decode()
    assert "This call is not for you yet" in page
    asked = {"session": session.pk}
    told = client.get(reverse("api_calibration_ratings"), asked).json()["ratings"]
    assert {one["call"] for one in told} == {str(second.call_id)}
    # An analyst who takes calls, too, and took these.
    house.agent.user = house.other
    house.agent.save()
    house.other.groups.add(Group.objects.get(name="agent"))
    glances, spread = reads.spread(session, 2, User.objects.get(pk=house.other.pk))
    assert [(one.is_hidden, one.scored, one.low) for one in glances] == [(True, 0, None)] * 2
    assert spread is None


def test_a_call_that_nobody_finished_is_hidden_too_from_who_is_still_to_score_it(house):
    session = a_session(house)
    services.open_session(session, house.reviewer, NINE)
    session.refresh_from_db()
    (call,) = session.calls.all()
    services.note(call, criterion(house, "cause"), "She guessed", house.other, NINE)
    services.agree(call, criterion(house, "cause"), "4", "As said", house.other, NINE, revision=0)
    assert [one.words for one in reads.notes(session, house.manager)] == ["She guessed"]
    assert reads.spread(session, 1, house.manager)[1] is not None
    an_evaluation(Call.objects.get(pk=call.call_id), house.manager, kind="targeted")
    assert reads.notes(session, house.manager) == []
    glances, spread = reads.spread(session, 1, house.manager)
    assert ([one.is_hidden for one in glances], spread) == ([True], None)


def test_of_two_who_differ_neither_is_the_usual_one(house):
    session = a_session(house)
    score(session, house.reviewer, cause="4")
    score(session, house.other, cause="3")
    _glances, spread = reads.spread(session, 1, house.reviewer)
    rows = {row.criterion.key: row for group in spread.groups for row in group.rows}
    assert all(one.is_apart for one in rows["cause"].said)


def test_what_was_said_and_agreed_on_is_kept_with_who_and_why(house):
    session = a_session(house)
    score(session, house.reviewer, cause="4")
    call = session.calls.select_related("session__version").get()
    with pytest.raises(ValidationError, match="still being scored"):
        services.note(call, None, "Early", house.reviewer, NINE)
    score(session, house.other, cause="3")
    services.note(call, criterion(house, "cause"), "She asked twice", house.other, NINE)
    with pytest.raises(ValidationError, match="already"):
        services.note(call, criterion(house, "cause"), "She asked twice", house.other, NINE)
    with pytest.raises(ValidationError, match="take part"):
        services.note(call, None, "Hello", a_user("qa_analyst"), NINE)
    with pytest.raises(ValidationError, match="no answer"):
        services.agree(call, criterion(house, "cause"), "7", "", house.other, NINE, revision=0)
    cause = criterion(house, "cause")
    services.agree(call, cause, "3", "Guesses", house.other, NINE, revision=0)
    # Of two who read that nothing was agreed on, the second is told, and nothing of theirs is kept.
    with pytest.raises(services.Stale, match="agreed on meanwhile"):
        services.agree(call, cause, "4", "No guess", house.reviewer, NINE, revision=0)
    [agreed] = call.agreed.all()
    assert (agreed.value, agreed.words, agreed.by, agreed.revision) == (
        "3", "Guesses", house.other, 1,
    )  # fmt: skip
    # What is sent once more is the same.
    services.agree(call, cause, "3", "Guesses", house.other, NINE, revision=0)
    services.agree(call, cause, "4", "No guess", house.reviewer, NINE, revision=1)
    [agreed] = call.agreed.all()
    assert (agreed.value, agreed.words, agreed.by, agreed.revision) == (
        "4", "No guess", house.reviewer, 2,
    )  # fmt: skip
    services.close(session, house.reviewer, NINE)
    with pytest.raises(ValidationError, match="closed"):
        services.agree(call, cause, "5", "", house.other, NINE, revision=2)
    with pytest.raises(ValidationError, match="not being discussed"):
        services.close(session, house.reviewer, NINE)


def test_a_calibration_never_enters_a_score(house):
    session = a_session(house)
    for who in (house.reviewer, house.other):
        score(session, who, cause="1")
    assert not Evaluation.objects.scored().exists()
    assert not Evaluation.objects.of_agent(house.agent.pk).exists()
    drawn = house.drawn()
    assert [one.pk for one in Evaluation.objects.scored()] == [drawn.pk]


def test_a_draw_of_calls_repeats_by_its_seed_and_leaves_out_what_may_not_be_heard(house):
    day, day_after = NINE.date(), NINE + timedelta(days=1)
    may = [house.call() for _ in range(6)]
    house.call(consent=False)
    house.call(talk=20)
    house.call(at=day_after)
    a_call(house.queue, outcome="abandoned")
    reviewed = house.call()
    an_evaluation(reviewed, house.reviewer, version=house.card.versions.get())
    raters = (house.reviewer, house.other)
    asked = Draw("seed", day, day, None, 4)
    first, how = drawing.draw(asked, house.site, raters)
    again, _how = drawing.draw(asked, house.site, raters)
    assert [one.pk for one in first] == [one.pk for one in again]
    assert {one.pk for one in first} <= {one.pk for one in may}
    assert how["eligible"] == 6
    other, _how = drawing.draw(Draw("another seed", day, day, None, 6), house.site, raters)
    assert [one.pk for one in other] != [one.pk for one in first]
    # None of a rater's own.
    with pytest.raises(ValidationError, match="0 calls to draw from"):
        drawing.draw(asked, house.site, (*raters, house.me))


def test_calls_are_named_by_ids_or_addresses_of_calls_one_may_open(house):
    call, other = house.call(), a_call(House().queue)
    words = f"http://here/calls/{call.pk}/ and again {str(call.pk).upper()}"
    assert drawing.named(house.site, words, house.reviewer) == [call]
    for wrong in (str(other.pk), "nothing", "0" * 2000):
        with pytest.raises(ValidationError):
            drawing.named(house.site, wrong, house.reviewer)


@pytest.mark.django_db(transaction=True)
def test_the_last_two_who_finish_at_once_open_it_once(house):
    session = a_session(house)
    reviews = list(Evaluation.objects.filter(session_call__session=session))

    def finish(review):
        def one():
            from django.db import transaction

            from qa.signals import review_finished

            with transaction.atomic():
                Evaluation.objects.select_for_update().get(pk=review.pk)
                answered(review)
                review_finished.send(sender=Evaluation, evaluation=review, now=NINE)

        return one

    assert elsewhere(*map(finish, reviews)) == ["done", "done"]
    session.refresh_from_db()
    assert session.state == "open"


def test_who_takes_part_is_counted_what_is_left(house):
    session = a_session(house, [house.call(), house.call()])
    score(session, house.other)
    [line] = reads.listed(house.other, NINE)
    assert (line.calls, line.raters, line.done, line.reviews, line.mine_left) == (2, 2, 1, 4, 1)
