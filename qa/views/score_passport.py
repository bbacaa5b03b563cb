"""What a score is made of, as a page and as the drawer that a click on the score opens."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from ccm import filters, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID, id_of
from ccm.filters import address
from ccm.models import Agent, Viewing
from ccm.navigation import may_open
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from kpis import above
from qa.access import agents_told
from qa.models import SamplingPlan
from qa.plans.words import LACKS
from qa.sampling import FEWEST_REVIEWS
from qa.scores import passport, words

_PERIOD = "90d"


@login_required
@require_safe
@vary_on_headers("HX-Request")
def score_passport(request: HttpRequest, agent: int, card: int) -> HttpResponse:
    """An agent's score by a scorecard: for themselves of released reviews, for who sees their
    reviews of all that are finished; of all draws of a period, or of a plan that they see."""
    if max(agent, card) > MOST_ID:
        raise Http404
    user, now = signed_in(request), timezone.now()
    told = Q(pk=scope_of(user).agent) | Q(pk__in=agents_told(user).values("pk"))
    person = get_object_or_404(Agent.objects.filter(told).select_related("site"), pk=agent)
    own = person.user_id == user.pk
    viewed.note(user, [person.pk], Viewing.What.REVIEW, now)
    shown = filters.read(request, now, _PERIOD, [person.site], with_queues=False)
    assert shown is not None  # the agent has a site
    if shown.problem:
        raise Misread(shown.problem)
    plan = _plan(request)
    found = passport.of_agent(
        person, card, shown.first, shown.last, plan=plan.pk if plan else None, own=own
    )
    if found is None:
        raise Http404
    score = found.told.score
    asked = words.asked_about(person.pk, card, shown.first, shown.last)
    context = {
        "passport": found,
        "score": score,
        "lack": LACKS[score.lack] if score.lack else "",
        "agent": person,
        "plan": plan,
        "shown": shown,
        "now": now,
        "how": words.how(own=own),
        "left_out": words.left_out(found),
        "disputed": words.disputed(),
        "weighing": words.weighing(),
        "reaching": words.reaching(),
        "few": FEWEST_REVIEWS,
        "rule": words.RULE,
        "source": words.SOURCE,
        "acts": [] if plan else above.acts(user, asked),
        "may_read_definitions": may_open("definitions", user),
        "back_url": address(
            reverse("agent", args=[person.pk]), shown.parameters(site=None, queue=None)
        ),
    }
    is_part = "HX-Request" in request.headers
    template = "qa/_score_passport.html" if is_part else "qa/score_passport.html"
    return render(request, template, context)


def _plan(request: HttpRequest) -> SamplingPlan | None:
    """The plan that is asked for. Raises Http404 for one out of reach."""
    said = request.GET.get("plan", "")
    if not said:
        return None
    if id_of(said) is None:
        raise Http404
    found: SamplingPlan = get_object_or_404(
        SamplingPlan.objects.visible_to(request.user), pk=int(said)
    )
    return found


def urls(at: str) -> list[URLPattern]:
    return [
        path(f"{at}/scores/<int:agent>/<int:card>/", score_passport, name="score_passport"),
    ]
