"""Every KPI of calls, rings and answers, from raw rows in polars: an oracle that shares no code.

Written from the definitions' own words and not from `kpis`, so that it can disagree. It reads the
tables of the record as they are (`Raw`), cuts them by whose figure is asked (site, queue, agent)
and when (total, site day, quarter hour), and gives each figure exactly: a numerator and a
denominator of whole numbers. No figure (None) where nothing was counted.

    cells(raw, "queue", "day")[(queue id, date)]["SL4"] == Exact(17, 20)

Names of figures are those of the definitions: SL1 to SL8, A1 to A4, W1 to W3, H1 to H4 and so on.
Seconds come out as thousandths over a number: a wait of 7 s is Exact(7000, 1000).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

import polars as pl

Scope = Literal["site", "queue", "agent"]
Time = Literal["total", "day", "quarter"]
Key = tuple[Any, Any]

ANSWERED, ABANDONED, WAITING = "answered", "abandoned", "in_progress"
CALLBACK = "callback_requested"
LOST = ("timed_out", "key_exit", "other")
UNSERVED = (ABANDONED, *LOST, CALLBACK)
ENDED = (ANSWERED, *UNSERVED)
OFFERED = (*ENDED, WAITING)
APART = ("refused", "busy", "left_ivr")
# Exits that are counted under one name.
EXITS = {"voicemail": "other", "failed": "other"}

RINGS = ("answered", "no_answer", "declined", "unreachable", "cancelled")
TRANSFERS = ("blind", "attended")
PARTS = ("talk", "hold", "acw")
LEVELS = ("SL1", "SL2", "SL3", "SL4", "SL5", "SL6", "SL7", "SL7b")
# A visit was brought by a transfer where an earlier one of the contact, entered at most so long
# before, was handed on. The definitions leave open which visits these are.
TRANSFER_TAKES = timedelta(days=1)
# Sets of parts that a call's log can measure; without talk there is no handling time.
MEASURED = (PARTS, ("talk", "hold"), ("talk", "acw"), ("talk",))
PERCENTS = (50, 90, 95, 99)
CONTACT = ("source", "linked_id")


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of one site, with the columns of their tables; `zone` is the site's."""

    zone: str
    calls: pl.DataFrame
    offers: pl.DataFrame
    surveys: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Switches:
    """What an admin may choose of a definition; times in seconds."""

    threshold: int = 20
    boundary: Literal["<=", "<"] = "<="
    short: int = 5
    lost: bool = True
    clock_start: int = 0
    transfers_in: bool = True
    callbacks: Literal["request", "success"] = "request"
    effort: Literal["easy", "hard"] = "easy"


PLAIN = Switches()


@dataclass(frozen=True, slots=True)
class Exact:
    """A figure as a fraction."""

    top: int | Fraction
    bottom: int

    @property
    def value(self) -> Fraction:
        return Fraction(self.top) / self.bottom


Figures = dict[str, Exact | None]


def cells(
    raw: Raw,
    scope: Scope,
    time: Time,
    switches: Switches,
    first: date,
    last: date,
) -> dict[Key, Figures]:
    """Every figure of every key for which there is a row of anything."""
    counted = (
        (units(raw, scope), _of_units(switches)),
        (handled(raw, scope), _of_handled()),
        (rings(raw, scope), _of_rings()),
        (answers(raw, scope), _of_answers(switches)),
        (outbound(raw), _of_outbound()),
    )
    told: dict[Key, Tally] = {}
    for frame, sums in counted:
        placed = _placed(frame, raw.zone, scope, time, first, last)
        for row in placed.group_by("who", "when").agg(**sums).iter_rows(named=True):
            told.setdefault((row.pop("who"), row.pop("when")), Tally()).update(row)
    return {key: figures(tally, switches) for key, tally in told.items()}


class Tally(dict[str, Any]):
    """Whole numbers and lists of waits by name; what was not met is 0."""

    def __missing__(self, name: str) -> Any:
        return [] if name.startswith("list_") else 0


# Who is counted, and when


def visits(raw: Raw) -> pl.DataFrame:
    """Calls in the order of their contact, each with whether a transfer brought it."""
    return (
        raw.calls.with_columns(pl.col("outcome").replace(EXITS))
        .sort(*CONTACT, "offered_at", "id")
        .with_columns(sent_at=pl.when(pl.col("transfer_kind") != "").then("offered_at"))
        .with_columns(
            by_transfer=(
                pl.col("offered_at") - pl.col("sent_at").shift(1).forward_fill().over(CONTACT)
                <= TRANSFER_TAKES
            ).fill_null(False),
            # Nobody but who came in from outside enters a queue; without one nothing is offered.
            entered=(pl.col("direction") == "inbound")
            & pl.col("queue_id").is_not_null()
            & pl.col("outcome").is_in(OFFERED),
            at=pl.col("offered_at"),
            day_only=pl.col("time_precision") == "day",
        )
    )


