"""What a wall sees over its stream. The database stays shut: no test here may touch it."""

import asyncio
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ccm.live import bus, stream, tokens
from ccm.live.publish import stamped
from ccm.live.stream import Stream
from ccm.live.tokens import stream_token
from tests import broker
from tests.ccm.live.proxy import Proxy
from tests.ccm.live.words import NINE


class Browser:
    """One EventSource: collects what it is sent; `slow` reads only when it is told to."""

    def __init__(self, to, slug="floor", token=None, method="GET", path=None, holder="kiosk:1"):
        token = stream_token(slug, holder) if token is None else token
        self.scope = {
            "type": "http",
            "method": method,
            "path": path or f"/live/{slug}",
            "query_string": f"t={token}".encode(),
            "headers": [],
        }
        self.to, self.status, self.headers, self.body = to, None, {}, b""
        self.left, self.reads, self.news = asyncio.Event(), asyncio.Event(), asyncio.Condition()
        self.reads.set()

    def open(self):
        self.task = asyncio.create_task(self.to(self.scope, self.receive, self.send))
        return self

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        self.body += message.get("body", b"")
        async with self.news:
            self.news.notify_all()

    def seen(self):
        """Events so far, as (name, data)."""
        found = []
        for block in self.body.decode().split("\n\n")[:-1]:
            lines = dict(line.split(": ", 1) for line in block.split("\n") if line[0] != ":")
            if lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found

    def figures(self):
        return [data["figure"] for name, data in self.seen() if name == "frame"]

    async def until(self, holds, seconds=3):
        async with asyncio.timeout(seconds), self.news:
            await self.news.wait_for(holds)

    async def closed(self, seconds=3):
        async with asyncio.timeout(seconds):
            await self.task


_seq = iter(range(1, 10_000))


def publish(figure, slug="floor"):
    words = stamped({"figure": figure}, NINE, next(_seq))
    bus.client().set(bus.frame_key(slug), words, ex=60)
    bus.client().publish(bus.board_channel(slug), words)


@pytest.fixture
def run():
    """Runs a scenario against a fresh stream endpoint, on its own event loop."""
    broker.empty()

    def running(scenario, cap=100, url=settings.REDIS_URL):
        async def whole():
            app = Stream(url, cap)
            try:
                await scenario(app)
            finally:
                await app.hub.close()

        asyncio.run(whole())

    yield running
    broker.empty()


def test_a_wall_sees_the_last_frame_at_once_and_then_every_new_one(run):
    async def scenario(app):
        publish(1)
        wall = Browser(app).open()
        await wall.until(lambda: wall.figures() == [1])
        assert wall.status == 200
        assert wall.headers["content-type"].startswith("text/event-stream")
        assert wall.headers["cache-control"] == "no-store"
        assert wall.headers["x-accel-buffering"] == "no"
        await asyncio.sleep(0.2)  # the subscription is made after the first viewer came
        publish(2)
        await wall.until(lambda: wall.figures() == [1, 2])
        assert wall.seen()[1][1]["as_of"] == NINE.isoformat()
        assert f"id: {wall.seen()[1][1]['seq']}\n" in wall.body.decode()

    run(scenario)


def test_a_wall_sees_only_its_own_board(run):
    async def scenario(app):
        one, two = Browser(app, "one").open(), Browser(app, "two").open()
        await asyncio.sleep(0.3)
        publish(1, "one")
        publish(2, "two")
        await one.until(lambda: one.figures())
        await two.until(lambda: two.figures())
        assert (one.figures(), two.figures()) == ([1], [2])

    run(scenario)


def test_a_slow_wall_skips_frames_and_holds_up_nobody(run):
    async def scenario(app):
        slow, quick = Browser(app).open(), Browser(app).open()
        await asyncio.sleep(0.3)
        slow.reads.clear()
        for figure in range(1, 6):
            publish(figure)
            await quick.until(lambda f=figure: quick.figures()[-1:] == [f])
        slow.reads.set()
        await slow.until(lambda: slow.figures()[-1:] == [5])
        assert quick.figures() == [1, 2, 3, 4, 5]
        assert slow.figures() == [1, 5]  # the one it was busy with, and the newest

    run(scenario)


