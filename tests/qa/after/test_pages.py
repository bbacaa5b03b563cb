"""The pages of finished reviews and disputes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry, Call, User
from qa.after import disputing, reads
from qa.after.changing import Given
from qa.after.words import until
from qa.models import Answer, CallTranscript, CardCriterion, Dispute, Evaluation, Evidence
from tests.builders import NINE, a_queue, a_site, a_user, an_agent
from tests.qa.after.builders import House, lines_of
from tests.qa.after.test_disputing import asking_the_cause_only_when_greeted
from tests.qa.builders import FORM, a_card, an_evaluation
from tests.qa.findings.builders import a_finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def house():
    with time_machine.travel(NINE, tick=False):
        yield House()


def get(user, name, *args, query="", status=200):
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == status
    return answer.content.decode() if status == 200 else ""


def post(user, name, *args, query="", status=200, **sent):
    client = Client()
    client.force_login(user)
    answer = client.post(reverse(name, args=args) + query, sent, follow=True)
    assert answer.status_code == status
    return answer.content.decode()


def test_an_agent_without_reviews_is_told_what_comes(house):
    house.finished()  # not released: not there
    said = get(house.me, "my_reviews")
    assert "There are no reviews of your calls yet" in said


def test_an_agent_reads_their_reviews_the_unread_ones_marked(house):
    first, second = house.released(), house.released(cause="5")
    House().released()  # of somebody else
    disputing.acknowledge(first, house.me, NINE)
    said = get(house.me, "my_reviews")
    assert said.count("rv-figure") == 2
    asked = f"site={house.site.slug}&amp;period=90d&amp;agent={house.agent.pk}"
    csv = f"{reverse('review_answers_csv')}?{asked}"
    assert f'href="{csv}" download' in said
    assert "100.0" in said
    assert "70.0" in said
    assert said.count("To read") == 1
    assert said.index(f"reviews/{second.pk}/") < said.index(f"reviews/{first.pk}/")
    # Beside the entry of the sidebar.
    assert "<b>1</b>" in said


def test_what_is_to_be_read_stands_first_then_what_waits_for_an_answer(house):
    oldest, turn, newest = (house.released() for _ in range(3))
    disputing.answer(house.dispute(turn), house.reviewer, NINE, "It stands")
    disputing.acknowledge(newest, house.me, NINE)
    said = get(house.me, "my_reviews")
    places = [said.index(f"reviews/{one.pk}/told/") for one in (oldest, turn, newest)]
    assert places == sorted(places)


def test_each_finds_a_review_under_the_entry_that_led_there(house):
    review = house.released()
    made = house.dispute(review)
    both = a_user("manager", house.site)
    both.groups.add(*house.me.groups.all())
    an_agent(house.site, user=both)
    for who, of_review, of_dispute in (
        (house.me, "My reviews", "My reviews"),
        (house.manager, "Reviews", "Disputes"),
        (both, "Reviews", "Disputes"),
    ):
        client = Client()
        client.force_login(who)
        for name, pk, expected in (
            ("review_told", review.pk, of_review), ("dispute", made.pk, of_dispute),
        ):  # fmt: skip
            groups = client.get(reverse(name, args=[pk])).context["navigation"]
            current = [one["words"] for group in groups for one in group["entries"]
                       if one["current"]]  # fmt: skip
            assert current == [expected]


def test_a_review_tells_what_each_answer_lost_and_why_it_matters(house):
    review = house.released()
    cause = CardCriterion.objects.get(card=house.card, key="cause")
    Evidence.objects.create(
        evaluation=review, criterion=cause, at_ms=38_000, line=2, words="Guesses", made_at=NINE
    )
    spoken = CallTranscript.objects.create(
        call=review.call, site=house.site, agent=house.agent, called_at=NINE, made_at=NINE,
        lines=[{"words": "My line drops"}, {"words": "It must be the card"}], digest="d",
    )  # fmt: skip
    said = get(house.me, "review_told", review.pk)
    assert "70.0" in said
    assert "−30.0 of 60.0 points" in said
    assert "repeat themselves less" in said
    assert "at 0:38" in said
    assert "line 2" in said
    # An agent reads the line of their own call, and where it stands.
    assert "It must be the card" in said
    assert f"/transcripts/{spoken.pk}/#line-2" in said
    # All of it folded, with the line that the review points at marked; who reviews has it beside
    # the form.
    assert "Transcript: 2 lines" in said
    assert "My line drops" in said
    assert said.count("the review points here") == 1
    assert "My line drops" not in get(house.manager, "review_told", review.pk)
    Call.objects.filter(pk=review.call_id).update(consent=False)
    assert "My line drops" not in get(house.me, "review_told", review.pk)
    assert "does not count in a score: the call was chosen" in said
    # Agents are led to no page of reviewers.
    assert "Recording and form" not in said


def test_where_points_were_lost_stands_first_the_most_first_and_what_lost_nothing_is_folded(house):
    # Greeting 40 of 100 not met; the cause 60, of which 3 of 1 to 5 has half.
    review = house.released(greeting="no")
    for who, name in ((house.me, "review_told"), (house.manager, "review")):
        said = get(who, name, review.pk)
        lost = said[said.index('class="rv-losses"') :].split("</ol>")[0]
        assert re.findall(r"<a href=\"#(criterion-\d+)\">(.*?)</a>", lost)[0][1] == "Greeting"
        assert re.findall(r"−[\d.]+ of [\d.]+ points", lost) == [
            "−40.0 of 40.0 points", "−30.0 of 60.0 points",
        ]  # fmt: skip
        # Each leads to where it stands.
        for at in re.findall(r'href="#(criterion-\d+)"', lost):
            assert f'id="{at}"' in said
    said = get(house.me, "review_told", review.pk)
    [folded] = re.findall(r"<details class=\"rv-folded\">(.*?)</details>", said, re.DOTALL)
    assert "1 answer, nothing lost" in folded
    assert "Verified the account" in folded
    assert "Greeting" not in folded
    assert "Found the cause" not in folded
    # What is disputed, and what somebody wrote to, is to be read.
    Answer.objects.filter(evaluation=review, criterion__key="verified").update(comment="Well asked")
    assert "rv-folded" not in get(house.me, "review_told", review.pk)


def test_a_step_of_a_scale_is_told_with_what_it_looks_like():
    anchors = {1: "Guesses.", 3: "Asks once.", 5: "Asks and checks."}
    first, second = FORM["sections"]
    verified, cause, _remark = second["criteria"]
    steps = [one | {"anchor": anchors.get(int(one["id"]), "")} for one in cause["options"]]
    queue = a_queue()
    told = second | {"criteria": [verified, cause | {"options": steps}]}
    a_card(queue.site, form=FORM | {"sections": [first, told]})
    house = House(queue)
    for step, expected in (
        ("1", "Guesses."),
        ("3", "Asks once."),
        ("4", "between “Asks once.” and “Asks and checks.”"),
    ):
        review = house.finished(cause=step)
        for name in ("review_told", "review"):
            assert f"{step} <small>{expected}</small>" in get(house.manager, name, review.pk)


def test_an_agent_hears_their_call_where_there_is_a_recording(house, settings, tmp_path):
    settings.RECORDINGS = str(tmp_path)
    (tmp_path / "one.wav").write_bytes(b"RIFF")
    review = house.released()
    cause = CardCriterion.objects.get(card=house.card, key="cause")
    Evidence.objects.create(evaluation=review, criterion=cause, at_ms=38_500, made_at=NINE)
    address = reverse("recording", args=[review.call_id])
    assert address not in get(house.me, "review_told", review.pk)
    Call.objects.filter(pk=review.call_id).update(recording="one.wav")
    said = get(house.me, "review_told", review.pk)
    assert f'src="{address}"' in said
    assert f"{address}#t=38" in said
    Call.objects.filter(pk=review.call_id).update(consent=False)
    assert address not in get(house.me, "review_told", review.pk)


def test_a_drawn_review_says_that_it_counts_and_how_likely_the_call_was(house):
    review = house.drawn(n=5, of=50)
    said = get(house.manager, "review_told", review.pk)
    assert "chance drew 5 of 50 calls (10.0" in said
    second = house.drawn(rank=1, reviewer=house.other, call=review.call)
    assert "a further review of a call" in get(house.manager, "review_told", second.pk)


def test_an_automatic_fail_is_told_in_words(house):
    said = get(house.me, "review_told", house.released(verified="no").pk)
    assert "Automatic fail" in said
    assert "critical: a fail takes the whole score" in said


def a_house_with_a_bonus():
    extra = {
        "id": "extra", "name": "Went beyond", "kind": "yes_no", "weight": 5, "bonus": True,
        "options": [
            {"id": "yes", "name": "Yes", "points": 1}, {"id": "no", "name": "No", "points": 0},
        ],
    }  # fmt: skip
    first, second = FORM["sections"]
    queue = a_queue()
    form = FORM | {"sections": [first, second | {"criteria": [*second["criteria"], extra]}]}
    a_card(queue.site, form=form)
    return House(queue)


@pytest.mark.usefixtures("house")
def test_a_bonus_is_told_beside_its_criterion_and_its_score():
    house = a_house_with_a_bonus()
    review = house.released(extra="yes")
    # 40 and half of 60, and 5 more.
    for who in (house.me, house.manager):
        said = get(who, "review_told", review.pk)
        assert "<b>75.0\xa0%</b>" in said
        assert "70.0\xa0%, and 5.0 points of bonus" in said
        assert "+5.0 points" in said
        assert "−30.0 of 60.0 points" in said
    assert "5.0 of it bonus" in get(house.me, "my_reviews")
    # All of the rest is met: there is no room for it.
    full = house.released(extra="yes", cause="5")
    said = get(house.me, "review_told", full.pk)
    assert "of bonus" not in said
    assert "a bonus, for which there is no room" in said
    assert "a bonus, nothing added" in get(house.me, "review_told", house.released(extra="no").pk)
    client = Client()
    client.force_login(house.manager)
    told = client.get(reverse("api_review", args=[review.pk])).json()
    assert (told["score_percent"], told["bonus_percent"]) == (75.0, 5.0)
    told = client.get(reverse("api_review", args=[full.pk])).json()
    assert (told["score_percent"], told["bonus_percent"]) == (100.0, 0.0)
    asked = {"site": house.site.slug, "period": "custom", "from": "2026-03-02", "to": "2026-03-02"}
    header, *rows = lines_of(client.get(reverse("review_answers_csv"), asked))
    place = header.index("Bonus, %")
    assert {(one[0], one[place - 1], one[place]) for one in rows} >= {
        (str(review.pk), "75.0", "5.0"), (str(full.pk), "100.0", "0.0"),
    }  # fmt: skip


def test_the_list_says_how_disputes_stand_and_until_when_it_is_their_turn(house):
    review = house.released()
    made = house.dispute(review)
    said = get(house.me, "my_reviews")
    assert "To read" not in said
    assert ">Disputed<" in said
    disputing.answer(made, house.reviewer, NINE, "It stands")
    # Five days and the rest of this one: the last that counts is named.
    said = get(house.me, "my_reviews")
    assert "Answered: your turn until the end of Sat 7 Mar" in said
    assert "1 dispute answered: your turn until the end of Sat 7 Mar" in said
    disputing.accept(made, house.me, NINE)
    said = get(house.me, "my_reviews")
    assert "Settled: The review stands" in said
    assert "your turn" not in said


def test_pages_name_the_last_day_on_which_something_may_be_said(house):
    review = house.released()
    said = get(house.me, "review_told", review.pk)
    assert "You can dispute it until the end of Mon 9 Mar 2026." in said
    made = house.dispute(review, None)
    said = get(house.me, "review_told", review.pk)
    assert "were open until" not in said
    assert "To be answered until the end of Sat 7 Mar 2026." in get(house.me, "dispute", made.pk)
    assert "due by the end of Sat 7 Mar" in get(house.reviewer, "disputes")
    with time_machine.travel(review.dispute_until, tick=False):
        said = get(house.me, "review_told", review.pk)
        assert "Disputes were open until the end of Mon 9 Mar 2026." in said
    # A deadline within a day is told with its time.
    Evaluation.objects.filter(pk=review.pk).update(dispute_until=NINE + timedelta(hours=8))
    disputing.withdraw(made, house.me, NINE)
    said = get(house.me, "review_told", review.pk)
    assert "You can dispute it until Mon 2 Mar 2026 17:00." in said


def test_a_deadline_is_told_by_the_days_of_the_site():
    # Where days begin at six, Monday the 2nd ends on the 3rd at six.
    site = a_site()
    site.day_begins = 6
    site.save()
    end = datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert until(end, site.calendar) == "the end of Mon 2 Mar 2026"
    assert until(end - timedelta(hours=6), site.calendar) == "Tue 3 Mar 2026 00:00"


def test_what_is_not_released_or_of_somebody_else_is_not_there(house):
    get(house.me, "review_told", house.finished().pk, status=404)
    get(house.me, "review_told", House().released().pk, status=404)
    get(house.me, "review_told", 2**70, status=404)
    get(house.manager, "review_told", an_evaluation(house.call()).pk, status=404)


def test_a_review_is_disputed_answered_and_decided_from_page_to_page(house):
    review = house.released()
    cause = CardCriterion.objects.get(card=house.card, key="cause")
    about = f"?criterion={cause.pk}"
    assert "Found the cause" in get(house.me, "review_dispute", review.pk, query=about)
    said = post(house.me, "review_dispute", review.pk, query=about, words=" ")
    assert "This field is required" in said
    post(house.me, "review_dispute", review.pk, query=about, words="I asked <b>twice</b>")
    said = post(house.me, "review_dispute", review.pk, query=about, words="Again")
    assert "disputed already" in said
    made = Dispute.objects.get()
    said = get(house.reviewer, "dispute", made.pk)
    assert "I asked &lt;b&gt;twice&lt;/b&gt;" in said
    asked = {"answer-seen": 0, "answer-words": "You did", "answer-answer-0": "=4"}
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **asked)
    assert "It is answered" in said
    assert "Found the cause: 3 → 4" in said
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **asked)
    assert "done already" in said
    post(house.me, "dispute_act", made.pk, "escalate", **{"escalate-words": "It is a 5"})
    decide = {"decide-seen": 1, "decide-words": "It is a 4", "decide-answer-0": "=4"}
    post(house.reviewer, "dispute_act", made.pk, "decide", status=404, **decide)
    post(house.manager, "dispute_act", made.pk, "decide", **decide)
    # What was decided counts beside the entry until its agent reads it.
    assert reads.own_count(User.objects.get(pk=house.me.pk)) == 1
    get(house.manager, "review_told", review.pk)
    assert reads.own_count(User.objects.get(pk=house.me.pk)) == 1
    said = get(house.me, "review_told", review.pk)
    assert reads.own_count(User.objects.get(pk=house.me.pk)) == 0
    assert "The review stands" in said
    assert "It is a 4" in said
    # 40 and three quarters of 60.
    assert "The score is 85.0" in said


def test_a_wrong_answer_is_told_beside_its_field_and_nothing_is_lost(house):
    made = house.dispute(house.released())
    sent = {"answer-seen": 0, "answer-words": "So", "answer-answer-0": ""}
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **sent)
    assert "asked now and needs an answer" in said
    assert "So</textarea>" in said
    for odd in ("=9", "9", "\0", "x" * 5000, "n/a"):
        said = post(
            house.reviewer, "dispute_act", made.pk, "answer", **sent | {"answer-answer-0": odd}
        )
        assert "is answered" not in said
    for seen in ("", "-1", "9" * 40, "x"):
        post(house.reviewer, "dispute_act", made.pk, "answer", **sent | {"answer-seen": seen})
    made.refresh_from_db()
    assert made.state == "open"


@pytest.mark.parametrize("mails", [False, True])
def test_who_answers_reads_where_it_is_told_and_of_a_mail_only_where_one_goes_out(
    house, settings, mails
):
    settings.MAIL_IS_SET = mails
    User.objects.filter(pk=house.me.pk).update(email="me@example.org")
    made = house.dispute(house.released())
    sent = {"answer-seen": 0, "answer-words": "It stands", "answer-answer-0": "=3"}
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **sent)
    assert "the agent reads it under My reviews." in said
    assert ("A mail says so, too." in said) == mails


def test_what_was_typed_stays_where_the_review_has_changed_meanwhile(house):
    review = house.released(greeting="no")
    made, other = house.dispute(review), house.dispute(review, "greeting")
    sent = {"answer-seen": 0, "answer-words": "I heard it again", "answer-answer-0": "=4"}
    disputing.answer(other, house.reviewer, NINE, "So", {"greeting": Given("yes")}, 0)
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **sent)
    assert "has changed since you looked" in said
    assert "I heard it again</textarea>" in said
    # What is shown now is what they have seen when they send it again.
    assert 'name="answer-seen" value="1"' in said
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **sent | {"answer-seen": 1})
    assert "It is answered" in said


def test_a_comment_that_is_refused_stays_in_its_field(house):
    review = house.released()
    post(house.me, "review_comment", review.pk, **{"comment-words": "Fair"})
    said = post(house.me, "review_comment", review.pk, **{"comment-words": "Fair"})
    assert "said so already" in said
    assert "Fair</textarea>" in said
    disputing.acknowledge(review, house.me, NINE)
    said = post(house.me, "review_acknowledge", review.pk, **{"read-words": "One more thing"})
    assert "already" in said
    assert "One more thing</textarea>" in said


def test_a_lower_score_is_refused_beside_what_was_written(house):
    made = house.dispute(house.released())
    assert "never lowers the score" in get(house.reviewer, "dispute", made.pk)
    sent = {"answer-seen": 0, "answer-words": "It was worse", "answer-answer-0": "=1"}
    said = post(house.reviewer, "dispute_act", made.pk, "answer", **sent)
    assert "score would be lower" in said
    assert "It was worse</textarea>" in said


def test_once_an_answer_was_decided_the_page_says_why_not_all_is_disputed(house):
    review = house.released()
    assert "Dispute all of it" in get(house.me, "review_told", review.pk)
    made = house.dispute(review)
    said = get(house.me, "review_told", review.pk)
    assert "Dispute all of it" not in said
    assert "disputed one by one" in said
    disputing.answer(made, house.reviewer, NINE, "It stands", {})
    disputing.accept(made, house.me, NINE)
    said = get(house.me, "review_told", review.pk)
    assert "Dispute all of it" not in said
    assert "stands as it was decided" in said
    assert "stands as it was decided" in post(house.me, "review_dispute", review.pk, words="All")
    assert Dispute.objects.count() == 1


def test_the_page_of_a_call_leads_to_its_reviews_for_who_may_read_them(house):
    waiting, review = house.finished(), house.released()
    Evaluation.objects.filter(pk=waiting.pk).update(call=review.call_id, reviewer=house.other)
    readers = {
        house.me: [review.pk],
        house.lead: [waiting.pk, review.pk],
        house.manager: [waiting.pk, review.pk],
        a_user("planner", house.site): [],
    }
    for who, expected in readers.items():
        client = Client()
        client.force_login(who)
        said = client.get(reverse("call", args=[review.call_id])).content.decode()
        found = [pk for pk in (waiting.pk, review.pk) if f"/quality/reviews/{pk}/told/" in said]
        assert found == expected
        assert ("Review of 2 Mar: 70.0\xa0%" in said) == bool(expected)


def test_acts_that_are_none_and_numbers_that_cannot_be_are_not_there(house):
    made = house.dispute(house.released())
    post(house.me, "dispute_act", made.pk, "burn", status=404)
    get(house.me, "dispute", 2**70, status=404)
    review = made.evaluation
    for odd in ("x", "9" * 30, "-1", "0"):
        get(house.me, "review_dispute", review.pk, query=f"?criterion={odd}", status=404)


def test_a_doubled_acknowledgement_is_told(house):
    review = house.released()
    said = post(
        house.me, "review_acknowledge", review.pk, **{"read-words": "Card 4111 1111 1111 1111"}
    )
    assert "it is noted" in said
    assert "1111 1111" not in said  # numbers of cards are masked
    assert "already" in post(house.me, "review_acknowledge", review.pk)
    said = post(house.me, "review_acknowledge", house.released().pk, **{"read-words": "x" * 2001})
    assert "at most 2000" in said


def test_disputes_say_what_waits_and_how_often_answers_change(house):
    assert "No dispute waits for your answer" in get(house.reviewer, "disputes")
    made = house.dispute(house.released())
    said = get(house.reviewer, "disputes")
    assert f"disputes/{made.pk}/" in said
    assert "too few (under 5)" in said
    assert "I asked twice" in said
    late = made.answer_due_at + timedelta(hours=1)
    with time_machine.travel(late, tick=False):
        assert "overdue" in get(house.manager, "disputes")
    said = get(house.manager, "disputes", query="?state=decided")
    assert "No disputes" in said


def test_released_reviews_are_counted_alike_for_who_is_still_to_score_one_blind(house):
    review = house.released()
    house.released()
    house.dispute(review)
    an_evaluation(review.call, house.other)  # to be scored without sight of the other's
    for who, disputes in ((house.manager, 1), (house.other, 0)):
        client = Client()
        client.force_login(who)
        page = client.get(reverse("disputes"))
        assert len(page.context["rows"]) == disputes
        assert [one.released for one in page.context["reviewers"]] == [2]


def test_the_file_of_disputes_is_harmless_and_noted(house):
    house.dispute(house.released(), words="=1+1")
    client = Client()
    client.force_login(house.manager)
    rows = lines_of(client.get(reverse("disputes_csv")))
    (told,) = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert (told["State"], told["Outcome"], told["Why"]) == ("Waits for the reviewer", "", "'=1+1")
    assert AuditEntry.objects.filter(model="qa.dispute", action="exported").count() == 1
    client.force_login(a_user("admin"))
    told = client.get(reverse("audit"), {"action": "exported"}).content.decode()
    assert f"Disputes of {house.site.name}" in told
    assert "File: CSV" in told


def test_an_agent_who_takes_their_own_answers_along_is_noted_as_that(house):
    house.released()
    client = Client()
    client.force_login(house.me)
    asked = {"site": house.site.slug, "period": "custom", "from": "2026-03-02", "to": "2026-03-02"}
    assert len(lines_of(client.get(reverse("review_answers_csv"), asked))) > 1
    entry = AuditEntry.objects.get(model="qa.evaluation", action="exported")
    assert entry.after["agent"] == house.agent.pk


def test_the_api_tells_the_same(house):
    made = house.dispute(house.released())
    client = Client()
    client.force_login(house.manager)
    asked = {"site": house.site.slug, "first": "2026-03-01", "last": "2026-03-31"}
    said = client.get(reverse("api_disputes"), asked).json()
    assert [one["id"] for one in said["disputes"]] == [made.pk]
    assert said["by_reviewer"][0]["disputed"] == 1
    # That a program has them now is noted, as what it is.
    assert AuditEntry.objects.get(model="qa.dispute", action="exported").after["file"] == "api"
    client.force_login(a_user("admin"))
    told = client.get(reverse("audit"), {"action": "exported"}).content.decode()
    assert f"Disputes of {house.site.name}" in told
    assert "File: answer of the API" in told
    client.force_login(house.manager)
    for wrong in ({"first": "x"}, {"last": "2020-01-01"}, {"state": "odd"}, {"more": "1"}):
        answer = client.get(reverse("api_disputes"), asked | wrong)
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("many", [1, 6])
def test_pages_ask_the_same_of_one_as_of_many(house, many, django_assert_num_queries):
    for _ in range(many):
        review = house.released()
        house.dispute(review)
        house.dispute(review, "greeting")
        disputing.comment(review, house.me, NINE, "So")
    client = Client()
    client.force_login(house.manager)
    client.get(reverse("disputes"))
    # Session, user, sites, queues, to answer, to decide, rows, reviewers, released, people,
    # criteria and their names.
    with django_assert_num_queries(12):
        client.get(reverse("disputes"))
    # Session, user, review, answers, evidence, disputes, changes, events.
    with django_assert_num_queries(8):
        client.get(reverse("review_told", args=[review.pk]))
    mine = Client()
    mine.force_login(house.me)
    # Session, user, agent, reviews, disputes, score, praise, marks.
    with django_assert_num_queries(8):
        mine.get(reverse("my_reviews"))


def test_a_supervisor_reads_of_their_own_team_and_releases_nothing(house):
    review = house.finished()
    said = get(house.lead, "review_told", review.pk)
    assert "Release it now" not in said
    assert "Release it now" in get(house.manager, "review_told", review.pk)
    post(house.lead, "review_release", review.pk, status=404)
    said = post(house.manager, "review_release", review.pk)
    assert "It is released" in said
    assert Evaluation.objects.get(pk=review.pk).state == "released"
    get(a_user("supervisor"), "review_told", review.pk, status=404)


def hidden_by_another_answer(house, review):
    """A dispute of the cause, which another one's decision hides."""
    moot = house.dispute(review)
    other = house.dispute(review, "greeting")
    disputing.answer(other, house.reviewer, NINE, "It stands")
    disputing.escalate(other, house.me, NINE, "No")
    said = {"greeting": Given("no")}
    disputing.decide(other, house.manager, NINE, "Nobody greeted", said)
    return moot


