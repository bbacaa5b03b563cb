"""Trades of published shifts: offers, swaps, shifts given up, and open ones."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, User
from scheduling.models.rosters import KeptRoster, RosterEdit
from scheduling.models.trades_querysets import LIVE, TradeQuerySet


class Trade(models.Model):
    """A shift of a published roster that somebody offers, would swap or give up, or that planners
    post for anybody.

    `shift` is the shift of `giver` on `day` as it was offered (`scheduling.rosters.given`); `back`
    that of `taker` on `back_day` which a swap gives in exchange. `to` is whom it is offered to;
    null: anybody. It ends by itself at `until`. `rule` says by what it came to its state, a code of
    `scheduling.trades.words`, with its `facts`; `reason` is what who decided it says.
    """

    class Kind(models.TextChoices):
        COVER = "cover", _("Cover")
        SWAP = "swap", _("Swap")
        GIVE_UP = "give_up", _("Give up")
        OPEN = "open", _("Open shift")

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        # A swap: what is given in exchange is said, and the giver has not agreed to it yet.
        ANSWERED = "answered", _("Answered")
        WAITING = "waiting", _("To be decided")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="trades")
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OFFERED)
    giver = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="trades_given")
    day = models.DateField(_("day"))
    shift = models.JSONField()
    to = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="trades_offered")
    taker = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="trades_taken")
    back_day = models.DateField(null=True)
    back = models.JSONField(null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    until = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    rule = models.CharField(max_length=12, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    edit = models.ForeignKey(RosterEdit, models.SET_NULL, null=True, related_name="+")

    objects = TradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("trade of a shift")
        verbose_name_plural = _("trades of shifts")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="open", giver=None) | (~Q(kind="open") & Q(giver__isnull=False)),
                name="trade_given_by_somebody_or_open",
            ),
            models.CheckConstraint(
                condition=Q(back=None, back_day=None)
                | Q(kind="swap", back__isnull=False, back_day__isnull=False, taker__isnull=False),
                name="trade_swaps_for_something",
            ),
            models.UniqueConstraint(
                fields=["roster", "giver", "day"],
                condition=Q(state__in=LIVE),
                name="trade_of_a_shift_once_at_a_time",
            ),
        ]
        # What ends by itself, and what waits.
        indexes = [
            models.Index(fields=["until"], name="trade_live", condition=Q(state__in=LIVE)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"

    def is_live(self, now: datetime) -> bool:
        """Whether it still goes on."""
        return self.state in LIVE and now < self.until
