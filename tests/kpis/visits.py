"""Plain visits, counted one by one in the slowest and plainest way: the tests' second path."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from kpis.declaration import Variant
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.histogram import UNTOLD, Entry, Histogram, WaitOutcome

LOST = ("timed_out", "key_exit", "other")
WAITED = ("answered", "abandoned", *LOST, "callback_requested")
OFFERED = (*WAITED, "in_progress")
APART = ("refused", "busy", "left_ivr")
CLASS = {
    "answered": WaitOutcome.ANSWERED,
    "abandoned": WaitOutcome.ABANDONED,
    **dict.fromkeys(LOST, WaitOutcome.LOST),
    "callback_requested": WaitOutcome.CALLBACK,
}


@dataclass(frozen=True)
class Visit:
    outcome: str
    wait_ms: int | None = None
    transferred_in: bool = False
    ringing: bool = False  # a phone rang when an abandoned one left
    back_after_ms: int | None = None  # who asked for a call back had it so long after
    closed: bool = False  # outside opening hours

    @property
    def missed(self) -> bool:
        return self.outcome == "abandoned" and self.ringing

    @property
    def return_ms(self) -> int | None:
        """The wait until the call back; nobody's whose first wait is not known."""
        if self.outcome != "callback_requested" or None in (self.wait_ms, self.back_after_ms):
            return None
        return (self.wait_ms or 0) + (self.back_after_ms or 0)


def some(outcome: str, how_many: int, wait: float | None) -> list[Visit]:
    """Alike visits; `wait` in seconds."""
    wait_ms = None if wait is None else round(wait * 1000)
    return [Visit(outcome, wait_ms)] * how_many


