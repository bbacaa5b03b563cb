"""A broker may deliver a task twice, late, or after one that was sent later: what is kept then is
the same. Rows are compared without the numbers they got and the moments they were written at."""

import io
from collections import Counter
from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from ccm import work
from ccm.celery import app
from ccm.imports import run as imports
from ccm.imports import undo
from ccm.long_reads import asking
from ccm.models import ImportBatch, Job, RetentionRule
from ccm.retention import work as retention
from coaching.voice import matters
from kpis.second import runs
from qa.checking import subjects
from tests import once
from tests.attacks.marks import OURS, kept
from tests.attacks.probes import doors
from tests.reach import World, a_world
from tests.test_audited import changed, written

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def one_of_everything():
    world = a_world()
    doors(world)  # what each address names is made by asking for it
    # What a page asked for is told by its address alone there, and cannot be asked again.
    Job.objects.filter(kind=asking.KIND).update(state=Job.State.DONE, finished_at=timezone.now())
    return world


world = once.fixture(one_of_everything)


def tasks():
    """The program's own tasks by their names."""
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.split(".")[0] in OURS}


def in_the_schedule():
    """Those that beat asks for, in the order of its schedule."""
    names = [one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()]
    return [name for name in names if name in tasks()]


# Columns that say when, how often or for how long something was at work; rows of which each look
# is one.
ASIDE = {
    "ccm.AuditSeal.hash",
    "ccm.AuditSeal.previous",
    "ccm.DeliveryTry.took_ms",
    "ccm.Job.attempts",
    "ccm.Job.words",
}
LOOKS = {"ccm.AuditCheck"}


def rows(tables: Collection[str] = ()) -> dict[str, Counter[tuple[str, ...]]]:
    """The rows of these tables, or of all: what they say, without their own numbers and moments."""
    found = {}
    for model in kept():
        if model._meta.label in LOOKS or (tables and model._meta.db_table not in tables):
            continue
        fields = [
            one
            for one in model._meta.concrete_fields
            if not (one.primary_key and isinstance(one, models.AutoField))
            and not isinstance(one, models.DateTimeField)
            and f"{model._meta.label}.{one.name}" not in ASIDE
        ]
        values = model._base_manager.values_list(*(one.attname for one in fields))
        found[model._meta.label] = Counter(tuple(map(said, row)) for row in values)
    return found


def said(value: Any) -> str:
    return repr(bytes(value) if isinstance(value, memoryview) else value)


def differences(one, other) -> list[str]:
    """What two states have apart from each other, a line each."""
    told = []
    for name in one:
        less, more = one[name] - other[name], other[name] - one[name]
        told += [f"{name} lost {row}"[:400] for row in less]
        told += [f"{name} got {row}"[:400] for row in more]
    return told


def same(one, other) -> None:
    told = differences(one, other)
    assert not told, "\n".join(told[:10])


def delivered(name, *args, capture):
    """Have a task done, with all that it sends."""
    with capture(execute=True), work.here():
        tasks()[name].run(*args)


def delivered_twice(name, *args, capture):
    """The same, and see that it says nothing else where it is done again."""
    delivered(name, *args, capture=capture)
    with transaction.atomic():
        before = written()
        delivered(name, *args, capture=capture)
        tables = changed(before)
        again = rows(tables) if tables else {}
        transaction.set_rollback(True)
    same(rows(tables) if tables else {}, again)


