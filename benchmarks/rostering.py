"""Rosters of public instances, and of large centres made up, against what is known of them.

    python -m benchmarks.rostering FILE --seconds 60 [--out SOLUTION] --json
    python -m benchmarks.rostering --made 1000 --seconds 300 --json

Prints {"instance", "cost", "bound", "best_known", "gap", "hard_violations", "seconds"}, of those
made up "memory_mb" too. The cost and the violations are counted by `scheduling.rules`, which shares
no code with what makes rosters. What is compiled once after an installation is compiled before the
time begins. What is best known is read from best_known.csv beside the file, or
from the file itself.
"""

import argparse
import csv
import json
import resource
import sys
import time
from pathlib import Path

from benchmarks import made_rosters, rosters
from scheduling import rules
from scheduling.roster.grid import Grid
from scheduling.roster.ready import ready
from scheduling.roster.search import Progress
from scheduling.roster.solve import solve
from scheduling.rules.costs import cost
from scheduling.shifts import Problem, Roster


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.rostering", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--made", type=int, help="so many people of five skills for four weeks")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="where the roster is written, a row a person")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (options.file is None) == (options.made is None):
        parser.error("name a file, or how many people to make up")
    ready()
    begun = time.monotonic()
    if options.file is not None:
        problem, name = rosters.read(options.file), options.file.stem
        best = _best_known(options.file)
    else:
        problem, name, best = made_rosters.large(options.made), f"made {options.made}", None

    def tell(progress: Progress, _grid: Grid) -> None:
        if not options.json:
            bound = "" if progress.bound is None else f", none below {progress.bound:,.0f}"
            sys.stderr.write(
                f"\r{progress.seconds:6.1f} s  {progress.stage:6}  {progress.cost:,.0f}{bound}   "
            )

    left = options.seconds - (time.monotonic() - begun)
    solved = solve(problem, left, options.seed, tell=tell)
    seconds = time.monotonic() - begun
    said: dict[str, object] = {
        "instance": name,
        **_judged(problem, solved.roster, best),
        "bound": solved.bound,
        "seconds": round(seconds, 1),
    }
    if options.made is not None:
        said["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.out is not None:
        options.out.write_text("\n".join(rosters.lines(problem, solved.roster)) + "\n", "utf-8")
    if options.json:
        print(json.dumps(said))
    else:
        print("\n" + "\n".join(f"{name}: {value}" for name, value in said.items()))


def _judged(problem: Problem, roster: Roster, best: float | None) -> dict[str, object]:
    total = cost(problem, roster).total
    return {
        "cost": total,
        "best_known": best,
        "gap": None if best is None else round(total / best - 1, 5),
        "hard_violations": sum(one.is_hard for one in rules.check(problem, roster)),
    }


def _best_known(path: Path) -> float | None:
    if path.suffix == ".json":
        reference = json.loads(path.read_text("utf-8")).get("reference")
        return float(reference["cost"]) if reference else None
    table = path.parent / "best_known.csv"
    if not table.exists():
        return None
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if f"Instance{row['instance']}" == path.stem:
                return float(row["best_known"])
    return None


if __name__ == "__main__":
    main()
