"""What a note or a question is on, as an address names it: a call, or a figure where it explains
itself. Raises Http404 for what is not the agent's own, or not there."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import days_asked
from ccm.database import id_of
from ccm.days_asked import Misdated
from ccm.filters import address
from ccm.models import Agent, Call
from ccm.templatetags.figures import figure as figure_text
from ccm.templatetags.figures import percent
from coaching.remarks.services import About
from kpis.views import passport_asked
from qa.scores import passport as scores
from qa.scores import words as score_words
from scheduling.adherence import day as days
from scheduling.adherence import reads as adhered
from scheduling.adherence import rules

_DAY = "j M Y"


def read(request: HttpRequest, agent: Agent) -> About:
    for name, read_one in _BY_NAME.items():
        if request.GET.get(name):
            return read_one(request, agent)
    return _figure(request, agent)


def _figure(request: HttpRequest, agent: Agent) -> About:
    scope = passport_asked.scope_asked(request)
    if scope.agent is None or scope.agent.pk != agent.pk:
        raise Http404
    figure = passport_asked.issued(request, scope, alone=True).figure
    value = figure_text(figure.value, figure.unit) if figure.value is not None else _("no figure")
    words = f"{figure.kpi.name}: {value} · {scope.days}"
    url = f"{reverse('passport')}?{urlencode(passport_asked.kept(request))}"
    return About(words, url, figure.kpi.id, scope.first, scope.last)


def _call(request: HttpRequest, agent: Agent) -> About:
    try:
        pk = UUID(request.GET["call"])
    except ValueError as unread:
        raise Http404 from unread
    rows = Call.objects.visible_to(request.user).select_related("queue")
    call = get_object_or_404(rows, pk=pk, agent=agent)
    when = date_format(call.offered_at.astimezone(agent.site.tz), "j M Y H:i")
    words = _("Call of %(when)s, %(queue)s") % {"when": when, "queue": call.queue or "–"}
    return About(words, reverse("call", args=[pk]), call=pk)


def _score(request: HttpRequest, agent: Agent) -> About:
    """The agent's score by a scorecard, of days."""
    card = request.GET["score"]
    if id_of(card) is None:
        raise Http404
    try:
        first, last = days_asked.both(request.GET.get("from", ""), request.GET.get("to", ""))
    except Misdated as misread:
        raise Http404 from misread
    found = scores.of_agent(agent, int(card), first, last, own=True)
    if found is None:
        raise Http404
    pooled = found.told.score.pooled
    value = percent(pooled.value) if pooled else _("no figure")
    said = {"card": found.card.name, "value": value, "days": _days(first, last)}
    words = _("QA score, %(card)s: %(value)s · %(days)s") % said
    url = score_words.passport_at(agent.pk, found.card.pk, first, last)
    return About(words, url, score_words.SCORE, first, last)


def _adherence(request: HttpRequest, agent: Agent) -> About:
    """How the agent kept the schedule of a day."""
    try:
        first, _last = days_asked.both(*[request.GET["adherence"]] * 2)
    except Misdated as misread:
        raise Http404 from misread
    row = days.row_of(agent, first)
    if row is None:
        raise Http404
    kept = rules.of_site(agent.site, first).adherence(adhered.kept_of(row)).value
    value = percent(kept) if row.is_told and kept is not None else _("no figure")
    words = _("Adherence: %(value)s · %(day)s") % {"value": value, "day": _days(first, first)}
    url = address(reverse("adherence_day", args=[agent.pk]), {"day": first.isoformat()})
    return About(words, url, days.ADHERENCE, first, first)


def _days(first: date, last: date) -> str:
    ends = [date_format(one, _DAY) for one in dict.fromkeys((first, last))]
    return " – ".join(ends)


_BY_NAME = {"call": _call, "score": _score, "adherence": _adherence}
