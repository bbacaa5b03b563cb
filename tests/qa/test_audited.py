"""How the log of changes tells of quality: in words, without keys and ids."""

import pytest
from django.test import Client
from django.urls import reverse

from ccm import audit
from ccm.models import AuditEntry, Call
from qa.after import disputing, releasing
from qa.after.changing import Given
from qa.models import DrawnCall, SamplingPlan
from qa.plans import services, swapping
from qa.reviews import services as services_of_reviews
from qa.reviews import told
from tests.builders import NINE, a_queue, a_site, a_user
from tests.qa.after.builders import House, answered
from tests.qa.builders import a_plan, an_evaluation
from tests.qa.calibration.builders import a_session, score
from tests.qa.checking.builders import a_check, an_answered_call
from tests.qa.checking.builders import told as transcript_of
from tests.qa.plans.builders import NEXT, Centre

pytestmark = pytest.mark.django_db


def changes_of(model):
    """The newest entry of a model: what it is about, and its changes by their names."""
    entry = AuditEntry.objects.filter(model=model).latest("pk")
    names = audit.Names([entry])
    about = audit.told([entry], names)[entry.pk]
    found = audit.changes(entry, names, about)
    return about.words, {one.name: (one.before, one.after) for one in found}


def test_a_check_says_what_it_looks_for_in_words():
    queue = a_queue()
    a_check(queue.site)
    words, found = changes_of("qa.checkrule")
    assert words == "Automatic check: Thanks"
    assert found["Looks for"] == ("–", "Must be said")
    assert found["Phrases"] == ("–", "thank you for calling")
    assert not {"kind", "said"} & {*found}


def test_a_plans_reviewers_are_named_with_how_many_calls_they_do_at_most():
    queue = a_queue()
    who, first, second = (a_user("qa_analyst", queue.site) for _ in range(3))
    plan = a_plan(queue.site)
    related = {"teams": [], "queues": []}
    services.keep(plan, related, {first.pk: 10, second.pk: None}, who, NINE, services.mark(plan))
    _words, found = changes_of("qa.samplingplan")
    assert found[f"Reviewer {first}"] == ("–", "at most 10 calls")
    assert found[f"Reviewer {second}"] == ("–", "any number of calls")
    there = SamplingPlan.objects.get(pk=plan.pk)
    services.keep(there, related, {second.pk: None}, who, NINE, services.mark(there))
    _words, found = changes_of("qa.samplingplan")
    assert found == {f"Reviewer {first}": ("at most 10 calls", "–")}


def test_a_transcript_is_told_by_its_call_not_by_a_number():
    call = an_answered_call(a_queue(a_site(zone="Europe/Paris")), at=NINE)
    transcript_of(call, "Agent: Hello", who=a_user("admin"))
    words, _found = changes_of("qa.calltranscript")
    # Nine in UTC is ten in Paris.
    assert words == f"Transcript: 2 Mar 2026 10:00, {call.agent.name}"


def test_a_swapped_call_is_told_by_its_time_and_its_agent():
    centre = Centre(agents=1, calls=6)
    centre.draw()
    out = DrawnCall.objects.order_by("pk").first()
    Call.objects.filter(pk=out.call_id).update(offered_at=NINE)
    swapping.swap(out, "no_recording", "", centre.analysts[0], NEXT)
    words, _found = changes_of("qa.drawncall")
    assert words == f"Drawn call: 2 Mar 2026 09:00, {centre.agents[0].name}"


def test_what_was_heard_is_called_a_recording_where_the_log_is_narrowed():
    call = an_answered_call(a_queue())
    told.heard(a_user("qa_analyst", call.site), call, NINE)
    client = Client()
    client.force_login(a_user("admin"))
    said = client.get(reverse("audit")).content.decode()
    assert ">Recording</option>" in said
    assert "qa.recording<" not in said


def finished_of(review):
    """The entry that a finished review leaves."""
    before = services_of_reviews.values(review) | {"state": "draft", "share": None}
    after = services_of_reviews.values(review) | {told.ANSWERS: {"cause": "yes"}}
    audit.record(review.reviewer, review, before=before, after=after, now=NINE)
    return changes_of("qa.evaluation")[1]


def test_the_answers_of_a_call_that_somebody_else_still_scores_are_withheld():
    house = House()
    first = house.drawn()
    second = an_evaluation(
        first.call, house.other, version=first.version, kind="drawn", drawn=first.drawn, rank=1
    )
    found = finished_of(first)
    waits = "answers and score, until everybody has scored this call"
    assert found["Withheld"] == ("–", waits)
    assert not {"Score", "Found the cause"} & {*found}
    answered(second)
    found = finished_of(first)
    assert "Withheld" not in found
    assert found["Score"] == ("–", "70.0\xa0%")
    assert "Found the cause" in found


def test_the_answers_of_a_calibration_are_withheld_until_its_session_is_opened():
    house = House()
    session = a_session(house)
    review = score(session, house.reviewer)
    assert "Withheld" in finished_of(review)
    score(session, house.other)
    review.refresh_from_db()
    assert "Withheld" not in finished_of(review)


def test_a_dispute_of_a_call_that_somebody_else_still_scores_tells_no_answers():
    house = House()
    first = releasing.release(house.drawn(), house.manager, NINE)
    second = an_evaluation(
        first.call, house.other, version=first.version, kind="drawn", drawn=first.drawn, rank=1
    )
    dispute = house.dispute(first)
    disputing.answer(dispute, house.reviewer, NINE, "I had not heard that.", {"cause": Given("5")})
    _words, found = changes_of("qa.dispute")
    assert found["Withheld"][1] == "answers and score, until everybody has scored this call"
    assert not {"Score", "Found the cause", "Automatic fail"} & {*found}
    answered(second)
    _words, found = changes_of("qa.dispute")
    assert "Withheld" not in found
    assert found["Score"][1] == "100.0\xa0%"
