"""Who may do what with a review that is finished, and who its agent is."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from ccm.access import scope_of
from ccm.models import Call, User
from ccm.querysets import Viewer
from qa.access import decides_at, sees_all_of
from qa.models import Dispute, Evaluation
from qa.reviews import facts, recordings


def reviews(user: Viewer) -> QuerySet[Any]:
    """Finished and released reviews that the user may read."""
    rows: QuerySet[Any] = Evaluation.objects.visible_to(user).done()
    return rows


def disputes(user: Viewer) -> QuerySet[Any]:
    """Disputes that the user may read: none of a call that they are still to score blind."""
    seen = Evaluation.objects.visible_to(user).order_by().values("pk")
    rows: QuerySet[Any] = Dispute.objects.visible_to(user).filter(evaluation__in=seen)
    return rows


def is_its_agent(evaluation: Evaluation, user: Viewer) -> bool:
    """Whether the review is of the user's own call, who signs in as its agent."""
    return scope_of(user).agent == evaluation.agent_id


def is_own(evaluation: Evaluation, user: Viewer) -> bool:
    """Whether the user is the agent reviewed, in whatever role they look."""
    return user.pk is not None and evaluation.agent.user_id == user.pk


def releases(evaluation: Evaluation, user: Viewer) -> bool:
    """Whether it is theirs to release by hand: the reviewer, and who sees all reviews of the site.
    Nobody releases their own, and nobody what measures reviewers."""
    return (
        not evaluation.measures_reviewers
        and not is_own(evaluation, user)
        and (evaluation.reviewer_id == user.pk or decides_at(user, evaluation.site_id))
    )


def may_release(evaluation: Evaluation, user: Viewer) -> bool:
    """Whether they may now."""
    return evaluation.state == Evaluation.State.FINISHED and releases(evaluation, user)


def may_comment(evaluation: Evaluation, user: Viewer) -> bool:
    """On a released review: its agent, its reviewer, and who sees all reviews of the site."""
    if evaluation.state != Evaluation.State.RELEASED:
        return False
    if is_own(evaluation, user):
        return is_its_agent(evaluation, user)
    return evaluation.reviewer_id == user.pk or sees_all_of(user, evaluation.site_id)


def may_decide(dispute: Dispute, user: User) -> bool:
    """Somebody of the site who is neither the reviewer nor the agent."""
    evaluation = dispute.evaluation
    return (
        evaluation.reviewer_id != user.pk
        and not is_own(evaluation, user)
        and decides_at(user, evaluation.site_id)
    )


def is_step_of(act: str, dispute: Dispute, user: User) -> bool:
    """Whether a step of a dispute is the user's at all, in whatever state it is."""
    if act == "answer":
        return dispute.evaluation.reviewer_id == user.pk
    if act == "decide":
        return may_decide(dispute, user)
    return is_its_agent(dispute.evaluation, user)


def heard(evaluation: Evaluation) -> tuple[str, bool, bool]:
    """Where a call's recording is heard, and whether it is a file of ours ("", False: there is
    none, or it may not be heard); and whether what was said may be read. Two queries."""
    call = Call.objects.filter(pk=evaluation.call_id).first()
    may_read = not facts.why_not_reviewed(evaluation, call, facts.rules_of(evaluation.site_id))
    if call is None or not may_read:
        return "", False, may_read
    found = recordings.of(call.recording, settings.RECORDINGS)
    if found.file:
        return reverse("recording", args=[call.pk]), True, may_read
    return found.url, False, may_read


def line_url(transcript: int, line: int) -> str:
    """A line of a transcript, on its page."""
    return f"{reverse('transcript', args=[transcript])}#line-{line}"


def review_url(evaluation: Evaluation) -> str:
    """Where a review is filled; "" where there is no such page."""
    try:
        return reverse("review", args=[evaluation.pk])
    except NoReverseMatch:
        return ""
