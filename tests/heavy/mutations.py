"""How many small wrong changes the tests notice: `python -m tests.heavy.mutations FOLDER TESTS...`.

mutmut writes the mutants of a folder (`pip install mutmut`); it would try each in a process of its
own, with servers and a database of its own. Here all are tried in one: a function of the folder
looks up which of its mutants stands for it whenever it is called. A test is run on a mutant when it
reaches the mutant's function, the quickest first, and the first that fails is enough.
"""

import argparse
import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation import trampoline
from mutmut.mutation.file_mutation import mutate_file_contents

CHOSEN = "MUTANT_UNDER_TEST"


class TooLong(BaseException):
    """A mutant that goes on and on: noticed, as its test would never end."""


class Mutations:
    """A plugin of pytest that tries every mutant on the tests that were collected."""

    def __init__(self, names: list[str]) -> None:
        self.left = names
        self.survived: list[str] = []
        self.unreached: list[str] = []
        self._failed = False
        self._reached: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests = self._measured(session.items)
        began = time.monotonic()
        names = list(self.left)
        for number, name in enumerate(names, 1):
            self.left.remove(name)
            mine = tests.get(name.rpartition("__mutmut_")[0], [])
            if not mine:
                self.unreached.append(name)
            elif not self._noticed(name, mine):
                self.survived.append(name)
                print(f"survived {name}", flush=True)
            if number % 50 == 0:
                print(f"  {number} of {len(names)}, {time.monotonic() - began:.0f} s", flush=True)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed |= report.failed

    def _measured(self, items: list[pytest.Item]) -> dict[str, list[tuple[float, pytest.Item]]]:
        """Which tests reach a function, the quickest first, and how long each takes."""
        found: dict[str, list[tuple[float, pytest.Item]]] = defaultdict(list)
        for item in items:
            self._reached.clear()
            with _standing("stats"):
                began = time.monotonic()
                if not self._passes(item):
                    raise SystemExit(f"{item.nodeid} fails without a mutant")
            for function in self._reached:
                found[function].append((time.monotonic() - began, item))
        return {function: sorted(many, key=lambda one: one[0]) for function, many in found.items()}

    def reached(self, function: str, caller: str | None = None) -> None:
        self._reached.add(function)

    def _noticed(self, name: str, tests: list[tuple[float, pytest.Item]]) -> bool:
        with _standing(name):
            return not all(self._passes(item, 5 + 10 * took) for took, item in tests)

    def _passes(self, item: Any, most_seconds: float | None = None) -> bool:
        self._failed = False
        item._initrequest()  # its fixtures anew
        # The session, and with it the database, stays for the next.
        session: Any = item.session
        with _ended_after(most_seconds):
            try:
                runtestprotocol(item, nextitem=session, log=True)
            except (TooLong, SystemError):  # the second, where the alarm fell into the parser
                return False
        return not self._failed


@contextmanager
def _standing(name: str) -> Iterator[None]:
    os.environ[CHOSEN] = name
    try:
        yield
    finally:
        os.environ[CHOSEN] = ""


@contextmanager
def _ended_after(seconds: float | None) -> Iterator[None]:
    def end(*_: object) -> None:
        raise TooLong

    if seconds is None:
        yield
        return
    signal.signal(signal.SIGALRM, end)
    # Again and again: where it falls into a collection of garbage it is lost.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def written(folder: str, work: Path) -> list[str]:
    """Every function of a folder beside its mutants, in the copy of the project under `work`; the
    names of the mutants, but for those that change nothing but the case of letters, as SQL may."""
    names: list[str] = []
    alike = 0
    for file in sorted((work / folder).rglob("*.py")):
        made = mutate_file_contents(str(file), file.read_text())
        file.write_text(made.code)
        module = ".".join(file.relative_to(work).with_suffix("").parts)
        said = {
            node.name: ast.unparse(node).replace(node.name, "").lower()
            for node in ast.walk(ast.parse(made.code))
            if isinstance(node, ast.FunctionDef)
        }
        other = [
            one
            for one in made.mutant_names
            if said[one] != said[f"{one.rpartition('__mutmut_')[0]}__mutmut_orig"]
        ]
        alike += len(made.mutant_names) - len(other)
        names += [f"{module}.{one}" for one in other]
    print(f"{len(names)} mutants, and {alike} that change the case of letters alone", flush=True)
    return names


def tried(names: list[str], tests: list[str]) -> None:
    """Try mutants, where one is, and print how many were noticed."""
    plugin = Mutations(names)
    trampoline.record_trampoline_hit = plugin.reached
    os.environ[CHOSEN] = ""
    began = time.monotonic()
    pytest.main(["-n0", "--quiet", *tests], plugins=[plugin])
    many = len(names) - len(plugin.left)
    if not many:
        raise SystemExit("the tests did not run")
    noticed = many - len(plugin.survived) - len(plugin.unreached)
    print(
        f"{many} mutants, {time.monotonic() - began:.0f} s: {noticed} noticed"
        f" ({noticed / many:.1%}), {len(plugin.survived)} not,"
        f" {len(plugin.unreached)} that no test reaches"
        f"; {len(plugin.left)} not tried"
    )
    for name in plugin.unreached:
        print(f"unreached {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="whose mutants: kpis/rollups")
    parser.add_argument("tests", nargs="+", help="the test files that are to notice them")
    parser.add_argument("--every", type=int, default=1, help="try one mutant of so many")
    parser.add_argument("--names", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.names:
        tried(json.loads(asked.names.read_text()), asked.tests)
        return
    with TemporaryDirectory() as made:
        work = Path(made) / "project"
        without = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(Path(__file__).parents[2], work, ignore=without)
        with (work / "pyproject.toml").open("a") as config:
            config.write(f"\n[tool.mutmut]\nsource_paths = [{asked.folder!r}]\n")
        os.chdir(work)
        names = Path(made) / "names.json"
        names.write_text(json.dumps(written(asked.folder, work)[:: asked.every]))
        # Another process, for this one has imported the project that it was copied from.
        words = [asked.folder, *asked.tests, "--names", str(names)]
        subprocess.run([sys.executable, "-m", "tests.heavy.mutations", *words], check=True)


if __name__ == "__main__":
    main()
