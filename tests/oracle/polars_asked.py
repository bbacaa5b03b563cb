"""Who was asked and who told, what notes say, and calls an agent, from raw rows in polars.

Written from the definitions' words as `polars_oracle` is, in the same units: contacts at a site,
visits on a queue and of an agent. A contact is noted as its answered visits are; it was asked and
told where any of its calls that came in was, for calls on no queue count "in answers to surveys, of
their agent and their contact".

DOUBT, because the words do not say: calls an agent where some agent answered on no queue alone, for
"at least once" names no queue.
"""

from datetime import date

import polars as pl

from tests.oracle.polars_oracle import (
    ANSWERED,
    CONTACT,
    DOUBT,
    Exact,
    Figures,
    Key,
    Open,
    Raw,
    Scope,
    Tally,
    Time,
    answers,
    began,
    placed,
    share,
    visits,
)

KINDS = ("csat", "nps", "ces")
PER_AGENT, ESCALATED = "calls per agent", "escalation rate"
NAMES = (
    PER_AGENT,
    ESCALATED,
    *(f"{kind} told of {of}" for kind in KINDS for of in ("answered", "invited")),
)
FLAGS = ("noted", "escalated", *(f"{what}_{kind}" for what in ("told", "asked") for kind in KINDS))


def cells(raw: Raw, scope: Scope, time: Time, first: date, last: date) -> dict[Key, Figures]:
    """These figures of every key for which there is a row of anything."""
    calls = flagged(raw)
    counted = [
        (units(raw, calls, scope), _of_units()),
        (answers(raw, scope), {f"said_{kind}": (pl.col("kind") == kind).sum() for kind in KINDS}),
        (answering(calls), _of_answering()),
    ]
    told: dict[Key, Tally] = {}
    for frame, sums in counted:
        here = placed(frame, raw.zone, scope, time, first, last)
        for row in here.group_by("who", "when").agg(**sums).iter_rows(named=True):
            told.setdefault((row.pop("who"), row.pop("when")), Tally()).update(row)
    return {key: figures(tally) for key, tally in told.items()}


def flagged(raw: Raw) -> pl.DataFrame:
    """Calls that came in, each with whether it is noted, and who was asked and told on it."""
    notes = raw.notes.group_by("call_id").agg(
        noted=pl.lit(True), escalated=(pl.col("escalation") != "").any()
    )
    told = raw.surveys.group_by("call_id").agg(
        **{f"told_{kind}": (pl.col("kind") == kind).any() for kind in KINDS},
    )
    withdrawn = (pl.col("withdrawn_at") < pl.col("expires_at")).fill_null(False)
    asks = {kind: pl.col("questions").str.contains(rf"\b{kind}\b") for kind in KINDS}
    asked = raw.invitations.group_by("call_id").agg(
        **{f"asked_{kind}": (asks[kind] & ~withdrawn).any() for kind in KINDS}
    )
    calls = visits(raw).filter(pl.col("direction") == "inbound")
    for part in (notes, told, asked):
        calls = calls.join(part, left_on="id", right_on="call_id", how="left")
    return calls.with_columns(
        *(pl.col(name).fill_null(False) for name in FLAGS),
        answered=pl.col("entered") & (pl.col("outcome") == ANSWERED),
        named=pl.col("agent_id").is_not_null(),
        on_queue=pl.col("queue_id").is_not_null(),
    )


def units(raw: Raw, calls: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """What is counted. Of a contact, what its answered visits note, and all its calls tell."""
    if scope != "site":
        return calls
    of_answered = ("noted", "escalated")
    return (
        calls.group_by(*CONTACT)
        .agg(
            pl.col("answered", "on_queue").any(),
            *(pl.col(name).filter("answered").any() for name in of_answered),
            *(pl.col(name).any() for name in FLAGS if name not in of_answered),
        )
        .join(began(raw), on=CONTACT)
        .rename({"began": "at", "imprecise": "day_only"})
    )


def answering(calls: pl.DataFrame) -> pl.DataFrame:
    """Calls that a named agent answered, in the interval of their own entry, of a site too."""
    return calls.filter(pl.col("outcome") == ANSWERED, "named").with_columns(of_agent="agent_id")


def _of_answering() -> dict[str, pl.Expr]:
    return {
        "by_agents": pl.col("entered").sum(),
        "agents": pl.col("of_agent").filter("entered").n_unique(),
        "agents_anywhere": pl.col("of_agent").n_unique(),
    }


def _of_units() -> dict[str, pl.Expr]:
    answered = pl.col("answered")
    sums = {"answered": answered.sum()}
    sums |= {name: (answered & pl.col(name)).sum() for name in ("noted", "escalated")}
    for kind in KINDS:
        told, asked = pl.col(f"told_{kind}"), pl.col(f"asked_{kind}")
        was_there = pl.col("on_queue")
        sums |= {
            f"told_{kind}": (answered & told).sum(),
            f"asked_{kind}": (was_there & asked).sum(),
            f"asked_told_{kind}": (was_there & asked & told).sum(),
        }
    return sums


def figures(t: Tally) -> Figures:
    """All of these figures of one key."""
    told: Figures = {
        PER_AGENT: _per_agent(t),
        ESCALATED: share(t["escalated"], t["noted"]),
    }
    for kind in KINDS:
        told[f"{kind} told of answered"] = _of_answered(t, kind)
        told[f"{kind} told of invited"] = share(t[f"asked_told_{kind}"], t[f"asked_{kind}"])
    return told


def _per_agent(t: Tally) -> Exact | Open | None:
    if t["agents"] != t["agents_anywhere"]:
        return DOUBT
    return share(t["by_agents"], t["agents"])


def _of_answered(t: Tally, kind: str) -> Exact | Open | None:
    """Nobody was asked as far as links and answers tell: no rate."""
    if t["answered"] and not any(t[f"{one}_{kind}"] for one in ("told", "asked", "said")):
        return None
    return share(t[f"told_{kind}"], t["answered"])


NOTHING = figures(Tally())
