"""The played floor told as a phone system would log it: frames in the import's own shapes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from ccm.demo.arrivals import BEYOND_HELP, OWN, REDIAL, Contacts, Floats, Ints
from ccm.demo.asking import SCALES, answers
from ccm.demo.dialling import Dial, campaign
from ccm.demo.floor import ANSWERED, Played
from ccm.demo.house import SiteSpec
from ccm.demo.people import Person
from ccm.imports.records import CALLS, OFFERS, STATES, SURVEYS, UTC_TIME, Chunk

# In the order of the numbers of `floor`.
OUTCOMES = (
    "answered", "abandoned", "timed_out", "voicemail", "callback_requested", "key_exit",
    "in_progress",
)  # fmt: skip
RINGS = ("answered", "no_answer", "declined", "unreachable", "cancelled")
LEFT_IVR = "left_ivr"
# Share of agents' calls whose result they write down.
CODED = 0.93
# Share of those not solved that nobody here could have solved.
NOT_OURS = 0.35
ATTENDED = 0.3
HANGS_UP_FIRST = 0.64
# Share of callers who do not agree to be recorded.
UNRECORDED = 0.025


@dataclass(frozen=True, slots=True)
class Record:
    """What one site logged. Calls are in order of `offered_at`; `call` numbers their rows.

    Calls out are apart, in `dials`: each is told once it is over.
    """

    site: SiteSpec
    calls: pl.DataFrame
    offers: pl.DataFrame
    states: pl.DataFrame
    surveys: pl.DataFrame
    dials: pl.DataFrame

    def until(self, now: datetime) -> "Record":
        """What the log of this site shows at `now` (aware): whoever is still there is open.

        Spells of agents end at `now`.
        """
        calls = self.calls.filter(pl.col("offered_at") < now)
        waiting = pl.coalesce("answered_at", "ended_at") >= now
        on_line = pl.col("ended_at") >= now
        wrapping = pl.col("wrapup_ended_at") >= now

        def unless(gone: pl.Expr, *names: str) -> list[pl.Expr]:
            return [pl.when(~gone.fill_null(value=False)).then(pl.col(n)).alias(n) for n in names]

        calls = calls.with_columns(
            *unless(waiting, "answered_at", "agent", "wait_ms", "ring_ms", "topic", "consent"),
            *unless(
                on_line,
                "ended_at",
                "talk_ms",
                "hold_ms",
                "ended_by",
                "transfer_kind",
                "transfer_target",
            ),
            *unless(wrapping, "wrapup_ended_at", "acw_ms", "resolved", "resolvable"),
            pl.when(waiting).then(pl.lit("in_progress")).otherwise("outcome").alias("outcome"),
        )
        return Record(
            self.site,
            calls,
            self.offers.filter(pl.col("starts_at") + pl.duration(milliseconds="ring_ms") < now),
            self.states.filter(pl.col("starts_at") < now).with_columns(
                pl.min_horizontal("ends_at", pl.lit(now).cast(UTC_TIME))
            ),
            self.surveys.filter(pl.col("answered_at") < now),
            self.dials.filter(pl.coalesce("wrapup_ended_at", "ended_at") < now),
        )

    def chunks(self, rows: int = 50_000) -> Iterator[Chunk]:
        """The record in pieces for the loader: calls, the states with the last, then calls out."""
        for start in range(0, max(1, len(self.calls)), rows):
            calls = self.calls.slice(start, rows)
            last = start + rows >= len(self.calls)
            own = (pl.col("call") >= start) & (pl.col("call") < start + rows)
            renumbered = (pl.col("call") - start).cast(pl.UInt32)
            chunk = Chunk(
                position=start + len(calls),
                read=len(calls),
                calls=calls,
                offers=self.offers.filter(own).with_columns(renumbered),
                surveys=self.surveys.filter(own).with_columns(renumbered),
            )
            if last:
                chunk.states = self.states
                chunk.read += len(self.states)
            yield chunk
        if len(self.dials):
            position = len(self.calls) + len(self.dials)
            yield Chunk(position=position, read=len(self.dials), calls=self.dials)


def tell(
    site: SiteSpec, people: list[Person], seed: int, contacts: Contacts, rows: Ints, played: Played
) -> Record:
    """The record of a site. `rows` are the contacts that reached the floor, as it numbers them."""
    visits = _visits(site, people, contacts, rows, played)
    calls = pl.concat([visits, _left_in_menu(site, contacts)], how="diagonal")
    calls = _logged(calls, "inbound")
    dials = pl.concat(
        [_calls_back(site, people, contacts, rows, played), _campaign(site, people, seed, played)]
    )
    place = calls.select("visit", call=pl.col("line") - 1).drop_nulls()
    return Record(
        site,
        _shaped(calls, CALLS),
        _offers(people, played, place),
        _states(people, played),
        _surveys(visits, place),
        _shaped(_logged(dials, "outbound"), CALLS),
    )


def _logged(calls: pl.DataFrame, direction: str) -> pl.DataFrame:
    """Calls with what a switch writes of all of them, in order; moments were in milliseconds."""
    calls = calls.with_columns(
        birth_ms=pl.col("offered").cast(pl.Int64), entry_known=pl.lit(value=True),
        channel=pl.lit("voice"), direction=pl.lit(direction), time_precision=pl.lit("ms"),
        lines=pl.lit(1), offered_at=_moment("offered"), answered_at=_moment("answered"),
        ended_at=_moment("ended"), wrapup_ended_at=_moment("free"),
    )  # fmt: skip
    return calls.sort("offered", "external_id").with_row_index("line", offset=1)


def _calls_back(
    site: SiteSpec, people: list[Person], contacts: Contacts, rows: Ints, played: Played
) -> pl.DataFrame:
    """One row a dial to somebody who had asked for it, of that same contact."""
    visit, agent, offered, answered, ended, free = np.array(played.dials, np.int64).reshape(-1, 6).T
    queue = _ints(played.queue)[visit]
    told = _called(site, contacts, rows[_ints(played.contact)[visit]], _ints(played.turn)[visit])
    tried = pl.Series(visit).to_frame("visit").select(pl.int_range(1, pl.len() + 1).over("visit"))
    return _dialled(
        told.with_columns(
            pl.format("{}-B{}", "linked_id", tried.to_series()).alias("external_id"),
            queue=_named(queue, [one.name for one in site.queues]),
            agent=_named(agent, [one.alias for one in people]),
            offered=pl.Series(offered),
            answered=pl.Series(answered),
            ended=pl.Series(ended),
            free=pl.Series(free),
            outcome=pl.Series(np.where(answered > 0, "answered", "other")),
        )
    )


def _campaign(site: SiteSpec, people: list[Person], seed: int, played: Played) -> pl.DataFrame:
    """One row a dial of those who call out for a campaign: a contact of its own."""
    schema = dict.fromkeys(Dial._fields, pl.Int64) | {"queue": pl.String, "outcome": pl.String}
    dials = pl.DataFrame(
        list(campaign(site, people, seed, played.paused)), schema=schema, orient="row"
    )
    agent = _named(dials["agent"].to_numpy(), [one.alias for one in people])
    code = pl.format("{}-O{}-{}", pl.lit(site.code), agent.str.slice(6), pl.col("offered") // 1000)
    return _dialled(
        dials.with_columns(
            agent=agent, linked_id=code, external_id=code, caller=_number(site, "number")
        )
    )


def _dialled(dials: pl.DataFrame) -> pl.DataFrame:
    """Dials with what only those that were answered have."""
    reached = pl.col("outcome") == "answered"
    return dials.select(
        "external_id", "linked_id", "caller", "queue", "agent", "outcome", "offered", "ended",
        answered=pl.when(reached).then("answered"),
        free=pl.when(reached).then("free"),
        talk_ms=pl.when(reached).then(pl.col("ended") - pl.col("answered")),
        hold_ms=pl.when(reached).then(0),
        acw_ms=pl.when(reached).then(pl.col("free") - pl.col("ended")),
        ended_by=pl.when(~reached).then(pl.lit("agent")),
    )  # fmt: skip


def _visits(
    site: SiteSpec, people: list[Person], contacts: Contacts, rows: Ints, played: Played
) -> pl.DataFrame:
    """One row a visit, moments still in milliseconds; what its caller answers comes along."""
    contact = rows[_ints(played.contact)]
    turn = _ints(played.turn)
    queue, agent = _ints(played.queue), _ints(played.agent)
    offered, answered = _ints(played.offered), _ints(played.answered)
    ended, free = _ints(played.ended), _ints(played.free)
    outcome, handed_to = _ints(played.outcome), _ints(played.handed_to)
    draws = {name: drawn[contact, turn] for name, drawn in contacts.draws.items()}
    served = outcome == ANSWERED
    handed = handed_to >= 0
    kept = served & ~handed
    quality = np.array([one.quality for one in people])[agent]

    spoken = ended - answered
    share = np.array([one.hold_share for one in site.queues])[queue]
    held = np.where(draws["hold"] < share, 0.06 + 0.3 * draws["hold"] / share, 0.0)
    hold = (spoken * held).astype(np.int64)
    coded = kept & (draws["coded"] < CODED)
    usual = np.array([one.resolved for one in site.queues])[queue]
    solved = draws["resolved"] < np.clip(usual + 0.035 * quality, 0.3, 1 - BEYOND_HELP)
    ours = solved | (draws["coded"] / CODED > NOT_OURS)
    reached = contacts.caller[contact] >= 0
    wait_seconds = (np.where(served, answered, ended) - offered) / 1000
    said = answers(draws, contacts.number[contact], solved, quality, wait_seconds, ended)

    frame = pl.DataFrame(
        {
            "visit": np.arange(len(contact)),
            "queue": _named(queue, [one.name for one in site.queues]),
            "agent": _named(agent, [one.alias for one in people]),
            "topic": _topics(site, queue, draws["topic"], served),
            "ivr_ms": np.where(turn != 1, contacts.ivr_ms[contact], 0),
            "ring_ms": _ints(played.ring),
            "offered": offered,
            "answered": answered,
            "ended": ended,
            "free": free,
            "wait_ms": np.where(served, answered, ended) - offered,
            "talk_ms": spoken - hold,
            "hold_ms": hold,
            "acw_ms": free - ended,
            "outcome": _named(outcome, list(OUTCOMES)),
            "transfer_target": _named(handed_to, [one.name for one in site.queues]),
            "resolved": solved,
            "resolvable": ours,
            "first_hang_up": draws["ended_by"] < HANGS_UP_FIRST,
            # A number of its own out of one that is drawn: what comes after is as it was.
            "consent": draws["ended_by"] * 97 % 1 >= UNRECORDED,
            "attended": draws["transfer"]
            < ATTENDED * np.array([one.transferred for one in site.queues])[queue],
            "coded": coded,
            "served": served,
            "surveyed": kept & reached & said.given,
            "surveyed_at": said.at,
            **said.scores,
        }
    )
    served_only = ("answered", "free", "ring_ms", "talk_ms", "hold_ms", "acw_ms", "consent")
    frame = frame.with_columns(
        *(pl.when("served").then(pl.col(name)).alias(name) for name in served_only),
        *(pl.when("coded").then(pl.col(name)).alias(name) for name in ("resolved", "resolvable")),
        transfer_kind=pl.when(pl.col("transfer_target").is_not_null()).then(
            pl.when("attended").then(pl.lit("attended")).otherwise(pl.lit("blind"))
        ),
        ended_by=pl.when(pl.col("transfer_target").is_not_null())
        .then(pl.lit("agent"))
        .when("served")
        .then(pl.when("first_hang_up").then(pl.lit("caller")).otherwise(pl.lit("agent")))
        .when(pl.col("outcome") == "abandoned")
        .then(pl.lit("caller")),
    )
    return pl.concat([frame, _called(site, contacts, contact, turn)], how="horizontal")


def _left_in_menu(site: SiteSpec, contacts: Contacts) -> pl.DataFrame:
    """Those who hung up before they reached a queue."""
    gone = np.flatnonzero(contacts.left_ivr)
    part = contacts.draws["patience"][gone, OWN]
    moment = contacts.arrive[gone]
    frame = pl.DataFrame(
        {
            "queue": _named(contacts.queue[gone], [one.name for one in site.queues]),
            "ivr_ms": (contacts.ivr_ms[gone] * part).astype(np.int64),
            "offered": moment,
            "ended": moment,
            "outcome": np.full(len(gone), LEFT_IVR),
        },
        schema_overrides={"outcome": pl.String},
    )
    own = np.full(len(gone), OWN)
    return pl.concat([frame, _called(site, contacts, gone, own)], how="horizontal")


def _called(site: SiteSpec, contacts: Contacts, contact: Ints, turn: Ints) -> pl.DataFrame:
    """Ids and callers. A second try is a contact of its own; a call handed on is not."""
    frame = pl.DataFrame(
        {
            # Day 1 of the proleptic calendar is 719,163 days before 1970.
            "day": contacts.day[contact] - 719_163,
            "number": contacts.number[contact],
            "turn": turn,
            "caller": contacts.caller[contact],
        }
    )
    code = pl.format(
        "{}-{}-{}",
        pl.lit(site.code),
        pl.col("day").cast(pl.Int32).cast(pl.Date).dt.strftime("%y%m%d"),
        pl.col("number").cast(pl.String).str.zfill(5),
    )
    again = pl.when(pl.col("turn") == REDIAL).then(pl.lit("R")).otherwise(pl.lit(""))
    onward = pl.when(pl.col("turn") == 1).then(pl.lit("-2")).otherwise(pl.lit(""))
    return frame.select(
        linked_id=code + again,
        external_id=code + again + onward,
        caller=pl.when(pl.col("caller") >= 0).then(_number(site, "caller")),
    )


def _number(site: SiteSpec, name: str) -> pl.Expr:
    return pl.lit(site.dial) + pl.col(name).cast(pl.String).str.zfill(site.dial_digits)


def _topics(site: SiteSpec, queue: Ints, draw: Floats, served: npt.NDArray[np.bool_]) -> pl.Series:
    """What a served call was about, as its agent ticks it."""
    names = [topic for spec in site.queues for topic, _weight in spec.topics]
    number = np.full(len(queue), -1)
    start = 0
    for place, spec in enumerate(site.queues):
        weights = np.array([weight for _topic, weight in spec.topics], dtype=np.float64)
        edges = np.cumsum(weights) / weights.sum()
        here = served & (queue == place)
        found = np.minimum(np.searchsorted(edges, draw[here], side="right"), len(edges) - 1)
        number[here] = start + found
        start += len(edges)
    return _named(number, names)


def _offers(people: list[Person], played: Played, place: pl.DataFrame) -> pl.DataFrame:
    rings = pl.DataFrame(
        np.array(played.rings, np.int64).reshape(-1, 5),
        schema=["visit", "agent", "starts", "ended_ms", "how"],
    )
    rings = rings.with_columns(
        agent=_named(rings["agent"].to_numpy(), [one.alias for one in people]),
        starts_at=_moment("starts"),
        ring_ms=pl.col("ended_ms") - pl.col("starts"),
        outcome=_named(rings["how"].to_numpy(), list(RINGS)),
    )
    rings = rings.join(place, on="visit", how="inner").sort("call", "ended_ms")
    return _shaped(rings, OFFERS)


def _states(people: list[Person], played: Played) -> pl.DataFrame:
    rows: list[tuple[int, str, str | None, int, int]]
    rows = [(agent, "logged_in", None, start, end) for agent, start, end in played.logged_in]
    rows += [(agent, "paused", reason, start, end) for agent, start, end, reason in played.paused]
    frame = pl.DataFrame(
        rows,
        schema={
            "agent": pl.Int64, "state": pl.String, "reason": pl.String,
            "starts": pl.Int64, "ends": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    frame = frame.sort("starts", "agent", "state").with_row_index("line", offset=1).with_columns(
        agent=_named(frame.sort("starts", "agent", "state")["agent"].to_numpy(),
                     [one.alias for one in people]),
        lines=pl.lit(1), starts_at=_moment("starts"), ends_at=_moment("ends"),
    )  # fmt: skip
    return _shaped(frame, STATES)


def _surveys(visits: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    """One row an answer, in order of calls."""
    given = visits.filter("surveyed").join(place, on="visit", how="inner")
    given = given.unpivot(
        list(SCALES), index=["call", "surveyed_at"], variable_name="kind", value_name="score"
    )
    scales = pl.DataFrame(
        [(kind, *ends) for kind, ends in SCALES.items()],
        schema=["kind", "scale_min", "scale_max"], orient="row",
    )  # fmt: skip
    given = given.filter(pl.col("score") >= 0).join(
        scales, on="kind", how="left", maintain_order="left"
    )
    given = given.sort("call", maintain_order=True).with_columns(answered_at=_moment("surveyed_at"))
    return _shaped(given, SURVEYS)


def _ints(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)


def _named(numbers: Ints, words: list[str]) -> pl.Series:
    """Numbers as the words they stand for; -1 is null."""
    found = pl.Series(words, dtype=pl.String).gather(pl.Series(np.maximum(numbers, 0)))
    return found.zip_with(pl.Series(numbers >= 0), pl.Series([None], dtype=pl.String))


def _moment(name: str) -> pl.Expr:
    return (pl.col(name) * 1000).cast(pl.Int64).cast(UTC_TIME)


def _shaped(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The columns of a schema in its order; what the frame lacks is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )
