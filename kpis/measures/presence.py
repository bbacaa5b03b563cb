"""Shares of agents' time, with what no state tells."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from kpis.agent_time import AgentTime
from kpis.counts import Counts
from kpis.formulas import Ratio
from kpis.measures import Measure, Value, noted
from kpis.parameters import Parameters


def of_time(formula: Callable[[AgentTime, Parameters], Ratio]) -> Measure:
    """A share of the time that agents' states tell."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        time = counts.time
        if time is None:
            return Value(None, 0, reason=_("agents' time is not kept by this"))
        left_out = noted(
            (_("days of agents whom no state tells of"), time.untold_days),
            (_("days of agents who served other queues too"), time.shared_days),
            (_("spells without an end: up to the agent's last sign"), time.open_spells),
        )
        ratio = formula(time, parameters)
        if not ratio.denominator and (time.untold_days or time.untold_ms):
            return Value(None, 0, left_out, reason=_("no state tells when anybody was ready"))
        return Value(ratio.value, ratio.denominator // 1000, left_out)

    return measure
