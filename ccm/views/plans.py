"""The lists of costs, targets, headcounts, sales, absences and paid time."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.filters import Choices
from ccm.models import Cost, Headcount, Leave, PaidTime, Sale, Site, Target
from ccm.navigation import records_absences
from ccm.plans import aims, forms, services, tables
from ccm.views.lists import Choice, Listing, Rows, of_field, signed_in


def _kinds(rows: Rows) -> Choices:
    found = rows.order_by("kind").values_list("kind", flat=True).distinct()
    return [(one, one) for one in found]


def _years(rows: Rows) -> Choices:
    found = rows.dates("day", "year", order="DESC")
    return [(str(one.year), str(one.year)) for one in found]


def _of_year(rows: Rows, year: str) -> Rows:
    return rows.filter(day__year=int(year)) if year.isdecimal() and len(year) == 4 else rows.none()


def _kpis(_rows: Rows) -> Choices:
    return [(one.id, str(one.name)) for one in aims.known().values()]


def _periods(_rows: Rows) -> Choices:
    return [(value, str(words)) for value, words in Headcount.Period.choices]


def _stages(_rows: Rows) -> Choices:
    return [("value", _("Sold")), ("pipeline_value", _("Pipeline"))]


def _at_stage(rows: Rows, stage: str) -> Rows:
    return rows.filter(**{f"{stage}__isnull": False})


def _built_in() -> list[str]:
    """The targets that hold where nobody set one, and how that is ended."""
    words = _(
        "%(kpi)s: %(target)s, built in. A target of a site, queue, team or agent stands instead of"
        " it from its day on; one left empty means none at all."
    )
    return [
        words % {"kpi": one.name, "target": aims.told(one, Decimal(str(one.built_in)))}
        for one in aims.known().values()
        if one.built_in is not None
    ]


def _keep(request: HttpRequest, row: services.Plan, _said: Mapping[str, Any]) -> None:
    services.keep(row, signed_in(request), timezone.now())


def _forget(request: HttpRequest, row: services.Plan) -> bool:
    return services.forget(row, signed_in(request), timezone.now())


# What is said before a row goes.
ALONG = (gettext_lazy("It goes, and nothing else does: queues, teams and agents stay."),)
LISTINGS = (
    Listing(
        slug="cost",
        of_people=True,
        place="costs",
        words=gettext_lazy("Costs"),
        new_words=gettext_lazy("New cost"),
        model=Cost,
        related=("site", "queue", "agent"),
        searched=("kind", "reference", "note", "queue__name", "agent__name"),
        choice=Choice(gettext_lazy("Kind"), _kinds, of_field("kind")),
        table=tables.CostTable,
        header=tables.COST_HEADER,
        cells=tables.cost_cells,
        told=tables.cost_words,
        form=forms.CostForm,
        keep=_keep,
        forget=_forget,
        along=ALONG,
    ),
    Listing(
        slug="target",
        of_people=True,
        place="targets",
        words=gettext_lazy("Targets"),
        new_words=gettext_lazy("New target"),
        model=Target,
        related=("site", "queue", "team", "agent"),
        searched=("queue__name", "team__name", "agent__name", "role"),
        choice=Choice(gettext_lazy("KPI"), _kpis, of_field("kpi")),
        table=tables.TargetTable,
        header=tables.TARGET_HEADER,
        cells=tables.target_cells,
        told=tables.target_words,
        form=forms.TargetForm,
        keep=_keep,
        forget=_forget,
        along=(gettext_lazy("It goes: figures are held against the target before it, if any."),),
        otherwise=_built_in,
        otherwise_words=gettext_lazy("Where no target is set"),
    ),
    Listing(
        slug="headcount",
        place="headcount",
        words=gettext_lazy("Headcount"),
        new_words=gettext_lazy("New headcount"),
        model=Headcount,
        related=("site", "team"),
        searched=("team__name",),
        choice=Choice(gettext_lazy("Period"), _periods, of_field("period")),
        table=tables.HeadcountTable,
        header=tables.HEADCOUNT_HEADER,
        cells=tables.headcount_cells,
        told=tables.headcount_words,
        form=forms.HeadcountForm,
        keep=_keep,
        forget=_forget,
        along=ALONG,
    ),
    Listing(
        slug="sale",
        of_people=True,
        place="sales",
        words=gettext_lazy("Sales"),
        new_words=gettext_lazy("New sale"),
        model=Sale,
        related=("site", "agent", "call__agent"),
        searched=("reference", "call_ref", "agent__name", "call__agent__name"),
        shown=tables.with_calls,
        choice=Choice(gettext_lazy("Value"), _stages, _at_stage),
        table=tables.SaleTable,
        header=tables.SALE_HEADER,
        cells=tables.sale_cells,
        told=tables.sale_words,
        form=forms.SaleForm,
        keep=_keep,
        forget=_forget,
        along=ALONG,
    ),
    Listing(
        slug="leave",
        of_people=True,
        place="absences",
        words=gettext_lazy("Absences"),
        new_words=gettext_lazy("New absence"),
        model=Leave,
        of_site="agent__site",
        related=("agent__site",),
        searched=("agent__name", "kind"),
        choice=Choice(gettext_lazy("Kind"), _kinds, of_field("kind")),
        table=tables.LeaveTable,
        header=tables.LEAVE_HEADER,
        cells=tables.leave_cells,
        told=tables.leave_words,
        form=forms.LeaveForm,
        keep=_keep,
        hanging=services.held,
        forget=_forget,
        along=ALONG,
        begun_with=("agent", "first_on"),
        kept_by=records_absences,
        sites=lambda user: Site.objects.absences_kept_by(user),
    ),
    Listing(
        slug="paid",
        of_people=True,
        place="paid-time",
        words=gettext_lazy("Paid time"),
        new_words=gettext_lazy("New paid time"),
        model=PaidTime,
        of_site="agent__site",
        related=("agent__site",),
        searched=("agent__name",),
        choice=Choice(gettext_lazy("Year"), _years, _of_year),
        table=tables.PaidTable,
        header=tables.PAID_HEADER,
        cells=tables.paid_cells,
        told=tables.paid_words,
        form=forms.PaidForm,
        keep=_keep,
        forget=_forget,
        along=ALONG,
    ),
)


def urls() -> list[URLPattern]:
    """The addresses of every list."""
    return [pattern for listing in LISTINGS for pattern in listing.urls()]
