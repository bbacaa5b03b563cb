"""Queues and agents over a period, and one agent's figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ccm import exported, intervals, viewed
from ccm import filters as asked
from ccm.access import scope_of
from ccm.exports import download
from ccm.models import Agent, Viewing
from ccm.navigation import may_open
from ccm.tables import arrange
from ccm.views.failures import Misread, NoSite
from kpis import above, own_past, ranking, recorded, report, tables, tiles
from kpis.choices import Choices
from kpis.choosing import beside, marks
from kpis.definitions import KPIS
from kpis.dimensions import NAMES
from kpis.figures import Figure
from kpis.floor.day import spells
from kpis.floor.reads import limits_of
from kpis.noise import Rank, Verdict
from kpis.reads import anew, repeats
from kpis.report import Question, Row
from kpis.reports import files, links
from kpis.views import shared
from kpis.views.home import queue_marks, queue_table


@login_required
@require_GET
def queues(request: HttpRequest) -> HttpResponseBase:
    now = timezone.now()
    filters = _site_filters(request, now, "queues", _("Queues"))
    shown = beside.columns(tables.QUEUES, shared.others(filters.definition))
    choices = Choices(filters.last)
    question = Question(
        sites=[filters.site],
        first=filters.first,
        last=filters.last,
        by="queue",
        queues=filters.queues,
        kpis=shown,
        names={"queue": {queue.pk: queue.name for queue in filters.all_queues}},
    )
    rows = report.answer(question, choices)
    if request.GET.get("export") == "csv":
        _refuse_misread(filters)
        header, *lines = _lines(request, question, rows, choices)
        return download(_file_name("queue", filters), header, lines)
    table = queue_table(rows, filters, tables.QUEUES)
    told: dict[str, Any] = {"kpis": tables.QUEUES, "marks": queue_marks(filters, choices)}
    return _page(request, filters, now, table, _("Queues"), **told)


@login_required
@require_GET
def agents(request: HttpRequest) -> HttpResponseBase:
    """Agents the reader may know about, with what they did on the chosen site's queues."""
    now = timezone.now()
    filters = _site_filters(request, now, "agents", _("Agents"))
    people = list(Agent.objects.visible_to(request.user).filter(site=filters.site))
    shown = beside.columns(tables.AGENTS, shared.others(filters.definition))
    choices = Choices(filters.last)
    question = Question(
        sites=[filters.site],
        first=filters.first,
        last=filters.last,
        by="agent",
        queues=filters.queues,
        agents=people,
        kpis=shown,
        names={"agent": {agent.pk: agent.name for agent in people}},
    )
    rows = report.answer(question, choices)
    ranked = _ranked(request)
    teams = ranking.Teams(
        filters.site, [row.id for row in rows], filters.first, filters.last, choices, filters.queues
    )
    ranks = teams.ranks(ranked)
    is_ranked = any(row.id in ranks for row in rows)
    if request.GET.get("export") == "csv":
        _refuse_misread(filters)
        assert request.user.is_authenticated
        exported.figures(request.user, [filters.site], filters.first, filters.last, now)
        header, *lines = _lines(request, question, rows, choices)
        header += [f"{ranked} rank {word}" for word in (*Rank._fields, "team")]
        for row, line in zip(rows, lines, strict=True):
            rank = ranks.get(row.id, [None] * len(Rank._fields))
            line += [*rank, teams.name_of(row.id) if row.id in ranks else None]
        return download(_file_name("agent", filters), header, lines)
    by_id = {agent.pk: agent for agent in people}
    query = filters.query
    made = [
        tables.row_of(
            row,
            shown,
            partial(tiles.passport_url, filters=filters, agent=by_id[row.id]),
            f"{reverse('agent', args=[row.id])}?{query}",
            ranks.get(row.id),
            teams.name_of(row.id),
        )
        for row in rows
    ]
    told = beside.headings(rows, shown)
    table = tables.table(made, shown, _("Agent"), with_rank=is_ranked, definitions=told)
    table.label = _("Agents")
    queue = None if filters.queue is None else filters.queue.pk
    changed = marks.of(choices, tables.AGENTS, filters.first, filters.site.pk, queue)
    more: dict[str, Any] = {
        "kpis": tables.AGENTS,
        "marks": changed,
        "rankings": _rankings(),
        "unranked": "" if is_ranked or not made else teams.why_nobody(ranked),
    }
    return _page(request, filters, now, table, _("Agents"), ranked=ranked, **more)


