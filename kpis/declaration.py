"""What a KPI is made of: its variants, their formulas, and the visits behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from django.utils.translation import gettext as _

from kpis.measures import Measure, Value
from kpis.noise import Method
from kpis.parameters import DEFAULTS, NUMBERS, Parameter, Parameters
from kpis.passports.predicates import ANSWERS, FAMILY_OF, IN_QUEUE, PREDICATES, UNANSWERED
from kpis.sums.counts import Counts, Family

if TYPE_CHECKING:
    from kpis.measures import Words

Unit = Literal["count", "seconds", "days", "fraction", "score", "points", "money"]
"""fraction: 0 to 1. score: on the survey's scale. points: difference of two fractions. money: in
the currency that the figure names."""
Direction = Literal["up", "down", "band", "none"]
Need = Literal[
    "time", "open", "outbound", "repeats", "matters", "people", "ramp", "costs", "sales", "paid",
    "worked", "answering",
]  # fmt: skip
"""A field of Counts with a reader of its own (`kpis.report.cells.READERS`)."""
PRIVATE: frozenset[Need] = frozenset({"costs", "sales"})
"""What not everybody may know who sees figures."""
NOT_OF_QUEUES: frozenset[Need] = frozenset({"people", "ramp", "paid", "worked"})
"""What can be told of no queue: nobody is employed, paid or logged in by one."""
NOT_OF_AGENTS: frozenset[Need] = frozenset({"people", "ramp", "matters"})
"""What can be told of no agent: nobody turns over alone, and a matter is of several."""
IntervalMethod = Method


class UnknownKpi(LookupError):
    """No KPI, or no variant of it, has that name. The message lists those that exist."""


class Behind(NamedTuple):
    """Names of `PREDICATES` for the visits in a figure's numerator and denominator."""

    numerator: tuple[str, ...]
    denominator: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One formula of a KPI. `words` may hold the placeholders of `Parameters`."""

    id: str
    words: Words
    formula: str
    source: Words
    unit: Unit
    measure: Measure
    interval: IntervalMethod = "none"
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    uses: tuple[Parameter, ...] = ()
    needs: tuple[Need, ...] = ()
    """What it is read from beside counts of calls."""
    percentile: bool = False

    @property
    def of_waits(self) -> bool:
        """Whether it is read from how many waited, or talked, how long; not from sums alone."""
        return self.percentile or not {"clock", "conversation"}.isdisjoint(self.uses)

    @property
    def number(self) -> Parameter | None:
        """The parameter that it can be asked for with, as SL4@30; None: it reads no number."""
        return next((one for one in NUMBERS if one in self.uses), None)

    @property
    def of_outbound(self) -> bool:
        """Whether it counts outbound calls; the others count inbound ones."""
        return "outbound" in self.needs

    @property
    def n_unit(self) -> Unit:
        """What its n is in: of a share of time it is the time, in seconds."""
        is_of_time = self.unit == "fraction" and not {"time", "paid"}.isdisjoint(self.needs)
        return "seconds" if is_of_time else "count"

    @property
    def is_of_answers(self) -> bool:
        """Whether it is made of what callers answered to surveys."""
        return not ANSWERS.isdisjoint((*self.numerator, *self.denominator))

    @property
    def of_queues(self) -> bool:
        """Whether a queue can have a figure of it."""
        return NOT_OF_QUEUES.isdisjoint(self.needs)

    def in_hours(self, parameters: Parameters) -> bool:
        """Whether it counts in opening hours alone."""
        return "open" in self.needs or ("hours" in self.uses and parameters.business_hours)

    def reads(self, parameters: Parameters) -> set[Need]:
        """What it is read from beside counts of calls, under these parameters."""
        return {*self.needs, "open"} if self.in_hours(parameters) else {*self.needs}

    def families(self, parameters: Parameters) -> set[Family]:
        """What of the counts it is read from under these parameters, beside how calls ended and
        waited."""
        names = (name for side in self.behind(parameters) for name in side)
        found = {FAMILY_OF[name] for name in names if name in FAMILY_OF}
        return found | {"waits"} if self.of_waits else found

    def __post_init__(self) -> None:
        unknown = {*self.numerator, *self.denominator} - set(PREDICATES)
        if unknown:
            raise ValueError(f"{self.id} names predicates that do not exist: {unknown}")

    def is_of_agents(self, parameters: Parameters) -> bool:
        """Whether it can be told of an agent or a team: not where it counts visits that nobody
        answered, for these belong to nobody."""
        numerator, denominator = self.behind(parameters)
        return UNANSWERED.isdisjoint((*numerator, *denominator))

    def is_of_calls_out(self, parameters: Parameters) -> bool:
        """Whether it can be told where calls out are asked for: not what callers met in a queue,
        unless it counts inbound calls beside them anyway."""
        numerator, denominator = self.behind(parameters)
        return self.of_outbound or IN_QUEUE.isdisjoint((*numerator, *denominator))

    def behind(self, parameters: Parameters) -> Behind:
        """The visits the figure was counted from, as the parameters switch them."""
        numerator, denominator = self.numerator, self.denominator
        if "lost" in self.uses and not parameters.lost:
            numerator = tuple(name for name in numerator if not name.startswith("lost"))
            denominator = tuple(name for name in denominator if not name.startswith("lost"))
        if "effort" in self.uses and parameters.effort == "hard":
            numerator = tuple(name.replace("_good", "_bad") for name in numerator)
        if "callbacks" in self.uses and parameters.callbacks == "success":
            numerator += ("callback_within",)
            if "callback_requested" not in denominator:
                denominator += ("callback_requested",)
        if "callbacks" in self.uses and parameters.callbacks == "return":
            numerator += ("returned_within",)
            denominator = tuple(name for name in denominator if name != "callback_requested")
            denominator += ("called_back",)
        return Behind(numerator, denominator)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI by its id. The first variant is the default."""

    id: str
    name: Words
    direction: Direction
    unknown: Words
    """How visits are treated whose duration or answer the source does not give."""
    variants: tuple[Variant, ...]
    parameters: Parameters = DEFAULTS

    @property
    def default(self) -> Variant:
        return self.variants[0]

    @property
    def of_queues(self) -> bool:
        """Whether a queue can have a figure of any variant of it."""
        return any(variant.of_queues for variant in self.variants)

    def variant(self, variant_id: str | None = None) -> Variant:
        """The variant of that id, or the default.

        Raises UnknownKpi when there is none of that id.
        """
        if variant_id is None:
            return self.default
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise UnknownKpi(
            _("{kpi} has no variant {wanted!r}; it has {existing}").format(
                kpi=self.id,
                wanted=variant_id,
                existing=", ".join(variant.id for variant in self.variants),
            )
        )

    def compute(
        self, counts: Counts, parameters: Parameters | None = None, variant: str | None = None
    ) -> Value:
        """The figure of `counts`, by default under the default variant and parameters."""
        return self.variant(variant).measure(counts, parameters or self.parameters)
