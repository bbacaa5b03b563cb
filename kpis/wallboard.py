"""What a wall shows: each cell of a board, drawn from today's counts and the floor as it is now.

A frame is whole, never a difference (`ccm.live.publish` sends it). It says how new the newest
call behind it is and whether the counts lag, so that an old number never looks live.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.dirty import notice
from ccm.intervals import day_of
from ccm.live import publish
from ccm.live.now import Floor, floors
from ccm.models import DirtyDay, Queue
from ccm.templatetags.figures import clock, count, figure, parts
from kpis import usual
from kpis.alerts.words import changed_words
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import Figure
from kpis.figures import figure as computed
from kpis.live import LIVE, InLine, in_line
from kpis.live import level as wait_level
from kpis.models import Alert, AlertRule, Board, FillMark
from kpis.noise import Verdict
from kpis.reads import reading
from kpis.report import Question, Row
from kpis.report.cells import counted
from kpis.reports import links
from kpis.standing import standing, target_words
from kpis.sums.counts import Counts

STALE_AFTER_SECONDS = 10
# Counts that lag by more are said to.
LATE = timedelta(seconds=20)
# A source that is silent for so long, in opening hours, may have stopped.
SILENT = timedelta(minutes=15)


@dataclass(slots=True)
class View:
    """All that the cells of one board are drawn from."""

    board: Board
    queues: Mapping[int, str]
    picked: Sequence[Queue] | None
    counts: Counts
    choices: Choices
    floor: Floor
    verdicts: Mapping[str, Verdict]
    now: datetime

    def kpi(self, name: str) -> Figure:
        queue = self.picked[0].pk if self.picked and len(self.picked) == 1 else None
        return computed(self.counts, KPIS[name], None, self.choices, self.board.site_id, queue)

    def in_line(self) -> InLine:
        """Callers waiting on the board's queues."""
        return in_line(self.floor, self.queues.keys(), self.now)


Cell = dict[str, str]
Draw = Callable[[View], Cell]


def _cell(title: str, text: tuple[str, str], level: str, word: str, left: str, right: str) -> Cell:
    return {
        "title": title,
        "figure": text[0],
        "unit": text[1],
        "level": level,
        "word": word,
        "left": left,
        "right": right,
    }


def _kpi_cell(name: str) -> Draw:
    def draw(view: View) -> Cell:
        one = view.kpi(name)
        verdict = view.verdicts.get(name, Verdict())
        level, word = standing(one, verdict)
        title = str(CELLS[name][0])
        digits = parts(one.value, one.unit)
        if one.value is None:
            # Nothing is held against what is usual, or against a target.
            return _cell(title, digits, level, word, _("nothing to count yet"), "")
        left = target_words(one)
        if not left and one.n:
            left = _("of %(count)s") % {"count": count(one.n)}
        right = ""
        if verdict.usual is not None:
            right = _("usual %(figure)s") % {"figure": figure(verdict.usual, one.unit)}
        return _cell(title, digits, level, word, left, right)

    return draw


def _waiting(view: View) -> Cell:
    there = view.in_line()
    level, word = _wait_level(there, view)
    left = _("longest %(time)s") % {"time": clock(there.longest)} if there.calls else ""
    return _cell(_("Waiting"), (count(there.calls), ""), level, word, left, "")


def _longest_waiting(view: View) -> Cell:
    there = view.in_line()
    level, word = _wait_level(there, view)
    limit = _("answer within %(time)s") % {
        "time": clock(view.kpi("service_level").parameters.threshold_seconds)
    }
    queue = "" if there.queue is None else view.queues[there.queue]
    return _cell(_("Longest wait"), (clock(there.longest), ""), level, word, queue, limit)


_WAIT_WORDS = {
    "none": gettext_lazy("nobody waits"),
    "ok": gettext_lazy("in time"),
    "warn": gettext_lazy("caution"),
    "bad": gettext_lazy("act now"),
}


