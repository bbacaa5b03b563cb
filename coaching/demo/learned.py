"""What a demo's people learn: courses with who passed them, certificates, and a newcomer's way."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from ccm.access import AGENT
from ccm.intervals import day_of
from ccm.models import Agent, Site, User
from coaching.certificates import services as certificates
from coaching.courses import assigning, taking, writing
from coaching.demo.people import People, at, words
from coaching.library import services as library
from coaching.models import (
    CertificateKind,
    Course,
    CourseAssignment,
    CourseRule,
    CourseVersion,
    LibraryPage,
    Newcomer,
    OnboardingPath,
    OnboardingStage,
    Question,
)
from coaching.onboarding import services as onboarding
from coaching.onboarding.services import Signed
from qa.models import CardCriterion

_COURSES_MADE = 400
_SOON, _USUAL = 345, 190
"""So many days ago a few passed the yearly course, and all others did at the most."""
_FAILED_FIRST = 0.2
_NEW_DAYS = 100
_RULE_KEY = "manner"


def write(people: People, pages: Mapping[str, LibraryPage], now: datetime) -> None:
    """Courses, then who goes through them. Safe to run twice."""
    courses = {
        said["key"]: _course(said, people, pages, now) for said in words("learning")["courses"]
    }
    # Whoever is new passes the yearly course on their way.
    _newcomer(people, pages, courses, now)
    _yearly(courses["data"], people, now)
    _by_hand(courses["complaints"], people, now)
    # As each night: whose certificate ends soon has its course to take beside it.
    assigning.of_course(courses["data"], now)


@transaction.atomic
def _course(
    said: Mapping[str, Any], people: People, pages: Mapping[str, LibraryPage], now: datetime
) -> Course:
    who, site = people.trainer, people.site
    there = CourseVersion.objects.filter(course__site=site, title=said["title"], number=1).first()
    if there is not None:
        return there.course
    is_yearly = said["key"] == "data"
    then = at(site, now, _COURSES_MADE if is_yearly else 60, 14)
    gives = None
    names = ("title", "about", "pass_percent", "attempts", "pause_hours", "draws")
    course = writing.make(site, {name: said[name] for name in names}, who, then)
    for kind, title, text in said["lessons"]:
        is_page = kind == "page"
        lesson = {
            "kind": kind, "title": title, "url": "", "body": "" if is_page else text,
            "page": pages[text] if is_page else None,
        }  # fmt: skip
        writing.keep_lesson(course.pk, None, lesson, 0)
    for one in said["questions"]:
        told = {name: one[name] for name in ("kind", "words", "why", "answers")}
        writing.keep_question(course.pk, None, told | {"tolerance": Decimal(0)}, 0)
    if is_yearly:
        name, months, days = words("learning")["certificate"]
        told = {"name": name, "valid_months": months, "warn_days": days}
        gives = CertificateKind.objects.filter(site=site, name=name).first()
        gives = gives or certificates.keep_kind(None, site, told, who, then)
    # What it gives is kept by another reading of it.
    course = writing.set_up(course.pk, gives, who, then, is_open=not is_yearly)
    draft = course.versions.get()
    writing.publish(course.pk, "", draft.revision, who, then + timedelta(hours=2), is_anew=False)
    _rule(course, who, is_yearly, now)
    return course


def _rule(course: Course, who: User, is_yearly: bool, now: datetime) -> None:
    """The yearly course is for all agents of the site, and each night for those who come; the
    other for whoever's reviews lost all points on manner twice in two months."""
    made = CourseRule(course=course, due_days=21)
    criterion = CardCriterion.objects.filter(key=_RULE_KEY, card__site=None).first()
    if is_yearly:
        made.kind, made.role = CourseRule.Kind.ROLE, Group.objects.get(name=AGENT)
    elif criterion is not None:
        made.kind, made.criterion, made.times, made.days = "missed", criterion, 2, 60
    else:
        return
    assigning.add_rule(made, who, now)


def _yearly(course: Course, people: People, now: datetime) -> None:
    """Who works here passed the yearly course: some nearly a year ago, most later, and whoever
    came lately has to."""
    for led in people.of_site():
        for agent in led.agents:
            _passed(course, agent, people, now)


@transaction.atomic
def _passed(course: Course, agent: Agent, people: People, now: datetime) -> None:
    user, site = agent.user, people.site
    if user is None or CourseAssignment.objects.filter(course=course, user=user).exists():
        return
    draw = people.chance("yearly", agent.employee_id)
    ago = _SOON - int(40 * draw) if draw < 0.2 else int(20 + (_USUAL - 20) * draw)
    if agent.pk == people.own.pk:
        ago = _SOON
    then = at(site, now, ago, 13)
    hired = agent.hired_on
    if hired is not None and day_of(then, site.calendar) < hired + timedelta(days=14):
        return
    due = day_of(then, site.calendar) + timedelta(days=21)
    assigning.by_hand(course, [user], due, "", people.trainer, then - timedelta(days=5))
    _take(course, user, then, people, fails_first=draw % 0.1 < _FAILED_FIRST / 10)


def _by_hand(course: Course, people: People, now: datetime) -> None:
    """The own agent is to take it, has tried once and may again; some others have passed it, or
    have not begun."""
    if CourseAssignment.objects.filter(course=course).exists():
        return
    with transaction.atomic():
        for agent in people.teams[0].agents[:8]:
            user, site = agent.user, people.site
            assert user is not None
            then = at(site, now, 9, 9)
            due = day_of(now, site.calendar) + timedelta(days=5)
            why = "Two of your reviews lost points on tone: twenty minutes that help."
            is_own = agent.pk == people.own.pk
            if is_own:
                why = "You asked for it in our last talk."
            assigning.by_hand(course, [user], due, why, people.supervisor, then)
            when = then + timedelta(days=2, hours=4)
            draw = people.chance("complaints", agent.employee_id)
            if is_own:
                _take(course, user, when, people, fails_first=True, stops=True)
            elif draw < 0.55:
                _take(course, user, when, people, fails_first=draw < 0.15)


