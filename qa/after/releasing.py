"""Reviews are released: at once, at their day, or by hand. From then on their agent reads them.

A calibration and a further review of a drawn call never are: they measure reviewers, and the agent
is told one grade. Nobody releases a review of their own call.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm.intervals import day_of, site_day
from ccm.models import Site, User
from qa.after import events, notices, reach
from qa.models import Evaluation, ReviewEvent
from qa.reviews.facts import rules_of

log = logging.getLogger(__name__)
_MOST_AT_ONCE = 500


def on_finished(evaluation: Evaluation, now: datetime, **_more: object) -> None:
    """Receiver of `review_finished`: what is to be released by now is, in the same transaction."""
    if _is_due(evaluation, now):
        _release(_locked(evaluation.pk), None, now)


@transaction.atomic
def release(evaluation: Evaluation, who: User, now: datetime) -> Evaluation:
    """Release a review by hand. Raises ValidationError where it is not finished, or released
    already, or theirs not to release."""
    row = _locked(evaluation.pk)
    if row.state == Evaluation.State.RELEASED:
        raise ValidationError(_("It is released already."))
    if row.kind == Evaluation.Kind.CALIBRATION:
        raise ValidationError(_("A calibration is never released."))
    if row.measures_reviewers:
        raise ValidationError(_("A further review of a drawn call is never released."))
    if row.state != Evaluation.State.FINISHED:
        raise ValidationError(_("It is not finished any more: look again."))
    if not reach.may_release(row, who):
        raise ValidationError(_("This review is not yours to release."))
    return _release(row, who, now)


def release_due(now: datetime) -> int:
    """Release what is due; how many. Safe to run twice and beside itself: each is locked and looked
    at again. One that cannot be released holds up no other."""
    rows = Evaluation.objects.filter(state=Evaluation.State.FINISHED, release_at__lte=now)
    rows = rows.for_agents().order_by("release_at", "pk")
    many = 0
    for pk in list(rows.values_list("pk", flat=True)[:_MOST_AT_ONCE]):
        try:
            with transaction.atomic():
                row = _locked(pk)
                if _is_due(row, now):
                    _release(row, None, now)
                    many += 1
        except Exception:
            log.exception("review %d could not be released", pk)
    return many


def end_of(site: Site, now: datetime, days: int) -> datetime:
    """The end of the site's day so many days from now on."""
    last: date = day_of(now, site.calendar) + timedelta(days=days)
    return site_day(last, site.calendar).end


def _is_due(evaluation: Evaluation, now: datetime) -> bool:
    return (
        not evaluation.measures_reviewers
        and evaluation.state == Evaluation.State.FINISHED
        and evaluation.release_at is not None
        and evaluation.release_at <= now
    )


def _release(row: Evaluation, who: User | None, now: datetime) -> Evaluation:
    row.state = Evaluation.State.RELEASED
    row.released_at, row.released_by = now, who
    row.dispute_until = end_of(row.site, now, rules_of(row.site_id).dispute_days)
    row.save(update_fields=["state", "released_at", "released_by", "dispute_until"])
    events.note(row, ReviewEvent.What.RELEASED, who, now)
    notices.released(row)
    return row


def _locked(pk: int) -> Any:
    rows = Evaluation.objects.select_for_update(of=("self",))
    return rows.select_related("site", "agent__user", "agent__site", "reviewer").get(pk=pk)
