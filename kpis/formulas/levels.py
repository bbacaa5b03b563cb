"""Service level and abandon rate: ended visits split at the threshold."""

from dataclasses import dataclass

from kpis.formulas.ratios import Ratio, share
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.histogram import ALL_ENTRIES, UNTOLD, Entry, WaitOutcome


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
    returned: int = 0
    """Of the call backs: those of which it is known when an agent had the caller on the line
    again. Told where callbacks are `return`."""
    returned_within: int = 0
    missed: int = 0
    """Of the abandoned: those who left while a phone rang."""
    missed_within: int = 0
    missed_unknown: int = 0

    before_clock: int = 0
    transferred_in: int = 0

    def __post_init__(self) -> None:
        for group in ("answered", "abandoned", "lost", "callback", "missed"):
            whole, within, unknown = (
                getattr(self, group + suffix) for suffix in ("", "_within", "_unknown")
            )
            if min(whole, within, unknown) < 0 or within + unknown > whole:
                raise ValueError(f"{within} within and {unknown} unknown of {whole} {group}")
        parts = ((self.returned, self.callback), (self.missed, self.abandoned))
        if any(part > whole for part, whole in parts):
            raise ValueError(
                f"{self.returned} returned of {self.callback} call backs,"
                f" {self.missed} missed of {self.abandoned} abandoned"
            )
        if not 0 <= self.short <= self.abandoned - self.abandoned_unknown:
            raise ValueError(f"{self.short} short of {self.abandoned} abandoned")

    @property
    def ended(self) -> int:
        return self.answered + self.abandoned + self.lost + self.callback

    @property
    def answered_known(self) -> int:
        """Answered with a known wait: only these can be judged against a threshold."""
        return self.answered - self.answered_unknown

    @property
    def not_returned(self) -> int:
        """Asked for a call back, and it is not known when they got it."""
        return self.callback - self.returned


def split(counts: Counts, parameters: Parameters) -> Split:
    """The ended visits of `counts`, split at the threshold of `parameters`.

    Where the clock starts after entry, waits shrink by that and visits that left unserved
    before it are counted apart. Visits transferred in are counted apart when they do not
    count, whether their wait is known or not. Where callbacks are `return`, nobody who asked for
    one left before the clock started: they wait on.

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
        ("missed", WaitOutcome.MISSED, counts.missed),
    ):
        known = waits.count(outcome, entries)
        if not (visits or known) and parameters.transfers_in:
            continue  # nobody: most groups of a quarter hour
        outside = 0
        if not parameters.transfers_in:
            outside = waits.count(outcome) - known + waits.count(UNTOLD[outcome])
        early = 0
        waits_on = outcome is WaitOutcome.CALLBACK and parameters.callbacks == "return"
        # No wait is below 0: where the clock starts at once nothing need be counted.
        if clock_start and outcome is not WaitOutcome.ANSWERED and not waits_on:
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
        if outcome is not WaitOutcome.MISSED:
            before_clock += early
            transferred_in += outside
    if parameters.callbacks == "return":
        groups["returned"] = waits.count(WaitOutcome.RETURNED, entries)
        groups["returned_within"] = waits.within(
            parameters.threshold_seconds,
            parameters.boundary,
            WaitOutcome.RETURNED,
            shift_seconds=clock_start,
            entries=entries,
        )
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
    if parameters.callbacks == "return":
        return (
            visits.answered_known + visits.returned,
            visits.answered_within + visits.returned_within,
        )
    return visits.answered_known, visits.answered_within


def service_level_sl1(visits: Split, parameters: Parameters) -> Ratio:
    """(answered<=T + abandoned<=T) / (answered + abandoned).

    In SL1 to SL8 an abandoned, lost or call-back visit of unknown wait counts as longer
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
    ended = visits.ended - visits.answered_unknown - visits.short
    if parameters.callbacks == "return":
        ended -= visits.not_returned
    return share(served_within, ended)


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


def service_level_sl8(visits: Split, parameters: Parameters) -> Ratio:
    """(answered<=T + missed<=T) / (answered + missed)."""
    return share(
        visits.answered_within + visits.missed_within, visits.answered_known + visits.missed
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
