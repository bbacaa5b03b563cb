"""`callcenter live`: events into the record, frames to the walls, until told to stop."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext_lazy as _

from ccm import asked, companion, database
from ccm.live.process import LiveProcess
from ccm.live.walls import NICENESS, Walls

_DRAW = companion.Companion([sys.executable, "-m", "django", "live", "--walls"], "drawing of walls")


class Command(BaseCommand):
    help = str(_("Fold live events into the record and publish the wallboards' frames."))

    def add_arguments(self, parser: CommandParser) -> None:
        # The process beside it, which draws.
        parser.add_argument("--walls", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        with asked.to_end() as stopping:
            if options["walls"]:
                companion.when_alone(stopping.set)
                database.go_after_others(NICENESS)
                Walls(stopping).run()
            else:
                with companion.kept(_DRAW, stopping):
                    LiveProcess(stopping).run()
