"""What an agent's page tells who coaches them (`kpis.above`)."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.filters import address
from ccm.intervals import day_of
from ccm.models import Agent
from ccm.navigation import may_open
from ccm.querysets import Viewer
from ccm.templatetags.figures import count
from coaching.access import agents_coached
from coaching.models import Action, Session
from kpis.above import Fact, Part


def of_agent(user: Viewer, agent: Agent, _first: date, _last: date) -> Part | None:
    """When somebody last talked with them and does next, the steps that are open now, and where
    these stand; None to who does not coach them. One query."""
    if not may_open("sessions", user):
        return None
    now = timezone.now()
    told = _told(user, agent, now)
    if told is None:
        return None
    of_them, who = {"agent": agent.pk}, {"who": agent.name}
    overdue = ""
    if told.steps_overdue:
        overdue = _("%(n)s overdue") % {"n": count(told.steps_overdue)}
    part = Part(
        _("Coaching"),
        aside=_("now"),
        facts=[
            Fact(_("Last session held"), _when(told.session_held, agent)),
            Fact(_("Next planned"), _when(told.session_next, agent)),
            Fact(_("Open steps"), count(told.steps_open), overdue),
        ],
        more=[
            (_("Sessions with %(who)s") % who, address(reverse("sessions"), of_them)),
            (_("Steps of %(who)s") % who, address(reverse("steps"), of_them)),
        ],
        url="" if agent.left_on else address(
            reverse("session_new"), of_them | {"site": agent.site.slug}
        ),
        action=_("Plan a session"),
    )  # fmt: skip
    return part


def _told(user: Viewer, agent: Agent, now: datetime) -> Any:
    """The agent with what is told of them, where the user coaches them."""
    sessions = Session.objects.filter(participants__agent=OuterRef("pk"))
    held = sessions.held().order_by("-starts_at").values("starts_at")[:1]
    coming = sessions.planned().not_over(now).order_by("starts_at").values("starts_at")[:1]
    steps = Action.objects.filter(agent=OuterRef("pk")).standing()
    rows = agents_coached(user).filter(pk=agent.pk)
    return rows.annotate(
        session_held=Subquery(held),
        session_next=Subquery(coming),
        steps_open=_counted(steps),
        steps_overdue=_counted(steps.overdue(day_of(now, agent.site.calendar))),
    ).first()


def _counted(rows: Any) -> Coalesce:
    counted = rows.order_by().values(of=F("agent")).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _when(at: datetime | None, agent: Agent) -> str:
    return date_format(at.astimezone(agent.site.tz), "D j M Y H:i") if at else _("none")