def test_a_dispute_of_what_is_not_asked_any_more_says_so_and_is_answered_in_words(house):
    review = house.released()
    asking_the_cause_only_when_greeted(house, review)
    moot = hidden_by_another_answer(house, review)
    for who in (house.me, house.reviewer, house.manager):
        said = get(who, "dispute", moot.pk)
        assert "It is not asked any more: another answer hides it" in said
        assert "it ends with the review as it stands" in said
    said = get(house.reviewer, "dispute", moot.pk)
    assert 'name="answer-words"' in said
    assert 'name="answer-answer-0"' not in said
    post(
        house.reviewer, "dispute_act", moot.pk, "answer",
        **{"answer-words": "It is settled by the other", "answer-seen": "1",
           "answer-answer-0": "=5"},
    )  # fmt: skip
    moot.refresh_from_db()
    assert (moot.state, moot.answer_outcome) == ("answered", "upheld")
    assert "not asked any more" in get(house.me, "dispute", moot.pk)
    disputing.accept(moot, house.me, NINE)
    assert "not asked any more" not in get(house.me, "dispute", moot.pk)
    asked = f"?site={house.site.slug}&period=90d"
    rows = {one.name: one.changed for one in criteria_of(house, asked)}
    assert rows == {"Found the cause": 0, "Greeting": 1}


