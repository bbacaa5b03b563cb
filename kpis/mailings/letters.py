"""What one reader is told by mail: the words, the tables, the file. Nothing is sent here."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from ccm import periods
from ccm.intervals import day_of
from ccm.models import User
from ccm.outgoing.outbox import File
from kpis.mailings import data, recap
from kpis.mailings.models import Mailing
from kpis.models import SavedReport
from kpis.reports import links, making, services
from kpis.reports import reach as reaching
from kpis.reports.making import Made

MOST_ROWS, MOST_COLUMNS = 60, 14
"""So much of a table a mail shows; its file and its page have all of it."""

# Cells of tables bring none of their own, and mail programs take no style sheet.
_STYLES = {"a": "color:#1d4ed8;text-decoration:none", "small": "color:#64748b"}

PATIENCE = 3
"""So many tries a recap waits for its days; then it says that they are not there."""


class NotYet(Exception):
    """What the mail would tell is not there yet; the words say why. It is tried again."""


class NotForReader(Exception):
    """A reader is told nothing; the words say why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail but for its addressee."""

    subject: str
    body: str
    html: str
    files: list[File] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table as a mail shows it; cells are safe HTML. `more` rows or columns are not shown."""

    heading: str
    header: list[str]
    rows: list[list[Any]]
    more: bool = False

    @property
    def plain(self) -> str:
        """It as text, in columns; the first is words, the others are numbers."""
        lines = [self.header, *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.header))]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if place else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


def _text(cell: Any) -> str:
    return " ".join(unescape(strip_tags(str(cell))).split())


def address(name: str, *args: object) -> str:
    """The whole address of a page, as a mail has to say it."""
    return whole(reverse(name, args=args))


def whole(path: str) -> str:
    """The same of a page that is known by its path."""
    return f"{settings.ADDRESS}{path}"


def of_report(mailing: Mailing, reader: User, now: datetime) -> Letter:
    """A saved report as its reader sees it.

    Raises NotForReader where the reader may not see it any more, NotYet where its calls have not
    come in or been counted.
    """
    report = mailing.report
    assert report is not None
    if not SavedReport.objects.visible_to(reader).filter(pk=report.pk).exists():
        raise NotForReader(_("may not see the report"))
    try:
        answerable = services.for_reader(report, reader, now)
    except LookupError as nothing:
        raise NotForReader(_("sees no site's figures")) from nothing
    question = answerable.question
    if words := data.missing(question.sites, question.first, question.last, now):
        raise NotYet(" ".join(words))
    asked = services.question_of(report)
    made = making.make(asked, answerable)
    days = (question.first.isoformat(), question.last.isoformat())
    said = {
        "mailing": mailing,
        "heading": report.name,
        "told": made.facts,
        "problems": [*map(str, made.counting), *made.problems],
        "notes": making.notes(made),
        "nothing": made.nothing,
        "tables": [
            _drawn(one)
            for one in making.drawn(made, links.of(question, settings.ADDRESS), settings.ADDRESS)
        ],
        "url": f"{address('report')}?{asked.on(*days).query}&saved={report.pk}",
        "mailings_url": address("mailings"),
    }
    subject = f"{report.name}: {' – '.join(dict.fromkeys(days))}"
    text, html = _rendered("report", said)
    return Letter(subject, text, html, _files(mailing, made, now))


def _drawn(table: Any) -> Drawn:
    columns = list(table.columns)[:MOST_COLUMNS]
    rows = list(table.rows)
    cells = [[cell for _column, cell in row.items()][:MOST_COLUMNS] for row in rows[:MOST_ROWS]]
    if table.has_footer():
        cells.append([column.footer for column in columns])
    return Drawn(
        heading=str(getattr(table, "heading", "")),
        header=[str(column.header) for column in columns],
        rows=cells,
        more=len(rows) > MOST_ROWS or len(list(table.columns)) > MOST_COLUMNS,
    )


def _rendered(name: str, said: dict[str, Any]) -> tuple[str, str]:
    """The plain text and the HTML."""
    text, html = (render_to_string(f"kpis/mail/{name}.{kind}", said) for kind in ("txt", "html"))
    dressed = re.sub(
        r"<(a|small)(?=[\s>])", lambda tag: f'{tag[0]} style="{_STYLES[tag[1]]}"', html
    )
    # Parts that a text leaves out leave their lines.
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", dressed.strip() + "\n"


def _files(mailing: Mailing, made: Made, now: datetime) -> list[File]:
    if made.is_refused:
        # A file of nothing could not say why, as the letter does.
        return []
    if mailing.attached == Mailing.Attached.CSV:
        name, kind, content = "csv", making.CSV, making.csv(made, settings.ADDRESS)
    elif mailing.attached == Mailing.Attached.XLSX:
        name, kind = "xlsx", making.XLSX
        content = making.workbook(made, settings.ADDRESS, now)
    else:
        return []
    return [File(f"{made.file_name}.{name}", kind, content)]


def of_recap(mailing: Mailing, reader: User, tries: int, now: datetime) -> Letter:
    """The recap of yesterday, or of last week, for one reader.

    Of days whose calls are not there yet it tells just that, once waiting did not help. Raises
    NotForReader and, before that, NotYet.
    """
    site = mailing.site
    assert site is not None
    reach = reaching.of(reader)
    if site not in reach.sites:
        raise NotForReader(_("sees no figures of the site"))
    period = "last_week" if mailing.every == Mailing.Every.WEEK else "yesterday"
    first, last = periods.named(period, day_of(now, site.calendar))
    missing = data.missing([site], first, last, now)
    if missing and tries <= PATIENCE:
        raise NotYet(" ".join(missing))
    made = None if missing else recap.of(site, reach, first, last, settings.ADDRESS)
    days = " – ".join(dict.fromkeys((first.isoformat(), last.isoformat())))
    subject = f"{site.name}, {days}: {recap.heading(made)}"
    said = {
        "mailing": mailing,
        "heading": f"{site.name}, {days}",
        "missing": missing,
        "counting": [reach.anew[site.pk]] if site.pk in reach.anew else [],
        "recap": made,
        "mailings_url": address("mailings"),
    }
    return Letter(subject, *_rendered("recap", said))


def of(mailing: Mailing, reader: User, tries: int, now: datetime) -> Letter:
    """The letter of a mailing for one reader, at the so manieth try.

    Raises NotYet and NotForReader.
    """
    if mailing.site is not None:
        return of_recap(mailing, reader, tries, now)
    return of_report(mailing, reader, now)
