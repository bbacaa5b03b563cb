"""Reach that somebody has for a while: whoever stands in for another, and in an emergency."""

from datetime import timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from ccm.models.people import Site, User
from ccm.querysets import EmergencyQuerySet, SubstitutionQuerySet


class Substitution(models.Model):
    """Somebody stands in for another in a role at a site, from `first_on` to `last_on`, both among
    them, of the site's days; until it was `ended_at`.

    The substitute of a supervisor reaches the teams that the `absent` leads at the site on the day;
    that of a manager, planner, QA analyst or trainer the site, by that role. Nothing else: neither
    what the absent reaches as another's substitute, nor what another role adds.
    """

    class Role(models.TextChoices):
        MANAGER = "manager", _("manager")
        PLANNER = "planner", _("planner")
        SUPERVISOR = "supervisor", _("supervisor")
        QA_ANALYST = "qa_analyst", _("QA analyst")
        TRAINER = "trainer", _("trainer")

    absent = models.ForeignKey(User, models.CASCADE, related_name="substitutions")
    substitute = models.ForeignKey(User, models.CASCADE, related_name="stands_in")
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    role = models.CharField(
        max_length=10, choices=Role, default=Role.SUPERVISOR, db_default=Role.SUPERVISOR.value
    )
    first_on = models.DateField()
    last_on = models.DateField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = SubstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        ordering = ["-first_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="substitution_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(absent=F("substitute")), name="nobody_stands_in_for_themselves"
            ),
            ExclusionConstraint(
                name="one_stands_in_for_one_at_a_time",
                expressions=[
                    (
                        Func(F("first_on"), F("last_on"), Value("[]"), function="DATERANGE"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("absent", RangeOperators.EQUAL),
                    ("site", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                ],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                condition=Q(role__in=["manager", "planner", "supervisor", "qa_analyst", "trainer"]),
                name="substitution_of_a_role_that_is_handed_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute_id} for {self.absent_id} at {self.site_id} from {self.first_on}"


class EmergencyReach(models.Model):
    """That somebody read at a site out of reach for a while, and why: from `begins_at` up to
    `ends_at`, an hour at most, or until it was `ended_at`."""

    LONGEST = timedelta(hours=1)

    user = models.ForeignKey(User, models.CASCADE, related_name="emergencies")
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = EmergencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reach in an emergency")
        verbose_name_plural = _("reaches in emergencies")
        ordering = ["-begins_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at"))
                & Q(ends_at__lte=F("begins_at") + Value(timedelta(hours=1))),
                name="emergency_lasts_an_hour_at_most",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_has_a_reason"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_emergency_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.site_id} from {self.begins_at}"
