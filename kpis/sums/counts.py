"""The counts and sums that every KPI is read from.

They add up: the counts of a day are the sum of its intervals, of two queues the sum of
both. Ratios and percentiles do not, so they are made from these on reading.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from kpis.sums.agent_time import AgentTime
from kpis.sums.histogram import Histogram
from kpis.sums.matters import MattersTold, matters_together
from kpis.sums.money import Sold, Spent
from kpis.sums.repeats import Told
from kpis.sums.repeats import together as repeats_together
from kpis.sums.staff import Answering, Paid, People, Ramp, Worked
from kpis.sums.surveys import AskedSums, ScaleSums, together

# Bits that say which parts of an answered visit are known; their sum is its set of parts.
TALK, HOLD, ACW = 1, 2, 4
PART_SETS = 8


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts and sums over a set of visits, or of contacts.

    Fields are named as the columns that store them. Sums are milliseconds and stand
    beside the number of visits they were taken from (`_n`): where a source gives no
    duration it is in neither.
    """

    # How the offered ended; one of these per visit.
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    timed_out: int = 0
    key_exit: int = 0
    callback_requested: int = 0
    other: int = 0
    in_progress: int = 0

    # Never entered the queue: counted apart.
    refused: int = 0
    busy: int = 0
    left_ivr: int = 0

    # Some of the offered again: the abandoned who left while a phone rang at an agent, and those
    # who asked for a call back and got it.
    missed: int = 0
    called_back: int = 0

    # Waits; `lost` are timed_out, key_exit and other.
    answered_wait_ms: int = 0
    answered_wait_n: int = 0
    abandoned_wait_ms: int = 0
    abandoned_wait_n: int = 0
    lost_wait_ms: int = 0
    lost_wait_n: int = 0
    callback_wait_ms: int = 0
    callback_wait_n: int = 0
    # From the request until an agent had the caller on the line again.
    called_back_ms: int = 0
    called_back_n: int = 0
    # Waits of the answered without the ring that was answered.
    before_ring_ms: int = 0
    before_ring_n: int = 0
    max_wait_ms: int | None = None
    max_answered_wait_ms: int | None = None
    wait_hist: Histogram = field(default_factory=Histogram)

    # Parts of answered visits, and whole handling times by the set of parts known
    # (TALK | HOLD | ACW): sources that measure different parts are not pooled.
    talk_ms: int = 0
    talk_n: int = 0
    hold_ms: int = 0
    hold_n: int = 0
    acw_ms: int = 0
    acw_n: int = 0
    handle_n: tuple[int, ...] = (0,) * PART_SETS
    handle_ms: tuple[int, ...] = (0,) * PART_SETS

    # Offers: each ring of a visit at an agent. `unreachable` is a part of ring_no_answer.
    ring_no_answer: int = 0
    unreachable: int = 0
    declined: int = 0
    cancelled: int = 0
    offers_answered: int = 0

    # Answered visits. A transfer need not tell whether it was blind or attended.
    transferred_out: int = 0
    transferred_blind: int = 0
    transferred_attended: int = 0
    several_agents: int | None = None
    """Contacts that more than one agent answered; None of visits, which one agent answers."""
    noted: int = 0
    """Answered visits that somebody wrote a note on, which would say that they were handed up."""
    escalated: int = 0
    resolved: int = 0
    resolved_known: int = 0
    resolvable_known: int = 0

    # By `scale_key`: kinds and scales are not pooled.
    surveys: Mapping[str, ScaleSums] = field(default_factory=dict)
    asked: Mapping[str, AskedSums] = field(default_factory=dict)
    """By the kind of a survey."""

    open: "Counts | None" = None
    """Those of them within opening hours, where their reader asked for it (`reads.opening`)."""
    outbound: "Counts | None" = None
    """The outbound calls beside them, where their reader asked for them."""
    time: AgentTime | None = None
    """What agents spent their time on, where its reader asked for it; None: it cannot be told of
    these counts. Not of the visits: left out of a sum, as `agents`."""
    repeats: Told | None = None
    """Who came again, where its reader asked for it; as `time`."""
    matters: MattersTold | None = None
    """How long callers' matters took, where its reader asked for it; as `time`."""
    people: People | None = None
    """Who was employed; as `time`."""
    ramp: Ramp | None = None
    """How long those hired took; as `time`."""
    paid: Paid | None = None
    """What agents were paid for; as `time`."""
    worked: Worked | None = None
    """Visits that agents answered beside their hours; as `time`."""
    sales: Sold | None = None
    """What was sold, where the asker may know it; as `time`."""
    costs: Spent | None = None
    """What was spent, where the asker may know it; as `time`."""
    answering: Answering | None = None
    """Who answered, where that is known; as `time`."""

    def scales(self, kind: str) -> dict[str, ScaleSums]:
        """The scores of a kind of survey, by scale ("1-5")."""
        return {
            key.partition(" ")[2]: sums
            for key, sums in self.surveys.items()
            if key.startswith(f"{kind} ")
        }

    @property
    def ended(self) -> int:
        """Offered visits that no longer wait."""
        return self.offered - self.in_progress

    @property
    def lost(self) -> int:
        """Visits that left without service and without giving up."""
        return self.timed_out + self.key_exit + self.other

    @property
    def handled(self) -> int:
        """Visits an agent talked to. With plain CDRs more than `answered`: those are on no
        queue, so never offered, but their talk is talk."""
        return sum(self.handle_n)

    @property
    def dials(self) -> int:
        """Of outbound calls all: none of them came to a queue, so none failed to enter it."""
        return self.offered + self.refused + self.busy + self.left_ivr

    @property
    def books_balance(self) -> bool:
        """Whether every offered visit has one of the endings, or still waits."""
        return self.offered == (
            self.answered + self.abandoned + self.lost + self.callback_requested + self.in_progress
        )

    def __add__(self, other: "Counts") -> "Counts":
        return Counts.sum((self, other))

    @classmethod
    def sum(cls, many: Iterable["Counts"]) -> "Counts":
        """The counts of all the visits together; `agents` is left for the reader to count."""
        rows = list(many)
        totals = {name: sum(getattr(row, name) for row in rows) for name in ADDITIVE}
        return cls(
            **totals,
            max_wait_ms=_longest(row.max_wait_ms for row in rows),
            max_answered_wait_ms=_longest(row.max_answered_wait_ms for row in rows),
            wait_hist=Histogram.sum(row.wait_hist for row in rows),
            handle_n=_element_sums([row.handle_n for row in rows]),
            handle_ms=_element_sums([row.handle_ms for row in rows]),
            surveys=together(ScaleSums, (row.surveys for row in rows)),
            asked=together(AskedSums, (row.asked for row in rows)),
            several_agents=_known_sum(row.several_agents for row in rows),
            open=_beside(row.open for row in rows),
            outbound=_beside(row.outbound for row in rows),
        )


