"""Scenarios side by side, the forms that make them, and the recruiter's view."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exports
from ccm.access import scope_of
from ccm.filters import address, of_sites
from ccm.intervals import day_of
from ccm.models import Queue, Site, User
from ccm.navigation import may_open
from ccm.structure import opening_hours
from ccm.templatetags.figures import rounded
from scheduling.forecast.monthly import MOST
from scheduling.models import Scenario
from scheduling.scenarios import drawn, people, reckoned, record, shown
from scheduling.scenarios.forms import ScenarioForm
from scheduling.scenarios.record import Record
from scheduling.scenarios.shown import Column, Recruiting, Row

MOST_BESIDE = 4
_SURE = "80"
_NAMED_ONCE = "scenario_named_once"


@login_required
@require_safe
def scenarios_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Up to four scenarios of a site side by side, over eighteen months."""
    sites, site = _sites(request)
    context: dict[str, Any] = {"sites": sites, "site": site, "now": timezone.now()}
    if site is None:
        return render(request, "scheduling/scenarios.html", context)
    every = _of(request, site)
    asked = set(request.GET.getlist("show"))
    named = [one for one in every if str(one.pk) in asked] if asked else every
    columns = shown.columns(site, named[:MOST_BESIDE], _today(site))
    costs = _may_change(request, site)
    if columns and request.GET.get("export") == "csv":
        return _months_csv(site, columns, costs=costs)
    chosen = {one.scenario.pk for one in columns}
    context |= {
        "scenarios": [(one, one.pk in chosen, shown.changes(one)) for one in every],
        "columns": columns,
        "side": [(one, one.recruiting()) for one in columns],
        "months": _months(columns),
        "chart": drawn.side_by_side(columns),
        "most": MOST_BESIDE,
        "too_many": len(named) > MOST_BESIDE and bool(asked),
        "is_behind": any(one.is_behind for one in columns),
        "has_begun": any(one.has_begun for one in columns),
        "asked_for": shown.asked_for(columns),
        "names": dict(Queue.objects.filter(site=site).values_list("pk", "name")),
        "may_change": costs,
        "shows_cost": costs and any(one.rate is not None for one in columns),
        "csv_url": f"{reverse('scenarios')}?"
        + "&".join([f"site={site.slug}", *(f"show={pk}" for pk in sorted(chosen)), "export=csv"]),
    }
    context["left_out"] = _left_out(columns, context["names"])
    context["as_one"] = sorted(
        {name for one in columns if one.work is not None for name in one.work.as_one}
    )
    context["without_trend"] = _without_trend(columns, context["names"])
    return render(request, "scheduling/scenarios.html", context)


