"""Functions of numbers and arrays, in machine code."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """The function in machine code, kept for the next process where there is a place for it."""
    try:
        made: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # an installation that nobody may write to
        made = numba.njit(nogil=True)(function)
    return cast(_F, made)
