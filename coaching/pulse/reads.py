"""Reads surveys of people: who is asked, what they said, and never who said it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from ccm.access import scope_of
from ccm.models import Agent, Site, Team, TeamMembership
from ccm.querysets import Viewer
from coaching.models import PulseAnswer, PulseQuestion, PulseSurvey, PulseTurn
from coaching.pulse import FEWEST, summing
from coaching.pulse.apart import Group
from coaching.pulse.marks import mark
from coaching.pulse.summing import Mean, Scores
from kpis.noise import Change

Kind, Scale = PulseSurvey.Kind, PulseQuestion.Scale
MOST_PAST = 8
"""So many surveys of the same question are told of."""
BESIDE = timedelta(days=90)
"""What is asked within so many days of each other is asked beside each other."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was answered to a question. `mean` is of a scale; None where fewer than five answered.
    `past` are the means of the surveys before that asked the same, the oldest first, and `change`
    is from the last of them. `words` are in the order of nothing."""

    question: PulseQuestion
    mean: Mean | None = None
    past: Sequence[tuple[date, Mean]] = ()
    change: Change | None = None
    words: Sequence[str] = ()


def sites_asked(user: Viewer) -> QuerySet[Site]:
    """Sites at which the user may ask: managed, or where they lead a team."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    return rows if scope.everything else rows.filter(pk__in=scope.managed_sites | scope.team_sites)


def may_ask_all(user: Viewer, site: int) -> bool:
    """Whether the user asks a whole site, and those who leave it."""
    scope = scope_of(user)
    return scope.everything or site in scope.managed_sites


def teams_asked(user: Viewer, site: Site) -> QuerySet[Team]:
    """Teams of a site whom the user may ask."""
    rows = Team.objects.filter(site=site).order_by("name")
    return rows if may_ask_all(user, site.pk) else rows.filter(pk__in=scope_of(user).teams)


def seen(user: Viewer, now: datetime) -> QuerySet[PulseSurvey]:
    """Those that the user sees, the newest first."""
    rows: QuerySet[PulseSurvey] = PulseSurvey.objects.visible_to(user, now)
    return rows.select_related("site", "team").order_by("-closes_on", "-pk")


def to_answer(user: Viewer, now: datetime) -> list[PulseSurvey]:
    """Those that ask the user, are open and were not answered by them. Four queries."""
    if user.pk is None:
        return []
    rows = PulseSurvey.objects.asking(user, now).select_related("site", "team")
    there = rows.filter(
        opens_on__lte=now.date() + timedelta(days=1), closes_on__gte=now.date() - timedelta(days=1)
    )
    still = [one for one in there.order_by("closes_on", "pk") if one.is_open(now)]
    if not still:
        return []
    mine = {one.pk: mark(one.pk, user.pk) for one in still}
    done = PulseTurn.objects.filter(mark__in=mine.values()).values_list("mark", flat=True)
    return [one for one in still if mine[one.pk] not in set(done)]


def has_answered(survey: int, user: int) -> bool:
    return PulseTurn.objects.filter(survey=survey, mark=mark(survey, user)).exists()


def group(site: Site, team: Team | None, today: date) -> Group:
    """Whom a pulse of a site or a team asks by today. One query."""
    if team is not None:
        stays = TeamMembership.objects.filter(team=team, starts_on__lte=today)
        stays = stays.filter(Q(ends_on=None) | Q(ends_on__gt=today))
        return frozenset(stays.values_list("agent", flat=True))
    rows = Agent.objects.filter(site=site).filter(Q(left_on=None) | Q(left_on__gt=today))
    return frozenset(rows.values_list("pk", flat=True))


def groups_beside(site: Site, opens_on: date, closes_on: date, today: date) -> list[Group]:
    """Whom the other pulses of a site ask that are asked beside one of these days."""
    rows = PulseSurvey.objects.filter(
        site=site, kind=Kind.PULSE, closes_on__gte=opens_on - BESIDE,
        opens_on__lte=closes_on + BESIDE,
    ).select_related("team")  # fmt: skip
    teams = {one.team_id: one.team for one in rows}
    return [group(site, team, today) for team in teams.values()]


def results(survey: PulseSurvey, *, with_words: bool) -> list[Result]:
    """What was answered to a survey that is over. Nothing of it where fewer than five answered.
    Four queries."""
    questions = list(survey.questions.all())
    others = PulseSurvey.objects.filter(
        site=survey.site_id, team=survey.team_id, kind=survey.kind, closes_on__lt=survey.opens_on
    )
    before = list(
        PulseQuestion.objects.filter(survey__in=others)
        .exclude(scale=Scale.WORDS)
        .select_related("survey")
        .order_by("survey__closes_on", "survey")
    )
    scores = _scores([*questions, *before])
    answered = max((summing.number(scores[one.pk]) for one in questions), default=0)
    words = _words(questions) if with_words and answered >= FEWEST else {}
    return [
        Result(one, words=words.get(one.pk, ()))
        if one.scale == Scale.WORDS
        else _of_scale(one, [each for each in before if _alike(each, one)], scores)
        for one in questions
    ]


def is_told(survey: PulseSurvey) -> bool:
    """Whether enough have answered one that is over."""
    scales = PulseAnswer.objects.filter(question__survey=survey, score__isnull=False)
    counted = scales.order_by().values("question").annotate(n=Count("pk"))
    return any(one["n"] >= FEWEST for one in counted)


def _of_scale(
    question: PulseQuestion, before: Sequence[PulseQuestion], scores: Mapping[int, Scores]
) -> Result:
    known = [
        (one, told)
        for one in before
        if (told := summing.mean(scores[one.pk], one.ends, FEWEST)) is not None
    ][-MOST_PAST:]
    change = None
    if known:
        change = summing.changed(scores[question.pk], scores[known[-1][0].pk], FEWEST)
    return Result(
        question,
        summing.mean(scores[question.pk], question.ends, FEWEST),
        [(one.survey.closes_on, told) for one, told in known],
        change,
    )


def _alike(one: PulseQuestion, other: PulseQuestion) -> bool:
    """Whether they ask the same, in the same scale."""
    return one.scale == other.scale and one.text.casefold() == other.text.casefold()


def _scores(questions: Sequence[PulseQuestion]) -> Mapping[int, Scores]:
    rows = PulseAnswer.objects.filter(question__in=questions, score__isnull=False)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for question, score, many in (
        rows.order_by().values_list("question", "score").annotate(n=Count("pk"))
    ):
        found[question][score] = many
    return found


def _words(questions: Sequence[PulseQuestion]) -> Mapping[int, list[str]]:
    rows = PulseAnswer.objects.filter(question__in=questions).exclude(words="").order_by("pk")
    found: dict[int, list[str]] = defaultdict(list)
    for question, words in rows.values_list("question", "words"):
        found[question].append(words)
    return found
