"""Reads checks: the list with what each finds and how far it agrees with people, one of them, and
what is suggested for a call. It asks the same of the database for few checks as for many."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Window

from ccm.models import Site
from ccm.querysets import Viewer
from qa import checks, suggested
from qa.access import sees_all_of
from qa.cards import Card
from qa.checking import agreeing, kept, words
from qa.checking.agreeing import Agreement, Pair
from qa.checks import Known
from qa.models import (
    CallTranscript,
    CardCriterion,
    CheckRule,
    Evaluation,
    LearnedScorer,
    Scorecard,
    Suggestion,
)
from qa.transcripts import Transcript

# What checks found is counted over calls of so many days.
RECENT = timedelta(days=30)
MOST_DIFFERENT = 50
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A check in the list: `broken` of `judged` calls of the last days. `untimed` are checked calls
    beside them that it could not judge, as it goes by times and their transcripts have none."""

    row: Any
    name: str
    looks_for: str
    judged: int
    broken: int
    agreement: Agreement
    queues: tuple[str, ...]
    languages: tuple[str, ...]
    untimed: int = 0

    @property
    def is_learned(self) -> bool:
        return isinstance(self.row, LearnedScorer)

    @property
    def precision(self) -> str:
        return words.share(self.agreement.measure.precision)

    @property
    def recall(self) -> str:
        return words.share(self.agreement.measure.recall)

    @property
    def kappa(self) -> str:
        return words.kappa(self.agreement.measure.kappa)

    @property
    def doubtful(self) -> str:
        return words.doubtful(self.agreement)

    @property
    def too_few(self) -> str:
        return words.too_few(self.agreement)

    @property
    def differing(self) -> int:
        measure = self.agreement.measure
        return measure.rule_alone + measure.people_alone


def listed(user: Viewer, site: Site, now: datetime) -> list[Row]:
    """A site's checks: rules by name, then what was learned."""
    rules = list(
        CheckRule.objects.visible_to(user)
        .filter(site=site)
        .select_related("criterion__card", "site")
        .prefetch_related("queues")
        .order_by("name", "pk")
    )
    scorers = list(
        LearnedScorer.objects.visible_to(user)
        .filter(site=site)
        .select_related("criterion__card", "site")
        .order_by("criterion__name", "pk")
    )
    return _rows(rules, scorers, now)


def one(row: CheckRule | LearnedScorer, now: datetime, known: Agreement | None = None) -> Row:
    """A single check as the list tells of it; `known` as `services.why_not` takes it."""
    is_rule = isinstance(row, CheckRule)
    return _rows([row] if is_rule else [], [] if is_rule else [row], now, known)[0]


def _rows(
    rules: Sequence[Any], scorers: Sequence[Any], now: datetime, known: Agreement | None = None
) -> list[Row]:
    if known is None:
        of_rules, of_scorers = agreeing.of_checks(rules, scorers)
    else:
        of_rules, of_scorers = ({row.pk: known for row in rows} for rows in (rules, scorers))
    counts = _counts(rules, scorers, now - RECENT)
    untimed = _untimed(rules, counts, now - RECENT)
    found = []
    for row in rules:
        rule = kept.rule_of(row)
        looks_for = "" if rule is None else suggested.rule_words(rule)
        judged, broken, _without = counts["rule", row.pk]
        found.append(
            Row(
                row, row.name, looks_for, judged, broken, of_rules[row.pk],
                tuple(one.name for one in row.queues.all()), tuple(row.languages),
                untimed.get(row.pk, 0),
            )
        )  # fmt: skip
    cards_of = kept.forms_of({row.criterion.card_id for row in scorers}) if scorers else {}
    losing = _losing(scorers, cards_of, now - RECENT)
    for row in scorers:
        judged = counts["scorer", row.pk].judged
        found.append(
            Row(
                row, row.criterion.name, "", judged, losing.get(row.pk, 0),
                of_scorers[row.pk], (), (),
            )
        )  # fmt: skip
    return found


class Counted(NamedTuple):
    """Of a check how many calls it judged, how many of them it calls broken, and how many have a
    transcript of which some line has no start."""

    judged: int = 0
    broken: int = 0
    without_starts: int = 0


def _counts(
    rules: Sequence[CheckRule], scorers: Sequence[LearnedScorer], since: datetime
) -> Mapping[tuple[str, int], Counted]:
    found: dict[tuple[str, int], Counted] = defaultdict(Counted)
    for name, rows in (("rule", rules), ("scorer", scorers)):
        if not rows:
            continue
        suggested = Suggestion.objects.filter(
            transcript__site__in={row.site_id for row in rows},
            transcript__called_at__gte=since,
            **{f"{name}__in": [one.pk for one in rows]},
        )
        grouped = suggested.order_by().values_list(name, "verdict", "transcript__lacks_starts")
        for pk, verdict, lacks, many in grouped.annotate(many=Count("pk")):
            told = found[name, pk]
            found[name, pk] = Counted(
                told.judged + many,
                told.broken + many * (verdict == "broken"),
                told.without_starts + many * lacks,
            )
    return found


