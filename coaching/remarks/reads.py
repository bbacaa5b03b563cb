"""Reads what agents said of figures and calls, for them and for who leads them."""

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from ccm.models import User
from ccm.querysets import Viewer
from ccm.waiting import Waiting
from coaching.models import Remark

OPEN, ALL = "open", "all"


@dataclass(frozen=True, slots=True)
class OfFigure:
    """A figure of an agent and days of it."""

    agent: int
    kpi: str
    first: date
    last: date


def found(user: Viewer, which: str, of: OfFigure | UUID | None = None) -> QuerySet[Remark]:
    """Those that the user reads, of a figure, of a call or of all: those that wait, what waits
    longest first, then those that are being looked into; or all, the newest first."""
    rows: QuerySet[Remark] = Remark.objects.visible_to(user)
    if isinstance(of, UUID):
        rows = of_call(user, of)
    elif of is not None:
        rows = of_figure(user, of.agent, of.kpi, of.first, of.last)
    rows = rows.select_related("agent__site", "answered_by")
    rows = rows.prefetch_related("earlier__answered_by")
    if which == OPEN:
        unsettled = (Remark.Outcome.OPEN, Remark.Outcome.LATER)
        rows = rows.filter(kind=Remark.Kind.QUESTION, outcome__in=unsettled)
        return rows.order_by("outcome", "made_at", "pk")
    return rows.order_by("-made_at", "-pk")


def answers(user: Viewer, one: Remark) -> bool:
    """Whether the user answers it."""
    return bool(Remark.objects.decided_by(user).filter(pk=one.pk).exists())


def of_figure(user: Viewer, agent: int, kpi: str, first: date, last: date) -> QuerySet[Remark]:
    """Those on a figure of an agent of which a day is within these."""
    rows: QuerySet[Remark] = Remark.objects.visible_to(user)
    return rows.filter(agent=agent, kpi=kpi, first__lte=last, last__gte=first)


def of_call(user: Viewer, call: UUID) -> QuerySet[Remark]:
    """Those on a call."""
    rows: QuerySet[Remark] = Remark.objects.visible_to(user)
    return rows.filter(call=call)


WAITING = Waiting(
    "remarks_waiting",
    lambda: Remark.objects.open(),
    sites=attrgetter("managed_sites"),
)


def facts() -> dict[str, Any]:
    """What waits for a reader's answer, and how many answers to their own questions they have not
    read, to find with the user."""
    rows = _unseen().filter(agent__user=OuterRef("pk")).order_by()
    many = rows.values("agent__user").annotate(many=Count("pk")).values("many")
    return WAITING.facts() | {"remarks_answered": Subquery(many)}


def count(user: User) -> int:
    """How many those are; no query where `facts` came with the user."""
    if hasattr(user, "remarks_answered"):
        return WAITING.count(user) + (user.remarks_answered or 0)
    own: int = _unseen().filter(agent__user=user.pk).count()
    return WAITING.count(user) + own


def _unseen() -> QuerySet[Remark]:
    rows: QuerySet[Remark] = Remark.objects.filter(answered_at__isnull=False, answer_seen_at=None)
    return rows
