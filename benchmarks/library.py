"""`python -m benchmarks.library [--pages 5000]`: how long a search of the library takes.

On servers and a database of its own under CCM_DATA_DIR/bench. Pages of some six hundred words each
are made of invented ones by Zipf's law, each with an earlier version beside it. An agent of the
site searches for words that most pages have, and for rarer ones, with what was found marked, as the
page does it; told are the fastest, the median and the slowest of the rounds, and how long both
processes, this one and Postgres', worked in each: what other work on the machine does not change.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ccm import stack

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
WORDS = 20_000
PARTS = ("ba", "ce", "di", "fo", "gu", "ra", "le", "mi", "to", "nu", "sa", "ve", "pi", "ko", "du")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.library", description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--words", type=int, default=600, help="of each page")
    parser.add_argument("--rounds", type=int, default=25)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with stack.running(name="bench"):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(asked.pages, asked.words, asked.rounds)


def measure(pages: int, words: int, rounds: int) -> None:
    from django.db import connection

    from coaching.library import finding, reads

    user = _reader()
    known = _fill(pages, words, user.agent.site)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE coaching_libraryversion")
    searches = {
        "a word that most have": known[0],
        "a word that few have": known[3000],
        "three words": " ".join(known[5:8]),
        "a phrase": f'"{known[0]} {known[1]}"',
        "a phrase and a word": f'"{known[0]} {known[1]}" {known[5]}',
        "any of two, none of a third": f"{known[2]} or {known[4]} -{known[9]}",
        "twelve words that no page has all of": " ".join(known[place] for place in range(0, 60, 5)),
        "nothing": "zzzz yyyy",
    }
    for name, text in searches.items():
        asked = reads.Asked(text=text)
        found = finding.found(user, asked, NOW)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        before = _worked(backend)
        took = _timed(lambda asked=asked: finding.found(user, asked, NOW), rounds)
        worked = (_worked(backend) - before) / rounds
        any_of = ", any of them" if found.is_any else ""
        print(
            f"{name}: {found.many} found{any_of}, fastest {min(took):.0f} ms, "
            f"median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms, "
            f"worked {worked:.0f} ms"
        )


def _timed(search: Callable[[], object], rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        search()
        took.append(1000 * (time.perf_counter() - began))
    return took


def _worked(backend: int) -> float:
    """For how many ms this process and a backend of Postgres have worked, with all helpers of
    backends that are gone. By /proc, in steps of 10 ms."""
    times = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    above = Path(f"/proc/{times[1]}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(one) for one in (*times[11:13], *above[13:15]))
    return 1000 * (time.process_time() + ticks / os.sysconf("SC_CLK_TCK"))


def _reader():
    from django.contrib.auth.models import Group

    from ccm.models import Agent, Site, User

    site, _made = Site.objects.get_or_create(name="Library", slug="library", zone="UTC")
    user, _made = User.objects.get_or_create(username="library-reader")
    user.groups.add(Group.objects.get(name="agent"))
    Agent.objects.get_or_create(site=site, user=user, defaults={"name": "Library reader"})
    return User.objects.get(pk=user.pk)


def _fill(pages: int, words: int, site) -> list[str]:
    """Pages with two versions each; the invented words, the most frequent first."""
    from django.db import connection

    from coaching.library import text
    from coaching.models import LibraryPage, LibraryVersion

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE coaching_librarypage CASCADE")
    random = np.random.default_rng(1)
    known = list(dict.fromkeys("".join(random.choice(PARTS, 4)) for _ in range(2 * WORDS)))[:WORDS]
    chance = 1 / np.arange(2, len(known) + 2)
    chance /= chance.sum()
    drawn = random.choice(len(known), size=(pages, words), p=chance)
    rows = LibraryPage.objects.bulk_create(
        LibraryPage(site=site, kind="sop", made_at=NOW, is_published=True) for _ in range(pages)
    )
    versions = []
    for page, places in zip(rows, drawn, strict=True):
        said = [known[place] for place in places]
        paragraphs = "\n\n".join(" ".join(said[at : at + 40]) for at in range(0, words, 40))
        body = f"# {said[0]}\n\n{paragraphs}\n"
        told = {"title": " ".join(said[:4]), "why": " ".join(said[4:16]), "body": body}
        told |= {"made_at": NOW, "published_at": NOW, "plain": text.plain(body)}
        versions += [
            LibraryVersion(page=page, number=number, is_current=number == 2, **told)
            for number in (1, 2)
        ]
    LibraryVersion.objects.bulk_create(versions, batch_size=500)
    return known


if __name__ == "__main__":
    main()
