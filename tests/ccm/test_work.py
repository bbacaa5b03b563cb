"""Work that is sent: a hint, which must cost nobody anything where Redis is away."""

import time
from contextlib import nullcontext
from unittest.mock import Mock, patch

import pytest
from redis.exceptions import ConnectionError

from ccm.celery import app
from ccm.work import send
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
