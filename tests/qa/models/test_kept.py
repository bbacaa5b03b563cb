"""What the database holds of reviews, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from qa.models import CardVersion, Evaluation, ReviewEvent
from tests.builders import NINE, a_call, a_queue, a_team, a_user
from tests.qa.builders import a_card, a_reviewed_agent, an_evaluation, finished

pytestmark = pytest.mark.django_db


def refused(change):
    with pytest.raises(ProgrammingError), transaction.atomic():
        change()


def test_a_published_version_is_frozen():
    version = a_card().versions.get()
    refused(lambda: CardVersion.objects.filter(pk=version.pk).update(form={}))
    refused(lambda: CardVersion.objects.filter(pk=version.pk).update(state="draft"))
    version.refresh_from_db()
    assert version.form["sections"]


def test_what_happened_to_a_review_is_only_added_to():
    event = ReviewEvent.objects.create(evaluation=an_evaluation(), what="finished", at=NINE)
    refused(lambda: ReviewEvent.objects.filter(pk=event.pk).update(words="never said"))

    def remove():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM qa_reviewevent")

    refused(remove)


def test_a_reviewer_grades_a_call_once_by_a_version():
    first = an_evaluation()
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=an_evaluation().pk).update(
            call=first.call_id, reviewer=first.reviewer, version=first.version
        )


def seen_by(user):
    return set(Evaluation.objects.visible_to(user).values_list("pk", flat=True))


def test_who_sees_which_reviews():
    queue = a_queue()
    lead = a_user("supervisor")
    agent = a_reviewed_agent(queue.site, lead)
    released = finished(
        an_evaluation(a_call(queue, agent=agent)), state="released", released_at=NINE
    )
    open_one = an_evaluation(a_call(queue, agent=agent))
    assert seen_by(a_user("qa_analyst", queue.site)) == {released.pk, open_one.pk}
    assert seen_by(a_user("manager", queue.site)) == {released.pk, open_one.pk}
    assert seen_by(lead) == {released.pk, open_one.pk}
    assert seen_by(agent.user) == {released.pk}
    for nobody in ("planner", "trainer"):
        assert seen_by(a_user(nobody, queue.site)) == set()
    assert seen_by(a_user("qa_analyst", a_queue().site)) == set()
    other = a_user("supervisor")
    a_team(queue.site, other)
    assert seen_by(other) == set()


def test_who_is_to_score_a_call_does_not_see_what_others_gave_it():
    queue = a_queue()
    call = a_call(queue, agent=a_reviewed_agent(queue.site))
    first, second = (a_user("qa_analyst", queue.site) for _ in range(2))
    theirs = finished(an_evaluation(call, first))
    own = an_evaluation(call, second)
    assert seen_by(second) == {own.pk}
    finished(own)
    assert seen_by(second) == {own.pk, theirs.pk}
