"""Trains a learned scorer on a site's own reviews: answers that people gave without a suggestion in
view, to calls with a transcript."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit, database, jobs
from ccm.models import Job, Site, User
from qa.checking import kept, services, words
from qa.checks import learned
from qa.models import Answer, CallTranscript, CardCriterion, LearnedScorer
from qa.models.querysets import DONE
from qa.scoring.form import CHOSEN

log = logging.getLogger(__name__)
KIND = "train_check"
# So that the same reviews make the same scorer.
SEED = 1
MOST_REVIEWS = 5000


def why_not(criterion: CardCriterion) -> str:
    """Why there is nothing to learn for a criterion, in words; empty: there may be."""
    if not learned.is_there():
        return _(
            "Learning needs scikit-learn, which is not installed here:"
            " pip install callcenter[learned]."
        )
    if criterion.kind not in CHOSEN:
        return _("Only answers that are chosen can be learned, no numbers and no texts.")
    return ""


def ask(
    site: Site,
    criterion: CardCriterion,
    who: User,
    send: Callable[[Job], None],
) -> Job:
    """Have a scorer trained; where one is being trained for the criterion, that job. Raises
    ValidationError where there is nothing to learn."""
    if why := why_not(criterion):
        raise ValidationError(why)
    payload = {"site": site.pk, "criterion": criterion.pk}
    with transaction.atomic():
        database.hold(f"qa.training:{site.pk}:{criterion.pk}")
        there = Job.objects.filter(
            kind=KIND, payload=payload, state__in=(Job.State.QUEUED, Job.State.RUNNING)
        ).first()
        if there is not None:
            return there
        job: Job = Job.objects.create(kind=KIND, payload=payload, created_by=who)
        transaction.on_commit(lambda: send(job))
    return job


def run(job_id: int, changed: Callable[[], None]) -> None:
    """Train what a job asks for. Safe to run twice: one is done at a time, and the same reviews
    make the same."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        site = Site.objects.filter(pk=job.payload.get("site")).first()
        rows = CardCriterion.objects.filter(pk=job.payload.get("criterion"))
        criterion = rows.select_related("card").first()
        if site is None or criterion is None:
            raise jobs.Refused(_("The site or the criterion is not there any more."))
        if why := why_not(criterion):
            raise jobs.Refused(why)
        jobs.beat(job, 0, _("Reads reviews."))
        reviews = _reviews(site, criterion)
        jobs.beat(job, 0, _("Learns from %(n)s reviews.") % {"n": len(reviews)})
        try:
            found = learned.train(reviews, str(criterion.pk), seed=SEED)
        except learned.NotInstalled:
            raise jobs.Refused(why_not(criterion)) from None
        if isinstance(found, learned.TooFew):
            raise jobs.Refused(words.too_few_reviews(found.reviews, found.answers))
        jobs.stop_if_asked(job)
        keep(site, criterion, found, job.created_by, timezone.now(), changed=changed)
        job.words = _("Learned from %(n)s reviews.") % {"n": len(found.held_out)}


@transaction.atomic
def keep(
    site: Site,
    criterion: CardCriterion,
    found: learned.Trained,
    who: User | None,
    now: datetime,
    *,
    changed: Callable[[], None] = services.nothing,
) -> LearnedScorer:
    """Keep what was learned, in the place of what was before; it fills in nothing until somebody
    lets it."""
    database.hold(f"qa.checks:{site.pk}")
    rows = LearnedScorer.objects.select_for_update(no_key=True)
    row: LearnedScorer | None = rows.filter(site=site, criterion=criterion).first()
    before = None if row is None else services.values(row)
    row = row or LearnedScorer(site=site, criterion=criterion)
    row.model = found.model.as_json() | {
        "held_out": _held_out(criterion, found), "left_out": [*found.left_out],
    }  # fmt: skip
    row.trained_on, row.trained_at, row.trained_by = len(found.held_out), now, who
    row.prefills = False
    row.measured, row.is_doubtful = {}, False
    row.save()
    CallTranscript.objects.filter(site=site).update(checked_at=None)
    row.suggestions.all().delete()
    audit.record(who, row, before=before, after=services.values(row), now=now)
    transaction.on_commit(changed)
    return row


def _held_out(criterion: CardCriterion, found: learned.Trained) -> list[list[int]]:
    """How many calls were told to lose points when they were held out, and do: told, does, many."""
    card = kept.forms_of([criterion.card_id]).get(criterion.card_id)
    asked = None if card is None else card.find(criterion.key)
    if asked is None:
        return []
    counts: Counter[tuple[bool, bool]] = Counter()
    for one in found.held_out:
        told, true = kept.loses(asked, one.told), kept.loses(asked, one.answer)
        if told is not None and true is not None:
            counts[told, true] += 1
    return [[int(told), int(true), many] for (told, true), many in sorted(counts.items())]


def _reviews(site: Site, criterion: CardCriterion) -> list[learned.Review]:
    """The newest blind answers to a criterion, one a call, with what was said on it."""
    rows = (
        Answer.objects.filter(
            criterion=criterion, hint="", skipped=False, evaluation__site=site,
            evaluation__state__in=DONE,
        )
        .exclude(value="")
        .filter(evaluation__call__in=CallTranscript.objects.heard().filter(site=site).values("call"))
        .order_by("evaluation__finished_at", "evaluation")
        .values_list("evaluation__call", "value", "evaluation__agent")
    )  # fmt: skip
    answers: dict[UUID, tuple[str, int]] = {}
    for call, value, agent in rows:
        answers.setdefault(call, (value, agent))
    newest = dict(list(answers.items())[-MOST_REVIEWS:])
    found = []
    told = CallTranscript.objects.heard().filter(site=site, call__in=newest)
    for row in told.order_by("pk").iterator(200):
        transcript = kept.transcript_of(row)
        if transcript is not None:
            value, agent = newest[row.call_id]
            found.append(learned.Review(transcript, value, agent))
    return found
