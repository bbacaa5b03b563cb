"""An agent's own coaching."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about
from ccm.models import Agent
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.following import progress
from coaching.following import reads as of_steps
from coaching.holding import reads, services
from coaching.holding.forms import PointForm
from coaching.models import AgendaItem
from coaching.plans import reads as plans
from coaching.preparing import told
from coaching.triggers import reads as triggers
from coaching.views.sessions import done

MOST_ENDED = 30


@login_required
@require_safe
def my_coaching(request: HttpRequest) -> HttpResponse:
    """What comes next, open steps, and sessions that were."""
    return _drawn(request, _own(request), PointForm())


@login_required
@require_POST
def my_point(request: HttpRequest) -> HttpResponse:
    """Something for next time: on the agenda of the session that is planned, else kept for it."""
    agent, user, now = _own(request), signed_in(request), timezone.now()
    form = PointForm(request.POST)
    if form.is_valid():
        title, words = form.cleaned_data["title"], form.cleaned_data["words"]
        session = reads.next_with_coach(agent, now)

        def act() -> AgendaItem:
            if session is None:
                return services.note(agent, title, words, user, now)
            return services.add(session, title, words, user, now, agent=agent)

        if done(form, act) is not None:
            if session is None:
                return redirect("my_coaching")
            return redirect("session", pk=session.pk)
    return _drawn(request, agent, form)


@login_required
@require_POST
def my_point_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was kept for next time."""
    if pk > MOST_ID:
        raise Http404
    services.take_back(_own(request), pk)
    return redirect("my_coaching")


def _drawn(request: HttpRequest, agent: Agent, form: PointForm) -> HttpResponse:
    now = timezone.now()
    mine = reads.mine(agent, now)
    context = {
        "agent": agent,
        "led": reads.led(signed_in(request)),
        "plans": plans.of_agent(agent, now),
        "reasons": triggers.of_sessions(agent.pk, [one.pk for one in mine.coming]),
        "mine": mine,
        "form": form,
        "soon": {one.pk for one in mine.coming if reads.is_soon(one, now)},
        "overdue": {one.pk for one in mine.coming if reads.is_overdue(one, now)},
        "early": {one.pk for one in mine.past if one.starts_at > now},
        "ended": of_steps.ended(agent, MOST_ENDED),
        "most_ended": MOST_ENDED,
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
        path(f"{under}/mine/points/", my_point, name="my_point"),
        path(f"{under}/mine/points/<int:pk>/back/", my_point_back, name="my_point_back"),
    ]