def contacts(raw: Raw) -> pl.DataFrame:
    """One row a contact that came in: at its first entry, answered if any visit was, with the sum
    of its waits up to the first answer, else with the wait of its last visit.

    It is resolved if any of its answered visits was. One of which nothing entered a queue is what
    its last visit was.
    """
    inbound = visits(raw).filter(pl.col("direction") == "inbound", pl.col("queue_id").is_not_null())
    entered = pl.col("entered")
    answered = entered & (pl.col("outcome") == ANSWERED)
    until_answer = entered & (answered.cum_sum().over(CONTACT) - answered.cast(pl.UInt32) == 0)
    return (
        inbound.with_columns(answered=answered, until_answer=until_answer)
        .group_by(*CONTACT, maintain_order=True)
        .agg(
            at=pl.coalesce(pl.col("at").filter("entered").first(), pl.col("at").first()),
            day_only=pl.when(pl.col("entered").any())
            .then(pl.col("day_only").filter("entered").any())
            .otherwise(pl.col("day_only").any()),
            entered=pl.col("entered").any(),
            outcome=pl.when(pl.col("answered").any())
            .then(pl.lit(ANSWERED))
            .when(pl.col("entered").any())
            .then(pl.col("outcome").filter("entered").last())
            .otherwise(pl.col("outcome").last()),
            wait_ms=pl.when(~pl.col("answered").any())
            .then(pl.col("wait_ms").filter("entered").last())
            .when(pl.col("wait_ms").filter("until_answer").is_not_null().all())
            .then(pl.col("wait_ms").filter("until_answer").sum()),
            resolved=pl.col("resolved").filter("answered").max(),
            **{
                f"sent_{kind}": (pl.col("transfer_kind").filter("answered") == kind).any()
                for kind in TRANSFERS
            },
            sent_on=(pl.col("transfer_kind").filter("answered") != "").any(),
        )
        .with_columns(by_transfer=pl.lit(False))
    )


def units(raw: Raw, scope: Scope) -> pl.DataFrame:
    """What is counted: contacts at a site, visits on a queue and of an agent."""
    if scope == "site":
        return contacts(raw)
    return (
        visits(raw)
        .filter(pl.col("direction") == "inbound", pl.col("queue_id").is_not_null())
        .with_columns(
            *((pl.col("transfer_kind") == kind).alias(f"sent_{kind}") for kind in TRANSFERS),
            sent_on=pl.col("transfer_kind") != "",
        )
    )


def began(raw: Raw) -> pl.DataFrame:
    """Every contact that came in, and when it is counted: at its first entry into a queue, else at
    its first visit to one; with none, it has no interval of entry, and counts at its first call."""
    inbound = visits(raw).filter(pl.col("direction") == "inbound")
    queued = pl.col("queue_id").is_not_null()

    def first(of: str) -> pl.Expr:
        return pl.coalesce(
            pl.col(of).filter("entered").first(),
            pl.col(of).filter(queued).first(),
            pl.col(of).first(),
        )

    day_only = pl.col("day_only")
    return inbound.group_by(*CONTACT, maintain_order=True).agg(
        began=first("at"),
        imprecise=pl.when(pl.col("entered").any())
        .then(day_only.filter("entered").any())
        .when(queued.any())
        .then(day_only.filter(queued).any())
        .otherwise(day_only.any()),
    )


def handled(raw: Raw, scope: Scope) -> pl.DataFrame:
    """Who was talked to, having come in, with queue or without; a contact once, its parts summed
    over agents."""
    answered = visits(raw).filter(pl.col("direction") == "inbound", pl.col("outcome") == ANSWERED)
    if scope != "site":
        return answered
    parts = [
        pl.when(pl.col(f"{part}_ms").is_not_null().all())
        .then(pl.col(f"{part}_ms").sum())
        .alias(f"{part}_ms")
        for part in PARTS
    ]
    return (
        answered.group_by(*CONTACT)
        .agg(*parts)
        .join(began(raw), on=CONTACT)
        .rename({"began": "at", "imprecise": "day_only"})
    )


