"""Who is to take a course by now: as its rules say, as it changed, and to renew a certificate."""

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Exists, IntegerField, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from ccm.intervals import day_of
from ccm.models import Agent, User
from coaching.courses import people
from coaching.models import Attempt, Certificate, Course, CourseAssignment, CourseRule
from qa.models import Answer

Source = CourseAssignment.Source
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def by_rule(rule: CourseRule, now: datetime) -> QuerySet[User]:
    """Who is to take a course by one of its rules and was not told so yet."""
    if rule.kind == CourseRule.Kind.ROLE:
        assert rule.role is not None
        rows = people.in_role(rule.course.site, rule.role.name, now)
        return _without(rows, rule)
    if rule.kind == CourseRule.Kind.HIRED:
        return _without(_hired(rule, now), rule)
    return _free(_missed(rule, now), rule.course)


def as_changed(course: Course, now: datetime) -> QuerySet[User]:
    """Who passed no version since the last that has to be taken anew, and was not told since."""
    anew = course.versions.filter(is_anew=True, published_at__isnull=False)
    last = anew.order_by("-number").first()
    if last is None:
        return User.objects.none()
    passed = _passed(course)
    told = CourseAssignment.objects.filter(
        course=course, user=OuterRef("pk"), source=Source.CHANGED,
        assigned_at__gte=last.published_at,
    )  # fmt: skip
    rows = people.of_site(course.site, now).filter(
        Exists(passed), ~Exists(passed.filter(version__number__gte=last.number)), ~Exists(told)
    )
    return _free(rows, course)


def to_renew(course: Course, now: datetime) -> QuerySet[User]:
    """Whose certificate by this course ends soon, and who was not told since they have it."""
    today = day_of(now, course.site.calendar)
    near = Certificate.objects.warned_of(today).filter(course=course, user=OuterRef("pk"))
    rows = people.of_site(course.site, now).filter(Exists(near))
    since = Subquery(near.values("given_at")[:1])
    told = CourseAssignment.objects.filter(
        course=course, user=OuterRef("pk"), source=Source.RENEWAL,
        assigned_at__gt=OuterRef("given_at"),
    )  # fmt: skip
    return _free(rows.annotate(given_at=since).filter(~Exists(told)), course)


def least_version(course: Course) -> int:
    """The version that has to be passed at least: the last that has to be taken anew, or any."""
    anew = course.versions.filter(is_anew=True, published_at__isnull=False)
    found: int | None = anew.aggregate(last=Max("number"))["last"]
    return found or 1


def _hired(rule: CourseRule, now: datetime) -> QuerySet[User]:
    """Those hired since the rule is there, from so many days after on."""
    today = day_of(now, rule.course.site.calendar)
    agents = people.working(rule.course.site, today).filter(
        hired_on__gte=rule.since, hired_on__lte=today - timedelta(days=rule.days or 0)
    )
    return User.objects.filter(pk__in=agents.values("user"), is_active=True)


def _missed(rule: CourseRule, now: datetime) -> QuerySet[User]:
    """Agents who missed a criterion so many times in released reviews of the last days: who did not
    get all of its points, as quality review says it. Reviews released before they were last told to
    take the course count no more."""
    today = day_of(now, rule.course.site.calendar)
    last = CourseAssignment.objects.filter(course=rule.course, user=OuterRef("pk")).order_by(
        "-assigned_at"
    )
    missed = Answer.objects.filter(
        criterion=rule.criterion_id, share__lt=1, evaluation__state="released",
        evaluation__agent__user=OuterRef("pk"), evaluation__site=rule.course.site,
        evaluation__released_at__gte=now - timedelta(days=rule.days or 0),
        evaluation__released_at__gt=OuterRef("told_at"),
    )  # fmt: skip
    counted = missed.order_by().values("evaluation__agent").annotate(n=Count("pk")).values("n")
    agents: QuerySet[Agent] = people.working(rule.course.site, today)
    rows = User.objects.filter(pk__in=agents.values("user"), is_active=True)
    return rows.annotate(
        told_at=Coalesce(Subquery(last.values("assigned_at")[:1]), Value(_EVER))
    ).filter(Exists(missed)).annotate(
        missed=Coalesce(Subquery(counted[:1]), 0, output_field=IntegerField())
    ).filter(missed__gte=rule.times)  # fmt: skip


def _without(rows: QuerySet[User], rule: CourseRule) -> QuerySet[User]:
    """But those who were told by this rule, and those who passed it as it is."""
    told = CourseAssignment.objects.filter(rule=rule, user=OuterRef("pk"))
    passed = _passed(rule.course).filter(version__number__gte=least_version(rule.course))
    return _free(rows.filter(~Exists(told), ~Exists(passed)), rule.course)


def _free(rows: QuerySet[User], course: Course) -> QuerySet[User]:
    """But those who are to take it already."""
    there = CourseAssignment.objects.standing().filter(course=course, user=OuterRef("pk"))
    return rows.filter(~Exists(there)).order_by("pk")


def _passed(course: Course) -> QuerySet[Attempt]:
    return Attempt.objects.filter(
        assignment__course=course, assignment__user=OuterRef("pk"), passed=True
    )
