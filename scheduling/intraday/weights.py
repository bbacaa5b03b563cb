"""A learned way to tell the rest of a day, as plain numbers and back. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from scheduling.forecast.history import Array
from scheduling.forecast.intraday import ByHour, Fading, Unmoved, Update

_PLACES = 6


def packed(update: Update) -> dict[str, Any]:
    """What `unpacked` makes the same way of again."""
    if not isinstance(update, ByHour):
        return {}
    return {
        "after": [int(one) for one in update.after],
        "ways": [
            {"size": one.size, "keeps": one.keeps, "luck": _plain(one.luck)} for one in update.ways
        ],
    }


def unpacked(way: str, weights: Mapping[str, Any]) -> Update:
    """Raises KeyError where the weights are not those of the way."""
    if way != "fading":
        return Unmoved()
    ways = [
        Fading(float(one["size"]), float(one["keeps"]), np.array(one["luck"], float))
        for one in weights["ways"]
    ]
    return ByHour(ways, weights["after"])


def _plain(values: Array) -> list[Any]:
    found: list[Any] = np.round(values, _PLACES).tolist()
    return found
