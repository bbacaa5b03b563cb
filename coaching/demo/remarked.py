"""What the agent of a demo who can sign in says of figures and calls of their own."""

from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.intervals import DAY, Days, day_of
from ccm.models import Call
from ccm.templatetags.figures import figure as figure_text
from coaching.demo.people import People, at, words
from coaching.models import Remark
from coaching.remarks import services
from coaching.remarks.services import About
from kpis import agent_days
from kpis.passports.passport import Scope

_KPI = "aht"


@transaction.atomic
def write(people: People, now: datetime) -> None:
    """A question on a figure, which is answered; one on a call, which waits; and a note. Safe to
    run twice."""
    agent, site, said = people.own, people.own.site, words("remarks")
    user = agent.user
    if user is None or Remark.objects.filter(agent=agent).exists():
        return
    then = at(site, now, 9, 15)
    figure = _figure(people, then)
    made = services.say(agent, figure, "question", said["figure"]["words"], user, then)
    answer = said["figure"]
    services.answer(
        made.pk, answer["outcome"], answer["answer"], made.revision, people.supervisor, then + DAY
    )
    note = at(site, now, 8, 16)
    services.say(agent, figure, "note", said["note"]["words"], user, note)
    call = (
        Call.objects.offered_between(now - 5 * DAY, now - DAY)
        .filter(agent=agent, outcome="answered", hold_ms__gt=60_000)
        .select_related("queue")
        .order_by("-hold_ms", "pk")
        .first()
    )
    if call is not None:
        when = date_format(call.offered_at.astimezone(site.tz), "j M Y H:i")
        text = _("Call of %(when)s, %(queue)s") % {"when": when, "queue": call.queue or "–"}
        about = About(text, reverse("call", args=[call.pk]), call=call.pk)
        services.say(agent, about, "question", said["call"]["words"], user, now - DAY / 2)


def _figure(people: People, then: datetime) -> About:
    """The own figure of four weeks, as its passport says it."""
    agent, site = people.own, people.own.site
    last = day_of(then, site.calendar) - DAY
    days = Days(last - 27 * DAY, last)
    figure = agent_days.read(agent, days.first, last, [_KPI]).figure(_KPI, days)
    value = figure_text(figure.value, figure.unit) if figure.value is not None else _("no figure")
    asked = {
        "site": site.slug, "kpi": _KPI, "agent": agent.pk, "from": days.first.isoformat(),
        "to": last.isoformat(),
    }  # fmt: skip
    text = f"{figure.kpi.name}: {value} · {Scope(site, days.first, last, None, agent).days}"
    url = f"{reverse('passport')}?{urlencode(asked)}"
    return About(text, url, _KPI, days.first, last)
