"""How far checks agree with people: what they call broken beside what reviewers do who did not see
it.

A call counts once for a check: by the first finished review that answered its criterion without a
suggestion in view (`Answer.hint`), as it is answered today. A rule counts by what it says since it
was last changed; a learned scorer by what was told of the calls that it was learned from when they
were held out, and by calls that were reviewed after that.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from qa import cards, checks
from qa.cards import Card
from qa.checking import kept
from qa.checking.kept import Told
from qa.checks import Measure, Prefill, may_prefill
from qa.models import CardVersion, CheckRule, LearnedScorer

_KEPT_SECONDS = 30 * 86_400
# Of each check and call the first review of its criterion that nobody helped with.
_PAIRS = """
SELECT DISTINCT ON (s.id)
       s.id, s.rule_id, s.scorer_id, s.verdict, s.value, s.skipped, t.call_id,
       e.id, e.version_id, a.value, a.skipped, c.key
  FROM qa_suggestion s
  JOIN qa_calltranscript t ON t.id = s.transcript_id
  JOIN qa_cardcriterion c ON c.id = s.criterion_id
  JOIN qa_evaluation e ON e.call_id = t.call_id AND e.state IN ('finished', 'released')
  JOIN qa_answer a ON a.evaluation_id = e.id AND a.criterion_id = s.criterion_id AND a.hint = ''
  LEFT JOIN qa_learnedscorer l ON l.id = s.scorer_id
 WHERE (s.rule_id = ANY(%s) OR s.scorer_id = ANY(%s))
   AND (a.skipped OR a.value <> '')
   AND (l.id IS NULL OR e.finished_at > l.trained_at)
 ORDER BY s.id, e.finished_at, e.id
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A call that a check and a person judged: whether each says that it is broken."""

    suggestion: int
    call: UUID
    evaluation: int
    by_check: bool
    by_person: bool
    criterion: str
    version: int
    value: str
    skipped: bool

    @property
    def differs(self) -> bool:
        return self.by_check != self.by_person


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a check agrees with people, and whether that is enough to fill in answers."""

    measure: Measure
    may: Prefill

    @property
    def is_told(self) -> bool:
        return self.may is not Prefill.TOO_FEW


def of_checks(
    rules: Iterable[CheckRule], scorers: Iterable[LearnedScorer] = ()
) -> tuple[dict[int, Agreement], dict[int, Agreement]]:
    """The agreement of each rule and of each scorer, by their ids. Two queries, however many."""
    of_rules, of_scorers = [*rules], [*scorers]
    counts: dict[tuple[str, int], Counter[tuple[bool, bool]]] = {}
    for kind, row in (*(("rule", one) for one in of_rules), *(("sc", one) for one in of_scorers)):
        counts[kind, row.pk] = Counter()
    for key, pair in _pairs(of_rules, of_scorers):
        counts[key][pair.by_check, pair.by_person] += 1
    for row in of_scorers:
        counts["sc", row.pk] += held_out(row)
    measured = _measured([_four(one) for one in counts.values()])
    found = {
        key: Agreement(one, may_prefill(one))
        for key, one in zip(counts, measured, strict=True)
    }  # fmt: skip
    return (
        {pk: one for (kind, pk), one in found.items() if kind == "rule"},
        {pk: one for (kind, pk), one in found.items() if kind == "sc"},
    )


def of_rule(rule: CheckRule) -> Agreement:
    return of_checks([rule])[0][rule.pk]


def of_scorer(scorer: LearnedScorer) -> Agreement:
    return of_checks([], [scorer])[1][scorer.pk]


def of_pairs(known: Iterable[Pair]) -> Agreement:
    """The agreement of a check by its pairs."""
    (measure,) = _measured([_four(Counter((one.by_check, one.by_person) for one in known))])
    return Agreement(measure, may_prefill(measure))


def pairs(rule: CheckRule) -> list[Pair]:
    """All calls that a rule and somebody judged."""
    return [pair for _key, pair in _pairs([rule], [])]


def held_out(row: LearnedScorer) -> Counter[tuple[bool, bool]]:
    """What was told of calls that a scorer was learned from, when they were held out."""
    said = row.model.get("held_out") if isinstance(row.model, Mapping) else None
    found: Counter[tuple[bool, bool]] = Counter()
    for one in said if isinstance(said, list) else ():
        check, person, many = one
        found[bool(check), bool(person)] += int(many)
    return found


def _pairs(
    rules: Sequence[CheckRule], scorers: Sequence[LearnedScorer]
) -> Iterable[tuple[tuple[str, int], Pair]]:
    if not rules and not scorers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, [[one.pk for one in rules], [one.pk for one in scorers]])
        rows = cursor.fetchall()
    versions = _versions({row[8] for row in rows})
    told = {one.pk: _told(one) for one in rules}
    found = []
    for (number, rule, scorer, verdict, value, skipped, call, evaluation, version, said, na,
         key) in rows:  # fmt: skip
        criterion = versions[version].find(key) if version in versions else None
        answer = None if criterion is None else kept.answered(criterion, said, skipped=na)
        if criterion is None or answer is None:
            continue
        by_check: bool | None
        by_person: bool | None
        if rule is not None:
            by_check = verdict == checks.Verdict.BROKEN.value
            by_person = kept.is_broken(criterion, told[rule], answer)
        else:
            mine = kept.answered(criterion, value, skipped=skipped)
            by_check = None if mine is None else kept.loses(criterion, mine)
            by_person = kept.loses(criterion, answer)
        if by_check is None or by_person is None:
            continue
        of = ("rule", rule) if rule is not None else ("sc", scorer)
        found.append(
            (of, Pair(number, call, evaluation, by_check, by_person, key, version, said, na))
        )
    return found


def _versions(ids: Collection[int]) -> dict[int, Card]:
    if not ids:
        return {}
    rows = CardVersion.objects.filter(pk__in=ids)
    return {one.pk: cards.read(one.form) for one in rows}


def _told(row: CheckRule) -> Told:
    rule = kept.rule_of(row)
    return Told(None, None) if rule is None else Told(rule.met, rule.broken)


Four = tuple[int, int, int, int]


def _four(counts: Counter[tuple[bool, bool]]) -> Four:
    return counts[True, True], counts[True, False], counts[False, True], counts[False, False]


@lru_cache(maxsize=4096)
def _measure(four: Four) -> Measure:
    both, check, people, neither = four
    said = ((True, True), both), ((True, False), check), ((False, True), people)
    every = [pair for pair, many in (*said, ((False, False), neither)) for _ in range(many)]
    return checks.measure(every)


def _measured(fours: Sequence[Four]) -> list[Measure]:
    """The measure of each; an interval of kappa takes a fifth of a second, so that what was
    reckoned once is kept, for all processes."""
    keys = {four: f"qa.measure.1:{':'.join(map(str, four))}" for four in fours}
    try:
        known = cache.get_many(keys.values())
    except (RedisError, OSError):
        known = {}
    found = {
        four: one if isinstance(one := known.get(key), Measure) else _measure(four)
        for four, key in keys.items()
    }
    new = {key: found[four] for four, key in keys.items() if key not in known}
    if new:
        with suppress(RedisError, OSError):
            cache.set_many(new, _KEPT_SECONDS)
    return [found[four] for four in fours]
