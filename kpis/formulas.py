"""The formulas of the KPIs: counts in, ratios and seconds out.

A formula never sees a clock, a record or a setting. It returns a `Ratio`, whose value is
None where nothing was counted: an idle queue has no level. Sum the counts of intervals
first; ratios do not average. Sources: docs/metrics.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kpis.agent_time import AgentTime
from kpis.counts import ACW, HOLD, PART_SETS, TALK, Counts, ScaleSums
from kpis.histogram import ALL_ENTRIES, Entry, WaitOutcome
from kpis.parameters import Parameters

_SCALE = re.compile(r"(-?[\d.]+)-(-?[\d.]+)")


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


# ---- service level and abandon rate


@dataclass(frozen=True, slots=True)
class Split:
    """Ended visits split at the threshold, on the clock and entry that were chosen.

    `_within` have a known wait within the threshold and `_unknown` no known wait; both are
    parts of the count they are named after. The last two are in none of the others.
    """

    answered: int = 0
    answered_within: int = 0
    answered_unknown: int = 0
    abandoned: int = 0
    abandoned_within: int = 0
    abandoned_unknown: int = 0
    short: int = 0
    """Abandoned within the short-abandon limit."""
    lost: int = 0
    lost_within: int = 0
    lost_unknown: int = 0
    callback: int = 0
    callback_within: int = 0
    callback_unknown: int = 0

    before_clock: int = 0
    transferred_in: int = 0

    def __post_init__(self) -> None:
        for group in ("answered", "abandoned", "lost", "callback"):
            whole, within, unknown = (
                getattr(self, group + suffix) for suffix in ("", "_within", "_unknown")
            )
            if min(whole, within, unknown) < 0 or within + unknown > whole:
                raise ValueError(f"{within} within and {unknown} unknown of {whole} {group}")
        if not 0 <= self.short <= self.abandoned - self.abandoned_unknown:
            raise ValueError(f"{self.short} short of {self.abandoned} abandoned")

    @property
    def ended(self) -> int:
        return self.answered + self.abandoned + self.lost + self.callback

    @property
    def answered_known(self) -> int:
        """Answered with a known wait: only these can be judged against a threshold."""
        return self.answered - self.answered_unknown


def split(counts: Counts, parameters: Parameters) -> Split:
    """The ended visits of `counts`, split at the threshold of `parameters`.

    Where the clock starts after entry, waits shrink by that and visits that left unserved
    before it are counted apart. Visits transferred in are counted apart when they do not
    count; one of unknown wait is taken as direct.

    Raises ValueError when there are more waits than visits.
    """
    waits = counts.wait_hist
    entries = ALL_ENTRIES if parameters.transfers_in else (Entry.DIRECT,)
    clock_start = parameters.clock_start_seconds
    groups: dict[str, int] = {}
    before_clock = transferred_in = short = 0
    for name, outcome, visits in (
        ("answered", WaitOutcome.ANSWERED, counts.answered),
        ("abandoned", WaitOutcome.ABANDONED, counts.abandoned),
        ("lost", WaitOutcome.LOST, counts.lost),
        ("callback", WaitOutcome.CALLBACK, counts.callback_requested),
    ):
        known = waits.count(outcome, entries)
        outside = waits.count(outcome) - known
        early = 0
        if outcome is not WaitOutcome.ANSWERED:
            early = waits.within(clock_start, "<", outcome, entries=entries)
        within = waits.within(
            parameters.threshold_seconds,
            parameters.boundary,
            outcome,
            shift_seconds=clock_start,
            entries=entries,
        )
        if outcome is WaitOutcome.ABANDONED and parameters.short_abandon_seconds:
            up_to_limit = waits.within(
                parameters.short_abandon_seconds,
                "<=",
                outcome,
                shift_seconds=clock_start,
                entries=entries,
            )
            short = up_to_limit - early
        groups[name] = visits - outside - early
        groups[f"{name}_within"] = within - early
        groups[f"{name}_unknown"] = visits - outside - known
        before_clock += early
        transferred_in += outside
    return Split(**groups, short=short, before_clock=before_clock, transferred_in=transferred_in)


def _like_abandons(visits: Split, lost: bool) -> tuple[int, int]:
    """Visits that gave up, with the lost if they count like it: all, and those within T."""
    if not lost:
        return visits.abandoned, visits.abandoned_within
    return (
        visits.abandoned + visits.lost,
        visits.abandoned_within + visits.lost_within,
    )


def _served(visits: Split, parameters: Parameters) -> tuple[int, int]:
    """Visits that count as answered: all whose wait can be judged, and those within T."""
    if parameters.callbacks == "success":
        return (
            visits.answered_known + visits.callback,
            visits.answered_within + visits.callback_within,
        )
    return visits.answered_known, visits.answered_within


def service_level_sl1(visits: Split, parameters: Parameters) -> Ratio:
    """(answered<=T + abandoned<=T) / (answered + abandoned).

    In SL1 to SL7b an abandoned, lost or call-back visit of unknown wait counts as longer
    than T, and an answered one leaves both sides.
    """
    served, served_within = _served(visits, parameters)
    gave_up, gave_up_within = _like_abandons(visits, parameters.lost)
    return share(served_within + gave_up_within, served + gave_up)


def service_level_sl2(visits: Split, parameters: Parameters) -> Ratio:
    """answered<=T / answered."""
    served, served_within = _served(visits, parameters)
    return share(served_within, served)


def service_level_sl3(visits: Split, parameters: Parameters) -> Ratio:
    """answered<=T / (answered + abandoned)."""
    served, served_within = _served(visits, parameters)
    gave_up, _ = _like_abandons(visits, parameters.lost)
    return share(served_within, served + gave_up)


def service_level_sl4(visits: Split, parameters: Parameters) -> Ratio:
    """answered<=T / (answered + abandoned>T)."""
    served, served_within = _served(visits, parameters)
    gave_up, gave_up_within = _like_abandons(visits, parameters.lost)
    return share(served_within, served + gave_up - gave_up_within)


def service_level_sl5(visits: Split, parameters: Parameters) -> Ratio:
    """(answered<=T + short) / (answered + abandoned)."""
    served, served_within = _served(visits, parameters)
    gave_up, _ = _like_abandons(visits, parameters.lost)
    return share(served_within + visits.short, served + gave_up)


def service_level_sl6(visits: Split, parameters: Parameters) -> Ratio:
    """answered<=T / (ended - short)."""
    _, served_within = _served(visits, parameters)
    return share(served_within, visits.ended - visits.answered_unknown - visits.short)


def service_level_sl7(visits: Split, parameters: Parameters) -> Ratio:
    """(answered<=T + abandoned<=T + callback<=T) / ended."""
    within = visits.answered_within + visits.abandoned_within + visits.callback_within
    return share(within, visits.ended - visits.answered_unknown)


def service_level_sl7b(visits: Split, parameters: Parameters) -> Ratio:
    """(answered<=T + callback<=T) / (answered + abandoned + callback)."""
    return share(
        visits.answered_within + visits.callback_within,
        visits.answered_known + visits.abandoned + visits.callback,
    )


def abandon_rate_a1(visits: Split) -> Ratio:
    """(abandoned - short) / (ended - short)."""
    return share(visits.abandoned - visits.short, visits.ended - visits.short)


def abandon_rate_a2(visits: Split) -> Ratio:
    """abandoned / ended."""
    return share(visits.abandoned, visits.ended)


def abandon_rate_a3(visits: Split, refused: int, left_ivr: int) -> Ratio:
    """abandoned / (ended + refused + left_ivr)."""
    return share(visits.abandoned, visits.ended + refused + left_ivr)


def abandon_rate_a4(visits: Split) -> Ratio:
    """(ended - answered) / ended."""
    return share(visits.ended - visits.answered, visits.ended)


# ---- handling


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


# ---- agents' time


def occupancy_o1(time: AgentTime, parameters: Parameters) -> Ratio:
    """handling / (handling + idle ready): a phone that rings is being handled, or else idle."""
    busy = _busy_ms(time, parameters)
    return share(busy, time.handling_ms + time.ringing_ms + time.ready_ms)


def occupancy_o2(time: AgentTime, parameters: Parameters) -> Ratio:
    """handling / logged in."""
    return share(_busy_ms(time, parameters), time.logged_in_ms)


def _busy_ms(time: AgentTime, parameters: Parameters) -> int:
    return time.handling_ms + (time.ringing_ms if parameters.ring else 0)


# ---- outcome


def good_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Share of good scores (CSAT C1, CES E2), over all scales: `counts.EDGES` says which are."""
    return share(sum(scale.top for scale in scales), sum(scale.n for scale in scales))


def bad_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Share of bad scores, over all scales."""
    return share(sum(scale.bottom for scale in scales), sum(scale.n for scale in scales))


def score_mean(scale: ScaleSums) -> Ratio:
    """Mean score on its scale (CSAT C2, CES E1). Different scales are not pooled."""
    return Ratio(scale.score_sum, scale.n)


def net_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Good share less bad share, -1.0 to 1.0 (CSAT C3, NPS)."""
    net = sum(scale.top - scale.bottom for scale in scales)
    return Ratio(net, sum(scale.n for scale in scales))


def turned_round(score: float, scale: str) -> float:
    """A score on a scale ("1-7", "-2-2") as it would be were high low: 2 of 1 to 7 is 6."""
    ends = _SCALE.fullmatch(scale)
    if ends is None:
        raise ValueError(f"{scale!r} is no scale")
    return float(ends[1]) + float(ends[2]) - score
