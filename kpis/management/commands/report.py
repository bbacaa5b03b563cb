"""`callcenter report`: KPIs of a stretch of site days, for people or as JSON."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ccm.intervals import FIRST_YEAR, LAST_YEAR
from ccm.models import Queue, Site
from ccm.templatetags.figures import figure as figure_text
from kpis import report
from kpis.choices import Choices
from kpis.choosing import marks
from kpis.definitions import UnknownKpi
from kpis.report import Question, Row, Unanswerable


class Command(BaseCommand):
    help = "Print KPIs for site days, both inclusive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat)
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat)
        parser.add_argument("--site", default="", help="needed where sites lie in several zones")
        parser.add_argument("--queue", action="append", help="count visits of this queue")
        parser.add_argument(
            "--by", default="total", choices=["total", "interval", "day", "queue", "agent"]
        )
        parser.add_argument(
            "--kpi", action="append", default=[], metavar="ID[:VARIANT]", help="default: all"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        sites = list(
            Site.objects.filter(name=options["site"]) if options["site"] else Site.objects.all()
        )
        try:
            if options["site"] and not sites:
                raise Unanswerable(
                    _("There is no site named %(name)s.") % {"name": options["site"]}
                )
            if options["last"] < options["first"]:
                raise Unanswerable(_("The last day is before the first."))
            if options["first"].year < FIRST_YEAR or options["last"].year > LAST_YEAR:
                raise Unanswerable(_("Ask for days between 1990 and 2200."))
            question = Question(
                sites=sites,
                first=options["first"],
                last=options["last"],
                by=options["by"],
                queues=_queues(options["queue"], sites),
                kpis=options["kpi"],
            )
            choices = Choices(question.last)
            rows = report.answer(question, choices)
        except (Unanswerable, UnknownKpi) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        untimed = report.day_only(question, rows)
        if options["json"]:
            words = report.as_json(rows, untimed) | {"changes": marks.as_json(question, choices)}
            self.stdout.write(json.dumps(words, indent=2, ensure_ascii=False))
            return
        self._table(rows)
        if untimed:
            self.stdout.write(report.day_only_words(untimed))

    def _table(self, rows: list[Row]) -> None:
        for row in rows:
            self.stdout.write(row.name)
            for words, figure in row.figures.items():
                text = figure_text(figure.value, figure.unit)
                self.stdout.write(f"  {words:24} {text:>12}   n {figure.n:,}   {figure.variant.id}")


def _queues(names: list[str] | None, sites: list[Site]) -> list[Queue] | None:
    if not names:
        return None
    found = list(Queue.objects.filter(name__in=names, site__in=sites))
    missing = set(names) - {queue.name for queue in found}
    if missing:
        raise Unanswerable(_("There is no queue named %(name)s.") % {"name": min(missing)})
    return found
