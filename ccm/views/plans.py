"""Costs, targets and headcounts: lists, what they hold as CSV, and their forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exports, filters, tables
from ccm.models import Cost, Headcount, Site, Target, User
from ccm.navigation import may_open
from ccm.plans import aims
from ccm.plans import forms as plan_forms
from ccm.plans import tables as plan_tables

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """A list: the beginning of its pages' names, its words, its rows, its table and its form.

    `related` are the rows named beside each, `searched` the fields that a text is looked for in,
    `narrowed` the field that a choice of `choices` narrows, under `choice_words`.
    """

    slug: str
    place: str
    words: Words
    new_words: Words
    model: type[Model]
    related: tuple[str, ...]
    searched: tuple[str, ...]
    narrowed: str
    choice_words: Words
    choices: Callable[[QuerySet[Any]], filters.Choices]
    table: type[plan_tables.PlanTable]
    header: list[Any]
    cells: Callable[[Any], Sequence[object]]
    form: type[plan_forms.PlanForm]

    def url(self, page: str, *args: object) -> str:
        return reverse(f"{self.slug}_{page}", args=args)


def _kinds(rows: QuerySet[Any]) -> filters.Choices:
    found = rows.order_by("kind").values_list("kind", flat=True).distinct()
    return [(one, one) for one in found]


def _kpis(_rows: QuerySet[Any]) -> filters.Choices:
    return [(one.id, str(one.name)) for one in aims.known().values()]


def _periods(_rows: QuerySet[Any]) -> filters.Choices:
    return [(value, str(words)) for value, words in Headcount.Period.choices]


COSTS = Part(
    "cost", "costs", gettext_lazy("Costs"), gettext_lazy("New cost"), Cost,
    ("site", "queue", "agent"),
    ("kind", "reference", "note", "queue__name", "agent__name"),
    "kind", gettext_lazy("Kind"), _kinds,
    plan_tables.CostTable, plan_tables.COST_HEADER, plan_tables.cost_cells, plan_forms.CostForm,
)  # fmt: skip
TARGETS = Part(
    "target", "targets", gettext_lazy("Targets"), gettext_lazy("New target"), Target,
    ("site", "queue", "team", "agent"),
    ("queue__name", "team__name", "agent__name", "role"),
    "kpi", gettext_lazy("KPI"), _kpis,
    plan_tables.TargetTable, plan_tables.TARGET_HEADER, plan_tables.target_cells,
    plan_forms.TargetForm,
)  # fmt: skip
HEADCOUNTS = Part(
    "headcount", "headcount", gettext_lazy("Headcount"), gettext_lazy("New headcount"), Headcount,
    ("site", "team"), ("team__name",), "period", gettext_lazy("Period"), _periods,
    plan_tables.HeadcountTable, plan_tables.HEADCOUNT_HEADER, plan_tables.headcount_cells,
    plan_forms.HeadcountForm,
)  # fmt: skip
PARTS = (COSTS, TARGETS, HEADCOUNTS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; empty: no matter."""

    site: str
    sites: filters.Choices
    text: str
    choice: str
    choices: filters.Choices

    @property
    def parameters(self) -> dict[str, object]:
        return {"site": self.site, "q": self.text, "only": self.choice}

    @property
    def narrows(self) -> bool:
        return bool(self.site or self.text or self.choice)


@login_required
@require_safe
def list_page(request: HttpRequest, part: Part) -> HttpResponse:
    _user(request, part)
    asked = _asked(request, part)
    table = part.table(_found(request, part, asked))
    table.empty_text = _("Nothing here fits these filters.") if asked.narrows else _("None yet")
    tables.arrange(table, request.GET)
    if table.paginator.count:
        kept = asked.parameters | {"sort": ",".join(table.order_by)}
        table.export_url = filters.address(part.url("csv"), kept)
    words = {"part": part, "asked": asked, "table": table, "new_url": part.url("new")}
    return render(request, "ccm/plans.html", words)


