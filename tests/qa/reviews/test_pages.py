"""The screen of a review, as its reviewer has it, with and without its script."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ccm.models import AuditEntry, Call, SurveyResponse
from qa.models import Evaluation, ReviewEvent
from qa.reviews import services
from tests.builders import NINE, a_call, a_queue, a_user
from tests.qa.builders import FORM, a_card, a_plan, a_reviewed_agent, an_evaluation, finished
from tests.qa.reviews.builders import (
    a_drawn_review,
    a_recording,
    a_suggestion,
    a_transcript,
    answered,
)
from tests.qa.reviews.cards import TWELVE

pytestmark = pytest.mark.django_db
BIGGEST = 99_999_999_999_999_999_999


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def page(review, user=None, **more):
    return client_of(user or review.reviewer).get(reverse("review", args=[review.pk]), **more)


def text(answer):
    return " ".join(answer.content.decode().split())


def send(review, user=None, **sent):
    """The form, as a browser without a script sends it."""
    said = {"revision": review.revision, "act": "save"} | sent
    address = reverse("review", args=[review.pk])
    answer = client_of(user or review.reviewer).post(address, said)
    review.refresh_from_db()
    return answer


def save(review, said, user=None):
    """As the page's script does."""
    address = reverse("review_save", args=[review.pk])
    body = said if isinstance(said, str | bytes) else json.dumps(said)
    client = client_of(user or review.reviewer)
    return client.post(address, body, content_type="application/json")


def a_whole_review(**more):
    """Of a call that was recorded, written down and rated, by a card of twelve."""
    queue = a_queue()
    agent = a_reviewed_agent(queue.site)
    said = {"consent": True, "recording": "call.wav", "caller_hash": "h"} | more
    call = a_call(queue, agent=agent, **said)
    a_recording(seconds=1)
    a_transcript(call)
    plan = a_plan(queue.site, a_card(queue.site, form=TWELVE), release="by_hand")
    return a_drawn_review(call, a_user("qa_analyst", queue.site), plan=plan)


def test_the_screen_has_the_call_beside_the_card():
    review = a_whole_review()
    a_suggestion(review, value="met")
    answered(review, held="yes", cause=("2", "Guessed twice"))
    shown = text(page(review))
    for there in (
        "Greeting and name", "Two identifiers before any account detail.", "my name is Sam",
        "hidden: 1 postcode", "Check: Says greeting: <b>Met</b>", "Guessed twice",
        f'src="/quality/recordings/{review.call_id}/"', "2 of 10 answered", "needed below 50 %",
        f"Drawn: {review.queue.name} · from 10:00", "nothing at 10, all at 2",
    ):  # fmt: skip
        assert there in shown, there
    # 2 of 1 to 5 is a quarter of its points; hold is shown, for the caller was put on hold.
    assert "25.0" in shown
    assert 'data-criterion="hold" data-number="5"' in shown


def test_what_an_answer_shows_is_hidden_until_it_is_given():
    review = a_whole_review()
    hold = page(review).content.decode().partition('data-criterion="hold"')[2].partition("<h3")[0]
    assert " hidden>" in hold
    answered(review, held="yes")
    review.refresh_from_db()
    hold = page(review).content.decode().partition('data-criterion="hold"')[2].partition("<h3")[0]
    assert " hidden>" not in hold


@pytest.mark.parametrize("many", [0, 6])
def test_the_screen_asks_the_same_of_few_rows_as_of_many(many):
    review = a_whole_review()
    given = dict.fromkeys(("greeting", "accuracy", "listening"), "met") | {"tone": "4"}
    answered(review, **dict(list(given.items())[: many or 1]))
    a_suggestion(review, value="met")
    for number in range(many):
        a_call(
            review.queue, NINE.replace(hour=1, minute=number), agent=review.agent, caller_hash="h"
        )
    client = client_of(review.reviewer)
    address = reverse("review", args=[review.pk])
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) <= 12, [one["sql"][:90] for one in asked]


