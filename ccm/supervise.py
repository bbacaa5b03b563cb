"""Child processes that run side by side: started, watched, started again, stopped in order.

It knows nothing of what they do. One thread; their output comes through line by line under their
name. A signal only asks for the end: what is under way is finished first.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_SECONDS = 60.0  # lived this long: it starts again at once, and deaths count anew
TICK_SECONDS = 0.5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


@dataclass
class Child:
    """One process to keep alive. `patience` is how long it may take to stop, in seconds."""

    name: str
    command: Sequence[str]
    patience: float
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    unfinished_line: bytes = field(default=b"", repr=False)


class Supervisor:
    """Runs `children` until a signal comes, then stops them, the last started first."""

    def __init__(self, children: Sequence[Child], env: Mapping[str, str], say: Say) -> None:
        self.children = children
        self.env = env
        self.say = say
        self.asked_at: float | None = None
        self.hurry = False
        self.selector = selectors.DefaultSelector()

    def run(self, tick: Callable[[], None]) -> None:
        """Start them all and keep them; `tick` is called about twice a second meanwhile."""
        with self._signals():
            try:
                while self.asked_at is None:
                    for child in self.children:
                        self._keep(child)
                    self._listen(TICK_SECONDS)
                    if self.asked_at is None:
                        tick()
            finally:
                for child in reversed(self.children):
                    self._stop(child)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals only count up, and wake the selector."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_blocking(reader, False)
        self.selector.register(reader, selectors.EVENT_READ, None)
        before = {sign: signal.signal(sign, self._note) for sign in SIGNALS}
        woken = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken)
            for sign, handler in before.items():
                signal.signal(sign, handler)
            self.selector.close()
            os.close(reader)
            os.close(writer)

    def _note(self, *_: object) -> None:
        """The first signal asks; one that comes a second or more later has lost patience."""
        now = time.monotonic()
        self.hurry = self.asked_at is not None and now - self.asked_at > 1
        self.asked_at = self.asked_at or now

    def _keep(self, child: Child) -> None:
        """Start the child when it is its time; note when it has died."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                self._start(child, now)
            return
        if (code := child.process.poll()) is None:
            return
        self._end_group(child)
        if now - child.started_at >= HEALTHY_SECONDS:
            child.pause = FIRST_PAUSE_SECONDS
            # The walls stand still without it.
            self.say(f"{child.name} ended ({ending(code)}); it starts again")
            self._start(child, now)
            return
        self.say(f"{child.name} ended ({ending(code)}); it starts again in {child.pause:.0f} s")
        child.start_at = now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)

    def _start(self, child: Child, now: float) -> None:
        child.started_at = now
        child.process = subprocess.Popen(  # noqa: S603
            child.command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the terminal's Ctrl-C is for us alone
        )
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _listen(self, seconds: float) -> None:
        """Pass on what the children say, for at most this long."""
        for key, _events in self.selector.select(seconds):
            if isinstance(key.data, Child):
                self._pass_on(key.data)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 1024)

    def _pass_on(self, child: Child) -> bool:
        """Say the whole lines that have come. False when there is nothing more just now."""
        if child.process is None or child.process.stdout is None:
            return False
        try:
            heard = os.read(child.process.stdout.fileno(), 65_536)
        except BlockingIOError:
            return False
        *lines, child.unfinished_line = (child.unfinished_line + heard).split(b"\n")
        if not heard:
            self._close_output(child)
        for line in lines:
            self._say_line(child, line)
        return bool(heard)

    def _close_output(self, child: Child) -> None:
        if child.process and child.process.stdout:
            self.selector.unregister(child.process.stdout)
            child.process.stdout.close()
            child.process.stdout = None
        self._say_line(child, child.unfinished_line)
        child.unfinished_line = b""

    def _say_line(self, child: Child, line: bytes) -> None:
        if text := line.decode(errors="replace").rstrip():
            self.say(f"{child.name:<9}| {text}")

    def _stop(self, child: Child) -> None:
        """Ask, wait as long as the child may take (less when in a hurry), then end it."""
        if child.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + child.patience
        while child.process.poll() is None and time.monotonic() < until and not self.hurry:
            self._listen(0.05)
        self._end_group(child)

    def _end_group(self, child: Child) -> None:
        """Nothing that the child started outlives it. What leads a session of its own ends by
        itself (`ccm.companion`)."""
        if child.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        while self._pass_on(child):
            pass
        self._close_output(child)
        child.process = None


def ending(code: int) -> str:
    """How a process ended, in words, from subprocess's return code."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent does, however that comes about."""
    if sys.platform != "linux":
        return
    import ctypes

    set_death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)
    if os.getppid() != parent:  # it was faster
        sys.exit(1)