@login_required
@require_safe
def hiring_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """How many people to hire, and when it must begin."""
    sites, site = _sites(request)
    context: dict[str, Any] = {"sites": sites, "site": site, "now": timezone.now()}
    if site is None:
        return render(request, "scheduling/hiring.html", context)
    every = _of(request, site)
    asked = request.GET.get("scenario", "")
    chosen = [one for one in every if str(one.pk) == asked] if asked else every[:1]
    if asked and not chosen:
        raise Http404
    column = next(iter(shown.columns(site, chosen, _today(site))), None)
    sure = request.GET.get("for") == _SURE
    told = None if column is None else column.recruiting(sure=sure)
    if told is not None and column is not None and request.GET.get("export") == "csv":
        return _hiring_csv(site, column, told)
    context |= {
        "scenarios": every,
        "column": column,
        "sure": sure,
        "told": told,
        "today": _today(site),
        "chart": None if told is None else drawn.recruiting(told),
        "asked_for": [] if column is None else shown.asked_for([column]),
        "may_change": _may_change(request, site),
        "csv_url": address(
            reverse("hiring"),
            {
                "site": site.slug,
                "scenario": column and column.scenario.pk,
                "for": _SURE if sure else "",
                "export": "csv",
            },
        ),
    }
    return render(request, "scheduling/hiring.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_new(request: HttpRequest) -> HttpResponse:
    sites = Site.objects.managed_by(request.user).order_by("name")
    asked = request.GET.get("site", "")
    site = sites.filter(slug=asked).first() if asked else sites.first()
    if site is None:
        raise Http404
    made = Scenario(site=site, made_by=_user(request))
    return _form(request, made, _("%(name)s is made."))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form(request, _changeable(request, pk), _("%(name)s is changed."))


@login_required
@require_POST
def scenario_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Another like it, to be changed."""
    try:
        made = reckoned.copy(_changeable(request, pk), _user(request), timezone.now())
    except Scenario.DoesNotExist as gone:
        raise Http404 from gone
    messages.info(request, _("%(name)s is made.") % {"name": made.name})
    return redirect("scenario_edit", pk=made.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a scenario is to go, then forget it. How a site is stays."""
    one = _changeable(request, pk)
    if one.is_base:
        raise Http404
    url = address(reverse("scenarios"), {"site": one.site.slug})
    if request.method == "POST":
        reckoned.remove(one, _user(request), timezone.now())
        messages.info(request, _("%(name)s is removed.") % {"name": one.name})
        return redirect(url)
    words = _("Nothing else is changed: forecasts and people stay as they are.")
    return render(
        request, "ccm/remove.html", {"named": one.name, "along": [words], "keep_url": url}
    )


def _form(request: HttpRequest, scenario: Scenario, kept: str) -> HttpResponse:
    site, is_there = scenario.site, scenario.pk is not None
    base = None
    if not scenario.is_base:
        base = Scenario.objects.filter(site=site, is_base=True).first()
    counted = record.of(site, _today(site))
    form = ScenarioForm(
        request.POST if request.method == "POST" else None,
        instance=scenario,
        queues=Queue.objects.filter(site=site).order_by("name"),
        months=_months_to_begin(_today(site), people.counted_on(scenario, base, counted)),
        known=_known(scenario, base, counted),
    )
    url = address(reverse("scenarios"), {"site": site.slug})
    if form.is_bound and form.is_valid() and _kept(form, _user(request)):
        messages.info(request, kept % {"name": form.instance.name})
        return redirect(url)
    heading = _("New scenario")
    if is_there:
        # As it is kept, whatever the form says.
        heading = Scenario.objects.values_list("name", flat=True).get(pk=scenario.pk)
    context = {
        "form": form,
        "site": site,
        "heading": heading,
        "is_there": is_there,
        "is_base": scenario.is_base,
        "hours": _hours_words(site),
        "list_url": url,
    }
    return render(request, "scheduling/scenario.html", context)


def _kept(form: ScenarioForm, who: User) -> bool:
    """Keep what a form says; False where somebody else took its name just now."""
    try:
        reckoned.keep(form.instance, form.queues_chosen, who, timezone.now())
    except IntegrityError as fault:
        if _broken_by(fault) != _NAMED_ONCE:
            raise
        form.add_error(None, _("There is a scenario of this name already."))
        return False
    return True


def _broken_by(fault: IntegrityError) -> str | None:
    """The name of the constraint that would have been broken."""
    diagnosis = getattr(fault.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _sites(request: HttpRequest) -> tuple[list[Site], Site | None]:
    """Those that the reader may choose, and the one that the address names, else the first; 404 for
    one out of reach."""
    if not may_open("scenarios", request.user):
        raise Http404
    sites = list(Site.objects.planned_by(request.user).order_by("name"))
    return sites, of_sites(request, sites)


def _of(request: HttpRequest, site: Site) -> list[Scenario]:
    seen = Scenario.objects.visible_to(request.user)
    return list(seen.filter(site=site).prefetch_related("queues"))


def _changeable(request: HttpRequest, pk: int) -> Scenario:
    rows = Scenario.objects.managed_by(request.user).select_related("site")
    return get_object_or_404(rows, pk=pk)


def _may_change(request: HttpRequest, site: Site) -> bool:
    """Whether the reader manages the site: who does not sees no costs of it either."""
    scope = scope_of(request.user)
    return scope.everything or site.pk in scope.managed_sites


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "who may change something is signed in"
    return request.user


def _today(site: Site) -> date:
    return day_of(timezone.now(), site.calendar)


def _months_to_begin(today: date, counted: date | None) -> list[date]:
    """Those ahead, and before them those since people were counted."""
    last = _next_month(today)
    for _number in range(MOST - 1):
        last = _next_month(last)
    found, first = [], _next_month(today if counted is None else counted)
    while first <= last:
        found.append(first)
        first = _next_month(first)
    return found


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _months(columns: Sequence[Column]) -> list[tuple[date, list[Any]]]:
    """Each month with every scenario, its row, or None, and what it needs costs."""
    by_column = [{row.first: row for row in one.rows} for one in columns]
    every = sorted({first for rows in by_column for first in rows})
    return [
        (
            first,
            [
                (one, row, None if row is None else one.cost_of(row))
                for one, rows in zip(columns, by_column, strict=True)
                for row in [rows.get(first)]
            ],
        )
        for first in every
    ]


def _left_out(columns: Sequence[Column], names: dict[int, str]) -> list[tuple[str, str]]:
    """Queues of which nothing can be told, and why."""
    why = {
        "none": _("no forecast"),
        "aht": _("no handle time is known"),
        "aim": _("no number of positions meets what is asked"),
    }
    found = {
        (names.get(pk, ""), why[reason])
        for one in columns
        if one.work is not None
        for pk, reason in one.work.left_out
    }
    return sorted(found)


def _without_trend(columns: Sequence[Column], names: dict[int, str]) -> list[str]:
    """Queues that were known for too few months to have a trend."""
    few = {pk for one in columns if one.work is not None for pk in one.work.by_level}
    return sorted(names[pk] for pk in few if pk in names)


def _known(scenario: Scenario, base: Scenario | None, known: Record) -> dict[str, str]:
    """What stands where a field is left empty, as far as it is known."""
    words = _("known: %(value)s") if scenario.is_base else _("as it is: %(value)s")
    found: dict[str, str] = {}
    for name, value, times in (
        ("fte", known.fte, 1),
        ("paid_hours", known.paid_hours, 1),
        ("attrition", known.attrition, 100),
        ("shrinkage", None, 100),
        ("overtime", None, 100),
        ("cost_per_hour", None, 1),
        ("lead_weeks", None, 1),
        ("training_months", None, 1),
    ):
        told = getattr(base, name, None) if base is not None else None
        said = value if told is None else told
        if said is not None:
            found[name] = words % {"value": _said(float(said) * times)}
    if base is not None and base.ramp is not None:
        found["ramp"] = words % {"value": ", ".join(_said(float(one) * 100) for one in base.ramp)}
    return found


def _said(value: float) -> str:
    """A number as a field has it, with no more decimals than it takes."""
    return f"{rounded(value, 2):f}".rstrip("0").rstrip(".")


def _hours_words(site: Site) -> list[str]:
    """The opening hours of a site by weekday, in words; none: it is always open."""
    if not site.opening:
        return []
    return [opening_hours.written(site.opening.get(str(day), [])) for day in range(7)]


def _months_csv(site: Site, columns: Sequence[Column], *, costs: bool) -> StreamingHttpResponse:
    header = [
        _("scenario"), _("month"), _("needed without shrinkage"), _("needed"), _("there"),
        _("gap"), _("needed for 80 of 100"), _("begin"), _("service level"),
        *(_cost_words(site) if costs else []),
    ]  # fmt: skip
    rows = (
        [
            one.scenario.name,
            row.first,
            row.month.needed_on_calls,
            row.month.needed,
            row.month.there if one.people.has_people else None,
            row.month.gap if one.people.has_people else None,
            None if row.sure is None else row.sure.needed,
            row.month.hired,
            one.asked,
            *(_costs(one, row) if costs else []),
        ]
        for one in columns
        for row in one.rows
    )
    return exports.download(f"scenarios-{site.slug}.csv", header, rows)


def _cost_words(site: Site) -> list[str]:
    words = [_("cost of needed"), _("cost of there")]
    return [f"{one}, {site.currency}" for one in words] if site.currency else words


def _costs(column: Column, row: Row) -> list[float | None]:
    return [column.cost_of(row), row.month.cost if column.people.has_people else None]


def _hiring_csv(site: Site, column: Column, told: Recruiting) -> StreamingHttpResponse:
    header = [
        _("month"), _("needed"), _("there"), _("there if nobody else is hired"), _("gap"),
        _("planned to begin"), _("to hire"), _("recruit from"), _("service level"),
    ]  # fmt: skip
    rows = (
        [
            step.first, step.need, step.there, step.without, step.gap, step.planned,
            step.hire, step.recruit_by, column.asked,
        ]
        for step in told.steps
    )  # fmt: skip
    return exports.download(f"hiring-{site.slug}-{column.scenario.pk}.csv", header, rows)
