"""Courses for tests."""

from datetime import date, datetime, timedelta
from typing import Any

from ccm.models import Site, User
from coaching.courses import taking
from coaching.models import (
    Attempt,
    CertificateKind,
    Course,
    CourseAssignment,
    CourseVersion,
    Lesson,
    Question,
)
from tests.builders import NINE

# The first is right of a choice; the number is 20, the word GDPR.
QUESTIONS = (
    ("single", "Who may ask for a refund?", [["The caller", True], ["Anybody", False]]),
    ("multiple", "What is asked first?", [["Name", True], ["Date of birth", True], ["Age", False]]),
    ("number", "Days to answer?", [["20", True]]),
    ("text", "Which law?", [["GDPR", True], ["UK GDPR", True]]),
)
FUTURE = date(2026, 3, 16)


def a_course(
    site: Site,
    title: str = "Data protection",
    *,
    questions: tuple[Any, ...] = QUESTIONS,
    lessons: int = 1,
    published: bool = True,
    gives: CertificateKind | None = None,
    at: datetime = NINE,
    **more: Any,
) -> Course:
    """A course of one version, published unless said, in the order in which it is written."""
    made: Course = Course.objects.create(site=site, is_published=published, gives=gives, made_at=at)
    a_version(made, 1, title=title, questions=questions, lessons=lessons, published=published,
              at=at, **more)  # fmt: skip
    return made


def a_version(
    course: Course,
    number: int,
    *,
    title: str = "Data protection",
    questions: tuple[Any, ...] = QUESTIONS,
    lessons: int = 1,
    published: bool = True,
    at: datetime = NINE,
    **more: Any,
) -> CourseVersion:
    if published:
        CourseVersion.objects.filter(course=course).update(is_current=False)
    said = {"shuffles": False, "made_at": at, **more}
    made: CourseVersion = CourseVersion.objects.create(
        course=course, number=number, title=title, is_current=published,
        published_at=at if published else None, **said,
    )  # fmt: skip
    for place in range(1, lessons + 1):
        Lesson.objects.create(
            version=made, place=place, kind="text", title=f"Lesson {place}", body="Read **this**."
        )
    for place, (kind, words, answers) in enumerate(questions, start=1):
        Question.objects.create(
            version=made, place=place, kind=kind, words=words, answers=answers, why="It is the law."
        )
    return made


def current(course: Course) -> CourseVersion:
    found: CourseVersion = course.versions.get(is_current=True)
    return found


def assigned(course: Course, user: User, due_on: date = FUTURE, **more: Any) -> CourseAssignment:
    said = {"source": "hand", "assigned_at": NINE, **more}
    made: CourseAssignment = CourseAssignment.objects.create(
        course=course, user=user, due_on=due_on, **said
    )
    return made


def went_through(assignment: CourseAssignment, at: datetime = NINE) -> None:
    for lesson in current(assignment.course).lessons.all():
        taking.go_through(assignment, lesson, at)


def answers(attempt: Attempt, right: int = 4) -> dict[int, list[str]]:
    """What is said to the questions of `QUESTIONS`, so many of them right, the first first."""
    good = {"single": ["0"], "multiple": ["0", "1"], "number": ["20"], "text": ["gdpr"]}
    bad = {"single": ["1"], "multiple": ["0"], "number": ["21"], "text": ["HIPAA"]}
    return {
        one.pk: (good if at < right else bad)[one.kind]
        for at, one in enumerate(attempt.version.questions.order_by("place"))
    }


def taken(
    assignment: CourseAssignment, right: int = 4, at: datetime = NINE + timedelta(hours=1)
) -> Attempt:
    """A finished attempt, with so many of four questions right."""
    went_through(assignment, at)
    attempt = taking.begin(assignment.pk, current(assignment.course), at)
    return taking.finish(attempt.pk, answers(attempt, right), at)


def a_kind(site: Site, name: str = "Data protection", **more: Any) -> CertificateKind:
    said = {"valid_months": 12, "warn_days": 30, "made_at": NINE, **more}
    made: CertificateKind = CertificateKind.objects.create(site=site, name=name, **said)
    return made
