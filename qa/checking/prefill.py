"""Fills in answers of reviews that nobody has begun, by checks that may. Each says that a check has
filled it in until the reviewer says otherwise; nothing is finished or released by it."""

import time
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from qa import cards
from qa.checking import kept
from qa.models import Answer, Evaluation, Evidence, Suggestion
from qa.reviews.answers import rescore
from qa.scoring import Form, Section, wrong

_AT_ONCE = 100


def fill_due(now: datetime, until: float | None = None) -> int:
    """Fill in what is to be filled in; how many reviews. Safe to run twice: what has answers is
    left alone."""
    suggested = _of_checks_that_may().filter(
        transcript__call=OuterRef("call"), card=OuterRef("version__card")
    )
    rows = (
        Evaluation.objects.filter(state=Evaluation.State.TODO, revision=0)
        .exclude(kind=Evaluation.Kind.CALIBRATION)
        .filter(Exists(suggested))
        .order_by("pk")
    )
    done = 0
    for pk in list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        done += fill(pk, now)
        if until is not None and time.monotonic() > until:
            break
    return done


@transaction.atomic
def fill(evaluation: int, now: datetime) -> bool:
    """Fill in a review by its id: what checks that may suggest, with the lines that say so. False
    where it is begun, or there is nothing to fill in.

    Its revision grows, so that whoever has it open already is told.
    """
    rows = Evaluation.objects.select_for_update(of=("self",), skip_locked=True)
    there: Evaluation | None = (
        rows.filter(pk=evaluation, state=Evaluation.State.TODO, revision=0)
        .select_related("version")
        .first()
    )
    if there is None or there.answers.exists():
        return False
    card = cards.read(there.version.form)
    answers, evidence = [], []
    for one in _said(there):
        criterion = card.find(one.criterion.key)
        value = None
        if criterion is not None:
            value = kept.answered(criterion, one.value, skipped=one.skipped)
        if criterion is None or value is None:
            continue
        if wrong(Form((Section("", (criterion,)),)), {criterion.id: value}):
            continue
        answers.append(
            Answer(
                evaluation=there, criterion=one.criterion, value=one.value, skipped=one.skipped,
                hint=Answer.Hint.FILLED,
            )
        )  # fmt: skip
        evidence += [
            Evidence(
                evaluation=there, criterion=one.criterion, line=each["line"], at_ms=each["at_ms"],
                made_at=now,
            )
            for each in one.evidence[:3]
            if isinstance(each, dict) and each.get("line")
        ]  # fmt: skip
    if not answers:
        return False
    Answer.objects.bulk_create(answers)
    Evidence.objects.bulk_create(evidence)
    there.revision += 1
    there.save(update_fields=["revision"])
    rescore(there)
    return True


def _of_checks_that_may() -> QuerySet[Suggestion]:
    may = Q(rule__prefills=True, rule__is_active=True) | Q(scorer__prefills=True)
    rows = Suggestion.objects.undoubted().filter(may, held_back=False)
    return rows.exclude(value="", skipped=False)


def _said(evaluation: Evaluation) -> list[Suggestion]:
    """One suggestion a criterion: a rule's before what was learned, and of rules one that is broken
    before others, as `checks.Ruled` has it."""
    order = {"broken": 0, "met": 1, "n/a": 2}
    rows = Suggestion.objects.shown_in(evaluation).filter(
        pk__in=_of_checks_that_may().values("pk")
    )  # fmt: skip
    found: dict[int, Suggestion] = {}
    for one in sorted(
        rows.select_related("criterion", "rule"),
        key=lambda one: (one.rule_id is None, order.get(one.verdict, 3), one.pk),
    ):
        found.setdefault(one.criterion_id, one)
    return list(found.values())
