"""The tables of `coaching.models.courses`."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Course",
        {
            "is_published": models.BooleanField(default=False),
            "made_at": models.DateTimeField(),
            "retired_at": models.DateTimeField(null=True, verbose_name="withdrawn"),
            "gives": models.ForeignKey(
                "coaching.certificatekind",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="courses",
                verbose_name="gives the certificate",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="course",
        verbose_name_plural="courses",
        ordering=["pk"],
        constraints=[
            models.CheckConstraint(
                name="course_withdrawn_was_published",
                condition=Q(retired_at=None) | Q(is_published=True),
            ),
        ],
        indexes=[
            models.Index(name="course_by_site", fields=["site"]),
        ],
    ),
    table(
        "CourseVersion",
        {
            "number": models.PositiveIntegerField(),
            "title": models.CharField(max_length=160, verbose_name="title"),
            "about": models.TextField(max_length=1000, blank=True, verbose_name="what it is for"),
            "pass_percent": models.PositiveSmallIntegerField(
                default=80,
                verbose_name="pass mark, %",
                validators=[MinValueValidator(1), MaxValueValidator(100)],
            ),
            "attempts": models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                default=3,
                verbose_name="attempts",
                validators=[MinValueValidator(1)],
            ),
            "pause_hours": models.PositiveSmallIntegerField(
                default=0, verbose_name="pause between attempts, hours"
            ),
            "draws": models.PositiveSmallIntegerField(
                null=True,
                blank=True,
                verbose_name="questions asked",
                validators=[MinValueValidator(1)],
            ),
            "shuffles": models.BooleanField(default=True, verbose_name="in an order of chance"),
            "is_anew": models.BooleanField(default=False),
            "note": models.CharField(max_length=300, blank=True, verbose_name="what changed"),
            "is_current": models.BooleanField(default=False),
            "made_at": models.DateTimeField(),
            "published_at": models.DateTimeField(null=True, verbose_name="published"),
            "revision": models.PositiveIntegerField(default=0),
            "course": models.ForeignKey("coaching.course", models.CASCADE, related_name="versions"),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "published_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="version of a course",
        verbose_name_plural="versions of courses",
        ordering=["course", "-number"],
        constraints=[
            models.UniqueConstraint(name="course_version_once", fields=("course", "number")),
            models.UniqueConstraint(
                name="course_one_draft", fields=("course",), condition=Q(published_at=None)
            ),
            models.UniqueConstraint(
                name="course_one_current", fields=("course",), condition=Q(is_current=True)
            ),
            models.CheckConstraint(
                name="course_current_is_published",
                condition=Q(is_current=False) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="course_version_makes_sense",
                condition=~Q(title="")
                & Q(pass_percent__gte=1, pass_percent__lte=100)
                & (Q(attempts=None) | Q(attempts__gte=1))
                & (Q(draws=None) | Q(draws__gte=1)),
            ),
        ],
    ),
    table(
        "Lesson",
        {
            "place": models.PositiveSmallIntegerField(),
            "kind": models.CharField(
                max_length=5,
                choices=[("text", "Text"), ("video", "Video"), ("page", "Page of the library")],
                verbose_name="kind",
            ),
            "title": models.CharField(max_length=160, verbose_name="title"),
            "body": models.TextField(max_length=40000, blank=True, verbose_name="text"),
            "url": models.URLField(max_length=500, blank=True, verbose_name="address"),
            "revision": models.PositiveIntegerField(default=0),
            "page": models.ForeignKey(
                "coaching.librarypage",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="page",
            ),
            "version": models.ForeignKey(
                "coaching.courseversion", models.CASCADE, related_name="lessons"
            ),
        },
        verbose_name="lesson",
        verbose_name_plural="lessons",
        ordering=["version", "place", "pk"],
        constraints=[
            models.CheckConstraint(
                name="lesson_is_of_its_kind",
                condition=~Q(title="")
                & (
                    (Q(kind="text", page=None, url="") & ~Q(body=""))
                    | (Q(kind="video", page=None) & ~Q(url=""))
                    | Q(kind="page", page__isnull=False, url="")
                ),
            ),
        ],
    ),
    table(
        "Question",
        {
            "place": models.PositiveSmallIntegerField(),
            "kind": models.CharField(
                max_length=8,
                choices=[
                    ("single", "One answer of several"),
                    ("multiple", "All answers that are right"),
                    ("number", "A number"),
                    ("text", "A word or two"),
                ],
                verbose_name="kind",
            ),
            "words": models.TextField(max_length=1000, verbose_name="question"),
            "why": models.TextField(max_length=1000, blank=True, verbose_name="why"),
            "answers": models.JSONField(default=list),
            "tolerance": models.DecimalField(
                max_digits=12,
                decimal_places=4,
                default=0,
                verbose_name="how far it may be off",
                validators=[MinValueValidator(0)],
            ),
            "revision": models.PositiveIntegerField(default=0),
            "version": models.ForeignKey(
                "coaching.courseversion", models.CASCADE, related_name="questions"
            ),
        },
        verbose_name="question",
        verbose_name_plural="questions",
        ordering=["version", "place", "pk"],
        constraints=[
            models.CheckConstraint(
                name="question_says_something", condition=~Q(words="") & Q(tolerance__gte=0)
            ),
        ],
    ),
    table(
        "CourseRule",
        {
            "kind": models.CharField(
                max_length=6,
                choices=[("role", "A role"), ("missed", "A criterion missed"), ("hired", "Hired")],
                verbose_name="kind",
            ),
            "times": models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="times"),
            "days": models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="days"),
            "since": models.DateField(null=True, blank=True),
            "due_days": models.PositiveSmallIntegerField(
                default=14,
                verbose_name="days to take it",
                validators=[MinValueValidator(1), MaxValueValidator(365)],
            ),
            "made_at": models.DateTimeField(),
            "course": models.ForeignKey("coaching.course", models.CASCADE, related_name="rules"),
            "criterion": models.ForeignKey(
                "qa.cardcriterion",
                models.CASCADE,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="criterion",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "role": models.ForeignKey(
                "auth.group",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="role",
            ),
        },
        verbose_name="rule of a course",
        verbose_name_plural="rules of courses",
        ordering=["pk"],
        constraints=[
            models.CheckConstraint(
                name="course_rule_is_of_its_kind",
                condition=Q(criterion=None, days=None, kind="role", role__isnull=False, times=None)
                | Q(criterion__isnull=False, days__gte=1, kind="missed", role=None, times__gte=1)
                | Q(
                    criterion=None,
                    days__isnull=False,
                    kind="hired",
                    role=None,
                    since__isnull=False,
                    times=None,
                ),
            ),
            models.UniqueConstraint(
                name="course_rule_once",
                fields=("course", "kind", "role", "criterion"),
                nulls_distinct=False,
            ),
        ],
    ),
    table(
        "CourseAssignment",
        {
            "source": models.CharField(
                max_length=7,
                choices=[
                    ("hand", "by hand"),
                    ("role", "by role"),
                    ("missed", "for a criterion"),
                    ("hired", "as newly hired"),
                    ("changed", "as the course changed"),
                    ("renewal", "to renew a certificate"),
                ],
                verbose_name="why",
            ),
            "words": models.CharField(max_length=300, blank=True, verbose_name="in words"),
            "state": models.CharField(
                max_length=7,
                choices=[("open", "Open"), ("done", "Passed"), ("dropped", "Called off")],
                default="open",
            ),
            "due_on": models.DateField(verbose_name="due"),
            "more": models.PositiveSmallIntegerField(default=0),
            "assigned_at": models.DateTimeField(verbose_name="assigned"),
            "ended_at": models.DateTimeField(null=True),
            "assigned_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "course": models.ForeignKey(
                "coaching.course", models.CASCADE, related_name="assignments"
            ),
            "user": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="who"
            ),
            "rule": models.ForeignKey(
                "coaching.courserule", models.SET_NULL, null=True, related_name="assignments"
            ),
        },
        verbose_name="assignment of a course",
        verbose_name_plural="assignments of courses",
        ordering=["due_on", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="course_assigned_once", fields=("course", "user"), condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="course_assignment_ended_has_a_time",
                condition=Q(ended_at=None, state="open")
                | (~Q(state="open") & Q(ended_at__isnull=False)),
            ),
        ],
        indexes=[
            models.Index(name="course_assigned_to", fields=["user", "state"]),
        ],
    ),
    table(
        "LessonDone",
        {
            "done_at": models.DateTimeField(),
            "assignment": models.ForeignKey(
                "coaching.courseassignment", models.CASCADE, related_name="lessons_done"
            ),
            "lesson": models.ForeignKey("coaching.lesson", models.CASCADE, related_name="+"),
        },
        constraints=[
            models.UniqueConstraint(name="lesson_done_once", fields=("assignment", "lesson")),
        ],
    ),
    table(
        "Attempt",
        {
            "number": models.PositiveSmallIntegerField(),
            "seed": models.CharField(max_length=32),
            "begun_at": models.DateTimeField(),
            "finished_at": models.DateTimeField(null=True),
            "asked": models.PositiveSmallIntegerField(),
            "right": models.PositiveSmallIntegerField(default=0),
            "passed": models.BooleanField(default=False),
            "assignment": models.ForeignKey(
                "coaching.courseassignment", models.CASCADE, related_name="attempts"
            ),
            "version": models.ForeignKey(
                "coaching.courseversion", models.PROTECT, related_name="taken"
            ),
        },
        verbose_name="attempt",
        verbose_name_plural="attempts",
        ordering=["assignment", "number"],
        constraints=[
            models.UniqueConstraint(name="attempt_once", fields=("assignment", "number")),
            models.UniqueConstraint(
                name="attempt_one_open", fields=("assignment",), condition=Q(finished_at=None)
            ),
            models.CheckConstraint(
                name="attempt_passed_is_finished",
                condition=Q(passed=False) | Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="attempt_right_of_asked", condition=Q(right__lte=F("asked"))
            ),
        ],
    ),
    table(
        "AttemptAnswer",
        {
            "said": models.JSONField(default=list),
            "is_right": models.BooleanField(null=True),
            "attempt": models.ForeignKey(
                "coaching.attempt", models.CASCADE, related_name="answers"
            ),
            "question": models.ForeignKey("coaching.question", models.PROTECT, related_name="+"),
        },
        constraints=[
            models.UniqueConstraint(name="attempt_answered_once", fields=("attempt", "question")),
        ],
    ),
]