def test_a_quiet_stream_gives_signs_of_life(run, monkeypatch):
    monkeypatch.setattr(stream, "PING_SECONDS", 0.1)

    async def scenario(app):
        wall = Browser(app).open()
        await wall.until(lambda: wall.body.count(b"event: ping\ndata: {}\n\n") >= 3)

    run(scenario)


def test_one_connection_listens_for_all_boards(run):
    async def scenario(app):
        before = int(bus.client().info("clients")["pubsub_clients"])
        walls = [Browser(app, f"board-{n}").open() for n in range(30)]
        await asyncio.sleep(0.5)
        publish(1, "board-7")
        await walls[7].until(lambda: walls[7].figures() == [1])
        assert int(bus.client().info("clients")["pubsub_clients"]) == before + 1

    run(scenario)


def test_who_leaves_leaves_nothing_behind(run):
    async def scenario(app):
        walls = [Browser(app, f"board-{n % 3}").open() for n in range(12)]
        await asyncio.sleep(0.2)
        assert app.hub.count == 12
        for wall in walls:
            wall.left.set()
        for wall in walls:
            await wall.closed()
        assert (app.hub.count, app.hub.boards) == (0, {})
        tasks = {task.get_coro().__qualname__ for task in asyncio.all_tasks()}
        assert tasks - {"Hub._listen", "Hub._ping"} == {
            asyncio.current_task().get_coro().__qualname__
        }

    run(scenario)


def test_a_stream_has_an_end(run, monkeypatch):
    monkeypatch.setattr(stream, "LIFE_SECONDS", 0.3)

    async def scenario(app):
        wall = Browser(app).open()
        await wall.closed()
        assert (wall.status, app.hub.count) == (200, 0)

    run(scenario)


def test_even_a_wall_that_reads_nothing_has_an_end(run, monkeypatch):
    monkeypatch.setattr(stream, "LIFE_SECONDS", 0.3)

    async def scenario(app):
        wall = Browser(app)
        wall.reads.clear()
        wall.open()
        await wall.closed()
        assert app.hub.count == 0

    run(scenario)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"token": ""}, 403),
        ({"token": "nonsense"}, 403),
        ({"token": "%ff%fe"}, 403),
        ({"path": "/live/other"}, 403),
        ({"path": "/live/"}, 404),
        ({"path": "/live/floor/more"}, 404),
        ({"method": "POST"}, 405),
        ({"method": "HEAD"}, 405),
    ],
)
def test_who_may_not_look_is_told_so(run, asked, status):
    async def scenario(app):
        wall = Browser(app, **asked).open()
        await wall.closed()
        assert wall.status == status
        assert app.hub.count == 0

    run(scenario)


def test_an_old_token_opens_nothing(run, monkeypatch):
    monkeypatch.setattr(tokens, "SECONDS", -1)

    async def scenario(app):
        wall = Browser(app).open()
        await wall.closed()
        assert wall.status == 403

    run(scenario)


def test_a_thousand_screens_switched_on_together_ask_redis_next_to_nothing(run):
    async def scenario(app):
        publish(1)
        first = Browser(app).open()
        await first.until(lambda: first.figures() == [1])
        before = bus.client().info("stats")["total_commands_processed"]
        walls = [Browser(app).open() for _ in range(1000)]
        for wall in walls:
            await wall.until(lambda w=wall: w.figures() == [1])
        assert bus.client().info("stats")["total_commands_processed"] - before < 20

    run(scenario, cap=2000)


