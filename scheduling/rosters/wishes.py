"""What is wished of a roster and why it was refused, as far as somebody has found out; and what was
when it was published, kept for fairness: people may wish something else tomorrow."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sized
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY
from scheduling.burdens import borne, priced
from scheduling.models import KeptRoster, KeptShift, KeptWish
from scheduling.rosters import asked, kept, words
from scheduling.rules import costs
from scheduling.shifts import Problem, Roster, Wish
from scheduling.terms import read

# Nobody waits longer for a roster because it is told what refuses wishes; a worker has more time.
_SECONDS, _SECONDS_OF_WORKER = 20.0, 240.0
# No rule refused it: it would have made the roster dearer.
DEARER = "dearer"
# It was changed before anybody found out.
CHANGED = "changed"
Key = tuple[str, int, bool]


def keep(roster: KeptRoster) -> None:
    """Keep what is wished of a roster as it is published, by what people say by now. Whatever
    somebody said of a day in one direction is one wish (`KeptWish`)."""
    shifts = list(roster.shifts.all())
    problem = kept.problem_of(roster, None, shifts)
    told = costs.refused(problem, kept.roster_of(roster, shifts))
    not_granted = {(one.person, one.wish) for one in told}
    became: dict[Key, list[bool]] = defaultdict(list)
    for person in problem.people:
        for wish in person.wishes:
            if 0 <= wish.day < len(problem.days):
                became[_key(person.id, wish)].append((person.id, wish) in not_granted)
    KeptWish.objects.bulk_create(
        KeptWish(
            roster=roster,
            agent_id=int(person),
            day=roster.first_day + day * DAY,
            wants=wants,
            is_refused=all(each) if wants else any(each),
        )
        for (person, day, wants), each in became.items()
    )


def explain(roster: KeptRoster) -> None:
    """Find out by which rules a roster refuses wishes as it is now, and by which those were that
    were kept when it was published, as far as nobody has. Safe to run twice; what was changed
    meanwhile is found out next time. It loads a solver: a worker does it."""
    shifts = list(roster.shifts.all())
    said = asked.kept(roster)
    problem = kept.problem_of(roster, None if said is None else said.demand, shifts)
    problem = priced(problem, roster.site, roster.first_day)
    made = kept.roster_of(roster, shifts)
    found = refused(problem, made, seconds=_SECONDS_OF_WORKER)
    KeptRoster.objects.filter(pk=roster.pk, revision=roster.revision).update(
        refused=found, refused_revision=roster.revision
    )
    _of_published(
        roster, found, {_key(one.person, one.wish) for one in costs.refused(problem, made)}
    )


def is_whole(problem: Problem, made: Roster, found: Sized) -> bool:
    """Whether it was found out of every wish why a roster refuses it."""
    return len(found) == len(costs.refused(problem, made))


def explain_all(now: datetime, seconds: float) -> None:
    """The same of every roster of days to come that was changed since somebody found out, and of
    every published one of whose wishes nobody has: as many as are begun within some seconds."""
    until = time.monotonic() + seconds
    # Zones: where it is still yesterday.
    to_come = KeptRoster.objects.within(now.date() - DAY, date.max).filter(
        ~Q(refused_revision=F("revision")) | Q(refused_revision=None),
        Exists(KeptShift.objects.filter(roster=OuterRef("pk"))),
    )
    untold = KeptWish.objects.filter(is_refused=True, rule="", roster__state="published")
    due = Q(pk__in=to_come.values("pk")) | Q(pk__in=untold.values("roster"))
    for roster in KeptRoster.objects.filter(due).select_related("site"):
        if time.monotonic() > until:
            return
        explain(roster)


def refused(
    problem: Problem,
    made: Roster,
    stop: Callable[[], bool] = lambda: False,
    seconds: float = _SECONDS,
) -> list[dict[str, Any]]:
    """Wishes that were not granted, and why, as `KeptRoster.refused` has them: as many as are found
    out in time. It loads a solver."""
    from scheduling.roster.refusals import refusals_of

    return [
        {
            "person": one.person,
            "day": one.wish.day,
            "wants": one.wish.wants,
            "what": one.wish.what,
            "rules": [asdict(rule) for rule in one.rules],
            "dearer": one.dearer,
        }
        for one in refusals_of(problem, made, seconds=seconds, stop=stop)
    ]


def _of_published(
    roster: KeptRoster, found: Iterable[dict[str, Any]], still: Collection[Key]
) -> None:
    """Keep what refused wishes when a roster was published; `still` are those that it refuses now:
    of one that was not found out in time nothing is said yet."""
    untold = list(roster.wishes.filter(is_refused=True, rule=""))
    if not untold:
        return
    why = _rules(found)
    for one in untold:
        key = (read.person_id(one.agent_id), (one.day - roster.first_day).days, one.wants)
        one.rule = why.get(key, "" if key in still else CHANGED)
    KeptWish.objects.bulk_update(untold, ["rule"], batch_size=500)


def _rules(found: Iterable[dict[str, Any]]) -> dict[Key, str]:
    """Of each wish that was refused the rule that did it: the first of the fewest that say so."""
    best: dict[Key, tuple[str, ...]] = {}
    for one in found:
        names = tuple(rule["name"] for rule in one["rules"])
        key = (one["person"], one["day"], one["wants"])
        if key not in best or 0 < len(names) < (len(best[key]) or len(names) + 1):
            best[key] = names
    return {key: names[0] if names else DEARER for key, names in best.items()}


def _key(person: str, wish: Wish) -> Key:
    return person, wish.day, wish.wants


def follow_merged(loser: int, keeper: int) -> None:
    """Wishes of somebody who is merged go on of the one they become; the keeper's stand."""
    there = {*KeptWish.objects.filter(agent=keeper).values_list("roster_id", "day", "wants")}
    rows = KeptWish.objects.filter(agent=loser)
    twice = [one.pk for one in rows if (one.roster_id, one.day, one.wants) in there]
    KeptWish.objects.filter(pk__in=twice).delete()
    rows.update(agent=keeper)


_WHY: dict[str, Promise] = {
    DEARER: gettext_lazy("it would have cost more"),
    CHANGED: gettext_lazy("it was changed since"),
    borne.UNTOLD: gettext_lazy("nobody has found out yet"),
}


def why(rule: str) -> str:
    """What refused a wish, in words, of `KeptWish.rule`."""
    return str(_WHY[rule]) if rule in _WHY else words.bound(rule)
