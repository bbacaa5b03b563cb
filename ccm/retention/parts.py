"""What goes with a class of what is kept: rows that are removed, or columns that are emptied.

`ccm` says it of the record; apps above add their own tables (`register`, `follow`). Whatever refers
to a call is said here, too: it goes with the call, or lets go of it, or keeps a snapshot and stays.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Func, JSONField, Model, Q, Value
from django.db.models.expressions import F

from ccm.identity import id_floor
from ccm.models import (
    AgentAlias,
    AgentState,
    Call,
    CallAddress,
    CallNote,
    Cutoff,
    ImportChange,
    ImportIssue,
    Offer,
    RawEvent,
    RetentionKind,
    Sale,
    Site,
    SurveyInvitation,
    SurveyResponse,
)

# Rows of a site that tell of moments before one.
Rows = Callable[[Site, datetime], Q]
# So far from when a call was offered its id may say that it was born.
BIRTH = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a model that go with a class: removed, or (`clear`) emptied of these columns."""

    kind: str
    model: type[Model]
    rows: Rows
    clear: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """What refers to a call, or to what goes with one (`of`): `goes` with it, or else lets go of it
    where its key may be null, or stays with what it keeps of it."""

    model: type[Model]
    field: str
    goes: bool
    of: type[Model] = Call

    @property
    def lets_go(self) -> bool:
        return not self.goes and bool(self.model._meta.get_field(self.field).null)


_parts: list[Part] = []
_following: list[Following] = []


def register(*parts: Part) -> None:
    """Add what an app's tables hold of a class."""
    _parts.extend(one for one in parts if one not in _parts)


def follow(*following: Following) -> None:
    """Say what becomes of rows that refer to calls when these go."""
    _following.extend(one for one in following if one not in _following)


def of(kind: str) -> Iterator[Part]:
    return (one for one in _parts if one.kind == kind)


def following(of: type[Model] = Call) -> list[Following]:
    """What refers to rows of a model. Those of apps above first: what they refer to would take
    them along unseen."""
    return [one for one in reversed(_following) if one.of is of]


def calls_before(site: Site, moment: datetime) -> Q:
    """Its calls offered before a moment; the bound of ids lets Postgres skip other months."""
    return Q(site=site, offered_at__lt=moment, id__lt=id_floor(moment + BIRTH))


def _answers(site: Site, moment: datetime) -> Q:
    """Answers that know no call: the others go with theirs."""
    return Q(site=site, call=None, answered_at__lt=moment)


def _states(site: Site, moment: datetime) -> Q:
    over = Q(ends_at__lt=moment) | Q(ends_at=None, starts_at__lt=moment)
    return Q(agent__site=site) & over


def _cutoffs(site: Site, moment: datetime) -> Q:
    sources = AgentAlias.objects.filter(agent__site=site).values("source")
    return Q(at__lt=moment) & (Q(batch__site=site) | Q(batch=None, source__in=sources))


def _noted(kind: str, model: type[Model], at: str, **empty: Any) -> Part:
    """What imports noted of rows as they were, of a moment (`at`) that is out: taken back, they
    must not bring back what goes. Whatever the rows say now."""

    def rows(site: Site, moment: datetime) -> Q:
        says = Q()
        for name, nothing in empty.items():
            key = f"before__{name}"
            says |= Q(before__has_key=name) & ~Q(**{key: nothing})
        out = Q(**{f"before__{at}__lt": moment.astimezone(UTC).isoformat()})
        return Q(batch__site=site, relation=model._meta.db_table) & out & says

    merged = Func(
        F("before"), Value(empty, JSONField()), template="%(expressions)s", arg_joiner=" || ",
        output_field=JSONField(),
    )  # fmt: skip
    return Part(kind, ImportChange, rows, {"before": merged})


def _lines(site: Site, moment: datetime) -> Q:
    return Q(batch__site=site, batch__last_at__lt=moment)


register(
    Part(RetentionKind.CALLS, SurveyResponse, _answers),
    Part(RetentionKind.CALLS, RawEvent, _lines),
    Part(RetentionKind.CALLS, ImportIssue, lambda site, moment: (
        _lines(site, moment) & ~Q(value="")), {"value": ""}),
    Part(RetentionKind.STATES, AgentState, _states),
    Part(RetentionKind.STATES, Cutoff, _cutoffs),
    Part(RetentionKind.RECORDINGS, Call, lambda site, moment: (
        calls_before(site, moment) & ~Q(recording="")), {"recording": ""}),
    Part(RetentionKind.TRANSCRIPTS, Call, lambda site, moment: (
        calls_before(site, moment) & ~Q(transcript="")), {"transcript": ""}),
    Part(RetentionKind.COMMENTS, SurveyResponse, lambda site, moment: (
        Q(site=site, answered_at__lt=moment) & (~Q(comment="") | ~Q(extra=None))),
        {"comment": "", "extra": None}),
    Part(RetentionKind.COMMENTS, CallNote, lambda site, moment: (
        Q(site=site, at__lt=moment) & (~Q(words="") | ~Q(escalation=""))),
        {"words": "", "escalation": ""}),
    _noted(RetentionKind.RECORDINGS, Call, "offered_at", recording=""),
    _noted(RetentionKind.TRANSCRIPTS, Call, "offered_at", transcript=""),
    _noted(RetentionKind.COMMENTS, SurveyResponse, "answered_at", comment="", extra=None),
)  # fmt: skip
follow(
    Following(Offer, "call", goes=True),
    Following(SurveyResponse, "call", goes=True),
    Following(SurveyInvitation, "call", goes=True),
    Following(CallNote, "call", goes=True),
    Following(CallAddress, "call", goes=True),
    Following(Sale, "call", goes=False),
)
