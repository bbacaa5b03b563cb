"""The tables of `ccm.models.plans`."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ccm.creation import table

TABLES = [
    table(
        "Cost",
        {
            "kind": models.CharField(max_length=60, verbose_name="kind"),
            "first_on": models.DateField(verbose_name="first day"),
            "last_on": models.DateField(verbose_name="last day"),
            "amount": models.DecimalField(max_digits=14, decimal_places=2, verbose_name="amount"),
            "currency": models.CharField(max_length=3, verbose_name="currency"),
            "reference": models.CharField(max_length=80, blank=True, verbose_name="reference"),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, null=True, blank=True, related_name="costs"
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                editable=False,
                db_index=False,
                db_constraint=False,
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.PROTECT, null=True, blank=True, related_name="costs"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="costs"),
        },
        ordering=["-first_on", "kind"],
        constraints=[
            models.CheckConstraint(
                name="cost_ends_after_start",
                condition=Q(last_on__gte=F("first_on")),
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                name="cost_of_one",
                condition=Q(agent__isnull=True) | Q(queue__isnull=True),
                violation_error_message="A cost is of a queue or of an agent, not of both.",
            ),
            models.CheckConstraint(
                name="cost_in_a_currency",
                condition=Q(currency__regex="^[A-Z]{3}$"),
                violation_error_message="A currency is three letters of ISO 4217, as EUR.",
            ),
            models.CheckConstraint(
                name="cost_has_a_kind",
                condition=~Q(kind=""),
                violation_error_message="Of what kind is it?",
            ),
            models.UniqueConstraint(
                F("site"),
                Lower("kind"),
                F("queue"),
                F("agent"),
                F("first_on"),
                F("last_on"),
                F("reference"),
                name="cost_once",
                nulls_distinct=False,
                violation_error_message="There is this cost already: correct it, or give this one a reference.",
            ),
        ],
        indexes=[
            models.Index(name="cost_by_site", fields=["site", "first_on"]),
        ],
    ),
    table(
        "Target",
        {
            "kpi": models.CharField(max_length=40),
            "role": models.CharField(
                max_length=20,
                choices=[
                    ("admin", "admin"),
                    ("manager", "manager"),
                    ("planner", "planner"),
                    ("supervisor", "supervisor"),
                    ("qa_analyst", "qa_analyst"),
                    ("trainer", "trainer"),
                    ("agent", "agent"),
                ],
                blank=True,
            ),
            "value": models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True),
            "valid_from": models.DateField(),
            "agent": models.ForeignKey(
                "ccm.agent", models.CASCADE, null=True, blank=True, related_name="targets"
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                editable=False,
                db_index=False,
                db_constraint=False,
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, blank=True, related_name="targets"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="targets"),
            "team": models.ForeignKey(
                "ccm.team", models.CASCADE, null=True, blank=True, related_name="targets"
            ),
        },
        ordering=["kpi", "-valid_from"],
        constraints=[
            models.CheckConstraint(
                name="target_of_one",
                condition=(
                    (
                        Q(agent__isnull=True, team__isnull=True)
                        | Q(agent__isnull=True, queue__isnull=True)
                        | Q(queue__isnull=True, team__isnull=True)
                    )
                    & Q(role="")
                )
                | Q(agent=None, queue=None, team=None),
                violation_error_message="A target is of one queue, team, agent or role, or of the whole site.",
            ),
            models.CheckConstraint(
                name="target_of_a_role",
                condition=Q(
                    role__in=[
                        "",
                        "admin",
                        "manager",
                        "planner",
                        "supervisor",
                        "qa_analyst",
                        "trainer",
                        "agent",
                    ]
                ),
                violation_error_message="There is no such role.",
            ),
            models.UniqueConstraint(
                name="target_once_a_day",
                fields=("site", "kpi", "queue", "team", "agent", "role", "valid_from"),
                nulls_distinct=False,
                violation_error_message="There is a target of this from that day already: correct it.",
            ),
        ],
    ),
    table(
        "Headcount",
        {
            "period": models.CharField(
                max_length=5, choices=[("day", "Day"), ("month", "Month")], verbose_name="period"
            ),
            "starts_on": models.DateField(verbose_name="day, or first of the month"),
            "planned_fte": models.DecimalField(
                max_digits=8, decimal_places=2, null=True, blank=True, verbose_name="planned FTE"
            ),
            "actual_fte": models.DecimalField(
                max_digits=8, decimal_places=2, null=True, blank=True, verbose_name="actual FTE"
            ),
            "planned_heads": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="planned heads"
            ),
            "actual_heads": models.PositiveIntegerField(
                null=True, blank=True, verbose_name="actual heads"
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                editable=False,
                db_index=False,
                db_constraint=False,
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="headcounts"),
            "team": models.ForeignKey(
                "ccm.team", models.CASCADE, null=True, blank=True, related_name="headcounts"
            ),
        },
        ordering=["-starts_on"],
        constraints=[
            models.CheckConstraint(
                name="headcount_month_begins",
                condition=~Q(period="month") | Q(starts_on__day=1),
                violation_error_message="A month is told by its first day.",
            ),
            models.CheckConstraint(
                name="headcount_says_something",
                condition=Q(planned_fte__isnull=False)
                | Q(actual_fte__isnull=False)
                | Q(planned_heads__isnull=False)
                | Q(actual_heads__isnull=False),
                violation_error_message="Say at least one of the four.",
            ),
            models.CheckConstraint(
                name="headcount_is_no_debt",
                condition=(Q(planned_fte=None) | Q(planned_fte__gte=0))
                & (Q(actual_fte=None) | Q(actual_fte__gte=0)),
                violation_error_message="It is no number of people.",
            ),
            models.UniqueConstraint(
                name="headcount_once",
                fields=("site", "team", "period", "starts_on"),
                nulls_distinct=False,
                violation_error_message="There is a headcount of this already: correct it.",
            ),
        ],
    ),
    table(
        "Sale",
        {
            "reference": models.CharField(max_length=80, blank=True, verbose_name="reference"),
            "call_ref": models.CharField(max_length=120, blank=True, verbose_name="id of the call"),
            "sold_on": models.DateField(null=True, blank=True, verbose_name="day"),
            "value": models.DecimalField(
                max_digits=14, decimal_places=2, null=True, blank=True, verbose_name="sale"
            ),
            "pipeline_value": models.DecimalField(
                max_digits=14,
                decimal_places=2,
                null=True,
                blank=True,
                verbose_name="pipeline value",
            ),
            "currency": models.CharField(max_length=3, verbose_name="currency"),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, null=True, blank=True, related_name="sales"
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                editable=False,
                db_index=False,
                db_constraint=False,
            ),
            "call": models.ForeignKey(
                "ccm.call",
                models.DO_NOTHING,
                null=True,
                related_name="sales",
                editable=False,
                db_constraint=False,
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="sales"),
        },
        ordering=["-sold_on"],
        constraints=[
            models.CheckConstraint(
                name="sale_of_a_call_or_a_day",
                condition=~Q(call_ref="") | Q(agent__isnull=False, sold_on__isnull=False),
                violation_error_message="Of which call, or of which agent on which day?",
            ),
            models.CheckConstraint(
                name="sale_says_a_value",
                condition=Q(value__isnull=False) | Q(pipeline_value__isnull=False),
                violation_error_message="Say a sale, a pipeline value, or both.",
            ),
            models.CheckConstraint(
                name="sale_in_a_currency",
                condition=Q(currency__regex="^[A-Z]{3}$"),
                violation_error_message="A currency is three letters of ISO 4217, as EUR.",
            ),
            models.UniqueConstraint(
                name="sale_once",
                fields=("site", "reference"),
                condition=~Q(reference=""),
                violation_error_message="There is a sale of this reference already.",
            ),
            models.UniqueConstraint(
                name="sale_once_without_reference",
                fields=("site", "call_ref", "agent", "sold_on"),
                condition=Q(reference=""),
                nulls_distinct=False,
                violation_error_message="There is this sale already: correct it, or give this one a reference.",
            ),
        ],
        indexes=[
            models.Index(name="sale_by_site", fields=["site", "sold_on"]),
            models.Index(
                name="sale_waits_for_call",
                fields=["site", "call_ref"],
                condition=Q(call=None) & ~Q(call_ref=""),
            ),
        ],
    ),
    table(
        "ListTold",
        {
            "relation": models.CharField(max_length=40),
            "row": models.BigIntegerField(),
            "said": models.JSONField(),
            "batch": models.ForeignKey("ccm.importbatch", models.CASCADE, related_name="told"),
        },
        constraints=[
            models.UniqueConstraint(name="told_once_a_row", fields=("batch", "relation", "row")),
        ],
    ),
    table(
        "Leave",
        {
            "kind": models.CharField(max_length=60, verbose_name="kind"),
            "first_on": models.DateField(verbose_name="first day"),
            "last_on": models.DateField(null=True, blank=True, verbose_name="last day"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="leaves"),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                editable=False,
                db_index=False,
                db_constraint=False,
            ),
        },
        ordering=["-first_on"],
        constraints=[
            models.CheckConstraint(
                name="leave_ends_after_start",
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")),
                violation_error_message="It ends before it starts.",
            ),
            models.CheckConstraint(
                name="leave_has_a_kind",
                condition=~Q(kind=""),
                violation_error_message="Of what kind is it?",
            ),
            models.UniqueConstraint(
                F("agent"),
                Lower("kind"),
                F("first_on"),
                name="leave_once",
                violation_error_message="There is this absence already: correct it.",
            ),
        ],
    ),
    table(
        "PaidTime",
        {
            "day": models.DateField(verbose_name="day"),
            "minutes": models.PositiveSmallIntegerField(verbose_name="paid minutes"),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="paid_times"),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                editable=False,
                db_index=False,
                db_constraint=False,
            ),
        },
        ordering=["-day"],
        constraints=[
            models.CheckConstraint(
                name="paid_time_fits_a_day",
                condition=Q(minutes__lte=1500),
                violation_error_message="No day has so many minutes.",
            ),
            models.UniqueConstraint(
                name="paid_time_once_a_day",
                fields=("agent", "day"),
                violation_error_message="There is paid time of this day already: correct it.",
            ),
        ],
    ),
]
