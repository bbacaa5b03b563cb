"""A switch's log followed as it is written: its new lines into the record, by the one loader.

What was read and how far it is read are one transaction, so a kill at any moment loses nothing and
doubles nothing. The calls are those that an import of the same log would make, with the same ids:
they are of the same source, and lines are folded with what is known of the same call or agent,
however the log is cut into reads. Read twice they are the same rows.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import database
from ccm.identity import milliseconds
from ccm.imports import undo
from ccm.imports.cells.columns import FUTURE
from ccm.imports.files.lines import Stretch
from ccm.imports.formats import asterisk_queue_log
from ccm.imports.records import Chunk, RawLine
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target
from ccm.live import bus, sources
from ccm.live.outage import AWAY, Outage
from ccm.live.recent import Recent
from ccm.live.tail import CLOCKS_NS, Piece, Place, Tail
from ccm.masking import masked
from ccm.models import FollowedLog, RawEvent
from ccm.signals import record_changed

log = logging.getLogger(__name__)

# The record is told that the log is looked at so often.
TOLD_EVERY = timedelta(seconds=30)
# After a restart so much is read again, to know whom the next lines tell of.
BEFORE_BYTES = 8 << 20
MOST_KEPT = 10_000


class Follower:
    """Runs until `stopping` is set, and then finishes the piece it is at."""

    def __init__(
        self, followed: FollowedLog, stopping: threading.Event, *, from_end: bool = False
    ) -> None:
        self.followed, self.stopping, self.from_end = followed, stopping, from_end
        self.postgres = Outage("PostgreSQL")
        self._reading: Tail | None = None
        self.recent = Recent(asterisk_queue_log.told_of)
        self._led_on: object = None
        self._said = ""

    def run(self, every: float) -> None:
        """Look for new lines, `every` so many seconds when there are none."""
        try:
            while not self.stopping.is_set():
                wait = self._safe_turn(every)
                if wait:
                    self.stopping.wait(wait)
        finally:
            self.close()

    def close(self) -> None:
        self._forget()
        connection.close()

    def once(self) -> bool:
        """Read what is there; False where another process follows the log. Raises OSError where
        that cannot be read, and one of AWAY."""
        try:
            if not self.leads():
                return False
            while not self.stopping.is_set() and self.turn():
                pass
            return True
        finally:
            self.close()

    def _safe_turn(self, every: float) -> float:
        """One turn; how many seconds to wait before the next."""
        try:
            more = self.leads() and self._turn_or_trouble()
            self.postgres.worked()
        except (DatabaseError, *AWAY) as away:
            # A server that goes down amid a statement may give no nearer name to it.
            connection.close()
            self.postgres.failed(away)
            return self.postgres.seconds
        except Exception as puzzle:
            # What nobody foresaw must not stop the log; the same is not told twice in a row.
            connection.close()
            if self._is_news(repr(puzzle)):
                log.exception("following goes on after an error")
            return max(every, 1.0)
        return 0.0 if more else every

    def _turn_or_trouble(self) -> bool:
        try:
            return self.turn()
        except OSError as fault:
            words = _("The log cannot be read: %s.") % (fault.strerror or fault)
            self._trouble(words, timezone.now())
            return False

    def leads(self) -> bool:
        """Whether this process alone follows the log, for as long as its connection lasts."""
        if self._led_on is not None and self._led_on is connection.connection:
            return True
        self._forget()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))",
                [f"follow:{self.followed.name}"],
            )
            leads = bool(cursor.fetchone()[0])
        self._led_on = connection.connection if leads else None
        if not leads and self._is_news("led"):
            log.warning("%s is followed by another process; waiting", self.followed.name)
        return leads

    def turn(self) -> bool:
        """Store the next lines, if there are any; whether there may be more at once.

        Raises OSError where the log cannot be read.
        """
        now = timezone.now()
        tail = self._tail()
        piece = tail.read()
        if tail.lost:
            tail.lost = False
            words = _(
                "The log began anew, and nothing beside it begins as it did: what came last before"
                " that may be missing."
            )
            self._trouble(words, now)
        if piece is None:
            self._tell(now)
            return False
        if not database.retried(self._store, piece, now):
            if self._is_news("undo"):
                log.warning("%s waits: an import is being taken back", self.followed.name)
            return False
        self._said = ""
        tail.took(piece)
        self.recent.add(_whole_lines(piece))
        return True

    def _tail(self) -> Tail:
        """The log from where it was left, with what is known of the lines before that."""
        if self._reading is None:
            self.followed.refresh_from_db()
            one = self.followed
            looked_ns = milliseconds(one.looked_at or timezone.now()) * 1_000_000
            place = Place(one.file, one.offset, one.head_size, one.head)
            tail = Tail(
                Path(one.path),
                place,
                looked_ns - CLOCKS_NS,
                asterisk_queue_log.begins_line,
                from_end=self.from_end,
            )
            self.recent = Recent(asterisk_queue_log.told_of)
            self.recent.add(_lines(tail.before(BEFORE_BYTES)))
            if not place.file:
                one.looked_at = timezone.now()
                self._move(tail.place, looked_at=one.looked_at)
            self._reading = tail
        return self._reading

    def _forget(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    @transaction.atomic
    def _store(self, piece: Piece, now: datetime) -> bool:
        """Write what a piece tells and move the place; False while an import of the site is being
        taken back, for what the lines would meet may be about to go."""
        one = self.followed
        if not undo.none_begins(one.site_id):
            return False
        lines = _lines(piece.data)
        told = asterisk_queue_log.chunk_of(_stretch(lines, cut=_is_cut(piece)), now)
        failed = self._write(lines, now, cut=_is_cut(piece))
        self._set_aside([*_with_reasons(told), *told.raw, *failed])
        written = _written(lines, now)
        sources.heard(one.site, one.source, [(at, now) for at in written])
        one.newest_at = max([*written, *([one.newest_at] if one.newest_at else [])], default=None)
        self._move(
            piece.place,
            read=F("read") + told.read,
            stored=F("stored") + told.helped() - len(failed),
            rejected=F("rejected") + told.rejected + len(failed),
            newest_at=one.newest_at,
            read_at=now,
            looked_at=now,
        )
        transaction.on_commit(_tell_of_news)
        return True

    def _write(self, lines: list[str], now: datetime, *, cut: bool) -> list[RawLine]:
        """Write the records of some lines; those that the record does not take, and why.

        Where it does not take them together they are tried by halves.
        """
        known = self.recent.beside(lines)
        try:
            with transaction.atomic():
                chunk = asterisk_queue_log.chunk_of(_stretch([*known, *lines], cut=cut), now)
                store(chunk, Target(self.followed.site, self.followed.source))
        except AWAY:
            raise
        except Exception as fault:
            if connection.needs_rollback or not connection.is_usable():
                raise  # no line is to blame
            if len(lines) == 1:
                reason = " ".join(str(fault).split())[:200] or type(fault).__name__
                return [RawLine(0, lines[0], reason)]
            half = len(lines) // 2
            first = self._write(lines[:half], now, cut=False)
            return first + self._write(lines[half:], now, cut=cut)
        return []

    def _set_aside(self, lines: list[RawLine]) -> None:
        """Keep lines as they came, but for card numbers: what is read again is there already."""
        texts = {masked(one.text[:MOST_KEPT], cards_only=True): one.reason for one in lines}
        if not texts:
            return
        kept = RawEvent.objects.filter(source=self.followed.source, batch=None, text__in=texts)
        there = set(kept.values_list("text", flat=True))
        RawEvent.objects.bulk_create(
            RawEvent(source=self.followed.source, text=text, reason=reason[:200])
            for text, reason in texts.items()
            if text not in there
        )

    def _move(self, place: Place, **more: Any) -> None:
        FollowedLog.objects.filter(pk=self.followed.pk).update(**place._asdict(), **more)

    def _tell(self, now: datetime) -> None:
        """Tell the record, at times, that the log is looked at, and at once when it is again."""
        before = self.followed.looked_at
        if self._said or before is None or now - before >= TOLD_EVERY:
            self._said = ""
            self.followed.looked_at = now
            self.followed.save(update_fields=["looked_at"])

    def _trouble(self, words: str, now: datetime) -> None:
        if self._is_news(words):
            log.warning("%s: %s", self.followed.name, words)
            self.followed.trouble, self.followed.trouble_at = words[:300], now
            self.followed.save(update_fields=["trouble", "trouble_at"])

    def _is_news(self, words: str) -> bool:
        """Whether this was not the last that was said."""
        news, self._said = words != self._said, words
        return news


def _tell_of_news() -> None:
    record_changed.send(sender=Follower)
    bus.figures_changed()


def _written(lines: list[str], now: datetime) -> list[datetime]:
    """When lines up to now were written, by the clock that wrote them."""
    latest = (now + FUTURE).timestamp()
    stamps = [one[0] for line in lines if (one := asterisk_queue_log.told_of(line))]
    return [datetime.fromtimestamp(at, UTC) for at in stamps if at <= latest]


def _lines(data: bytes) -> list[str]:
    """Lines without their ends. No database text can hold NUL."""
    text = data.replace(b"\0", "\N{REPLACEMENT CHARACTER}".encode())
    return text.decode(errors="backslashreplace").removesuffix("\n").split("\n")


def _whole_lines(piece: Piece) -> list[str]:
    """The lines of a piece but for one without its end: what it lacks is not known."""
    lines = _lines(piece.data)
    return lines[:-1] if _is_cut(piece) else lines


def _is_cut(piece: Piece) -> bool:
    return not piece.data.endswith(b"\n")


def _stretch(lines: list[str], *, cut: bool) -> Stretch:
    data = "\n".join(lines).encode() + (b"" if cut else b"\n")
    return Stretch(0, len(lines), data, len(data))


def _with_reasons(chunk: Chunk) -> list[RawLine]:
    """The rejected lines of a chunk with why they were."""
    reasons = {issue.line: issue.message for issue in chunk.issues}
    return [RawLine(one.line, one.text, reasons[one.line]) for one in chunk.rejected_rows]
