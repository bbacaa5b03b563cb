"""A part over what it was taken from, and a mean over how many."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """A numerator over the number it was taken from."""

    numerator: float
    denominator: int

    @property
    def value(self) -> float | None:
        """None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


def share(part: int, whole: int) -> Ratio:
    """A part of a whole, 0.0 to 1.0.

    Raises ValueError when a count is negative or the part is more than the whole.
    """
    if min(part, whole) < 0:
        raise ValueError(f"counts cannot be negative: {part} of {whole}")
    if part > whole:
        raise ValueError(f"{part} is no part of {whole}")
    return Ratio(part, whole)


def mean_seconds(total_ms: int, n: int) -> Ratio:
    """Mean of `n` known durations that sum to `total_ms`, in seconds.

    Raises ValueError when either is negative, or time was summed over nothing.
    """
    if min(total_ms, n) < 0:
        raise ValueError(f"durations and counts cannot be negative: {total_ms} ms of {n}")
    if total_ms and not n:
        raise ValueError(f"{total_ms} ms were summed over no visit")
    return Ratio(total_ms / 1000, n)
