"""Asking callers: the rules by which some are drawn after their calls, and who was."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Call, Queue, Site, SurveyInvitation, SurveyResponse, User, Webhook
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer


class AskingRuleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Rules of sites that the user manages."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)


class AskingRule(models.Model):
    """Whom to ask after which calls of a site: those on `queues` (none: all) that somebody took and
    that ended after `since`, a `share` of them at random.

    A call is drawn where a number made of `seed` and its id is below `share`: anybody repeats it.
    Nobody is asked who was within `rest_days`, whatever rule it was by. Links are handed on between
    `first_hour` and `last_hour` of the site's clock: sent from here (`by_mail`), posted to the
    `webhook`, or, where there is neither, taken along as a list. A mail says `subject` and `words`,
    or what all say where they are empty, to addresses that are kept `address_days` at most.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    name = LineField(_("name"), max_length=80)
    queues = models.ManyToManyField(Queue, blank=True, related_name="+")
    questions = ArrayField(models.CharField(max_length=4, choices=SurveyResponse.Kind))
    share = models.DecimalField(_("share"), max_digits=5, decimal_places=4)
    rest_days = models.PositiveSmallIntegerField(_("days of rest"), default=30)
    first_hour = models.PositiveSmallIntegerField(_("from"), default=9)
    last_hour = models.PositiveSmallIntegerField(_("to"), default=20)
    webhook = models.ForeignKey(
        Webhook, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("webhook")
    )
    by_mail = models.BooleanField(_("by mail"), default=False)
    subject = LineField(_("subject"), max_length=120, blank=True)
    words = WordsField(_("words"), max_length=1000, blank=True)
    address_days = models.PositiveSmallIntegerField(_("days that an address is kept"), default=7)
    seed = models.CharField(max_length=32, editable=False)
    is_on = models.BooleanField(_("switched on"), default=True)
    since = models.DateTimeField(editable=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = AskingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of asking callers")
        verbose_name_plural = _("rules of asking callers")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=1), name="asking_share_of_calls"
            ),
            models.CheckConstraint(condition=Q(questions__len__gt=0), name="asking_asks_something"),
            models.CheckConstraint(condition=Q(rest_days__gte=1), name="asking_lets_rest"),
            models.CheckConstraint(
                condition=Q(by_mail=False) | Q(webhook=None), name="asking_by_one_way"
            ),
            models.CheckConstraint(
                condition=Q(address_days__gte=3, address_days__lte=30),
                name="asking_keeps_addresses_so_long",
            ),
            models.CheckConstraint(
                condition=Q(first_hour__lt=F("last_hour"), last_hour__lte=24),
                name="asking_within_a_day",
            ),
            models.UniqueConstraint(
                fields=["site", "name"],
                name="asking_rule_once_a_site",
                violation_error_message=_("There is another rule of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_list(self) -> bool:
        """Whether somebody takes its links along."""
        return not self.by_mail and self.webhook_id is None


class AskedCall(models.Model):
    """A call that was drawn: its caller is asked, or was left out, and why.

    Its link is made again of the call's id where it is handed on, and kept nowhere. What is `going`
    is being sent by mail, until `due_at` at most. A call may be gone with its month.
    """

    class State(models.TextChoices):
        DRAWN = "drawn", _("To be handed on")
        GOING = "going", _("On its way")
        HANDED = "handed", _("Handed on")
        FAILED = "failed", _("Not taken")
        LEFT = "left", _("Left out")

    class Why(models.TextChoices):
        WITHHELD = "withheld", _("nobody knows who called")
        NEVER = "never", _("does not want to be asked")
        RESTING = "resting", _("was asked lately")
        OVER = "over", _("the link was over before it could be handed on")
        CANNOT = "cannot", _("the call cannot be asked about")
        NOWHERE = "nowhere", _("no mail address came with the call")
        EXPIRED = "expired", _("its mail address is kept no more")
        GONE = "gone", _("its call was taken back")
        SEALED = "sealed", _("the mail address cannot be read: its key is gone")

    rule = models.ForeignKey(AskingRule, models.PROTECT, related_name="asked")
    call = models.ForeignKey(
        Call, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    caller_hash = LineField(max_length=32, blank=True)
    invitation = models.OneToOneField(SurveyInvitation, models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=6, choices=State)
    why = models.CharField(max_length=8, choices=Why, blank=True)
    drawn_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = LineField(max_length=300, blank=True)
    handed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-drawn_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["call"], name="asked_once_a_call"),
            models.CheckConstraint(
                condition=Q(state="left") ^ Q(why=""), name="asked_left_out_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="left") | Q(invitation__isnull=False),
                name="asked_by_a_link",
            ),
            models.CheckConstraint(
                condition=Q(state="handed") ^ Q(handed_at=None), name="asked_handed_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["rule", "drawn_at"], name="asked_by_rule"),
            # Who was asked lately, and what is to be handed on.
            models.Index(
                fields=["caller_hash", "drawn_at"],
                name="asked_lately",
                condition=~Q(state="left"),
            ),
            models.Index(
                fields=["due_at"], name="asked_due", condition=Q(state__in=("drawn", "going"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.call_id}"
