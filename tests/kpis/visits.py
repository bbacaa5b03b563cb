"""Plain visits, counted one by one in the slowest and plainest way: the tests' second path."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from kpis.counts import Counts
from kpis.histogram import Entry, Histogram, WaitOutcome, code_of
from kpis.parameters import Parameters

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


def some(outcome: str, how_many: int, wait: float | None) -> list[Visit]:
    """Alike visits; `wait` in seconds."""
    wait_ms = None if wait is None else round(wait * 1000)
    return [Visit(outcome, wait_ms)] * how_many


def histogram_of(visits: Iterable[Visit]) -> Histogram:
    codes = [
        code_of(CLASS[one.outcome], Entry(one.transferred_in), one.wait_ms)
        for one in visits
        if one.outcome in CLASS and one.wait_ms is not None
    ]
    return Histogram.from_pairs(codes, [1] * len(codes))


def counts_of(visits: Sequence[Visit]) -> Counts:
    """The counts that a rollup stores for these visits."""

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
        max_wait_ms=max(waits(*WAITED), default=None),
        max_answered_wait_ms=max(waits("answered"), default=None),
        wait_hist=histogram_of(visits),
    )


def found_by(name: str, parameters: Parameters) -> Callable[[Visit], bool]:
    """What a predicate of `kpis.predicates` says of one visit, from its words alone."""
    start_ms = parameters.clock_start_seconds * 1000
    limit_ms = parameters.threshold_seconds * 1000
    short_ms = parameters.short_abandon_seconds * 1000

    def counts(visit: Visit) -> bool:
        if visit.wait_ms is not None and visit.transferred_in and not parameters.transfers_in:
            return False
        unserved = visit.outcome in WAITED and visit.outcome != "answered"
        return not (unserved and visit.wait_ms is not None and visit.wait_ms < start_ms)

    def within(visit: Visit) -> bool:
        if visit.wait_ms is None:
            return False
        wait_ms = max(0, visit.wait_ms - start_ms)
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
        st.builds(Visit, st.sampled_from(WAITED), WAITS_MS, st.booleans()),
        st.builds(Visit, st.sampled_from((*APART, "in_progress"))),
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
    callbacks=st.sampled_from(("request", "success")),
)
