"""`/live/<slug>`: a board's frames as server-sent events, beside Django and without a database.

A raw ASGI callable: a view that touched the ORM would pin one database connection a viewer.
One connection to Redis serves all viewers of a process. Each viewer holds only the newest
frame, so a slow one skips frames instead of falling behind.

    event: frame     a whole frame; `id` is its number
    event: away      frames cannot come, Redis is away; told again while it lasts
    event: revoked   the holder may look no longer; the stream ends
    event: ping      nothing but a sign of life
"""

import asyncio
import json
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ccm.live import bus
from ccm.live.tokens import KIOSK, BadToken, read_token
from ccm.watching import counted

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PREFIX = "/live/"
# A viewer who comes first waits this long for Redis before it is told that Redis is away.
JOIN_SECONDS = 1.0
PING_SECONDS = 5.0
LIFE_SECONDS = 600.0
MOST_BACKOFF = 2.0
_PATH = re.compile(r"/live/([-\w]{1,60})")
_PING = b"event: ping\ndata: {}\n\n"
_AWAY = b"event: away\ndata: {}\n\n"
_REVOKED = b"event: revoked\ndata: {}\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


def frame_event(frame: bytes) -> bytes:
    """A published frame as the event that a browser receives."""
    return b"event: frame\nid: %d\ndata: %s\n\n" % (json.loads(frame)["seq"], frame)


class Viewer:
    """One open stream: what it is to be sent next, and whether it is over."""

    __slots__ = ("frame", "holder", "last", "over", "slug", "wake", "word")

    def __init__(self, slug: str, holder: str) -> None:
        self.slug = slug
        self.holder = holder
        self.frame: bytes | None = None
        self.last: bytes | None = None
        self.word: bytes | None = None
        self.over = False
        self.wake = asyncio.Event()

    def show(self, frame: bytes) -> None:
        """Have the newest frame sent, once; one not yet sent is dropped for it."""
        if frame != self.last:
            self.frame = self.last = frame
            self.wake.set()

    def say(self, word: bytes) -> None:
        """Have a ping or a word about the stream sent, unless a frame says as much."""
        self.word = word
        self.wake.set()

    def end(self, word: bytes | None = None) -> None:
        self.over, self.word = True, word
        self.wake.set()

    def take(self) -> bytes:
        """What is to be sent now."""
        frame, word = self.frame, self.word
        self.frame = self.word = None
        if self.over:
            return word or b""
        return (frame or b"") + (b"" if frame and word == _PING else word or b"")


