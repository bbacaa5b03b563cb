"""A demo has months of reviews behind it, and a second time nothing more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Count, Q

from ccm.demo import load
from ccm.demo.load import Wanted
from ccm.intervals import day_of, last_day, site_day
from ccm.models import Agent, Call
from qa.checking import agreeing, judging
from qa.demo import history, house
from qa.models import (
    Answer,
    CalibrationSession,
    CallTranscript,
    CheckRule,
    Dispute,
    Evaluation,
    Finding,
    PlanDraw,
    ReviewEvent,
    Scorecard,
)
from qa.reviews.answers import rescore
from tests.builders import a_site

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 11, 15, 0, tzinfo=UTC)


def counts():
    kept = (
        Answer,
        CalibrationSession,
        CallTranscript,
        CheckRule,
        Dispute,
        Evaluation,
        Finding,
        PlanDraw,
        ReviewEvent,
        Scorecard,
    )
    return {model.__name__: model.objects.count() for model in kept}


def test_months_of_reviews_are_written_once():
    load.load(Wanted(seed=2, days=45, agents=30), NOW)
    imported = a_site("Imported meanwhile")
    assert history.write(NOW)
    assert not imported.users.exists()
    there = counts()
    by_kind = dict(Evaluation.objects.order_by().values_list("kind").annotate(Count("pk")))
    assert by_kind["drawn"] > 100
    assert by_kind["targeted"] > 0
    assert by_kind["calibration"] > 0
    assert not Evaluation.objects.filter(agent__user=None).exists()
    # Nobody is late by the history that was made for them, and nothing is of days to come.
    done = Evaluation.objects.done()
    assert not done.filter(finished_at__gt=NOW).exists()
    assert Evaluation.objects.open().filter(due_at__lt=NOW - timedelta(days=1)).count() == 0
    for one in done.filter(kind="drawn").order_by("pk")[:20]:
        kept = (one.share, one.is_failed)
        rescore(one)
        assert (one.share, one.is_failed) == kept
    assert {one.username for one in house.reviewers().values()} == {
        one.username for one in house.ANALYSTS
    }
    assert Agent.objects.filter(user=None, employee_id__gt="").count() == 0
    assert CallTranscript.objects.count() > 100
    assert Call.objects.exclude(recording="").count() > 5
    assert CheckRule.objects.count() == 4
    # Holds are announced where there is one, and the check that listens for that agrees with
    # people.
    answered = Answer.objects.filter(criterion__key="hold", evaluation__in=done)
    assert answered.exists()
    for one in answered.select_related("evaluation")[:500]:
        assert one.skipped is not bool(one.evaluation.facts["hold_ms"])
    judging.judge_due(NOW)
    found = agreeing.of_rule(CheckRule.objects.get(name="Holds announced")).measure
    # Few calls break it, and which are drawn is chance: so many of both are not asked for.
    assert found.calls > 20
    assert found.both + found.neither > 0.9 * found.calls
    # Findings, some open and one that is done, of a criterion and an owner each.
    assert sorted(Finding.objects.values_list("kind", "state")) == [
        ("praise", "open"), ("process", "open"), ("product", "done"), ("script", "doing"),
        ("training", "open"),
    ]  # fmt: skip
    assert not Finding.objects.filter(Q(criterion=None) | Q(owner=None)).exists()
    # An agent is told one grade of a call.
    assert not done.filter(state="released", rank__gt=0).exists()
    assert done.filter(rank__gt=0).exists()
    # As the rule says: disputes are open to the end of a day of the site, seven days on.
    for one in done.filter(state="released").select_related("site")[:50]:
        calendar = one.site.calendar
        assert last_day(one.dispute_until, calendar) == day_of(
            one.released_at, calendar
        ) + timedelta(days=7)
        assert one.dispute_until == site_day(day_of(one.dispute_until, calendar), calendar).start
    assert history.write(NOW)
    assert counts() == there


def test_without_a_demo_there_is_nothing_to_write():
    assert not history.write(NOW)
