"""`callcenter forecast evaluate`: how a file's forecasts would have done."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.cli import at_least_one
from ccm.templatetags.figures import DASH
from scheduling.forecast import evaluate
from scheduling.forecast.evaluate import Score

_SHOWN = ("wape", "naive_wape", "ratio", "bias", "coverage80", "coverage95")


class Command(BaseCommand):
    requires_system_checks = ()
    help = str(gettext_lazy("Forecasts, and how they do."))

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        one = parts.add_parser("evaluate", help="forecast a file's past from each day of it")
        one.add_argument("file", type=Path, help="interval_start,calls; plain or .gz")
        one.add_argument("--interval", type=int, default=30, help="minutes (default 30)")
        one.add_argument("--country", default="", help="whose holidays, as GB")
        one.add_argument(
            "--origins-from", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD",
            help="the first date that is forecast",
        )  # fmt: skip
        one.add_argument("--every", type=at_least_one, default=1, help="dates between two origins")
        one.add_argument(
            "--horizons", type=_counts, default=[1, 5, 20], help="dates ahead, as 1,5,20"
        )
        one.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            series = evaluate.read(options["file"], options["interval"])
            found, seconds = evaluate.evaluate(
                series, options["country"].upper(), options["origins_from"], options["every"],
                options["horizons"],
            )  # fmt: skip
        except (evaluate.Unreadable, OSError) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        if options["json"]:
            horizons = {str(horizon): asdict(score) for horizon, score in found.items()}
            told = {"horizons": horizons, "seconds_per_refit": seconds}
            self.stdout.write(json.dumps(told, indent=2))
            return
        for horizon, score in found.items():
            self.stdout.write(_line(horizon, score))


def _line(horizon: int, score: Score) -> str:
    figures = ((name, getattr(score, name)) for name in _SHOWN)
    shown = (f"{name} {DASH if value is None else f'{value:.1%}'}" for name, value in figures)
    words = _("next %(horizon)d: %(figures)s, of %(origins)d origins")
    return words % {
        "horizon": horizon, "figures": ", ".join(shown), "origins": score.origins,
    }  # fmt: skip


def _counts(text: str) -> list[int]:
    return [at_least_one(one) for one in text.split(",")]