def _wait_level(there: InLine, view: View) -> tuple[str, str]:
    level = wait_level(there.longest, view.kpi("service_level").parameters.threshold_seconds)
    return level, str(_WAIT_WORDS[level])


def _available(view: View) -> Cell:
    there = view.floor
    level, word = "none", ""
    if there.staffed:
        level, word = "ok", _("ok")
        if not there.available:
            level, word = "warn" if view.in_line().calls else "none", _("nobody free")
    staffed = _("%(count)s logged in") % {"count": count(there.staffed)}
    return _cell(_("Available"), (count(there.available), ""), level, word, staffed, "")


def _on_calls(view: View) -> Cell:
    there = view.floor
    paused = sum(there.paused.values())
    left = _("%(count)s in wrap-up") % {"count": count(there.acw)}
    right = _("%(count)s paused") % {"count": count(paused)}
    return _cell(_("On calls"), (count(there.talking), ""), "none", "", left, right)


def _answered(view: View) -> Cell:
    one = view.kpi("answered")
    verdict = view.verdicts.get("answered", Verdict())
    left = _("of %(count)s offered") % {"count": count(view.counts.offered)}
    right = ""
    if verdict.usual is not None:
        right = _("usual %(figure)s") % {"figure": count(round(verdict.usual))}
    level, word = standing(one, verdict)
    return _cell(_("Answered today"), (count(one.value), ""), level, word, left, right)


CELLS: dict[str, tuple[Any, Draw]] = {
    "service_level": (gettext_lazy("Service level"), _kpi_cell("service_level")),
    "waiting": (gettext_lazy("Waiting"), _waiting),
    "longest_waiting": (gettext_lazy("Longest wait"), _longest_waiting),
    "abandon_rate": (gettext_lazy("Abandon rate"), _kpi_cell("abandon_rate")),
    "available": (gettext_lazy("Available"), _available),
    "on_calls": (gettext_lazy("On calls"), _on_calls),
    "answered": (gettext_lazy("Answered today"), _answered),
    "asa": (gettext_lazy("Speed of answer"), _kpi_cell("asa")),
    "aht": (gettext_lazy("Handle time"), _kpi_cell("aht")),
    "csat": (gettext_lazy("Satisfaction"), _kpi_cell("csat")),
}
STANDARD = [
    "service_level",
    "waiting",
    "longest_waiting",
    "abandon_rate",
    "available",
    "on_calls",
    "answered",
    "csat",
]
# Compared with usual; what is going on now has no usual yet.
_COMPARED = ("service_level", "abandon_rate", "asa", "aht", "csat", "answered")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a site's counts are whole, and since when how many days lag (None: none does)."""

    counted_at: datetime | None = None
    newest_at: datetime | None = None
    behind_since: datetime | None = None
    days_behind: int = 0


def freshness() -> dict[int, Freshness]:
    """Every site's, by id. Two queries."""
    marks = FillMark.objects.values("site").annotate(
        counted=Max("counted_at"), newest=Max("newest_at")
    )
    dirty_days = DirtyDay.objects.order_by().values_list("site")
    marked = dirty_days.annotate(Min("marked_at"), Count("day", distinct=True))
    behind = {site: (since, days) for site, since, days in marked}
    return {
        row["site"]: Freshness(row["counted"], row["newest"], *behind.get(row["site"], ()))
        for row in marks
    }


