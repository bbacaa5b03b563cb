"""`callcenter forecast evaluate` and `rest`: how a file's forecasts would have done."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_lazy, ngettext

from ccm import files
from ccm.cli import at_least_one
from ccm.templatetags.figures import DASH
from scheduling.forecast import evaluate
from scheduling.forecast.evaluate import Score, Series
from scheduling.forecast.rest import Told

_SHOWN = ("wape", "naive_wape", "ratio", "bias", "coverage80", "coverage95")


class Command(BaseCommand):
    requires_system_checks = ()
    help = str(gettext_lazy("Forecasts, and how they do."))

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
        one = parts.add_parser(
            "evaluate",
            help="forecast a file's past from each day of it",
            description="Forecast a file's past from each day of it, refitted at each, and tell how"
            " far off that would have been, beside the same weekday of the week before.",
            epilog="Shares are of calls: wape is calls by which intervals were missed, either way,"
            " bias those that were too many; ratio is wape by naive_wape; coverage is how many"
            " intervals were within their band. Of a horizon of more dates than there are after any"
            " origin nothing is told, and its origins are 0.",
        )
        _about_the_file(one)
        one.add_argument(
            "--every", type=at_least_one, default=1, metavar="N",
            help="dates from one origin to the next (default 1)",
        )  # fmt: skip
        one.add_argument(
            "--horizons", type=_counts, default=[1, 5, 20], metavar="N,N,...",
            help="how many dates ahead are scored, together (default 1,5,20)",
        )  # fmt: skip
        one.add_argument("--json", action="store_true", help="for machines")

        one = parts.add_parser(
            "rest",
            help="tell the rest of a file's days as they went",
            description="Tell the rest of each of a file's days as it went, by what came so far and"
            " by what the days before it teach, beside the trade's full ratio.",
            epilog="Ratios are calls by which what was left of the days was missed, by those"
            " without any update: by_interval of each interval, together of all that was left of a"
            " day. trade_ratio is the same with the full ratio of what came to what was expected.",
        )
        _about_the_file(one)
        one.add_argument(
            "--opens", type=_minute, metavar="HH:MM",
            help="when a day begins (default: its first interval that ever had a call)",
        )  # fmt: skip
        one.add_argument(
            "--after", type=_counts, default=[2, 4], metavar="N,N,...",
            help="how many hours are over (default 2,4)",
        )  # fmt: skip
        one.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        told = _rest if options["part"] == "rest" else _evaluated
        try:
            series = evaluate.read(options["file"], options["interval"])
            self.stdout.write(told(series, options))
        except evaluate.Unreadable as refusal:
            raise CommandError(f"{options['file']}: {refusal}", returncode=2) from refusal
        except OSError as fault:
            words = files.why_not(options["file"], fault)
            raise CommandError(words, returncode=2) from fault


def _about_the_file(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="two columns, interval_start (local, as 2026-05-04T09:30) and calls; .csv, or"
        " gzipped .gz",
    )
    one.add_argument(
        "--interval", type=at_least_one, default=30, metavar="MINUTES",
        help="length of an interval; those of a finer file are summed (default 30)",
    )  # fmt: skip
    one.add_argument("--country", default="", metavar="CC", help="whose holidays are known, as GB")
    one.add_argument(
        "--origins-from", type=_day, required=True, metavar="YYYY-MM-DD",
        help="the first date that is forecast",
    )  # fmt: skip


def _evaluated(series: Series, options: Mapping[str, Any]) -> str:
    found, seconds = evaluate.evaluate(
        series, options["country"].upper(), options["origins_from"], options["every"],
        options["horizons"],
    )  # fmt: skip
    if options["json"]:
        horizons = {str(horizon): asdict(score) for horizon, score in found.items()}
        return json.dumps({"horizons": horizons, "seconds_per_refit": seconds}, indent=2)
    return "\n".join(_line(horizon, score) for horizon, score in found.items())


def _rest(series: Series, options: Mapping[str, Any]) -> str:
    found = evaluate.rests(
        series, options["country"].upper(), options["origins_from"], options["opens"],
        options["after"],
    )  # fmt: skip
    if options["json"]:
        return json.dumps(
            {"after": {str(hours): asdict(one) for hours, one in found.items()}}, indent=2
        )
    return "\n".join(_line_of_rest(hours, one) for hours, one in found.items())


def _line_of_rest(hours: int, told: Told) -> str:
    words = ngettext(
        "after %(hours)d h: by interval %(one)s (trade %(one_trade)s), together %(all)s (trade"
        " %(all_trade)s), of %(days)d day",
        "after %(hours)d h: by interval %(one)s (trade %(one_trade)s), together %(all)s (trade"
        " %(all_trade)s), of %(days)d days",
        told.days,
    )
    return words % {
        "hours": hours,
        "one": _ratio(told.by_interval.ratio), "one_trade": _ratio(told.by_interval.trade_ratio),
        "all": _ratio(told.together.ratio), "all_trade": _ratio(told.together.trade_ratio),
        "days": told.days,
    }  # fmt: skip


def _ratio(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"


def _line(horizon: int, score: Score) -> str:
    figures = ((name, getattr(score, name)) for name in _SHOWN)
    shown = (f"{name} {DASH if value is None else f'{value:.1%}'}" for name, value in figures)
    words = ngettext(
        "next %(horizon)d: %(figures)s, of %(origins)d origin",
        "next %(horizon)d: %(figures)s, of %(origins)d origins",
        score.origins,
    )
    return words % {
        "horizon": horizon, "figures": ", ".join(shown), "origins": score.origins,
    }  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date as 2026-05-04") from None


def _minute(text: str) -> int:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time as 07:00") from None
    return found.hour * 60 + found.minute


def _counts(text: str) -> list[int]:
    return [at_least_one(one) for one in text.split(",")]
