"""The books: whether figures are the same both ways, and what was found to differ."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ccm.access import scope_of
from ccm.models import Job, Site, User
from ccm.navigation import may_open
from ccm.templatetags.figures import count
from kpis.models import VerifyDifference, VerifyRun
from kpis.second import runs, told
from kpis.second.books import TITLES
from kpis.second.columns import words_of

# So many differences of a site are listed.
LISTED = 100


@dataclass(frozen=True, slots=True)
class Differing:
    """A row of the list: what differs, where, both answers, and the figure's passport."""

    name: str
    where: str
    day: Any
    shown: str
    second: str
    what: str
    passport_url: str


@login_required
@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """The last verification of each site that the reader manages."""
    if not may_open("books", request.user):
        raise Http404
    found = list(VerifyRun.objects.visible_to(request.user).last_finished().select_related("site"))
    rows: dict[int, list[Differing]] = {run.pk: [] for run in found}
    sites = {run.pk: run.site for run in found}
    for one in _first_of_each(found):
        rows[one.run_id].append(_row(one, sites[one.run_id]))
    shown = [
        {
            "run": run,
            "books": [(title, *run.books.get(book, (0, 0))) for book, title in TITLES.items()],
            "rows": rows[run.pk],
            "more": run.differing - len(rows[run.pk]),
        }
        for run in sorted(found, key=lambda run: (not run.differing, run.site.name))
    ]
    checked = {site.pk for site in sites.values()}
    unchecked = Site.objects.managed_by(request.user).exclude(pk__in=checked)
    names = list(unchecked.values_list("name", flat=True))
    context = {
        "shown": shown,
        "verdict": told.verdict(found, timezone.now(), names) if found else None,
        "not_compared": runs.not_compared(),
        "job": _working(request),
    }
    return render(request, "kpis/books.html", context)


@login_required
@require_POST
def check_now(request: HttpRequest) -> HttpResponse:
    """Have the sites that the asker manages verified."""
    if not may_open("books", request.user):
        raise Http404
    runs.start(Site.objects.managed_by(request.user), cast("User", request.user))
    return redirect("books")


@login_required
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """How far a verification is, for the page that asks each second."""
    if not may_open("books", request.user):
        raise Http404
    job = _working(request)
    return render(request, "kpis/_books_progress.html", {"job": job})


def _working(request: HttpRequest) -> Job | None:
    scope = scope_of(request.user)
    return runs.working(None if scope.everything else scope.managed_sites)


def _first_of_each(found: list[VerifyRun]) -> Any:
    """The first differences of each run, in one query."""
    place = Window(RowNumber(), partition_by=F("run"), order_by=F("pk").asc())
    return (
        VerifyDifference.objects.filter(run__in=found)
        .annotate(place=place)
        .filter(place__lte=LISTED)
        .select_related("queue", "agent")
        .order_by("pk")
    )


def _row(one: VerifyDifference, site: Site) -> Differing:
    if one.name in TITLES:
        shown, second = told.of_line(one.what, one.shown, one.second)
    else:
        shown, second = told.both(one.shown, one.second, told.unit_of(one.name))
    return Differing(
        name=runs.title(one.name),
        where=str(one.agent or one.queue or site),
        day=one.day,
        shown=_of(shown, one.shown_n),
        second=_of(second, one.second_n),
        what=words_of(one.what),
        # A book has no passport; nor has a team's figure, which is a sum of its agents'.
        passport_url="" if one.name in TITLES or one.what else _passport(one, site),
    )


def _of(value: str, n: int | None) -> str:
    return value if n is None else _("%(value)s of %(n)s") % {"value": value, "n": count(n)}


def _passport(one: VerifyDifference, site: Site) -> str:
    asked: dict[str, object] = {"kpi": one.name, "site": site.slug, "from": one.day, "to": one.day}
    if one.queue_id is not None:
        asked["queue"] = one.queue_id
    if one.agent_id is not None:
        asked["agent"] = one.agent_id
    return f"{reverse('passport')}?{urlencode(asked)}"