@login_required
@require_safe
def list_csv(request: HttpRequest, part: Part) -> StreamingHttpResponse:
    """The same rows in the same order as the page, to keep."""
    _user(request, part)
    table = part.table(_found(request, part, _asked(request, part)))
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    rows = table.data.data[: exports.MOST_ROWS + 1]
    return exports.download(f"{part.place}.csv", part.header, map(part.cells, rows))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: HttpRequest, part: Part) -> HttpResponse:
    user = _user(request, part)
    form = part.form(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        return _saved(request, part, form)
    return render(request, "ccm/plan_form.html", _words(part, form, part.new_words))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, part: Part, pk: int) -> HttpResponse:
    user = _user(request, part)
    row = _row(request, part, pk)
    form = part.form(request.POST if request.method == "POST" else None, user=user, instance=row)
    if request.method == "POST" and form.is_valid():
        return _saved(request, part, form)
    words = _words(part, form, part.words) | {"row": row, "remove_url": part.url("remove", pk)}
    return render(request, "ccm/plan_form.html", words)


@login_required
@require_POST
def remove(request: HttpRequest, part: Part, pk: int) -> HttpResponse:
    """Forget a row."""
    _user(request, part)
    _row(request, part, pk).delete()
    messages.info(request, _("It is removed."))
    return redirect(part.url("list"))


def _user(request: HttpRequest, part: Part) -> User:
    """The reader, who may change this list. Raises Http404 for anybody else."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not may_open(f"{part.slug}_list", request.user):
        raise Http404
    return request.user


def _managed(request: HttpRequest, part: Part) -> QuerySet[Any]:
    rows: Any = part.model._default_manager
    found: QuerySet[Any] = rows.managed_by(request.user).select_related(*part.related)
    return found


def _row(request: HttpRequest, part: Part, pk: int) -> Any:
    if pk >= 1 << 63:
        raise Http404  # no key is so long
    return get_object_or_404(_managed(request, part), pk=pk)


def _asked(request: HttpRequest, part: Part) -> Asked:
    wanted = request.GET
    reachable = list(Site.objects.managed_by(request.user))
    site, choice = wanted.get("site", ""), wanted.get("only", "")
    if site and site not in {one.slug for one in reachable}:
        raise Http404
    choices = part.choices(_managed(request, part))
    named = [(one.slug, one.name) for one in reachable]
    return Asked(
        site=site,
        sites=[("", _("All")), *named] if len(named) > 1 else [],
        text=wanted.get("q", "").strip().replace("\0", "")[:120],
        choice=choice if choice in dict(choices) else "",
        choices=[("", _("All")), *choices] if choices else [],
    )


def _found(request: HttpRequest, part: Part, asked: Asked) -> QuerySet[Any]:
    rows = _managed(request, part)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.choice:
        rows = rows.filter(**{part.narrowed: asked.choice})
    if asked.text:
        has = Q()
        for field in part.searched:
            has |= Q(**{f"{field}__icontains": asked.text})
        rows = rows.filter(has)
    return rows


def _saved(request: HttpRequest, part: Part, form: plan_forms.PlanForm) -> HttpResponse:
    form.save()
    messages.info(request, _("It is kept."))
    return redirect(part.url("list"))


def _words(part: Part, form: plan_forms.PlanForm, heading: Words) -> dict[str, Any]:
    return {"part": part, "form": form, "heading": heading, "list_url": part.url("list")}


def urls() -> list[URLPattern]:
    """The addresses of every list."""
    return [
        pattern
        for part in PARTS
        for pattern in (
            path(f"admin/{part.place}/", list_page, {"part": part}, f"{part.slug}_list"),
            path(f"admin/{part.place}/export.csv", list_csv, {"part": part}, f"{part.slug}_csv"),
            path(f"admin/{part.place}/new/", new_page, {"part": part}, f"{part.slug}_new"),
            path(f"admin/{part.place}/<int:pk>/", edit_page, {"part": part}, f"{part.slug}_edit"),
            path(
                f"admin/{part.place}/<int:pk>/remove/", remove, {"part": part},
                f"{part.slug}_remove",
            ),
        )
    ]  # fmt: skip
