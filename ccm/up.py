"""`callcenter up`: the whole centre in one terminal, from empty folder to served page.

Import it once Django is set up.
"""

import contextlib
import fcntl
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import connections
from django.utils.translation import gettext as _

from ccm import lanes, stack
from ccm.demo.load import KIND
from ccm.demo.logins import lines_of, working
from ccm.entry import first_run
from ccm.models import Call, Job
from ccm.serve import LOOPBACK
from ccm.stack.places import open_lock, own_data_dir
from ccm.supervise import Child, Supervisor, ending

# Started in this order and stopped in the opposite one: what feeds the others goes first.
PATIENCE_SECONDS = {
    "live": 2.0,
    "long": 2.0,
    "worker": 4.0,
    "beat": 2.0,
    "web": 4.0,
    "simulate": 2.0,
}
# Each that starts takes seconds of a processor, for which the page waits.
LATER_SECONDS = {"long": 15.0}


def say(words: str) -> None:
    """One line for whoever looks on; when nobody can any more, the centre runs on."""
    with contextlib.suppress(OSError):
        sys.stdout.write(words + "\n")
        sys.stdout.flush()


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the place of the one `up` of a data folder; beat must not run twice."""
    own_data_dir(data)
    with open_lock(data / "up.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = _("The centre in %(folder)s is already up.") % {"folder": data}
            raise stack.StackError(words) from None
        yield


def wants_demo() -> bool:
    """Whether the record is empty, or holds a demo centre whose making was cut off."""
    if Job.objects.filter(kind=KIND, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        return True
    return not (Call.objects.exists() or get_user_model().objects.exists())


def make_demo(env: Mapping[str, str]) -> None:
    """Make the demo centre in a process of its own: its memory goes with it."""
    say(_("First start: making the demo centre."))
    made = command("demo", "--worker-follows")
    done = subprocess.run(made, env=env, stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode:
        words = _("The demo centre is not whole (%(how)s); the next start goes on with it.")
        say(words % {"how": ending(done.returncode)})


def command(name: str, *arguments: str) -> list[str]:
    """The command line that runs another `callcenter` command with this very Python."""
    return [sys.executable, "-m", "ccm.cli", name, *arguments]


def children(port: int, simulator: bool) -> list[Child]:
    lines = {
        "live": command("live"),
        # One at a time: it is the whole of a processor's work, and its libraries are large.
        "long": command("worker", "--queues", lanes.LONG, "--concurrency", "1"),
        "worker": command("worker", "--queues", ",".join(lanes.SOON)),
        "beat": command("beat"),
        "web": command("serve", "--port", str(port)),
    }
    if simulator:
        lines["simulate"] = command("simulate", "--port", str(port))
    now = time.monotonic()
    return [
        Child(name, line, PATIENCE_SECONDS[name], start_at=now + LATER_SECONDS.get(name, 0.0))
        for name, line in lines.items()
    ]


def answers(port: int) -> bool:
    """Whether the page is there."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=3)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def address(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def told(env: Mapping[str, str], port: int) -> dict[str, str]:
    """What its processes are told: where the centre is, too, unless somebody has said that."""
    found = {**env, "CCM_PARENT": str(os.getpid()), "PYTHONUNBUFFERED": "1"}
    if not env.get("CCM_TRUSTED_ORIGINS"):
        found["CCM_ADDRESS"] = env.get("CCM_ADDRESS") or address(port)
    return found


def welcome(port: int) -> str:
    """Where the centre is and who may come in."""
    lines = ["", _("The centre is at %(url)s") % {"url": f"{address(port)}/"}, ""]
    logins = working()
    lines += lines_of(logins)
    if not logins:
        lines.append(_("  Make the first user with: callcenter createsuperuser"))
        if first_run.is_due():
            lines.append(_("  or there, with the token that was shown above"))
    return "\n".join([*lines, "", _("Ctrl-C stops it; what it knows is kept."), ""])


class Watch:
    """What `up` looks after twice a second: the servers, and the moment the page is there."""

    def __init__(self, servers: stack.Servers, port: int) -> None:
        self.servers = servers
        self.port = port
        self.welcomed = False

    def __call__(self) -> None:
        if not self.welcomed and answers(self.port):
            self.welcomed = True
            say(welcome(self.port))
            connections.close_all()
        try:
            if self.servers.keep():
                say(_("A server had died and was started again."))
        except stack.StackError as refusal:
            say(str(refusal))


def up(
    servers: stack.Servers, env: Mapping[str, str], *, port: int, demo: bool, simulator: bool
) -> None:
    """Run the centre until a signal comes.

    `env` is the environment as it was before the servers were started: each child asks for them
    itself and so counts as one of their users, whatever becomes of this process.
    """
    child_env = told(env, port)
    demo = demo and wants_demo()
    connections.close_all()
    if demo:
        make_demo(child_env)
    Supervisor(children(port, simulator), child_env, say).run(Watch(servers, port))
    say(_("Stopped."))