def rings(raw: Raw, scope: Scope) -> pl.DataFrame:
    """Rings at agents of those who came in, where and when their visit (contact) is counted."""
    calls = _of_calls(raw, scope).filter(pl.col("direction") == "inbound")
    return raw.offers.select("call_id", "agent_id", ring="outcome").join(
        calls.drop("agent_id"), on="call_id"
    )


def answers(raw: Raw, scope: Scope) -> pl.DataFrame:
    """What callers who came in answered: where and when their call is counted, alone when they
    said it."""
    calls = _of_calls(raw, scope).select("call_id", "at", "day_only", "direction")
    told = raw.surveys.join(calls, on="call_id", how="left").with_columns(
        at=pl.coalesce("at", "answered_at"), day_only=pl.col("day_only").fill_null(False)
    )
    return told.filter(pl.col("call_id").is_null() | (pl.col("direction") == "inbound"))


def outbound(raw: Raw) -> pl.DataFrame:
    """Calls that went out, one by one."""
    return visits(raw).filter(pl.col("direction") == "outbound")


def _of_calls(raw: Raw, scope: Scope) -> pl.DataFrame:
    """Where and when what belongs to a call is counted: at a site, with its contact."""
    calls = visits(raw).select(
        *CONTACT, "queue_id", "agent_id", "direction", "at", "day_only", call_id="id"
    )
    if scope != "site":
        return calls
    return calls.join(began(raw), on=CONTACT, how="left").with_columns(
        at=pl.coalesce("began", "at"), day_only=pl.coalesce("imprecise", "day_only")
    )


def _placed(
    frame: pl.DataFrame, zone: str, scope: Scope, time: Time, first: date, last: date
) -> pl.DataFrame:
    """The rows of the site days `first` to `last` with their key: `who` and `when`.

    Those of no queue or agent have none; what is known to the day alone is part of no quarter hour.
    """
    who = pl.lit(0) if scope == "site" else pl.col(f"{scope}_id")
    day = pl.col("at").dt.convert_time_zone(zone).dt.date()
    when = {"total": pl.lit(0), "day": day, "quarter": pl.col("at").dt.truncate("15m")}[time]
    counted = day.is_between(first, last)
    if time == "quarter":
        counted &= ~pl.col("day_only")
    return (
        frame.filter(counted).with_columns(who=who, when=when).filter(pl.col("who").is_not_null())
    )


# Sums over the rows of a key


def _of_units(switches: Switches) -> dict[str, pl.Expr]:
    outcome, wait = pl.col("outcome"), pl.col("wait_ms")
    start = switches.clock_start * 1000
    ended = pl.col("entered") & outcome.is_in(ENDED)
    # What leaves both sides: who was transferred in, who was gone before the clock started.
    early = (outcome.is_in(UNSERVED) & (wait < start)).fill_null(False)
    brought = pl.col("by_transfer") & pl.lit(not switches.transfers_in)
    left = ended & ~early & ~brought
    on_clock = (wait - start).clip(lower_bound=0)
    limit = switches.threshold * 1000
    within = on_clock <= limit if switches.boundary == "<=" else on_clock < limit
    within = within.fill_null(False)
    short = (on_clock <= switches.short * 1000).fill_null(False) & pl.lit(switches.short > 0)
    is_lost = outcome.is_in(LOST)
    sums = {name: (pl.col("entered") & (outcome == name)).sum() for name in OFFERED}
    sums |= {name: (~pl.col("entered") & (outcome == name)).sum() for name in APART}
    sums |= {
        "offered": pl.col("entered").sum(),
        "s_ended": left.sum(),
        "s_answered": (left & (outcome == ANSWERED)).sum(),
        "s_answered_untold": (left & (outcome == ANSWERED) & wait.is_null()).sum(),
        "s_answered_within": (left & within & (outcome == ANSWERED)).sum(),
        "s_abandoned": (left & (outcome == ABANDONED)).sum(),
        "s_abandoned_within": (left & within & (outcome == ABANDONED)).sum(),
        "s_short": (left & short & (outcome == ABANDONED)).sum(),
        "s_lost": (left & is_lost).sum(),
        "s_lost_within": (left & within & is_lost).sum(),
        "s_callback": (left & (outcome == CALLBACK)).sum(),
        "s_callback_within": (left & within & (outcome == CALLBACK)).sum(),
        "list_answered": wait.filter(ended & (outcome == ANSWERED)).drop_nulls().sort(),
        "list_ended": wait.filter(ended).drop_nulls().sort(),
        "list_abandoned": wait.filter(ended & (outcome == ABANDONED)).drop_nulls(),
        **{
            sent: (pl.col("entered") & (outcome == ANSWERED) & pl.col(sent)).sum()
            for sent in ("sent_on", *(f"sent_{kind}" for kind in TRANSFERS))
        },
        "resolved": (pl.col("entered") & (outcome == ANSWERED) & pl.col("resolved")).sum(),
        "resolved_known": (
            pl.col("entered") & (outcome == ANSWERED) & pl.col("resolved").is_not_null()
        ).sum(),
    }
    return sums