def test_nobody_but_its_reviewer_writes_in_it_and_who_sees_it_reads_that_it_is_not_done():
    review = a_whole_review()
    manager = a_user("manager", review.site)
    shown = text(page(review, manager))
    assert "It is not done yet" in shown
    assert "rv-form" not in shown
    assert save(review, {"revision": 0, "comment": "Mine"}, manager).status_code == 410
    answer = send(review, manager, comment="Mine")
    assert "not open any more" in text(answer)
    review.refresh_from_db()
    assert (review.comment, review.revision) == ("", 0)
    for nobody in (a_user("planner", review.site), review.agent.user, a_user("qa_analyst")):
        assert page(review, nobody).status_code == 404
        assert save(review, {"revision": 0}, nobody).status_code == 404
        assert send(review, nobody).status_code == 404


def test_a_done_review_is_read_by_who_may_and_opened_again_by_its_reviewer():
    review = an_evaluation()
    answered(review, greeting="yes", verified="yes", cause=("2", "Guessed"))
    review.refresh_from_db()
    send(review, act="finish", release="by_hand")
    assert review.state == "finished"
    told = reverse("review", args=[review.pk])
    shown = text(page(review))
    assert "Open it again" in shown
    # 40 of 100 met, and a quarter of 60.
    assert '<b class="rv-fig">55.0</b>' in shown
    assert "Guessed" in shown
    assert "rv-form" not in shown
    assert "Open it again" not in text(page(review, a_user("manager", review.site)))
    assert page(review, review.agent.user).status_code == 404
    answer = client_of(review.reviewer).post(reverse("review_reopen", args=[review.pk]))
    assert answer["Location"] == told
    review.refresh_from_db()
    assert review.state == "draft"
    again = client_of(review.reviewer).post(reverse("review_reopen", args=[review.pk]), follow=True)
    assert "Only a finished review" in text(again)


def test_its_agent_reads_a_released_review_where_they_answer_to_it():
    review = finished(an_evaluation(), state="released", released_at=NINE)
    answer = page(review, review.agent.user)
    assert answer["Location"] == reverse("review_told", args=[review.pk])
    shown = text(page(review, a_user("manager", review.site)))
    assert f'href="{answer["Location"]}"' in shown


def test_a_call_whose_caller_did_not_agree_is_refused_with_a_way_on():
    review = a_whole_review()
    Call.objects.filter(pk=review.call_id).update(consent=False)
    shown = text(page(review))
    assert "did not agree to be recorded" in shown
    for hidden in ("rv-player", "my name is Sam", "rv-form", "Greeting and name"):
        assert hidden not in shown
    assert save(review, {"revision": 0, "comment": "x"}).status_code == 410
    review.refresh_from_db()
    assert review.comment == ""


def test_a_recording_elsewhere_is_linked_to_and_one_that_is_gone_is_told():
    review = a_whole_review(recording="https://pbx.example/r/1?a=b&c=d")
    shown = text(page(review))
    assert 'href="https://pbx.example/r/1?a=b&amp;c=d"' in shown
    assert 'rel="noopener noreferrer"' in shown
    assert "<audio" not in shown
    Call.objects.filter(pk=review.call_id).update(recording="../etc/passwd")
    assert "The recording is not to be had" in text(page(review))
    Call.objects.filter(pk=review.call_id).update(recording="")
    assert "There is no recording" in text(page(review))


def test_a_review_outlives_its_call():
    review = a_whole_review()
    Call.objects.filter(pk=review.call_id).delete()
    shown = text(page(review))
    assert "It is gone with its month" in shown
    assert "Greeting and name" in shown


# Without a script