def test_a_full_house_says_so(run):
    async def scenario(app):
        first = Browser(app).open()
        await asyncio.sleep(0.1)
        second = Browser(app).open()
        await second.closed()
        assert second.status == 503
        assert second.headers["retry-after"]
        first.left.set()
        await first.closed()
        third = Browser(app).open()
        await third.until(lambda: third.status)
        assert third.status == 200

    run(scenario, cap=1)


def test_a_revoked_link_goes_dark_and_the_others_stay(run):
    async def scenario(app):
        revoked = Browser(app, holder=tokens.kiosk(7)).open()
        other = Browser(app, holder=tokens.kiosk(8)).open()
        await asyncio.sleep(0.3)
        bus.revoke(tokens.kiosk(7))
        await revoked.closed()
        assert revoked.seen()[-1] == ("revoked", {})
        again = Browser(app, holder=tokens.kiosk(7)).open()
        await again.closed()
        assert again.status == 403
        publish(1)
        await other.until(lambda: other.figures() == [1])

    run(scenario)


def test_a_stream_ends_with_the_link_it_was_opened_by(run):
    soon = timezone.now() + timedelta(seconds=0.6)

    async def scenario(app):
        short = Browser(app, token=stream_token("floor", tokens.kiosk(7), soon)).open()
        other = Browser(app, holder=tokens.kiosk(8)).open()
        await short.closed()
        assert timezone.now() >= soon
        publish(1)
        await other.until(lambda: other.figures() == [1])

    run(scenario)


def test_who_came_before_the_terms_changed_is_sent_away_and_comes_again(run):
    async def scenario(app):
        before = Browser(app, holder=tokens.kiosk(7, 1)).open()
        await asyncio.sleep(0.3)
        bus.revoke(tokens.kiosk(7, 1))
        await before.closed()
        again = Browser(app, holder=tokens.kiosk(7, 2)).open()
        publish(1)
        await again.until(lambda: again.figures() == [1])

    run(scenario)


def test_which_screens_look_is_known_to_all(run, monkeypatch):
    monkeypatch.setattr(stream, "PING_SECONDS", 0.1)

    async def scenario(app):
        screen = Browser(app, holder=tokens.kiosk(7, 3)).open()
        person = Browser(app, holder=tokens.person(1)).open()
        async with asyncio.timeout(3):
            while not bus.looking():
                await asyncio.sleep(0.05)
        assert bus.looking() == {"kiosk:7.3"}
        monkeypatch.setattr(bus, "LOOKING_SECONDS", -1)
        assert bus.looking() == set()
        for one in (screen, person):
            one.left.set()
            await one.closed()

    run(scenario)


def test_a_wall_is_told_when_frames_cannot_come_and_sees_them_when_they_can(run, tmp_path):
    door = Proxy(settings.REDIS_URL, tmp_path)

    async def scenario(app):
        wall = Browser(app).open()
        revoked = Browser(app, holder=tokens.kiosk(7)).open()
        await asyncio.sleep(0.3)
        publish(1)
        await wall.until(lambda: wall.figures() == [1])
        door.shut()
        await wall.until(lambda: ("away", {}) in wall.seen())
        late = Browser(app).open()  # comes while nobody can say what is to be seen
        await late.until(lambda: ("away", {}) in late.seen())
        publish(2)
        bus.revoke(tokens.kiosk(7))
        door.open()
        await wall.until(lambda: wall.figures() == [1, 2], seconds=8)
        await late.until(lambda: late.figures() == [2])
        await revoked.closed()
        publish(3)
        await wall.until(lambda: wall.figures() == [1, 2, 3])

    try:
        run(scenario, url=door.url)
    finally:
        door.shut()


def test_a_frame_that_is_none_stops_nothing(run):
    async def scenario(app):
        wall = Browser(app).open()
        await asyncio.sleep(0.3)
        for words in ("{}", "no JSON", "[]", b"\xff"):
            bus.client().publish(bus.board_channel("floor"), words)
        publish(1)
        await wall.until(lambda: wall.figures() == [1])

    run(scenario)