def a_code(outcome: WaitOutcome, entry: Entry, wait_ms: int) -> int:
    """Where a wait stands in a histogram: twice its whole seconds and one more for what is over
    them, of six days at most, above that how it ended and how it came in."""
    place = min(2 * (wait_ms // 1000) + (1 if wait_ms % 1000 else 0), 1_048_575)
    return (2 * outcome + entry) * 1_048_576 + place


def histogram_of(visits: Iterable[Visit]) -> Histogram:
    codes = [
        a_code(outcome, Entry(one.transferred_in), length)
        for one in visits
        for outcome, length in (
            (CLASS.get(one.outcome), one.wait_ms),
            (WaitOutcome.MISSED if one.missed else None, one.wait_ms),
            (WaitOutcome.RETURNED, one.return_ms),
        )
        if outcome is not None and length is not None
    ]
    codes += [
        a_code(UNTOLD[outcome], Entry.TRANSFERRED_IN, 0)
        for one in visits
        # Who still waits is in none.
        if one.transferred_in and one.wait_ms is None and one.outcome in CLASS
        for outcome in (CLASS[one.outcome], *([WaitOutcome.MISSED] if one.missed else []))
    ]
    return Histogram.from_pairs(codes, [1] * len(codes))


def counts_of(visits: Sequence[Visit]) -> Counts:
    """The counts that a rollup stores for these visits, and those within opening hours."""
    inside = [one for one in visits if not one.closed]
    return replace(_stored(visits), open=_stored(inside))


def _stored(visits: Sequence[Visit]) -> Counts:

    def waits(*outcomes: str) -> list[int]:
        return [
            one.wait_ms for one in visits if one.outcome in outcomes and one.wait_ms is not None
        ]

    fields: dict[str, int] = {
        name: sum(one.outcome == name for one in visits) for name in (*OFFERED, *APART)
    }
    for group, outcomes in (
        ("answered", ("answered",)),
        ("abandoned", ("abandoned",)),
        ("lost", LOST),
        ("callback", ("callback_requested",)),
    ):
        fields[f"{group}_wait_ms"] = sum(waits(*outcomes))
        fields[f"{group}_wait_n"] = len(waits(*outcomes))
    return Counts(
        **fields,
        offered=sum(one.outcome in OFFERED for one in visits),
        missed=sum(one.missed for one in visits),
        called_back=sum(one.return_ms is not None for one in visits),
        max_wait_ms=max(waits(*WAITED), default=None),
        max_answered_wait_ms=max(waits("answered"), default=None),
        wait_hist=histogram_of(visits),
    )


def found_by(name: str, parameters: Parameters, variant: Variant) -> Callable[[Visit], bool]:
    """What a predicate of `kpis.passports.predicates` says of one visit, from its words alone, in
    a rate that its `uses` switch."""
    start_ms = parameters.clock_start_seconds * 1000
    limit_ms = parameters.threshold_seconds * 1000
    short_ms = parameters.short_abandon_seconds * 1000

    def counts(visit: Visit) -> bool:
        if visit.transferred_in and not parameters.transfers_in:
            return False
        if visit.closed and variant.in_hours(parameters):
            return False
        unserved = visit.outcome in WAITED and visit.outcome != "answered"
        if parameters.callbacks == "return" and "callbacks" in variant.uses:
            # Who asked for a call back waits on.
            unserved = unserved and visit.outcome != "callback_requested"
        return not (unserved and visit.wait_ms is not None and visit.wait_ms < start_ms)

    def within(visit: Visit) -> bool:
        return in_time(visit.wait_ms)

    def in_time(whole_ms: int | None) -> bool:
        if whole_ms is None:
            return False
        wait_ms = max(0, whole_ms - start_ms)
        return wait_ms <= limit_ms if parameters.boundary == "<=" else wait_ms < limit_ms

    def short(visit: Visit) -> bool:
        return (
            visit.outcome == "abandoned"
            and short_ms > 0
            and visit.wait_ms is not None
            and max(0, visit.wait_ms - start_ms) <= short_ms
        )

    meaning: dict[str, Callable[[Visit], bool]] = {
        **{one: (lambda visit, one=one: visit.outcome == one) for one in (*OFFERED, *APART)},
        "ended": lambda visit: visit.outcome in WAITED,
        "lost": lambda visit: visit.outcome in LOST,
        "answered_within": lambda visit: visit.outcome == "answered" and within(visit),
        "answered_wait_known": lambda visit: (
            visit.outcome == "answered" and visit.wait_ms is not None
        ),
        "abandoned_within": lambda visit: visit.outcome == "abandoned" and within(visit),
        "abandoned_after": lambda visit: visit.outcome == "abandoned" and not within(visit),
        "abandoned_short": short,
        "abandoned_not_short": lambda visit: visit.outcome == "abandoned" and not short(visit),
        "lost_within": lambda visit: visit.outcome in LOST and within(visit),
        "lost_after": lambda visit: visit.outcome in LOST and not within(visit),
        "missed": lambda visit: visit.missed,
        "missed_within": lambda visit: visit.missed and within(visit),
        "called_back": lambda visit: visit.return_ms is not None,
        "returned_within": lambda visit: in_time(visit.return_ms),
        "callback_within": lambda visit: visit.outcome == "callback_requested" and within(visit),
    }
    return lambda visit: counts(visit) and meaning[name](visit)


WAITS_MS = st.one_of(
    st.none(),
    st.integers(0, 40).map(lambda seconds: seconds * 1000),
    st.integers(0, 40_000),
)
VISITS = st.lists(
    st.one_of(
        st.builds(
            Visit,
            st.sampled_from(WAITED),
            WAITS_MS,
            transferred_in=st.booleans(),
            ringing=st.booleans(),
            back_after_ms=WAITS_MS,
            closed=st.booleans(),
        ),
        st.builds(Visit, st.sampled_from((*APART, "in_progress")), closed=st.booleans()),
    ),
    max_size=30,
)
EVERY_PARAMETERS = st.builds(
    Parameters,
    threshold_seconds=st.integers(1, 30),
    boundary=st.sampled_from(("<=", "<")),
    short_abandon_seconds=st.integers(0, 10),
    lost=st.booleans(),
    clock_start_seconds=st.integers(0, 10),
    transfers_in=st.booleans(),
    callbacks=st.sampled_from(("request", "success", "return")),
    business_hours=st.booleans(),
)
