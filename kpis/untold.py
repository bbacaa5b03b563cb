"""Why what a figure is made of is not told by the rows and columns asked for, in words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kpis.declaration import Need
from kpis.reads.reading import By, Selection
from kpis.rollups import afresh

if TYPE_CHECKING:
    from kpis.measures import Words

_EMPLOYED = gettext_lazy("who is employed is told by site and day")
_TOLD: Mapping[Need, "Words"] = {
    "time": gettext_lazy(
        "agents' time is told of no channel, direction, topic or disposition, and of queues by no"
        " time of day"
    ),
    "open": gettext_lazy(
        "what was within opening hours is counted of no agent, team, topic or disposition"
    ),
    "repeats": gettext_lazy("who came again is told by no direction"),
    "matters": gettext_lazy("a caller's matter is told by site, queue, channel and day"),
    "people": _EMPLOYED,
    "ramp": _EMPLOYED,
    "costs": gettext_lazy("costs are told by site, queue, agent and day"),
    "sales": gettext_lazy(
        "sales are told by site, queue, team, agent, channel, topic, disposition and day"
    ),
    "paid": gettext_lazy("paid time is told by site, team, agent and day"),
    "worked": gettext_lazy("what was done in an hour is told by site, agent and day"),
    "answering": gettext_lazy("who answered is told of no stretch of quarter hours"),
}
"""By what each is told, or is not."""


def why(need: Need, selection: Selection, keys: Sequence[By]) -> str:
    """Why what is needed beside counts of calls is told by no such keys, of no such selection."""
    is_of_calls = need == "answering" or (
        need == "repeats" and "direction" not in selection.told_by(*keys)
    )
    if is_of_calls and selection.is_long:
        words = _(
            "by less than a day this is read from the calls themselves: of at most %(n)d days"
        )
        return words % {"n": afresh.MOST_DAYS}
    words = _("this is not known by such rows and columns: %(told)s")
    return words % {"told": _TOLD[need]}


_OF_MINUTES: Mapping[Need, "Words"] = {
    "outbound": gettext_lazy("only calls in are counted of them"),
    "time": gettext_lazy("what agents spent their time on is counted by the quarter hour"),
    "repeats": gettext_lazy("who came again is known once days have passed"),
    "matters": gettext_lazy("how long a matter takes is known once days have passed"),
    "answering": gettext_lazy("who answered is told of whole days"),
}


def of_minutes() -> dict[Need, str]:
    """What a figure of the last minutes (`kpis.reads.lately`) cannot be made of, and why."""
    words = _("this is not told of the last minutes: %(told)s")
    return {
        need: words % {"told": _OF_MINUTES.get(need) or _TOLD[need]}
        for need in get_args(Need)
        if need != "open"
    }
