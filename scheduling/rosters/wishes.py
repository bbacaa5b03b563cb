"""What was wished of a roster when it was published, and what became of it: kept for fairness,
since people may wish something else tomorrow."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY
from scheduling.burdens import borne
from scheduling.models import KeptRoster, KeptWish
from scheduling.rosters import asked, kept, words
from scheduling.rules import costs
from scheduling.shifts import Wish
from scheduling.terms import read

if TYPE_CHECKING:
    from scheduling.roster.refusals import Refusal

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
    refused = {(one.person, one.wish) for one in told}
    became: dict[Key, list[bool]] = defaultdict(list)
    for person in problem.people:
        for wish in person.wishes:
            if 0 <= wish.day < len(problem.days):
                became[_key(person.id, wish)].append((person.id, wish) in refused)
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
    """Find out by which rules wishes of a published roster were refused, as far as nobody has.
    Safe to run twice. It loads a solver: a worker does it."""
    from scheduling.roster.refusals import refusals_of

    untold = list(roster.wishes.filter(is_refused=True, rule=""))
    if not untold:
        return
    shifts = list(roster.shifts.all())
    said = asked.kept(roster)
    problem = kept.problem_of(roster, None if said is None else said.demand, shifts)
    why = _rules(refusals_of(problem, kept.roster_of(roster, shifts)))
    for one in untold:
        key = (read.person_id(one.agent_id), (one.day - roster.first_day).days, one.wants)
        one.rule = why.get(key, CHANGED)
    KeptWish.objects.bulk_update(untold, ["rule"], batch_size=500)


def explain_all() -> None:
    """The same of every roster of which nobody has found out yet."""
    rows = KeptRoster.objects.published().filter(wishes__is_refused=True, wishes__rule="")
    for roster in rows.distinct().select_related("site"):
        explain(roster)


def _rules(refusals: Iterable["Refusal"]) -> dict[Key, str]:
    """Of each wish that was refused the rule that did it: the first of the fewest that say so."""
    found: dict[Key, tuple[str, ...]] = {}
    for one in refusals:
        names = tuple(rule.name for rule in one.rules)
        key = _key(one.person, one.wish)
        if key not in found or 0 < len(names) < (len(found[key]) or len(names) + 1):
            found[key] = names
    return {key: names[0] if names else DEARER for key, names in found.items()}


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
