"""Swaps a drawn call that cannot be reviewed for the next in the seed's order, and hands reviews to
others.

Nobody chooses what comes instead. An agent's draw is locked meanwhile: of two who swap at once the
second sees what the first did. A call of which any review is finished is not swapped any more: what
was heard in it is no reason.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Call, User
from qa import sampling
from qa.models import AgentDraw, CardVersion, DrawnCall, Evaluation, PlanDraw
from qa.plans import drawing, kept, people
from qa.plans.how import How
from qa.reviews import facts, making
from qa.sampling import Draw

UNSAID = ("id", "drawn", "swapped_by", "swapped_at")
_OF_REVIEW = ("state", "reviewer")


@transaction.atomic
def swap(call: DrawnCall, reason: str, words: str, who: User, now: datetime) -> DrawnCall | None:
    """Swap a drawn call; what comes instead, None where nothing is left of its layer.

    Its open reviews are dropped, and the same people get those of the new call. n / N of the layer
    is rewritten. Raises ValidationError without a reason, without words where the record says
    otherwise, where the call was swapped already, and where any of its reviews is finished.
    """
    if reason not in DrawnCall.Reason.values:
        raise ValidationError(_("Say why the call cannot be reviewed."))
    words = words.strip()
    if reason == DrawnCall.Reason.OTHER and not words:
        raise ValidationError(_("Say in words why the call cannot be reviewed."))
    row = _locked(call.drawn_id)
    out = DrawnCall.objects.select_for_update().get(pk=call.pk)
    if out.state != DrawnCall.State.STANDING:
        raise ValidationError(_("This call has been swapped already."))
    if not words and (known := _known_otherwise(out, reason)):
        raise ValidationError(known)
    reviews = list(
        Evaluation.objects.select_for_update(of=("self",))
        .filter(drawn=out)
        .exclude(state=Evaluation.State.DROPPED)
        .select_related("version", "reviewer")
        .order_by("rank")
    )
    if not DrawnCall.objects.swappable().filter(pk=out.pk).exists():
        raise ValidationError(_("A review of this call is finished: it stays in the draw."))
    was = audit.values_of(out, UNSAID)
    draw, instead, fresh = _next(row, str(out.call_id), reason)
    out.state, out.swap_reason, out.swap_words = DrawnCall.State.SWAPPED, reason, words
    out.swapped_by, out.swapped_at = who, now
    row.refused = dict(draw.reasons)
    row.save(update_fields=["refused"])
    if instead is not None and fresh is not None:
        label = kept.label_of(row, instead)
        new = DrawnCall.objects.create(
            drawn=row, call_id=fresh.pk, layer=out.layer, n=1, of=1, stratum=label
        )
        out.replaced_by = new
    else:
        new = None
    out.save()
    _count_anew(row, draw)
    audit.record(who, out, before=was, after=audit.values_of(out, UNSAID), now=now, why=words)
    for one in reviews:
        _drop(one)
        if new is not None and fresh is not None:
            _begin(new, fresh, one, who, now)
    return new


def _known_otherwise(call: DrawnCall, reason: str) -> str:
    """What the record says against a reason, which then takes words; empty: nothing."""
    found = Call.objects.filter(pk=call.call_id).only("consent", "recording").first()
    if found is None:
        return ""
    if reason == DrawnCall.Reason.NO_CONSENT and found.consent:
        return _("The record says that the caller agreed. If they did not, say how you know.")
    if reason == DrawnCall.Reason.NO_RECORDING and found.recording:
        return _("The record names a recording. If it is not there, say so in words.")
    return ""


def _next(row: AgentDraw, out: str, reason: str) -> tuple[Draw, str | None, Call | None]:
    """The draw without a call, and what comes instead of it. What is next and known not to be
    reviewable by now, or not in the record any more, is refused with it."""
    how = How.read(row.draw.how["plan"])
    rules = facts.rules_of(row.draw.site_id)
    before = kept.again(row.draw.seed, how, row)
    refused = {out: reason}
    while True:
        after = sampling.swap(before, refused)
        drawn = {one.call for one in before.drawn}
        instead = next((one.call for one in after.draw.drawn if one.call not in drawn), None)
        if instead is None:
            return after.draw, None, None
        there = drawing.calls_of([instead]).get(instead)
        if there is not None and not facts.why_not_heard(there, rules):
            return after.draw, instead, there
        consented = there is None or there.consent is not False
        refused[instead] = (
            DrawnCall.Reason.OTHER if consented else DrawnCall.Reason.NO_CONSENT
        ).value


def _count_anew(row: AgentDraw, draw: Draw) -> None:
    """Write n / N of an agent's standing calls as the draw has them now."""
    drawn = {one.call: one for one in draw.drawn}
    standing = list(row.drawn.filter(state=DrawnCall.State.STANDING))
    for one in standing:
        now = drawn[str(one.call_id)]
        one.layer, one.n, one.of = now.layer, now.n, now.of
    DrawnCall.objects.bulk_update(standing, ["layer", "n", "of"])


def _drop(review: Evaluation) -> None:
    review.state = Evaluation.State.DROPPED
    review.revision += 1
    review.save(update_fields=["state", "revision"])


def _begin(new: DrawnCall, call: Call, old: Evaluation, who: User, now: datetime) -> None:
    """The review of the new call by whoever had that of the old one."""
    if _has(call, old.version_id, old.reviewer):
        return  # they review it for another plan: it waits for somebody else
    making.unsaved(
        call, old.version, old.reviewer, now, facts.rules_of(call.site_id),
        kind=Evaluation.Kind.DRAWN, drawn=new, rank=old.rank, due_at=old.due_at, made_by=who,
    ).save()  # fmt: skip


