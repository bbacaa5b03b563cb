"""Offers of overtime and of voluntary time off during a day, and what each person answered."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Site, User
from scheduling.models.offers_querysets import (
    LIVE,
    ShiftOfferAnswerQuerySet,
    ShiftOfferQuerySet,
)
from scheduling.models.rosters import KeptRoster, RosterEdit


class ShiftOffer(models.Model):
    """Longer or shorter shifts that planners offer for some hours of a day, [starts_at, ends_at):
    the first `wanted` who accept have them.

    `queues` are ids, of those that the same people take, the one first that it was offered for.
    Service level and occupancy of these hours are as they were predicted without it, and with it if
    so many accept; null: nothing told.
    """

    class Kind(models.TextChoices):
        OVERTIME = "overtime", _("Overtime")
        TIME_OFF = "time_off", _("Voluntary time off")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FILLED = "filled", _("As many as wanted")
        ANSWERED = "answered", _("Nobody left to answer")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    site = models.ForeignKey(Site, models.PROTECT, related_name="shift_offers")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    day = models.DateField(_("day"))
    queues = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    wanted = models.PositiveSmallIntegerField(_("how many"))
    until = models.DateTimeField()
    level_without = models.FloatField(null=True)
    level_with = models.FloatField(null=True)
    occupancy_without = models.FloatField(null=True)
    occupancy_with = models.FloatField(null=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()

    objects = ShiftOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer of overtime or time off")
        verbose_name_plural = _("offers of overtime and time off")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_offer_of_some_time"
            ),
            models.CheckConstraint(condition=Q(wanted__gte=1), name="shift_offer_to_somebody"),
        ]
        # Of a site, those of a day.
        indexes = [models.Index(fields=["site", "day"], name="shift_offer_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at} – {self.ends_at}"

    def is_live(self, now: datetime) -> bool:
        return self.state == self.State.OPEN and now < self.until


class ShiftOfferAnswer(models.Model):
    """What somebody whom it is offered to answered. Their shift of `day` is `before`, and becomes
    `after` (`scheduling.rosters.given`), by the hours [starts_at, ends_at) that it adds or takes.

    It ends by itself at `until`. One that `waits` is to be decided; `rule` says by what it came to
    its state, a code of `scheduling.offers.words`, with its `facts`; `reason` is what who decided
    it says.
    """

    class State(models.TextChoices):
        OFFERED = "offered", _("Not answered")
        WAITING = "waiting", _("To be decided")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    offer = models.ForeignKey(ShiftOffer, models.CASCADE, related_name="answers")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="shift_offers")
    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="shift_offers")
    day = models.DateField()
    before = models.JSONField()
    after = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OFFERED)
    answered_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    rule = models.CharField(max_length=12, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    edit = models.ForeignKey(RosterEdit, models.SET_NULL, null=True, related_name="+")

    objects = ShiftOfferAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to an offer of overtime or time off")
        verbose_name_plural = _("answers to offers of overtime and time off")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "agent"], name="shift_offer_answered_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_offer_answer_of_some_time"
            ),
        ]
        # Of somebody, the newest; and what ends by itself.
        indexes = [
            models.Index(fields=["agent", "day"], name="shift_offer_by_agent"),
            models.Index(fields=["until"], name="shift_offer_live", condition=Q(state__in=LIVE)),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.agent_id}"

    def is_live(self, now: datetime) -> bool:
        """Whether it can still be accepted, or decided."""
        return self.state in LIVE and now < self.until
