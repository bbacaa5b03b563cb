"""Shares of agents' time."""

from kpis.agent_time import AgentTime
from kpis.formulas.ratios import Ratio, share
from kpis.parameters import Parameters


def occupancy_o1(time: AgentTime, parameters: Parameters) -> Ratio:
    """handling / (handling + idle ready): a phone that rings is being handled, or else idle."""
    busy = _busy_ms(time, parameters)
    return share(busy, time.handling_ms + time.ringing_ms + time.ready_ms)


def occupancy_o2(time: AgentTime, parameters: Parameters) -> Ratio:
    """handling / logged in."""
    return share(_busy_ms(time, parameters), time.logged_in_ms)


def _busy_ms(time: AgentTime, parameters: Parameters) -> int:
    return time.handling_ms + (time.ringing_ms if parameters.ring else 0)
