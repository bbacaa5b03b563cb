"""What an agent's page tells who coaches them (`kpis.above`)."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, F, OuterRef, Subquery
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


def facts(user: Viewer) -> dict[str, Any]:
    """What it is made of, as annotations of an agent; nothing for who coaches nobody."""
    if not may_open("sessions", user):
        return {}
    sessions = Session.objects.filter(participants__agent=OuterRef("pk"))
    held = sessions.held().order_by("-starts_at").values("starts_at")[:1]
    coming = sessions.planned().not_over(timezone.now())
    steps = Action.objects.filter(agent=OuterRef("pk")).standing()
    ends = steps.order_by().values(of=F("agent")).annotate(on=ArrayAgg("due_on")).values("on")
    return {
        "is_coached": Exists(agents_coached(user).filter(pk=OuterRef("pk"))),
        "session_held": Subquery(held),
        "session_next": Subquery(coming.order_by("starts_at").values("starts_at")[:1]),
        "steps_end": Subquery(ends),
    }


def of_agent(user: Viewer, agent: Any, _first: date, _last: date) -> Part | None:
    """When somebody last talked with them and does next, the steps that are open now, and where
    these stand; None to who does not coach them, and of an agent found without `facts`. No
    query."""
    if not getattr(agent, "is_coached", False):
        return None
    today = day_of(timezone.now(), agent.site.calendar)
    ends = agent.steps_end or []
    late = sum(on < today for on in ends)
    of_them, who = {"agent": agent.pk}, {"who": agent.name}
    here = of_them | {"site": agent.site.slug}
    quick = address(reverse("quick_note"), here)
    overdue = _("%(n)s overdue") % {"n": count(late)} if late else ""
    return Part(
        _("Coaching"),
        aside=_("now"),
        facts=[
            Fact(_("Last session held"), _when(agent.session_held, agent)),
            Fact(_("Next planned"), _when(agent.session_next, agent)),
            Fact(_("Open steps"), count(len(ends)), overdue),
        ],
        more=[
            *([] if agent.left_on else [(_("Quick note about %(who)s") % who, quick)]),
            (_("Sessions with %(who)s") % who, address(reverse("sessions"), of_them)),
            (_("Steps of %(who)s") % who, address(reverse("steps"), of_them)),
        ],
        url="" if agent.left_on else address(reverse("session_new"), here),
        action=_("Plan a session"),
    )  # fmt: skip


def _when(at: datetime | None, agent: Agent) -> str:
    return date_format(at.astimezone(agent.site.tz), "D j M Y H:i") if at else _("none")
