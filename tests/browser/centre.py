"""A small centre for the browser: a site where it is early afternoon, and logs of its calls."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from ccm import work
from ccm.imports import run
from ccm.models import ImportBatch, Site, User
from tests.builders import a_site

_number = count(1)


@dataclass(frozen=True)
class Visit:
    """One call in a log: on `queue` at `at`, after `wait` seconds answered by `agent` for `talk`
    seconds, or given up where nobody is named."""

    at: datetime
    queue: str = "Sales"
    wait: int = 10
    agent: str = ""
    talk: int = 120

    def lines(self, call: str) -> list[tuple[int, str]]:
        begin = int(self.at.timestamp())
        entered = (begin, f"{call}|{self.queue}|NONE|ENTERQUEUE||5550{begin % 1000:03}|1")
        met = begin + self.wait
        if not self.agent:
            return [entered, (met, f"{call}|{self.queue}|NONE|ABANDON|1|1|{self.wait}")]
        about = f"{call}|{self.queue}|{self.agent}"
        return [
            entered,
            (met, f"{about}|CONNECT|{self.wait}|{call}.1|3"),
            (met + self.talk, f"{about}|COMPLETECALLER|{self.wait}|{self.talk}|1"),
        ]


def a_log(visits: Iterable[Visit]) -> bytes:
    """The visits as a queue_log, two or three lines each."""
    lines = [line for visit in visits for line in visit.lines(f"call-{next(_number)}")]
    return "".join(f"{at}|{rest}\n" for at, rest in sorted(lines)).encode()


def a_site_in_the_afternoon(name: str) -> Site:
    """A site whose clock shows 13 something now, so that no test meets its midnight.

    Its date is that of UTC. (Etc/GMT-5 is five hours ahead of UTC.)
    """
    ahead = 13 - timezone.now().hour
    return a_site(name, zone=f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT")


def told(site: Site, visits: Iterable[Visit], user: User | None = None) -> ImportBatch:
    """Import the visits and count them, here and now: no worker hears of it."""
    with work.here():
        return sent(site, visits, user)


def sent(site: Site, visits: Iterable[Visit], user: User | None = None) -> ImportBatch:
    """Hand the visits to the service as a log; a worker is to do the rest."""
    files = [("queue_log", io.BytesIO(a_log(visits)))]
    return run.start(files, form="auto", site=site, user=user)


def quarter(at: datetime) -> datetime:
    """The start of the quarter hour of a moment."""
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def minutes_ago(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)
