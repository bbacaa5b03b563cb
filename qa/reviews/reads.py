"""What the screen of a review shows: the call and what is known of it, and the scorecard with what
was answered so far. It asks the same of the database for few criteria as for many."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import timeline
from ccm.contact.reads import must_agree
from ccm.models import Agent, Call, CallNote, SurveyResponse, User
from ccm.querysets import Viewer
from ccm.rights import reach as rights
from qa import cards, suggested
from qa.cards import Card, CriterionWords
from qa.cards.words import anchor as described
from qa.models import Answer, CallTranscript, Evaluation, Evidence, QualityRules, Suggestion
from qa.reviews import facts, recordings
from qa.reviews.recordings import Recording
from qa.reviews.saying import escaped
from qa.reviews.standing import Standing, standing
from qa.reviews.worth import Loss, Worth, losses
from qa.scoring import Criterion, Kind

# Other calls of the same caller are looked for so far around a call, as the list of calls does.
BEFORE, AFTER = timedelta(days=28), timedelta(days=7)
MOST_OTHERS = 8
# Keys that choose an option.
DIGITS = "123456789"
# Of a suggestion so many lines are shown.
_MOST_LINES = 5
_RELATED = (
    "version__card",
    "agent",
    "team",
    "queue",
    "site__quality_rules",
    "reviewer",
    "drawn__drawn__draw__plan",
    "session_call__session",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as it is offered: `key` chooses it on the keyboard, "" where there are too many;
    `is_its_name` says that its name is that key."""

    id: str
    name: str
    anchor: str
    key: str
    is_its_name: bool
    fails: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class HintLine:
    """A line that a suggestion rests on, and what was said there."""

    line: int
    at_ms: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Hint:
    """What an automatic check makes of a criterion; `lines` are those that it rests on,
    `looked_for` is what was not said where there are none, `right` how often people said so. It is
    accepted once the answer is the same and its lines are pinned."""

    pk: int
    name: str
    words: str
    value: str
    skipped: bool
    confidence: float
    lines: tuple[HintLine, ...]
    is_accepted: bool = False
    looked_for: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion with its words and what was answered. `number` counts criteria of the card from
    1. `lacks` is what is missing or wrong, in words."""

    number: int
    criterion: Criterion
    words: CriterionWords
    value: str
    skipped: bool
    comment: str
    choices: tuple[Choice, ...]
    is_shown: bool
    pins: tuple[Evidence, ...]
    hints: tuple[Hint, ...]
    lacks: str = ""
    # A check has answered it, and the reviewer has not said otherwise yet.
    is_filled: bool = False
    # What it did to the score; None: it is not asked.
    worth: Worth | None = None

    @property
    def key(self) -> str:
        return self.criterion.id

    @property
    def shown_when(self) -> str:
        """What it hangs on, as the screen's script reads it: [criterion, its options], or empty."""
        conditions = [[one.criterion, sorted(one.options)] for one in self.criterion.shown_if]
        return json.dumps(conditions) if conditions else ""

    @property
    def may_skip(self) -> bool:
        return self.criterion.may_skip or self.criterion.is_bonus

    @property
    def is_chosen(self) -> bool:
        return bool(self.choices)

    @property
    def is_number(self) -> bool:
        return self.criterion.kind == Kind.NUMBER

    @property
    def said(self) -> str:
        """The answer in words; empty: there is none."""
        if self.skipped:
            return _("not applicable")
        named = next((one.name for one in self.choices if one.chosen), self.value)
        return f"{named} {self.words.unit}".strip() if named and self.is_number else named

    @property
    def anchor(self) -> str:
        """What the option that was chosen looks like on a call."""
        return "" if self.skipped else described(self.criterion.kind, self.words, self.value)

    @property
    def is_answered(self) -> bool:
        return self.skipped or bool(self.value)

    @property
    def has_more(self) -> bool:
        """Whether there is more to read than its help."""
        words = self.words
        return bool(words.why or words.good or words.bad or words.links)

    @property
    def has_anchors(self) -> bool:
        return any(one.anchor for one in self.choices)

    @property
    def comments_at_once(self) -> bool:
        return bool(self.comment) or bool(self.lacks)

    @property
    def comment_below(self) -> int | None:
        below = self.criterion.comment_below
        return None if below is None else int(below * 100)


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its criteria, and what it has of its points, of 100; None: nothing of it
    counts."""

    id: str
    name: str
    asked: tuple[Asked, ...]
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line of a transcript; `number` from 1, `seconds` None: not known when."""

    number: int
    start_ms: int | None
    end_ms: int | None
    speaker: str
    who: str
    words: str
    is_pinned: bool

    @property
    def seconds(self) -> float | None:
        return None if self.start_ms is None else self.start_ms / 1000


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said on a call, and what of it is hidden, in words."""

    lines: tuple[SaidLine, ...]
    hidden: str
    language: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a call: `call` None where it is gone with its month. `refusal` says why it
    may not be heard; then there is neither recording nor transcript. `hears` and `reads`: whether
    the reader has the right to either."""

    call: Call | None
    refusal: str
    recording: Recording
    spoken: Spoken | None
    picture: timeline.Picture | None
    parts: tuple[timeline.Part, ...]
    rings: tuple[timeline.Part, ...]
    surveys: tuple[SurveyResponse, ...]
    others: tuple[Call, ...]
    note: str
    note_by: str
    hears: bool
    reads: bool


