"""Reads courses: their list, who is where in one, how its questions are answered, and what one
person is to take."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Trim

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Site, Team, TeamMembership, User
from ccm.querysets import Viewer
from coaching.access import course_sites
from coaching.courses import people, scoring, taking
from coaching.courses.taking import Next
from coaching.library.reading import of_today
from coaching.models import (
    Attempt,
    AttemptAnswer,
    Certificate,
    Course,
    CourseAssignment,
    CourseVersion,
    Lesson,
    LibraryVersion,
    Question,
)

STATES = ("open", "overdue", "done", "dropped", "all")
MOST_PAST = 20


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites whose courses the user reads."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    if scope.everything:
        return rows
    return rows.filter(pk__in=course_sites(scope) | scope.team_sites)


def sites_written(user: Viewer) -> QuerySet[Site]:
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    return rows if scope.everything else rows.filter(pk__in=course_sites(scope))


def writes(user: Viewer, course: Course) -> bool:
    scope = scope_of(user)
    return scope.everything or course.site_id in course_sites(scope)


def late(sites: Sequence[Site], now: datetime, field: str = "course__site") -> Q:
    """Assignments whose day is over at their site."""
    found = Q(pk__in=[])
    for site in sites:
        found |= Q(**{field: site}, due_on__lt=day_of(now, site.calendar))
    return found & Q(state="open")


def listed(
    user: Viewer, sites: Sequence[Site], now: datetime, *, withdrawn: bool
) -> QuerySet[Course]:
    """Courses of some sites, each with `title` and `number` of the version in use, or else of its
    draft, whether it is a `draft`, and how many of whom the user is told are to take it (`many`),
    are late (`many_late`) and have passed it (`many_passed`)."""
    rows = Course.objects.visible_to(user).filter(
        site__in=[one.pk for one in sites], retired_at__isnull=not withdrawn
    )
    rows = rows.annotate(
        told=FilteredRelation("versions", condition=Q(versions__is_current=True)),
        drafted=FilteredRelation("versions", condition=Q(versions__published_at=None)),
    )
    found = CourseAssignment.objects.filter(course=OuterRef("pk"))
    if not scope_of(user).everything:
        led = people.led_by(user).values("user")
        written = Q(course__site__in=course_sites(scope_of(user)))
        found = found.filter(written | Q(user__in=led))
    return rows.annotate(
        title=Coalesce("told__title", "drafted__title"),
        number=Coalesce("told__number", "drafted__number"),
        published=F("told__published_at"),
        draft=F("drafted__pk"),
        many=_many(found.standing()),
        many_late=_many(found.filter(late(sites, now))),
        many_passed=_many(found.filter(state="done"), "user"),
    ).select_related("site", "gives")


def _many(rows: QuerySet[Any], what: str = "pk") -> Coalesce:
    counted = rows.order_by().values("course").annotate(n=Count(what, distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def current(course: Course) -> CourseVersion | None:
    found: CourseVersion | None = course.versions.filter(is_current=True).first()
    return found


def draft(course: Course) -> CourseVersion | None:
    found: CourseVersion | None = course.versions.filter(published_at=None).first()
    return found


def learners(
    user: Viewer, course: Course, now: datetime, *, state: str
) -> QuerySet[CourseAssignment]:
    """The assignments of a course of whom the user is told: each with `team_names` (of today),
    `tries` (attempts finished), `gone` (lessons gone through), `last_right` and `last_asked` (of
    the last attempt that is finished) and `stand` ("late", or its state)."""
    told = User.objects.filter(people.told_to(user, course.site)).values("pk")
    rows: QuerySet[CourseAssignment] = course.assignments.filter(user__in=told)
    is_late = late([course.site], now)
    if state == "overdue":
        rows = rows.filter(is_late)
    elif state != "all":
        rows = rows.filter(state=state)
    ended = Attempt.objects.filter(assignment=OuterRef("pk"), finished_at__isnull=False)
    last = ended.order_by("-number")
    stays = TeamMembership.objects.filter(of_today(now), agent__user=OuterRef("user"))
    names = stays.order_by().values("agent__user").annotate(all=StringAgg("team__name", ", "))
    tries = ended.order_by().values("assignment").annotate(n=Count("pk")).values("n")
    return rows.select_related("user").annotate(
        team_names=Coalesce(Subquery(names.values("all")), Value(""), output_field=TextField()),
        tries=Coalesce(Subquery(tries), 0, output_field=IntegerField()),
        gone=Count("lessons_done"),
        last_right=Subquery(last.values("right")[:1]),
        last_asked=Subquery(last.values("asked")[:1]),
        stand=Case(When(is_late, then=Value("late")), default=F("state"), output_field=CharField()),
    )


def stands(user: Viewer, course: Course, now: datetime) -> Mapping[str, int]:
    """How many are to take it, are late, and have passed it, of whom the user is told."""
    told = User.objects.filter(people.told_to(user, course.site)).values("pk")
    found: Mapping[str, int] = course.assignments.filter(user__in=told).aggregate(
        open=Count("pk", filter=Q(state="open")),
        overdue=Count("pk", filter=late([course.site], now)),
        done=Count("pk", filter=Q(state="done")),
    )
    return found


def assignable(user: Viewer, site: Site, now: datetime) -> QuerySet[User]:
    """Whom the user may have take courses of a site: all of it, or agents of teams led; in the
    order of their names as they are shown, however these are kept."""
    rows = people.of_site(site, now).filter(people.told_to(user, site))
    called = Trim(Concat("first_name", Value(" "), "last_name"))
    shown = Coalesce(NullIf(called, Value("")), F("username"))
    return rows.order_by(Lower(shown), "username")


def teams(user: Viewer, site: Site) -> QuerySet[Team]:
    """The teams that they may have take one as a whole."""
    scope = scope_of(user)
    rows: QuerySet[Team] = Team.objects.filter(site=site).order_by("name")
    if scope.everything or site.pk in course_sites(scope):
        return rows
    return rows.filter(pk__in=scope.teams)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of a bank, and how people answered it in their first attempts."""

    question: Question
    rate: scoring.Rate


