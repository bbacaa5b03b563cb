"""Judges rules and learned scorers over transcripts that are not checked yet.

Each transcript is judged in a transaction that holds it, so that a killed worker leaves it to be
done and two of them share the work. Whoever changes a rule marks all transcripts of its site anew
after that: a transcript that was judged by the old one meanwhile is among them.
"""

import logging
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from ccm.models import Call
from qa import checks
from qa.checking import holds, kept
from qa.checks import Known, Rule
from qa.checks.learned import Learned
from qa.models import CallTranscript, CheckRule, LearnedScorer, Suggestion
from qa.transcripts import Transcript

log = logging.getLogger(__name__)
_AT_ONCE = 50
# Suggestions are held back of one call in so many, so that people go on saying what they would
# have said without.
HELD_BACK_EVERY = 5
_LONGEST_VERDICT = 12


@dataclass(frozen=True, slots=True)
class Judges:
    """What calls of a site are judged by, and by which it is known that this was changed."""

    rules: Mapping[int, tuple[CheckRule, Rule]]
    scorers: Mapping[int, tuple[LearnedScorer, Learned]]
    mark: tuple[object, ...]


def is_held_back(call: UUID) -> bool:
    """Whether nobody is shown what checks make of a call before it is reviewed; the same each time
    that it is asked."""
    return zlib.crc32(call.bytes) % HELD_BACK_EVERY == 0


def judge_due(now: datetime, until: float | None = None) -> int:
    """Judge what is to be judged, until the monotonic clock goes beyond `until`; how many
    transcripts. Those that are not to be heard wait until they may be. Safe to run twice, and on
    several machines."""
    judges: dict[int, Judges] = {}
    done, after = 0, 0
    while True:
        rows = CallTranscript.objects.heard().filter(checked_at=None, pk__gt=after).order_by("pk")
        found = list(rows.values_list("pk", "site", "call")[:_AT_ONCE])
        if not found:
            return done
        calls = Call.objects.in_bulk([call for _pk, _site, call in found])
        at = holds.of_calls(calls)
        for pk, site, _call in found:
            after = pk
            try:
                done += _judge(pk, site, judges, calls, at, now)
            except IntegrityError:
                # A check was removed meanwhile: the transcript is judged next time, without it.
                log.info("transcript %d is left for the next time", pk)
            if until is not None and time.monotonic() > until:
                return done


def of_site(site: int) -> Judges:
    """What is judged at a site."""
    mark = _mark(site)
    rows = CheckRule.objects.filter(site=site, is_active=True)
    rules = {
        row.pk: (row, rule)
        for row in rows.select_related("criterion").prefetch_related("queues")
        if (rule := kept.rule_of(row)) is not None
    }
    scorers = {}
    for row in LearnedScorer.objects.filter(site=site).select_related("criterion"):
        try:
            scorers[row.pk] = (row, Learned.from_json(row.model))
        except ValueError:
            log.warning("learned scorer %d cannot be read: train it anew", row.pk)
    return Judges(rules, scorers, mark)


def _mark(site: int) -> tuple[object, ...]:
    rules = CheckRule.objects.filter(site=site)
    scorers = LearnedScorer.objects.filter(site=site)
    return (
        *rules.order_by("pk").values_list("pk", "changed_at", "is_active"),
        scorers.aggregate(at=Max("trained_at"))["at"],
        *scorers.order_by("pk").values_list("pk", flat=True),
    )


@transaction.atomic
def _judge(
    pk: int,
    site: int,
    judges: dict[int, Judges],
    calls: Mapping[UUID, Call],
    at: Mapping[UUID, holds.Known],
    now: datetime,
) -> bool:
    """One transcript; False where somebody else has it or did it."""
    rows = CallTranscript.objects.heard().select_for_update(skip_locked=True, of=("self",))
    there: CallTranscript | None = rows.filter(pk=pk, checked_at=None).first()
    if there is None:
        return False
    # Looked at once the transcript is held: who changes a rule from now on waits, and marks it.
    if site not in judges or judges[site].mark != _mark(site):
        judges[site] = of_site(site)
    transcript = kept.transcript_of(there)
    if transcript is None:
        log.warning("the transcript of call %s cannot be read", there.call_id)
        _write(there, [], now)
    else:
        call = calls.get(there.call_id)
        known = None
        if call is not None and holds.fits(call, transcript):
            known = at.get(call.pk)
        elif call is not None and call.hold_ms == 0:
            known = ()
        found = suggested(judges[site], there, transcript, known)
        _write(there, found, now)
    there.checked_at = now
    there.save(update_fields=["checked_at"])
    return True


def suggested(
    judges: Judges, row: CallTranscript, transcript: Transcript, known: holds.Known
) -> list[Suggestion]:
    """What is suggested for a call, unsaved. What fails of one rule holds up none of the others."""
    found = []
    of_call = Known(queue=row.queue_id, language=row.language or None, holds=known)
    for rule_row, rule in judges.rules.values():
        try:
            told = checks.judge(rule, transcript, of_call)
        except ValueError:
            log.exception("rule %d cannot be judged", rule_row.pk)
            continue
        if told is not None:
            found.append(
                _unsaved(
                    row, told.answer, told.evidence, told.confidence, rule=rule_row,
                    verdict=told.verdict.value,
                )
            )  # fmt: skip
    for scorer_row, scorer in judges.scorers.values():
        scored = scorer.score(transcript, str(scorer_row.criterion_id))
        if scored is not None:
            found.append(
                _unsaved(row, scored.answer, scored.evidence, scored.confidence, scorer=scorer_row)
            )
    return found


def _unsaved(
    row: CallTranscript,
    answer: Any,
    evidence: Any,
    confidence: float,
    *,
    rule: CheckRule | None = None,
    scorer: LearnedScorer | None = None,
    verdict: str = "",
) -> Suggestion:
    of = rule or scorer
    assert of is not None
    value, skipped = kept.as_kept(answer)
    return Suggestion(
        transcript=row,
        rule=rule,
        scorer=scorer,
        criterion=of.criterion,
        card_id=of.criterion.card_id,
        verdict=verdict[:_LONGEST_VERDICT],
        value=value,
        skipped=skipped,
        confidence=confidence,
        evidence=checks.evidence_as_json(evidence),
        held_back=is_held_back(row.call_id),
    )


_TOLD = (
    "criterion_id", "card_id", "verdict", "value", "skipped", "confidence", "evidence", "held_back",
)  # fmt: skip


def _write(row: CallTranscript, wanted: list[Suggestion], now: datetime) -> None:
    """Keep what is suggested: what says the same as before stays the row that it was."""
    there = {(one.rule_id, one.scorer_id): one for one in row.suggestions.all()}
    made, changed = [], []
    for one in wanted:
        old = there.pop((one.rule_id, one.scorer_id), None)
        if old is None:
            one.at = now
            made.append(one)
        elif any(getattr(old, name) != getattr(one, name) for name in _TOLD):
            for name in _TOLD:
                setattr(old, name, getattr(one, name))
            old.at = now
            changed.append(old)
    Suggestion.objects.filter(pk__in=[one.pk for one in there.values()]).delete()
    Suggestion.objects.bulk_create(made)
    Suggestion.objects.bulk_update(changed, [*_TOLD, "at"])
