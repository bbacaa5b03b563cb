"""How many small wrong changes the tests notice: `python -m tests.heavy.mutations FOLDER TESTS...`.

mutmut writes the mutants of a folder (`pip install mutmut`); it would try each in a process of its
own, with servers and a database of its own. Here all are tried in one: a function of the folder
looks up which of its mutants stands for it whenever it is called. A test is run on a mutant when it
reaches the mutant's function, the quickest first, and the first that fails is enough. What a module
makes of its functions when it is imported is made again for each; where that changes it, every test
is run.

Of texts mutmut changes those that are short and whole. `--texts` gets SQL wrong too, in f-strings
and outside of functions (`mutations_sql`).
"""

import argparse
import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import DEFAULT_DB_ALIAS, connection, connections
from mutmut.mutation import file_mutation, trampoline
from mutmut.mutation.file_mutation import mutate_file_contents
from pytest_django.plugin import blocking_manager_key

from tests.heavy import mutations_sql
from tests.heavy.emptied import empty_the_record

CHOSEN = "MUTANT_UNDER_TEST"


class TooLong(BaseException):
    """A mutant that goes on and on: noticed, as its test would never end."""


class CannotBeMade(Exception):
    """A mutant with which a module could not be imported."""


class Mutations:
    """A plugin of pytest that tries every mutant on the tests that were collected."""

    def __init__(self, names: list[str]) -> None:
        self.left = list(names)
        self.survived: list[str] = []
        self.unreached: list[str] = []
        self._failed = False
        self._reached: set[str] = set()
        self._ended: Counter[pytest.Item] = Counter()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests = self._measured(session.items)
        began = time.monotonic()
        names = list(self.left)
        for number, name in enumerate(names, 1):
            self.left.remove(name)
            noticed = self._noticed(name, tests)
            if noticed is None:
                self.unreached.append(name)
            elif not noticed:
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
            took = time.monotonic() - began
            for function in self._reached:
                found[function].append((took, item))
        return {function: sorted(many, key=lambda one: one[0]) for function, many in found.items()}

    def reached(self, function: str, caller: str | None = None) -> None:
        self._reached.add(function)

    def _noticed(self, name: str, tests: dict[str, list[tuple[float, pytest.Item]]]) -> bool | None:
        """Whether a test fails; None: none can."""
        function = name.rpartition("__mutmut_")[0]
        try:
            with _standing(name), _made_again(function.rpartition(".")[0]) as is_other:
                mine = {one for many in tests.values() for one in many} if is_other else set()
                mine |= set(tests.get(function, ()))
                if not mine:
                    return None
                failed = self._first_failed(sorted(mine, key=self._worth))
        except CannotBeMade:
            return True
        if failed is None:
            return False
        self._ended[failed] += 1
        if not self._passes(failed):
            # The mutant left something behind, by which every other would seem to be noticed.
            _clean(failed.config)
            if not self._passes(failed):
                raise SystemExit(f"{failed.nodeid} fails without a mutant after {name}")
        return True

    def _first_failed(self, tests: list[tuple[float, pytest.Item]]) -> pytest.Item | None:
        return next((item for took, item in tests if not self._passes(item, 5 + 10 * took)), None)

    def _worth(self, test: tuple[float, pytest.Item]) -> float:
        """What is quick and has noticed much comes first."""
        took, item = test
        return took / (1 + self._ended[item])

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


def _clean(config: pytest.Config) -> None:
    """End what this and other threads and connections are at, and empty the tables."""
    with config.stash[blocking_manager_key].unblock():
        connection.close()
        del connections[DEFAULT_DB_ALIAS]  # with what it knows of a transaction that was left
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join(15)
        empty_the_record()
        connection.close()


@contextmanager
def _standing(name: str) -> Iterator[None]:
    os.environ[CHOSEN] = name
    try:
        yield
    finally:
        os.environ[CHOSEN] = ""


# What a module may make that another makes something of.
_PLAIN = (str, int, float, timedelta, tuple, list, dict, set, frozenset)


@contextmanager
def _made_again(module: str) -> Iterator[bool]:
    """What a module makes when it is imported, and those that read it, is made by the mutant that
    stands, for now; whether anything of it is other."""
    before: dict[ModuleType, dict[str, Any]] = {}
    waiting = [sys.modules[module]]
    is_other = False
    try:
        while waiting:
            one = waiting.pop(0)
            was = dict(vars(one))
            before.setdefault(one, was)
            try:
                exec(_makings(one), vars(one))
            except Exception as error:
                raise CannotBeMade from error
            if any(
                isinstance(value, _PLAIN) and value != was.get(name)
                for name, value in vars(one).items()
            ):
                is_other = True
                waiting += _readers(one.__name__)
        yield is_other
    finally:
        for one, was in before.items():
            vars(one).update(was)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text())


@cache
def _makings(module: ModuleType) -> CodeType:
    """What a module imports and names outside of its functions, but for mutmut's own."""
    made = [
        node
        for node in _tree(module).body
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)
        or (isinstance(node, ast.AnnAssign) and node.value is not None)
    ]
    body = [node for node in made if not ast.unparse(node).startswith("mutants_")]
    tree = ast.Module(body=body, type_ignores=[])  # type: ignore[arg-type]
    return compile(tree, str(module.__file__), "exec", dont_inherit=True)


@cache
def _readers(name: str) -> list[ModuleType]:
    """The modules of the project that import one of that name, or something of it."""
    package, _, last = name.rpartition(".")
    top = name.partition(".")[0]
    return [
        module
        for other, module in list(sys.modules.items())
        if other.partition(".")[0] == top
        and str(getattr(module, "__file__", "")).endswith(".py")
        and any(
            isinstance(node, ast.ImportFrom)
            and (
                node.module == name
                or (node.module == package and last in {one.name for one in node.names})
            )
            for node in _tree(module).body
        )
    ]


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


def written(folder: str, work: Path, texts: bool = False) -> list[str]:
    """Every function of a folder beside its mutants, in the copy of the project under `work`; the
    names of the mutants, but for those that change nothing but the case of letters, as SQL may."""
    names: list[str] = []
    alike = 0
    if texts:
        file_mutation.mutation_operators += mutations_sql.OPERATORS
    for file in sorted((work / folder).rglob("*.py")):
        source = file.read_text()
        if texts:
            source = mutations_sql.in_functions(source)
        made = mutate_file_contents(str(file), source)
        file.write_text(made.code)
        module = ".".join(file.relative_to(work).with_suffix("").parts).removesuffix(".__init__")
        said = {
            node.name: _said(node)
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


def _said(function: ast.FunctionDef) -> str:
    """What a function says but for its name, its words on itself and the case of letters."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return "\n".join(map(ast.unparse, [function.args, *body])).lower()


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
    parser.add_argument("--texts", action="store_true", help="get SQL wrong too")
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
        names.write_text(json.dumps(written(asked.folder, work, asked.texts)[:: asked.every]))
        # Another process, for this one has imported the project that it was copied from.
        words = [asked.folder, *asked.tests, "--names", str(names)]
        subprocess.run([sys.executable, "-m", "tests.heavy.mutations", *words], check=True)


if __name__ == "__main__":
    main()