def _has(call: Call, version: int, reviewer: User) -> bool:
    """Whether somebody has a drawn review of a call by a version."""
    rows = Evaluation.objects.exclude(state=Evaluation.State.DROPPED)
    return bool(
        rows.filter(
            call=call.pk, version=version, reviewer=reviewer, kind=Evaluation.Kind.DRAWN
        ).exists()
    )


@transaction.atomic
def hand_on(
    review: Evaluation, reviewer: User, reason: str, who: User, now: datetime
) -> Evaluation:
    """Have somebody else do a review that is not finished. What was begun is dropped, and they
    begin anew: nobody goes on with another's marks.

    Raises ValidationError without a reason, where it is not open, where they may not, and where
    somebody would choose a colleague's for themselves.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Say why somebody else is to do it."))
    there = Evaluation.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if not there.is_open or there.kind == Evaluation.Kind.CALIBRATION:
        raise ValidationError(_("This review is not open any more."))
    if there.reviewer_id == reviewer.pk:
        raise ValidationError(_("They have it already."))
    _check(there.site, there.agent_id, reviewer, now)
    is_late = there.due_at is not None and there.due_at < now
    if reviewer.pk == who.pk and not (is_late or _is_away(there, now)):
        raise ValidationError(
            _(
                "Nobody takes for themselves what waits for a colleague, unless it is overdue or "
                "they are away: they hand it on, or somebody else does."
            )
        )
    if _reviews_it(there, reviewer):
        raise ValidationError(_("They review this call already."))
    was = _of_review(there)
    if there.state == Evaluation.State.TODO:
        there.reviewer = reviewer
        there.revision += 1
        _save(there, update_fields=["reviewer", "revision"])
        new = there
    else:
        _drop(there)
        new = _copy(there, reviewer, who, now)
    audit.record(who, new, before=was, after=_of_review(new), now=now, why=reason)
    return new


def _is_away(review: Evaluation, now: datetime) -> bool:
    """Whether its reviewer does not review calls of the site any more."""
    return review.reviewer_id not in people.those(review.site, [review.reviewer_id], now)


def _reviews_it(review: Evaluation, reviewer: User) -> bool:
    """Whether they have another review of the call by the same card."""
    others = Evaluation.objects.exclude(state=Evaluation.State.DROPPED).filter(
        call=review.call_id, version=review.version_id, reviewer=reviewer, kind=review.kind
    )
    return bool(others.exists())


def _copy(old: Evaluation, reviewer: User, who: User, now: datetime) -> Evaluation:
    """The same review, to be done by somebody else."""
    new = Evaluation(
        made_by=who, made_at=now, reviewer=reviewer,
        **{
            name: getattr(old, name)
            for name in (
                "kind", "site_id", "call_id", "agent_id", "team_id", "queue_id", "called_at",
                "facts", "version_id", "drawn_id", "rank", "reason", "reason_words", "due_at",
            )
        },
    )  # fmt: skip
    _save(new)
    return new


def _save(review: Evaluation, **more: Any) -> None:
    """Raises ValidationError where its reviewer was given another review of the call meanwhile."""
    try:
        with transaction.atomic():
            review.save(**more)
    except IntegrityError:
        raise ValidationError(_("They review this call already.")) from None


@transaction.atomic
def give(call: DrawnCall, reviewer: User, who: User, now: datetime) -> Evaluation:
    """Have a drawn call that has no first reviewer reviewed by somebody. Raises ValidationError
    where it has one by now, is not in the draw any more, or they may not."""
    row = _locked(call.drawn_id)
    there = DrawnCall.objects.select_for_update().get(pk=call.pk)
    if there.state != DrawnCall.State.STANDING:
        raise ValidationError(_("This call has been swapped already."))
    reviews = Evaluation.objects.filter(drawn=there).exclude(state=Evaluation.State.DROPPED)
    if reviews.filter(rank=0).exists():
        raise ValidationError(_("Somebody reviews this call already."))
    in_record = drawing.calls_of([str(there.call_id)]).get(str(there.call_id))
    if in_record is None:
        raise ValidationError(_("The call is not in the record any more: swap it."))
    version = _version(row.draw)
    _check(row.draw.site, row.agent_id, reviewer, now)
    if _has(in_record, version.pk, reviewer):
        raise ValidationError(_("They review this call already."))
    made = making.unsaved(
        in_record, version, reviewer, now, facts.rules_of(row.draw.site_id),
        kind=Evaluation.Kind.DRAWN, drawn=there, rank=0, due_at=row.draw.due_at, made_by=who,
    )  # fmt: skip
    _save(made)
    audit.record(who, made, before=None, after=_of_review(made), now=now)
    return made


def _version(draw: PlanDraw) -> CardVersion:
    return CardVersion.objects.get(pk=draw.how["version"])


def _check(site: Any, agent: int, reviewer: User, now: datetime) -> None:
    person = people.those(site, [reviewer.pk], now).get(reviewer.pk)
    if person is None or not person.may(agent):
        raise ValidationError(_("They do not review this agent's calls."))


def _locked(pk: int) -> AgentDraw:
    rows = AgentDraw.objects.select_for_update(of=("self",)).select_related("draw__site")
    row: AgentDraw = rows.get(pk=pk)
    return row


def _of_review(review: Evaluation) -> dict[str, Any]:
    """What the log keeps of a review that changes hands."""
    said = {name: review.serializable_value(name) for name in _OF_REVIEW}
    return said | {"agent": review.agent_id, "queue": review.queue_id}