def criteria_of(house, asked):
    client = Client()
    client.force_login(house.manager)
    return client.get(reverse("disputes") + asked).context["criteria"]


def test_a_low_mark_of_a_decision_asks_for_a_comment_beside_it(house):
    review = house.released()
    made = house.dispute(review)
    disputing.answer(made, house.reviewer, NINE, "It stands")
    disputing.escalate(made, house.me, NINE, "No")
    sent = {"decide-words": "A guess", "decide-seen": "0", "decide-answer-0": "=1"}
    said = post(house.manager, "dispute_act", made.pk, "decide", **sent)
    assert "Found the cause: comment" in said
    assert "less than 50\xa0% of its points" in said
    place = said.index("Say why: so low an answer needs a comment.")
    assert said.index('name="decide-answer-0-why"') < place
    # A comment alone changes nothing: it is not passed over.
    alone = sent | {"decide-answer-0": "=3", "decide-answer-0-why": "Nothing asked"}
    said = post(house.manager, "dispute_act", made.pk, "decide", **alone)
    assert "kept beside another answer alone" in said
    whole = sent | {"decide-answer-0-why": "Card 4111 1111 1111 1111 was not asked for"}
    post(house.manager, "dispute_act", made.pk, "decide", **whole)
    made.refresh_from_db()
    assert made.outcome == "changed"
    said = get(house.me, "review_told", review.pk)
    assert "was not asked for" in said
    assert "4111" not in said