class Hub:
    """All viewers of this process, and its one subscription.

    While it listens it knows the last frame of every board and every revoked holder, so that
    a thousand screens switched on together ask Redis nothing.
    """

    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
        )
        self.boards: dict[str, set[Viewer]] = {}
        self.count = 0
        self.last: dict[str, bytes] = {}
        self.revoked: set[bytes] = set()
        self._listening = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def join(self, viewer: Viewer) -> None:
        self.boards.setdefault(viewer.slug, set()).add(viewer)
        self.count += 1
        counted.streams(1)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._ping())]

    def leave(self, viewer: Viewer) -> None:
        there = self.boards[viewer.slug]
        there.discard(viewer)
        self.count -= 1
        counted.streams(-1)
        if not there:
            del self.boards[viewer.slug]

    def viewers(self) -> list[Viewer]:
        return [viewer for there in self.boards.values() for viewer in there]

    async def admit(self, viewer: Viewer) -> bool:
        """Give the viewer the last frame; False when its holder was revoked.

        While Redis is away nobody can be told apart and there is nothing to see: the viewer
        waits, and is looked at again when Redis is back.
        """
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await self._listening.wait()
                if viewer.slug not in self.last:
                    frame = await self.client.get(bus.frame_key(viewer.slug))
                    if viewer.slug not in self.last:  # nor has one come meanwhile
                        self._know(viewer.slug, frame)
        except (RedisError, OSError, TimeoutError):
            viewer.say(_AWAY)
            return True
        if viewer.slug in self.last:
            viewer.show(self.last[viewer.slug])
        return viewer.holder.encode() not in self.revoked

    async def close(self) -> None:
        """End every stream and let go of Redis."""
        for viewer in self.viewers():
            viewer.end()
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            # A reader that was about to give up anyway may take the word for a timeout.
            _, pending = await asyncio.wait(self._tasks, timeout=0.2)
            self._tasks = list(pending)
        await self.client.aclose()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for viewer in self.viewers():
                viewer.say(_PING if self._listening.is_set() else _AWAY)
            if self._listening.is_set():
                with suppress(RedisError, OSError):
                    await self._tell_who_looks()

    async def _tell_who_looks(self) -> None:
        """Say which screens are there now, for all processes to know."""
        now = time.time()
        there = {one.holder: now for one in self.viewers() if one.holder.startswith(KIOSK)}
        if there:
            async with self.client.pipeline() as pipe:
                pipe.zadd(bus.looking_key(), there)
                pipe.zremrangebyscore(bus.looking_key(), 0, now - bus.REVOKED_SECONDS)
                await pipe.execute()

    async def _listen(self) -> None:
        tries = 0
        while True:
            try:
                async with self.client.pubsub(ignore_subscribe_messages=True) as heard:
                    await heard.psubscribe(bus.board_channel("*"))
                    await heard.subscribe(bus.revoked_key())
                    await self._catch_up()
                    tries = 0
                    while True:
                        await self._hear(await heard.get_message(timeout=PING_SECONDS))
            except (RedisError, OSError):
                self._lose()
            except Exception:
                log.exception("live streams go on after an error")
                self._lose()
            await asyncio.sleep(min(MOST_BACKOFF, 0.25 * 2**tries) * random.uniform(0.5, 1))  # noqa: S311
            tries += 1

    async def _hear(self, message: dict[str, Any] | None) -> None:
        if message is None:
            await self.client.ping()  # silence may also be a dead line
        elif message["type"] == "pmessage":
            slug = message["channel"].decode()[len(bus.board_channel("")) :]
            self._know(slug, message["data"])
        else:
            self._revoke({message["data"]})

    async def _catch_up(self) -> None:
        """Learn what was said while nobody listened: who was revoked, and the last frames."""
        self.revoked = set()
        self._revoke(set(await self.client.smembers(bus.revoked_key())))
        self.last.clear()
        slugs = list(self.boards)
        frames = await self.client.mget([bus.frame_key(slug) for slug in slugs]) if slugs else []
        for slug, frame in zip(slugs, frames, strict=True):
            self._know(slug, frame)
        self._listening.set()

    def _know(self, slug: str, frame: Any) -> None:
        """Have a board's newest frame shown."""
        if frame is None:
            return
        try:
            self.last[slug] = frame_event(frame)
        except (ValueError, TypeError, KeyError):
            log.warning("a frame of the board %s cannot be read", slug)
            return
        for viewer in self.boards.get(slug, ()):
            viewer.show(self.last[slug])

    def _lose(self) -> None:
        self._listening.clear()
        for viewer in self.viewers():
            viewer.say(_AWAY)

    def _revoke(self, holders: set[Any]) -> None:
        self.revoked |= holders
        for viewer in self.viewers():
            if viewer.holder.encode() in holders:
                viewer.end(_REVOKED)


class Stream:
    """The ASGI callable. `cap` is the most streams this process keeps open."""

    def __init__(self, redis_url: str, cap: int) -> None:
        self.hub = Hub(redis_url)
        self.cap = cap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hit = _PATH.fullmatch(scope["path"])
        if hit is None:
            return await _refuse(send, 404, "There is no such board.")
        if scope["method"] != "GET":
            return await _refuse(send, 405, "Only GET.", (b"allow", b"GET"))
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            granted = read_token(query.get("t", [""])[0])
        except BadToken:
            return await _refuse(send, 403, "The token is not good, or no longer.")
        if granted.slug != hit[1]:
            return await _refuse(send, 403, "The token is for another board.")
        if self.hub.count >= self.cap:
            return await _refuse(send, 503, "Too many streams.", (b"retry-after", b"10"))
        viewer = Viewer(granted.slug, granted.holder)
        self.hub.join(viewer)
        try:
            if not await self.hub.admit(viewer):
                return await _refuse(send, 403, "Whoever was given this token may look no longer.")
            await _carry(viewer, receive, send, granted.until)
        finally:
            self.hub.leave(viewer)


async def _carry(viewer: Viewer, receive: Receive, send: Send, until: float | None) -> None:
    """Send what the viewer is to see until it ends, goes away or has lived long enough; `until` is
    when it may look no longer."""
    leaving = asyncio.create_task(_until_gone(viewer, receive))
    # Streams that began together do not all come back together.
    life = LIFE_SECONDS * random.uniform(0.9, 1)  # noqa: S311
    if until is not None:
        life = min(life, max(0.0, until - time.time()))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(life):
                await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                while not viewer.over:
                    await viewer.wake.wait()
                    viewer.wake.clear()
                    await send(
                        {"type": "http.response.body", "body": viewer.take(), "more_body": True}
                    )
    finally:
        leaving.cancel()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(1):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(viewer: Viewer, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    viewer.end()


async def _refuse(send: Send, status: int, words: str, *headers: tuple[bytes, bytes]) -> None:
    body = (words + "\n").encode()
    about = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": body})