def answered(user: Viewer, course: Course, version: CourseVersion) -> list[Answered]:
    """All questions of a version of a course, as they stand in its bank, and how those answered
    them of whom the user is told. Two queries. Of each person the first attempt that is finished
    counts: whoever was told the answers knows them."""
    told = User.objects.filter(people.told_to(user, course.site)).values("pk")
    rows = Attempt.objects.filter(version=version, finished_at__isnull=False)
    first = (
        rows.filter(assignment__user__in=told)
        .order_by("assignment__user_id", "finished_at", "pk")
        .distinct("assignment__user_id")
        .values("pk")
    )
    said: dict[int, list[bool]] = defaultdict(list)
    answers = AttemptAnswer.objects.filter(attempt__in=first)
    for question, right in answers.values_list("question", "is_right"):
        said[question].append(bool(right))
    rates = scoring.rates(said)
    return [Answered(one, rates.get(one.pk, scoring.Rate(0, 0))) for one in version.questions.all()]


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is to take: its version in use, how many lessons it has and how many of them
    are gone through, what the last finished attempt came to, and what comes next."""

    assignment: CourseAssignment
    version: CourseVersion
    lessons: int
    gone: int
    is_late: bool
    is_soon: bool
    last: Attempt | None
    is_begun: bool
    next: Next


def tasks(user: User, now: datetime) -> list[Task]:
    """What is open of somebody's, what is due first first. Four queries."""
    rows = CourseAssignment.objects.standing().filter(
        user=user, course__retired_at=None
    ).select_related("course__site").order_by("due_on", "pk")  # fmt: skip
    found = list(rows)
    versions = {
        one.course_id: one
        for one in CourseVersion.objects.filter(
            is_current=True, course__in=[each.course_id for each in found]
        ).annotate(many=Count("lessons"))
    }
    tried: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(assignment__in=found).order_by("number"):
        tried[attempt.assignment_id].append(attempt)
    gone: dict[int, int] = dict(
        CourseAssignment.objects.filter(pk__in=[one.pk for one in found])
        .filter(lessons_done__lesson__version__is_current=True)
        .order_by()
        .values("pk")
        .annotate(n=Count("lessons_done"))
        .values_list("pk", "n")
    )
    made = []
    for one in found:
        version = versions.get(one.course_id)
        if version is None:
            continue
        today = day_of(now, one.course.site.calendar)
        ended = [each for each in tried[one.pk] if each.finished_at is not None]
        made.append(
            Task(
                assignment=one,
                version=version,
                lessons=version.many,
                gone=gone.get(one.pk, 0),
                is_late=one.due_on < today,
                is_soon=0 <= (one.due_on - today).days <= 3,
                last=ended[-1] if ended else None,
                is_begun=len(ended) < len(tried[one.pk]),
                next=taking.next_of(one, version, ended),
            )
        )
    return made