def test_who_may_makes_a_finding_of_a_review_from_its_pages(house):
    review = house.released()
    address = f"{reverse('finding_new')}?review={review.pk}"
    for who in (house.manager, house.reviewer, house.lead, a_user("admin")):
        for name in ("review_told", "review"):
            assert f'href="{address}"' in get(who, name, review.pk)
        client = Client()
        client.force_login(who)
        form = client.get(address).context["form"]
        assert form["agent"].value() in (house.agent, house.agent.pk)
    assert "findings/new" not in get(house.me, "review_told", review.pk)


def test_an_agent_reads_their_praise_with_who_says_so_and_of_which_review(house):
    assert "rv-praise" not in get(house.me, "my_reviews")
    review, hidden = house.released(), house.finished()
    more = {"agent": house.agent, "made_by": house.lead}
    a_finding(house.site, kind="praise", title="Calm", words="Kept calm", evaluation=review, **more)
    a_finding(house.site, kind="praise", title="Not yet", evaluation=hidden, **more)
    a_finding(house.site, kind="praise", title="Taken back", state="dropped", ended_at=NINE, **more)
    a_finding(house.site, title="A gap", evaluation=review, **more)
    a_finding(house.site, kind="praise", title="Of another", agent=an_agent(house.site))
    said = get(house.me, "my_reviews")
    praise = said[said.index('id="praise"') : said.index('class="rv-own"')]
    for words in ("Calm", "Kept calm", str(house.lead), "Not yet"):
        assert words in praise
    for words in ("Taken back", "A gap", "Of another"):
        assert words not in said
    assert praise.count("/told/") == 1
    assert f"/reviews/{review.pk}/told/" in praise
    # It is no mark: the score and what is to be read are what they were.
    assert "1 to read" in said


