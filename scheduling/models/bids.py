"""Shift bids: rounds in which people rank the rows of a draft roster, lines without a name, and
what each is given."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Queue, Team, User
from scheduling.models.bids_querysets import BidQuerySet, BidRoundQuerySet
from scheduling.models.rosters import KeptRoster
from scheduling.models.terms import Contract


class BidRound(models.Model):
    """A round of bids on a draft roster: who take part, until when, and who chooses before whom.

    People were chosen by `team`, `contract` and `queue`, each empty where that did not matter.
    `criteria` are those of `scheduling.bids.awarding`, in their order. The lines are what the
    roster was at `revision`. `breaks` are rules that bind people together and that what is
    proposed would newly break ({"rule", "person", "day", "amount", "limit"}). `is_told`: in a round
    by fairness, those who take part may read their own figure of the ledger.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")
        AWARDED = "awarded", _("Given out")
        CALLED_OFF = "called_off", _("Called off")

    class Criterion(models.TextChoices):
        SENIORITY = "seniority", _("Seniority: who was hired first chooses first")
        TURN = "turn", _("Turn: who chose last in the round before chooses first")
        FAIRNESS = (
            "fairness",
            _("Fairness: who bore most beyond their fair share of burdens chooses first"),
        )
        DRAW = "draw", _("Draw")

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="bid_rounds")
    revision = models.PositiveIntegerField()
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    contract = models.ForeignKey(
        Contract, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("contract"),
    )  # fmt: skip
    queue = models.ForeignKey(
        Queue, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("queue")
    )
    criteria = ArrayField(models.CharField(max_length=9, choices=Criterion))
    # Of the draw; anybody can repeat it.
    seed = models.PositiveIntegerField()
    closes_at = models.DateTimeField(_("closes"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    breaks = models.JSONField(default=list)
    is_told = models.BooleanField(default=False)
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    awarded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    awarded_at = models.DateTimeField(null=True)

    objects = BidRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("round of bids")
        verbose_name_plural = _("rounds of bids")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gte=F("opened_at")), name="bid_round_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(state="awarded", awarded_at__isnull=False)
                | (~Q(state="awarded") & Q(awarded_at=None)),
                name="bid_round_awarded_at_a_time",
            ),
        ]
        # Beat asks each minute which are due.
        indexes = [models.Index(fields=["state", "closes_at"], name="bid_round_due")]

    def __str__(self) -> str:
        return f"{self.roster_id}: {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.AWARDED, self.State.CALLED_OFF)


class BidLine(models.Model):
    """The shifts that a roster had given somebody, its `holder`, when a round began.

    `shifts` are by day (YYYY-MM-DD) as `scheduling.rosters.given` writes them. `counts` are what
    people choose by: "minutes" worked, "days", and shifts by `scheduling.fairness.Burden`.
    Numbers, from 1 on, tell nothing of whose it was.
    """

    round = models.ForeignKey(BidRound, models.CASCADE, related_name="lines")
    number = models.PositiveSmallIntegerField()
    holder = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    shifts = models.JSONField()
    counts = models.JSONField()

    objects: Any = models.Manager()

    class Meta:
        verbose_name = _("line of shifts")
        verbose_name_plural = _("lines of shifts")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="bid_line_once"),
            models.UniqueConstraint(fields=["round", "holder"], name="bid_line_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}: {self.number}"


class Bid(models.Model):
    """What somebody chose in a round, and what they get.

    `ranked` are numbers of lines, the best first. `against` says what speaks against lines that are
    not open to them: {number: {"skills": bool, "broken": [{"rule", "day", "amount", "limit"}]}}.
    Once the round is closed `place` is when they chose, `by` what said so, `line` what they get and
    `choices` what became of their ranking: [number, why] of `scheduling.bids.awarding.Why`;
    `beyond` are the burdens that they bore more than their fair share, in a round by fairness
    (None: not counted).
    `changes` counts how often they ranked, so that of two pages one says that it is old.
    """

    round = models.ForeignKey(BidRound, models.CASCADE, related_name="bids")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="bids")
    ranked = ArrayField(models.PositiveSmallIntegerField(), default=list)
    ranked_at = models.DateTimeField(null=True)
    changes = models.PositiveIntegerField(default=0)
    against = models.JSONField(default=dict)
    place = models.PositiveSmallIntegerField(null=True)
    by = ArrayField(models.CharField(max_length=9), default=list)
    line = models.OneToOneField(BidLine, models.SET_NULL, null=True, related_name="bid")
    choices = models.JSONField(default=list)
    beyond = models.FloatField(null=True)

    objects = BidQuerySet.as_manager()

    class Meta:
        verbose_name = _("bid")
        verbose_name_plural = _("bids")
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "agent"], name="bid_once_a_round"),
            models.UniqueConstraint(fields=["round", "place"], name="bid_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}: {self.agent_id}"

    @property
    def is_placed(self) -> bool:
        """Whether they get what was left, not a choice of theirs."""
        return not self.choices or self.choices[-1][1] != "given"