@dataclass(slots=True)
class Drawer:
    """Draws frames again and again, keeping what has not changed since the last time."""

    _counts: dict[int, tuple[Any, Counts]] = field(default_factory=dict)
    _verdicts: dict[int, tuple[Any, Mapping[str, Verdict]]] = field(default_factory=dict)
    _choices: dict[date, tuple[datetime, Choices]] = field(default_factory=dict)

    def frames(self, now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
        """Every board's frame: the provider that the live process asks each second."""
        boards = list(Board.objects.select_related("site").prefetch_related("queues"))
        names: dict[int, dict[int, str]] = {}
        for pk, name, site in Queue.objects.values_list("pk", "name", "site_id"):
            names.setdefault(site, {})[pk] = name
        there, fresh, raised = floors(now), freshness(), standing_alerts()
        for board in boards:
            yield (
                board.slug,
                self.frame(
                    board,
                    names.get(board.site_id, {}),
                    there.get(board.site_id, Floor()),
                    fresh.get(board.site_id, Freshness()),
                    raised.get(board.site_id, ()),
                    now,
                ),
            )

    def frame(
        self,
        board: Board,
        names: Mapping[int, str],
        there: Floor,
        fresh: Freshness,
        raised: Sequence[Alert],
        now: datetime,
    ) -> dict[str, Any]:
        picked = list(board.queues.all()) or None
        today = day_of(now, board.site.calendar)
        choices = self._chosen(today, now)
        view = View(
            board=board,
            queues={one.pk: one.name for one in picked} if picked else names,
            picked=picked,
            counts=self._counted(board, picked, today, fresh, choices),
            choices=choices,
            floor=there,
            verdicts={},
            now=now,
        )
        view.verdicts = self._compared(view, today, fresh)
        return {
            "board": {"slug": board.slug, "title": board.title, "zone": board.site.zone},
            "as_of": now.isoformat(),
            "site_time": f"{now.astimezone(board.site.tz):%H:%M}",
            "cells": [
                {"id": name, **CELLS[name][1](view)} for name in board.cells if name in CELLS
            ],
            **_alert(raised, picked),
            "ticker": _ticker(board, fresh, now),
            "stale_after": STALE_AFTER_SECONDS,
        }

    def _counted(
        self,
        board: Board,
        picked: Sequence[Queue] | None,
        today: date,
        fresh: Freshness,
        choices: Choices,
    ) -> Counts:
        shown = [KPIS[name] for name in board.cells if name in KPIS]
        needs = frozenset(need for kpi in shown for need in choices.needs(kpi))
        key = (today, fresh.counted_at, tuple(one.pk for one in picked or ()), needs)
        kept = self._counts.get(board.pk)
        if kept is None or kept[0] != key:
            selection = reading.Selection(
                sites=[board.site_id],
                first=today,
                last=today,
                queues=None if picked is None else [one.pk for one in picked],
            )
            kept = self._counts[board.pk] = (
                key,
                counted(selection, "total", needs).get(None, Counts()),
            )
        return kept[1]

    def _compared(self, view: View, today: date, fresh: Freshness) -> Mapping[str, Verdict]:
        """Against usual, again each quarter hour and whenever counts or definitions changed: as
        Home has it at the same moment."""
        board = view.board
        shown = [name for name in _COMPARED if name in board.cells]
        figures = {name: view.kpi(name) for name in shown}
        chosen = {name: (one.variant.id, one.parameters) for name, one in figures.items()}
        until = usual.up_to(board.site, view.now, fresh.newest_at)
        key = (today, until, fresh.counted_at, tuple(view.queues), chosen)
        kept = self._verdicts.get(board.pk)
        if kept is None or kept[0] != key:
            verdicts = usual.verdicts(board.site, view.picked, chosen, view.now, fresh.newest_at)
            kept = self._verdicts[board.pk] = (key, verdicts)
        return kept[1]

    def _chosen(self, today: date, now: datetime) -> Choices:
        """Definitions in force, read anew each minute."""
        kept = self._choices.get(today)
        if kept is None or now - kept[0] > timedelta(minutes=1):
            self._choices = {today: (now, Choices(today))}
        return self._choices[today][1]


def standing_alerts() -> dict[int, list[Alert]]:
    """The alerts of each site that stand, the worst first."""
    found: dict[int, list[Alert]] = {}
    raised = Alert.objects.standing().select_related("rule")
    for one in raised.order_by("level", "-raised_at"):
        found.setdefault(one.rule.site_id, []).append(one)
    return found


def _alert(raised: Sequence[Alert], picked: Sequence[Queue] | None) -> dict[str, str]:
    """The first alert of the board's site or queues that nobody sees to, else the first: its level
    and what it says, then and now, whether it is seen to, and how many more there are."""
    shown = {one.pk for one in picked or ()}
    ours = [one for one in raised if not shown or one.rule.queue_id in {None, *shown}]
    if not ours:
        return {"alert": "", "alert_level": ""}
    ours = sorted(ours, key=lambda one: one.seen_at is not None)
    first = ours[0]
    said = f"{AlertRule.Level(first.level).label}: {first.words}"
    if now := changed_words(first):
        said = _("%(alert)s; now %(figure)s") % {"alert": said, "figure": now}
    # By whom is told on pages: a wall may hang where visitors pass.
    if first.seen_at is not None:
        said = _("%(alert)s (seen to)") % {"alert": said}
    more = f" (+{len(ours) - 1})" if len(ours) > 1 else ""
    return {"alert": said + more, "alert_level": first.level}


def _ticker(board: Board, fresh: Freshness, now: datetime) -> str:
    tz = board.site.tz
    if fresh.newest_at is None:
        return _("No calls have come in yet.")
    anew = notice(board.site, fresh.days_behind)
    said = [] if anew is None else [str(anew)]
    if fresh.behind_since is not None and now - fresh.behind_since > LATE:
        words = _("The counts are behind since %(time)s: is a worker up?")
        said.append(words % {"time": f"{fresh.behind_since.astimezone(tz):%H:%M:%S}"})
    if said:
        return " ".join(said)
    newest = min(fresh.newest_at, now).astimezone(tz)
    if now - newest > SILENT:
        same_day = day_of(newest, board.site.calendar) == day_of(now, board.site.calendar)
        told = f"{newest:%H:%M}" if same_day else f"{newest:%Y-%m-%d %H:%M}"
        return _("Nothing has come in since %(time)s.") % {"time": told}
    return _("Newest call %(time)s") % {"time": f"{newest:%H:%M:%S}"}


def passport(board: Board, cell: str, now: datetime) -> str:
    """Where a cell of a board explains itself today; "": nowhere, or the board has no such cell.
    What is of this moment has no passport of its own but the list of its calls."""
    if cell not in board.cells:
        return ""
    asked = cell if cell in KPIS else LIVE[cell].listed_by if cell in LIVE else ""
    if not asked:
        return ""
    today = day_of(now, board.site.calendar)
    question = Question(
        [board.site], today, today, queues=list(board.queues.all()) or None, kpis=[asked]
    )
    return links.passport(question, Row({}, "", None, Counts(), {}, site=board.site_id), asked)


# A wall's page shows a published frame that is no older; else one drawn in this process.
FRESH = timedelta(seconds=3)
_drawn: dict[int, tuple[datetime, dict[str, Any]]] = {}
_drawing = Lock()


def shown(board: Board, now: datetime) -> dict[str, Any]:
    """What a board's page shows before its stream begins: the last frame that was published, or
    where none comes one drawn here, at most once a second for all who ask."""
    last = publish.last(board.slug)
    if last is not None and now - datetime.fromisoformat(last["as_of"]) <= FRESH:
        return last
    with _drawing:
        kept = _drawn.get(board.pk)
        if kept is None or not timedelta() <= now - kept[0] < timedelta(seconds=1):
            kept = _drawn[board.pk] = (now, frame(board, now))
    return kept[1]


def frame(board: Board, now: datetime) -> dict[str, Any]:
    """One board's frame, drawn from nothing."""
    names = dict(Queue.objects.filter(site=board.site_id).values_list("pk", "name"))
    there = floors(now).get(board.site_id, Floor())
    fresh = freshness().get(board.site_id, Freshness())
    raised = standing_alerts().get(board.site_id, ())
    return Drawer().frame(board, names, there, fresh, raised, now)
