"""What is spent, aimed at, planned, sold and paid for, and who is away: what lists tell beside the
logs."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ccm.access import ROLES
from ccm.models.calls import Call, Queue
from ccm.models.people import Agent, Site, Team
from ccm.querysets import (
    CostQuerySet,
    HeadcountQuerySet,
    LeaveQuerySet,
    PaidTimeQuerySet,
    SaleQuerySet,
    TargetQuerySet,
)

CURRENCY = r"^[A-Z]{3}$"
NO_CURRENCY = _("A currency is three letters of ISO 4217, as EUR.")


def _batch() -> models.ForeignKey:
    """The import that made the row; null: a person on a page."""
    return models.ForeignKey(
        "ccm.ImportBatch", models.PROTECT, null=True, blank=True, related_name="+",
        db_constraint=False, db_index=False, editable=False,
    )  # fmt: skip


def _one_of_at_most(*fields: str) -> Q:
    """At most one of these is said."""
    said = Q()
    for field in fields:
        said |= Q(**{f"{other}__isnull": True for other in fields if other != field})
    return said


class Cost(models.Model):
    """Money for the site days from `first_on` to `last_on`, both included: of a queue, of an
    agent, or of the whole site where neither is named.

    `amount` is of the whole period; below 0 it was credited. `reference` tells apart costs of
    one kind, period and place, such as two invoices of a month: without one the later word on
    the same cost corrects the earlier.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="costs")
    kind = models.CharField(_("kind"), max_length=60)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="costs")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="costs")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    batch = _batch()

    objects = CostQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "kind"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")),
                name="cost_ends_after_start",
                violation_error_message=_("It ends before it starts."),
            ),
            models.CheckConstraint(
                condition=_one_of_at_most("queue", "agent"),
                name="cost_of_one",
                violation_error_message=_("A cost is of a queue or of an agent, not of both."),
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY),
                name="cost_in_a_currency",
                violation_error_message=NO_CURRENCY,
            ),
            models.CheckConstraint(
                condition=~Q(kind=""),
                name="cost_has_a_kind",
                violation_error_message=_("Of what kind is it?"),
            ),
            models.UniqueConstraint(
                "site",
                Lower("kind"),
                "queue",
                "agent",
                "first_on",
                "last_on",
                "reference",
                nulls_distinct=False,
                name="cost_once",
                violation_error_message=_(
                    "There is this cost already: correct it, or give this one a reference."
                ),
            ),
        ]
        # What a period cost: the site's costs by when they begin.
        indexes = [models.Index(fields=["site", "first_on"], name="cost_by_site")]

    def __str__(self) -> str:
        return f"{self.kind}, {self.amount} {self.currency} from {self.first_on}"