@login_required
@require_GET
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent's figures over a period, and day by day. An agent reaches only the own page."""
    now = timezone.now()
    known = Agent.objects.visible_to(request.user).select_related("site__floor_rules")
    person = get_object_or_404(known.annotate(**above.agent_facts(request.user)), pk=pk)
    reach = scope_of(request.user)
    own = reach.agent == person.pk
    filters = shared.read(request, now, default="7d", sites=[person.site])
    if filters is None:
        raise Http404
    viewed.note(request.user, [person.pk], Viewing.What.FIGURES, now)
    others = shared.others(filters.definition)
    question = Question(
        sites=[person.site],
        first=filters.first,
        last=filters.last,
        by="day",
        queues=filters.queues,
        agents=[person],
        kpis=beside.columns(tables.AGENT_TILES, others),
    )
    choices = Choices(filters.last)
    days = report.answer(question, choices)
    total = report.total_of_days(question, days, choices)
    context = shared.context(filters, now, tables.AGENT_TILES)
    unknown = "" if days else shared.unknown(context)
    if unknown:
        total = {words: recorded.without(one, unknown) for words, one in total.items()}
    queue = None if filters.queue is None else filters.queue.pk
    changed = marks.of(choices, tables.AGENT_TILES, filters.first, person.site_id, queue)
    by_day = marks.by_day(changed)
    shown, drawn = beside.columns(tables.DAYS, others), beside.columns(tiles.AGENT, others)
    made = [
        tables.row_of(day, shown, _urls_of_day(day, filters, person), mark=by_day.get(day.id, ""))
        for day in days
    ]
    told = beside.headings(days, shown)
    table = tables.table(made, shown, _("Day"), definitions=told)
    table.say_nothing(unknown)
    table.label = _("Day by day")
    arrange(table, request.GET, Paginator)
    context |= {
        "marks": changed,
        "person": person,
        "own": own,
        "sees_calls": may_open("calls", request.user),
        "table": table,
        "above": above.of_agent(request.user, person, filters.first, filters.last),
        "did": None,
        "earlier": _earlier(total, question, filters, choices),
        "standings": _standings(person, filters, choices),
        "tiles": [_tile(one, total, days, drawn, filters, person, changed) for one in drawn],
    }
    # Who is to see who pauses when: whoever sees the floor, and the agent.
    sees_floor = reach.everything or person.site_id in reach.floor_sites
    if filters.first == filters.last and (own or sees_floor):
        day = intervals.site_day(filters.first, person.site.calendar)
        context["did"] = spells(person, day, limits_of(person.site), now)
    return render(request, "kpis/agent.html", context)


@login_required
@require_GET
def agent_past(request: HttpRequest, pk: int) -> HttpResponse:
    """The same figures against as many days before: a part of the agent's page, which fetches it,
    and a page of its own."""
    now = timezone.now()
    known = Agent.objects.visible_to(request.user).select_related("site")
    person = get_object_or_404(known, pk=pk)
    filters = shared.read(request, now, default="28d", sites=[person.site])
    if filters is None:
        raise Http404
    part = "HX-Request" in request.headers
    if not part:  # else its page has said so
        viewed.note(request.user, [person.pk], Viewing.What.FIGURES, now)
    choices = Choices(filters.last)
    queues = None if filters.queue is None else [filters.queue]
    made = own_past.of_agent(person, filters.first, filters.last, choices, queues)
    days = {"from": made.days.first, "to": made.days.last}
    before = {"from": made.before.first, "to": made.before.last}
    context = shared.context(filters, now) | {
        "person": person,
        "own": scope_of(request.user).agent == person.pk,
        "made": made,
        "rows": [
            {
                "line": line,
                "url": tiles.passport_url(line.asked, filters, person, **days),
                "before_url": tiles.passport_url(line.asked, filters, person, **before),
            }
            for line in made.lines
        ],
    }
    return render(request, f"kpis/{'_agent_past' if part else 'agent_past'}.html", context)


def _rankings() -> list[tuple[str, Any]]:
    """The KPIs that agents can be ranked by, with their names."""
    return [(name, KPIS[name].name) for name in ranking.RANKED]


