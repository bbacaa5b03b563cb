"""`callcenter report`: KPIs of a stretch of site days, for people or as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.days_asked import Misdated, refuse_to_come
from ccm.management.days import day
from ccm.models import Channel, Direction, Site
from ccm.templatetags.figures import figure as figure_text
from kpis import report
from kpis.choices import Choices
from kpis.choosing import marks
from kpis.choosing.words import Shorts
from kpis.declaration import PRIVATE
from kpis.definitions import KPIS, UnknownKpi
from kpis.dimensions import OF_CALLS, By
from kpis.named import ROWS
from kpis.reads import anew, reading
from kpis.report import Question, Row, Unanswerable, told
from kpis.reports import links, machines, made_by, partial
from kpis.reports.asked import COMPARISONS, DIMENSIONS, PICKED, columns
from kpis.reports.comparing import Comparison
from kpis.reports.reach import where
from kpis.standing import against, beside_value, target_words

ONLY: tuple[By, ...] = ("team", "topic", "disposition")


class Command(BaseCommand):
    help = "Print KPIs for site days, both inclusive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=day)
        parser.add_argument("--to", dest="last", required=True, type=day)
        parser.add_argument("--site", default="", help="by its name or slug; default: all")
        parser.add_argument("--queue", action="append", help="count visits of this queue")
        parser.add_argument("--team", action="append", help="of agents in it on the day")
        parser.add_argument("--agent", action="append", help="what this agent did")
        parser.add_argument("--topic", action="append", help="read from the calls themselves")
        parser.add_argument("--disposition", action="append", help="as --topic")
        parser.add_argument("--channel", default="", choices=["", *Channel.values])
        parser.add_argument("--direction", default="", choices=["", *Direction.values])
        parser.add_argument("--by", default="total", choices=DIMENSIONS, help="what rows are")
        parser.add_argument(
            "--across", default="total", choices=DIMENSIONS, help="what columns are"
        )
        parser.add_argument(
            "--kpi",
            action="append",
            default=[],
            metavar="ID[:VARIANT[@NUMBER]]",
            help="as service_level, in the definition chosen, service_level:SL4 or, whatever is"
            " chosen, service_level:SL4@30; again for more; default: all",
        )
        parser.add_argument(
            "--compare",
            choices=COMPARISONS[1:],
            help="what stands beside each figure; ! is beyond noise",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        of_site = Q(name=options["site"]) | Q(slug=options["site"]) if options["site"] else Q()
        sites = list(Site.objects.filter(of_site))
        now = timezone.now()
        how = options["compare"] or ""
        try:
            kpis, added = columns(options["kpi"] or [*KPIS])
            if options["site"] and not sites:
                raise Unanswerable(
                    _("There is no site named %(name)s.") % {"name": options["site"]}
                )
            if options["last"] < options["first"]:
                raise Unanswerable(_("The last day is before the first."))
            named = {by: _named(by, options[by], sites) for by in PICKED if options[by]}
            of_sites = (named[by] for by in PICKED if by in named and by not in OF_CALLS)
            sites = where(sites, *([one.site_id for one in rows] for rows in of_sites))
            todays = partial.todays_of(sites, now)
            refuse_to_come(options["first"], options["last"], todays.values() or [now.date()])
            question = Question(
                sites=sites,
                first=options["first"],
                last=options["last"],
                by=options["by"],
                across=options["across"],
                queues=named.get("queue"),
                agents=named.get("agent"),
                kpis=kpis,
                channel=options["channel"],
                direction=options["direction"],
                only={by: [one.pk for one in named[by]] for by in ONLY if by in named},
                knows=PRIVATE,
                records=reading.records([site.pk for site in sites]),
            )
            choices = Choices(question.last)
            rows = report.answer(question, choices, is_bound=False)
            made = machines.compared(question, rows, how, now, choices)
        except (Unanswerable, UnknownKpi, Misdated) as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        counting = [str(one) for one in anew.notices(sites)]
        if options["json"]:
            link = links.of(question)
            words = machines.as_json(
                question, rows, choices, how, made, link, todays, counting, added
            )
            self.stdout.write(json.dumps(words, indent=2, ensure_ascii=False))
            return
        for notice in counting:
            self.stdout.write(notice)
        self._table(rows, partial.of_rows(question, rows, todays), made, how == "target")
        changed = marks.of_question(question, rows, choices)
        for mark in changed:
            self.stdout.write(str(mark))
        if changed and (whole := marks.of_several_days(question)):
            self.stdout.write(whole)
        for note in machines.notes(question, rows, how, made, added):
            self.stdout.write(note)
        for note in made_by.precisions(question, rows):
            self.stdout.write(note)
        if untimed := report.day_only(question, rows):
            self.stdout.write(told.day_only_words(untimed))

    def _table(self, rows: list[Row], partly: list[str], made: Comparison, is_aimed: bool) -> None:
        short = Shorts()
        for row, part in zip(rows, partly, strict=True):
            name = f"{row.name} × {row.column}" if row.column else row.name
            self.stdout.write(f"{name} ({part})" if part else name)
            for words, figure in row.figures.items():
                currency = "" if figure.value is None else figure.currency
                text = f"{figure_text(figure.value, figure.unit)} {currency}".rstrip()
                definition = short(figure.kpi, figure.variant, figure.parameters)
                line = f"  {words:24} {text:>12}   n {figure.n_words}   {definition}"
                if made.how:
                    beside = made.get(row.id, words)
                    then = figure_text(beside_value(figure, beside.value), figure.unit)
                    line += f"   {made.how} {then} {beside.currency}".rstrip()
                    line += " !" if beside.marked else ""
                if is_aimed and (aim := against(figure)):
                    line += f"   {target_words(figure)} {aim.word}".rstrip()
                if figure.why_none:
                    line += f"   ({figure.why_none})"
                self.stdout.write(line)


def _named(by: By, names: list[str], sites: list[Site]) -> list[Any]:
    """The rows of these names; those of a site, of these sites."""
    rows: QuerySet[Any] = ROWS[by].filter(name__in=names)
    found = list(rows if by in OF_CALLS else rows.filter(site__in=sites))
    missing = set(names) - {one.name for one in found}
    if missing:
        words = {
            "queue": _("There is no queue named %(name)s."),
            "team": _("There is no team named %(name)s."),
            "agent": _("There is no agent named %(name)s."),
            "topic": _("There is no topic named %(name)s."),
            "disposition": _("There is no disposition named %(name)s."),
        }
        raise Unanswerable(words[by] % {"name": min(missing)})
    return found
