"""Shares of agents' time, logged in or paid."""

from collections.abc import Collection, Sequence
from math import prod

from kpis.formulas.ratios import Ratio, share
from kpis.parameters import Parameters
from kpis.sums.agent_time import AgentTime
from kpis.sums.staff import Paid


def occupancy_o1(time: AgentTime, parameters: Parameters) -> Ratio:
    """handling / (handling + idle ready): a phone that rings is being handled, or else idle."""
    busy = _busy_ms(time, parameters)
    return share(busy, time.handling_ms + time.ringing_ms + time.ready_ms)


def occupancy_o2(time: AgentTime, parameters: Parameters) -> Ratio:
    """handling / logged in."""
    return share(_busy_ms(time, parameters), time.logged_in_ms)


def _busy_ms(time: AgentTime, parameters: Parameters) -> int:
    return time.handling_ms + (time.ringing_ms if parameters.ring else 0)


def utilisation_u1(paid: Paid, productive: Collection[str]) -> Ratio:
    """(handling + other productive) / paid; `productive` names reasons of pauses, in any case.

    It may pass 1, where more was worked than was paid.
    """
    wanted = {reason.casefold() for reason in productive}
    busy_ms = paid.handling_ms + paid.ringing_ms
    busy_ms += sum(ms for reason, ms in paid.paused.items() if reason.casefold() in wanted)
    return Ratio(busy_ms, paid.paid_ms)


def utilisation_u2(paid: Paid) -> Ratio:
    """logged in / paid; it may pass 1."""
    return Ratio(paid.logged_in_ms, paid.paid_ms)


def per_hour(n: int, ms: int) -> Ratio:
    """How many in each hour of `ms`. Raises ValueError for a negative number or time."""
    if min(n, ms) < 0:
        raise ValueError(f"{n} in {ms} ms: neither can be negative")
    return Ratio(n * 3_600_000, ms)


def shrinkage_sum(parts: Sequence[float]) -> float:
    """Shrinkage of parts that share the paid time: 0.2 and 0.1 are 0.3.

    Raises ValueError for a part that is no share, or parts that are more than the whole.
    """
    _refuse_no_share(parts)
    whole = sum(parts)
    if whole > 1 + 1e-9:
        raise ValueError(f"{parts} are more than the whole")
    return whole


def shrinkage_product(parts: Sequence[float]) -> float:
    """Shrinkage of parts that are each a share of what the others leave: 0.2 and 0.1 are 0.28.

    Raises ValueError for a part that is no share.
    """
    _refuse_no_share(parts)
    return 1 - prod(1 - part for part in parts)


def _refuse_no_share(parts: Sequence[float]) -> None:
    for part in parts:
        if not 0 <= part <= 1:
            raise ValueError(f"{part} is no share")
