"""`/metrics`: who reads it, what stands in it, and that all web processes of a machine count."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import ConnectionError

from ccm import partitions
from ccm.live import bus
from ccm.models import Backup, Delivery, DirtyDay, ImportBatch, Job, LiveEvent, LiveSource
from ccm.watching import alive, counted, declared, folder, gathered, tasks
from ccm.watching.declared import Kind
from tests.builders import NINE, a_call, a_queue, a_site, a_user

TOKEN = "a-token-of-those-who-watch"
NAME = re.compile(r"ccm_[a-z][a-z0-9_]*")


@pytest.fixture(autouse=True)
def alone(settings):
    settings.REDIS_PREFIX = f"{settings.REDIS_PREFIX}metrics:"
    settings.METRICS_TOKEN = TOKEN
    yield
    for one in bus.client().scan_iter(bus.key("*")):
        bus.client().delete(one)


def page(**headers):
    return Client().get(reverse("metrics"), headers={"Authorization": f"Bearer {TOKEN}", **headers})


def figures(text=None):
    """Values by name and labels, as a server of Prometheus reads them."""
    text = page().content.decode() if text is None else text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(name, found=None, **labels):
    return (found or figures())[name, tuple(sorted(labels.items()))]


# What is declared


def test_every_name_keeps_to_the_conventions():
    assert len(declared.BY_NAME) == len(declared.METRICS)
    for one in declared.METRICS:
        assert NAME.fullmatch(one.name)
        assert one.name.endswith("_total") == (one.kind is Kind.COUNTER), one.name
        # Base units alone.
        assert not re.search(
            r"_(?:ms|milliseconds|minutes|hours|days?_old|mb|kb|percent)\b", one.name
        )
        assert one.help.endswith(".")
        assert bool(one.buckets) == (one.kind is Kind.HISTOGRAM)
        assert list(one.buckets) == sorted(one.buckets)
        # No label can hold a person, an address of one or an id.
        assert not set(one.labels) & {"user", "agent", "caller", "path", "ip", "name", "id", "le"}


def test_the_documents_table_is_made_of_what_is_declared():
    document = Path(__file__).resolve().parents[3] / "docs" / "watching.md"
    assert declared.table() in document.read_text(encoding="utf-8")


# Who reads it


@pytest.mark.django_db
def test_without_a_token_set_there_is_no_such_page(settings):
    settings.METRICS_TOKEN = ""
    assert Client().get(reverse("metrics")).status_code == 404
    # Nor for who brings none.
    assert page(Authorization="Bearer ").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "brought",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN[:-1]}",
     f"Bearer {TOKEN}x", "Bearer é\\udcff", f"Bearer {TOKEN} {TOKEN}"],
)  # fmt: skip
def test_who_brings_another_is_told_that_one_is_needed_and_nothing_else(brought):
    answer = page(Authorization=brought)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert b"ccm_" not in answer.content


@pytest.mark.django_db
def test_being_signed_in_as_anybody_is_no_token():
    client = Client()
    client.force_login(a_user("admin"))
    assert client.get(reverse("metrics")).status_code == 401
    assert client.post(reverse("metrics")).status_code == 405


@pytest.mark.django_db
def test_it_is_never_kept_by_anybody_on_the_way():
    answer = page()
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"].startswith("text/plain; version=")


# What stands in it


@pytest.mark.django_db
def test_all_that_stands_in_it_is_declared_with_its_labels_kind_and_words():
    Client().get(reverse("health"))
    counted.streams(1)
    counted.streams(-1)
    tasks.count("ccm.tasks.send_messages", "done", 0.2)
    alive._told.clear()
    alive.here(*alive.ALL)
    site = a_site()
    LiveSource.objects.create(
        site=site, source="pbx", heard_at=timezone.now(), newest_at=timezone.now()
    )
    a_call(a_queue(site), timezone.now() - timedelta(minutes=5))
    counted.sign_in_failed()
    copied = timezone.now() - timedelta(hours=3)
    Backup.objects.create(
        made_at=copied, name="copy.zip", bytes=1, seconds=1, is_sealed=True, version="0.9"
    )
    assert value("ccm_backup_age_seconds") == pytest.approx(3 * 3600, abs=30)
    found = {
        family.name + ("_total" if family.type == "counter" else ""): family
        for family in text_string_to_metric_families(page().content.decode())
        if not family.name.endswith("_created")
    }
    assert set(found) == set(declared.BY_NAME)
    for name, family in found.items():
        told = declared.BY_NAME[name]
        assert (family.type, family.documentation) == (told.kind, told.help)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(told.labels), name
    assert all(value("ccm_gathered", part=part) == 1 for part in gathered.PARTS)


@pytest.mark.django_db
def test_figures_of_the_record_are_those_of_its_rows(django_user_model):
    now = timezone.now()
    site = a_site()
    queue = a_queue(site)
    for minutes in (30, 5):
        mark = DirtyDay.objects.create(site=site, queue=queue, day=now.date())
        DirtyDay.objects.filter(pk=mark.pk).update(marked_at=now - timedelta(minutes=minutes))
    for number, folded in enumerate((None, None, now)):
        event = LiveEvent.objects.create(
            source="pbx", event_id=str(number), site=site, kind="x", at=now, payload={},
            folded_at=folded,
        )  # fmt: skip
        LiveEvent.objects.filter(pk=event.pk).update(received_at=now - timedelta(seconds=90))
    for state, due in (("waiting", -20), ("waiting", 20), ("failed", 0), ("sent", 0)):
        Delivery.objects.create(
            key=f"{state}{due}", way="mail", state=state, due_at=now + timedelta(minutes=due)
        )
    old = Delivery.objects.create(key="old", way="mail", state="failed", due_at=now)
    Delivery.objects.filter(pk=old.pk).update(made_at=now - timedelta(days=91))
    for dry_run in (False, True):
        job = Job.objects.create(kind="import", state="done")
        ImportBatch.objects.create(
            job=job, site=site, format="phonenow", source="crm", read=7, stored=4, rejected=3,
            dry_run=dry_run, last_at=now - timedelta(hours=2),
        )  # fmt: skip
    stale = Job.objects.create(kind="import", state="running")
    Job.objects.filter(pk=stale.pk).update(heartbeat_at=now - timedelta(minutes=11))
    LiveSource.objects.create(
        site=site, source="pbx", heard_at=now - timedelta(seconds=40), newest_at=now
    )
    a_call(queue, now - timedelta(minutes=5))
    a_call(queue, now - timedelta(days=2))
    found = figures()
    assert value("ccm_dirty_days", found) == 2
    assert value("ccm_dirty_oldest_seconds", found) == pytest.approx(1800, abs=30)
    assert value("ccm_inbox_events", found) == 2
    assert value("ccm_inbox_oldest_seconds", found) == pytest.approx(90, abs=30)
    assert value("ccm_outbox_messages", found, state="waiting") == 2
    assert value("ccm_outbox_messages", found, state="failed") == 1
    assert value("ccm_outbox_overdue_seconds", found) == pytest.approx(1200, abs=30)
    assert value("ccm_import_rows_total", found, fate="stored") == 4
    assert value("ccm_import_rows_total", found, fate="rejected") == 3
    assert value("ccm_jobs", found, state="done") == 2
    assert value("ccm_jobs_stale", found) == 1
    assert value("ccm_source_heard_seconds", found, source="pbx") == pytest.approx(40, abs=30)
    assert value("ccm_calls_newest_seconds", found, source="crm") == pytest.approx(7200, abs=30)
    daily = {key: n for key, n in found.items() if key[0] == "ccm_calls_last_day"}
    assert sum(daily.values()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_at_a_long_step_is_not_stale():
    from ccm import jobs

    now = timezone.now()
    job = Job.objects.create(kind="import", state="running")
    Job.objects.filter(pk=job.pk).update(heartbeat_at=now - timedelta(hours=1))
    assert value("ccm_jobs_stale") == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [jobs.LOCK_SPACE, job.pk])
        try:
            assert value("ccm_jobs_stale") == 0
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [jobs.LOCK_SPACE, job.pk])


@pytest.mark.django_db
def test_months_of_calls_are_told_with_how_far_they_reach():
    now = timezone.now()
    partitions.ensure_months({NINE.date().replace(day=1), now.date().replace(day=1)})
    found = figures()
    assert value("ccm_partition_bytes", found, month="2026-03") > 0
    months = partitions.existing_months()
    assert value("ccm_partition_horizon_seconds", found) == pytest.approx(
        (gathered.horizon(months) - now).total_seconds(), abs=30
    )
    assert gathered.horizon(set()) is None
    assert gathered.horizon({NINE.date().replace(month=12, day=1)}).isoformat() == (
        "2027-01-01T00:00:00+00:00"
    )


@pytest.mark.django_db
def test_what_cannot_be_read_is_missing_and_says_so_and_takes_nothing_with_it(monkeypatch):
    def away(*_args, **_more):
        raise ConnectionError

    def slow(_now):
        raise DatabaseError
        yield

    monkeypatch.setattr("ccm.live.bus.quick_client", away)
    monkeypatch.setitem(gathered.PARTS, "calls", slow)
    found = figures()
    lost = {
        dict(labels)["part"]
        for (name, labels), n in found.items()
        if name == "ccm_gathered" and n == 0
    }
    assert lost == {"processes", "queues", "tasks", "calls"}
    assert value("ccm_dirty_days", found) == 0
    assert not any(name == "ccm_queue_length" for name, _labels in found)


@pytest.mark.django_db
def test_a_part_that_takes_too_long_is_ended_by_the_database(monkeypatch):
    monkeypatch.setattr(gathered, "BRIEFLY", "SET LOCAL statement_timeout = '50ms'; ")
    monkeypatch.setattr(gathered, "_DIRTY", "SELECT 1, now() FROM pg_sleep(10)")
    found = figures()
    assert value("ccm_gathered", found, part="counts") == 0
    assert value("ccm_gathered", found, part="jobs") == 1


@pytest.mark.django_db
def test_lengths_of_queues_and_what_tasks_did_are_those_in_redis():
    bus.client().rpush(bus.key("mail"), "a", "b")
    bus.client().hset(bus.key("unacked"), mapping={"1": "x"})
    for seconds in (0.05, 0.1, 0.3, 4000.0):
        tasks.count("ccm.tasks.send_messages", "done", seconds)
    tasks.count("ccm.tasks.send_messages", "failed", 2.0)
    found = figures()
    assert value("ccm_queue_length", found, queue="mail") == 2
    assert value("ccm_queue_length", found, queue="long") == 0
    assert value("ccm_tasks_in_hand", found) == 1
    task = "ccm.tasks.send_messages"
    assert value("ccm_tasks_total", found, task=task, outcome="done") == 4
    assert value("ccm_tasks_total", found, task=task, outcome="failed") == 1
    buckets = {
        bound: value("ccm_task_duration_seconds_bucket", found, task=task, le=bound)
        for bound in ("0.1", "0.5", "1.0", "5.0", "1200.0", "+Inf")
    }
    assert buckets == {"0.1": 2, "0.5": 3, "1.0": 3, "5.0": 4, "1200.0": 4, "+Inf": 5}
    assert value("ccm_task_duration_seconds_sum", found, task=task) == pytest.approx(4002.45)
    assert value("ccm_task_duration_seconds_count", found, task=task) == 5


def test_a_task_is_counted_by_how_it_ended_and_a_death_without_a_beginning_not_at_all():
    class Some:
        name = "tests.some"

    tasks.began("1")
    tasks.ended("1", Some, "SUCCESS")
    tasks.began("2")
    tasks.ended("2", Some, "FAILURE")
    tasks.began("3")
    tasks.ended("3", Some, "RETRY")
    tasks.ended("4", Some, "SUCCESS")
    found = {outcome: n for _task, outcome, n in tasks.outcomes(tasks.kept())}
    assert found == {"done": 1, "failed": 1, "again": 1}
    assert tasks._begun == {}


# What is counted on the way


@pytest.mark.django_db
def test_requests_are_counted_by_view_method_and_status_and_invented_methods_as_one():
    before = figures()

    def more(**labels):
        key = ("ccm_http_requests_total", tuple(sorted(labels.items())))
        return figures().get(key, 0) - before.get(key, 0)

    Client().get(reverse("health"))
    Client().get("/calls/1/2/3/such-a-page-is-not-there/")
    for number in range(3):
        Client().generic(f"INVENTED{number}", reverse("health"))
    assert more(view="health", method="GET", status="200") == 1
    assert more(view="none", method="GET", status="404") == 1
    assert more(view="health", method="other", status="405") == 3
    assert not any("INVENTED" in str(labels) for _name, labels in figures())


@pytest.mark.django_db
def test_refused_sign_ins_are_counted_and_nobody_is_named():
    before = figures().get(("ccm_sign_in_failures_total", ()), 0)
    user = a_user("admin")
    said = {"username": user.username, "login": user.username, "password": "wrong"}
    for _try in range(2):
        Client().post(resolve_url(settings.LOGIN_URL), said)
    text = page().content.decode()
    assert figures(text)["ccm_sign_in_failures_total", ()] == before + 2
    assert user.username not in text


def test_nothing_is_counted_where_nobody_can_read_it(settings):
    settings.METRICS_TOKEN = ""
    before = generate_latest(counted.own)
    counted.request("home", "GET", 200, 0.1)
    counted.streams(1)
    counted.sign_in_failed()
    assert generate_latest(counted.own) == before


# Several processes


COUNTS = """
import os, sys
import django
django.setup()
from ccm.watching import counted
counted.request("home", "GET", 200, 0.2)
counted.streams(int(sys.argv[1]))
sys.stdout.write("counted\\n"); sys.stdout.flush()
sys.stdin.read()
"""
TELLS = """
import sys
import django
django.setup()
from ccm.watching import counted
from prometheus_client import CollectorRegistry, generate_latest
registry = CollectorRegistry()
counted.put_into(registry)
sys.stdout.write(generate_latest(registry).decode())
"""


def program(text, *words):
    return subprocess.Popen(
        [sys.executable, "-c", text, *words],
        env=os.environ | {"CCM_METRICS_TOKEN": TOKEN, "DJANGO_SETTINGS_MODULE": "ccm.settings"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def told_by_another():
    return figures(program(TELLS).communicate()[0])


def test_whichever_process_is_asked_it_tells_what_all_have_counted():
    with folder.together():
        one, two = program(COUNTS, "3"), program(COUNTS, "2")
        assert one.stdout.readline() == two.stdout.readline() == "counted\n"
        found = told_by_another()
        labels = {"view": "home", "method": "GET", "status": "200"}
        assert value("ccm_http_requests_total", found, **labels) == 2
        assert value("ccm_http_request_duration_seconds_count", found, view="home") == 2
        assert value("ccm_streams_open", found) == 5
        # One that dies had counted what it had counted, and its streams are gone.
        one.kill()
        one.wait()
        found = told_by_another()
        assert value("ccm_http_requests_total", found, **labels) == 2
        assert value("ccm_streams_open", found) == 2
        two.communicate()


def test_the_folder_goes_with_its_server_and_what_a_killed_one_left_with_the_next(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "ccm-counts-killed"
    left.mkdir()
    (left / "counter_1.db").touch()
    other = tmp_path / "ccm-counts-link"
    other.symlink_to(tmp_path / "elsewhere")
    with folder.together() as held:
        assert not left.exists()
        assert other.is_symlink()
        assert os.environ[folder.VARIABLE] == str(held)
        # One that works is left alone by another server.
        with folder.together() as second:
            assert held.exists()
            assert second != held
    assert not held.exists()
    assert folder.VARIABLE not in os.environ
