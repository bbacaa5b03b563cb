"""An agent's figures of some days against as many days before, and what they may do about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY, Days
from ccm.models import Agent, Queue
from kpis import agent_days
from kpis.choices import Choices
from kpis.figures import Figure
from kpis.noise import Change
from kpis.reports.shapes import change_word
from kpis.standing import target_figure

SHOWN = (
    "aht", "talk", "hold", "acw", "fcr", "csat", "transfer_rate", "missed_rate",
)  # fmt: skip
"""What an agent's own work moves. How many calls come does not lie with them."""
FEWEST, USUAL = 14, 28
"""Days: of fewer next to nothing is more than chance, and so many are taken instead."""

YOURS: Mapping[str, str | Promise] = {
    "aht": gettext_lazy(
        "It follows from talk, hold and wrap-up, and from which calls came. Shorter is not better"
        " by itself: look at it with who called again."
    ),
    "talk": gettext_lazy(
        "Asking first what the call is about, and saying at the end what happens next, saves"
        " what is said twice."
    ),
    "hold": gettext_lazy(
        "Mostly time spent looking something up. What you look up often has a page in the library,"
        " or should have."
    ),
    "acw": gettext_lazy("Notes taken while talking need not be written after."),
    "fcr": gettext_lazy(
        "Whether the caller has to call again: asking whether everything is settled finds what is"
        " not. What you cannot settle yourself is worth telling who leads you."
    ),
    "csat": gettext_lazy(
        "Of those who answer, most weigh whether it was solved and whether they were listened to."
    ),
    "transfer_rate": gettext_lazy(
        "What you pass on because you may not, or do not know how: the second can be learned."
    ),
    "missed_rate": gettext_lazy(
        "Calls that rang and were not taken: a pause pressed before you stand up keeps them away."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of now with its change from before. `level` and `word` say which way it went where
    that is more than noise; `why` says why nobody can tell."""

    asked: str
    figure: Figure
    change: Change
    yours: str | Promise

    @property
    def goal(self) -> str:
        return target_figure(self.figure)

    @property
    def told(self) -> tuple[str, str]:
        """A level and a word."""
        before = self.change.before
        if self.figure.value is None or before is None:
            return "none", _("nothing to compare")
        if self.change.direction == "unknown":
            return "none", _("too few days or answers to tell")
        if self.change.direction == "noise":
            return "none", _("no more than chance")
        return change_word(self.figure, before)


@dataclass(frozen=True, slots=True)
class Compared:
    """The lines of some days against those of as many before."""

    lines: list[Line]
    days: Days
    before: Days


def of_agent(
    agent: Agent,
    first: date,
    last: date,
    choices: Choices,
    queues: Sequence[Queue] | None = None,
) -> Compared:
    """What an agent's figures are, and were; those that have no value in either time are left out.
    Both are judged by the definitions of the last day. Fewer than `FEWEST` days tell nothing: of
    those it is the last `USUAL` days."""
    days = Days(first, last)
    if days.many < FEWEST:
        days = Days(last - (USUAL - 1) * DAY, last)
    before = days.before(days.many)
    read = agent_days.read(agent, before.first, last, SHOWN, choices, queues)
    found = {name: read.change(name, days, before) for name in SHOWN}
    lines = [
        Line(name, one, change, YOURS[name])
        for name, (one, change) in found.items()
        if one.value is not None or change.before is not None
    ]
    return Compared(lines, days, before)
