"""What a demo shows of how its rosters were kept: what its pauses are, days to be counted, wishes
as they were when a roster was published, and somebody who asks for an exception."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ccm.demo import rota
from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, User
from scheduling.adherence import marks, services
from scheduling.models import AdherenceException, Doing, KeptShift
from scheduling.rosters import wishes

_REASONS = {
    rota.LUNCH: Doing.PAUSE,
    rota.BREAK: Doing.PAUSE,
    rota.TRAINING: Doing.TRAINING,
    rota.COACHING: Doing.COACHING,
    rota.MEETING: Doing.MEETING,
    rota.BACK_OFFICE: Doing.OTHER,
    rota.CALLS_OUT: Doing.OTHER,
}
_LATE_SECONDS = 300
_LATER = timedelta(minutes=15)
_MOST_LOOKED = 10


def write(site: Site, planner: User, now: datetime) -> None:
    """Keep it of a site whose rosters are there. Its past days are counted by who counts them."""
    services.keep_reasons(
        site, {reason: doing.value for reason, doing in _REASONS.items()}, planner, now
    )
    today = day_of(now, site.calendar)
    rosters = list(site.rosters.published().select_related("site").order_by("first_day"))
    if not rosters:
        return
    # Who is a few minutes late is not told to be.
    said = {"variant": "AD1", "forgiven_seconds": 0, "late_seconds": _LATE_SECONDS}
    services.keep_rules(site, rosters[0].first_day, said, planner, now)
    marks.counted(site, rosters[0].first_day, today)
    for roster in rosters:
        wishes.keep(roster)
    _exception(site, now)


def _exception(site: Site, now: datetime) -> None:
    """Who signs in as an agent asks for the time after the lunch of their last shift: it began
    later than it was planned."""
    agent = Agent.objects.filter(site=site).exclude(user=None).order_by("pk").first()
    if agent is None or agent.user is None:
        return
    shifts = KeptShift.objects.published().filter(agent=agent, ends_at__lt=now - DAY)
    for shift in shifts.order_by("-begins_at")[:_MOST_LOOKED]:
        over = [one["end"] for one in shift.activities if one["name"] == rota.LUNCH]
        if over:
            row = AdherenceException(
                agent=agent,
                starts_at=datetime.fromisoformat(over[0]),
                ends_at=datetime.fromisoformat(over[0]) + _LATER,
                kind=AdherenceException.Kind.PAUSE,
                reason=_("The last call before lunch went on"),
            )
            services.ask(row, agent.user, now)
            return
