"""How urgent a figure is by a tile's own bounds, without trembling at them. Pure."""

from kpis.alerts.judging import Bounds, Move, judged
from kpis.standing import Level

_RANK: dict[str, int] = {"ok": 0, "warn": 1, "bad": 2}


def level(
    value: float,
    caution: float | None,
    critical: float | None,
    *,
    up: bool,
    back: float = 0.0,
    before: str = "",
) -> Level:
    """ "bad" beyond `critical`, "warn" beyond `caution`, else "ok"; `up`: more of it is better.

    What stood worse (`before`) has to come back over a bound by `back` before it is taken for
    better, as an alert has: a figure that wavers about a bound does not blink.
    """
    found: Level = "ok"
    if _is_beyond(value, caution, up, back, _RANK.get(before, 0) >= _RANK["warn"]):
        found = "warn"
    if _is_beyond(value, critical, up, back, _RANK.get(before, 0) >= _RANK["bad"]):
        found = "bad"
    return found


def _is_beyond(value: float, bound: float | None, up: bool, back: float, was: bool) -> bool:
    if bound is None:
        return False
    clears_at = bound + back if up else bound - back
    move = judged(value, 1, Bounds("below" if up else "above", bound, clears_at), was)
    return move == Move.RAISE or (was and move != Move.CLEAR)


def is_up(direction: str, caution: float | None, critical: float | None) -> bool:
    """Whether more of it is better. The bounds say so where there are two, else the KPI does."""
    if caution is not None and critical is not None and caution != critical:
        return critical < caution
    return direction == "up"
