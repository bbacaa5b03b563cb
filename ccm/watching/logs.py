"""Lines of the log: for people (`plain`) or for programs (`json`), one for each thing said.

What comes from outside may hold line breaks and signs that steer a terminal: they are written out,
so that nobody can add a line, or paint over one. Settings read this, so it knows no model.
"""

import logging
import re
from collections import Counter
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from ccm import unlogged
from ccm.watching import masked

FORMATS = ("plain", "json")
# C0, DEL, C1, what Unicode takes for the end of a line, and what turns the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_Line = MutableMapping[str, Any]


def _escaped(words: str) -> str:
    return _STEERING.sub(lambda hit: hit[0].encode("unicode_escape").decode(), words)


def one_line(_logger: Any, _method: str, line: _Line) -> Mapping[str, Any]:
    """Have each value on one line. A traceback keeps its lines, none of which can be taken for one
    of the log: each begins with a bar."""
    for name, value in line.items():
        if name in ("exception", "stack") and isinstance(value, str):
            line[name] = "\n".join(f"  | {_escaped(one)}" for one in value.split("\n"))
        elif isinstance(value, str):
            line[name] = _escaped(value)
        elif not isinstance(value, (int, float, bool, type(None))):
            line[name] = _escaped(str(value))
    return line


def without_secrets(_logger: Any, _method: str, line: _Line) -> Mapping[str, Any]:
    """Leave out the parts of addresses that open something."""
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = masked.text(value)
    return line


class WithoutNobodys(logging.Filter):
    """Leaves out what Django says of requests that no line is to tell of (`ccm.unlogged`); but that
    one of them broke is told."""

    def filter(self, record: logging.LogRecord) -> bool:
        asked = getattr(getattr(record, "request", None), "path", "")
        if record.levelno >= logging.ERROR or not isinstance(asked, str):
            return True
        return not unlogged.is_kept_out(asked)


class Seldom(logging.Filter):
    """Has what is no fault of the program be a line without a traceback, and of each kind one a
    minute in each process, which says how many there were since."""

    EVERY_SECONDS, LONGEST = 60, 300

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}
        self._left_out: Counter[str] = Counter()

    def is_one(self, record: logging.LogRecord) -> bool:
        """Whether a line tells of such a thing."""
        raise NotImplementedError

    def words(self, record: logging.LogRecord) -> str:
        return record.getMessage()

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.name
        if record.levelno < logging.ERROR or not self.is_one(record):
            return True
        if record.created - self._told.get(kind, float("-inf")) < self.EVERY_SECONDS:
            self._left_out[kind] += 1
            return False
        self._told[kind] = record.created
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        said = self.words(record)[: self.LONGEST]
        record.exc_info = record.exc_text = None
        if many := self._left_out.pop(kind, 0):
            said += f" (and {many} more before)"
        record.msg, record.args = said, ()
        return True


class Strangers(Seldom):
    """What Django refuses before a view: a host that nobody named, too many fields."""

    PREFIX = "django.security."

    def is_one(self, record: logging.LogRecord) -> bool:
        return record.name.startswith(self.PREFIX)


class Away(Seldom):
    """Pages that were asked for while PostgreSQL is away: there may be many in a second, and what
    is wrong is the same each time."""

    PAGES = "django.request"

    def is_one(self, record: logging.LogRecord) -> bool:
        from ccm import database

        fault = record.exc_info[1] if record.exc_info else None
        return record.name == self.PAGES and database.is_away(fault)

    def words(self, record: logging.LogRecord) -> str:
        assert record.exc_info
        why = str(record.exc_info[1]).partition("\n")[0]
        return f"PostgreSQL is away: {why or type(record.exc_info[1]).__name__}"


# What every line begins with, whoever says it.
BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter(form: str) -> structlog.stdlib.ProcessorFormatter:
    """What makes lines of one of FORMATS."""
    last: list[Processor]
    if form == "json":
        last = [structlog.processors.JSONRenderer(default=str)]
    else:
        # Plain tracebacks: the pretty ones print what variables hold, callers included.
        plain = structlog.dev.plain_traceback
        last = [one_line, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=BEFORE,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.StackInfoRenderer(),
            without_secrets,
            *last,
        ],
    )


def configured(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "without_nobodys": {"()": WithoutNobodys},
            "strangers": {"()": Strangers},
            "away": {"()": Away},
        },
        "formatters": {"lines": {"()": formatter, "form": form}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "lines",
                "filters": ["without_nobodys", "strangers", "away"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Each task and its failure has one line, with the id of what asked for it
            # (`ccm.celery`); these would say it again, and say that each was due.
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.request": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "django_celery_beat": {"level": "WARNING"},
            # How the audit log's chain ends is told whatever else is: the log is where it is kept.
            "ccm.sealed": {"level": "INFO"},
        },
    }
