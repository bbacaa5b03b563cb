"""`callcenter staffing solve`: how many agents queues take, and what is to be expected of them.
`callcenter staffing simulate`: the same of several queues and pools, played through."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_lazy

from ccm import files
from scheduling.api import simulated
from scheduling.erlang import cases

# Hundred queues of a week by quarter hours take a tenth of it.
_MOST_JSON = 20_000_000


class Command(BaseCommand):
    requires_system_checks = ()
    help = str(gettext_lazy("How many agents queues take."))

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        one = parts.add_parser(
            "solve",
            help="fill in the results of a file of cases",
            description="Print a file of cases, each a queue in an interval, with its results"
            " filled in: of the agents given, else of the fewest that meet the targets.",
            epilog="model is erlang_b (calls are turned away), erlang_c (callers wait) or erlang_a"
            " (callers wait, and leave after patience_s on average). target_sl, max_occupancy and"
            " shrinkage are shares of 0 to 1; service_level is answered within target_s of all"
            " calls, asa_s the mean wait of all. Columns beside these are kept.",
        )
        one.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="CSV with the columns " + ", ".join(cases.COLUMNS),
        )
        one = parts.add_parser(
            "simulate",
            help="play the queues and pools of a file",
            description="Play the queues and pools of people that a file describes, day by day, and"
            " print as JSON what came of them, or how many people meet their targets.",
        )
        one.add_argument(
            "file", type=Path, metavar="FILE", help="JSON, as docs/staffing.md describes it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"] == "simulate":
            self._simulate(options["file"])
        else:
            self._solve(options["file"])

    def _solve(self, file: Path) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                columns, rows = cases.solved(files.lines(stream))
                solved = list(rows)
        except OSError as fault:
            raise CommandError(files.why_not(file, fault), returncode=2) from fault
        except UnicodeDecodeError as fault:
            raise CommandError(f"{file}: this is no text in UTF-8.", returncode=2) from fault
        except (ValueError, csv.Error) as refusal:
            raise CommandError(f"{file}: {refusal}", returncode=2) from refusal
        writer = csv.DictWriter(self.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(solved)

    def _simulate(self, file: Path) -> None:
        try:
            with file.open(encoding="utf-8-sig") as stream:
                text = stream.read(_MOST_JSON + 1)
            if len(text) > _MOST_JSON:
                raise ValueError("this is longer than any description of queues and pools.")
            told = json.loads(text, parse_constant=_no_number, object_pairs_hook=_said_once)
        except OSError as fault:
            raise CommandError(files.why_not(file, fault), returncode=2) from fault
        except UnicodeDecodeError as fault:
            raise CommandError(f"{file}: this is no text in UTF-8.", returncode=2) from fault
        except (ValueError, RecursionError) as refusal:
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
