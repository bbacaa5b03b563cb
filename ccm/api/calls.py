"""`POST /api/v1/calls/bulk`: calls by the thousand, with their rings and answers."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view

from ccm.api import posts
from ccm.api.fields import (
    MOST_MS,
    Member,
    Moment,
    Number,
    Row,
    Text,
    Truth,
    lengths,
    object_schema,
)
from ccm.identity import milliseconds
from ccm.imports import formats
from ccm.imports.mapping.mapped import says_zone
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import CALLS, OFFERS, SURVEYS, Chunk, extra_json
from ccm.imports.storing.target import Target
from ccm.live.events import COMMENT_LIMIT, SURVEY_KINDS, Fault
from ccm.models import Channel, Direction, ImportProfile, Offer, Outcome, Precision

_SCALE = 1_000_000
_MONEY = 1e12 - 1
MOST_OFFERS, MOST_SURVEYS = 200, 10
_MS = timedelta(milliseconds=1)

DURATIONS = lengths(
    ivr="In the menu before the queue.",
    wait="From entering the queue to the answer or to leaving.",
    ring="How long the phone of who answered rang.",
    talk="Talking, without hold.",
    hold="On hold.",
    acw="Work after the call.",
)
CALL: dict[str, Member] = {
    "external_id": Text(120, "The call's id at its source. With queue and time it is the call."),
    "linked_id": Text(120, "Shared by all calls of one contact; the call's own id if left out."),
    "channel": Text(10, "voice, if left out.", tuple(Channel.values)),
    "direction": Text(10, "inbound, if left out.", tuple(Direction.values)),
    "queue": Text(120, "The queue's name; null for a call on none. Unknown names are made."),
    "agent": Text(160, "Who answered, as the source writes the name. Unknown names are made."),
    "topic": Text(120, "What it was about."),
    "disposition": Text(120, "How it was closed."),
    "caller": Text(80, "Number or account of the caller; the record keeps a keyed hash of it."),
    "caller_email": Text(
        254,
        "The caller's mail address, for a survey by mail alone: kept enciphered where a rule of "
        "the site asks by mail and draws the call, until it was sent. What is none is left out.",
    ),
    "account": Text(120, "The customer's account, kept as it is; links can name it."),
    "offered_at": Moment("When it entered the queue."),
    "answered_at": Moment("When an agent answered; if left out, offered_at and the wait."),
    "ended_at": Moment("When it was over; if left out, reckoned from what is known. Null: open."),
    "wrapup_ended_at": Moment("When the work after the call was over."),
    "time_precision": Text(
        8, "How fine the times are; if left out, as offered_at is.", tuple(Precision.values)
    ),
    **DURATIONS,
    "outcome": Text(20, "How the visit ended.", tuple(Outcome.values)),
    "ended_by": Text(10, "Who hung up.", ("agent", "caller", "system")),
    "transfer_kind": Text(10, "How it was passed on, if it was.", ("blind", "attended")),
    "transfer_target": Text(120, "To whom it was passed on."),
    "resolved": Truth("Whether the caller's matter was settled; null: not known."),
    "resolvable": Truth("Whether it could have been settled at all; null: not known."),
    "consent": Truth("Whether the caller agreed to be recorded; null: not known."),
    "recording": Text(300, "Where its recording is."),
    "transcript": Text(300, "Where its transcript is."),
    "sale_value": Number(-_MONEY, _MONEY, "What was sold, in the site's currency.", broken=True),
    "pipeline_value": Number(-_MONEY, _MONEY, "What may yet be sold.", broken=True),
    "revision": Number(0, 2**62, "Grows with each version of the call; an older one is not taken."),
}
OFFER: dict[str, Member] = {
    "agent": Text(160, "At whom it rang."),
    "outcome": Text(12, "What came of it.", tuple(Offer.Result.values)),
    "starts_at": Moment("When it began to ring."),
    "ended_at": Moment("When it stopped; this or starts_at is needed."),
    **lengths(ring="How long it rang."),
}
SURVEY: dict[str, Member] = {
    "kind": Text(4, "What was asked.", SURVEY_KINDS),
    "score": Number(-_SCALE, _SCALE, "The answer, on the scale.", broken=True),
    "min": Number(-_SCALE, _SCALE, "The scale's lowest answer."),
    "max": Number(-_SCALE, _SCALE, "The scale's highest answer."),
    "comment": Text(COMMENT_LIMIT, "What the caller wrote.", lines=True),
    "answered_at": Moment("When it was answered; if left out, when the call was over."),
}
_KNOWN = frozenset({*CALL, "offers", "surveys", "extra"})
# Columns of the record that are the posted members as they are.
_SAME = (
    "external_id", "linked_id", "queue", "agent", "topic", "disposition", "caller", "caller_email",
    "wrapup_ended_at", "outcome", "ended_by", "transfer_kind", "transfer_target", "resolved",
    "resolvable", "consent", "recording", "transcript", "sale_value", "pipeline_value", "revision",
)  # fmt: skip

_CALL_SCHEMA = object_schema(
    CALL,
    "external_id",
    "offered_at",
    "outcome",
    offers={
        "type": "array",
        "maxItems": MOST_OFFERS,
        "description": "Each ring of this call at an agent.",
        "items": object_schema(OFFER, "agent", "outcome"),
    },
    surveys={
        "type": "array",
        "maxItems": MOST_SURVEYS,
        "description": "What the caller answered about this call, one of a kind.",
        "items": object_schema(SURVEY, "kind", "score", "min", "max"),
    },
    extra={
        "type": "object",
        "description": "Anything else worth keeping, as plain values. Members of a call that are "
        "not named here are kept with it.",
    },
)


class Read(NamedTuple):
    """One posted call as records: values of CALLS, and of its OFFERS and SURVEYS."""

    call: dict[str, Any]
    offers: list[dict[str, Any]]
    surveys: list[dict[str, Any]]


@extend_schema_view(
    post=extend_schema(
        operation_id="post_calls",
        summary="Post calls",
        description=(
            "Up to 10,000 calls of one source. A call is known again by source, external_id, "
            "queue and offered_at, so a call posted twice, or posted and imported from a log of "
            "the same source, is one row: what is newly told completes it. A good row is stored "
            "though another is bad. Times need their offset from UTC; a time without is rejected, "
            "for nobody knows when it was. A duration is either _ms or _seconds; what is left "
            "out is unknown, never 0."
        ),
        parameters=[posts.KEY_PARAMETER],
        request={"application/json": posts.many("calls", _CALL_SCHEMA)},
        responses={200: posts.RESULTS_SCHEMA, **posts.PROBLEMS},
    )
)
class BulkCallsView(posts.RecordsView):
    """Takes a list of calls; each has its own fate."""

    member = "calls"
    one_alone = False

    def reader(self, target: Target) -> posts.Reader:
        zone = identity_zone(target)
        return lambda said, now, at: read(said, now, zone, at)

    def chunk_of(self, good: dict[int, Any]) -> Chunk:
        return chunk_of(good)


def identity_zone(target: Target) -> ZoneInfo:
    """The zone in which a source writes the times that its calls are known by.

    A log format's own, or a saved mapping's, so that its log, imported, meets the same calls;
    else UTC.
    """
    name = target.source.partition("@")[0]
    if form := formats.FORMATS.get(name):
        return ZoneInfo(form.zone or target.site.zone)
    saved = ImportProfile.every.filter(slug=name).first()
    if saved is None:
        return ZoneInfo("UTC")
    profile = Profile.from_json(saved.mapping)
    if says_zone(profile):
        return ZoneInfo("UTC")
    return ZoneInfo(profile.zone or target.site.zone)


def read(said: object, now: datetime, zone: ZoneInfo, at: str) -> Read | list[Fault]:
    """One posted call, or all that is wrong with it; `at` points to it in the post."""
    row = Row(said, CALL, now, at)
    row.needs("external_id", "offered_at", "outcome")
    call = {name: row[name] for name in _SAME}
    call |= {f"{part}_ms": row.ms(part) for part in ("ivr", "wait", "ring", "talk", "hold", "acw")}
    call["channel"] = row["channel"] or Channel.VOICE.value
    call["direction"] = row["direction"] or Direction.INBOUND.value
    offered_at = row["offered_at"]
    if offered_at is not None:
        _fill_times(row, call, offered_at)
        wall = offered_at.astimezone(zone).replace(tzinfo=UTC)
        call["birth_ms"] = milliseconds(wall)
        fine = Precision.MILLISECOND if offered_at.microsecond else Precision.SECOND
        call["time_precision"] = row["time_precision"] or fine.value
    offers = [_offer(row, one, index) for index, one in enumerate(row.parts("offers", MOST_OFFERS))]
    surveys = [
        survey(row.part(one, SURVEY, "surveys", index), row, call.get("ended_at") or offered_at)
        for index, one in enumerate(row.parts("surveys", MOST_SURVEYS))
    ]
    more = row.said.get("extra") or {}
    if isinstance(more, Mapping):
        inner = Row(more, {}, now, f"{at}/extra")
        kept = inner.others(frozenset())
        row.take(inner)
        account = {"account": row["account"]} if row["account"] else {}
        call["extra"] = extra_json(**{**kept, **row.others(_KNOWN), **account})
    else:
        row.wrong("extra", _("This must be a JSON object."))
    if row.faults:
        return row.faults
    return Read(call, offers, surveys)


def _fill_times(row: Row, call: dict[str, Any], offered_at: datetime) -> None:
    """Moments of the answer and the end, as said or as the durations give them; what contradicts
    itself is a fault."""
    outcome, answered_at, ended_at = call["outcome"], row["answered_at"], row["ended_at"]
    wait, talk = call["wait_ms"], call["talk_ms"]
    if outcome == Outcome.IN_PROGRESS:
        for name in ("answered_at", "ended_at"):
            if row[name] is not None:
                row.wrong(name, _("A call that still waits has none."))
    elif outcome == Outcome.ANSWERED:
        if not row.says("answered_at", "wait_ms", "wait_seconds"):
            row.wrong("answered_at", _("An answered call needs this, or its wait."))
        elif answered_at is None and wait is not None:
            answered_at = offered_at + wait * _MS
        elif wait is None and answered_at is not None and answered_at >= offered_at:
            call["wait_ms"] = (answered_at - offered_at) // _MS
        if ended_at is None and talk is not None and answered_at is not None:
            ended_at = answered_at + (talk + (call["hold_ms"] or 0)) * _MS
    elif wait is not None and ended_at is None:
        ended_at = offered_at + wait * _MS
    elif wait is None and ended_at is not None and ended_at >= offered_at and call["queue"]:
        call["wait_ms"] = (ended_at - offered_at) // _MS
    for name, moment in (("answered_at", answered_at), ("ended_at", ended_at)):
        if moment is not None and moment < offered_at:
            row.wrong(name, _("This is before offered_at."))
    if answered_at is not None and row["ended_at"] is not None and row["ended_at"] < answered_at:
        row.wrong("ended_at", _("This is before the answer."))
    if call["wait_ms"] is not None and call["wait_ms"] > MOST_MS:
        row.wrong("answered_at", _("This is too long after offered_at."))
    call |= {"offered_at": offered_at, "answered_at": answered_at, "ended_at": ended_at}


def _offer(row: Row, said: object, index: int) -> dict[str, Any]:
    one = row.part(said, OFFER, "offers", index)
    one.needs("agent", "outcome")
    ring = one.ms("ring")
    starts_at, ended_at = one["starts_at"], one["ended_at"]
    if ended_at is None and starts_at is not None:
        ended_at = starts_at + (ring or 0) * _MS
    elif starts_at is None and ended_at is not None and ring is not None:
        starts_at = ended_at - ring * _MS
    elif one.is_object and not one.says("starts_at", "ended_at"):
        one.wrong("starts_at", _("This or ended_at is needed."))
    elif starts_at is None or ended_at is None:
        pass  # one of them is a fault already
    elif ended_at < starts_at:
        one.wrong("ended_at", _("This is before starts_at."))
    elif ring is None:
        ring = (ended_at - starts_at) // _MS
        if ring > MOST_MS:
            one.wrong("ended_at", _("This is too long after starts_at."))
    row.take(one)
    return {
        "agent": one["agent"],
        "outcome": one["outcome"],
        "starts_at": starts_at,
        "ring_ms": ring,
        "ended_ms": ended_at and milliseconds(ended_at),
    }


def survey(one: Row, row: Row, otherwise_at: datetime | None) -> dict[str, Any]:
    """An answer as a row of SURVEYS without its call; its faults become those of `row`."""
    one.needs("kind", "score", "min", "max")
    low, high, score = one["min"], one["max"], one["score"]
    if None not in (low, high) and not low < high:
        one.wrong("max", _("The scale has no width."))
    elif None not in (low, high, score) and not low <= score <= high:
        one.wrong("score", _("This is not on the scale."))
    if one is not row:
        row.take(one)
    return {
        "kind": one["kind"],
        "scale_min": low,
        "scale_max": high,
        "score": score,
        "comment": one["comment"],
        "answered_at": one["answered_at"] or otherwise_at,
    }


def chunk_of(good: Mapping[int, Read]) -> Chunk:
    """Records of read calls; the line of each is its number in the post."""
    calls = [
        {**one.call, "line": index, "lines": 1, "entry_known": True} for index, one in good.items()
    ]
    reads = list(good.values())
    offers = [{"call": n} | one for n, found in enumerate(reads) for one in found.offers]
    surveys = [{"call": n} | one for n, found in enumerate(reads) for one in found.surveys]
    return Chunk(
        position=len(calls),
        read=len(calls),
        calls=posts.frame(calls, CALLS),
        offers=posts.frame(offers, OFFERS),
        surveys=posts.frame(surveys, SURVEYS),
    )
