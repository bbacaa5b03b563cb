"""The tables of `coaching.models.onboarding`."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "OnboardingPath",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "about": models.TextField(max_length=1000, blank=True, verbose_name="what it is for"),
            "made_at": models.DateTimeField(),
            "retired_at": models.DateTimeField(null=True, verbose_name="withdrawn"),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="onboarding path",
        verbose_name_plural="onboarding paths",
        ordering=["name", "pk"],
        constraints=[
            models.UniqueConstraint(name="onboarding_path_once", fields=("site", "name")),
            models.CheckConstraint(name="onboarding_path_has_a_name", condition=~Q(name="")),
        ],
    ),
    table(
        "OnboardingStage",
        {
            "place": models.PositiveSmallIntegerField(),
            "kind": models.CharField(
                max_length=8,
                choices=[
                    ("course", "Course"),
                    ("reading", "Reading"),
                    ("shadow", "Shadowing"),
                    ("roleplay", "Role-play"),
                    ("live", "Live calls"),
                    ("other", "Something else"),
                ],
                verbose_name="kind",
            ),
            "title": models.CharField(max_length=160, verbose_name="title"),
            "words": models.TextField(
                max_length=1000, blank=True, verbose_name="what is looked at"
            ),
            "amount": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="how many", validators=[MinValueValidator(1)]
            ),
            "unit": models.CharField(
                max_length=5,
                choices=[("calls", "calls"), ("hours", "hours")],
                blank=True,
                verbose_name="of what",
            ),
            "signer": models.CharField(
                max_length=10,
                choices=[
                    ("supervisor", "their supervisor"),
                    ("trainer", "a trainer"),
                    ("manager", "a manager"),
                ],
                verbose_name="signed off by",
            ),
            "is_gate": models.BooleanField(default=True, verbose_name="before live calls"),
            "course": models.ForeignKey(
                "coaching.course",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="course",
            ),
            "page": models.ForeignKey(
                "coaching.librarypage",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="page",
            ),
            "path": models.ForeignKey(
                "coaching.onboardingpath", models.CASCADE, related_name="stages"
            ),
        },
        verbose_name="stage of onboarding",
        verbose_name_plural="stages of onboarding",
        ordering=["path", "place", "pk"],
        constraints=[
            models.CheckConstraint(
                name="onboarding_stage_is_of_its_kind",
                condition=~Q(title="")
                & (
                    Q(course__isnull=False, kind="course", page=None)
                    | Q(course=None, kind="reading", page__isnull=False)
                    | (~Q(kind__in=("course", "reading")) & Q(course=None, page=None))
                )
                & (Q(amount=None, unit="") | (Q(amount__gte=1) & ~Q(unit=""))),
            ),
        ],
    ),
    table(
        "Newcomer",
        {
            "starts_on": models.DateField(verbose_name="first day"),
            "state": models.CharField(
                max_length=5,
                choices=[("on", "On the way"), ("done", "Through"), ("ended", "Ended before")],
                default="on",
            ),
            "why_ended": models.CharField(max_length=300, blank=True),
            "made_at": models.DateTimeField(),
            "ended_at": models.DateTimeField(null=True),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, related_name="+", verbose_name="agent"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "mentor": models.ForeignKey(
                "ccm.agent",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="mentor",
            ),
            "path": models.ForeignKey(
                "coaching.onboardingpath", models.PROTECT, related_name="newcomers"
            ),
        },
        verbose_name="newcomer",
        verbose_name_plural="newcomers",
        ordering=["starts_on", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="newcomer_on_one_path", fields=("agent",), condition=Q(state="on")
            ),
            models.CheckConstraint(
                name="newcomer_ended_has_a_time",
                condition=Q(ended_at=None, state="on")
                | (~Q(state="on") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="newcomer_ended_says_why", condition=~Q(state="ended") | ~Q(why_ended="")
            ),
        ],
    ),
    table(
        "StageSign",
        {
            "done_on": models.DateField(verbose_name="done"),
            "amount": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="how many"
            ),
            "with_whom": models.CharField(max_length=160, blank=True, verbose_name="with whom"),
            "words": models.CharField(max_length=500, blank=True, verbose_name="in words"),
            "signed_at": models.DateTimeField(),
            "newcomer": models.ForeignKey(
                "coaching.newcomer", models.CASCADE, related_name="signs"
            ),
            "signed_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "stage": models.ForeignKey(
                "coaching.onboardingstage", models.PROTECT, related_name="signs"
            ),
        },
        verbose_name="sign-off of a stage",
        verbose_name_plural="sign-offs of stages",
        constraints=[
            models.UniqueConstraint(name="stage_signed_once", fields=("newcomer", "stage")),
        ],
    ),
]
