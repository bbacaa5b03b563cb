"""A figure: one KPI of some counts, by the variant and parameters that hold for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from ccm.templatetags.figures import count, hours
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.definitions import Kpi, Unit, Variant
from kpis.measures import LeftOut, Part, Value
from kpis.parameters import Parameters
from kpis.sums.counts import Counts

NOTHING_UNTOLD: Mapping[Need, str] = {}


@dataclass(frozen=True, slots=True)
class Figure:
    """One KPI of one key: its value in its unit (None: nothing to say) and how it came about."""

    kpi: Kpi
    variant: Variant
    parameters: Parameters
    value: float | int | None
    n: int
    left_out: tuple[LeftOut, ...] = ()
    precision: str = ""
    """How far it is known, where that is not exactly: "to the half second"."""
    reason: str = ""
    made_of: tuple[Part, ...] = ()
    currency: str = ""
    of: str = ""
    """What n counts, where it is neither visits nor contacts."""
    caution: str = ""
    not_yet: int = 0
    """How many of what is left out are so because they are not yet known."""
    is_untold: bool = False
    """Of such calls, or by such rows, it is never told, whatever there is: `reason` says why."""
    aimed_as: str = ""
    """The variant that targets of its KPI are of, where they are not of this one."""

    def again(self, counts: Counts) -> Value:
        """The same KPI, variant and parameters of other counts."""
        if self.is_untold:
            return Value(None, 0, reason=self.reason)
        return self.variant.measure(counts, self.parameters)

    @property
    def why_none(self) -> str:
        """Why it has no value, in words; nothing where it has one."""
        if self.value is not None:
            return ""
        return self.reason or _("there was nothing to make it of")

    @property
    def n_words(self) -> str:
        """n for people: "1,234", of a share of time "41.5 h"."""
        if self.variant.n_unit == "seconds":
            return _("%(hours)s h") % {"hours": hours(self.n * 1000)}
        return count(self.n)

    @property
    def unit(self) -> Unit:
        return self.variant.unit

    @property
    def unit_told(self) -> str:
        """The unit for machines: of money its currency, where there is any."""
        return self.currency or self.unit


class Wanted(NamedTuple):
    """A KPI that is asked for; in a variant, None: the chosen one; with these parameters instead of
    those chosen."""

    kpi: Kpi
    variant: Variant | None
    at: Mapping[str, Any]


class Figures(Mapping[str, Figure]):
    """Figures by the words that they were asked for with. Each is made when it is first looked at:
    of thousands of rows a page shows fifty, and sorts the others by one column."""

    def __init__(self, asked: Mapping[str, Wanted], make: Callable[..., Figure]) -> None:
        """`make` is `figure`, told all but what is wanted."""
        self._asked, self._make = asked, make
        self._made: dict[str, Figure] = {}

    def __getitem__(self, words: str) -> Figure:
        if words not in self._made:
            kpi, variant, at = self._asked[words]
            self._made[words] = self._make(kpi=kpi, variant=variant, at=at)
        return self._made[words]

    def __iter__(self) -> Iterator[str]:
        return iter(self._asked)

    def __len__(self) -> int:
        return len(self._asked)

    def __repr__(self) -> str:
        return repr({**self})


def figure(
    counts: Counts,
    kpi: Kpi,
    variant: Variant | None,
    choices: Choices,
    site: int | None = None,
    queue: int | None = None,
    agent: int | None = None,
    untold: Mapping[Need, str] = NOTHING_UNTOLD,
    of_agents: bool = False,
    at: Mapping[str, Any] | None = None,
    is_out: bool = False,
) -> Figure:
    """One KPI of some counts, in the given variant or the chosen one, with the parameters chosen
    but for those of `at`. Without a value where it needs something that is `untold` of such rows,
    for the reason given there; `of_agents`, of what agents did of calls in, where it counts visits
    that nobody answered; and of calls out (`is_out`), which are of who called, where it counts what
    callers met in a queue."""
    chosen, parameters = choices.of(kpi, site, queue)
    if at:
        parameters = replace(parameters, **at)
    variant = variant or chosen
    parameters = choices.aimed(kpi, variant, parameters, site, queue, agent)
    aimed_as = choices.aimed_as(kpi, variant, site, queue, agent)
    why_untold = ""
    if is_out and not variant.is_of_calls_out(parameters):
        why_untold = _("it counts what callers met in a queue, and calls out enter none")
    elif of_agents and not is_out and not variant.is_of_agents(parameters):
        why_untold = _nobodys(kpi, parameters)
    else:
        reads = sorted(variant.reads(parameters))
        why_untold = next((untold[one] for one in reads if one in untold), "")
    untold_value = Value(None, 0, reason=why_untold)
    value = untold_value if why_untold else variant.measure(counts, parameters)
    return Figure(
        kpi=kpi,
        variant=variant,
        parameters=parameters,
        value=value.value,
        n=value.n,
        left_out=value.left_out,
        not_yet=value.not_yet,
        precision=str(value.precision),
        reason=str(value.reason),
        made_of=value.made_of,
        currency=value.currency,
        of=value.of % {"n": value.n},
        caution=str(value.caution),
        is_untold=bool(why_untold),
        aimed_as="" if aimed_as is None else aimed_as.id,
    )


def _nobodys(kpi: Kpi, parameters: Parameters) -> str:
    """Why a KPI is not told of agents, and which of its variants are."""
    others = [one.id for one in kpi.variants if one.is_of_agents(parameters)]
    why = _("it counts calls that nobody answered, and such calls belong to no agent")
    if not others:
        return why
    return _("%(why)s; told of agents: %(variants)s") % {"why": why, "variants": ", ".join(others)}


def adds_up_queues(figure: Figure) -> bool:
    """Whether a site's figure adds up those of its queues, and so counts visits: where the same
    matter is the same queue."""
    return "matter" in figure.variant.uses and figure.parameters.matter == "queue"
