"""Some days of a roster as a table: by the page of people for phones and where no script draws the
board, and of all of them on paper."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from ccm.access import scope_of
from ccm.filters import address
from ccm.models import Agent
from ccm.views.lists import signed_in
from scheduling.models import KeptShift
from scheduling.rosters import board, reads, words
from scheduling.views.roster_board import span_of
from scheduling.views.roster_reach import visible_roster

# On a phone a page of them is some ten screens long.
_PEOPLE = {"day": 40, "week": 20, "month": 10}
_LONGEST_NAME = 100


@login_required
@require_safe
def roster_days(request: HttpRequest, pk: int) -> HttpResponse:
    """Who works when on some days: planners see everyone who has shifts of the roster, who leads a
    team its people; those with a name that was looked for, a page of them or, for paper, all."""
    who = signed_in(request)
    roster = visible_roster(request, pk)
    span = span_of(request, roster)
    plans = scope_of(who).plans_for(roster.site_id)
    text = request.GET.get("q", "").strip()[:_LONGEST_NAME]
    on_paper = request.GET.get("paper") == "yes"
    if plans:
        agents = board.agents_of(span).exclude(minutes=None)
    else:
        agents = Agent.objects.answered_for_by(who).filter(site=roster.site_id)
    people = list(agents.filter(name__icontains=text) if text else agents)
    pages = Paginator(people, max(len(people), 1) if on_paper else _PEOPLE[span.view])
    page = pages.get_page(request.GET.get("page"))
    rows = KeptShift.objects.visible_to(who).filter(agent__in=[one.pk for one in page])
    here = reverse("roster_days", args=[roster.pk])
    asked = {"view": span.view, "day": span.first, "q": text}
    context = {
        "roster": roster,
        "span": span,
        "length": words.weeks(roster.days),
        "rows": reads.table(roster, span.days, board.shifts_of(span, rows), page),
        "many": len(people),
        "page": page,
        "may_plan": plans,
        "on_paper": on_paper,
        "text": text,
        "days_url": here,
        "here_url": address(here, asked),
        "paper_url": address(here, asked | {"paper": "yes"}),
    }
    is_part = request.headers.get("HX-Target") == "who"
    template = "scheduling/_roster_days.html" if is_part else "scheduling/roster_days.html"
    return render(request, template, context)


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/rosters/<int:pk>/days/", roster_days, name="roster_days")]