def test_evidence_of_a_recording_is_heard_in_the_player_of_the_page(house, settings, tmp_path):
    settings.RECORDINGS = str(tmp_path)
    (tmp_path / "one.wav").write_bytes(b"RIFF")
    review = house.released()
    assert "heard_here.js" not in get(house.me, "review_told", review.pk)
    cause = CardCriterion.objects.get(card=house.card, key="cause")
    Evidence.objects.create(evaluation=review, criterion=cause, at_ms=228_500, made_at=NINE)
    Call.objects.filter(pk=review.call_id).update(recording="one.wav")
    said = get(house.me, "review_told", review.pk)
    # Without the script its link plays the recording by itself.
    assert f'href="{reverse("recording", args=[review.call_id])}#t=228" data-at-ms="228500"' in said
    assert "heard_here.js" in said
    assert 'id="rv-audio"' in said


def test_who_never_decides_a_dispute_is_shown_no_place_for_it(house):
    assert "You may decide" not in get(house.lead, "disputes")
    for who in (house.reviewer, house.manager, a_user("admin")):
        assert "You may decide" in get(who, "disputes")


def test_the_outcome_of_a_dispute_is_told_once_it_is_over_on_the_page_and_in_its_file(house):
    review = house.released()
    made = house.dispute(review)
    disputing.answer(made, house.reviewer, NINE, "You did", {"cause": Given("5")})

    def told():
        client = Client()
        client.force_login(house.manager)
        asked = f"?site={house.site.slug}&period=90d"
        header, row = lines_of(client.get(reverse("disputes_csv") + asked))
        (shown,) = client.get(reverse("disputes") + asked).context["rows"]
        return row[header.index("Outcome")], shown.became

    assert told() == ("", "")
    disputing.accept(made, house.me, NINE)
    assert told() == ("Answers were changed", "Answers were changed")


