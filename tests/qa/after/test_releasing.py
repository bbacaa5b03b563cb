"""When a review is shown to its agent, and by whom."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.models import Delivery
from qa.after import releasing
from qa.models import Evaluation, QualityRules
from qa.signals import review_finished
from tests.builders import NINE, a_user
from tests.qa.after.builders import House, answered
from tests.qa.builders import an_evaluation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
HOUR = timedelta(hours=1)


@pytest.fixture
def house():
    return House()


def finish(review, release_at, now=NINE):
    Evaluation.objects.filter(pk=review.pk).update(release_at=release_at)
    review.refresh_from_db()
    review_finished.send(sender=Evaluation, evaluation=review, now=now)
    review.refresh_from_db()
    return review


def test_a_review_that_is_to_be_released_at_once_is_in_the_moment_it_is_finished(house):
    review = finish(house.finished(), NINE)
    assert (review.state, review.released_at, review.released_by) == ("released", NINE, None)
    # Seven days to dispute, to the end of the site's day.
    assert review.dispute_until == datetime(2026, 3, 10, tzinfo=UTC)
    assert list(review.events.values_list("what", "share")) == [("released", review.share)]


def test_a_site_says_how_long_there_is_to_dispute_and_its_day_is_its_own(house):
    QualityRules.objects.create(site=house.site, dispute_days=2)
    house.site.zone = "Australia/Sydney"  # eleven hours ahead of UTC
    house.site.save()
    review = finish(house.finished(), NINE)
    assert review.dispute_until == datetime(2026, 3, 4, 13, tzinfo=UTC)


def test_what_is_due_later_waits_for_its_moment_and_is_released_once(house):
    review = finish(house.finished(), NINE + HOUR)
    assert review.state == "finished"
    assert releasing.release_due(NINE) == 0
    assert releasing.release_due(NINE + HOUR) == 1
    assert releasing.release_due(NINE + 2 * HOUR) == 0
    review.refresh_from_db()
    assert (review.state, review.events.count()) == ("released", 1)


def test_one_without_a_day_is_released_by_hand_alone(house):
    review = finish(house.finished(), None)
    assert releasing.release_due(NINE + 1000 * HOUR) == 0
    releasing.release(review, house.manager, NINE)
    review.refresh_from_db()
    assert review.released_by == house.manager
    with pytest.raises(ValidationError, match="released already"):
        releasing.release(review, house.reviewer, NINE)


def test_nobody_releases_a_review_of_their_own_call_or_one_that_is_not_theirs(house):
    review = house.finished()
    house.me.groups.set(house.manager.groups.all())
    house.me.sites.add(house.site)
    for who in (house.me, house.lead, a_user("planner", house.site), a_user("manager")):
        with pytest.raises(ValidationError, match="not yours"):
            releasing.release(review, who, NINE)


def test_a_calibration_is_never_released(house):
    from tests.qa.calibration.builders import a_session

    session = a_session(house)
    [review] = Evaluation.objects.filter(reviewer=house.reviewer, session_call__session=session)
    answered(review)
    finish(review, NINE)
    assert review.state == "finished"
    assert releasing.release_due(NINE) == 0
    with pytest.raises(ValidationError, match="never released"):
        releasing.release(review, house.manager, NINE)


def test_a_further_review_of_a_drawn_call_is_never_released_for_its_agent_is_told_one_grade(house):
    first = house.drawn()
    second = house.drawn(rank=1, reviewer=house.other, call=first.call)
    for one in (first, second):
        one.release_at = NINE
        one.save()
    assert releasing.release_due(NINE) == 1
    assert states() == {first.pk: "released", second.pk: "finished"}
    reader = Client()
    reader.force_login(house.manager)
    page = reader.get(reverse("review_told", args=[second.pk])).content.decode()
    assert "Release it now" not in page
    assert "somebody releases it" not in page
    with pytest.raises(ValidationError, match="further review of a drawn call is never released"):
        releasing.release(second, house.manager, NINE)
    assert states()[second.pk] == "finished"
    # Nor by any other way.
    with pytest.raises(IntegrityError), transaction.atomic():
        Evaluation.objects.filter(pk=second.pk).update(state="released", released_at=NINE)


def states():
    return dict(Evaluation.objects.values_list("pk", "state"))


def test_one_that_is_not_finished_cannot_be(house):
    with pytest.raises(ValidationError, match="not finished"):
        releasing.release(an_evaluation(house.call(), house.reviewer), house.reviewer, NINE)


def test_its_agent_is_told_by_mail_and_the_mail_says_nothing_of_the_score(house):
    house.me.email = "ada@example.com"
    house.me.save()
    review = house.released()
    mail = Delivery.objects.get()
    assert mail.address == "ada@example.com"
    assert f"/quality/reviews/{review.pk}/told/" in mail.body
    assert "70" not in mail.body
