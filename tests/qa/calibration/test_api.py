"""Calibration sessions over the API: made, scored by reviews, opened, talked about, closed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ccm.access import scope_of
from qa.calibration import reads
from qa.models import CalibrationAgreed, CalibrationSession, Evaluation
from tests.builders import NINE, a_user
from tests.qa.acts import act, pointers
from tests.qa.after.builders import House
from tests.qa.calibration.builders import a_session, score

DRAWN = {"drawn": 4, "first": "2026-01-01", "last": "2026-01-02"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House()


def new(house, **more):
    return {
        "site": house.site.slug, "name": "March", "scorecard": house.card.pk,
        "raters": [house.reviewer.username, house.other.username], "expert": house.other.username,
        "due": str(timezone.now().date() + timedelta(days=7)), **more,
    }  # fmt: skip


def test_a_session_is_made_of_named_calls_and_each_has_reviews_to_do(house):
    call = house.call()
    made = act(house.reviewer, "api_sessions", **new(house, calls=[str(call.pk)]))
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["calls"], told["state"], told["expert"]) == (
        [str(call.pk)], "blind", house.other.username,
    )  # fmt: skip
    own = Evaluation.objects.get(session_call__session=told["id"], reviewer=house.reviewer)
    assert told["own_reviews"] == [own.pk]
    listed = act(house.other, "api_sessions", method="get").json()["sessions"]
    assert [one["id"] for one in listed] == [told["id"]]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({**DRAWN, "raters": []}, ["/raters", "/expert"]),
        ({**DRAWN, "raters": ["planner", "nobody"]}, ["/raters/0", "/raters/1"]),
        (
            {**DRAWN, "calls": ["01a1f326-0000-7000-8000-000000000000"]},
            ["/drawn", "/first", "/last"],
        ),
        ({**DRAWN, "expert": "nobody"}, ["/expert"]),
        ({**DRAWN, "scorecard": 0}, ["/scorecard"]),
        ({"drawn": 4, "last": "2026-01-01", "first": "2026-01-02"}, ["/last"]),
        (DRAWN, [""]),
        ({"calls": ["01a1f326-0000-7000-8000-000000000000"]}, ["/calls"]),
    ],
)
def test_what_no_session_can_be_is_pointed_to(house, more, where):
    answer = act(house.reviewer, "api_sessions", **new(house, **more))
    assert (answer.status_code, pointers(answer)) == (400, where)
    assert not CalibrationSession.objects.exists()


def test_who_may_not_score_is_told_by_login_and_no_number(house):
    answer = act(house.reviewer, "api_sessions", **new(house, **DRAWN, raters=["planner"]))
    assert answer.json()["detail"] == "Nobody of this login may score calls of this site."
    assert "0" not in answer.json()["errors"][0]["message"]


def test_a_post_that_comes_twice_makes_one_session(house):
    calls = [str(house.call().pk)]
    first = act(house.reviewer, "api_sessions", **new(house, calls=calls))
    again = act(house.reviewer, "api_sessions", **new(house, calls=calls))
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert CalibrationSession.objects.count() == 1
    assert Evaluation.objects.filter(kind="calibration").count() == 2
    for other in ({"name": "April"}, {"calls": [str(house.call().pk)]}):
        act(house.reviewer, "api_sessions", **new(house, **{"calls": calls, **other}))
    assert CalibrationSession.objects.count() == 3
    # Of somebody else it is another one.
    act(house.other, "api_sessions", **new(house, calls=calls))
    assert CalibrationSession.objects.count() == 4


def test_a_draw_that_comes_twice_makes_one_session_though_its_calls_are_taken(house):
    calls = [house.call() for _call in range(5)]
    day = str(NINE.date())
    drawn = {"drawn": 3, "first": day, "last": day}
    first = act(house.reviewer, "api_sessions", **new(house, **drawn))
    assert first.status_code == 201, first.content
    # Two are left to draw from, not three.
    again = act(house.reviewer, "api_sessions", **new(house, **drawn))
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    other = act(house.reviewer, "api_sessions", **new(house, **drawn, name="April"))
    assert (other.status_code, other.json()["detail"]) == (
        400, "Of these days there are 2 calls to draw from, not 3.",
    )  # fmt: skip
    assert CalibrationSession.objects.count() == 1
    # Two are another draw than three, and come of the two that are left.
    two = act(house.reviewer, "api_sessions", **new(house, **drawn | {"drawn": 2}))
    assert two.status_code == 201, two.content
    taken = {*first.json()["calls"], *two.json()["calls"]}
    assert taken == {str(one.pk) for one in calls}


def test_notes_are_read_by_who_sees_the_session_and_of_blind_ones_there_are_none(house):
    session = a_session(house, [house.call(), house.call()])
    at = ("api_session_notes", session.pk)
    assert act(house.reviewer, *at, method="get").json() == {"notes": []}
    act(house.reviewer, "api_session_open", session.pk)
    first, second = session.calls.order_by("pk")
    for call, said in ((second, {"criterion": "cause"}), (first, {})):
        act(house.reviewer, *at, call=str(call.call_id), words="Guessed", **said)
    told = act(house.manager, *at, method="get").json()["notes"]
    assert [(one["call"], one["criterion"], one["by"]) for one in told] == [
        (str(second.call_id), "cause", house.reviewer.username),
        (str(first.call_id), None, house.reviewer.username),
    ]
    far = a_user("qa_analyst", House().site)
    assert act(far, *at, method="get").status_code == 404


@pytest.mark.parametrize("calls", [1, 3])
def test_ratings_are_read_in_as_many_queries_for_any_number_of_calls(
    house, django_assert_num_queries, calls
):
    session = a_session(house, [house.call() for _call in range(calls)])
    for number in range(1, calls + 1):
        score(session, house.reviewer, number, cause="4")
        score(session, house.other, number, cause="2")
    session = CalibrationSession.objects.select_related("version").get(pk=session.pk)
    reader = a_user("admin")
    scope_of(reader)
    with django_assert_num_queries(7):
        found = reads.ratings(session, reader)
    of_cause = [one.said.rater for one in found if one.row.criterion.key == "cause"]
    assert len(of_cause) == 2 * calls


def test_a_session_is_opened_talked_about_agreed_on_and_closed(house):
    session = a_session(house)
    call = str(session.calls.get().call_id)
    blind = act(house.reviewer, "api_session_notes", session.pk, call=call, words="Hm")
    assert blind.status_code == 400
    score(session, house.reviewer, cause="4")
    assert act(house.manager, "api_session_open", session.pk).status_code == 404
    assert act(house.reviewer, "api_session_open", session.pk).json()["state"] == "open"
    said = {"call": call, "criterion": "cause"}
    noted = act(house.reviewer, "api_session_notes", session.pk, **said, words="Guessed")
    assert noted.status_code == 201
    twice = act(house.reviewer, "api_session_notes", session.pk, **said, words="Guessed")
    assert (twice.status_code, twice.json()["detail"]) == (400, "That is noted already.")
    at = "api_session_agreed"

    def put(who, **more):
        return act(who, at, session.pk, method="put", **{**said, "revision": 0, **more})

    assert put(house.reviewer, value="9").status_code == 400
    unread = act(house.reviewer, at, session.pk, method="put", **said, value="3")
    assert (unread.status_code, unread.json()["errors"][0]["pointer"]) == (400, "/revision")
    assert put(house.reviewer, value="3", words="Half").status_code == 200
    # Who read it before that is told, and loses nothing of the other's.
    late = put(house.other, value="2", words="Less")
    assert (late.status_code, late.headers["Content-Type"]) == (409, "application/problem+json")
    assert "agreed on meanwhile" in late.json()["detail"]
    assert put(house.reviewer, value="3", words="Half").status_code == 200  # sent once more
    [told] = act(house.other, at, session.pk, method="get").json()["agreed"]
    assert told | {"at": ""} == {
        "call": call, "criterion": "cause", "value": "3", "skipped": False, "words": "Half",
        "by": house.reviewer.username, "at": "", "revision": 1,
    }  # fmt: skip
    card = "card 4111 1111 1111 1111"
    put(house.reviewer, criterion="remark", value=card)
    assert "4111" not in CalibrationAgreed.objects.get(criterion__key="remark").value
    kept = CalibrationAgreed.objects.get(criterion__key="cause")
    assert (kept.criterion.key, kept.value, kept.words) == ("cause", "3", "Half")
    assert put(house.reviewer, criterion="x", value="3").status_code == 404
    assert act(house.reviewer, "api_session_close", session.pk).json()["state"] == "closed"
    assert act(house.reviewer, "api_session_close", session.pk).status_code == 400
    seen = act(house.manager, "api_session", session.pk, method="get")
    assert seen.json()["closed_at"] is not None
    far = a_user("qa_analyst", House().site)
    assert act(far, "api_session", session.pk, method="get").status_code == 404


def test_nobody_else_makes_sessions(house):
    for role in ("manager", "planner", "supervisor", "trainer"):
        who = a_user(role, house.site)
        assert act(who, "api_sessions", **new(house, drawn=1)).status_code == 404