@pytest.mark.parametrize("name", in_the_schedule())
def test_a_task_that_is_delivered_twice_is_done_once(
    world, name, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    delivered_twice(name, capture=capture)
    # A day late it may find more to do, and twice no more than once.
    with time_machine.travel(timezone.now() + DAY, tick=False):
        delivered_twice(name, capture=capture)


# Those that somebody asks for: what they are given.
def an_import(world: World) -> tuple[Any, ...]:
    lines = "1772445600|c1|q1|NONE|ENTERQUEUE||5550123\n1772445610|c1|q1|NONE|ABANDON|1|1|10\n"
    batch = imports.start(
        [("queue_log", io.BytesIO(lines.encode()))], form="asterisk_queue_log",
        site=world.site, zone="UTC", send=False,
    )  # fmt: skip
    return (batch.job_id,)


def an_undo(world: World) -> tuple[Any, ...]:
    imports.run(*an_import(world))
    batch = ImportBatch.objects.filter(format="asterisk_queue_log").latest("pk")
    return (undo.start(batch).pk,)


def a_verification(world: World) -> tuple[Any, ...]:
    return (runs.start([world.site]).pk,)


def a_retention(world: World) -> tuple[Any, ...]:
    RetentionRule.objects.create(
        site=world.site, kind="comments", days=1, starts_on=date(2026, 1, 1),
        made_by=world.people["admin"], made_at=timezone.now(),
    )  # fmt: skip
    job = retention.start(timezone.now())
    assert job is not None
    return (job.pk,)


def topics(world: World) -> tuple[Any, ...]:
    today = timezone.now().date()
    who = world.people["admin"]
    return (subjects.ask(world.site, today - DAY, today, who, lambda _job: None).pk,)


def voices(world: World) -> tuple[Any, ...]:
    today = timezone.now().date()
    who = world.people["admin"]
    return (matters.ask(world.site, today - DAY, today, who, lambda _job: None).pk,)


def the_site(world: World) -> tuple[Any, ...]:
    return (world.site.pk,)


def over(kind: str) -> Callable[[World], tuple[Any, ...]]:
    """A job that was done when its message came again."""

    def given(_world: World) -> tuple[Any, ...]:
        now = timezone.now()
        done = Job.objects.create(kind=kind, state=Job.State.DONE, started_at=now, finished_at=now)
        return (done.pk,)

    return given


ASKED: dict[str, Callable[[World], tuple[Any, ...]]] = {
    "ccm.tasks.run_import": an_import,
    "ccm.tasks.run_undo": an_undo,
    "ccm.tasks.run_retention": a_retention,
    "kpis.tasks.run_verify": a_verification,
    "kpis.tasks.recount_repeats": lambda _world: (),
    "qa.tasks.look_for_topics": topics,
    "coaching.tasks.look_for_matters": voices,
    "scheduling.tasks.reforecast_site": the_site,
    "scheduling.tasks.settle_time_off": the_site,
    "scheduling.tasks.renew_time_off": the_site,
    # Their own tests kill and repeat them in the middle.
    "ccm.tasks.move_named": over("names"),
    "ccm.tasks.run_erasure": over("erasure"),
    "ccm.tasks.read_long": over("long_read"),
    "scheduling.tasks.make_roster": over("roster"),
    "scheduling.tasks.repair_roster": over("roster_repair"),
    "scheduling.tasks.demo_forecasts": over("demo_schedules"),
    "qa.tasks.demo_reviews": over("demo_reviews"),
    "qa.tasks.train_check": over("train_check"),
    "coaching.tasks.demo_coaching": over("demo coaching"),
}
# A link for a new password goes out each time: each is good until the password is set.
TWICE = {"ccm.tasks.send_reset"}


def test_every_task_has_its_case():
    assert tasks().keys() == {*in_the_schedule(), *ASKED, *TWICE}


@pytest.mark.parametrize("name", ASKED)
def test_a_task_that_somebody_asked_for_is_done_once(
    world, name, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    given = ASKED[name](world)
    delivered_twice(name, *given, capture=capture)
    with time_machine.travel(timezone.now() + DAY, tick=False):
        delivered_twice(name, *given, capture=capture)


def test_tasks_that_come_in_the_other_order_end_in_the_same_state(
    world, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    found = []
    with time_machine.travel(timezone.now(), tick=False):
        for order in (in_the_schedule(), in_the_schedule()[::-1]):
            with transaction.atomic():
                for name in (*order, *order):  # what one leaves to another is done by the next time
                    delivered(name, capture=capture)
                found.append(rows())
                transaction.set_rollback(True)
    same(*found)