def test_the_form_alone_keeps_a_draft_and_finishes_it():
    review = an_evaluation()
    answer = send(
        review, **{"a-greeting": "o:yes", "a-verified": "na", "c-cause": "Guessed",
                   "e-cause": "1:05", "e-": "7", "comment": "Sound"},
    )  # fmt: skip
    assert answer.status_code == 302
    assert (review.comment, review.state) == ("Sound", "draft")
    kept = {one.criterion.key: one for one in review.answers.select_related("criterion")}
    assert (kept["greeting"].value, kept["verified"].skipped) == ("yes", True)
    assert kept["cause"].comment == "Guessed"
    assert set(review.evidence.values_list("criterion__key", "at_ms")) == {
        ("cause", 65_000),
        (None, 7_000),
    }
    gone = review.evidence.get(at_ms=7_000)
    send(review, unpin=gone.pk, act="")
    assert review.evidence.count() == 1
    send(review, **{"a-cause": "o:5", "act": "finish"})
    assert (review.is_done, review.share) == (True, 1)


def test_the_form_alone_is_told_what_is_missing_at_its_place():
    review = an_evaluation()
    answer = send(review, **{"a-greeting": "o:yes", "a-cause": "o:1", "act": "finish"})
    assert answer.status_code == 200
    shown = text(answer)
    assert "Not finished: 1 still to be answered, 1 so low that a comment has to say why." in shown
    verified = shown.partition('data-criterion="verified"')[2]
    assert "Not answered yet." in verified.partition('data-criterion="cause"')[0]
    assert "needs a comment" in shown.partition('data-criterion="cause"')[2]
    assert review.state == "draft"


def test_of_two_tabs_the_later_is_told_what_differs_and_keeps_what_it_said():
    review = an_evaluation()
    seen = review.revision
    send(review, **{"a-cause": "o:5", "comment": "From the first tab"})
    answer = send(
        review, revision=seen, comment="From the second", **{"a-cause": "o:2", "a-greeting": "o:no"}
    )
    assert answer.status_code == 409
    shown = text(answer)
    assert "changed elsewhere meanwhile" in shown
    for there in (
        "<b>Found the cause</b> <span>Here: 2</span> <span>Saved meanwhile: 5</span>",
        "From the first tab", 'maxlength="5000">From the second</textarea>',
        'value="o:2" data-digit="2" checked', 'value="o:no" data-digit="2" checked',
        f'name="revision" value="{review.revision}"',
    ):  # fmt: skip
        assert there in shown, there
    assert review.answers.get().value == "5"
    send(review, comment="From the second", **{"a-cause": "o:2"})
    assert (review.answers.get(criterion__key="cause").value, review.comment) == (
        "2",
        "From the second",
    )


def test_what_is_typed_wrong_is_told_and_stays():
    review = a_whole_review()
    answer = send(review, **{"a-minutes": "soon", "a-tone": "o:4", "e-tone": "late"})
    assert answer.status_code == 200
    shown = text(answer)
    assert "This is no number." in shown
    assert list(review.answers.values_list("criterion__key", "value")) == [("tone", "4")]


def test_what_a_check_suggests_is_taken_for_ones_own_only_by_saying_so():
    review = a_whole_review()
    hint = a_suggestion(review, value="met")
    assert review.answers.count() == 0
    page(review)
    assert review.answers.count() == 0
    send(review, accept=hint.pk, act="")
    assert review.answers.get().value == "met"
    assert list(review.evidence.values_list("criterion__key", "line", "at_ms")) == [
        ("greeting", 1, 4000)
    ]
    shown = text(page(review)).partition("Says greeting")[2]
    assert "<q>Good</q>" in shown
    assert 'data-accept="met" disabled' in shown
    # Said otherwise, it may be accepted again.
    send(review, **{"a-greeting": "o:not"})
    assert 'data-accept="met" disabled' not in text(page(review))


def test_a_rater_of_a_calibration_sees_no_suggestion():
    from tests.qa.reviews.test_services import a_calibration

    _session, review = a_calibration()
    a_transcript(Call.objects.get(pk=review.call_id))
    a_suggestion(review)
    assert "Check:" not in text(page(review))


# With its script


