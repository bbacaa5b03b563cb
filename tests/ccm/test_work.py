"""Work that is sent: a hint, which must cost nobody anything where Redis is away."""

import time
from contextlib import nullcontext
from unittest.mock import Mock, patch

import pytest
from redis.exceptions import ConnectionError

from ccm import cli, lanes
from ccm import tasks as ccm_tasks
from ccm.celery import app
from ccm.work import send, worker_is_up
from kpis.tasks import recount_dirty


def test_work_that_is_sent_while_redis_is_away_is_left_to_beat_at_once(
    monkeypatch, tmp_path, caplog
):
    away = app.connection_for_write(f"redis+socket://{tmp_path}/nobody")
    monkeypatch.setattr(app, "producer_or_acquire", lambda _: nullcontext(away.Producer()))
    began = time.monotonic()
    send(recount_dirty)
    assert time.monotonic() - began < 1  # kombu's own patience is six seconds
    assert "broker is away; beat will find the work of kpis.tasks.recount_dirty" in caplog.text


@pytest.mark.parametrize("closed", [True, False])
def test_a_channel_whose_connection_was_given_up_fails_as_a_lost_connection_does(closed):
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        # Where Redis is gone it cannot always be closed.
        close = channel.close if closed else Mock(side_effect=ConnectionError)
        with patch.object(channel, "close", close):
            connection.collect()
        channel._disconnect_pools()
        # Else the worker ends when Redis goes while it has a task in hand.
        with pytest.raises(connection.connection_errors):
            channel.qos.restore_unacked()


@pytest.mark.parametrize(
    ("answer", "is_up"),
    [
        (None, False),
        ({"long@here": [{"name": "long"}]}, False),  # an import would wait for ever
        ({"import@here": [{"name": "import"}]}, False),  # and its days would not be counted
        ({"celery@here": [{"name": name} for name in lanes.ALL]}, True),
        ({"import@here": [{"name": "import"}], "rollup@there": [{"name": "rollup"}]}, True),
    ],
)
def test_a_worker_is_up_where_imports_are_done_and_counted(monkeypatch, answer, is_up):
    monkeypatch.setattr("celery.app.control.Inspect.active_queues", lambda _: answer)
    assert worker_is_up() is is_up


def queue_of(task: str) -> str:
    return app.amqp.router.route({}, task)["queue"].name


@pytest.fixture(scope="module")
def ours() -> set[str]:
    """The names of all tasks of the project."""
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith(("celery.", "tests."))}


def test_a_worker_that_is_told_nothing_does_every_task(ours):
    taken = cli._parser().parse_args(["worker"]).queues
    assert {queue_of(name) for name in ours} == {*taken}
    assert {*app.conf.task_routes} <= ours, "a queue for what is no task"


# Somebody who imports looks at a page until these are done, or takes the import back again.
WAITED_FOR = {
    "ccm.tasks.run_import",
    "ccm.tasks.run_undo",
    "ccm.tasks.move_named",
    "kpis.tasks.recount_dirty",
    "kpis.tasks.recount_repeats",
}
# No jobs, and may take minutes all the same.
LONG = {
    "ccm.tasks.verify_audit_log",
    "scheduling.tasks.forecast_due",
    "scheduling.tasks.explain_refusals",
    "scheduling.tasks.time_off_due",
    "qa.tasks.check_transcripts",
    "qa.tasks.look_again_at_checks",
    "coaching.tasks.propose_sessions",
}


def test_nothing_that_somebody_waits_for_at_an_import_stands_behind_long_work(ours):
    """What takes long is a job, that its progress be seen. A page waits for one that reads."""
    jobs = {task.name for task in ccm_tasks.TASKS.values()}
    long = LONG | jobs - WAITED_FOR - {"ccm.tasks.read_long"}
    assert ours >= long | WAITED_FOR
    assert {name for name in ours if queue_of(name) == lanes.LONG} == long
    assert lanes.LONG not in lanes.SOON
    assert {queue_of(name) for name in WAITED_FOR} <= {*lanes.SOON}
