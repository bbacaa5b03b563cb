"""`callcenter staffing solve`: how many agents queues take, and what is to be expected of them.
`callcenter staffing simulate`: the same of several queues and pools, played through."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_lazy

from scheduling import simulated
from scheduling.erlang import cases


class Command(BaseCommand):
    requires_system_checks = ()
    help = str(gettext_lazy("How many agents queues take."))

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        one = parts.add_parser("solve", help="fill in the results of a file of cases")
        one.add_argument("file", type=Path, help="CSV: " + ", ".join(cases.COLUMNS))
        one = parts.add_parser("simulate", help="play the queues and pools of a file")
        one.add_argument("file", type=Path, help="JSON: as docs/staffing.md describes it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"] == "simulate":
            self._simulate(options["file"])
        else:
            self._solve(options["file"])

    def _solve(self, file: Path) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                columns, rows = cases.solved(stream)
                solved = list(rows)
        except (cases.Unsolvable, OSError, UnicodeDecodeError) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        writer = csv.DictWriter(self.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(solved)

    def _simulate(self, file: Path) -> None:
        try:
            told = json.loads(
                file.read_text(encoding="utf-8-sig"),
                parse_constant=_no_number,
                object_pairs_hook=_said_once,
            )
        except (OSError, ValueError, RecursionError) as refusal:
            raise CommandError(f"{file}: {refusal}", returncode=2) from refusal
        if not isinstance(told, Mapping):
            raise CommandError(f"{file}: this is no JSON object.", returncode=2)
        description = simulated.Description(data=told)
        if not description.is_valid():
            lines = [f"{place}: {why}" for place, why in simulated.pointed(description.errors)]
            raise CommandError("\n".join(lines), returncode=2)
        found = simulated.answer(description.validated_data)
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members. Raises ValueError of one that is there twice: which is meant?"""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} is said twice in one object")
        found[name] = value
    return found