def _standings(person: Agent, filters: asked.Filters, choices: Choices) -> list[ranking.Standing]:
    """Where the agent stands in the team in each figure that five of the team have."""
    teams = ranking.Teams(
        person.site, [person.pk], filters.first, filters.last, choices, filters.queues
    )
    return [one for name in ranking.RANKED if (one := teams.standing(name, person.pk)) is not None]


def _earlier(
    total: Mapping[str, Figure], question: Question, filters: asked.Filters, choices: Choices
) -> dict[str, Any] | None:
    """Of a resolution that is not known yet: how many days later it is, and the newest days, as
    many, of which it is known; None where it is known, or of no such days."""
    wanted = [
        (words, one) for words, one in total.items()
        if one.kpi.id == "fcr" and one.value is None and one.not_yet
    ]  # fmt: skip
    if not wanted:
        return None
    words, one = wanted[0]
    window = one.parameters.window_days
    last = repeats.known_until(filters.site, window)
    if last is None:
        return None
    first = last - (filters.last - filters.first)
    then = replace(question, by="total", first=first, last=last, kpis=[words])
    rows = report.answer(then, choices.at(last))
    if not rows or rows[0].figures[words].value is None:
        return None
    days = filters.parameters(period="custom", **{"from": first, "to": last})
    return {
        "window": window, "first": first, "last": last, "url": asked.address("", days),
    }  # fmt: skip


def _tile(
    asked_for: str,
    total: Mapping[str, Figure],
    days: Sequence[Row],
    shown: Sequence[str],
    filters: asked.Filters,
    person: Agent,
    changed: Sequence[marks.Mark],
) -> tiles.Tile:
    """A figure of the whole period over the line of its days, with a gap where a day has none; one
    day makes no line."""
    one = total[asked_for]
    there = {day.id: day.figures[asked_for] for day in days}
    is_line = there and filters.first < filters.last
    line = [*intervals.days(filters.first, filters.last)] if is_line else []
    url = tiles.passport_url(asked_for, filters, person)
    past = [there[day].value if day in there else None for day in line]
    tile = tiles.of_figure(one, Verdict(), url, past)
    places = marks.places(changed, one.kpi.id, line)
    tile = replace(tile, marks=places, target=tiles.targets([there.get(day) for day in line]))
    return tiles.with_definition(tile, asked_for, one, shown)


def _urls_of_day(day: Row, filters: asked.Filters, person: Agent) -> Callable[[str], str]:
    one_day = {"from": day.key["day"], "to": day.key["day"]}
    return partial(tiles.passport_url, filters=filters, agent=person, **one_day)


def _site_filters(request: HttpRequest, now: datetime, name: str, heading: str) -> asked.Filters:
    """The filters of whoever sees some site's figures; 404 for anybody else, and `NoSite`, under
    this heading, before there is one."""
    filters = shared.read(request, now)
    if filters is not None:
        return filters
    raise NoSite(heading) if may_open(name, request.user) else Http404


def _refuse_misread(filters: asked.Filters) -> None:
    """404 for a file of something else than was asked for: it could not say so, as a page does."""
    if filters.problem:
        raise Misread(filters.problem)


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
    **more: Any,
) -> HttpResponse:
    export = f"{filters.query}&rank={ranked}" if ranked else filters.query
    table.export_url = f"?{export}&export=csv"
    arrange(table, request.GET, Paginator)
    context = shared.context(filters, now, table=table, heading=heading, ranked=ranked, **more)
    table.say_nothing(shared.unknown(context))
    return render(request, "kpis/table.html", context)


def _lines(
    request: HttpRequest, question: Question, rows: Sequence[Row], choices: Choices
) -> Iterator[list[Any]]:
    """The header and the lines of a file."""
    link = links.of(question, request.build_absolute_uri("/").rstrip("/"))
    counting = anew.notices(question.sites)
    queues = ", ".join(queue.name for queue in question.queues or ())
    picked = [(str(NAMES["queue"]), queues)] if queues else []
    return files.lines(question, rows, link, choices, counting=counting, picked=picked)


def _file_name(name: str, filters: asked.Filters) -> str:
    return f"{name}s_{filters.site.slug}_{filters.first.isoformat()}_{filters.last.isoformat()}.csv"