def _untimed(
    rows: Sequence[CheckRule], counts: Mapping[tuple[str, int], Counted], since: datetime
) -> dict[int, int]:
    """Of each rule that calls are judged by how many it is for and has no verdict on, as their
    transcripts lack the times that it goes by. One query, however many rules."""
    rules = {one.pk: rule for one in rows if one.is_active and (rule := kept.rule_of(one))}
    sites = {one.pk: one.site_id for one in rows}
    asked = {
        pk: rule for pk, rule in rules.items() if checks.lacks_times(rule, starts=False, ends=False)
    }
    if not asked:
        return {}
    lacking = CallTranscript.objects.filter(
        Q(lacks_starts=True) | Q(lacks_ends=True), site__in={*sites.values()},
        called_at__gte=since, checked_at__isnull=False,
    )  # fmt: skip
    parts = ("site", "queue", "language", "lacks_starts", "lacks_ends")
    kinds = list(lacking.order_by().values_list(*parts).annotate(many=Count("pk")))
    found = {}
    for pk, rule in asked.items():
        many = sum(
            n
            for site, queue, language, no_starts, no_ends, n in kinds
            if site == sites[pk]
            and checks.is_for(rule, Known(queue, language or None), Transcript(()))
            and checks.lacks_times(rule, starts=not no_starts, ends=not no_ends)
        )
        # No hold, so none to announce: that is a verdict all the same.
        found[pk] = max(0, many - counts["rule", pk].without_starts)
    return found


def _losing(
    scorers: Sequence[LearnedScorer], cards_of: Mapping[int, Card], since: datetime
) -> dict[int, int]:
    """Of each learned scorer how many calls it tells to lose points."""
    if not scorers:
        return {}
    rows = Suggestion.objects.filter(
        transcript__called_at__gte=since, scorer__in=[one.pk for one in scorers]
    )
    asked = {}
    for row in scorers:
        card = cards_of.get(row.criterion.card_id)
        asked[row.pk] = None if card is None else card.find(row.criterion.key)
    found: dict[int, int] = defaultdict(int)
    for pk, value, many in rows.order_by().values_list("scorer", "value").annotate(n=Count("pk")):
        criterion = asked[pk]
        if criterion is not None and kept.loses(criterion, value):
            found[pk] += many
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that a check and a person judge differently: what each says, and by which lines."""

    pair: Pair
    called_at: datetime
    agent: str
    queue: str
    transcript: int
    said_by_check: str
    said_by_person: str
    lines: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest of what a list is of: `rows` of the `seen` that the reader may see; `hidden` are
    as many as there are beside them."""

    rows: tuple[Any, ...]
    seen: int
    hidden: int


def differences(rule: CheckRule, pairs: Sequence[Pair], user: Viewer) -> Listed:
    """Calls on which a rule and people differ, of its pairs, the newest first, at most
    `MOST_DIFFERENT`: by reviews that the user may read."""
    found_apart = [pair for pair in pairs if pair.differs]
    rows_seen = Evaluation.objects.visible_to(user).filter(
        pk__in={pair.evaluation for pair in found_apart}
    )
    may = set(rows_seen.values_list("pk", flat=True))
    apart = [pair for pair in found_apart if pair.evaluation in may]
    rows = Suggestion.objects.heard().filter(pk__in={pair.suggestion for pair in apart})
    rows = rows.select_related("transcript__agent", "transcript__queue").defer("transcript__lines")
    newest = rows.order_by("-transcript__called_at", "-pk")[:MOST_DIFFERENT]
    there = {row.pk: row for row in newest}
    shown = [pair for pair in apart if pair.suggestion in there]
    names = kept.forms_of([rule.criterion.card_id])
    card = names.get(rule.criterion.card_id)
    found = []
    for pair in shown:
        suggestion = there[pair.suggestion]
        row = suggestion.transcript
        found.append(
            Difference(
                pair, row.called_at, str(row.agent or ""), str(row.queue or ""), row.pk,
                str(words.VERDICTS.get(suggestion.verdict, suggestion.verdict)),
                answer_words(card, rule.criterion, pair.value, pair.skipped),
                _lines(suggestion),
            )
        )  # fmt: skip
    found.sort(key=lambda one: (one.called_at, one.pair.evaluation), reverse=True)
    return Listed(tuple(found), len(apart), len(found_apart) - len(apart))


@dataclass(frozen=True, slots=True)
class Found:
    """A call that a check calls broken."""

    called_at: datetime
    agent: str
    queue: str
    transcript: int
    lines: tuple[Mapping[str, Any], ...]


