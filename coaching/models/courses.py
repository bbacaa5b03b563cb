"""Courses: what they say in versions, who is to take them and why, and how they went."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Site, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import course_sites
from coaching.models.certificates import CertificateKind
from coaching.models.library import LibraryPage
from qa.models import CardCriterion

MOST_BODY = 40_000


class CourseQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Courses that the user writes, and those published at sites of teams led. Who takes a
        course sees it by their own assignment."""
        scope = scope_of(user)
        if scope.everything:
            return self
        led = Q(site__in=scope.team_sites, is_published=True, retired_at=None)
        return self.filter(Q(site__in=course_sites(scope)) | led)

    def written_by(self, user: Viewer) -> Self:
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=course_sites(scope))

    def in_use(self) -> Self:
        return self.filter(is_published=True, retired_at=None)


class Course(models.Model):
    """A course of a site, whatever it says by now: that is its version's. Passing it gives a
    certificate of the kind `gives`, if any. One that `is_open` is for who wants it, too."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    gives = models.ForeignKey(
        CertificateKind, models.PROTECT, null=True, blank=True, related_name="courses",
        verbose_name=_("gives the certificate"),
    )  # fmt: skip
    is_published = models.BooleanField(default=False)
    is_open = models.BooleanField(_("for who wants it"), default=False, db_default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(is_published=True),
                name="course_withdrawn_was_published",
            ),
        ]
        indexes = [models.Index(fields=["site"], name="course_by_site")]

    def __str__(self) -> str:
        return f"{self.pk}"


class CourseVersion(models.Model):
    """What a course says: a draft, of which each has one at most, or published and frozen with its
    lessons and its bank of questions.

    A quiz asks `draws` questions of the bank (null: all) and is passed from `pass_percent` of them
    right. `attempts` (null: any number) of each assignment, `pause_hours` between them. `is_anew`:
    whoever passed an earlier version takes it again.
    """

    course = models.ForeignKey(Course, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = LineField(_("title"), max_length=160)
    about = WordsField(_("what it is for"), blank=True, max_length=1000)
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark, %"), default=80, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, default=3, validators=[MinValueValidator(1)]
    )
    pause_hours = models.PositiveSmallIntegerField(_("pause between attempts, hours"), default=0)
    draws = models.PositiveSmallIntegerField(
        _("questions asked"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    shuffles = models.BooleanField(_("in an order of chance"), default=True)
    is_anew = models.BooleanField(default=False)
    note = LineField(_("what changed"), max_length=300, blank=True)
    is_current = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("version of a course")
        verbose_name_plural = _("versions of courses")
        ordering = ["course", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="course_version_once"),
            models.UniqueConstraint(
                fields=["course"], condition=Q(published_at=None), name="course_one_draft"
            ),
            models.UniqueConstraint(
                fields=["course"], condition=Q(is_current=True), name="course_one_current"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(published_at__isnull=False),
                name="course_current_is_published",
            ),
            models.CheckConstraint(
                condition=~Q(title="")
                & Q(pass_percent__gte=1, pass_percent__lte=100)
                & (Q(attempts=None) | Q(attempts__gte=1))
                & (Q(draws=None) | Q(draws__gte=1)),
                name="course_version_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class Lesson(models.Model):
    """A part of a version that is read or watched: a text in Markdown, a video elsewhere, to which
    it only leads, or a page of the library as it is in use when it is read."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        VIDEO = "video", _("Video")
        PAGE = "page", _("Page of the library")

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="lessons")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    title = LineField(_("title"), max_length=160)
    body = WordsField(_("text"), blank=True, max_length=MOST_BODY)
    url = models.URLField(_("address"), blank=True, max_length=500)
    page = models.ForeignKey(
        LibraryPage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("page")
    )
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["version", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="")
                & (
                    (Q(kind="text", url="", page=None) & ~Q(body=""))
                    | (Q(kind="video", page=None) & ~Q(url=""))
                    | Q(kind="page", page__isnull=False, url="")
                ),
                name="lesson_is_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """A question of the bank of a version. `answers` are pairs of words and whether they are right,
    in the order in which they were written: of a number the one right number, of a text each that
    is taken. `tolerance` is how far a number may be off. `why` is told after an attempt."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("One answer of several")
        MULTIPLE = "multiple", _("All answers that are right")
        NUMBER = "number", _("A number")
        TEXT = "text", _("A word or two")

    version = models.ForeignKey(CourseVersion, models.CASCADE, related_name="questions")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    words = WordsField(_("question"), max_length=1000)
    why = WordsField(_("why"), blank=True, max_length=1000)
    answers = models.JSONField(default=list)
    tolerance = models.DecimalField(
        _("how far it may be off"), max_digits=12, decimal_places=4, default=0,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["version", "place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") & Q(tolerance__gte=0), name="question_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.words[:60]


class CourseRule(models.Model):
    """Who is to take a course without being told by hand: who has a role at its site, who missed a
    criterion so many times in so many days of released reviews, or who was hired, so many days
    after. Each gets it once by a rule, of missed criteria again for new ones."""

    class Kind(models.TextChoices):
        ROLE = "role", _("A role")
        MISSED = "missed", _("A criterion missed")
        HIRED = "hired", _("Hired")

    course = models.ForeignKey(Course, models.CASCADE, related_name="rules")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    role = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("role")
    )
    criterion = models.ForeignKey(
        CardCriterion, models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("criterion"),
    )  # fmt: skip
    times = models.PositiveSmallIntegerField(_("times"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    # Of those hired: from this day on.
    since = models.DateField(null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(
        _("days to take it"), default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rule of a course")
        verbose_name_plural = _("rules of courses")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="role", role__isnull=False, criterion=None, times=None, days=None)
                | Q(kind="missed", criterion__isnull=False, role=None, times__gte=1, days__gte=1)
                | Q(
                    kind="hired",
                    role=None,
                    criterion=None,
                    times=None,
                    days__isnull=False,
                    since__isnull=False,
                ),
                name="course_rule_is_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["course", "kind", "role", "criterion"],
                nulls_distinct=False,
                name="course_rule_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.course_id}"


class CourseAssignmentQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        return self.filter(state="open")

    def overdue(self, today: date) -> Self:
        return self.standing().filter(due_on__lt=today)


class CourseAssignment(models.Model):
    """Somebody is to take a course by the end of a day: one that is open of each person and course.
    `words` say why where somebody said it, and for an onboarding path its name. `more` are attempts
    that they were given beyond those of the version."""

    class Source(models.TextChoices):
        HAND = "hand", _("by hand")
        PATH = "path", _("for an onboarding path")
        ROLE = "role", _("by role")
        MISSED = "missed", _("for a criterion")
        HIRED = "hired", _("as newly hired")
        CHANGED = "changed", _("as the course changed")
        RENEWAL = "renewal", _("to renew a certificate")
        OWN = "own", _("by their own choice")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Passed")
        DROPPED = "dropped", _("Called off")

    course = models.ForeignKey(Course, models.CASCADE, related_name="assignments")
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("who"))
    source = models.CharField(_("why"), max_length=7, choices=Source)
    rule = models.ForeignKey(CourseRule, models.SET_NULL, null=True, related_name="assignments")
    words = LineField(_("in words"), max_length=300, blank=True)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    due_on = models.DateField(_("due"))
    more = models.PositiveSmallIntegerField(default=0)
    assigned_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    assigned_at = models.DateTimeField(_("assigned"))
    ended_at = models.DateTimeField(null=True)

    objects = CourseAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment of a course")
        verbose_name_plural = _("assignments of courses")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "user"], condition=Q(state="open"), name="course_assigned_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None)
                | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="course_assignment_ended_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["user", "state"], name="course_assigned_to")]

    def __str__(self) -> str:
        return f"{self.course_id} {self.user_id}"


class LessonDone(models.Model):
    """Somebody went through a lesson, for an assignment of theirs."""

    assignment = models.ForeignKey(CourseAssignment, models.CASCADE, related_name="lessons_done")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "lesson"], name="lesson_done_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.lesson_id}"


class Attempt(models.Model):
    """Somebody answers the questions of a version, once. `seed` says which are asked, and in which
    order they and their answers stand (`coaching.courses.scoring`), so that it can be shown again
    as it was. `asked` and `right` are counts; of a course without questions both are 0."""

    assignment = models.ForeignKey(CourseAssignment, models.CASCADE, related_name="attempts")
    version = models.ForeignKey(CourseVersion, models.PROTECT, related_name="taken")
    number = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=32)
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    asked = models.PositiveSmallIntegerField()
    right = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["assignment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "number"], name="attempt_once"),
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(finished_at=None), name="attempt_one_open"
            ),
            models.CheckConstraint(
                condition=Q(passed=False) | Q(finished_at__isnull=False),
                name="attempt_passed_is_finished",
            ),
            models.CheckConstraint(
                condition=Q(right__lte=F("asked")), name="attempt_right_of_asked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.number}"


class AttemptAnswer(models.Model):
    """What was said to a question of an attempt: places of answers of the question (from 0), or a
    number or text as it was written. `is_right` is null until the attempt is finished."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    said = models.JSONField(default=list)
    is_right = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "question"], name="attempt_answered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.question_id}"