def _of_handled() -> dict[str, pl.Expr]:
    known = {f"{part}_known": pl.col(f"{part}_ms").is_not_null().sum() for part in PARTS}
    sums = {part: pl.col(f"{part}_ms").sum() for part in PARTS}
    return {"handled": pl.len()} | known | sums | _by_measured("", pl.lit(True))


def _by_measured(prefix: str, rows: pl.Expr) -> dict[str, pl.Expr]:
    """Of each set of parts: how many of `rows` have just these measured, and the sum of each."""
    sums = {}
    for measured in MEASURED:
        here = rows & pl.all_horizontal(
            pl.col(f"{part}_ms").is_not_null() == (part in measured) for part in PARTS
        )
        name = prefix + _name(measured)
        sums[f"{name}_n"] = here.sum()
        for part in measured:
            sums[f"{name}_{part}"] = pl.col(f"{part}_ms").filter(here).sum()
    return sums


def _most_measured(t: Tally, prefix: str) -> tuple[str, tuple[str, ...]]:
    """The set of parts that most have measured, of several the one with most parts."""
    measured = max(MEASURED, key=lambda parts: t[f"{prefix}{_name(parts)}_n"])
    return prefix + _name(measured), measured


def _name(measured: tuple[str, ...]) -> str:
    return "+".join(measured)


def _of_rings() -> dict[str, pl.Expr]:
    ring = pl.col("ring")
    return {f"ring_{name}": (ring == name).sum() for name in RINGS}


def _of_answers(switches: Switches) -> dict[str, pl.Expr]:
    low, high, score = pl.col("scale_min"), pl.col("scale_max"), pl.col("score")
    csat = pl.col("kind") == "csat"
    nps = (pl.col("kind") == "nps") & (low == 0) & (high == 10)
    ces = (pl.col("kind") == "ces") & (low == 1) & (high == 7)
    ease = score if switches.effort == "easy" else 8 - score  # a high score is then an easy one
    place = 4 * (score - low)  # quarters of the scale's width
    return {
        "csat": csat.sum(),
        "csat_good": (csat & (place >= 3 * (high - low))).sum(),
        "csat_bad": (csat & (place <= high - low)).sum(),
        "csat_scales": pl.struct(low, high).filter(csat).n_unique(),
        "csat_score": score.filter(csat).sum(),
        "nps": nps.sum(),
        "nps_for": (nps & (score >= 9)).sum(),
        "nps_against": (nps & (score <= 6)).sum(),
        "ces": ces.sum(),
        "ces_score": ease.filter(ces).sum(),
        "ces_easy": (ces & (ease >= 5)).sum(),
    }


def _of_outbound() -> dict[str, pl.Expr]:
    answered = pl.col("outcome") == ANSWERED
    ringing = pl.col("outcome") == WAITING
    return {
        "dials": pl.len(),
        "connected": answered.sum(),
        "dials_ringing": ringing.sum(),
    } | _by_measured("out ", answered)


# The figures


def figures(t: Tally, switches: Switches) -> Figures:
    """All figures of one key."""
    return (
        {name: Exact(t[name], 1) for name in (*OFFERED, *APART, "offered")}
        | _levels(t, switches)
        | _waits(t)
        | _handling(t)
        | _ringing(t)
        | _outcomes(t)
    )


def share(top: float, bottom: int) -> Exact | None:
    return Exact(Fraction(top), bottom) if bottom else None


def seconds(ms: int, over: int) -> Exact | None:
    return Exact(ms, over * 1000) if over else None


