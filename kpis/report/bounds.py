"""What of a question is more than can be shown, and is refused."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ccm.intervals import DAY
from kpis.named import ROWS
from kpis.reads import reading
from kpis.reads.reading import By
from kpis.report.question import Question, Unanswerable
from kpis.report.sites import OF_ONE_SITE

# So many cells are more than anybody reads, and than a page can make.
MOST_CELLS = 50_000
# So many figures take a page or an answer of the API some 3 s to make.
MOST_FIGURES = 50_000
# More than there are variants, and few enough for an address of any words to be answered.
MOST_KPIS = 200

_A_DAY: Mapping[By, int] = {"interval": 96, "half_hour": 48, "hour": 24, "day": 1}
"""How many there are of a stretch of time in a day; weeks and months of few years are few."""


def refuse_more_than_can_be_shown(question: Question, figures_each: int) -> None:
    """Raises Unanswerable for more stretches of time, or sites, queues, teams or agents through
    them, than can be shown with so many figures each: reading them alone takes minutes."""
    sides = (question.by, question.across)
    a_day = max((_A_DAY[by] for by in sides if by in _A_DAY), default=0)
    if not a_day:
        return
    # The hours of a day, but not those of an hour.
    a_day *= 24 if a_day == 1 and "clock" in sides else 1
    units = _days_on_record(question) * a_day
    other = next((by for by in sides if by in OF_ONE_SITE), None)
    if other is None:
        refuse_cells(units, figures_each)
        return
    try:
        refuse_cells(units * _how_many(question, other), figures_each)
    except Unanswerable:
        # Not all of those that there are need have done anything in these days.
        found = reading.cells(question.selection, (other,), only=("answered",))
        refuse_cells(units * len(found), figures_each)


def refuse_cells(cells: int, figures_each: int) -> None:
    """Raises Unanswerable for more than can be shown with so many figures each."""
    if cells > MOST_CELLS:
        raise _too_many()
    if cells * figures_each > MOST_FIGURES:
        words = _(
            "These are more than %(count)s figures: ask for fewer KPIs, for fewer days, or for"
            " less apart."
        )
        raise Unanswerable(words % {"count": f"{MOST_FIGURES:,}"})


def _too_many() -> Unanswerable:
    words = _("These are more than %(count)s cells: ask for fewer days, or for less apart.")
    return Unanswerable(words % {"count": f"{MOST_CELLS:,}"})


def _days_on_record(question: Question) -> int:
    """The days asked for that the records of its sites reach, at most; all where these are not
    known."""
    first, last = question.first, question.last
    records = [question.records.get(site.pk) for site in question.sites]
    known = [record for record in records if record is not None]
    if known and len(known) == len(records):
        first = max(first, min(record.first for record in known))
        # A day of a site may end within a day of UTC's.
        last = min(last, max(record.newest_at.date() for record in known) + DAY)
    return max(0, (last - first).days + 1)


def _how_many(question: Question, by: By) -> int:
    """How many sites, queues, teams or agents a question may be told by."""
    if by == "site":
        return len(question.sites)
    picked = {"queue": question.queues, "agent": question.agents}.get(by, question.only.get(by))
    if picked is not None:
        return len(picked)
    if by in question.names:
        return len(question.names[by])
    return ROWS[by].filter(site__in=[site.pk for site in question.sites]).count()