def on_offer(user: User, renewing: Collection[int]) -> Sequence[CourseVersion]:
    """What somebody may take up themselves, by the title: the courses (`renewing`) of certificates
    of theirs that end, and at their sites those for who wants them that they did not pass yet; but
    what they are to take already. One query."""
    there = CourseAssignment.objects.standing().filter(course=OuterRef("course"), user=user)
    passed = Attempt.objects.filter(
        assignment__course=OuterRef("course"), assignment__user=user, passed=True
    )
    is_wanted = Q(course__is_open=True) & ~Exists(passed)
    rows = CourseVersion.objects.filter(
        Q(course__in=renewing) | is_wanted, ~Exists(there), is_current=True,
        course__in=Course.objects.in_use().filter(site__in=scope_of(user).sites),
    )  # fmt: skip
    return list(rows.select_related("course__site").order_by("title", "pk"))


def past(user: User) -> Sequence[Attempt]:
    """What somebody passed, the last first."""
    rows = Attempt.objects.filter(assignment__user=user, passed=True)
    rows = rows.select_related("version", "assignment__course__site").order_by("-finished_at")
    return list(rows[:MOST_PAST])


def certificates(user: User) -> Sequence[Certificate]:
    """What somebody has, what ends first first, and what was withdrawn."""
    rows = Certificate.objects.filter(Q(is_current=True) | Q(withdrawn_at__isnull=False), user=user)
    order = (F("withdrawn_at").asc(nulls_first=True), F("expires_on").asc(nulls_last=True), "pk")
    return list(rows.select_related("kind__site").order_by(*order))


def lessons(version: CourseVersion) -> Sequence[Lesson]:
    return list(version.lessons.select_related("page").order_by("place", "pk"))


def page_said(lesson: Lesson) -> LibraryVersion | None:
    """What the page of the library says that a lesson is; None: it is withdrawn, or none."""
    if lesson.page is None or lesson.page.retired_at is not None:
        return None
    rows = LibraryVersion.objects.light().current().filter(page=lesson.page)
    found: LibraryVersion | None = rows.first()
    return found


def open_tasks() -> dict[str, Any]:
    """The open assignments of a user, to find with them."""
    rows = CourseAssignment.objects.standing().filter(
        user=OuterRef("pk"), course__retired_at=None, course__is_published=True
    )
    return {"courses_to_take": ArraySubquery(rows.order_by().values("pk"))}


def count(user: User) -> int:
    """How many courses a user is to take; no query where `open_tasks` came with them."""
    known: list[int] | None = getattr(user, "courses_to_take", None)
    if known is not None:
        return len(known)
    rows = CourseAssignment.objects.standing().filter(user=user.pk, course__is_published=True)
    return rows.filter(course__retired_at=None).count()


def is_late(one: CourseAssignment, today: date) -> bool:
    due: date = one.due_on
    return one.state == "open" and due < today
