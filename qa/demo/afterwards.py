"""What agents of a demo say to their reviews, and what becomes of it."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from ccm.access import AGENT
from ccm.demo import logins
from ccm.intervals import DAY
from ccm.models import User
from qa import cards
from qa.after import disputing
from qa.after.changing import Given
from qa.demo.minds import chance
from qa.models import Answer, Dispute, Evaluation
from qa.scoring import CHOSEN, Criterion

State = Dispute.State
_DISPUTED = 0.03
# Of what was released lately more is disputed: so that some waits for whoever looks.
_LATELY = timedelta(days=6)
_DISPUTED_LATELY = 0.08
_CHANGED = 0.45
_ESCALATED = 0.5
_OVERTURNED = 0.35


def write(manager: User, now: datetime) -> None:
    """Some agents dispute the answer that cost them most. Safe to run twice."""
    rows = (
        Evaluation.objects.filter(state="released", kind="drawn", share__lt="0.85", disputes=None)
        .exclude(agent__user=None)
        .select_related("agent__user", "reviewer", "version")
        .order_by("released_at")
    )
    for one in rows:
        is_late = one.released_at is not None and one.released_at > now - _LATELY
        often = _DISPUTED_LATELY if is_late else _DISPUTED
        if chance("dispute", one.call_id, one.reviewer_id) < often:
            _dispute(one, manager, now)
    _own(now)


def _own(now: datetime) -> None:
    """Who signs in as an agent has one to read, and one of which they wait for an answer."""
    user = User.objects.get(username=logins.username(AGENT))
    if Dispute.objects.filter(opened_by=user).exists():
        return
    rows = Evaluation.objects.of_agent(user.agent.pk).order_by("-released_at")
    latest = list(rows.filter(dispute_until__gt=now, disputes=None)[:2])
    for one in latest[1:]:
        assert one.released_at is not None
        _open(one, user, max(one.released_at + timedelta(hours=3), now - DAY))


def _dispute(one: Evaluation, manager: User, now: datetime) -> None:
    user = one.agent.user
    assert user is not None
    assert one.released_at is not None
    at = one.released_at + DAY * (1 + 3 * chance("disputed", one.pk))
    if at > now:
        return
    made = _open(one, user, at)
    at += DAY * (0.5 + 2 * chance("answered", one.pk))
    if made is None or at > now:
        return
    changes = chance("changes", one.call_id) < _CHANGED
    disputing.answer(
        made,
        one.reviewer,
        at,
        _("You are right, I had not heard that.") if changes else _("I heard it again, and stay."),
        _better(one, made) if changes else None,
    )
    at += DAY
    if at > now:
        return
    if changes or chance("escalates", one.call_id) > _ESCALATED:
        disputing.accept(made, user, at)
        return
    disputing.escalate(made, user, at, _("The caller had that in writing, so I left it out."))
    at += 2 * DAY
    if at > now:
        return
    overturns = chance("overturns", one.call_id) < _OVERTURNED
    disputing.decide(
        made,
        manager,
        at,
        _("The guide allows to leave it out where it is on file.")
        if overturns
        else _("The guide asks for it on every call: the review stands."),
        _better(one, made) if overturns else None,
    )


def _open(one: Evaluation, user: User, at: datetime) -> Dispute | None:
    dearest = _dearest(one)
    if dearest is None or one.dispute_until is None or at >= one.dispute_until:
        return None
    words = (
        _("I did say so, a little later in the call."),
        _("The caller was in a hurry and asked me to skip that."),
        _("This does not apply here: it was the second call on the same matter."),
    )
    why = words[int(chance("why", one.call_id) * len(words))]
    return disputing.dispute(one, user, at, why, dearest.criterion)


def _dearest(one: Evaluation) -> Answer | None:
    return one.answers.filter(lost__gt=0).select_related("criterion").order_by("-lost").first()


def _better(one: Evaluation, made: Dispute) -> dict[str, Given]:
    """The best answer that there is, instead of what was given."""
    assert made.criterion is not None
    asked = cards.read(one.version.form).find(made.criterion.key)
    assert asked is not None
    return {asked.id: Given(_best(asked))}


def _best(asked: Criterion) -> str:
    if asked.kind in CHOSEN:
        return max(asked.options, key=lambda each: each.points).id
    return str(asked.best)
