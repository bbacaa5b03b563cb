"""Every KPI of calls, rings and answers, from raw rows in polars: an oracle that shares no code.

Written from the definitions' own words and not from `kpis`, so that it can disagree. It reads the
tables of the record as they are (`Raw`), cuts them by whose figure is asked (site, queue, agent)
and when (total, site day, quarter hour), and gives each figure exactly: a numerator and a
denominator of whole numbers. No figure (None) where nothing was counted.

    cells(raw, "queue", "day")[(queue id, date)]["SL4"] == Exact(17, 20)

Names of figures are those of the definitions: SL1 to SL8, A1 to A4, W1 to W3, H1 to H4 and so on.
Seconds come out as thousandths over a number: a wait of 7 s is Exact(7000, 1000).

Where the definitions leave a cell open it is DOUBT, and nobody's word on it is checked:

- W3, where a visit has other rings than one answered, the ring is longer than the wait, or
  several visits are one contact: which rings are "in" is not said;
- SL8 and missed callers, where it is not logged when a ring ended or the caller left; of agents,
  who have no opening hours; and opening hours of what tells only its day;
- SL7 and SL7b where a call back lets the wait go on, and call backs that tell only their day;
- contacts of several agents, where one of them called out: whether that touches is not said.

Response rates, escalation and calls an agent are in `polars_asked`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

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
ABANDONED_SHARES = ("A1", "A2", "A3", "A4")
# A visit was brought by a transfer where an earlier one of the contact, entered at most so long
# before, was handed on. The definitions leave open which visits these are.
TRANSFER_TAKES = timedelta(days=1)
# "Answered within seven days."
BACK_TAKES = timedelta(days=7)
# Sets of parts that a call's log can measure; without talk there is no handling time.
MEASURED = (PARTS, ("talk", "hold"), ("talk", "acw"), ("talk",))
PERCENTS = (50, 90, 95, 99)
CONTACT = ("source", "linked_id")
# "Durations and stamps can differ by a second."
SECOND = timedelta(seconds=1)
CONVERSATION_MS = 30_000
Hours = dict[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class Raw:
    """The rows of one site, with the columns of their tables; `zone` and `currency` are the site's,
    `opening` its opening hours and those of its queues that have their own."""

    zone: str
    opening: Hours
    of_queues: dict[int, Hours]
    calls: pl.DataFrame
    offers: pl.DataFrame
    surveys: pl.DataFrame
    notes: pl.DataFrame
    invitations: pl.DataFrame
    states: pl.DataFrame
    paid: pl.DataFrame
    sales: pl.DataFrame
    costs: pl.DataFrame
    agents: pl.DataFrame
    currency: str


@dataclass(frozen=True, slots=True)
class Switches:
    """What an admin may choose of a definition; times in seconds."""

    threshold: int = 20
    boundary: Literal["<=", "<"] = "<="
    short: int = 5
    lost: bool = True
    clock_start: int = 0
    transfers_in: bool = True
    business_hours: bool = False
    callbacks: Literal["request", "success", "return"] = "request"
    effort: Literal["easy", "hard"] = "easy"


PLAIN = Switches()


@dataclass(frozen=True, slots=True)
class Exact:
    """A figure as a fraction, of `n` counted; None of shares of time, which count nothing."""

    top: int | Fraction
    bottom: int
    n: int | None

    @property
    def value(self) -> Fraction:
        return Fraction(self.top) / self.bottom


class Open(Enum):
    """What the definitions leave open."""

    DOUBT = "doubt"


DOUBT: Final = Open.DOUBT
Figures = dict[str, Exact | Open | None]


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
        here = placed(frame, raw.zone, scope, time, first, last)
        for row in here.group_by("who", "when").agg(**sums).iter_rows(named=True):
            told.setdefault((row.pop("who"), row.pop("when")), Tally()).update(row)
    return {key: figures(tally, switches, scope) for key, tally in told.items()}


class Tally(dict[str, Any]):
    """Whole numbers and lists of waits by name; what was not met is 0."""

    def __missing__(self, name: str) -> Any:
        return [] if name.startswith("list_") else 0


# Who is counted, and when


def visits(raw: Raw) -> pl.DataFrame:
    """Calls in the order of their contact, each with whether a transfer brought it, who rang, and
    when the caller was called back."""
    return (
        raw.calls.with_columns(pl.col("outcome").replace(EXITS))
        .join(rung(raw), on="id", how="left")
        .join(returned(raw), on="id", how="left")
        .with_columns(
            *(pl.col(name).fill_null(False) for name in FLAGS),
            pl.col("rings").fill_null(0),
            ring_ms=pl.coalesce("answered_ring_ms", "ring_ms"),
            ring_open=(pl.col("rings") > 1)
            | ((pl.col("rings") == 1) & pl.col("answered_ring_ms").is_null()),
        )
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


RUNG = ("ring_open", "ring_ms")
FLAGS = ("missed", "missed_open", "return_open", "kept")


def rung(raw: Raw) -> pl.DataFrame:
    """Of each call that rang: how often, how long the ring that was answered, and whether the
    caller left while an agent was ringing."""
    left_at = pl.coalesce(
        pl.col("offered_at") + pl.duration(milliseconds="wait_ms"), pl.col("ended_at")
    )
    rang_until = pl.col("starts_at") + pl.duration(milliseconds="rang_ms")
    given_up = (pl.col("outcome") == ABANDONED) & (pl.col("ring") == "cancelled")
    rows = raw.offers.select("starts_at", id="call_id", ring="outcome", rang_ms="ring_ms").join(
        raw.calls.drop("ring_ms"), on="id"
    )
    return rows.group_by("id").agg(
        rings=pl.len(),
        answered_ring_ms=pl.col("rang_ms").filter(pl.col("ring") == ANSWERED).first(),
        missed=(given_up & (rang_until >= left_at - SECOND).fill_null(False)).any(),
        missed_open=(given_up & (rang_until.is_null() | left_at.is_null())).any(),
    )


def returned(raw: Raw) -> pl.DataFrame:
    """Of each request for a call back: the wait from its entry to the connection of the first
    outbound visit linked to it; open where only a day is told, and then not kept."""
    wanted = raw.calls.filter(pl.col("outcome") == CALLBACK).select(
        *CONTACT, "id", "offered_at", asked_on_day=pl.col("time_precision") == "day"
    )
    back = raw.calls.filter(
        pl.col("direction") == "outbound", pl.col("outcome") == ANSWERED
    ).select(
        *CONTACT, "answered_at", went_at="offered_at", on_day=pl.col("time_precision") == "day"
    )
    pairs = wanted.join(back, on=CONTACT).filter(pl.col("went_at") >= pl.col("offered_at"))
    in_time = pl.col("went_at") - pl.col("offered_at") <= BACK_TAKES
    is_kept = in_time & ~pl.col("asked_on_day") & ~pl.col("on_day")
    return pairs.group_by("id").agg(
        return_ms=(pl.col("answered_at") - pl.col("offered_at")).dt.total_milliseconds().min(),
        return_open=(pl.col("asked_on_day") | pl.col("on_day")).any(),
        kept=is_kept.any(),
        kept_ms=(pl.col("answered_at") - pl.col("offered_at"))
        .filter(is_kept)
        .dt.total_milliseconds()
        .min(),
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
            visits=pl.len(),
            **{
                name: pl.col(name).filter("entered").last()
                for name in (
                    "return_ms",
                    "return_open",
                    "missed",
                    "missed_open",
                    "kept",
                    "kept_ms",
                )
            },
            **{name: pl.col(name).filter("answered").first() for name in RUNG},
        )
        .with_columns(by_transfer=pl.lit(False))
        .join(touched(raw), on=CONTACT, how="left")
        .with_columns(
            several=pl.col("several").fill_null(False),
            several_open=pl.col("several_open").fill_null(False),
        )
    )


def touched(raw: Raw) -> pl.DataFrame:
    """Of each contact, whether more than one agent answered it; open where it is only with those
    who called out that there were several."""
    return (
        raw.calls.filter(
            pl.col("direction") != "internal",
            pl.col("outcome") == ANSWERED,
            pl.col("agent_id").is_not_null(),
        )
        .group_by(*CONTACT)
        .agg(
            several=pl.col("agent_id").filter(pl.col("direction") == "inbound").n_unique() > 1,
            every=pl.col("agent_id").n_unique() > 1,
        )
        .with_columns(several_open=pl.col("several") != pl.col("every"))
        .drop("every")
    )


def units(raw: Raw, scope: Scope) -> pl.DataFrame:
    """What is counted: contacts at a site, visits on a queue and of an agent."""
    if scope == "site":
        rows = contacts(raw)
        hours = [raw.opening] * rows.height
    else:
        rows = (
            visits(raw)
            .filter(pl.col("direction") == "inbound", pl.col("queue_id").is_not_null())
            .with_columns(
                *((pl.col("transfer_kind") == kind).alias(f"sent_{kind}") for kind in TRANSFERS),
                sent_on=pl.col("transfer_kind") != "",
                visits=pl.lit(1, pl.UInt32),
                several=pl.lit(False),
                several_open=pl.lit(False),
            )
        )
        hours = [raw.of_queues.get(queue) or raw.opening for queue in rows["queue_id"]]
    tz = ZoneInfo(raw.zone)
    within = [is_open(at.astimezone(tz), own) for at, own in zip(rows["at"], hours, strict=True)]
    # What tells only its day tells no hour to be open.
    return rows.with_columns(open=pl.Series(within, dtype=pl.Boolean) & ~pl.col("day_only"))


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether a moment of the site's clock is within hours; without any it is always open."""
    clock = f"{at:%H:%M}"
    return not hours or any(begin <= clock < end for begin, end in hours.get(str(at.weekday()), ()))


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


