"""Tiles of several rows: queues, what calls are about, and what callers praised."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from ccm.identity import id_floor
from ccm.intervals import site_day
from ccm.models import SurveyResponse
from ccm.templatetags.figures import clock, count
from ccm.templatetags.figures import figure as written
from kpis import report
from kpis.live import in_line
from kpis.live import level as wait_level
from kpis.noise import Verdict
from kpis.report import Question
from kpis.standing import standing
from kpis.walls import others
from kpis.walls.layout import Tile
from kpis.walls.view import View

Drawn = dict[str, Any]
# What only calls and answers themselves tell is read once a minute.
LIFE = timedelta(minutes=1)
MOST_QUEUES, MOST_REASONS, MOST_PRAISED = 12, 6, 4


def queues(tile: Tile, view: View) -> Drawn:
    """A row a queue, that whose first caller waits longest at the top."""
    shown = view.shown_queues(tile)
    lines = {pk: in_line(view.floor, [pk], view.live_at) for pk in shown}
    order = sorted(shown, key=lambda pk: (-(lines[pk].longest or 0.0), shown[pk]))
    rows = []
    for pk in order[:MOST_QUEUES]:
        level = view.kpi("service_level", [pk], tile.window)
        lost = view.kpi("abandon_rate", [pk], tile.window)
        stands, _word = standing(level, Verdict())
        waits = wait_level(lines[pk].longest, level.parameters.threshold_seconds)
        rows.append(
            [
                {"text": shown[pk]},
                {"text": count(lines[pk].calls), "level": waits},
                {"text": clock(lines[pk].longest), "level": waits},
                {"text": written(level.value, level.unit), "level": stands},
                {"text": count(view.kpi("answered", [pk], tile.window).value)},
                # As other pages have it under the same word.
                {"text": written(lost.value, lost.unit)},
            ]
        )
    more = len(order) - len(rows)
    return {
        "title": tile.title or _("Queues"),
        "columns": [
            "", _("waiting"), _("longest"), _("service level"), _("answered"), _("abandoned"),
        ],
        "rows": rows,
        "left": _("and %(count)s more") % {"count": count(more)} if more > 0 else "",
    }  # fmt: skip


def reasons(tile: Tile, view: View) -> Drawn:
    """What most of today's calls are about, and their share of those that say it."""
    key = ("reasons", view.site.pk, tuple(view.queues(tile) or ()), view.today)
    told, true_at = view.kept.for_a_while(
        key, view.fresh.counted_at, LIFE, view.now, lambda: _topics(tile, view)
    )
    known = sum(many for _name, many in told)
    rows = [
        [{"text": name}, {"text": count(many)}, {"text": written(many / known, "fraction")}]
        for name, many in told[:MOST_REASONS]
    ]
    return {
        "title": tile.title or _("Top reasons"),
        "columns": ["", _("calls"), _("share")],
        "rows": rows,
        "left": "" if rows else _("no call of today says what it is about"),
        "true_at": true_at,
    }


def _topics(tile: Tile, view: View) -> list[tuple[str, int]]:
    asked = view.queues(tile)
    question = Question(
        [view.site],
        view.today,
        view.today,
        by="topic",
        kpis=["offered"],
        queues=None if asked is None else [one for one in view.rows() if one.pk in asked],
    )
    rows = report.answer(question, view.choices)
    found = [(row.name, row.counts.offered) for row in rows if row.id is not None]
    return sorted(found, key=lambda one: -one[1])


def praise(tile: Tile, view: View) -> Drawn:
    """The latest answers of today that are the best of their scale; whose they are only where the
    board may name people."""
    key = ("praise", view.site.pk, tuple(view.queues(tile) or ()), view.today)
    told, true_at = view.kept.for_a_while(
        key, view.fresh.counted_at, LIFE, view.now, lambda: _praised(tile, view)
    )
    rows = []
    for at, score, queue, agent in told:
        whose = agent if view.board.names and agent else queue
        time = f"{at.astimezone(view.site.tz):%H:%M}"
        rows.append([{"text": time}, {"text": score}, {"text": whose}])
    return {
        "title": tile.title or _("Best answers"),
        "columns": [],
        "rows": rows,
        "left": "" if rows else _("none yet today"),
        "true_at": true_at,
    }


def _praised(tile: Tile, view: View) -> list[tuple[datetime, str, str, str]]:
    """Answers about calls of today: when, "5/5", the queue and who was praised."""
    span = site_day(view.today, view.site.calendar)
    found = SurveyResponse.objects.filter(
        site=view.site,
        kind=SurveyResponse.Kind.CSAT,
        score=F("scale_max"),
        call__gte=id_floor(span.start),
        call__lt=id_floor(span.end),
    ).select_related("queue", "agent")
    asked = view.queues(tile)
    if asked is not None:
        found = found.filter(queue__in=asked)
    return [
        (
            one.answered_at,
            f"{one.score:g}/{one.scale_max}",
            one.queue.name if one.queue else "",
            one.agent.name if one.agent else "",
        )
        for one in found.order_by("-answered_at")[:MOST_PRAISED]
    ]


def thanks(tile: Tile, view: View) -> Drawn:
    """The latest thanks of the site, by whoever wants theirs shown; whose they are only where the
    board may name people."""
    told, true_at = view.kept.for_a_while(
        ("thanks", view.site.pk), None, LIFE, view.now, lambda: others.thanks(view.site, view.now)
    )
    rows = [
        [{"text": one.whose}, {"text": one.words}] if view.board.names else [{"text": one.words}]
        for one in told[:MOST_PRAISED]
    ]
    return {
        "title": tile.title or _("Thanks"),
        "columns": [],
        "rows": rows,
        "left": "" if rows else _("none lately"),
        "true_at": true_at,
    }
