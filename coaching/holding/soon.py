"""What an agent's own day says of coaching."""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import Agent
from coaching.models import Session
from scheduling.mine.now import Fact


def next_session(agent: Agent, now: datetime) -> Fact | None:
    """The one that goes on, else the next that is planned, with whom; None: there is none. One
    query."""
    rows = Session.objects.of_agent(agent.pk).planned().not_over(now)
    one = rows.select_related("coach").order_by("starts_at", "pk").first()
    if one is None:
        return None
    when = date_format(one.starts_at.astimezone(agent.site.tz), "D j M H:i")
    with_whom = _("%(kind)s with %(who)s") % {"kind": one.get_kind_display(), "who": one.coach}
    return Fact(_("Next coaching"), when, with_whom, reverse("session", args=[one.pk]))