class Target(models.Model):
    """What a KPI is to reach from a site day on, until the next target of the same scope.

    Of the whole site, or of one queue, team, agent or role. `kpi` is an id that `ccm.plans.aims`
    knows; `value` is in that KPI's unit (shares from 0 to 1, seconds); null: no target any more.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="targets")
    kpi = models.CharField(max_length=40)
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, blank=True, related_name="targets")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="targets")
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, blank=True, related_name="targets")
    role = models.CharField(max_length=20, blank=True, choices=[(role, role) for role in ROLES])
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    valid_from = models.DateField()
    batch = _batch()

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=(_one_of_at_most("queue", "team", "agent") & Q(role=""))
                | Q(queue=None, team=None, agent=None),
                name="target_of_one",
                violation_error_message=_(
                    "A target is of one queue, team, agent or role, or of the whole site."
                ),
            ),
            models.CheckConstraint(
                condition=Q(role__in=["", *ROLES]),
                name="target_of_a_role",
                violation_error_message=_("There is no such role."),
            ),
            models.UniqueConstraint(
                fields=["site", "kpi", "queue", "team", "agent", "role", "valid_from"],
                nulls_distinct=False,
                name="target_once_a_day",
                violation_error_message=_(
                    "There is a target of this from that day already: correct it."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.value} from {self.valid_from}"


class Headcount(models.Model):
    """How many people a site or a team was to have, and had, on a day or on average of a month.

    In full-time equivalents, in heads, or both. Null is unknown. A month is told by its first day.
    """

    class Period(models.TextChoices):
        DAY = "day", _("Day")
        MONTH = "month", _("Month")

    site = models.ForeignKey(Site, models.CASCADE, related_name="headcounts")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="headcounts")
    period = models.CharField(_("period"), max_length=5, choices=Period)
    starts_on = models.DateField(_("day, or first of the month"))
    planned_fte = models.DecimalField(
        _("planned FTE"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    actual_fte = models.DecimalField(
        _("actual FTE"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    planned_heads = models.PositiveIntegerField(_("planned heads"), null=True, blank=True)
    actual_heads = models.PositiveIntegerField(_("actual heads"), null=True, blank=True)
    batch = _batch()

    objects = HeadcountQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(period="month") | Q(starts_on__day=1),
                name="headcount_month_begins",
                violation_error_message=_("A month is told by its first day."),
            ),
            models.CheckConstraint(
                condition=Q(planned_fte__isnull=False)
                | Q(actual_fte__isnull=False)
                | Q(planned_heads__isnull=False)
                | Q(actual_heads__isnull=False),
                name="headcount_says_something",
                violation_error_message=_("Say at least one of the four."),
            ),
            models.CheckConstraint(
                condition=(Q(planned_fte=None) | Q(planned_fte__gte=0))
                & (Q(actual_fte=None) | Q(actual_fte__gte=0)),
                name="headcount_is_no_debt",
                violation_error_message=_("It is no number of people."),
            ),
            models.UniqueConstraint(
                fields=["site", "team", "period", "starts_on"],
                nulls_distinct=False,
                name="headcount_once",
                violation_error_message=_("There is a headcount of this already: correct it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team or self.site}, {self.period} of {self.starts_on}"


class Sale(models.Model):
    """What was sold, or may yet be (`pipeline_value`), of a call or of an agent on a site day.

    `call_ref` is the call's id at its source as the list wrote it: it stays where the call is
    not there, and the call may come later. Where a call itself tells a value (`Call.sale_value`),
    a sale told of it stands instead.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="sales")
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    call_ref = models.CharField(_("id of the call"), max_length=120, blank=True)
    call = models.ForeignKey(
        Call, models.DO_NOTHING, null=True, editable=False, related_name="sales",
        db_constraint=False,
    )  # fmt: skip
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="sales")
    sold_on = models.DateField(_("day"), null=True, blank=True)
    value = models.DecimalField(_("sale"), max_digits=14, decimal_places=2, null=True, blank=True)
    pipeline_value = models.DecimalField(
        _("pipeline value"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3)
    batch = _batch()

    objects = SaleQuerySet.as_manager()

    class Meta:
        ordering = ["-sold_on"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(call_ref="") | Q(agent__isnull=False, sold_on__isnull=False),
                name="sale_of_a_call_or_a_day",
                violation_error_message=_("Of which call, or of which agent on which day?"),
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(pipeline_value__isnull=False),
                name="sale_says_a_value",
                violation_error_message=_("Say a sale, a pipeline value, or both."),
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY),
                name="sale_in_a_currency",
                violation_error_message=NO_CURRENCY,
            ),
            models.UniqueConstraint(
                fields=["site", "reference"],
                condition=~Q(reference=""),
                name="sale_once",
                violation_error_message=_("There is a sale of this reference already."),
            ),
            models.UniqueConstraint(
                fields=["site", "call_ref", "agent", "sold_on"],
                condition=Q(reference=""),
                nulls_distinct=False,
                name="sale_once_without_reference",
                violation_error_message=_(
                    "There is this sale already: correct it, or give this one a reference."
                ),
            ),
        ]
        # What was sold in a period, and by whom.
        indexes = [
            models.Index(fields=["site", "sold_on"], name="sale_by_site"),
            # Those that name a call look for it among the calls that come.
            models.Index(
                fields=["site", "call_ref"],
                name="sale_waits_for_call",
                condition=Q(call=None) & ~Q(call_ref=""),
            ),
        ]

    def __str__(self) -> str:
        told = self.value if self.value is not None else self.pipeline_value
        return f"{told} {self.currency} {self.reference}".rstrip()


class ListTold(models.Model):
    """What the lines of a list have said so far of a row, by attribute, while the list is read:
    the first of two that contradict each other stands.

    `relation` is the row's table, `row` its key.
    """

    batch = models.ForeignKey("ccm.ImportBatch", models.CASCADE, related_name="told")
    relation = models.CharField(max_length=40)
    row = models.BigIntegerField()
    said = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "relation", "row"], name="told_once_a_row")
        ]

    def __str__(self) -> str:
        return f"{self.relation} {self.row}"


class Leave(models.Model):
    """An agent's absence of one kind, from `first_on` to `last_on`, both included; null: it is
    not known yet when it ends."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="leaves")
    kind = models.CharField(_("kind"), max_length=60)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"), null=True, blank=True)
    batch = _batch()

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")),
                name="leave_ends_after_start",
                violation_error_message=_("It ends before it starts."),
            ),
            models.CheckConstraint(
                condition=~Q(kind=""),
                name="leave_has_a_kind",
                violation_error_message=_("Of what kind is it?"),
            ),
            models.UniqueConstraint(
                "agent",
                Lower("kind"),
                "first_on",
                name="leave_once",
                violation_error_message=_("There is this absence already: correct it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.kind} from {self.first_on}"


# A day on which the clock goes back has 25 hours.
MOST_MINUTES = 25 * 60


class PaidTime(models.Model):
    """How long an agent was paid for on a site day, worked or not: from payroll, for hours of a
    contract are no paid hours. 0: the day was known to be unpaid."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="paid_times")
    day = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("paid minutes"))
    batch = _batch()

    objects = PaidTimeQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__lte=MOST_MINUTES),
                name="paid_time_fits_a_day",
                violation_error_message=_("No day has so many minutes."),
            ),
            models.UniqueConstraint(
                fields=["agent", "day"],
                name="paid_time_once_a_day",
                violation_error_message=_("There is paid time of this day already: correct it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.minutes} min on {self.day}"
