"""Insight: what the reviews of a site and a period tell, and the reviews behind what was lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exported, exports, tables
from ccm import filters as asked_for
from ccm.database import MOST_ID
from ccm.filters import Filters, address
from ccm.models import Site
from ccm.navigation import may_open
from ccm.templatetags.figures import percent
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from qa.access import keeps_at, sites_told
from qa.calibration import agreeing
from qa.findings import reads as findings
from qa.insight import drawn, files, lost, reads, short, told, words
from qa.insight.told import Asked, Insight, Line
from qa.insight.weighted import FEWEST_A_SIDE, FEWEST_AGENTS
from qa.models import CardCriterion
from qa.reviews.told import REVIEWERS
from qa.sampling import FEWEST_REVIEWS

DEFAULT = "90d"


@login_required
@require_safe
def insight_page(request: HttpRequest) -> HttpResponse:
    """Scores, lost points, criteria and reviewers of a site and a period."""
    now = timezone.now()
    filters = _filters(request, now)
    if filters is None:
        return render(request, "qa/insight.html", {"site": None})
    asked = _asked(request)
    made = _told(request, filters, asked)
    said = _("What was chosen has no reviews in these days: all is shown.")
    kept = filters.parameters(card=made.asked.card, team=made.asked.team,
                              reviewer=made.asked.reviewer)  # fmt: skip
    context = {
        "site": filters.site,
        "shown": filters,
        "filters": filters.bar(error=said if made.is_let_go else ""),
        "made": made,
        "short": [
            (one, _session_url(request, filters.site, one))
            for one in short.sentences(made, lambda one: _lost_url(one.id, kept))
        ],
        "groups": _groups(made),
        "score": _score(made.whole),
        "lacking": _lacking(made),
        "chart": drawn.trend(made.trend, made.months),
        "criteria": [_Criterion(one, kept) for one in made.criteria],
        "related": [one for one in made.criteria if one.csat or one.fcr],
        "reviewers": _reviewers(made),
        "csv": {of: address(reverse("quality_insight_csv"), kept | {"of": of}) for of in files.OF},
        "fewest": FEWEST_REVIEWS,
        "fewest_agents": FEWEST_AGENTS,
        "fewest_a_side": FEWEST_A_SIDE,
        "most_drawn": told.MOST_TEAMS_DRAWN,
    }
    return render(request, "qa/insight.html", context)


@login_required
@require_safe
def insight_csv(request: HttpRequest) -> StreamingHttpResponse:
    """One of the page's tables as a file."""
    now = timezone.now()
    filters = _filters(request, now)
    of = request.GET.get("of", "scores")
    if filters is None or of not in files.OF:
        raise Http404
    if filters.problem:
        raise Misread(filters.problem)
    made = _told(request, filters, _asked(request))
    if request.method == "GET" and of == "reviewers":
        exported.listed(signed_in(request), REVIEWERS, filters.site, True, now)
    name = f"insight-{of}-{filters.site.slug}-{filters.first}-{filters.last}.csv"
    return exports.download(name, *files.OF[of](made))