@dataclass(frozen=True, slots=True)
class Screen:
    """All that a reviewer's screen shows."""

    evaluation: Evaluation
    card: Card
    standing: Standing
    parts: tuple[Part, ...]
    pins: tuple[Evidence, ...]
    heard: Heard
    wrong: Mapping[str, str] = field(default_factory=dict)

    @property
    def lost(self) -> Sequence[Loss]:
        """Where points were lost, the most first."""
        return losses(
            Loss(f"criterion-{one.number}", one.words.name, one.said, one.worth)
            for part in self.parts
            for one in part.asked
            if one.worth is not None
        )

    @property
    def all_pins(self) -> list[Evidence]:
        """Those of the whole, then those of each criterion."""
        return [
            *self.pins,
            *(pin for part in self.parts for one in part.asked for pin in one.pins),
        ]


def open_of(user: User, pk: int) -> Evaluation | None:
    """A review that the user has to do, or has begun, and whether its call may be swapped."""
    rows = _with_rules(Evaluation.objects.reviewed_by(user).open().with_swap())
    found: Evaluation | None = rows.filter(pk=pk).first()
    return found


def seen(user: User) -> QuerySet[Evaluation]:
    """Reviews that the user may know of, with what is told of them; `is_told` of each whether that
    is what was answered, too."""
    rows: QuerySet[Evaluation] = Evaluation.objects.visible_to(user).told_to(user)
    return _with_rules(rows)


