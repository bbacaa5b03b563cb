"""The machine that this runs on: its clock, its zones, its disks, its limits."""

import ctypes
import ctypes.util
import os
import re
import resource
import shutil
import sys
import zoneinfo
from importlib import metadata
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.watching import gathered, ready
from ccm.watching.doctor.judged import Finding, check, unknown, warning, well, wrong
from ccm.watching.doctor.seen import Seen

# So far apart may clocks be that are kept: then figures of the last minutes go wrong.
APART_SECONDS, FAR_SECONDS = 2.0, 30.0
# A file for the database, Redis and the log of each thread, and what a process has open anyhow.
FILES_BESIDE = 200
_UNSYNCHRONISED = 0x0040


@check("clock", gettext_lazy("Clock"))
def _clock(_seen: Seen) -> Finding:
    kept = is_kept()
    if kept is None:
        return unknown(
            _("Whether a time server keeps it cannot be asked here."),
            _("See on the machine itself: `timedatectl`, `chronyc tracking`."),
        )
    if not kept:
        return warning(
            _("No time server keeps it, as the system says."),
            _("Start chrony or systemd-timesyncd: live figures compare clocks."),
        )
    return well(_("A time server keeps it."))


def is_kept() -> bool | None:
    """Whether the kernel's clock follows a time server; None: it cannot be asked."""
    if not sys.platform.startswith("linux"):
        return None
    # struct timex: `modes` first, which changes nothing where it is 0; after four longs `status`.
    told = (ctypes.c_long * 64)()
    try:
        libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        if libc.adjtimex(ctypes.byref(told)) < 0:
            return None
    except (OSError, AttributeError):
        return None
    return not told[5] & _UNSYNCHRONISED


@check("clock-database", gettext_lazy("Clock of the database"), "server")
def _clock_database(seen: Seen) -> Finding:
    assert seen.server is not None
    return _apart(seen.server["ahead_seconds"])


@check("clock-redis", gettext_lazy("Clock of Redis"), "redis")
def _clock_redis(seen: Seen) -> Finding:
    assert seen.redis is not None
    return _apart(seen.redis["ahead_seconds"])


def _apart(ahead: float) -> Finding:
    said = {"seconds": f"{abs(ahead):.1f}"}
    if abs(ahead) < APART_SECONDS:
        return well(_("It is the same as here, to %(seconds)s s.") % said)
    words = _("It is ahead of this machine's by %(seconds)s s.") % said
    if ahead < 0:
        words = _("It is behind this machine's by %(seconds)s s.") % said
    advice = _("Have one time server keep all machines.")
    return wrong(words, advice) if abs(ahead) >= FAR_SECONDS else warning(words, advice)


@check("zones", gettext_lazy("Time zones"), "record")
def _zones(seen: Seen) -> Finding:
    assert seen.record is not None
    known = zoneinfo.available_timezones()
    lost = sorted({*seen.record["strange_zones"], *(set(seen.record["zones"]) - known)})
    if lost:
        return wrong(
            _("Sites have zones that are not known here: %(zones)s.") % {"zones": ", ".join(lost)},
            _("Update tzdata here and where the database is, or correct the sites."),
        )
    version = tzdata()
    if version is None:
        return unknown(_("All sites' are known; of which year the rules are, is not."))
    if int(version[:4]) < seen.now.year - 1:
        return warning(
            _("The rules of zones are of %(version)s.") % {"version": version},
            _("Update tzdata: countries change their clocks each year."),
        )
    return well(_("All sites' are known; rules of %(version)s.") % {"version": version})


def tzdata() -> str | None:
    """The version of the zones' rules that are read here, as `2025b`; None: they do not say."""
    for folder in zoneinfo.TZPATH:
        try:
            with (Path(folder) / "tzdata.zi").open(encoding="ascii") as file:
                first = file.readline()
        except (OSError, UnicodeDecodeError):
            continue
        if hit := re.search(r"version (\d{4}[a-z]*)", first):
            return hit[1]
    try:
        year, letter, *_rest = metadata.version("tzdata").split(".")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    return f"{year}{chr(ord('a') + int(letter) - 1)}"


@check("disk", gettext_lazy("Disks"))
def _disk(_seen: Seen) -> Finding:
    short, told = [], []
    for place, folder in gathered.places().items():
        total, _used, free = shutil.disk_usage(folder)
        words = _("%(place)s: %(free).1f of %(total).1f GB free") % {
            "place": place, "free": free / 1e9, "total": total / 1e9,
        }  # fmt: skip
        told.append(words)
        if ready.is_short(free, total):
            short.append(f"{words} ({folder})")
    if short:
        return wrong(
            "; ".join(short) + ".",
            _("Make room: a database on a full disk stops. Months of calls are its largest part."),
        )
    return well("; ".join(told) + ".")


@check("files", gettext_lazy("Open files"))
def _files(_seen: Seen) -> Finding:
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.STREAM_CAP + settings.WEB_THREADS * 4 + FILES_BESIDE
    if most in (resource.RLIM_INFINITY, -1) or most >= wanted:
        return well(_("As many as are needed."))
    return warning(
        _("A process may open %(most)d files, and %(cap)d walls need %(wanted)d.")
        % {"most": most, "cap": settings.STREAM_CAP, "wanted": wanted},
        _("Raise it (`LimitNOFILE=` in systemd, `ulimits` in Docker), or lower CCM_STREAM_CAP."),
    )


@check("processors", gettext_lazy("Processors"))
def _processors(_seen: Seen) -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if count == 1:
        return warning(
            _("There is one processor: pages wait for forecasts and imports."),
            _("Give it two, or have long work done elsewhere."),
        )
    return well(_("There are %(count)d.") % {"count": count or 0})