def test_a_save_answers_with_what_it_is_worth_now_and_what_is_shown():
    review = a_whole_review()
    said = {
        "revision": 0,
        "answers": {
            "held": {"value": "yes"},
            "verified": {"value": "no"},
            "minutes": {"value": "?"},
        },
        "pins": [{"criterion": "verified", "at_ms": 19_000, "line": 3}],
    }
    answer = save(review, said)
    assert answer.status_code == 200
    told = answer.json()
    assert told["revision"] == 1
    assert (told["score_percent"], told["is_failed"]) == (0.0, True)
    assert told["failed"] == [{"criterion": "verified", "name": "Verified the account"}]
    assert "hold" in told["shown"]
    assert "greeting" in told["unanswered"]
    # Of ten that have to be answered, for hold is one now: the bonus and the text may stay open.
    assert (told["answered"], told["asked"]) == (2, 10)
    assert list(told["wrong"]) == ["/answers/minutes/value"]
    (pin,) = told["pins"]
    assert (pin["criterion"], pin["at_ms"], pin["line"]) == ("verified", 19_000, 3)
    gone = save(review, {"revision": 1, "unpinned": [pin["id"]]}).json()
    assert (gone["pins"], gone["revision"]) == ([], 2)


def test_a_save_of_an_older_revision_is_told_what_there_is():
    review = an_evaluation()
    assert save(review, {"revision": 0, "answers": {"cause": {"value": "5"}}}).status_code == 200
    answer = save(review, {"revision": 0, "answers": {"cause": {"value": "1"}}, "comment": "x"})
    assert answer.status_code == 409
    told = answer.json()
    assert told["answers"] == {"cause": {"value": "5", "skipped": False, "comment": ""}}
    assert (told["revision"], told["comment"]) == (1, "")


def test_finishing_tells_what_is_missing_and_where_to_go_on():
    review = an_evaluation()
    answer = save(review, {"revision": 0, "answers": {"cause": {"value": "1"}}, "finish": True})
    assert answer.status_code == 422
    assert set(answer.json()["lacks"]) == {"greeting", "verified", "cause"}
    review.refresh_from_db()
    # What was said is kept all the same.
    assert (review.state, review.revision) == ("draft", 1)
    whole = {"greeting": {"value": "yes"}, "verified": {"skipped": True}, "cause": {"value": "5"}}
    late = {"release": "at_day", "release_on": "1999-01-01", "finish": True}
    answer = save(review, {"revision": 1, "answers": whole} | late)
    assert (answer.status_code, "from today on" in answer.json()["detail"]) == (422, True)
    answer = save(review, {"revision": 2, "finish": True, "release": "by_hand"})
    assert answer.json()["finished"]
    review.refresh_from_db()
    assert (review.state, review.release_at) == ("finished", None)
    assert save(review, {"revision": 2, "finish": True}).status_code == 410
    assert ReviewEvent.objects.filter(evaluation=review).count() == 1


def test_who_has_finished_a_review_is_told_of_whom_it_is_how_it_scored_and_which_is_next():
    review = an_evaluation()
    queue = review.queue or a_queue(review.site)
    other = a_call(queue, agent=a_reviewed_agent(review.site))
    later = an_evaluation(other, review.reviewer)
    whole = {"greeting": {"value": "yes"}, "verified": {"skipped": True}, "cause": {"value": "5"}}
    said = {"revision": 0, "answers": whole, "finish": True, "release": "by_hand"}
    client = client_of(review.reviewer)
    client.post(
        reverse("review_save", args=[review.pk]), json.dumps(said), content_type="application/json"
    )
    words = text(client.get(reverse("reviews")))
    assert f"Finished: {review.agent.name}" in words
    assert "100.0 %" in words
    assert "Its agent does not read it before somebody releases it." in words
    link = f'Next: <a class="link" href="{reverse("review", args=[later.pk])}">'
    assert link + later.agent.name in words


