"""A wallboard's page of 40 queues, over HTTP: p50 and p99 at 50 requests a second."""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import timedelta
from statistics import quantiles

from django.utils import timezone

from benchmarks import rows
from ccm.models import Site, User
from kpis import kiosks, rollups
from kpis.models import Board
from tests.builders import a_call, a_queue

PORT = 8931
RATE, SECONDS = 50, 20


def measure(beside: bool = False) -> None:
    """Prints how long the page takes while it is asked for RATE times a second, beside the live
    process that draws the board; `beside` the record that is there, else in an empty one."""
    if not beside:
        rows.empty()
    now = timezone.now()
    site = Site.objects.create(name="Board", slug=f"board-{now:%H%M%S}", zone="UTC")
    for _ in range(40):
        queue = a_queue(site)
        for number in range(25):
            a_call(queue, now - timedelta(minutes=number + 1), wait=number, talk=60)
    rollups.rebuild([site])
    board = Board.objects.get(site=site)
    user, _made = User.objects.get_or_create(username="bench")
    _link, words = kiosks.make_link(board, "bench", user)
    commands = (["serve", "--port", str(PORT), "--processes", "1"], ["live"])
    programs = [
        subprocess.Popen([sys.executable, "-m", "ccm.cli", *words], env=os.environ)
        for words in commands
    ]
    try:
        url = f"http://127.0.0.1:{PORT}/kiosk/{words}/"
        _wait(url)
        taken = _ask(url)
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            program.wait()
    cuts = quantiles(taken, n=100)
    print(f"board of 40 queues, {len(taken)} requests at {RATE} a second:")
    print(f"  p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms  (bar 150 ms)")


def _wait(url: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not come up")


def _ask(url: str) -> list[float]:
    """Seconds of each request, sent on time whether or not the last was answered."""
    taken: list[float] = []

    def one() -> None:
        began = time.perf_counter()
        urllib.request.urlopen(url, timeout=30).read()
        taken.append(time.perf_counter() - began)

    threads = []
    began = time.perf_counter()
    for number in range(RATE * SECONDS):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        threads.append(threading.Thread(target=one))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return taken
