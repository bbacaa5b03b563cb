"""A learned way to tell the rest of a day, as plain numbers and back. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from scheduling.forecast.history import Array
from scheduling.forecast.intraday import Damped, Shapes, Unmoved, Update

_PLACES = 6


def packed(update: Update) -> dict[str, Any]:
    """What `unpacked` makes the same way of again."""
    if isinstance(update, Damped):
        return {"after": _plain(update.after)}
    if isinstance(update, Shapes):
        return {name: _plain(getattr(update, name)) for name in ("shapes", "luck", "size")}
    return {}


def unpacked(way: str, weights: Mapping[str, Any]) -> Update:
    """Raises KeyError where the weights are not those of the way."""
    if way == "damped":
        return Damped(np.array(weights["after"], float))
    if way == "shapes":
        return Shapes(*(np.array(weights[name], float) for name in ("shapes", "luck", "size")))
    return Unmoved()


def _plain(values: Array) -> list[Any]:
    found: list[Any] = np.round(values, _PLACES).tolist()
    return found
