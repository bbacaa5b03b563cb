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
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from redis.exceptions import RedisError

from kpis.noise.intervals import Interval
from qa import cards, checks
from qa.cards import Card
from qa.checking import kept
from qa.checking.kept import Told
from qa.checks import Measure, Prefill, is_doubtful, may_prefill
from qa.models import CallTranscript, CardVersion, CheckRule, Evaluation, LearnedScorer

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
    verdict: str
    is_same: bool | None
    """Whether the person gave the answer that was suggested; None: none was."""

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

    @property
    def is_doubtful(self) -> bool:
        """Whether it surely agrees too little with people to be shown beside a review."""
        return is_doubtful(self.measure)


def of_checks(
    rules: Iterable[CheckRule], scorers: Iterable[LearnedScorer] = ()
) -> tuple[dict[int, Agreement], dict[int, Agreement]]:
    """The agreement of each rule and of each scorer, by their ids. Two queries, however many."""
    of_rules, of_scorers = [*rules], [*scorers]
    return _of_pairs(of_rules, of_scorers, _pairs(of_rules, of_scorers))


Right = dict[str, list[int]]
"""Of what a check says how often people did, and of how many: by a rule's verdicts how many people
gave the answer that it suggests; by a learned scorer's answers how many too saw points lost, or
none."""


def looked_at(
    rules: Sequence[CheckRule], scorers: Sequence[LearnedScorer]
) -> list[tuple[CheckRule | LearnedScorer, Right, bool]]:
    """Each check, how often people say what it does, and whether they surely agree so little that
    it is not to be shown beside a review. Three queries, however many."""
    found = list(_pairs(rules, scorers))
    of_rules, of_scorers = _of_pairs(rules, scorers, found)
    right: dict[int, Right] = {}
    for (kind, pk), pair in found:
        if kind == "rule" and pair.is_same is not None:
            told = right.setdefault(pk, {}).setdefault(pair.verdict, [0, 0])
            told[0] += pair.is_same
            told[1] += 1
    cards_of = kept.forms_of({one.criterion.card_id for one in scorers}) if scorers else {}
    return [
        *((one, right.get(one.pk, {}), of_rules[one.pk].is_doubtful) for one in rules),
        *(
            (one, _right(one, of_scorers[one.pk].measure, cards_of), of_scorers[one.pk].is_doubtful)
            for one in scorers
        ),
    ]


def _right(row: LearnedScorer, found: Measure, cards_of: Mapping[int, Card]) -> Right:
    card = cards_of.get(row.criterion.card_id)
    asked = None if card is None else card.find(row.criterion.key)
    right: Right = {}
    for answer in row.model.get("answers", ()):
        loses = None if asked is None else kept.loses(asked, answer)
        if loses is not None:
            right[str(answer)] = (
                [found.both, found.both + found.rule_alone] if loses
                else [found.neither, found.neither + found.people_alone]
            )  # fmt: skip
    return right


def _of_pairs(
    of_rules: Sequence[CheckRule],
    of_scorers: Sequence[LearnedScorer],
    known: Iterable[tuple[tuple[str, int], Pair]],
) -> tuple[dict[int, Agreement], dict[int, Agreement]]:
    counts: dict[tuple[str, int], Counter[tuple[bool, bool]]] = {}
    for kind, row in (*(("rule", one) for one in of_rules), *(("sc", one) for one in of_scorers)):
        counts[kind, row.pk] = Counter()
    for key, pair in known:
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of a site's transcripts how many are judged and how many are still to be, and of how many of
    these the call has been reviewed: until there are none a measure is not final."""

    judged: int
    left: int
    reviewed: int

    @property
    def all(self) -> int:
        return self.judged + self.left


def waiting(site: int) -> Waiting:
    return Waiting(**CallTranscript.objects.heard().filter(site=site).aggregate(**_waiting()))


def with_waiting(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rules or scorers with what `waiting_of` tells of them, without a query of its own."""
    of_site = CallTranscript.objects.heard().filter(site=OuterRef("site")).order_by().values("site")
    return rows.annotate(
        **{name: Subquery(of_site.values(n=many)) for name, many in _waiting().items()}
    )


def waiting_of(row: Any) -> Waiting:
    return Waiting(row.judged or 0, row.left or 0, row.reviewed or 0)


def _waiting() -> dict[str, Count]:
    done = Evaluation.objects.done().filter(call=OuterRef("call"))
    return {
        "judged": Count("pk", filter=Q(checked_at__isnull=False)),
        "left": Count("pk", filter=Q(checked_at=None)),
        "reviewed": Count("pk", filter=Q(Exists(done), checked_at=None)),
    }


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
        mine = kept.answered(criterion, value, skipped=skipped)
        if rule is not None:
            by_check = verdict == checks.Verdict.BROKEN.value
            by_person = kept.is_broken(criterion, told[rule], answer)
        else:
            by_check = None if mine is None else kept.loses(criterion, mine)
            by_person = kept.loses(criterion, answer)
        if by_check is None or by_person is None:
            continue
        of = ("rule", rule) if rule is not None else ("sc", scorer)
        is_same = None if mine is None else mine == answer
        found.append(
            (
                of,
                Pair(
                    number, call, evaluation, by_check, by_person, key, version, said, na, verdict,
                    is_same,
                ),
            )
        )  # fmt: skip
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
    keys = {four: f"qa.measure.2:{':'.join(map(str, four))}" for four in fours}
    try:
        known = cache.get_many(keys.values())
    except (RedisError, OSError):
        known = {}
    read = {four: _read(four, known.get(key)) for four, key in keys.items()}
    found = {four: one or _measure(four) for four, one in read.items()}
    new = {key: _written(found[four]) for four, key in keys.items() if read[four] is None}
    if new:
        with suppress(RedisError, OSError):
            cache.set_many(new, _KEPT_SECONDS)
    return [found[four] for four in fours]


def _written(measure: Measure) -> list[list[float] | None]:
    """What of a measure its counts do not say."""
    told = (measure.precision, measure.recall, measure.kappa)
    return [None if one is None else [one.value, one.low, one.high] for one in told]


def _read(four: Four, kept: Any) -> Measure | None:
    """None: what is kept is no measure."""
    try:
        precision, recall, kappa = (one and Interval(*map(float, one)) for one in kept)
    except (TypeError, ValueError):
        return None
    return Measure(*four, precision, recall, kappa)
