"""A review's form as it is sent without a script: read, laid over what is kept, set beside it."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from ccm.database import MOST_ID
from qa import cards
from qa.models import Answer, CardCriterion, Evaluation, Suggestion
from qa.reviews import reads, saying
from qa.reviews.saying import Changes, Said

MOST_REVISION = (1 << 31) - 1


def from_form(post: QueryDict, evaluation: Evaluation, card: cards.Card) -> dict[str, Any]:
    """A sent form as `saying.read` takes it."""
    answers: dict[str, Any] = {}
    pins: list[Any] = []
    for one in card.form.criteria():
        said: dict[str, Any] = {}
        value = post.get(f"a-{one.id}")
        if one.options:
            if value is not None:
                said = {"skipped": value == "na", "value": value.removeprefix("o:")}
                if said["skipped"]:
                    said["value"] = ""
        elif value is not None:
            skipped = post.get(f"n-{one.id}") == "na"
            said = {"skipped": skipped, "value": "" if skipped else value}
        if (comment := post.get(f"c-{one.id}")) is not None:
            said["comment"] = comment
        if said:
            answers[one.id] = said
        pins += _pinned(one.id, post.get(f"e-{one.id}", ""))
    pins += _pinned("", post.get("e-", ""))
    if (accepted := _id(post.get("accept", ""))) is not None:
        _accept(evaluation, accepted, answers, pins)
    found: dict[str, Any] = {"answers": answers, "pins": pins}
    if "comment" in post:
        found["comment"] = post["comment"]
    if (unpinned := _id(post.get("unpin", ""))) is not None:
        found["unpinned"] = [unpinned]
    return found


def _id(word: str) -> int | None:
    """A row's number; None: it is that of none."""
    if not word.isdecimal() or len(word) > 19 or int(word) > MOST_ID:
        return None
    return int(word)


def _pinned(criterion: str, word: str) -> list[dict[str, Any]]:
    """A second that is typed, as "2:06" or "126"; what is none is told as one that cannot be."""
    if not (word := word.strip()):
        return []
    parts = word.split(":")
    if len(parts) > 3 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        return [{"criterion": criterion, "at_ms": -1}]
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return [{"criterion": criterion, "at_ms": seconds * 1000}]


def _accept(evaluation: Evaluation, pk: int, answers: dict[str, Any], pins: list[Any]) -> None:
    """Take what an automatic check suggests for one's own, with the lines that it rests on."""
    rows = Suggestion.objects.shown_in(evaluation).select_related("criterion", "rule", "scorer")
    one = rows.filter(pk=pk).first()
    if one is None:
        return
    key = one.criterion.key
    answers[key] = answers.get(key, {}) | {"value": one.value, "skipped": one.skipped}
    hint = reads.hint_of(cards.read(evaluation.version.form), one)
    pins += [{"criterion": key, "line": said.line, "at_ms": said.at_ms} for said in hint.lines]


def overlaid(evaluation: Evaluation, changes: Changes, said: Mapping[str, Any]) -> list[Answer]:
    """Answers as they are kept, with what was sent over them, right or wrong: nothing is lost that
    somebody typed."""
    kept = {one.criterion.key: one for one in evaluation.answers.select_related("criterion")}
    rows = CardCriterion.objects.filter(card=evaluation.version.card_id)
    criteria = {one.key: one for one in rows}
    card = cards.read(evaluation.version.form)
    for key, sent in said.get("answers", {}).items():
        if key not in criteria:
            continue
        one = kept.get(key) or Answer(evaluation=evaluation, criterion=criteria[key])
        right = changes.answers.get(key) or Said()
        if right.value is not None:
            one.value, one.skipped = right.value, bool(right.skipped)
        elif "value" in sent and not card_wrong(card, key, sent):
            one.value, one.skipped = str(sent["value"])[:2000], bool(sent.get("skipped"))
        if "comment" in sent:
            one.comment = str(sent["comment"])
        kept[key] = one
    return list(kept.values())


def card_wrong(card: cards.Card, key: str, sent: Mapping[str, Any]) -> bool:
    """Whether an answer cannot be reckoned with."""
    _changes, wrong = saying.read(card, {"answers": {key: dict(sent)}})
    return any(place.endswith(("/value", "/skipped")) for place in wrong)


def differences(card: cards.Card, evaluation: Evaluation, changes: Changes) -> list[dict[str, str]]:
    """What was sent and what is kept, where they differ, in words."""
    kept = {one.criterion.key: one for one in evaluation.answers.select_related("criterion")}
    found = []
    for key, said in changes.answers.items():
        there = kept.get(key)
        if said.value is not None:
            mine = _words(card, key, said.value, bool(said.skipped))
            was = there and _words(card, key, there.value, there.skipped)
            if mine != (was or ""):
                found.append({"name": card.name(key), "mine": mine or "–", "kept": was or "–"})
        if said.comment is not None and said.comment != (there.comment if there else ""):
            name = _("%(name)s, comment") % {"name": card.name(key)}
            was = there.comment if there else ""
            found.append({"name": name, "mine": said.comment or "–", "kept": was or "–"})
    if changes.comment is not None and changes.comment != evaluation.comment:
        found.append(
            {
                "name": _("Comment on the whole"),
                "mine": changes.comment or "–",
                "kept": evaluation.comment or "–",
            }
        )
    return found


def _words(card: cards.Card, key: str, value: str, skipped: bool) -> str:
    return _("not applicable") if skipped else card.option(key, value)


def revision_of(word: object) -> int | None:
    if isinstance(word, str) and word.isdecimal() and len(word) < 11:
        word = int(word)
    is_whole = isinstance(word, int) and not isinstance(word, bool)
    return word if is_whole and 0 <= word <= MOST_REVISION else None  # type: ignore[operator,return-value]
