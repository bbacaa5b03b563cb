"""`callcenter doctor`: what is wrong, in words with what to do."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.watching.doctor import seen
from ccm.watching.doctor.judged import Judged, Level, judge, worst

_MARKS = {Level.WELL: "ok", Level.WARNING: "warning", Level.WRONG: "WRONG", Level.UNKNOWN: "?"}


class Command(BaseCommand):
    help = str(
        gettext_lazy(
            "Look at settings, clocks, zones, disks, the database, queues and mail, and say what"
            " is wrong and what to do. Exit code 0: all is well, 1: warnings, 2: something is"
            " wrong."
        )
    )
    # It has words of its own for what they find.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("for programs"))

    def handle(self, *args: Any, **options: Any) -> None:
        found = judge(seen.look(timezone.now()))
        bad = worst(found)
        if options["json"]:
            told = {"worst": bad.name.lower(), "checks": [one.told() for one in found]}
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            for one in found:
                self.stdout.write("\n".join(_lines(one)))
            self.stdout.write("\n" + _whole(bad))
        sys.exit(int(bad))


def _lines(one: Judged) -> list[str]:
    finding = one.finding
    lines = [f"{_MARKS[finding.level]:<8} {one.check.words}: {finding.words}"]
    return lines + ([f"{'':<8} -> {finding.advice}"] if finding.advice else [])


def _whole(bad: Level) -> str:
    return {
        Level.WELL: _("All is well."),
        Level.WARNING: _("There are warnings."),
        Level.WRONG: _("Something is wrong."),
    }[bad]