def of_days(many: Sequence[Counts]) -> Counts:
    """Counts of days, or of days of agents, together, with the time, the repeats and the matters
    that were read beside them: those add up over what does not overlap."""
    times = [one.time for one in many if one.time is not None]
    told = [one.repeats for one in many if one.repeats is not None]
    begun = [one.matters for one in many if one.matters is not None]
    return replace(
        Counts.sum(many),
        time=AgentTime.sum(times) if times else None,
        repeats=repeats_together(told) if told else None,
        matters=matters_together(begun) if begun else None,
    )


_NOT_ADDITIVE = {
    "max_wait_ms",
    "max_answered_wait_ms",
    "wait_hist",
    "handle_n",
    "handle_ms",
    "surveys",
    "asked",
    "several_agents",
    "open",
    "outbound",
    "time",
    "repeats",
    "matters",
    "people",
    "ramp",
    "costs",
    "sales",
    "paid",
    "worked",
    "answering",
}
ADDITIVE = tuple(item.name for item in fields(Counts) if item.name not in _NOT_ADDITIVE)


Family = Literal["waits", "rings", "returns", "handling", "outcomes", "notes", "answers"]
FAMILIES: Mapping[Family, tuple[str, ...]] = {
    "waits": ("wait_hist",),
    "rings": (
        "ring_no_answer", "unreachable", "declined", "cancelled", "offers_answered", "missed",
        "before_ring_ms", "before_ring_n",
    ),
    "returns": ("called_back", "called_back_ms", "called_back_n"),
    "handling": (
        "talk_ms", "talk_n", "hold_ms", "hold_n", "acw_ms", "acw_n", "handle_n", "handle_ms",
    ),
    "outcomes": (
        "transferred_out", "transferred_blind", "transferred_attended", "several_agents",
        "resolved", "resolved_known", "resolvable_known",
    ),
    "notes": ("noted", "escalated"),
    "answers": ("surveys", "asked"),
}  # fmt: skip
"""What is read of calls only where it is asked for, for it takes longer: all but how many ended
how, and their waits together. The lengths of rings, call backs and talks in the histogram are of
their own families."""


def _longest(waits_ms: Iterable[int | None]) -> int | None:
    return max((wait_ms for wait_ms in waits_ms if wait_ms is not None), default=None)


def _element_sums(rows: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sum(row[part_set] for row in rows) for part_set in range(PART_SETS))


def _known_sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _beside(many: Iterable[Counts | None]) -> Counts | None:
    """Counts read beside others, together; None where none of them were read."""
    read = [counts for counts in many if counts is not None]
    return Counts.sum(read) if read else None