def _take(
    course: Course,
    user: User,
    then: datetime,
    people: People,
    *,
    fails_first: bool,
    stops: bool = False,
) -> None:
    """Somebody goes through a course and its quiz: at once, or at the second attempt, a day on."""
    assignment = CourseAssignment.objects.standing().get(course=course, user=user)
    version = course.versions.get(is_current=True)
    for lesson in version.lessons.order_by("place"):
        then += timedelta(minutes=6)
        taking.go_through(assignment, lesson, then)
    for fails in (True, False) if fails_first else (False,):
        attempt = taking.begin(assignment.pk, version, then)
        asked = taking.questions_of(attempt)
        said = {
            one.pk: _answer(one, is_right=not fails or place > 1) for place, one in enumerate(asked)
        }
        taking.finish(attempt.pk, said, then + timedelta(minutes=7))
        if stops:
            return
        then += timedelta(days=1)


def _answer(question: Question, *, is_right: bool) -> list[str]:
    """What is said to a question: what is right, or something else."""
    if question.kind not in (Question.Kind.SINGLE, Question.Kind.MULTIPLE):
        return [str(question.answers[0][0]) if is_right else "1"]
    return [str(at) for at, (_words, right) in enumerate(question.answers) if right == is_right]


# Onboarding.


def _newcomer(
    people: People,
    pages: Mapping[str, LibraryPage],
    courses: Mapping[str, Course],
    now: datetime,
) -> None:
    """Whoever was hired last at the site is on its path, as far as they are by then."""
    path = _path(people, pages, courses, now)
    if path.newcomers.exists():
        return
    site = people.site
    today = day_of(now, site.calendar)
    some = [
        (agent, led)
        for led in people.of_site()
        for agent in led.agents
        if agent.hired_on is not None and agent.hired_on > today - timedelta(days=_NEW_DAYS)
    ]
    if some:
        agent, led = max(some, key=lambda each: (each[0].hired_on or today, each[0].pk))
        mentor = next((one for one in led.agents if one.pk != agent.pk), None)
        with transaction.atomic():
            _goes(path, agent, mentor, led.lead, people, now)


@transaction.atomic
def _path(
    people: People,
    pages: Mapping[str, LibraryPage],
    courses: Mapping[str, Course],
    now: datetime,
) -> OnboardingPath:
    said, site, who = words("learning")["path"], people.site, people.trainer
    there = OnboardingPath.objects.filter(site=site, name=said["name"]).first()
    if there is not None:
        return there
    then = at(site, now, 120, 15)
    path = onboarding.make_path(site, said["name"], said["about"], who, then)
    for kind, title, told, of, amount, unit, signer, is_gate in said["stages"]:
        stage = {
            "kind": kind, "title": title, "words": told, "amount": amount, "unit": unit,
            "course": courses[of] if kind == "course" else None,
            "page": pages[of] if kind == "reading" else None,
            "signer": signer, "is_gate": is_gate,
        }  # fmt: skip
        onboarding.keep_stage(path.pk, None, stage, who, then)
    return path


# On which day after the first each stage is behind one.
_DAYS = (0, 1, 4, 9, 11, 16, 23, 92)


def _goes(
    path: OnboardingPath,
    agent: Agent,
    mentor: Agent | None,
    lead: User,
    people: People,
    now: datetime,
) -> None:
    """Somebody's way, stage by stage, until today or until something is not signed off."""
    site, user = path.site, agent.user
    first = agent.hired_on
    assert first is not None
    assert user is not None
    begun = _evening(site, first)
    newcomer = onboarding.start(path, agent, first, mentor, lead, begun)
    said = words("learning")["path"]["words"]
    stages = path.stages.select_related("course", "page").order_by("place", "pk")
    for place, (stage, after) in enumerate(zip(stages, _DAYS, strict=True)):
        then = _evening(site, first + timedelta(days=after))
        if then >= now:
            return
        if stage.course is not None:
            _take(stage.course, user, then - timedelta(hours=3), people, fails_first=False)
        if stage.page_id is not None:
            then = _reads(stage, user, then)
        who = people.trainer if stage.signer == OnboardingStage.Signer.TRAINER else lead
        with_whom = mentor.name if mentor is not None and stage.amount else ""
        told = said[place] if place < len(said) else ""
        try:
            signed = Signed(day_of(then, site.calendar), stage.amount, with_whom, told)
            _sign(newcomer, stage, signed, who, then)
        except ValidationError:
            return  # what is not theirs to sign by then stays open


def _sign(
    newcomer: Newcomer, stage: OnboardingStage, said: Signed, who: User, then: datetime
) -> None:
    with transaction.atomic():
        onboarding.sign(newcomer.pk, stage.pk, said, who, then)


def _reads(stage: OnboardingStage, user: User, then: datetime) -> datetime:
    """Have somebody read the page of a stage as it is by now; when they are done."""
    assert stage.page is not None
    version = stage.page.versions.get(is_current=True)
    assert version.published_at is not None
    receipt = library.confirm(version, user, max(then, version.published_at + timedelta(hours=2)))
    return max(then, receipt.read_at)


def _evening(site: Site, day: date) -> datetime:
    return datetime.combine(day, time(16, 30), site.tz)