def test_why_a_call_was_taken_is_read_on_the_screen_and_by_its_agent():
    queue = a_queue()
    me = a_user("agent", queue.site)
    agent = a_reviewed_agent(queue.site)
    agent.user = me
    agent.save()
    review = an_evaluation(
        a_call(queue, agent=agent), kind="targeted", reason="complaint",
        reason_words="Wrote <b>a letter</b>",
    )  # fmt: skip
    there = "Wrote &lt;b&gt;a letter&lt;/b&gt;"
    assert there in text(page(review))
    finished(review, state="released", released_at=NINE)
    assert there in text(page(review))
    told = client_of(me).get(reverse("review_told", args=[review.pk]))
    assert f"Why it was taken: {there}" in text(told)


def test_what_is_known_of_the_call_is_written_as_people_say_it():
    review = a_whole_review()
    review.facts = review.facts | {"topic": "Claim progress", "disposition": None}
    review.save()
    for n, score in enumerate((0, 1)):
        SurveyResponse.objects.create(
            id=uuid4(), source=f"test {n}", call_id=review.call_id, site=review.site, kind="fcr",
            scale_min=0, scale_max=1, score=score, answered_at=NINE,
        )  # fmt: skip
    shown = text(page(review))
    assert "<dt>Topic</dt><dd>Claim progress</dd>" in shown
    assert "<dt>Closed as</dt><dd>not known</dd>" in shown
    assert "<dt>Solved at first contact</dt><dd>no" in shown
    assert "<dt>Solved at first contact</dt><dd>yes" in shown


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{", "null", '{"revision": "x"}', '{"revision": -1}', '{"revision": true}',
        '{"revision": 99999999999999}', b"\xff\xfe", '{"revision": NaN}', "[" * 3000,
    ],
)  # fmt: skip
def test_nonsense_is_refused(body):
    assert save(an_evaluation(), body).status_code == 400


def test_a_body_without_end_is_refused():
    words = "x" * (1 << 20)
    assert save(an_evaluation(), {"revision": 0, "comment": words}).status_code == 400


@pytest.mark.parametrize("said", [
    {"answers": [], "comment": 7, "pins": {}, "unpinned": "all"},
    {"answers": {"cause": {"value": {"a": 1}}, "x" * 500: {"value": "1"}}},
    {"pins": [{"line": 10**30}], "unpinned": [10**30]},
    {"comment": "\ud800"},
])  # fmt: skip
def test_what_cannot_be_is_told_and_breaks_nothing(said):
    review = an_evaluation()
    answer = save(review, {"revision": 0} | said)
    assert answer.status_code == 200
    assert answer.json()["wrong"]
    assert answer.json()["revision"] == 0


def test_ids_beyond_all_rows_are_not_found():
    client = client_of(a_user("admin"))
    for name in ("review", "review_save", "review_reopen", "review_verbal"):
        address = reverse(name, args=[BIGGEST])
        assert client.post(address, "{}", content_type="application/json").status_code == 404
    assert client.get(reverse("review", args=[BIGGEST])).status_code == 404


def test_hostile_words_are_words():
    review = an_evaluation()
    words = '</textarea><script>alert(1)</script>"'
    save(review, {"revision": 0, "comment": words, "answers": {"cause": {"comment": words}}})
    shown = page(review).content.decode()
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


# That it was talked about


def test_that_it_was_talked_about_is_noted_by_the_clock_of_the_site():
    review = finished(an_evaluation(), finished_at=NINE)
    lead = a_user("manager", review.site)
    client = client_of(lead)
    address = reverse("review_verbal", args=[review.pk])
    told = client.post(address, {"at": "2026-03-02T10:30", "words": "The greeting"}, follow=True)
    assert "It is noted" in text(told)
    review.refresh_from_db()
    assert review.verbal_at == NINE.replace(hour=10, minute=30)
    again = client.post(address, {"at": "2026-03-02T10:30"}, follow=True)
    assert "noted already" in text(again)
    assert "no" in text(client.post(address, {"at": "soon"}, follow=True))
    assert ReviewEvent.objects.filter(what="verbal").count() == 1
    own = client_of(review.agent.user).post(address, {"at": "2026-03-02T10:30"})
    assert own.status_code == 404


