"""What people did, in the words of the plan: states of their log, by a site's reasons of pauses."""

from collections.abc import Mapping, Sequence
from datetime import date

from ccm.models import Site
from kpis.formulas.adherence import Spell
from kpis.reads import spells
from scheduling.adherence.comparing import joined
from scheduling.models import Doing, PauseReason

_ON_QUEUE = ("handling", "ringing", "ready")


def reasons_of(site: Site) -> Mapping[str, str]:
    """What each reason that planners have told of is, by its name in small letters. One query."""
    rows = PauseReason.objects.filter(site=site).values_list("reason", "activity")
    return {reason.casefold(): activity for reason, activity in rows}


def activity(part: str, reason: str, reasons: Mapping[str, str]) -> str:
    """What a part of `kpis.sums.agent_time` is in the plan. Whoever is ready, rung at, talks or
    wraps up is on the queue; a pause without a reason that is known is other work, and so is what
    has no name."""
    if part in _ON_QUEUE:
        return Doing.ON_QUEUE.value
    if part == "paused":
        return reasons.get(reason.casefold(), Doing.OTHER.value)
    return Doing.OTHER.value


def of_agents(site: Site, first: date, last: date, agents: Sequence[int]) -> dict[int, list[Spell]]:
    """What agents did on site days, in order and apart; days of which only calls tell are left
    out. Two queries."""
    reasons = reasons_of(site)
    return {
        agent: joined(
            Spell(one.start, one.end, activity(one.part, one.reason, reasons))
            for one in told
            if one.stated
        )
        for agent, told in spells.of_agents(site, first, last, agents).items()
    }