def _levels(t: Tally, switches: Switches) -> Figures:
    untold = t["s_answered_untold"]
    answered, within = t["s_answered"] - untold, t["s_answered_within"]
    abandoned, gone_within = t["s_abandoned"], t["s_abandoned_within"]
    ended, short = t["s_ended"], t["s_short"]
    asked, asked_within = t["s_callback"], t["s_callback_within"]
    rates: Figures = {
        "A1": share(t["s_abandoned"] - short, ended - short),
        "A2": share(t["s_abandoned"], ended),
        "A3": share(t["s_abandoned"], ended + t["refused"] + t["left_ivr"]),
        "A4": share(ended - t["s_answered"], ended),
    }
    if untold and not answered:
        return rates | dict.fromkeys(LEVELS)
    told = ended - untold
    rates |= {
        "SL7": share(within + gone_within + asked_within, told),
        "SL7b": share(within + asked_within, answered + abandoned + asked),
    }
    if switches.lost:
        abandoned, gone_within = abandoned + t["s_lost"], gone_within + t["s_lost_within"]
    # A call back asked for in time counts as answered; one asked for late as one answered late.
    if switches.callbacks == "success":
        answered, within = answered + asked, within + asked_within
    return rates | {
        "SL6": share(within, told - short),
        "SL1": share(within + gone_within, answered + abandoned),
        "SL2": share(within, answered),
        "SL3": share(within, answered + abandoned),
        "SL4": share(within, answered + abandoned - gone_within),
        "SL5": share(within + short, answered + abandoned),
    }


def _waits(t: Tally) -> Figures:
    answered, ended, gone = t["list_answered"], t["list_ended"], t["list_abandoned"]
    told: Figures = {
        "W1": seconds(sum(answered), len(answered)),
        "W2": seconds(sum(ended), len(ended)),
        "longest of answered": seconds(max(answered, default=0), min(len(answered), 1)),
        "longest of all": seconds(max(ended, default=0), min(len(ended), 1)),
        "mean time to abandon": seconds(sum(gone), len(gone)),
    }
    for percent in PERCENTS:
        told[f"p{percent} of answered"] = nearest_rank(answered, percent)
        told[f"p{percent} of all"] = nearest_rank(ended, percent)
    return told


def nearest_rank(waits: list[int], percent: int) -> Exact | None:
    """The smallest of sorted waits that at least `percent` of them do not pass."""
    if not waits:
        return None
    rank = -(-percent * len(waits) // 100)
    return Exact(waits[rank - 1], 1000)


def _handling(t: Tally) -> Figures:
    """Calls that measure other parts than most, or no talk, leave both sides."""
    name, measured = _most_measured(t, "")
    outbound, of_outbound = _most_measured(t, "out ")
    n = t[f"{name}_n"]
    parts = sum(t[f"{name}_{part}"] for part in measured)
    left = t["handled"] - n
    every_wait = not left and len(t["list_answered"]) == n
    # An agent's calls without a queue are among all their calls, though never offered.
    offered = t["offered"] - t[WAITING] + t["handled"] - t[ANSWERED]
    inbound = offered + sum(t[name] for name in APART)
    out = sum(t[f"{outbound}_{part}"] for part in of_outbound)
    return {
        "H1": seconds(parts, n),
        "H2": seconds(parts, inbound - left) if n else None,
        "H3": seconds(parts, offered - left) if n else None,
        "H4": seconds(parts - t[f"{name}_hold"] + sum(t["list_answered"]), n)
        if every_wait
        else None,
        "H1 outbound": seconds(out, t[f"{outbound}_n"]),
        **{part: seconds(t[part], t[f"{part}_known"]) for part in PARTS},
        "dials": Exact(t["dials"], 1),
        # One still in progress is in no rate's denominator.
        "connect rate": share(t["connected"], t["dials"] - t["dials_ringing"]),
    }


def _ringing(t: Tally) -> Figures:
    unanswered = t["ring_no_answer"] + t["ring_unreachable"]
    missed = unanswered + t["ring_declined"]
    return {
        # A ring of 0 ms at a phone that could not be reached is one of those not answered.
        "ring_no_answer": Exact(unanswered, 1),
        "unreachable": Exact(t["ring_unreachable"], 1),
        "declined": Exact(t["ring_declined"], 1),
        "cancelled": Exact(t["ring_cancelled"], 1),
        "missed per offer": share(missed, t["ring_answered"] + missed),
        "missed per call": share(missed, t["offered"] - t[WAITING]),
    }


def _outcomes(t: Tally) -> Figures:
    good, bad, told = t["csat_good"], t["csat_bad"], t["csat"]
    return {
        "transfer rate": share(t["sent_on"], t["answered"]),
        **{f"transfer rate {kind}": share(t[f"sent_{kind}"], t["answered"]) for kind in TRANSFERS},
        "resolved rate": share(t["resolved"], t["resolved_known"]),
        "C1": share(good, told),
        # Scores of two scales have no mean.
        "C2": share(t["csat_score"], told) if t["csat_scales"] == 1 else None,
        "C3": share(good - bad, told),
        "NPS": share(t["nps_for"] - t["nps_against"], t["nps"]),
        "CES mean": share(t["ces_score"], t["ces"]),
        "CES easy": share(t["ces_easy"], t["ces"]),
    }
