"""Answers are learned from a site's reviews and judged as rules are; what is too few is told."""

import random
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Job
from qa.checking import agreeing, judging, services, training
from qa.checks import learned
from qa.models import Answer, CallTranscript, LearnedScorer, Suggestion
from tests.builders import NINE, a_call, a_queue, a_user
from tests.qa.builders import a_reviewed_agent, an_evaluation, finished
from tests.qa.checking.builders import criterion, told

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not learned.is_there(), reason="the extra learned is not installed"),
]
FILL = ["well", "so", "we", "had", "last", "week", "then", "maybe", "order", "form"]
GOOD, BAD = "I am so sorry about that", "that is your own fault"


def some_reviews(queue, many, failing=0.3):
    """Reviews of calls by six agents, whose answers what was said tells."""
    draw, of = random.Random(3), criterion(queue.site)
    agents = [a_reviewed_agent(queue.site) for _ in range(6)]
    reviewer = a_user("qa_analyst", queue.site)
    for n in range(many):
        call = a_call(queue, NINE + timedelta(minutes=n), agent=agents[n % 6])
        is_bad = draw.random() < failing
        fill = " ".join(draw.choices(FILL, k=8))
        told(call, f"Agent: {fill}", f"Agent: {BAD if is_bad else GOOD}", who=reviewer)
        made = finished(an_evaluation(call, reviewer))
        Answer.objects.create(
            evaluation=made, criterion=of, value="no" if is_bad else "yes"
        )  # fmt: skip
    return of, reviewer


def run(queue, of, who):
    job = training.ask(queue.site, of, who, lambda job: None)
    training.run(job.pk, lambda: None)
    return Job.objects.get(pk=job.pk)


def test_what_is_learned_is_measured_by_what_was_held_out_and_judged(monkeypatch):
    monkeypatch.setattr(judging, "HELD_BACK_EVERY", 10**12)
    queue = a_queue()
    of, who = some_reviews(queue, 130)
    job = run(queue, of, who)
    assert (job.state, job.words) == ("done", "Learned from 130 reviews.")
    row = LearnedScorer.objects.get()
    assert (row.trained_on, row.trained_by, row.prefills) == (130, who, False)
    measure = agreeing.of_scorer(row).measure
    assert measure.calls == 130
    assert measure.broken == Answer.objects.filter(value="no").count()
    assert measure.precision.value > 0.9
    judging.judge_due(NINE)
    assert Suggestion.objects.filter(scorer=row).count() == 130
    one = Suggestion.objects.filter(value="no").first()
    assert one.evidence[0]["quote"] == BAD
    assert one.confidence > 0.7
    # Trained anew: in the place of the one before.
    run(queue, of, who)
    assert LearnedScorer.objects.count() == 1
    assert not CallTranscript.objects.exclude(checked_at=None).exists()
    assert AuditEntry.objects.filter(model="qa.learnedscorer").count() == 2
    row.refresh_from_db()
    assert services.why_not(row) == ""
    assert services.remove(row, who, NINE)


def test_too_few_reviews_are_told_in_the_job():
    queue = a_queue()
    of, who = some_reviews(queue, 12)
    job = run(queue, of, who)
    assert job.state == "failed"
    assert "It takes 100" in job.words
    assert not LearnedScorer.objects.exists()


def test_asked_twice_it_is_one_job():
    queue = a_queue()
    of, who = criterion(queue.site), a_user("qa_analyst", queue.site)
    first = training.ask(queue.site, of, who, lambda job: None)
    assert training.ask(queue.site, of, who, lambda job: None) == first


def test_texts_and_a_missing_scikit_learn_are_refused_in_words(monkeypatch):
    queue = a_queue()
    who = a_user("qa_analyst", queue.site)
    with pytest.raises(ValidationError, match="chosen"):
        training.ask(queue.site, criterion(queue.site, "remark"), who, lambda job: None)
    monkeypatch.setattr(learned, "is_there", lambda: False)
    with pytest.raises(ValidationError, match="scikit-learn"):
        training.ask(queue.site, criterion(queue.site), who, lambda job: None)