@login_required
@require_safe
def lost_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The reviews in which points were lost on a criterion, the most first."""
    if pk > MOST_ID:
        raise Http404
    now = timezone.now()
    filters = _filters(request, now)
    if filters is None:
        raise Http404
    asked = _asked(request)
    rows = lost.answers(signed_in(request), filters, asked, pk)
    counted = reads.of_reader(request.user, filters.site).filter(answers__criterion=OuterRef("pk"))
    known = CardCriterion.objects.filter(Exists(counted)).select_related("card")
    criterion = get_object_or_404(known, pk=pk)
    table = lost.LostTable(rows, zone=filters.site.zone)
    tables.arrange(table, request.GET)
    kept = filters.parameters(card=asked.card, team=asked.team, reviewer=asked.reviewer)
    context = {
        "site": filters.site,
        "shown": filters,
        "criterion": criterion,
        "table": table,
        "finding_url": _finding_url(request, filters, criterion),
        "back": address(reverse("quality_insight"), kept),
    }
    return render(request, "qa/insight_lost.html", context)


def _finding_url(request: HttpRequest, filters: Filters, criterion: CardCriterion) -> str:
    """Where a finding of a criterion is made; "": none is made of one that is asked no more."""
    if not findings.criteria(request.user, filters.site).filter(pk=criterion.pk).exists():
        return ""
    return address(
        reverse("finding_new"), {"site": filters.site.slug, "criterion": str(criterion.pk)}
    )


def _session_url(request: HttpRequest, site: Site, one: short.Sentence) -> str:
    """Where a calibration session on what a sentence says is made; "": none answers it, or the
    reader makes none."""
    if one.session is None or not keeps_at(request.user, site.pk):
        return ""
    name, card = one.session
    return address(
        reverse("calibration_new"),
        {"site": site.slug, "name": name, "card": "" if card is None else str(card)},
    )


def _filters(request: HttpRequest, now: datetime) -> Filters | None:
    if not may_open("quality_insight", request.user):
        raise Http404
    found = asked_for.read(request, now, DEFAULT, sites_told(request.user))
    if found is not None:
        asked_for.about(request, found.site)
    return found


def _told(request: HttpRequest, filters: Filters, asked: Asked) -> Insight:
    return told.of(
        request.user,
        filters.site,
        filters.first,
        filters.last,
        queue=None if filters.queue is None else filters.queue.pk,
        asked=asked,
    )


def _asked(request: HttpRequest) -> Asked:
    """What the address narrows it to; a number that is none names nothing."""
    return Asked(*(_number(request.GET.get(name, "")) for name in ("card", "team", "reviewer")))


def _number(word: str) -> int | None:
    if not word:
        return None
    if word.isascii() and word.isdecimal() and len(word) < 20 and int(word) <= MOST_ID:
        return int(word)
    return 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line, with where on a rail of 100 its interval and its value stand; None: it has none."""

    line: Line
    name: str
    rail: tuple[float, float, float] | None

    @property
    def score(self) -> str:
        return words.score(self.line.score)

    @property
    def interval(self) -> str:
        return words.interval(self.line.score)

    @property
    def failing(self) -> str:
        return words.failing(self.line.failing)

    @property
    def failing_interval(self) -> str:
        return words.interval(self.line.failing)


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines of a kind on one rail, from `low` to `high`."""

    id: str
    title: str
    heading: str
    lines: Sequence[_Placed]
    low: float
    high: float


def _groups(made: Insight) -> list[_Group]:
    tenure = [(one, str(words.TENURE[str(one.id)])) for one in made.tenure]
    kinds: list[tuple[str, str, str, list[tuple[Line, str]]]] = [
        ("team", _("By team"), _("Team"), [(one, one.name) for one in made.teams]),
        ("queue", _("By queue"), _("Queue"), [(one, one.name) for one in made.queues]),
        ("tenure", _("By tenure"), _("Employed"), tenure),
    ]
    every = [one for *_words, lines in kinds for one, _name in lines]
    ends: list[tuple[float, float]] = [
        one.score.interval or (one.score.value, one.score.value)
        for one in every
        if one.score.value is not None
    ]
    low, high = drawn.places(ends)

    def at(value: float) -> float:
        return round(100 * (value - low) / (high - low), 1)

    def placed(one: Line, name: str) -> _Placed:
        score = one.score
        if score.value is None:
            return _Placed(one, name, None)
        begin, end = score.interval or (score.value, score.value)
        return _Placed(one, name, (at(begin), round(at(end) - at(begin), 1), at(score.value)))

    return [
        _Group(of, title, heading, [placed(one, name) for one, name in lines], low, high)
        for of, title, heading, lines in kinds
    ]


def _lost_url(criterion: int, kept: dict[str, str]) -> str:
    return address(reverse("quality_insight_lost", args=[criterion]), kept)


class _Criterion:
    """A criterion with the address of the reviews that lost points on it."""

    def __init__(self, one: Any, kept: dict[str, str]) -> None:
        self.one = one
        self.url = _lost_url(one.id, kept)
        self.lost = words.points(100 * one.loss.lost)
        self.share = round(100 * one.loss.share, 1)
        self.verdict = agreeing.tags(one.verdict, one.lost)
        self.alpha = agreeing.estimate_words(one.agreement.alpha)
        self.ac = agreeing.estimate_words(one.agreement.ac)
        self.csat = words.relation(one.csat)
        self.fcr = words.relation(one.fcr)
        self.score = words.score(one.share)
        self.interval = words.interval(one.share)


def _score(whole: Line) -> str:
    """The score of all, with its interval or why it has none; empty: there is no score."""
    if whole.score.value is None:
        return ""
    return f"{words.score(whole.score)} ({words.interval(whole.score)})"


def _lacking(made: Insight) -> dict[str, str]:
    """What scores lack, as the table of what is lost adds it up; empty: nothing of the kind."""
    found = made.lacking
    parts = {"listed": found.listed, "elsewhere": found.elsewhere, "gave_back": found.gave_back}
    said = {name: words.points(100 * one) for name, one in parts.items()}
    none = words.points(0)
    said = {name: "" if one == none and name != "listed" else one for name, one in said.items()}
    return said | {"lack": words.points(100 * found.lack), "mean": percent(1 - found.lack)}


def _reviewers(made: Insight) -> list[dict[str, Any]]:
    if made.judged is None:
        return []
    return [
        {
            "one": one,
            "name": made.people.get(one.id, ""),
            "severity": words.severity(one.severity),
            "trend": words.trend(one.trend),
        }
        for one in made.judged.people
    ]


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/insight/", insight_page, name="quality_insight"),
        path(f"{under}/insight/export.csv", insight_csv, name="quality_insight_csv"),
        path(f"{under}/insight/criterion/<int:pk>/", lost_page, name="quality_insight_lost"),
    ]
