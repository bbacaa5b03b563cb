"""The tables of `ccm.models.people`."""

import django.utils.timezone
from django.conf import settings
from django.contrib.auth.models import UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

import ccm.models.people
from ccm.creation import table

TABLES = [
    table(
        "Site",
        {
            "name": models.CharField(max_length=120, unique=True),
            "slug": models.SlugField(max_length=60, unique=True),
            "zone": models.CharField(max_length=64, validators=[ccm.models.people.known_zone]),
            "country": models.CharField(
                max_length=2, blank=True, help_text="ISO 3166, for holidays"
            ),
            "region": models.CharField(max_length=8, blank=True),
            "opening": models.JSONField(blank=True, default=dict),
            "currency": models.CharField(
                max_length=3, blank=True, help_text="ISO 4217, of its money"
            ),
            "day_begins": models.PositiveSmallIntegerField(default=0, db_default=0),
            "special_days": models.JSONField(blank=True, default=list, db_default=[]),
        },
        ordering=["name"],
        constraints=[
            models.CheckConstraint(
                name="site_day_begins_before_noon", condition=Q(day_begins__lte=12)
            ),
        ],
    ),
    table(
        "User",
        {
            "password": models.CharField(max_length=128, verbose_name="password"),
            "last_login": models.DateTimeField(null=True, blank=True, verbose_name="last login"),
            "is_superuser": models.BooleanField(
                default=False,
                verbose_name="superuser status",
                help_text="Designates that this user has all permissions without explicitly assigning them.",
            ),
            "username": models.CharField(
                max_length=150,
                unique=True,
                verbose_name="username",
                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                validators=[UnicodeUsernameValidator()],
                error_messages={"unique": "A user with that username already exists."},
            ),
            "first_name": models.CharField(max_length=150, blank=True, verbose_name="first name"),
            "last_name": models.CharField(max_length=150, blank=True, verbose_name="last name"),
            "email": models.EmailField(max_length=254, blank=True, verbose_name="email address"),
            "is_staff": models.BooleanField(
                default=False,
                verbose_name="staff status",
                help_text="Designates whether the user can log into this admin site.",
            ),
            "is_active": models.BooleanField(
                default=True,
                verbose_name="active",
                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
            ),
            "date_joined": models.DateTimeField(
                default=django.utils.timezone.now, verbose_name="date joined"
            ),
            "groups": models.ManyToManyField(
                "auth.group",
                blank=True,
                related_name="user_set",
                verbose_name="groups",
                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                related_query_name="user",
            ),
            "user_permissions": models.ManyToManyField(
                "auth.permission",
                blank=True,
                related_name="user_set",
                verbose_name="user permissions",
                help_text="Specific permissions for this user.",
                related_query_name="user",
            ),
            "sites": models.ManyToManyField("ccm.site", blank=True, related_name="users"),
        },
        managers=[("objects", UserManager())],
        verbose_name="user",
        verbose_name_plural="users",
        ordering=["username"],
    ),
    table(
        "Team",
        {
            "name": models.CharField(max_length=120),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="teams"),
        },
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="team_once_a_site",
                fields=("site", "name"),
                violation_error_message="There is another team of this name already.",
            ),
        ],
    ),
    table(
        "TeamLead",
        {
            "starts_on": models.DateField(null=True, blank=True),
            "ends_on": models.DateField(null=True, blank=True),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "supervisor": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.CASCADE, related_name="leads"
            ),
            "team": models.ForeignKey("ccm.team", models.CASCADE, related_name="leads"),
        },
        ordering=["starts_on"],
        constraints=[
            ExclusionConstraint(
                name="team_under_one_supervisor_at_a_time",
                expressions=[
                    (models.Func(F("starts_on"), F("ends_on"), function="DATERANGE"), "&&"),
                    ("team", "="),
                ],
            ),
        ],
    ),
    table(
        "Agent",
        {
            "name": models.CharField(max_length=160),
            "skills": ArrayField(models.CharField(max_length=60), blank=True, default=list),
            "contract_hours": models.DecimalField(
                max_digits=4, decimal_places=1, null=True, blank=True
            ),
            "hired_on": models.DateField(null=True, blank=True),
            "left_on": models.DateField(null=True, blank=True),
            "is_new": models.BooleanField(default=False),
            "user": models.OneToOneField(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="agent",
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="agents"),
            "employee_id": models.CharField(max_length=40, blank=True),
            "left_reason": models.CharField(
                max_length=11,
                choices=[
                    ("voluntary", "of their own will"),
                    ("involuntary", "not of their own will"),
                ],
                blank=True,
                default="",
                db_default="",
            ),
        },
        ordering=["name"],
        constraints=[
            models.CheckConstraint(
                name="agent_leaves_after_hire",
                condition=Q(left_on=None) | Q(hired_on=None) | Q(left_on__gte=F("hired_on")),
                violation_error_message="Nobody leaves before being hired.",
            ),
            models.UniqueConstraint(
                name="agent_once_an_employee_id",
                fields=("site", "employee_id"),
                condition=~Q(employee_id=""),
                violation_error_message="There is somebody of this employee id already.",
            ),
            models.CheckConstraint(
                name="agent_with_a_reason_left",
                condition=Q(left_reason="") | Q(left_on__isnull=False),
                violation_error_message="Say first when they left.",
            ),
        ],
    ),
    table(
        "TeamMembership",
        {
            "starts_on": models.DateField(),
            "ends_on": models.DateField(null=True, blank=True),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="memberships"),
            "team": models.ForeignKey("ccm.team", models.PROTECT, related_name="memberships"),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
        },
        ordering=["starts_on"],
        constraints=[
            ExclusionConstraint(
                name="agent_in_one_team_at_a_time",
                expressions=[
                    (models.Func(F("starts_on"), F("ends_on"), function="DATERANGE"), "&&"),
                    ("agent", "="),
                ],
            ),
        ],
    ),
    table(
        "AgentAlias",
        {
            "source": models.CharField(max_length=80),
            "raw_name": models.CharField(max_length=160),
            "valid_from": models.DateField(null=True, blank=True),
            "confirmed": models.BooleanField(default=False),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="aliases"),
        },
        ordering=["source", "raw_name"],
        constraints=[
            models.UniqueConstraint(
                name="alias_names_one_agent",
                fields=("source", "raw_name", "valid_from"),
                nulls_distinct=False,
            ),
        ],
    ),
]