def _with_rules(rows: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    """Reviews with what is told of them, and what `rules_of` says."""
    agreed = must_agree("site__country", "site__region")
    return rows.select_related(*_RELATED).annotate(must_agree=agreed)


def rules_of(evaluation: Evaluation) -> QualityRules:
    """The rules of a review's site, with which it was read (`seen`); else one query."""
    agreed: bool | None = getattr(evaluation, "must_agree", None)
    if agreed is None:
        return facts.rules_of(evaluation.site_id)
    kept: QualityRules | None = getattr(evaluation.site, "quality_rules", None)
    rules = kept or QualityRules(site=evaluation.site)
    rules.must_agree = agreed
    return rules


def screen(
    evaluation: Evaluation,
    user: User,
    folder: str,
    now: datetime,
    sent: Sequence[Answer] | None = None,
    wrong: Mapping[str, str] | None = None,
    told: bool = False,
) -> Screen:
    """A review's screen. `sent` are answers that were sent and not kept, in place of those that
    are; `wrong` is what is wrong with them, by its place; `told`: what is missing is said."""
    card = cards.read(evaluation.version.form)
    rows = list(evaluation.answers.select_related("criterion")) if sent is None else list(sent)
    pins = list(evaluation.evidence.select_related("criterion"))
    there = standing(card, rows)
    may_read = not _refusal(evaluation, None) and rights.may(user, "transcripts")
    spoken, hints = _spoken(evaluation, pins) if may_read else (None, ())
    heard = _heard(evaluation, user, folder, now, spoken)
    return Screen(
        evaluation,
        card,
        there,
        _parts(card, rows, pins, hints if not heard.refusal else (), there, wrong or {}, told),
        tuple(one for one in pins if one.criterion_id is None),
        heard,
        wrong or {},
    )


def _refusal(evaluation: Evaluation, call: Call | None) -> str:
    return facts.why_not_reviewed(evaluation, call, rules_of(evaluation))


def _heard(
    evaluation: Evaluation, user: User, folder: str, now: datetime, spoken: Spoken | None
) -> Heard:
    note = CallNote.objects.filter(call=OuterRef("pk"), is_current=True)
    rows = Call.objects.select_related("site", "queue", "topic", "disposition").annotate(
        note_words=Subquery(note.values("words")[:1]),
        note_by=Subquery(note.values("author__username")[:1]),
    )
    call = rows.filter(pk=evaluation.call_id).first()
    refusal = _refusal(evaluation, call)
    hears, reads = rights.may(user, "recordings"), rights.may(user, "transcripts")
    if call is None:
        return Heard(None, refusal, Recording(), None if refusal else spoken, None, (), (), (), (),
                     "", "", hears, reads)  # fmt: skip
    parts = _course(call, evaluation, user, now)
    return Heard(
        call=call,
        refusal=refusal,
        recording=recordings.of(call.recording, folder) if hears and not refusal else Recording(),
        spoken=None if refusal else spoken,
        picture=timeline.picture(call, parts),
        parts=tuple(part for part in parts if part.kind != timeline.RING),
        rings=tuple(part for part in parts if part.kind == timeline.RING),
        surveys=tuple(SurveyResponse.objects.filter(call=call.pk)),
        others=tuple(_others(call, user)),
        note=call.note_words or "",
        note_by=call.note_by or "",
        hears=hears,
        reads=reads,
    )


def _course(call: Call, evaluation: Evaluation, user: User, now: datetime) -> list[timeline.Part]:
    """The parts of a call; of other agents those are named that the reader may know about."""
    known = Agent.objects.visible_to(user).filter(pk=OuterRef("agent"))
    rings = call.offers.annotate(is_known=Exists(known)).select_related("agent")
    found = list(rings.order_by("starts_at", "pk"))
    names = {one.agent_id: one.agent.name for one in found if one.is_known}
    return timeline.parts(call, found, names | {evaluation.agent_id: evaluation.agent.name}, now)


def _others(call: Call, user: User) -> Iterable[Call]:
    if not call.caller_hash:
        return ()
    rows = (
        Call.objects.visible_to(user)
        .offered_between(call.offered_at - BEFORE, call.offered_at + AFTER)
        .filter(site=call.site_id, caller_hash=call.caller_hash)
        .exclude(pk=call.pk)
        .select_related("queue", "agent")
    )
    return rows.order_by("-offered_at", "-pk")[:MOST_OTHERS]


def _spoken(
    evaluation: Evaluation, pins: Iterable[Evidence]
) -> tuple[Spoken | None, Sequence[Suggestion]]:
    """What was said, and what automatic checks make of it, as far as the reviewer is to see it."""
    there = CallTranscript.objects.filter(call=evaluation.call_id).first()
    if there is None:
        return None, ()
    rows = Suggestion.objects.shown_in(evaluation)
    hints = list(rows.select_related(*suggested.RELATED).defer(*suggested.DEFERRED))
    return spoken(there, pins), hints


def spoken(there: CallTranscript, pins: Iterable[Evidence]) -> Spoken:
    """A transcript as its reader has it: its lines, those that a review points at marked, and what
    of it is hidden. No query."""
    pinned = {one.line for one in pins if one.line is not None}
    lines = tuple(
        SaidLine(
            number=number,
            start_ms=line.get("start_ms"),
            end_ms=line.get("end_ms"),
            speaker=str(line.get("speaker") or "unknown"),
            who=_who(line),
            words=str(line.get("words") or ""),
            is_pinned=number in pinned,
        )
        for number, line in enumerate(there.lines, start=1)
    )
    return Spoken(lines, _hidden(there.masked), there.language)


def _who(line: Mapping[str, Any]) -> str:
    """Who speaks: the role, or what the source called them."""
    roles = {"agent": _("Agent"), "caller": _("Caller")}
    return roles.get(str(line.get("speaker")), "") or str(line.get("label") or "–")


def _hidden(masked: Mapping[str, int]) -> str:
    """What was hidden, by kind: "2 card numbers, 1 postcode are hidden"."""
    words = {
        "card": lambda n: ngettext("%(n)s card number", "%(n)s card numbers", n),
        "code": lambda n: ngettext("%(n)s security code", "%(n)s security codes", n),
        "iban": lambda n: ngettext("%(n)s account number", "%(n)s account numbers", n),
        "phone": lambda n: ngettext("%(n)s telephone number", "%(n)s telephone numbers", n),
        "email": lambda n: ngettext("%(n)s mail address", "%(n)s mail addresses", n),
        "postcode": lambda n: ngettext("%(n)s postcode", "%(n)s postcodes", n),
    }
    parts = [
        (words[kind](many) if kind in words else f"%(n)s {kind.replace('_', ' ')}") % {"n": many}
        for kind, many in masked.items()
        if many
    ]
    return _("hidden: %(what)s") % {"what": ", ".join(parts)} if parts else ""


def _parts(
    card: Card,
    rows: Iterable[Answer],
    pins: Iterable[Evidence],
    hints: Iterable[Suggestion],
    there: Standing,
    wrong: Mapping[str, str],
    told: bool,
) -> tuple[Part, ...]:
    answers = {one.criterion.key: one for one in rows}
    numbers = {one.id: number for number, one in enumerate(card.form.criteria(), start=1)}
    found = []
    for section in card.form.sections:
        asked = []
        for one in section.criteria:
            answer = answers.get(one.id)
            mine = tuple(pin for pin in pins if pin.criterion and pin.criterion.key == one.id)
            lacks = _wrong_at(wrong, one.id)
            if told and not lacks:
                lacks = lacking(there, one.id)
            asked.append(
                Asked(
                    number=numbers[one.id],
                    criterion=one,
                    words=card.criteria[one.id],
                    value=answer.value if answer else "",
                    skipped=bool(answer and answer.skipped),
                    comment=answer.comment if answer else "",
                    choices=_choices(one, card.criteria[one.id], answer),
                    is_shown=one.id in there.shown,
                    pins=mine,
                    hints=tuple(
                        hint_of(card, each, answer, mine)
                        for each in hints
                        if each.criterion.key == one.id
                    ),
                    lacks=lacks,
                    is_filled=bool(answer and answer.hint == Answer.Hint.FILLED),
                    worth=there.worth.get(one.id),
                )
            )
        percent = there.sections[section.id]
        found.append(Part(section.id, card.sections[section.id], tuple(asked), percent))
    return tuple(found)


def _wrong_at(wrong: Mapping[str, str], key: str) -> str:
    """What is wrong with what was sent for a criterion; empty: nothing."""
    place = f"/answers/{escaped(key)}/"
    return next((words for at, words in wrong.items() if f"{at}/".startswith(place)), "")


def lacking(there: Standing, key: str) -> str:
    """What is missing at a criterion, in words."""
    if key in there.open:
        return _("Not answered yet.")
    if key in there.unsaid:
        return _("Say why: so low an answer needs a comment.")
    return ""


def _choices(
    criterion: Criterion, words: CriterionWords, answer: Answer | None
) -> tuple[Choice, ...]:
    """The options with their keys: where all are called by a digit of their own that is their key,
    else their place."""
    names = [words.options[one.id].name for one in criterion.options]
    by_name = len({*names}) == len(names) and all(
        len(name) == 1 and name in "0123456789" for name in names
    )
    chosen = answer.value if answer and not answer.skipped else None
    return tuple(
        Choice(
            id=one.id,
            name=name,
            anchor=words.options[one.id].anchor,
            key=name if by_name else (DIGITS[place] if place < len(DIGITS) else ""),
            is_its_name=by_name,
            fails=one.fails and bool(criterion.fails),
            chosen=one.id == chosen,
        )
        for place, (one, name) in enumerate(zip(criterion.options, names, strict=True))
    )


def hint_of(
    card: Card, one: Suggestion, answer: Answer | None = None, pins: Iterable[Evidence] = ()
) -> Hint:
    """What an automatic check says, with the lines that it says it by; beside the answer and the
    evidence that there is of its criterion."""
    key = one.criterion.key
    words = _("not applicable") if one.skipped else card.option(key, one.value)
    lines = tuple(
        HintLine(line, said.get("at_ms"), str(said.get("quote") or ""))
        for each in (one.evidence if isinstance(one.evidence, list) else [])
        for said in [each if isinstance(each, dict) else {"line": each}]
        for line in [said.get("line")]
        if isinstance(line, int) and not isinstance(line, bool)
    )[:_MOST_LINES]
    is_same = answer is not None and (answer.value, answer.skipped) == (one.value, one.skipped)
    pinned = {pin.line for pin in pins}
    name = one.rule.name if one.rule is not None else _("learned from reviews")
    return Hint(
        one.pk, name, words or str(one.verdict), one.value, one.skipped, one.confidence, lines,
        is_same and all(said.line in pinned for said in lines),
        suggested.looked_for(one), suggested.right(one),
    )  # fmt: skip


def may_hear(user: Viewer, pk: UUID) -> Call | None:
    """A call whose recording the user may hear: one that they may open, or that they review, or of
    whose review they read. Whether its caller agreed is another matter."""
    call: Call | None = Call.objects.filter(pk=pk).select_related("site").first()
    if call is None:
        return None
    if Call.objects.visible_to(user).filter(pk=call.pk).exists():
        return call
    reviewed = Evaluation.objects.visible_to(user).filter(Q(call=call.pk) & ~Q(state="dropped"))
    return call if reviewed.exists() else None
