"""What people of a demo say to each other and are asked: thanks, badges, a leaderboard and
challenges, huddles, surveys of how they are, and suggestions."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ccm.intervals import DAY, day_of, site_day
from ccm.models import Agent, SurveyResponse, User
from coaching.badges import giving
from coaching.badges import services as badges
from coaching.challenges import reads as challenge_reads
from coaching.challenges import services as challenges
from coaching.demo.people import Led, People, at, words
from coaching.following.services import Step
from coaching.huddles import services as huddles
from coaching.leaderboards import services as leaderboards
from coaching.models import (
    Badge,
    BadgeRule,
    Challenge,
    Huddle,
    Kudos,
    Leaderboard,
    LeaderboardChoice,
    PulseSurvey,
    Suggestion,
)
from coaching.pulse import services as pulse
from coaching.pulse.marks import mark
from coaching.recognition import services as recognition
from coaching.suggestions import services as suggestions
from qa.models import Answer

_KUDOS_DAYS = 45
_HUDDLE_DAYS = 4
_ANSWERS, _SO_FAR = 0.75, 0.5
"""Of those whom a survey asks so many answer, and of one that is open so many have."""


def write(people: People, now: datetime) -> None:
    """All of it. Safe to run twice."""
    _thanks(people, now)
    _badges(people, now)
    _ranks(people, now)
    _challenges(people, now)
    _huddles(people, now)
    _pulses(people, now)
    _suggestions(people, now)


# Recognition.


@transaction.atomic
def _thanks(people: People, now: datetime) -> None:
    """Thanks of colleagues and leads, some of a call with its answer, some for a criterion."""
    site = people.site
    if Kudos.objects.filter(site=site).exists():
        return
    said = words("belonging")
    agents = [one for led in people.of_site() for one in led.agents]
    for number, text in enumerate(said["kudos"]):
        giver = people.one_of(agents, "giver", number)
        agent = people.own if number in (1, 6) else people.one_of(agents, "thanked", number)
        if agent.pk == giver.pk or giver.user is None:
            continue
        ago = 1 + int(_KUDOS_DAYS * people.chance("thanked at", number))
        then = at(site, now, ago, 11, 20)
        made = recognition.give(Kudos(agent=agent, words=text), giver.user, then)
        if people.chance("walls", number) < 0.6 or number == 1:
            recognition.show_on_walls(made.pk, True, _user(agent), then + timedelta(hours=2))
    for led in people.of_site()[:4]:
        _of_calls(led, people, now)


def _of_calls(led: Led, people: People, now: datetime) -> None:
    """Who leads a team thanks for a call that its caller gave full marks, and for a review in which
    nothing was missing on manner."""
    said = words("belonging")
    loved = (
        SurveyResponse.objects.filter(
            agent__in=led.agents, kind="csat", score=5, call__talk_ms__gte=120_000,
            answered_at__lt=now - DAY, answered_at__gte=now - 30 * DAY,
        )
        .exclude(agent__user=led.lead)
        .select_related("agent__site", "call")
    )  # fmt: skip
    for one in loved.order_by("-answered_at", "pk")[:40:40]:
        text = people.one_of(said["of_survey"], "full marks", led.team.name)
        kudos = Kudos(agent=one.agent, words=text, call=one.call, survey=one)
        recognition.give(kudos, led.lead, one.answered_at + timedelta(hours=3))
    best = Answer.objects.filter(
        evaluation__state="released", evaluation__agent__in=led.agents, criterion__key="manner",
        share=1, evaluation__released_at__lt=now - DAY,
    ).select_related("evaluation__agent__site", "evaluation__call", "criterion")  # fmt: skip
    for answer in best.order_by("-evaluation__released_at", "pk")[:1]:
        review = answer.evaluation
        if review.call is None or review.agent.user_id == led.lead.pk:
            continue
        text = people.one_of(said["of_criterion"], "manner", led.team.name)
        kudos = Kudos(
            agent=review.agent, words=text, call=review.call,
            criterion=answer.criterion,
        )  # fmt: skip
        assert review.released_at is not None
        recognition.give(kudos, led.lead, review.released_at + timedelta(hours=5))


@transaction.atomic
def _badges(people: People, now: datetime) -> None:
    site = people.site
    if BadgeRule.objects.filter(site=site).exists():
        return
    since = at(site, now, 60, 9)
    for name, kind, number, percent, fewest in words("belonging")["badges"]:
        asked = badges.Asked(site, name, kind, number, percent, fewest)
        badges.make(asked, people.manager, since)
    for ago in (60, 30, 1):
        giving.give(site, at(site, now, ago, 3))
    for one in Badge.objects.filter(rule__site=site).select_related("agent__user"):
        if one.agent.user is not None and people.chance("shows", one.rule_id, one.agent_id) < 0.4:
            badges.show(one.pk, one.agent.user, is_shown=True)


# Ranks.


@transaction.atomic
def _ranks(people: People, now: datetime) -> None:
    """The first team has a leaderboard: a third stand there by name, and one does not want to."""
    led = people.teams[0]
    if Leaderboard.objects.filter(team=led.team).exists():
        return
    then = at(led.team.site, now, 40, 15)
    leaderboards.keep(led.team, {"kpi": "csat", "weeks": 8, "fewest": 30}, 0, led.lead, then)
    for number, agent in enumerate(led.agents):
        if LeaderboardChoice.objects.filter(agent=agent).exists():
            continue
        if number % 3 == 0:
            leaderboards.choose(agent, is_off=False, shows_name=True)
        elif number == 4:
            leaderboards.choose(agent, is_off=True, shows_name=False)


@transaction.atomic
def _challenges(people: People, now: datetime) -> None:
    """One is over and decided by its rule, one is under way."""
    led, site = people.teams[0], people.site
    if Challenge.objects.filter(team=led.team).exists():
        return
    for (name, kpi, fewest, reward), (begun, days) in zip(
        words("belonging")["challenges"], ((48, 28), (12, 30)), strict=True
    ):
        then = at(site, now, begun, 9)
        first = day_of(then, site.calendar) + DAY
        rule = challenges.Rule(led.team, name, kpi, first, first + days * DAY, fewest, reward)
        made = challenges.register(rule, led.lead, then)
        # As the night after it had settled, which is no working day perhaps.
        settled = made.last_on + challenge_reads.SETTLES + DAY
        decided = challenges.decide(made.pk, min(now, site_day(settled, site.calendar).start))
        if decided.winner_id is not None:
            challenges.give(decided.pk, led.lead, now)


# Huddles.


def _huddles(people: People, now: datetime) -> None:
    """The first team's of the last working days, and today's, that is prepared."""
    for ago in range(_HUDDLE_DAYS + 2, -1, -1):
        day = day_of(now, people.site.calendar) - ago * DAY
        if day.weekday() < 5:
            _huddle(people.teams[0], ago, people, now)


@transaction.atomic
def _huddle(led: Led, ago: int, people: People, now: datetime) -> None:
    said, site = words("belonging"), led.team.site
    then = at(site, now, ago, 8, 40)
    day = day_of(then, site.calendar)
    if Huddle.objects.filter(team=led.team, day=day).exists():
        return
    then = min(then, now)
    made = huddles.prepare(led.team, day, led.lead, then)
    if people.chance("point", ago) < 0.6:
        title, text = people.one_of(said["huddle_points"], "points", ago)
        huddles.add(made, title, text, led.lead, then)
    if ago == 0:
        return
    notes = people.one_of(said["huddle_notes"], "notes", ago)
    huddles.hold(made, notes, made.revision, led.lead, then + timedelta(minutes=25))
    if ago in (1, 3):
        text = said["huddle_steps"][ago == 3]
        agent = led.agents[ago % len(led.agents)]
        huddles.agree(
            made, Step(agent, text, day + 7 * DAY), led.lead, then + timedelta(minutes=20)
        )


# How people are.


def _pulses(people: People, now: datetime) -> None:
    """One of the whole site is over, and its next is open."""
    _pulse(people, 47, 40, now)
    _pulse(people, 3, -7, now)


@transaction.atomic
def _pulse(people: People, opens: int, closes: int, now: datetime) -> None:
    """A survey from so many days ago until so many, with what was answered. The agent who can sign
    in has not answered one that is open."""
    site, said = people.site, words("belonging")["pulse"]
    today = day_of(now, site.calendar)
    first, last = today - opens * DAY, today - closes * DAY
    mine = PulseSurvey.objects.filter(site=site, title=said["title"], made_by=people.manager)
    if mine.filter(closes_on__gte=first).exists():
        return
    asked = pulse.Asked(site, None, PulseSurvey.Kind.PULSE, said["title"], first, last,
                        [(text, scale) for text, scale in said["questions"]])  # fmt: skip
    then = datetime.combine(first, time(9), site.tz)
    try:
        made = pulse.make(asked, people.manager, then)
    except ValidationError:
        # Somebody asks the same people at that time already: theirs stands.
        return
    is_open = closes < 0
    for agent in (one for led in people.of_site() for one in led.agents):
        draw = people.chance("pulse", opens, agent.employee_id)
        often = _SO_FAR if is_open else _ANSWERS
        is_asked = agent.hired_on is None or agent.hired_on <= first
        if not is_asked or draw > often or (is_open and agent.pk == people.own.pk):
            continue
        days = min(opens - max(closes, 0), opens)
        when = then + DAY * int(days * people.chance("pulse at", opens, agent.employee_id))
        told = _told(made, said, people, agent)
        pulse.answer(made.pk, mark(made.pk, _user(agent).pk), told, min(when, now))


def _told(
    survey: PulseSurvey, said: Mapping[str, Any], people: People, agent: Agent
) -> dict[int, int | str]:
    """What somebody answers: how they are altogether, and a little of each question's own."""
    found: dict[int, int | str] = {}
    mood = people.chance("mood of", agent.employee_id)
    for question in survey.questions.all():
        own = people.chance("own", survey.pk, question.place, agent.employee_id)
        if question.scale == "words":
            if own < 0.3:
                found[question.place] = people.one_of(said["words"], survey.pk, agent.employee_id)
            continue
        low, high = question.ends
        felt = 0.25 + 0.5 * mood + 0.45 * (own - 0.3)
        found[question.place] = low + round(min(1.0, max(0.0, felt)) * (high - low))
    return found


@transaction.atomic
def _suggestions(people: People, now: datetime) -> None:
    """Those that are not there yet, beside what somebody else has put into the box."""
    site = people.site
    known = {*Suggestion.objects.filter(site=site).values_list("title", flat=True)}
    agents = [one for led in people.of_site() for one in led.agents]
    for number, one in enumerate(words("belonging")["suggestions"]):
        if one["title"] in known:
            continue
        then = at(site, now, one["ago"], 12, 10)
        by = None
        if one["named"]:
            by = _user(people.own if number == 0 else people.one_of(agents, "suggests", number))
        made = suggestions.suggest(site, one["title"], one["words"], by, then)
        if one["state"] == Suggestion.State.NEW:
            continue
        told = {"state": one["state"], "answer": one["answer"], "is_published": bool(one["answer"])}
        when = min(then + 5 * DAY, now)
        suggestions.answer(made.pk, told, made.revision, people.manager, when)


def _user(agent: Agent) -> User:
    user: User | None = agent.user
    assert user is not None
    return user
