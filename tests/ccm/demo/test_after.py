"""What a demo shows besides its calls is made once, by whichever worker comes by."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from ccm import jobs, work
from ccm.demo import after
from ccm.demo.load import KIND
from ccm.demo.people import SITES
from ccm.models import Job
from tests.builders import a_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


class Task:
    """As much of a task as is sent, and what it was given."""

    name = "tests.shown"

    def __init__(self) -> None:
        self.given: list[int] = []

    def run(self, job_id: int) -> None:
        self.given.append(job_id)


def a_load(state):
    site = a_site("Leeds")
    site.slug = SITES[0].slug
    site.save()
    return Job.objects.create(kind=KIND, state=state)


def test_it_is_asked_for_once_however_often_a_load_is_gone_on_with(
    django_capture_on_commit_callbacks,
):
    task = Task()
    with work.here():
        for _again in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                after.ask("shown", task)
    assert task.given == [Job.objects.get(kind="shown").pk]


def test_what_failed_is_asked_for_anew(django_capture_on_commit_callbacks):
    failed = Job.objects.create(kind="shown", state=Job.State.FAILED)
    task = Task()
    with work.here(), django_capture_on_commit_callbacks(execute=True):
        after.ask("shown", task)
    assert failed.pk not in task.given
    assert len(task.given) == 1


def test_it_waits_for_the_end_of_the_load_and_is_made_once():
    load = a_load(Job.State.RUNNING)
    job = Job.objects.create(kind="shown")
    made = []
    after.run(job.pk, lambda: made.append(1))
    job.refresh_from_db()
    assert (job.state, made) == (Job.State.QUEUED, [])
    jobs.finish(load, Job.State.DONE, "")
    for _again in range(2):
        after.run(job.pk, lambda: made.append(1))
    job.refresh_from_db()
    assert (job.state, made) == (Job.State.DONE, [1])


def test_what_takes_longer_than_a_task_may_is_gone_on_with():
    a_load(Job.State.DONE)
    job = Job.objects.create(kind="shown")

    def too_long():
        raise SoftTimeLimitExceeded

    after.run(job.pk, too_long)
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_it_waits_for_what_it_builds_on_however_that_ends():
    a_load(Job.State.DONE)
    before = Job.objects.create(kind="before", state=Job.State.RUNNING)
    job = Job.objects.create(kind="shown")
    made = []
    after.run(job.pk, lambda: made.append(1), once_over="before")
    job.refresh_from_db()
    assert (job.state, made) == (Job.State.QUEUED, [])
    jobs.finish(before, Job.State.FAILED, "")
    after.run(job.pk, lambda: made.append(1), once_over="before")
    assert made == [1]


def test_what_is_done_here_is_done_in_the_order_in_which_it_was_sent():
    first, then = Task(), Task()
    then.name, then.given = "tests.then", first.given
    with work.here():
        work.send(first, 1)
        work.send(then, 2)
    assert first.given == [1, 2]
