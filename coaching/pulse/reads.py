"""Reads surveys of people: who is asked, what they said, and never who said it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site, Team
from ccm.querysets import Viewer
from coaching.access import stays_on
from coaching.models import PulseAnswer, PulseQuestion, PulseSurvey, PulseTurn
from coaching.pulse import FEWEST, apart, summing
from coaching.pulse.apart import Answered, Group
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
        return frozenset(stays_on(today).filter(team=team).values_list("agent", flat=True))
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


def results(survey: PulseSurvey, told: Collection[int], *, with_words: bool) -> list[Result]:
    """What was answered to a survey that is `told`, and to those of them before it that asked the
    same. Four queries."""
    questions = list(survey.questions.all())
    before = list(
        PulseQuestion.objects.filter(
            survey__in=told, survey__site=survey.site_id, survey__team=survey.team_id,
            survey__kind=survey.kind, survey__closes_on__lt=survey.opens_on,
        )
        .exclude(scale=Scale.WORDS)
        .select_related("survey")
        .order_by("survey__closes_on", "survey")
    )  # fmt: skip
    scores = _scores([*questions, *before])
    words = _words(questions) if with_words else {}
    return [
        Result(one, words=words.get(one.pk, ()))
        if one.scale == Scale.WORDS
        else _of_scale(one, [each for each in before if _alike(each, one)], scores)
        for one in questions
    ]


def told(site: Site, kind: str, now: datetime) -> frozenset[int]:
    """Which surveys of a site are told by now: that are over, of which enough have answered, and
    that tell of no few beside others (`apart.told`). Two queries."""
    rows = PulseAnswer.objects.filter(
        question__survey__site=site,
        question__survey__kind=kind,
        question__survey__closes_on__lt=day_of(now, site.calendar),
        score__isnull=False,
    )
    survey = "question__survey"
    days = (f"{survey}__opens_on", f"{survey}__closes_on")
    found: dict[int, tuple[int | None, date, date, int]] = {}
    counted = rows.order_by().values_list("question", survey, f"{survey}__team", *days)
    for _question, pk, team, opens_on, closes_on, n in counted.annotate(n=Count("pk")):
        # All questions on a scale are answered by whoever answers.
        most = max(n, found[pk][-1]) if pk in found else n
        found[pk] = (team, opens_on, closes_on, most)
    if kind == Kind.EXIT:
        return frozenset(pk for pk, (*_said, n) in found.items() if n >= FEWEST)
    stays = _stays(site) if found else []
    return apart.told(
        (
            Answered(pk, team, _asked(stays, team, closes_on), opens_on, closes_on, n)
            for pk, (team, opens_on, closes_on, n) in found.items()
        ),
        FEWEST,
        BESIDE,
    )


_Stay = tuple[int, date | None, int | None, date | None, date | None]


def _stays(site: Site) -> list[_Stay]:
    """Each agent of a site with the first day on which they were gone, and each of their teams, of
    [from, to). One query."""
    stay = "memberships"
    rows = Agent.objects.filter(site=site).order_by()
    return list(
        rows.values_list("pk", "left_on", f"{stay}__team", f"{stay}__starts_on", f"{stay}__ends_on")
    )


def _asked(stays: Sequence[_Stay], team: int | None, day: date) -> Group:
    """Whom a pulse of a team, or of all of the site, asked on a day."""
    if team is None:
        return frozenset(pk for pk, left, *_of in stays if left is None or left > day)
    return frozenset(
        pk
        for pk, _left, of, starts_on, ends_on in stays
        if of == team
        and starts_on is not None
        and starts_on <= day
        and (ends_on is None or ends_on > day)
    )


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
