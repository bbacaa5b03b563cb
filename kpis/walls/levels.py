"""How urgent a figure is by a tile's own bounds, without trembling at them. Pure."""

from kpis.standing import Level

_RANK: dict[str, int] = {"ok": 0, "warn": 1, "bad": 2}
_SAID = ("up", "down")


def level(
    value: float,
    caution: float | None,
    critical: float | None,
    *,
    up: bool,
    back: float = 0.0,
    before: str = "",
) -> Level:
    """ "bad" once `critical` is reached, "warn" once `caution` is, else "ok"; `up`: more is better.

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
    is_reached = value <= bound if up else value >= bound
    is_back = value >= bound + back if up else value <= bound - back
    return is_reached or (was and not is_back)


def is_up(direction: str, caution: float | None, critical: float | None) -> bool:
    """Whether more of it is better. The KPI says so; of one that does not, the order of two bounds
    does, and one bound alone is against too much."""
    if direction in _SAID:
        return direction == "up"
    return caution is not None and critical is not None and critical < caution


def is_crossed(direction: str, caution: float | None, critical: float | None) -> bool:
    """Whether two bounds say that the worse side of a KPI is its better one."""
    if direction not in _SAID or caution is None or critical is None:
        return False
    return critical > caution if direction == "up" else critical < caution
