"""What people of a site would work (`scheduling.terms.works`), read from what is kept of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from ccm.intervals import DAY
from ccm.models import Agent, Site
from scheduling.models import AgentContract, KeptShift, LeaveRules
from scheduling.models.rosters import MOST_DAYS
from scheduling.terms.works import Works


def of_people(agents: Iterable[Agent], site: Site, rules: LeaveRules) -> dict[int, Works]:
    """How people of a site work. One query."""
    every = {one.pk: one for one in agents}
    held: dict[int, list[AgentContract]] = defaultdict(list)
    rows = AgentContract.objects.filter(agent__in=every).select_related("contract")
    for row in rows.order_by("starts_on"):
        held[row.agent_id].append(row)
    return {pk: Works(agent, site, rules, tuple(held.get(pk, ()))) for pk, agent in every.items()}


def rostered(agents: Iterable[int], first: date, last: date) -> dict[int, dict[date, int]]:
    """What published rosters give people from `first` to `last`; of a roster that gives somebody no
    shift at all they are none of its people. One query."""
    rows = (
        KeptShift.objects.published()
        .filter(
            agent__in=list(agents),
            roster__first_day__lte=last,
            roster__first_day__gt=first - MOST_DAYS * DAY,
        )
        .values_list("agent", "day", "worked_minutes", "roster__first_day", "roster__days")
    )
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for agent, _day, _minutes, begins, count in rows:
        for day in (begins + n * DAY for n in range(count)):
            if first <= day <= last:
                found[agent].setdefault(day, 0)
    for agent, day, minutes, _begins, _count in rows:
        if first <= day <= last:
            found[agent][day] = max(found[agent].get(day, 0), minutes)
    return found
