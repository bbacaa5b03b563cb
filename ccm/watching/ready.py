"""Whether this process can serve, and whether what stands behind it works: the parts of `/readyz`.

A load balancer turns away from who is not ready. So only what this process cannot serve without
makes it unready: the database, which takes writes and has its tables. All else is the same behind
every process, pages say what is missing, and to turn away from all of them would help nobody: of
that it is told.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from ccm import partitions
from ccm.watching import alive, gathered

log = structlog.get_logger(__name__)

# How old each may be before something is wrong.
DIRTY_SECONDS = 600.0
INBOX_SECONDS = 60.0
OVERDUE_SECONDS = 900.0
# The live process makes a month's place three days before it begins.
AHEAD = timedelta(days=2)
# Disks with less room, and less of their whole, are told of.
LEAST_BYTES = 2 * 2**30
LEAST_SHARE = 0.05
ENOUGH_BYTES = 50 * 2**30


@dataclass(frozen=True, slots=True)
class Part:
    """A part: whether it is well (None: not known), in words, and how old it is in seconds."""

    name: str
    well: bool | None
    words: str
    age_seconds: float | None = None
    needed: bool = False
    """Whether nothing is served without it."""

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        state = {True: "ok", False: "trouble", None: "unknown"}[self.well]
        found: dict[str, Any] = {"state": state, "words": self.words, "needed": self.needed}
        if self.age_seconds is not None:
            found["age_seconds"] = round(self.age_seconds, 1)
        return found


_LOOK = """SELECT to_regclass(%s) IS NOT NULL,
    (SELECT min(marked_at) FROM ccm_dirtyday),
    (SELECT received_at FROM ccm_liveevent WHERE folded_at IS NULL ORDER BY id LIMIT 1),
    (SELECT min(due_at) FROM ccm_delivery WHERE state = 'waiting')"""


def is_ready() -> bool:
    """Whether this process can serve."""
    return _database().well is True


def look(now: datetime) -> list[Part]:
    """Every part: three statements of the database and one word with Redis, each of seconds."""
    database = _database()
    parts = [database]
    if database.well:
        parts += _behind(now)
    lives = alive.lives()
    parts += _redis(lives)
    parts += _disk()
    return parts


def _database() -> Part:
    try:
        [(follows, tables)] = gathered.rows(
            "SELECT pg_is_in_recovery(), to_regclass('django_migrations') IS NOT NULL"
        )
    except (DatabaseError, InterfaceError):
        log.warning("the database does not answer", exc_info=True)
        return Part("database", False, _("It does not answer."), needed=True)
    if follows:
        words = _("It only follows another, and takes no writes.")
    elif not tables:
        words = _("It has no tables yet: `callcenter migrate`.")
    else:
        return Part("database", True, _("It answers."), needed=True)
    return Part("database", False, words, needed=True)


def _behind(now: datetime) -> Iterator[Part]:
    month = partitions.month_of(now + AHEAD)
    try:
        [found] = gathered.rows(_LOOK, [f"{partitions.TABLE}_{month:%Y_%m}"])
        [(stale,)] = gathered.rows(gathered.STALE_JOBS, gathered.stale(now))
    except (DatabaseError, InterfaceError):
        log.warning("the parts behind the database cannot be read", exc_info=True)
        yield Part("record", False, _("What waits in the database cannot be read."))
        return
    has_month, dirty, inbox, due = found
    yield _waits("counts", dirty, now, DIRTY_SECONDS, _("The oldest day to be counted anew waits"))
    yield _waits("inbox", inbox, now, INBOX_SECONDS, _("The oldest live event waits"))
    overdue = None if due is None or due > now else due
    yield _waits("outbox", overdue, now, OVERDUE_SECONDS, _("The oldest message is overdue"))
    yield Part(
        "jobs",
        not stale,
        _("%(count)d jobs gave no sign of life for ten minutes.") % {"count": stale}
        if stale
        else _("All that run give signs of life."),
    )
    words = _("Calls of %(month)s have a place.")
    if not has_month:
        words = _("Calls of %(month)s have no place yet.")
    yield Part("partitions", bool(has_month), words % {"month": f"{month:%Y-%m}"})


def _waits(name: str, since: datetime | None, now: datetime, most: float, what: str) -> Part:
    if since is None:
        return Part(name, True, _("Nothing waits."), 0.0)
    seconds = gathered.age(since, now)
    words = _("%(what)s for %(seconds)d s.") % {"what": what, "seconds": seconds}
    return Part(name, seconds <= most, words, seconds)


def _redis(lives: dict[str, alive.Life] | None) -> Iterator[Part]:
    if lives is None:
        yield Part("redis", False, _("It does not answer: work waits, walls stand still."))
        for what in alive.ALL:
            yield Part(what, None, _("Not known while Redis is away."))
        return
    yield Part("redis", True, _("It answers."))
    for what, life in lives.items():
        yield _alive(what, life)


def _alive(what: str, life: alive.Life) -> Part:
    if life.there:
        words = _("%(count)d there.") % {"count": life.there}
    elif life.silent_seconds is None:
        words = _("None was ever heard.")
    else:
        words = _("None was heard for %(seconds)d s.") % {"seconds": life.silent_seconds}
    return Part(what, life.there > 0, words, life.silent_seconds)


def _disk() -> Iterator[Part]:
    for place, folder in gathered.places().items():
        try:
            total, _used, free = shutil.disk_usage(folder)
        except OSError:
            yield Part(f"disk {place}", None, _("It cannot be looked at."))
            continue
        words = _("%(free).1f GB free.") % {"free": free / 1e9}
        yield Part(f"disk {place}", not is_short(free, total), words)


def is_short(free: int, total: int) -> bool:
    """Whether a disk with so many bytes free has too little room: of a large one less of its whole
    is enough, and a small one is not short while it is empty."""
    wanted = max(LEAST_SHARE * total, min(LEAST_BYTES, total / 10))
    return free < min(ENOUGH_BYTES, wanted)
