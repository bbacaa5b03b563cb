"""Who uses the servers: the first to come starts them, the last to leave stops them.

Every user holds a shared lock on one file for as long as it lives, however it ends. Starting and
stopping happen under a second lock, so that two commands at once start one server, and none is
stopped under a newcomer.
"""

import contextlib
import fcntl
import json
import os
import secrets
import sys
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from pathlib import Path

from ccm.stack import from_files, places, urls
from ccm.stack.places import Place, Say
from ccm.stack.postgres import APPLICATION, Postgres
from ccm.stack.urls import database_url
from ccm.stack.valkey import SOCKET, Valkey

# Names in the environment that were put there here, in it themselves: for processes that are begun
# with it, and are not told what was there before.
MADE = "CCM_MADE"


def made(env: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The names in the environment that `running` filled in."""
    return frozenset(env.get(MADE, "").split(",")) - {""}


def _say(words: str) -> None:
    sys.stderr.write(words + "\n")


class Servers:
    """The servers this process uses; one whose address was given is None."""

    def __init__(
        self, place: Place | None, wanted: Collection[str], *, fast: bool, createdb: bool
    ) -> None:
        self.place = place
        self.wanted = wanted
        self.fast, self.createdb = fast, createdb
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self) -> None:
        """Have what is wanted running. Call it under the start lock."""
        if self.place is None:
            return
        programs = places.programs(self.place)
        sockets = places.socket_folder(self.place)
        if "DATABASE_URL" in self.wanted:
            self.postgres = Postgres(self.place, programs, sockets)
            self.postgres.ensure(fast=self.fast, createdb=self.createdb)
        if "REDIS_URL" in self.wanted:
            self.valkey = Valkey(self.place, programs, sockets)
            self.valkey.ensure()

    def keep(self) -> bool:
        """Start again what has died. True when something had."""
        dead = [one for one in (self.postgres, self.valkey) if one and one.pid() is None]
        if dead and self.place:
            with places.locked(self.place.start_lock):
                self.start()
        return bool(dead)

    def addresses(self) -> dict[str, str]:
        found = {}
        if self.postgres:
            secret = self.postgres.passwords[APPLICATION]
            found["DATABASE_URL"] = database_url(
                self.postgres.sockets, APPLICATION, secret, APPLICATION
            )
        if self.valkey:
            found["REDIS_URL"] = self.valkey.url
        return found


@contextlib.contextmanager
def running(
    env: MutableMapping[str, str] = os.environ,
    *,
    name: str = "main",
    fast: bool = False,
    createdb: bool = False,
    say: Say = _say,
) -> Iterator[Servers]:
    """Embedded servers for as long as the block lasts, their addresses in `env`.

    Of DATABASE_URL and REDIS_URL, one that `env` has is left alone and nothing is started for it.
    CCM_SECRET_KEY is set likewise, from a file made once, and with embedded servers CCM_RECORDINGS,
    to a folder beside them. What was set is taken out at the end.

    `name` is the pair of servers under CCM_DATA_DIR; `fast` trades its safety in a power cut for
    speed (tests), `createdb` lets the application's role make databases (tests).

    Raises StackError, in words for the operator, when the servers cannot be had.
    """
    from_files.read(env)
    data = places.data_dir(env)
    wanted = {key for key in ("DATABASE_URL", "REDIS_URL") if not env.get(key)}
    place = places.claim(data, name, say) if wanted else None
    added = {} if env.get("CCM_SECRET_KEY") else {"CCM_SECRET_KEY": _secret_key(data)}
    if wanted and not env.get("CCM_RECORDINGS"):
        added["CCM_RECORDINGS"] = str(data / "recordings")
    servers = Servers(place, wanted, fast=fast, createdb=createdb)
    with _use(place, servers):
        added |= servers.addresses()
        if added:
            added[MADE] = ",".join(sorted({*made(env), *added}))
        before = {key: env.get(key) for key in added}
        env.update(added)
        try:
            yield servers
        finally:
            for key, value in before.items():
                if value is None:
                    env.pop(key, None)
                else:
                    env[key] = value


def redis_there(env: MutableMapping[str, str] = os.environ, *, name: str = "main") -> str | None:
    """The address of Redis as `env` says it, or else of the embedded one that somebody has started;
    None: nobody has. Nothing is started for it, and nothing made."""
    from_files.read(env)
    if said := env.get("REDIS_URL"):
        return said
    home = places.data_dir(env) / "servers" / name
    try:
        sockets = json.loads((home / "sockets.json").read_text(encoding="utf-8"))["path"]
        password = json.loads((home / "passwords.json").read_text(encoding="utf-8"))["valkey"]
        socket = Path(sockets) / SOCKET
        return urls.redis_url(socket, password) if socket.exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _secret_key(data: Path) -> str:
    places.own_data_dir(data)
    return places.written_once(data / "secret_key", lambda: secrets.token_urlsafe(50))


@contextlib.contextmanager
def _use(place: Place | None, servers: Servers) -> Iterator[None]:
    """Count as a user of the pair while inside; started by the first, stopped by the last."""
    if place is None:
        yield
        return
    with places.open_lock(place.users_lock) as users:
        try:
            with places.locked(place.start_lock):
                fcntl.flock(users, fcntl.LOCK_SH)
                servers.start()
            yield
        finally:
            with places.locked(place.start_lock):
                # Let go in words, not by closing: a forked child may hold a copy of the file.
                fcntl.flock(users, fcntl.LOCK_UN)
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # someone still uses them
                else:
                    _stop(place)
                    fcntl.flock(users, fcntl.LOCK_UN)


def _stop(place: Place) -> None:
    """Stop the pair and leave nothing in the temporary folder."""
    programs = places.programs(place)
    sockets = places.socket_folder(place)
    Valkey(place, programs, sockets).stop()
    Postgres(place, programs, sockets).stop()
    with contextlib.suppress(OSError):
        sockets.rmdir()