def broken(row: Row, user: Viewer, now: datetime) -> Listed:
    """The newest of the calls of the last days that a rule calls broken; none that are held back
    from reviewers, and none that the user is still to review. How many of either there are is not
    told: it would say of somebody's only review what the rule makes of it."""
    rows = Suggestion.objects.heard().filter(
        rule=row.row, verdict="broken", held_back=False, transcript__called_at__gte=now - RECENT
    )
    rows = rows.exclude(transcript__call__in=to_do(user).values("call"))
    rows = rows.annotate(seen=Window(Count("pk")))
    rows = rows.select_related("transcript__agent", "transcript__queue").defer("transcript__lines")
    newest = list(rows.order_by("-transcript__called_at", "-pk")[:MOST_FOUND])
    seen = newest[0].seen if newest else 0
    found = tuple(
        Found(
            one.transcript.called_at, str(one.transcript.agent or ""),
            str(one.transcript.queue or ""), one.transcript_id, _lines(one),
        )
        for one in newest
    )  # fmt: skip
    return Listed(found, seen, row.broken - seen)


@dataclass(frozen=True, slots=True)
class Said:
    """What a check says of a call, in words."""

    name: str
    criterion: str
    verdict: str
    answer: str
    confidence: float
    lines: tuple[Mapping[str, Any], ...]
    looked_for: str
    right: str


def of_call(transcript: CallTranscript, user: Viewer) -> list[Said]:
    """What checks make of a call, to who sees the reviews of its site: nothing while the reader has
    a review of it to do in which it is not shown, nor, of a call that is held back, before a review
    of it by the scorecard that it is said for is done; nothing of checks that people surely
    disagree with."""
    if not sees_all_of(user, transcript.site_id):
        return []
    mine = set(to_do(user).filter(call=transcript.call_id).values_list("kind", flat=True))
    if Evaluation.Kind.CALIBRATION in mine:
        return []
    readable = transcript.suggestions.heard().not_held_back()
    if mine:
        readable = readable.filter(held_back=False)
    rows = list(
        readable.undoubted()
        .select_related(*suggested.RELATED)
        .defer(*suggested.DEFERRED)
        .order_by("criterion__card", "criterion", "pk")
    )
    names = kept.forms_of({one.card_id for one in rows}) if rows else {}
    return [
        Said(
            name="" if one.rule is None else one.rule.name,
            criterion=one.criterion.name,
            verdict=str(words.VERDICTS.get(one.verdict, "")),
            answer=answer_words(names.get(one.card_id), one.criterion, one.value, one.skipped),
            confidence=one.confidence,
            lines=_lines(one),
            looked_for=suggested.looked_for(one),
            right=suggested.right(one),
        )
        for one in rows
    ]


def criteria(site: Site) -> QuerySet[CardCriterion]:
    """Criteria that a check of a site may be of."""
    cards_of = Scorecard.objects.standing().of_site(site.pk).filter(versions__state="published")
    rows: QuerySet[CardCriterion] = (
        CardCriterion.objects.filter(card__in=cards_of.values("pk"))
        .select_related("card")
        .order_by("card__name", "card", "pk")
    )
    return rows


def suggestions(
    user: Viewer, site: Site, since: datetime, until: datetime, rule: int | None = None
) -> QuerySet[Suggestion]:
    """What is suggested for calls of some days, in their order; nothing of calls that the user is
    still to review, nor, of those that are held back, before a review by their scorecard is
    done."""
    rows: QuerySet[Suggestion] = (
        Suggestion.objects.visible_to(user)
        .heard()
        .not_held_back()
        .filter(
            transcript__site=site,
            transcript__called_at__gte=since,
            transcript__called_at__lt=until,
        )
        .exclude(transcript__call__in=to_do(user).values("call"))
    )  # fmt: skip
    if rule is not None:
        rows = rows.filter(rule=rule)
    related = rows.select_related("rule", "criterion", "transcript").defer("transcript__lines")
    return related.order_by("transcript__called_at", "pk")


def to_do(user: Viewer) -> QuerySet[Evaluation]:
    """Reviews that the user is still to do by themselves."""
    rows: QuerySet[Evaluation] = Evaluation.objects.open().filter(reviewer=user.pk)
    return rows


def answer_words(card: Card | None, criterion: CardCriterion, value: str, skipped: bool) -> str:
    """What is suggested, as the form calls it."""
    if skipped:
        return str(words.VERDICTS["n/a"])
    if card is None or not value:
        return value or "–"
    return card.option(criterion.key, value)


def _lines(one: Suggestion) -> tuple[Mapping[str, Any], ...]:
    evidence = one.evidence if isinstance(one.evidence, list) else []
    return tuple(each for each in evidence[:5] if isinstance(each, dict) and each.get("quote"))
