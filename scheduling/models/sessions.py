"""What is planned within shifts that is not for contacts: training, coaching, meetings."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Site, Team
from scheduling.models.rosters import KeptShift
from scheduling.models.terms import GRID
from scheduling.models.terms_querysets import TermsQuerySet
from scheduling.shifts.days import MINUTES

MOST_WEIGHT = 10_000


class RosterSession(models.Model):
    """So many minutes of something, once for each of its people, from a day to another, both
    included: from `from_minute` of the clock of the first (null: its beginning) until `to_minute`
    of that of the last (null: its end).

    Its people are those of a `team` on those days, and `people`. `together`: all at the same time,
    as many as are there. `weight` is what it costs a roster for each of them who has none, in the
    measure in which a position that is missing for one slot costs 10.
    """

    KINDS = [one for one in KeptShift.Activity.choices if one[0] != KeptShift.Activity.PAUSE]

    site = models.ForeignKey(Site, models.CASCADE, related_name="roster_sessions")
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS)
    minutes = models.PositiveSmallIntegerField(_("length"))
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    people = models.ManyToManyField(
        Agent, blank=True, related_name="roster_sessions", verbose_name=_("people")
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    from_minute = models.PositiveSmallIntegerField(_("from"), null=True, blank=True)
    to_minute = models.PositiveSmallIntegerField(_("until"), null=True, blank=True)
    together = models.BooleanField(_("together"), default=False)
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_WEIGHT)],
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name = _("session in rosters")
        verbose_name_plural = _("sessions in rosters")
        ordering = ["-first_on", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="roster_session_has_a_name",
                violation_error_message=_("It has a name."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["training", "coaching", "meeting", "other"]),
                name="roster_session_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=GRID, minutes__lte=MINUTES),
                name="roster_session_of_some_minutes",
                violation_error_message=_("A session takes from five minutes to a day."),
            ),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="roster_session_ends_after_start",
                violation_error_message=_("It ends before it begins."),
            ),
            models.CheckConstraint(
                condition=(Q(from_minute=None) | Q(from_minute__lt=MINUTES))
                & (Q(to_minute=None) | Q(to_minute__gt=0, to_minute__lte=MINUTES)),
                name="roster_session_by_the_clock",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=MOST_WEIGHT),
                name="roster_session_has_a_weight",
            ),
        ]
        # Of a site, those of some days.
        indexes = [models.Index(fields=["site", "first_on"], name="roster_session_by_site")]

    def __str__(self) -> str:
        return self.name
