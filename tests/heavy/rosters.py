"""Rosters of random problems, held against the checker: `python -m tests.heavy.rosters`.

Each of `--problems` small problems (of up to twelve people, one to four weeks, and any of all
rules, many of which nobody can keep together) is solved for `--seconds`. No roster may break a hard
rule of anybody who could keep all of theirs; whoever could not is told why, and each of the ways
out that they are shown, tried, leads out.
"""

import argparse
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from scheduling import rules
from scheduling.roster.conflicts import conflicts_of, without
from scheduling.roster.solve import solve
from scheduling.shifts import Problem
from tests.scheduling.rosters.problems import problems

# Rules between people, whose contradictions are told as what a roster breaks.
_BETWEEN = ("mix", "pairing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts: Counter[str] = Counter()

    @seed(options.seed)
    @settings(
        max_examples=options.problems, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(problems())
    def each(problem: Problem) -> None:
        solved = solve(problem, options.seconds)
        counts["problems"] += 1
        broken = [
            one
            for one in rules.check(problem, solved.roster)
            if one.is_hard and one.person not in solved.without
        ]
        counts["hard rules broken"] += sum(one.rule not in _BETWEEN for one in broken)
        counts["broken between people"] += sum(one.rule in _BETWEEN for one in broken)
        counts["people without a way"] += len(solved.without)
        counts["not told why"] += bool(solved.without) and not solved.conflicts
        for conflict in solved.conflicts:
            for way in conflict.ways:
                counts["ways out"] += 1
                freed = problem
                for rule in way:
                    freed = without(freed, rule)
                people = sorted({rule.person for rule in conflict.rules})
                counts["that lead nowhere"] += bool(conflicts_of(freed, people))

    each()
    for name, count in counts.items():
        print(f"{name}: {count}")


if __name__ == "__main__":
    main()
