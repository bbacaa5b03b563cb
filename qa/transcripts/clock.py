"""Times as sources write them, in milliseconds."""

import math
import re

CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,9})?"
_PARTS = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)(?:[.,](\d{1,9}))?", re.ASCII)


def clock_ms(text: str) -> int | None:
    """Of a clock, 01:02 (minutes, seconds) or 01:02:03.456; None: it is none."""
    hit = _PARTS.fullmatch(text.strip())
    if hit is None or (hit[1] is not None and int(hit[2]) > 59):
        return None
    seconds = int(hit[1] or 0) * 3600 + int(hit[2]) * 60 + int(hit[3])
    return seconds * 1000 + round(float(f"0.{hit[4] or 0}") * 1000)


def number_ms(value: object, per_unit: int) -> int | None:
    """Of a number in units of so many milliseconds, or its text; None: it is none, negative, or not
    finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value) * per_unit
    except (ValueError, OverflowError):
        return None
    return round(found) if math.isfinite(found) and found >= 0 else None