# Rows to take along


def rows_of(user, site, **asked):
    client = client_of(user)
    asked = {
        "site": site.slug,
        "period": "custom",
        "from": "2026-03-01",
        "to": "2026-03-31",
    } | asked
    answer = client.get(reverse("review_answers_csv"), asked)
    if answer.status_code != 200:
        return answer.status_code
    return b"".join(answer).decode("utf-8-sig").splitlines()


def test_rows_are_one_an_answer_of_what_the_reader_sees_and_that_is_noted():
    review = an_evaluation()
    answered(review, greeting="yes", cause=("2", "=HYPERLINK(1)"))
    other = an_evaluation()
    user = a_user("manager", review.site)
    # Begun: others read how far it is, and neither answers nor score.
    (_head, alone) = rows_of(user, review.site)
    assert ",Begun,Support,1,,,," in alone
    assert "HYPERLINK" not in alone
    assert len(rows_of(review.reviewer, review.site)) == 3
    finished(review)
    rows = rows_of(user, review.site)
    assert len(rows) == 3
    assert "'=HYPERLINK(1)" in rows[2]
    # Cause: a quarter of its points; of 100 it loses 60 * 3/4.
    assert ",cause,Found the cause,2,2,no,25.0,45.0," in rows[2]
    assert rows_of(user, other.site) == 404
    assert len(rows_of(user, review.site, kind="drawn")) == 1
    assert len(rows_of(user, review.site, agent=review.agent_id, state="done")) == 3
    assert len(rows_of(user, review.site, state="open")) == 1
    for wrong in ({"kind": "x"}, {"state": "x"}, {"agent": "x"}, {"card": BIGGEST}, {"from": "x"}):
        assert rows_of(user, review.site, **wrong) == 404
    assert rows_of(a_user("planner", review.site), review.site) == 404
    entry = AuditEntry.objects.filter(model="qa.evaluation", action="exported").first()
    assert (entry.who, entry.after["site"]) == (user, review.site_id)
    admin = client_of(a_user("admin"))
    assert "Reviews of" in text(admin.get(reverse("audit")))


def test_the_log_of_changes_tells_of_reviews_and_recordings():
    review = a_whole_review()
    answered(review, greeting="met")
    client_of(review.reviewer).get(reverse("recording", args=[review.call_id]))
    Evaluation.objects.filter(pk=review.pk).update(state="finished", finished_at=timezone.now())
    client_of(review.reviewer).post(reverse("review_reopen", args=[review.pk]))
    told = text(client_of(a_user("admin")).get(reverse("audit")))
    assert f"Review of a call of {review.agent.name}" in told
    assert f"Recording of a call of {review.agent.name}" in told


def test_the_log_of_changes_calls_answers_as_the_form_does_whatever_their_keys_are():
    queue = a_queue()
    first, *others = FORM["sections"]
    # Keys that fields of a review have, too: "why" and "state".
    yes_no = first["criteria"][0]
    called = (("reason", "Asks why"), ("state", "Says how it stands"))
    asked = [yes_no | {"id": key, "name": name} for key, name in called]
    a_card(queue.site, form=FORM | {"sections": [first | {"criteria": asked}, *others]})
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    review = an_evaluation(call)
    review = answered(review, reason="yes", state="no", verified="yes", cause="4")
    services.finish(review, review.reviewer, review.revision, timezone.now())
    told = text(client_of(a_user("admin")).get(reverse("audit")))
    assert "Asks why: – → Met" in told
    assert "Says how it stands: – → Not met" in told
    assert "Found the cause: – → 4" in told
    assert "State: Begun → Finished" in told
    # No time is told as the database writes it.
    assert "+00:00" not in told
