"""`callcenter verify`: every KPI computed in two ways, the books checked, what differs printed."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.days_asked import Misdated, refuse_to_come
from ccm.intervals import day_of
from ccm.management.days import day
from ccm.models import Agent, Queue, Site
from ccm.sealed import verifying
from ccm.templatetags.figures import DASH, count
from kpis.second import paths, runs, views
from kpis.second.books import TITLES, Line
from kpis.second.check import LONGEST, Outcome, check, check_record, snapshot
from kpis.second.columns import words_of
from kpis.second.compare import Cell, Difference
from kpis.second.statements import WITHOUT_VIEW
from kpis.second.told import both, of_line, unit_of


class Command(BaseCommand):
    help = (
        "Compute every KPI as pages do and again in SQL over the raw calls, and check the books."
        " Prints each difference; the exit code is 1 where there is any. Without days the page"
        " Books shows what it found. With --audit it walks the audit log's chain instead."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--site", default="", help="only this site, by its name or as addresses have it"
        )
        parser.add_argument("--from", dest="first", type=day, help="first day")
        parser.add_argument("--to", dest="last", type=day, help="last day")
        parser.add_argument(
            "--audit",
            action="store_true",
            help="walk the chain that the audit log is sealed into, and nothing else",
        )
        parser.add_argument(
            "--head",
            default="",
            help="the hash of a seal, as it was told: it is to be in the chain",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["audit"]:
            _verify_log(self.stdout.write, options)
            return
        if options["head"]:
            raise CommandError(_("--head is of --audit."), returncode=2)
        if not views.there():
            raise CommandError(
                _("There are no SQL views to verify with: see docs/operating.md."), returncode=2
            )
        sites = Site.objects.order_by("name")
        if options["site"]:
            sites = sites.filter(Q(slug=options["site"]) | Q(name=options["site"]))
            if not sites:
                words = _("There is no site named %(name)s. There are: %(sites)s.")
                there = ", ".join(f"{one.name} ({one.slug})" for one in Site.objects.all())
                named = {"name": options["site"], "sites": there or "–"}
                raise CommandError(words % named, returncode=2)
        first, last = options["first"] or date.min, options["last"] or date.max
        if last < first:
            raise CommandError(_("The last day is before the first."), returncode=2)
        _refuse_to_come(options["first"], options["last"], sites)
        told = [self._site(site, first, last, options["json"]) for site in sites]
        if options["json"]:
            whole = {
                "sites": told,
                "not_compared": {name: str(why) for name, why in WITHOUT_VIEW.items()},
            }
            self.stdout.write(json.dumps(whole, indent=2, ensure_ascii=False))
        else:
            for names, why in runs.not_compared():
                words = _("Not compared: %(names)s (%(why)s)")
                self.stdout.write(words % {"names": names, "why": why})
        wrong = sum(len(one["differences"]) for one in told)
        if wrong:
            raise CommandError(_("%(count)s differ") % {"count": wrong}, returncode=1)
        if not options["json"]:
            cells = sum(one["cells"] for one in told)
            words = _("0 differences: all of %(cells)s figures are equal, and the books balance.")
            if not cells:
                words = _("Nothing to compare: no figure of these days is shown.")
            self.stdout.write(words % {"cells": count(cells)})

    def _site(self, site: Site, first: date, last: date, as_json: bool) -> dict[str, Any]:
        days = [day for day in paths.days_told(site) if first <= day <= last]
        total, names = Outcome(), _Names(site)
        # What some days alone say is no answer to whether the figures of a site hold.
        run = runs.begin(site, days) if (first, last) == (date.min, date.max) else None
        for stretch in paths.stretches(site, days, LONGEST):
            its = [day for day in days if stretch.first <= day <= stretch.last]
            with snapshot() as cursor:
                found = check(cursor, stretch, its)
                if run:
                    runs.keep(run, found, stretch)
            self._tell(found, names, as_json)
            total += found
        with snapshot() as cursor:
            found = check_record(cursor, site)
        if run:
            runs.end(run, found)
        self._tell(found, names, as_json)
        total += found
        books = {
            book: {
                "lines": total.checked[book],
                "wrong": sum(one.book == book for one in total.lines),
            }
            for book in TITLES
        }
        if not as_json:
            self.stdout.write(
                _("%(site)s: %(days)s, %(figures)s compared")
                % {
                    "site": site.name,
                    "days": ngettext("%(n)s day", "%(n)s days", total.days) % {"n": total.days},
                    "figures": ngettext("%(n)s figure", "%(n)s figures", total.cells)
                    % {"n": total.cells},
                }
            )
            heads = _("lines checked"), _("do not balance"), _("book")
            self.stdout.write("  {:>14}  {:>16}  {}".format(*heads))
            for book, lines in books.items():
                wrong = f"{lines['wrong']:,}" if lines["lines"] else _("nothing to check")
                self.stdout.write(f"  {lines['lines']:>14,}  {wrong:>16}  {TITLES[book]}")
            for day in sorted(total.counting):
                self.stdout.write(_("  %(day)s is being counted") % {"day": day})
        return {
            "site": site.name,
            "days": total.days,
            "cells": total.cells,
            "being_counted": [day.isoformat() for day in sorted(total.counting)],
            "books": books,
            "differences": [names.of_figure(one) for one in total.differences]
            + [names.of_line(one) for one in total.lines],
        }

    def _tell(self, found: Outcome, names: "_Names", as_json: bool) -> None:
        """Differences as they are found: a check of years is long."""
        if as_json:
            return
        for one in found.differences:
            place = names.of_figure(one)
            self.stdout.write(
                f"{place['day']} {place['where']} {place['name']}: "
                + _("shown %(shown)s, second path %(second)s") % _sides(one)
            )
        for line in found.lines:
            told = names.of_line(line)
            one_side, other_side = of_line(line.what, line.one, line.other)
            self.stdout.write(
                f"{told['day'] or ''} {told['where']} {runs.title(line.book)}: "
                f"{words_of(line.what)} {one_side} ≠ {other_side}"
            )


def _verify_log(write: Callable[[str], Any], options: Mapping[str, Any]) -> None:
    """The audit log's chain. Raises CommandError where something is wrong with it (1), or where
    what was asked makes no sense (2)."""
    if options["site"] or options["first"] or options["last"]:
        raise CommandError(_("The audit log is verified as a whole."), returncode=2)
    head = options["head"].strip().lower()
    if head and not re.fullmatch("[0-9a-f]{64}", head):
        raise CommandError(_("A head is 64 hexadecimal digits."), returncode=2)
    found = verifying.verify(timezone.now(), head)
    if options["json"]:
        whole = {
            "entries": found.entries,
            "seals": found.seals,
            "waiting": found.waiting,
            "without_key": found.plain,
            "begins_at_seal": found.first,
            "let_go": found.gone,
            "head": found.head,
            "faults": found.wrong,
            "first_faults": [
                {"entry": one.entry, "seal": one.place, "what": one.what} for one in found.faults
            ],
        }
        write(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        for fault in found.faults:
            write(fault.words)
        words = _("%(entries)s entries, %(seals)s seals, %(waiting)s wait for theirs.")
        write(
            words
            % {
                "entries": count(found.entries),
                "seals": count(found.seals),
                "waiting": count(found.waiting),
            }
        )
        if found.let_go_at is not None:
            words = _(
                "The chain begins at seal %(first)s: %(gone)s entries before it were let go of, the"
                " last time on %(day)s."
            )
            write(
                words % {
                    "first": count(found.first), "gone": count(found.gone),
                    "day": f"{found.let_go_at:%Y-%m-%d}",
                }
            )  # fmt: skip
        if found.plain:
            words = _(
                "%(plain)s of the seals are without a key: whoever may write to the database could"
                " have made them again."
            )
            write(words % {"plain": count(found.plain)})
        write(_("Head: %(head)s") % {"head": found.head or DASH})
    if found.wrong:
        words = ngettext("%(n)s fault", "%(n)s faults", found.wrong)
        raise CommandError(words % {"n": count(found.wrong)}, returncode=1)


def _refuse_to_come(first: date | None, last: date | None, sites: Iterable[Site]) -> None:
    """Raises CommandError, as `callcenter report` does, for days that have not come at any of the
    sites: of these nothing is to be compared, and that is no sign that all is well."""
    asked = [day for day in (first, last) if day is not None]
    now = timezone.now()
    todays = [day_of(now, site.calendar) for site in sites] or [now.date()]
    try:
        if asked:
            refuse_to_come(asked[0], asked[-1], todays)
    except Misdated as why:
        raise CommandError(str(why), returncode=2) from why


def _sides(found: Difference) -> dict[str, str]:
    """Both answers in their unit, with what they were taken from."""
    shown, second = both(found.shown.value, found.second.value, unit_of(found.place.kpi))
    return {"shown": shown + _taken(found.shown), "second": second + _taken(found.second)}


def _taken(cell: Cell) -> str:
    parts = "" if cell.numerator is None else f"{cell.numerator:g}/"
    return "" if cell.n is None else f" ({parts}{cell.n:,})"


class _Names:
    """Names of a site's queues and agents."""

    def __init__(self, site: Site) -> None:
        self._site = site.name
        self._queues = dict(Queue.objects.filter(site=site).values_list("pk", "name"))
        self._agents = dict(Agent.objects.values_list("pk", "name"))

    def _place(self, day: date | None, queue: int | None, agent: int | None) -> dict[str, Any]:
        queue_name = None if queue is None else self._queues.get(queue, str(queue))
        agent_name = None if agent is None else self._agents.get(agent, str(agent))
        return {
            "day": None if day is None else day.isoformat(),
            "queue": queue_name,
            "agent": agent_name,
            "where": agent_name or queue_name or self._site,
        }

    def of_figure(self, found: Difference) -> dict[str, Any]:
        place = found.place
        where = self._place(place.day, place.queue, place.agent)
        if place.team is not None:
            where["where"] = runs.team_words(place.team)
        if place.since is not None:
            where["where"] += f", {runs.words_of_place(place)}"
        return {
            "name": place.kpi,
            "since": None if place.since is None else place.since.isoformat(),
            **where,
            "shown": {"value": found.shown.value, "n": found.shown.n},
            "second": {
                "value": found.second.value,
                "n": found.second.n,
                "numerator": found.second.numerator,
            },
        }

    def of_line(self, line: Line) -> dict[str, Any]:
        return {
            "name": line.book,
            **self._place(line.day, line.queue, line.agent),
            "what": line.what,
            "shown": {"value": _plain(line.one)},
            "second": {"value": _plain(line.other)},
        }


def _plain(value: float | None) -> float | None:
    return None if value is None else float(value)