def placed(
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
    entered, back = pl.col("entered"), pl.col("return_ms")
    start = switches.clock_start * 1000
    ended = entered & outcome.is_in(ENDED)
    # What leaves both sides: who was transferred in, who was gone before the clock started. Whose
    # wait goes on until the call back is not gone.
    early = (outcome.is_in(UNSERVED) & (wait < start)).fill_null(False)
    brought = pl.col("by_transfer") & pl.lit(not switches.transfers_in)
    in_hours = pl.col("open") | pl.lit(not switches.business_hours)
    stays = ended & ~brought & in_hours
    left = stays & ~early

    def within(length: pl.Expr) -> pl.Expr:
        on_clock = (length - start).clip(lower_bound=0)
        limit = switches.threshold * 1000
        inside = on_clock <= limit if switches.boundary == "<=" else on_clock < limit
        return inside.fill_null(False)

    on_clock = (wait - start).clip(lower_bound=0)
    short = (on_clock <= switches.short * 1000).fill_null(False) & pl.lit(switches.short > 0)
    missed = ended & ~brought & ~early & pl.col("open") & (outcome == ABANDONED) & pl.col("missed")
    answered_open = ended & ~brought & pl.col("open") & (outcome == ANSWERED)
    is_lost, asked = outcome.is_in(LOST), outcome == CALLBACK
    sums = {name: (entered & (outcome == name)).sum() for name in OFFERED}
    sums |= {name: (~entered & (outcome == name)).sum() for name in APART}
    groups = {"answered": outcome == ANSWERED, "abandoned": outcome == ABANDONED,
              "lost": is_lost, "callback": asked}  # fmt: skip
    for name, group in groups.items():
        sums[f"s_{name}"] = (left & group).sum()
        sums[f"s_{name}_within"] = (left & group & within(wait)).sum()
    one_ring = (pl.col("visits") == 1) & ~pl.col("ring_open").fill_null(False)
    ring_known = entered & (outcome == ANSWERED) & wait.is_not_null()
    return sums | {
        "offered": entered.sum(),
        # Asked when the wait ended; where that is not known, neither is the time since.
        "kept": (entered & asked & pl.col("kept")).sum(),
        "kept_ms": (pl.col("kept_ms") - wait).filter(entered & asked & pl.col("kept")).sum(),
        "kept_n": (
            (entered & asked & pl.col("kept")) & (pl.col("kept_ms") - wait).is_not_null()
        ).sum(),
        "s_ended": left.sum(),
        "s_turned_away": (~entered & outcome.is_in(("refused", "left_ivr")) & in_hours).sum(),
        "s_answered_untold": (left & (outcome == ANSWERED) & wait.is_null()).sum(),
        "s_short": (left & short & (outcome == ABANDONED)).sum(),
        "s_returned": (stays & asked & back.is_not_null()).sum(),
        "s_returned_within": (stays & asked & within(back)).sum(),
        "s_return_open": (stays & asked & pl.col("return_open")).sum(),
        "day_only": (entered & pl.col("day_only")).sum(),
        "o_answered": (answered_open & wait.is_not_null()).sum(),
        "o_answered_within": (answered_open & within(wait)).sum(),
        "o_answered_untold": (answered_open & wait.is_null()).sum(),
        "o_missed": missed.sum(),
        "o_missed_within": (missed & within(wait)).sum(),
        "missed": (entered & (outcome == ABANDONED) & pl.col("missed")).sum(),
        "missed_open": (entered & (outcome == ABANDONED) & pl.col("missed_open")).sum(),
        "list_answered": wait.filter(ended & (outcome == ANSWERED)).drop_nulls().sort(),
        "list_ended": wait.filter(ended).drop_nulls().sort(),
        "list_abandoned": wait.filter(ended & (outcome == ABANDONED)).drop_nulls(),
        "before_ring": (wait - pl.col("ring_ms")).filter(ring_known).sum(),
        "before_ring_n": (ring_known & pl.col("ring_ms").is_not_null()).sum(),
        "before_ring_open": (
            ring_known & ~(one_ring & (pl.col("ring_ms").fill_null(0) <= wait))
        ).sum(),
        "several": (entered & (outcome == ANSWERED) & pl.col("several")).sum(),
        "several_open": (entered & (outcome == ANSWERED) & pl.col("several_open")).sum(),
        **{
            sent: (entered & (outcome == ANSWERED) & pl.col(sent)).sum()
            for sent in ("sent_on", *(f"sent_{kind}" for kind in TRANSFERS))
        },
        "resolved": (entered & (outcome == ANSWERED) & pl.col("resolved")).sum(),
        "resolved_known": (
            entered & (outcome == ANSWERED) & pl.col("resolved").is_not_null()
        ).sum(),
    }


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
    fcr, yes_or_no = pl.col("kind") == "fcr", (low == 0) & (high == 1)
    ease = score if switches.effort == "easy" else 8 - score  # a high score is then an easy one
    place = 4 * (score - low)  # quarters of the scale's width
    return {
        "csat": csat.sum(),
        "csat_good": (csat & (place >= 3 * (high - low))).sum(),
        "csat_bad": (csat & (place <= high - low)).sum(),
        "csat_scales": pl.struct(low, high).filter(csat).n_unique(),
        "csat_score": score.filter(csat).sum(),
        "fcr": fcr.sum(),
        "fcr_yes": (fcr & (score == 1)).sum(),
        "fcr_open": (fcr & ~yes_or_no).sum(),
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
        "conversations": (answered & (pl.col("talk_ms") >= CONVERSATION_MS)).sum(),
    } | _by_measured("out ", answered)


# The figures


def figures(t: Tally, switches: Switches, scope: Scope) -> Figures:
    """All figures of one key."""
    told = (
        {name: count(t[name]) for name in (*OFFERED, *APART, "offered")}
        | _levels(t, switches, scope)
        | _missed(t, switches, scope)
        | _waits(t)
        | _handling(t)
        | _ringing(t)
        | _outcomes(t, scope)
        | _kept(t)
    )
    return told | dict.fromkeys(_nobodys(switches)) if scope == "agent" else told


def _nobodys(switches: Switches) -> set[str]:
    """What counts calls that nobody answered, which are no agent's. A call back that counts as an
    answer is one of them."""
    names = {*OFFERED, *APART, "offered", "missed", *LEVELS, "SL8", *ABANDONED_SHARES}
    names |= {"W2", "H2", "H3", "longest of all", "mean time to abandon", "missed per call"}
    names |= {f"p{percent} of all" for percent in PERCENTS}
    names |= {"called back", "called back of asked", "time to call back"}
    return names - ({ANSWERED, "SL2"} if switches.callbacks == "request" else {ANSWERED})


def count(n: int) -> Exact:
    return Exact(n, 1, n)


def share(top: float, bottom: int) -> Exact | None:
    return Exact(Fraction(top), bottom, bottom) if bottom else None


def seconds(ms: int, over: int) -> Exact | None:
    return Exact(ms, over * 1000, over) if over else None


def _levels(t: Tally, switches: Switches, scope: Scope) -> Figures:
    if switches.business_hours and (scope == "agent" or t["day_only"]):
        return dict.fromkeys((*LEVELS, *ABANDONED_SHARES), DOUBT)
    untold = t["s_answered_untold"]
    answered, within = t["s_answered"] - untold, t["s_answered_within"]
    abandoned, gone_within = t["s_abandoned"], t["s_abandoned_within"]
    ended, short = t["s_ended"], t["s_short"]
    asked, asked_within = t["s_callback"], t["s_callback_within"]
    rates: Figures = {
        "A1": share(t["s_abandoned"] - short, ended - short),
        "A2": share(t["s_abandoned"], ended),
        "A3": share(t["s_abandoned"], ended + t["s_turned_away"]),
        "A4": share(ended - t["s_answered"], ended),
    }
    told = ended - untold
    rates |= {
        "SL7": share(within + gone_within + asked_within, told),
        "SL7b": share(within + asked_within, answered + abandoned + asked),
    }
    if switches.lost:
        abandoned, gone_within = abandoned + t["s_lost"], gone_within + t["s_lost_within"]
    # A call back asked for in time counts as answered; one asked for late as one answered late.
    # Where the wait goes on, who was not called back yet still waits, and is in no denominator.
    if switches.callbacks == "success":
        answered, within = answered + asked, within + asked_within
    if switches.callbacks == "return":
        answered, within = answered + t["s_returned"], within + t["s_returned_within"]
        told += t["s_returned"] - asked
    rates |= {
        "SL6": share(within, told - short),
        "SL1": share(within + gone_within, answered + abandoned),
        "SL2": share(within, answered),
        "SL3": share(within, answered + abandoned),
        "SL4": share(within, answered + abandoned - gone_within),
        "SL5": share(within + short, answered + abandoned),
    }
    if untold and untold == t["s_answered"]:
        rates |= dict.fromkeys(LEVELS)
    if switches.callbacks == "return":
        rates |= {"SL7": DOUBT, "SL7b": DOUBT}
        if t["s_return_open"]:
            rates |= dict.fromkeys(LEVELS, DOUBT)
    return rates


def _missed(t: Tally, switches: Switches, scope: Scope) -> Figures:
    """Callers who left while an agent was ringing, and the level of opening hours by them."""
    answered, missed = t["o_answered"], t["o_missed"]
    level: Exact | Open | None = share(
        t["o_answered_within"] + t["o_missed_within"], answered + missed
    )
    if t["o_answered_untold"] and not answered:
        level = None
    if scope == "agent" or t["day_only"] or t["missed_open"]:
        level = DOUBT
    return {"missed": DOUBT if t["missed_open"] else count(t["missed"]), "SL8": level}


def _kept(t: Tally) -> Figures:
    """Requests for a call back that were kept, of those who asked, and how long they took."""
    return {
        "called back": count(t["kept"]),
        "called back of asked": share(t["kept"], t[CALLBACK]),
        "time to call back": seconds(t["kept_ms"], t["kept_n"]),
    }


def _waits(t: Tally) -> Figures:
    answered, ended, gone = t["list_answered"], t["list_ended"], t["list_abandoned"]
    told: Figures = {
        "W1": seconds(sum(answered), len(answered)),
        "W2": seconds(sum(ended), len(ended)),
        "W3": DOUBT if t["before_ring_open"] else seconds(t["before_ring"], t["before_ring_n"]),
        "longest of answered": of_waits(max(answered, default=0), answered),
        "longest of all": of_waits(max(ended, default=0), ended),
        "mean time to abandon": seconds(sum(gone), len(gone)),
    }
    for percent in PERCENTS:
        told[f"p{percent} of answered"] = nearest_rank(answered, percent)
        told[f"p{percent} of all"] = nearest_rank(ended, percent)
    return told


def of_waits(ms: int, waits: list[int]) -> Exact | None:
    """One wait among those of which it was found."""
    return Exact(ms, 1000, len(waits)) if waits else None


def nearest_rank(waits: list[int], percent: int) -> Exact | None:
    """The smallest of sorted waits that at least `percent` of them do not pass."""
    if not waits:
        return None
    rank = -(-percent * len(waits) // 100)
    return of_waits(waits[rank - 1], waits)


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
        "H3": seconds(parts, offered + t[WAITING] - left) if n else None,
        "H4": seconds(parts - t[f"{name}_hold"] + sum(t["list_answered"]), n)
        if every_wait
        else None,
        "H1 outbound": seconds(out, t[f"{outbound}_n"]),
        **{part: seconds(t[part], t[f"{part}_known"]) for part in PARTS},
        "dials": count(t["dials"]),
        "conversations": count(t["conversations"]),
        # One still in progress is in no rate's denominator.
        "connect rate": share(t["connected"], t["dials"] - t["dials_ringing"]),
    }


def _ringing(t: Tally) -> Figures:
    unanswered = t["ring_no_answer"] + t["ring_unreachable"]
    missed = unanswered + t["ring_declined"]
    return {
        # A ring of 0 ms at a phone that could not be reached is one of those not answered.
        "ring_no_answer": count(unanswered),
        "unreachable": count(t["ring_unreachable"]),
        "declined": count(t["ring_declined"]),
        "cancelled": count(t["ring_cancelled"]),
        "missed per offer": share(missed, t["ring_answered"] + missed),
        "missed per call": share(missed, t["offered"] - t[WAITING]),
    }


def _outcomes(t: Tally, scope: Scope) -> Figures:
    good, bad, told = t["csat_good"], t["csat_bad"], t["csat"]
    # An agent is one, and so are the agents of a visit: only contacts touch several.
    several = share(t["several"], t["answered"]) if scope == "site" else None
    return {
        "contacts of several agents": DOUBT if t["several_open"] else several,
        "transfer rate": share(t["sent_on"], t["answered"]),
        **{f"transfer rate {kind}": share(t[f"sent_{kind}"], t["answered"]) for kind in TRANSFERS},
        "resolved rate": share(t["resolved"], t["resolved_known"]),
        "C1": share(good, told),
        # Scores of two scales have no mean.
        "C2": share(t["csat_score"], told) if t["csat_scales"] == 1 else None,
        "C3": share(good - bad, told),
        "F4": DOUBT if t["fcr_open"] else share(t["fcr_yes"], t["fcr"]),
        "NPS": share(t["nps_for"] - t["nps_against"], t["nps"]),
        "CES mean": share(t["ces_score"], t["ces"]),
        "CES easy": share(t["ces_easy"], t["ces"]),
    }