def test_ones_own_reviews_are_a_file_and_that_it_was_taken_along_is_noted(house):
    review = house.released(greeting="no")  # the cause has half of 60
    house.finished()  # not released: not there
    house.queue.name = "=cmd"
    house.queue.save()
    assert reverse("my_reviews_csv") in get(house.me, "my_reviews")
    client = Client()
    client.force_login(house.me)
    [head, row] = lines_of(client.get(reverse("my_reviews_csv")))
    cells = dict(zip(head, row, strict=True))
    assert cells["Review"] == str(review.pk)
    assert cells["Call"] == str(review.call_id)
    assert (cells["Score, %"], cells["Bonus, %"], cells["Failed"]) == ("30.0", "0.0", "no")
    assert (cells["Counts in the score"], cells["Read"]) == ("no", "")
    # What a spreadsheet would take for a formula is harmless.
    assert cells["Queue"] == "'=cmd"
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.model, entry.after["agent"]) == ("qa.evaluation", house.agent.pk)
    get(house.manager, "my_reviews_csv", status=404)


def test_an_agent_reads_examples_of_a_criterion_and_follows_its_links():
    greeting = FORM["sections"][0]["criteria"][0] | {
        "good": "“My name is Sam.”", "bad": "“Hello?”",
        "links": [{"name": "How we greet", "url": "https://library.example/greet"}],
    }  # fmt: skip
    queue = a_queue()
    first, second = FORM["sections"]
    a_card(queue.site, form=FORM | {"sections": [first | {"criteria": [greeting]}, second]})
    house = House(queue)
    said = get(house.me, "review_told", house.released(greeting="no").pk)
    assert "<b>Done well:</b> “My name is Sam.”" in said
    assert "<b>Not good:</b> “Hello?”" in said
    assert 'href="https://library.example/greet"' in said


def test_an_agent_is_told_until_when_an_answer_is_theirs_to_accept(house):
    dispute = house.dispute(house.released())
    disputing.answer(dispute, house.reviewer, NINE, "I heard it again, and stay.")
    for page, pk in (("review_told", dispute.evaluation_id), ("dispute", dispute.pk)):
        # Nine on Monday 2 March, and five days.
        assert "you accept it, or go on, until the end of Sat 7 Mar" in get(house.me, page, pk)
        assert "the agent accepts it, or goes on" in get(house.manager, page, pk)
