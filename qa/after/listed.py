"""Disputes in lists: what waits for whom, those of a site and period, and how often answers that
were disputed are changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from ccm.intervals import Span
from ccm.models import Site, User
from ccm.rights import reach as rights
from kpis.noise.intervals import Interval, wilson
from qa.access import reviewed_sites
from qa.after import reach, words
from qa.models import CardCriterion, Dispute, Evaluation
from qa.models.querysets import OPEN

MOST = 200
FEWEST = 5
"""Disputes that are over, from which a rate is told."""
_CHANGED = Q(outcome=Dispute.Outcome.CHANGED) | Q(answer_outcome=Dispute.Outcome.CHANGED)
_SHOWN = (
    "evaluation__agent", "evaluation__reviewer", "evaluation__site", "evaluation__version__card",
    "criterion", "answered_by", "decided_by", "opened_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A dispute in a list; `since` is when it began to wait for whom it waits for."""

    dispute: Dispute
    about: str
    waits: str
    level: str
    became: str

    @property
    def due(self) -> str:
        """By when it is to be answered, in words."""
        calendar = self.dispute.evaluation.site.calendar
        return words.until(self.dispute.answer_due_at, calendar, "D j M")

    @property
    def since(self) -> datetime:
        one = self.dispute
        return one.escalated_at or one.answered_at or one.opened_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the reader's answer, as the reviewer, and for their decision."""

    to_answer: Sequence[Row]
    to_decide: Sequence[Row]


def waiting(user: User, now: datetime) -> Waiting:
    """Of all sites, what is due first first."""
    seen = reach.disputes(user)
    answer = seen.filter(pk__in=Dispute.objects.answered_by(user).values("pk"))
    decide = seen.filter(pk__in=_decided_by(user).values("pk"))
    return Waiting(
        _rows(answer.order_by("answer_due_at", "pk"), now),
        _rows(decide.order_by("escalated_at", "pk"), now),
    )


def of_site(user: User, site: Site, span: Span, state: str = "") -> QuerySet[Any]:
    """Disputes of a site that were opened in a span, the newest first; those of a `state`, or
    ("standing") those that still go on."""
    rows = reach.disputes(user).filter(
        evaluation__site=site, opened_at__gte=span.start, opened_at__lt=span.end
    )
    if state == "standing":
        rows = rows.filter(state__in=Dispute.STANDING)
    elif state:
        rows = rows.filter(state=state)
    return rows.select_related(*_SHOWN)


def rows(found: QuerySet[Any], now: datetime) -> list[Row]:
    return _rows(found[:MOST], now)


def _rows(found: QuerySet[Any], now: datetime) -> list[Row]:
    return [row(one, now) for one in found.select_related(*_SHOWN)]


def row(one: Dispute, now: datetime) -> Row:
    return Row(
        one, words.about(one), words.waits(one, now), words.level(one, now), words.became(one)
    )


def _decided_by(user: User) -> QuerySet[Any]:
    rows: QuerySet[Any] = Dispute.objects.decided_by(user).exclude(evaluation__agent__user=user.pk)
    return rows


# How often answers are changed.


@dataclass(frozen=True, slots=True)
class Overturned:
    """Of a reviewer, or of a criterion: `ended` disputes are over, in `changed` of them answers
    were changed. `interval` is that share's, at 95 %; None: too few are over. `released` are the
    reviewer's reviews of the same days, of which `reviews` were disputed."""

    name: str
    note: str
    disputed: int
    ended: int
    changed: int
    interval: Interval | None
    released: int | None = None
    reviews: int | None = None


def overturned(user: User, site: Site, span: Span) -> tuple[list[Overturned], list[Overturned]]:
    """By reviewer and by criterion, of a site's disputes that were opened in a span and not
    withdrawn. A dispute of all of a review is of no one criterion: it has a row of its own."""
    rows = of_site(user, site, span).exclude(state=Dispute.State.WITHDRAWN).order_by()
    counted = {
        "disputed": Count("pk"),
        "ended": Count("pk", filter=Q(state__in=Dispute.ENDED)),
        "changed": Count("pk", filter=Q(state__in=Dispute.ENDED) & _CHANGED),
    }
    released = dict(
        Evaluation.objects.counted_by(user)
        .filter(site=site, released_at__gte=span.start, released_at__lt=span.end)
        .order_by()
        .values("reviewer")
        .annotate(many=Count("pk"))
        .values_list("reviewer", "many")
    )
    by_reviewer = {
        one["evaluation__reviewer"]: one
        for one in rows.values("evaluation__reviewer").annotate(
            reviews=Count("evaluation", distinct=True), **counted
        )
    }
    people = User.objects.in_bulk({*released, *by_reviewer})
    none = {"disputed": 0, "ended": 0, "changed": 0, "reviews": 0}
    reviewers = [
        _overturned(str(person), "", by_reviewer.get(pk, none), released=released.get(pk, 0))
        for pk, person in people.items()
    ]
    found = list(rows.values("criterion").annotate(**counted))
    named = CardCriterion.objects.select_related("card").in_bulk(
        [one["criterion"] for one in found if one["criterion"] is not None]
    )
    criteria = [
        _overturned(_("All of the review"), "", one)
        if one["criterion"] is None
        else _overturned(named[one["criterion"]].name, named[one["criterion"]].card.name, one)
        for one in found
    ]
    return (
        sorted(reviewers, key=lambda one: (-one.disputed, one.name)),
        sorted(criteria, key=lambda one: (-one.disputed, one.name)),
    )


def _overturned(
    name: str, note: str, one: dict[str, Any], released: int | None = None
) -> Overturned:
    ended, changed = one["ended"], one["changed"]
    return Overturned(
        name,
        note,
        one["disputed"],
        ended,
        changed,
        wilson(changed, ended) if ended >= FEWEST else None,
        released,
        one.get("reviews"),
    )


# Beside the entry of the sidebar.


def facts() -> dict[str, Any]:
    """What waits for a reader's answer, and the sites of what waits for a decision, to find with
    the user. What is of their own call, or of one that they are still to score, is not theirs."""
    own = Evaluation.objects.filter(
        call=OuterRef("evaluation__call"),
        reviewer=OuterRef(OuterRef("pk")),
        state__in=OPEN,
    )
    opened = Dispute.objects.filter(state="open", evaluation__reviewer=OuterRef("pk")).order_by()
    mine = opened.values("evaluation__reviewer").annotate(many=Count("pk")).values("many")
    others = (
        Dispute.objects.filter(~Exists(own), state="escalated")
        .exclude(evaluation__reviewer=OuterRef("pk"))
        .exclude(evaluation__agent__user=OuterRef("pk"), evaluation__agent__user__isnull=False)
        .order_by("pk")
    )
    return {
        "disputes_to_answer": Subquery(mine),
        "disputes_to_decide": ArraySubquery(others.values("evaluation__site")),
    }


def count(user: User) -> int:
    if not hasattr(user, "disputes_to_answer"):
        seen = reach.disputes(user)
        answer = Dispute.objects.answered_by(user).values("pk")
        return seen.filter(Q(pk__in=answer) | Q(pk__in=_decided_by(user).values("pk"))).count()
    scope = rights.scope_for(user, "disputes")
    sites = reviewed_sites(scope)
    decide: list[int] = getattr(user, "disputes_to_decide", [])
    mine = user.disputes_to_answer or 0
    return mine + sum(scope.everything or one in sites for one in decide)
