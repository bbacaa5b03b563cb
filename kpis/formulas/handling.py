"""Handling times, of the answered visits that measure the same parts."""

from kpis.formulas.ratios import Ratio, mean_seconds
from kpis.sums.counts import ACW, HOLD, PART_SETS, TALK, Counts


def measured_parts(counts: Counts) -> int | None:
    """The set of parts (TALK | HOLD | ACW) whose handling times make the AHT.

    Of the sets that include talk it is the one with the most answered visits, of equals
    the fuller: sources that measure different parts are not pooled. None when nobody's
    talk is known.
    """
    with_talk = [parts for parts in range(PART_SETS) if parts & TALK and counts.handle_n[parts]]
    return max(
        with_talk,
        key=lambda parts: (counts.handle_n[parts], parts.bit_count()),
        default=None,
    )


def aht_h1(counts: Counts) -> Ratio:
    """(talk + hold + ACW) / answered, over the visits that measure the same parts."""
    parts = measured_parts(counts)
    if parts is None:
        return Ratio(0, 0)
    return mean_seconds(counts.handle_ms[parts], counts.handle_n[parts])


def aht_over(counts: Counts, unserved: int) -> Ratio:
    """(talk + hold + ACW) / (answered + `unserved` calls) (H2, H3).

    Answered visits whose handling is left out leave the denominator too: unknown is not 0.

    Raises ValueError when `unserved` is negative.
    """
    if unserved < 0:
        raise ValueError(f"counts cannot be negative: {unserved} unserved")
    measured = aht_h1(counts)
    if not measured.denominator:
        return measured
    return Ratio(measured.numerator, measured.denominator + unserved)


def aht_h4(counts: Counts) -> float | None:
    """(talk + customer wait + ACW) / answered, in seconds: the wait instead of hold.

    Counts hold the sums of waits and of handling apart, so both must be of the very same calls:
    None unless every answered call measures the same parts and knows its wait.
    """
    parts = measured_parts(counts)
    n = counts.handle_n[parts] if parts is not None else 0
    if parts is None or not n == counts.handled == counts.answered_wait_n:
        return None
    total_ms = counts.talk_ms + counts.answered_wait_ms + (counts.acw_ms if parts & ACW else 0)
    return total_ms / n / 1000


def missing_parts(parts: int) -> tuple[int, ...]:
    """The parts (TALK, HOLD, ACW) that a set does not have."""
    return tuple(part for part in (TALK, HOLD, ACW) if not parts & part)
