"""`callcenter staffing solve`: how many agents queues take, and what is to be expected of them."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_lazy

from scheduling.erlang import cases


class Command(BaseCommand):
    requires_system_checks = ()
    help = str(gettext_lazy("How many agents queues take."))

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        one = parts.add_parser("solve", help="fill in the results of a file of cases")
        one.add_argument("file", type=Path, help="CSV: " + ", ".join(cases.COLUMNS))

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as stream:
                columns, rows = cases.solved(stream)
                solved = list(rows)
        except (cases.Unsolvable, OSError, UnicodeDecodeError) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        writer = csv.DictWriter(self.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(solved)
