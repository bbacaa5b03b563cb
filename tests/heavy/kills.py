"""Kills the import's worker at random moments: `python -m tests.heavy.kills --times 200`.

The same log is imported at one site by a worker that nobody disturbs and at others by workers
that are ended by SIGKILL wherever they are, each time after a random wait. In the end the sites
must hold the same calls, rings, states and counts, and the counts must be those of the raw calls.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

from ccm import stack

FILES = 6
# One in so many is killed within its first seconds, wherever it is with its start; the others so
# long after they have begun their work.
EARLY, EARLY_SECONDS, LONGEST_SECONDS = 6, 4.0, 8.0
PATIENCE_SECONDS = 300.0


def a_log(random: Random, calls: int, first: int) -> list[bytes]:
    """Lines of a queue_log: answered, given up and unanswered rings, agents in and out."""
    lines: list[tuple[int, str]] = []
    at = 1_700_000_000 + first * 7
    for number in range(first, first + calls):
        at += random.randrange(0, 14)
        call, queue = f"{at}.{number}", f"q{random.randrange(6)}"
        agent = f"Agent/{100 + random.randrange(40)}"
        lines.append((at, f"{call}|{queue}|NONE|ENTERQUEUE||555{number:07}"))
        wait = random.randrange(1, 90)
        if random.random() < 0.2:
            lines.append((at + wait // 2, f"{call}|{queue}|{agent}|RINGNOANSWER|15000"))
        if random.random() < 0.15:
            lines.append((at + wait, f"{call}|{queue}|NONE|ABANDON|1|1|{wait}"))
            continue
        talk = random.randrange(5, 600)
        ring = random.randrange(1, 9)
        lines.append((at + wait, f"{call}|{queue}|{agent}|CONNECT|{wait}|{call}|{ring}"))
        end = random.choice(("COMPLETEAGENT", "COMPLETECALLER"))
        lines.append((at + wait + talk, f"{call}|{queue}|{agent}|{end}|{wait}|{talk}|1"))
        if random.random() < 0.02:
            lines.append((at, f"NONE|NONE|{agent}|PAUSE|Lunch"))
            lines.append((at + 900, f"NONE|NONE|{agent}|UNPAUSE|"))
    lines.sort(key=lambda one: one[0])
    return [f"{moment}|{words}\n".encode() for moment, words in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--calls", type=int, default=30_000, help="of the log")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ.setdefault("CCM_REDIS_PREFIX", "kills:")
    with stack.running(name="kills", fast=True, createdb=True):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
        import django

        django.setup()
        from django.core.management import call_command

        from tests.heavy.emptied import empty_the_record

        call_command("migrate", verbosity=0)
        empty_the_record()
        with tempfile.TemporaryDirectory() as folder:
            Trial(Path(folder), Random(asked.seed), asked.calls).run(asked.times)


class Trial:
    def __init__(self, folder: Path, random: Random, calls: int) -> None:
        self.folder, self.random = folder, random
        lines = a_log(random, calls, 0)
        some = -(-len(lines) // FILES)
        self.files = []
        for number in range(FILES):
            file = folder / f"queue_log.{number}"
            file.write_bytes(b"".join(lines[number * some : (number + 1) * some]))
            self.files.append(file)
        self.kills = 0
        self.began = time.monotonic()

    def run(self, times: int) -> None:
        from tests.program import Command

        self.began = time.monotonic()
        # As in life: a recount that died with its worker is asked for again by beat.
        beat = Command(self.folder / "beat.log", "beat")
        try:
            self._shake(times)
        finally:
            beat.stop()

    def _shake(self, times: int) -> None:
        calm = self._imported("calm", disturbed=False)
        rounds = 0
        while self.kills < times:
            rounds += 1
            told = self._imported(f"shaken {rounds}", disturbed=True)
            for what, expected in calm.items():
                assert told[what] == expected, f"round {rounds}: {what} differ"
            print(f"round {rounds}: {self.kills} kills so far, all equal", flush=True)
        minutes = (time.monotonic() - self.began) / 60
        print(
            f"{self.kills} workers killed over {rounds} imports of {calm['calls'][0]:,} calls in"
            f" {minutes:.0f} min: nothing lost, nothing doubled, counts equal to the raw calls"
        )

    def _imported(self, name: str, *, disturbed: bool) -> dict[str, Any]:
        """Import the log at a new site; what the record then holds of it."""
        from unittest.mock import patch

        from ccm.imports import run
        from ccm.models import DirtyDay, Job, Site
        from tests.program import Command

        site = Site.objects.create(name=name, slug=name.replace(" ", "-"), zone="Europe/London")
        with patch.object(run, "_queue"):
            opened = [(file.name, file.open("rb")) for file in self.files]
            batch = run.start(opened, form="asterisk_queue_log", site=site)
        # Many die here; in life ten deaths of one job are taken for its own fault.
        until = time.monotonic() + PATIENCE_SECONDS * (10 if disturbed else 1)
        while True:
            worker = Command(self.folder / "worker.log", "worker", "--concurrency", "1")
            done, ends = False, time.monotonic() + PATIENCE_SECONDS
            if disturbed:
                ends = self._hour_of_death()
            while time.monotonic() < ends and not done:
                time.sleep(0.02)
                finished = Job.objects.get(pk=batch.job_id).finished
                done = finished and not DirtyDay.objects.exists()
            if done:
                # It may only just begin, and cannot be asked to end then.
                worker.kill()
                break
            worker.kill()
            self.kills += 1
            if self.kills % 10 == 0:
                minutes = (time.monotonic() - self.began) / 60
                print(f"{self.kills} kills after {minutes:.0f} min", flush=True)
            Job.objects.filter(pk=batch.job_id).update(attempts=0)
            assert time.monotonic() < until, worker.said()
        batch.refresh_from_db()
        assert batch.job.state == Job.State.DONE, batch.job.words
        return self._held(site, batch)

    def _hour_of_death(self) -> float:
        """When to kill the worker that was just started; waits until it works, if it may."""
        from ccm.work import worker_is_up

        began = time.monotonic()
        if not self.random.randrange(EARLY):
            return began + self.random.uniform(0, EARLY_SECONDS)
        while not worker_is_up():
            assert time.monotonic() < began + PATIENCE_SECONDS, "the worker does not start"
        return time.monotonic() + self.random.uniform(0, LONGEST_SECONDS)

    def _held(self, site: Any, batch: Any) -> dict[str, Any]:
        """Everything of a site, without the ids that differ from one site to the next."""
        from django.db import connection

        fates = ("read", "stored", "updated", "duplicate", "rejected", "ignored")
        told: dict[str, Any] = {"books": batch.read}
        assert batch.read == sum(getattr(batch, one) for one in fates[1:])
        with connection.cursor() as cursor:
            for name, sql in _HELD.items():
                cursor.execute(sql, {"site": site.pk})
                told[name] = cursor.fetchone()
            cursor.execute(_COUNTED_RAW, {"site": site.pk})
            raw = cursor.fetchall()
            cursor.execute(_COUNTED, {"site": site.pk})
            assert cursor.fetchall() == raw, "the counts are not those of the calls"
        return told


_OF_ALL = "count(*), md5(string_agg({}, chr(10) ORDER BY {}))"
_CALL = """concat_ws('|', c.external_id, q.name, a.name, c.outcome, c.offered_at, c.answered_at,
    c.ended_at, c.wait_ms, c.ring_ms, c.talk_ms, c.ended_by)"""
_RING = "concat_ws('|', c.external_id, q.name, a.name, o.starts_at, o.ring_ms, o.outcome)"
_SPELL = "concat_ws('|', a.name, s.state, s.reason, s.starts_at, s.ends_at)"
_HELD = {
    "calls": f"""SELECT {_OF_ALL.format(_CALL, _CALL)} FROM ccm_call c
        LEFT JOIN ccm_queue q ON q.id = c.queue_id LEFT JOIN ccm_agent a ON a.id = c.agent_id
        WHERE c.site_id = %(site)s""",
    "rings": f"""SELECT {_OF_ALL.format(_RING, _RING)} FROM ccm_offer o
        JOIN ccm_call c ON c.id = o.call_id JOIN ccm_queue q ON q.id = c.queue_id
        JOIN ccm_agent a ON a.id = o.agent_id WHERE c.site_id = %(site)s""",
    "states": f"""SELECT {_OF_ALL.format(_SPELL, _SPELL)} FROM ccm_agentstate s
        JOIN ccm_agent a ON a.id = s.agent_id WHERE a.site_id = %(site)s""",
}
_COUNTED_RAW = """SELECT q.name, date_bin('15 min', c.offered_at, '2000-01-01Z') AS at, count(*),
        count(*) FILTER (WHERE c.outcome = 'answered'),
        count(*) FILTER (WHERE c.outcome = 'abandoned'),
        COALESCE(sum(c.talk_ms) FILTER (WHERE c.outcome = 'answered'), 0)
    FROM ccm_call c JOIN ccm_queue q ON q.id = c.queue_id WHERE c.site_id = %(site)s
    GROUP BY 1, 2 ORDER BY 1, 2"""
_COUNTED = """SELECT q.name, s.start AS at, s.offered, s.answered, s.abandoned, s.talk_ms
    FROM kpis_intervalstat s JOIN ccm_queue q ON q.id = s.queue_id WHERE q.site_id = %(site)s
    ORDER BY 1, 2"""

if __name__ == "__main__":
    main()
