"""What a rule would say of the last calls of its site, before it is kept."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ccm.models import Call
from ccm.querysets import Viewer
from qa import checks
from qa.checking import holds, judging, kept, reads
from qa.checks import Evidence, Known, Rule, Verdict
from qa.models import CallTranscript, Evaluation

MOST_CALLS = 100
MOST_SHOWN = 20
_LONGEST_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A call that breaks the rule, or to which it does not apply, or that meets it."""

    call: UUID
    called_at: datetime
    queue: str
    agent: str
    verdict: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What was said of how many calls; `untold`: the rule is not for them, or there is no telling;
    `untimed` of these is it for, and they have not the times that it goes by.
    `hits` are those that break it, the newest first; where none does, those that meet it.
    `is_cut`: it took too long to look at all."""

    calls: int
    counts: dict[str, int]
    untold: int
    untimed: int
    hits: tuple[Hit, ...]
    is_cut: bool

    @property
    def others(self) -> int:
        """Calls that nothing was said of for another reason than their times."""
        return self.untold - self.untimed


def tried(site: int, rule: Rule, user: Viewer, queues: Sequence[int] = ()) -> Tried:
    """Judge a rule over the last calls with a transcript, but for those of which the user is not to
    know what a check says. Five queries."""
    rows: Any = (
        CallTranscript.objects.heard()
        .filter(site=site)
        .exclude(call__in=reads.to_do(user).values("call"))
    )
    if queues:
        rows = rows.filter(queue__in=queues)
    newest = rows.order_by("-called_at", "-pk")
    every = newest.values_list("pk", "call")[: 2 * MOST_CALLS]
    readable = _readable(every, int(rule.criterion))[:MOST_CALLS]
    found = list(newest.filter(pk__in=readable).select_related("queue", "agent"))
    calls = Call.objects.in_bulk([one.call_id for one in found])
    at = holds.of_calls(calls)
    until = time.monotonic() + _LONGEST_SECONDS
    counts: Counter[str] = Counter()
    hits: list[Hit] = []
    looked = untimed = 0
    for row in found:
        if time.monotonic() > until:
            break
        looked += 1
        transcript = kept.transcript_of(row)
        call = calls.get(row.call_id)
        if transcript is None:
            continue
        known = at.get(row.call_id) if call and holds.fits(call, transcript) else None
        if call is not None and call.hold_ms == 0:
            known = ()
        of_call = Known(row.queue_id, row.language or None, known)
        told = checks.judge(rule, transcript, of_call)
        if told is None:
            untimed += checks.is_for(rule, of_call, transcript) and checks.lacks_times(
                rule, starts=not row.lacks_starts, ends=not row.lacks_ends
            )
            continue
        counts[told.verdict.value] += 1
        hits.append(
            Hit(
                row.call_id, row.called_at, str(row.queue or ""), str(row.agent or ""),
                told.verdict.value, told.evidence,
            )
        )  # fmt: skip
    for verdict in (Verdict.BROKEN, Verdict.MET, Verdict.NOT_APPLICABLE):
        shown = [one for one in hits if one.verdict == verdict.value]
        if shown:
            break
    else:
        shown = []
    return Tried(
        looked, dict(counts), looked - counts.total(), untimed, tuple(shown[:MOST_SHOWN]),
        looked < len(found),
    )  # fmt: skip


def _readable(newest: Iterable[tuple[int, UUID]], criterion: int) -> list[int]:
    """Of transcripts with their calls those that are not held back, or of which a review by the
    scorecard of a criterion is done."""
    found = list(newest)
    held = [call for _pk, call in found if judging.is_held_back(call)]
    by_its_card = Evaluation.objects.done().filter(call__in=held, version__card__criteria=criterion)
    done = set(by_its_card.values_list("call", flat=True))
    return [pk for pk, call in found if call in done or not judging.is_held_back(call)]
