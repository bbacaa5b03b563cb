"""An agent's own coaching."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from ccm.access import scope_of
from ccm.filters import about
from ccm.models import Agent
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.following import progress
from coaching.holding import reads
from coaching.plans import reads as plans
from coaching.preparing import told
from coaching.triggers import reads as triggers


@login_required
@require_safe
def my_coaching(request: HttpRequest) -> HttpResponse:
    """What comes next, open steps, and sessions that were."""
    agent, now = _own(request), timezone.now()
    mine = reads.mine(agent, now)
    context = {
        "agent": agent,
        "led": reads.led(signed_in(request)),
        "plans": plans.of_agent(agent, now),
        "reasons": triggers.of_sessions(agent.pk, [one.pk for one in mine.coming]),
        "mine": mine,
        "soon": {one.pk for one in mine.coming if reads.is_soon(one, now)},
        "overdue": {one.pk for one in mine.coming if reads.is_overdue(one, now)},
        "steps": [(one, reads.is_late(one, now), "") for one in mine.actions],
    }
    return render(request, "coaching/my_coaching.html", context)


@login_required
@require_safe
def my_steps(request: HttpRequest) -> HttpResponse:
    """The open steps with what became of their measures: a part of *My coaching*, which fetches
    it."""
    agent, now = _own(request), timezone.now()
    open_ = reads.open_steps(agent)
    at_once = [one for one in open_ if progress.is_told_at_once(one)]
    became = told.of_steps(at_once, agent, signed_in(request), now)
    steps = [(one, reads.is_late(one, now), became.get(one.pk, "")) for one in open_]
    return render(request, "coaching/_my_steps.html", {"steps": steps})


def _own(request: HttpRequest) -> Agent:
    if not may_open("my_coaching", request.user):
        raise Http404
    agent = get_object_or_404(Agent.objects.select_related("site"), pk=scope_of(request.user).agent)
    about(request, agent.site)
    return agent


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/mine/", my_coaching, name="my_coaching"),
        path(f"{under}/mine/steps/", my_steps, name="my_steps"),
    ]
