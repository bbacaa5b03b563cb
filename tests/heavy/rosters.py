"""Rosters of random problems, held against the checker: `python -m tests.heavy.rosters`.

Each of `--problems` small problems (of up to twelve people, one to four weeks, and any of all
rules, many of which nobody can keep together) is solved for `--seconds`. No roster may break a hard
rule of anybody who could keep all of theirs, nor one between people unless these are told why, or
that it is not known; and each of the ways out that people are shown, tried, leads out.
"""

import argparse
import time
from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, seed, settings

from scheduling import rules
from scheduling.roster.conflicts import Conflict, all_without, conflicts_of, possible
from scheduling.roster.solve import Solved, solve
from scheduling.rules import Broken
from scheduling.shifts import Problem
from tests.scheduling.rosters.problems import problems

# Rules between people.
_BETWEEN = ("mix", "pairing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest = 0.0

    @seed(options.seed)
    @settings(
        max_examples=options.problems, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(problems())
    def each(problem: Problem) -> None:
        nonlocal slowest
        begun = time.monotonic()
        solved = solve(problem, options.seconds)
        slowest = max(slowest, time.monotonic() - begun)
        counts["problems"] += 1
        broken = [
            one
            for one in rules.check(problem, solved.roster)
            if one.is_hard and one.person not in solved.without
        ]
        counts["hard rules broken"] += sum(one.rule not in _BETWEEN for one in broken)
        for one in broken:
            if one.rule in _BETWEEN:
                counts[f"{one.rule} broken, {why(one, solved)}"] += 1
        counts["people without a way"] += len(solved.without)
        counts["not told why"] += bool(solved.without) and not solved.conflicts
        for conflict in solved.conflicts:
            is_of_some = bool(set(solved.without).intersection(conflict.people))
            counts["contradictions" if conflict.is_known else "contradictions not known"] += 1
            for way in conflict.ways:
                counts["ways out"] += 1
                freed = all_without(problem, way)
                if is_of_some:
                    people = sorted({rule.person for rule in conflict.rules})
                    counts["that lead nowhere"] += bool(conflicts_of(freed, people))
                else:
                    counts["that lead nowhere"] += not leads_out(freed, conflict, solved)

    each()
    for name, count in counts.items():
        print(f"{name}: {count}")
    print(f"slowest: {slowest:.1f} s")
    assert not counts["hard rules broken"] + counts["not told why"] + counts["that lead nowhere"]
    assert not any(count for name, count in counts.items() if name.endswith("unexplained"))


def why(broken: Broken, solved: Solved) -> str:
    """What is said of a rule between people that a roster breaks."""
    about = {broken.person, broken.what} if broken.rule == "pairing" else set()
    told = [
        one
        for one in solved.conflicts
        if about.issubset(one.people)
        and (about or not one.is_known or any(rule.name == "mix" for rule in one.rules))
    ]
    if any(one.is_known for one in told):
        return "explained"
    return "not known why" if told else "unexplained"


def leads_out(freed: Problem, conflict: Conflict, solved: Solved) -> bool:
    """Whether those of a contradiction between people can keep all that is left. With `mix`, but
    for pairings that contradict something by themselves."""
    is_mix = any(rule.name == "mix" for rule in conflict.rules)
    alone = possible.bound(freed, conflict.people, mix=is_mix)
    for other in solved.conflicts:
        if is_mix and other is not conflict:
            left = tuple(one for one in alone.pairings if one.one not in other.people)
            alone = replace(alone, pairings=left)
    return possible.kept(alone, possible.Time.of(60)) is not None


if __name__ == "__main__":
    main()
