"""Queues and agents over a period, and one agent's figures."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ccm import filters as asked
from ccm.access import scope_of
from ccm.exports import download
from ccm.models import Agent
from ccm.navigation import may_open
from ccm.tables import arrange
from kpis import ranking, report, tables, tiles
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.noise import Rank, Verdict
from kpis.report import Question, Row
from kpis.views import shared
from kpis.views.home import queue_table


@login_required
@require_GET
def queues(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    filters = _site_filters(request, now)
    rows = report.answer(
        Question(
            sites=[filters.site],
            first=filters.first,
            last=filters.last,
            by="queue",
            queues=filters.queues,
            kpis=tables.QUEUES,
            names={queue.pk: queue.name for queue in filters.all_queues},
        )
    )
    if request.GET.get("export") == "csv":
        return _csv(rows, tables.QUEUES, "queue", filters)
    table = queue_table(rows, filters)
    return _page(request, filters, now, table, _("Queues"))


@login_required
@require_GET
def agents(request: HttpRequest) -> HttpResponseBase:
    """Agents the reader may know about, with what they did on the chosen site's queues."""
    now = timezone.now()
    filters = _site_filters(request, now)
    people = list(Agent.objects.visible_to(request.user).filter(site=filters.site))
    choices = Choices(filters.last)
    rows = report.answer(
        Question(
            sites=[filters.site],
            first=filters.first,
            last=filters.last,
            by="agent",
            queues=filters.queues,
            agents=people,
            kpis=tables.AGENTS,
            names={agent.pk: agent.name for agent in people},
        ),
        choices,
    )
    ranked = _ranked(request)
    teams = ranking.Teams(
        filters.site, [row.id for row in rows], filters.first, filters.last, choices, filters.queues
    )
    ranks = teams.ranks(ranked)
    if request.GET.get("export") == "csv":
        header, *lines = tables.csv_rows(rows, tables.AGENTS, "agent")
        header += [f"{ranked} rank {word}" for word in Rank._fields]
        for row, line in zip(rows, lines, strict=True):
            line += ranks.get(row.id, [None] * len(Rank._fields))
        return download(_file_name("agent", filters), header, lines)
    by_id = {agent.pk: agent for agent in people}
    made = [
        tables.row_of(
            row,
            tables.AGENTS,
            {one: tiles.passport_url(one, filters, by_id[row.id]) for one in tables.AGENTS},
            f"{reverse('agent', args=[row.id])}?{filters.query}",
            ranks.get(row.id),
        )
        for row in rows
    ]
    table = tables.table(made, tables.AGENTS, _("Agent"), with_rank=True)
    table.label = _("Agents")
    return _page(request, filters, now, table, _("Agents"), ranked=ranked)


@login_required
@require_GET
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent's figures over a period, and day by day. An agent reaches only the own page."""
    now = timezone.now()
    person = get_object_or_404(Agent.objects.visible_to(request.user).select_related("site"), pk=pk)
    own = scope_of(request.user).agent == person.pk
    filters = asked.read(request, now, default="7d", sites=[person.site])
    if filters is None:
        raise Http404
    question = Question(
        sites=[person.site],
        first=filters.first,
        last=filters.last,
        by="day",
        agents=[person],
        kpis=tables.AGENT_TILES,
    )
    choices = Choices(filters.last)
    days = report.answer(question, choices)
    (total,) = report.answer(report.over_all(question), choices)
    lines = {one: [day.figures[one].value for day in days] for one in tiles.AGENT}
    made = [tables.row_of(day, tables.DAYS, _day_urls(day, filters, person)) for day in days]
    table = tables.table(made, tables.DAYS, _("Day"))
    table.label = _("Day by day")
    arrange(table, request.GET, Paginator)
    return render(
        request,
        "kpis/agent.html",
        shared.context(
            filters,
            now,
            person=person,
            own=own,
            sees_calls=may_open("calls", request.user),
            table=table,
            tiles=[
                tiles.of_figure(
                    total.figures[one],
                    Verdict(),
                    tiles.passport_url(one, filters, person),
                    lines[one],
                )
                for one in tiles.AGENT
            ],
            standings=_standings(person, filters, choices),
        ),
    )


def _standings(person: Agent, filters: asked.Filters, choices: Choices) -> list[ranking.Standing]:
    """Where the agent stands in the team in each figure that five of the team have."""
    teams = ranking.Teams(person.site, [person.pk], filters.first, filters.last, choices)
    return [one for name in ranking.RANKED if (one := teams.standing(name, person.pk)) is not None]


def _day_urls(day: Row, filters: asked.Filters, person: Agent) -> dict[str, str]:
    one_day = {"from": day.key["day"], "to": day.key["day"]}
    return {one: tiles.passport_url(one, filters, person, **one_day) for one in tables.DAYS}


def _site_filters(request: HttpRequest, now: datetime) -> asked.Filters:
    """The filters of whoever sees some site's figures; else 404."""
    filters = asked.read(request, now)
    if filters is None:
        raise Http404
    return filters


def _ranked(request: HttpRequest) -> str:
    """The KPI that ranks are asked by; any other word is as none."""
    word = request.GET.get("rank", "")
    return word if word in ranking.RANKED else ranking.RANKED[0]


def _page(
    request: HttpRequest,
    filters: asked.Filters,
    now: datetime,
    table: tables.KpiTable,
    heading: str,
    ranked: str = "",
) -> HttpResponse:
    export = f"{filters.query}&rank={ranked}" if ranked else filters.query
    table.export_url = f"?{export}&export=csv"
    arrange(table, request.GET, Paginator)
    context = shared.context(
        filters,
        now,
        table=table,
        heading=heading,
        ranked=ranked,
        rankings=[(name, KPIS[name].name) for name in ranking.RANKED],
    )
    return render(request, "kpis/table.html", context)


def _csv(
    rows: Sequence[Row], kpis: Sequence[str], name: str, filters: asked.Filters
) -> HttpResponseBase:
    header, *lines = tables.csv_rows(rows, kpis, name)
    return download(_file_name(name, filters), header, lines)


def _file_name(name: str, filters: asked.Filters) -> str:
    return f"{name}s_{filters.site.slug}_{filters.first.isoformat()}_{filters.last.isoformat()}.csv"
