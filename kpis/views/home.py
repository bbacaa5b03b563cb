"""Home: the state of the house in ten seconds; for an agent, the own day."""

from collections.abc import Sequence
from functools import partial

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ccm import filters as asked
from ccm.access import AGENT, SUPERVISOR, Scope, scope_of
from ccm.live import sources
from ccm.live.now import Floor, floors
from ccm.models import Site
from ccm.tables import arrange
from ccm.views.lists import signed_in
from kpis import above, recorded, report, tables, tiles
from kpis.alerts.standing import of_sites, one_zone, with_alerts
from kpis.choices import Choices
from kpis.choosing import beside, marks
from kpis.report import Question
from kpis.views import shared


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    sites = sources.with_clocks(with_alerts(Site.objects.with_figures_for(request.user)))
    filters = shared.read(request, now, sites=sites)
    if filters is None:
        agent = scope_of(request.user).agent
        if agent is not None:
            query = request.GET.urlencode()
            return redirect(reverse("agent", args=[agent]) + (f"?{query}" if query else ""))
        why = _why_nothing(scope_of(request.user))
        waiting = above.waiting(signed_in(request), now)
        return render(request, "kpis/nothing_yet.html", {"why": why, "waiting": waiting})
    asked_for = beside.columns(tables.HOME_QUEUES, shared.others(filters.definition))
    question = Question(
        sites=[filters.site],
        first=filters.first,
        last=filters.last,
        by="queue",
        queues=filters.queues,
        kpis=asked_for,
        names={"queue": {queue.pk: queue.name for queue in filters.all_queues}},
    )
    choices = Choices(filters.last)
    floor = floors(now).get(filters.site.pk, Floor()) if filters.is_today else Floor()
    rows = report.answer(question, choices)
    context = shared.context(filters, now, tables.HOME_QUEUES)
    newest, true_at = context["as_of"], floor.true_at(now)
    if true_at < now:
        context |= {"stale": True, "as_of": true_at}
    unknown = "" if rows else shared.unknown(context)
    table = queue_table(rows, filters, tables.HOME_QUEUES)
    table.say_nothing(unknown)
    arrange(table, request.GET, Paginator)
    drawn, total = tiles.home(filters, floor, choices, now, newest, asked_for, unknown)
    context |= {
        "tiles": drawn,
        "marks": queue_marks(filters, choices),
        "visits": sum(row.counts.offered for row in rows),
        "contacts": total.offered,
        "table": table,
        "unknown": unknown,
        "needs": (needs := of_sites(filters.sites, now)),
        "needs_zone": one_zone(one.site for one in needs),
        "clocks": [*sources.on_counts(filters.site, now), *floor.unsure]
        if filters.is_today
        else [],
        "heading": _("%(period)s at %(site)s")
        % {"period": filters.words, "site": filters.site.name},
    }
    return render(request, "kpis/home.html", context)


def _why_nothing(scope: Scope) -> str:
    """Why no figures are shared with somebody, and who can change that."""
    if scope.everything:
        return _("There is no site yet. Make one under Sites.")
    if not scope.roles:
        return _("You have no role yet. An admin can give you one.")
    if scope.sites:
        return _("Your role has no figures of its own here. What it works with is in the sidebar.")
    if scope.has(SUPERVISOR):
        return _("You lead no team today. An admin can change that.")
    if scope.has(AGENT):
        return _("No agent belongs to your login. An admin can change that.")
    return _("You belong to no site yet. An admin can change that.")


def queue_table(
    rows: list[report.Row], filters: asked.Filters, kpis: Sequence[str]
) -> tables.KpiTable:
    """Queues with a link from each name to its calls, and from each figure to its passport."""
    by_id = {queue.pk: queue for queue in filters.all_queues}
    shown = beside.columns(kpis, shared.others(filters.definition))
    made = []
    for row in rows:
        own = filters.of_queue(by_id[row.id])
        url_of = partial(tiles.passport_url, filters=own)
        made.append(tables.row_of(row, shown, url_of, f"?{own.query}"))
    told = beside.headings(rows, shown)
    table = tables.table(made, shown, _("Queue"), with_state=True, definitions=told)
    table.label = _("Queues")
    return table


def queue_marks(filters: asked.Filters, choices: Choices) -> list[marks.Mark]:
    """The days on which figures of the site, or of queues shown, began to be made otherwise."""
    shown = filters.queues or filters.all_queues
    queue = None if filters.queue is None else filters.queue.pk
    return marks.of(choices, tables.QUEUES, filters.first, filters.site.pk, queue, shown)


@login_required
@require_GET
def curve(request: HttpRequest) -> HttpResponse:
    """The curve of the day, or of the days, fetched after the digits are on the page; 404 for who
    sees no site's figures."""
    now = timezone.now()
    filters = shared.read(request, now)
    if filters is None:
        raise Http404
    chart = None
    if filters.all_queues:
        one_day = filters.first == filters.last
        chart = tiles.curve(filters, now) if one_day else tiles.days_curve(filters)
    unknown = ""
    if chart is None or not any(row["offered"] for row in chart["rows"]):
        unknown = recorded.why_none_at(filters.site, filters.last)
    context = {"chart": chart, "shown": filters, "nothing": recorded.nothing_words(unknown)}
    return render(request, "kpis/_curve.html", context | {"unknown": unknown})
