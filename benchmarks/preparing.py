"""`python -m benchmarks.preparing [--calls 1000000]`: how long it takes to prepare a session.

On servers and a database of its own under CCM_DATA_DIR/bench. A centre of 800 agents and 40 queues
took the calls in half a year (`benchmarks.centre`); sessions with agents of a team of twenty, who
were last talked to on 1 June, are prepared at the end of it, each from nothing. Told are the
fastest, the median and the slowest, and how many queries one takes.
"""

import argparse
import os
import statistics
import time
from datetime import UTC, datetime, timedelta

from ccm import stack

TEAM, TALKED_AT = 20, datetime(2026, 6, 1, 9, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.preparing", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--again", action="store_true", help="with the record that is there")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with stack.running(name="bench"):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(asked.calls, again=asked.again)


def measure(calls: int, *, again: bool) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks import centre
    from ccm.models import Call, Site, Team
    from coaching.models import AgendaItem
    from coaching.preparing import services
    from kpis import rollups

    if again:
        site = Site.objects.get(slug="bench")
        calls = Call.objects.count()
        Team.objects.filter(site=site).delete()
    else:
        site = centre.site()
        centre.fill(site, centre.FIRST, centre.last_day(), calls // centre.DAYS)
        rollups.rebuild()
    now = datetime.combine(centre.last_day() + timedelta(days=1), TALKED_AT.time(), UTC)
    sessions = _sessions(site, now)
    took = []
    for session in sessions:
        began = time.perf_counter()
        services.prepare(session, session.coach, now)
        took.append(time.perf_counter() - began)
    with CaptureQueriesContext(connection) as asked:
        services.prepare(sessions[0], sessions[0].coach, now)
    found = AgendaItem.objects.filter(session__in=sessions).count() / len(sessions)
    print(
        f"{calls:,} calls, {len(sessions)} sessions of {found:.1f} points: "
        f"fastest {1000 * min(took):.0f} ms, median {1000 * statistics.median(took):.0f} ms, "
        f"slowest {1000 * max(took):.0f} ms, {len(asked)} queries  (bar 1000 ms)"
    )


def _sessions(site, now):
    """One that was held and one that is planned with each of a team."""
    from django.contrib.auth.models import Group

    from ccm.models import Agent, Team, TeamLead, TeamMembership, User
    from coaching.holding import services
    from coaching.models import Session

    coach, _made = User.objects.get_or_create(username="bench-coach")
    coach.groups.add(Group.objects.get(name="supervisor"))
    team = Team.objects.create(site=site, name="Bench")
    TeamLead.objects.create(team=team, supervisor=coach, starts_on=TALKED_AT.date())
    people = list(Agent.objects.filter(site=site).order_by("pk")[:TEAM])
    made = []
    for agent in people:
        TeamMembership.objects.create(team=team, agent=agent, starts_on=TALKED_AT.date())
        asked = services.Asked(site, "one_to_one", coach, (agent,), TALKED_AT)
        held = services.plan(asked, coach, TALKED_AT)
        services.hold(held, "", held.revision, coach, TALKED_AT)
        later = services.Asked(site, "one_to_one", coach, (agent,), now + timedelta(days=1))
        made.append(services.plan(later, coach, now))
    return list(Session.objects.filter(pk__in=[one.pk for one in made]).select_related("coach"))


if __name__ == "__main__":
    main()
