"""What a web process counts as it goes: requests, streams, sign-ins that were refused.

Nothing is counted where nobody can read it (`CCM_METRICS_TOKEN` is unset).
"""

import contextlib
import os
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from ccm.watching import folder
from ccm.watching.declared import BY_NAME

# Anybody may invent a method; none of those gets a series of its own.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OF_A_PROCESS = re.compile(r"gauge_live\w*_(\d+)\.db")

own = CollectorRegistry()


def _words(name: str) -> dict[str, Any]:
    told = BY_NAME[name]
    return {
        # The library adds `_total` by itself.
        "name": name.removesuffix("_total"), "documentation": told.help,
        "labelnames": told.labels, "registry": own,
    }  # fmt: skip


_REQUESTS = Counter(**_words("ccm_http_requests_total"))
_SECONDS = Histogram(
    **_words("ccm_http_request_duration_seconds"),
    buckets=BY_NAME["ccm_http_request_duration_seconds"].buckets,
)
_STREAMS = Gauge(**_words("ccm_streams_open"), multiprocess_mode="livesum")
_REFUSED = Counter(**_words("ccm_sign_in_failures_total"))
_UNNAMED = Counter(**_words("ccm_unnamed_proxy_requests_total"))


def request(view: str, method: str, status: int, seconds: float) -> None:
    """Count an answer."""
    if settings.METRICS_TOKEN:
        known = method if method in METHODS else "other"
        _REQUESTS.labels(view, known, str(status)).inc()
        _SECONDS.labels(view).observe(seconds)


def streams(more: int) -> None:
    """Count streams that opened, or closed (less than none)."""
    if settings.METRICS_TOKEN:
        _STREAMS.inc(more)


def sign_in_failed(**_more: object) -> None:
    """Count a sign-in that was refused; a receiver of Django's signal."""
    if settings.METRICS_TOKEN:
        _REFUSED.inc()


def unnamed_proxy() -> None:
    """Count a request that a proxy brought whose word on who asks is not taken."""
    if settings.METRICS_TOKEN:
        _UNNAMED.inc()


def put_into(registry: CollectorRegistry) -> None:
    """Have a registry tell what all web processes of this machine have counted."""
    if folder.is_shared():
        _forget_streams_of_the_dead(Path(os.environ[folder.VARIABLE]))
        MultiProcessCollector(registry)
    else:
        registry.register(own)


def _forget_streams_of_the_dead(shared: Path) -> None:
    for file in shared.glob("gauge_live*.db"):
        if (hit := _OF_A_PROCESS.fullmatch(file.name)) and not _is_there(int(hit[1])):
            with contextlib.suppress(FileNotFoundError):  # another one did it
                mark_process_dead(int(hit[1]), str(shared))


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
