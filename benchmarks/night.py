"""A night of forecasts, of queues in the record: each asked by every built-in method on 13 weekly
origins, forecast for 91 days with bands, written; and how its days go on learned, as far as a night
has time for.

    python -m benchmarks.night [--queues 200] [--days 200] [--calls 8000]

`--calls` are those of a day, of all queues together. Runs on servers and a database of its own, as
`make bench` does; filling and counting the record takes longer than the night.
"""

import argparse
import os
import resource
import time
from datetime import UTC, datetime, timedelta

from ccm import stack


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.night", description=__doc__)
    parser.add_argument("--queues", type=int, default=200)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--calls", type=int, default=8_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with stack.running(name="bench"):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(options.queues, options.days, options.calls)


def measure(queues: int, days: int, calls: int) -> None:
    from benchmarks import centre
    from kpis import rollups
    from scheduling.made import making
    from scheduling.models import Forecast

    site, last = centre.site(queues), centre.last_day(days)
    began = time.perf_counter()
    centre.fill(site, centre.FIRST, last, calls)
    print(f"{queues} queues, {days} days of {calls:,} calls: filled in {_since(began):.0f} s")
    began = time.perf_counter()
    rollups.rebuild()
    print(f"  counted in {_since(began):.0f} s")
    now = datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC)
    began, used = time.perf_counter(), _used()
    made = making.make_site(site, now)
    took = _since(began)
    asked = Forecast.objects.filter(queue__site=site, by_trial=True).count()
    print(f"night: {made} queues forecast, {asked} by trial: {took:.0f} s", end="")
    print(f", of which {_used() - used:.0f} s of one processor here, the rest in the database")
    each = took / max(made, 1)
    print(f"  {each:.2f} s a queue  (bar of 200 on two processors 600 s, stretch 120 s)")


def _since(began: float) -> float:
    return time.perf_counter() - began


def _used() -> float:
    told = resource.getrusage(resource.RUSAGE_SELF)
    return told.ru_utime + told.ru_stime


if __name__ == "__main__":
    main()
