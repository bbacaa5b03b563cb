"""Fairness: who bore what, with names for who plans or leads people, and for everybody their
own."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import exported, exports, tables
from ccm.access import scope_of
from ccm.filters import about, address, of_sites
from ccm.models import Agent, Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from scheduling import burdens
from scheduling.burdens import own, words
from scheduling.burdens import tables as of_people
from scheduling.fairness import Burden
from scheduling.models import SiteRules
from scheduling.rosters import wishes

_WISHES, _ALL = "wishes", "all"


@login_required
@require_safe
def fairness_page(request: HttpRequest) -> HttpResponse:
    """Who bore how much of a burden at a site, or whose wishes were refused: to planners all of
    its people, to who leads a team its own."""
    sites, site, of = _asked(request)
    context: dict[str, Any] = {"sites": sites, "site": site, "of": of, "offered": _offered()}
    if site is not None:
        book = burdens.of_site(site, timezone.now(), _rules(site))
        table = _table(book, of, _shown(request, site))
        table.empty_text = _("Nobody is there")
        found = len(table.rows)
        tables.arrange(table, request.GET, tables.KnownPaginator, found=found)
        if found:
            asked = {"site": site.slug, "of": of, "sort": ",".join(table.order_by)}
            table.export_url = address(reverse("fairness_csv"), asked)
        context |= {
            "book": book.ledger,
            "rules": book.rules,
            "table": table,
            "account": None if of in (_WISHES, _ALL) else book.ledger.accounts[Burden(of)],
            "may_plan": scope_of(request.user).plans_for(site.pk),
        }
    return render(request, "scheduling/fairness.html", context)


@login_required
@require_safe
def fairness_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows in the same order, to keep; that they were is noted."""
    _sites, site, of = _asked(request)
    if site is None:
        raise Http404
    now = timezone.now()
    book = burdens.of_site(site, now, _rules(site))
    table = _table(book, of, _shown(request, site))
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    rows = [row.record for row in table.rows]
    if request.method == "GET":
        exported.listed(signed_in(request), Agent, site, True, now)
    if of == _WISHES:
        cells = (of_people.refused_cells(book, row) for row in rows)
        return exports.download("fairness-wishes.csv", of_people.REFUSED_HEADER, cells)
    if of == _ALL:
        cells = (of_people.beyond_cells(book, row) for row in rows)
        return exports.download("fairness-all.csv", of_people.BEYOND_HEADER, cells)
    what = str(words.BURDENS[Burden(of)])
    lines = (of_people.borne_cells(book, what, row) for row in rows)
    return exports.download(f"fairness-{of}.csv", of_people.BORNE_HEADER, lines)


@login_required
@require_safe
def my_fairness(request: HttpRequest) -> HttpResponse:
    """What the reader bore, and what the group did without a name."""
    if not may_open("my_fairness", request.user):
        raise Http404
    mine = Agent.objects.select_related("site__roster_rules").get(
        pk=scope_of(request.user).agent or 0
    )
    about(request, mine.site)
    book = burdens.of_site(mine.site, timezone.now(), _rules(mine.site))
    context = {
        "agent": mine,
        "book": book.ledger,
        "rules": book.rules,
        "told": own.told(book, mine, wishes.why),
    }
    return render(request, "scheduling/my_fairness.html", context)


def _asked(request: HttpRequest) -> tuple[list[Site], Site | None, str]:
    """The sites that the reader may choose, the one that is asked for, and of what."""
    if not may_open("fairness", request.user):
        raise Http404
    scope = scope_of(request.user)
    rows = Site.objects.all() if scope.everything else Site.objects.filter(pk__in=scope.floor_sites)
    sites = list(rows.select_related("roster_rules").order_by("name"))
    of = request.GET.get("of", "")
    if of not in {one for one, _words in _offered()}:
        of = Burden.WEEKEND.value
    return sites, of_sites(request, sites), of


def _offered() -> list[tuple[str, str]]:
    return [
        *((burden.value, str(said)) for burden, said in words.BURDENS.items()),
        (_ALL, _("All together")),
        (_WISHES, _("Wishes refused")),
    ]


def _rules(site: Site) -> SiteRules:
    """A site's rules, which were read with it."""
    return getattr(site, "roster_rules", None) or SiteRules(site=site)


def _shown(request: HttpRequest, site: Site) -> Collection[int] | None:
    """The agents whom the reader may see by name; None: all of a site."""
    if scope_of(request.user).plans_for(site.pk):
        return None
    led = Agent.objects.answered_for_by(request.user).order_by()
    return {*led.filter(site=site).values_list("pk", flat=True)}


def _table(book: burdens.Book, of: str, shown: Collection[int] | None) -> Any:
    if of == _WISHES:
        return of_people.RefusedTable(of_people.refused(book, shown, wishes.why))
    if of == _ALL:
        return of_people.BeyondTable(of_people.together(book, shown))
    return of_people.BorneTable(of_people.borne(book, Burden(of), shown))


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/fairness/", fairness_page, name="fairness"),
        path(f"{under}/fairness/export.csv", fairness_csv, name="fairness_csv"),
        path(f"{under}/my-fairness/", my_fairness, name="my_fairness"),
    ]
