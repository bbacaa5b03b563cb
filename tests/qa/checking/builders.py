"""Transcripts and checks that say only what matters to a test."""

import json
from collections.abc import Sequence
from typing import Any

from ccm.models import Call, Queue, Site, User
from qa.checking import services
from qa.checks import Rule, rule_from_json
from qa.models import Answer, CallTranscript, CardCriterion, CheckRule, Evaluation
from qa.transcribed import services as transcribed
from qa.transcribed.sent import Given
from tests.builders import NINE, a_call, a_user
from tests.qa.builders import a_card, a_reviewed_agent, an_evaluation, finished

POLITE = ("Agent: Thank you for calling, this is Ann.", "Customer: My line is down.")
RUDE = ("Agent: What is it?", "Customer: My line is down.")


def told(call: Call, *lines: str, who: User | None = None, **more: Any) -> CallTranscript:
    """The kept transcript of a call, by lines as "Agent: ..."."""
    keeper = who or a_user("admin")
    given = Given("t", "\n".join(lines), call=call.pk, **more)
    (fate,) = transcribed.keep([given], keeper, NINE)
    assert fate.what in ("stored", "updated", "same"), fate
    return CallTranscript.objects.get(call=call.pk)


def vtt(*cues: tuple[float, float, str, str]) -> str:
    """WebVTT of cues (start, end, who, words) in seconds."""
    rows = ["WEBVTT", ""]
    for start, end, who, words in cues:
        rows += [f"{_clock(start)} --> {_clock(end)}", f"<v {who}>{words}", ""]
    return "\n".join(rows)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes):02d}:{rest:06.3f}"


def criterion(site: Site, key: str = "greeting") -> CardCriterion:
    """A criterion of the site's card, which is made where there is none."""
    found = CardCriterion.objects.filter(card__site=site, key=key).first()
    if found is None:
        a_card(site)
        found = CardCriterion.objects.get(card__site=site, key=key)
    return found


def says(*phrases: str, of: CardCriterion, **more: Any) -> Rule:
    """A rule that one of these is said by the agent, anywhere."""
    kept = {
        "kind": "say", "said": [{"text": one} for one in phrases],
        "met": {"value": "yes"}, "broken": {"value": "no"},
    }  # fmt: skip
    return rule_from_json(kept | more, id="new", criterion=str(of.pk))


def a_check(
    site: Site,
    rule: Rule | None = None,
    name: str = "Thanks",
    key: str = "greeting",
    queues: Sequence[Queue] = (),
    who: User | None = None,
    **more: Any,
) -> CheckRule:
    """A kept rule; unless told otherwise the agent has to say "thank you for calling"."""
    of = criterion(site, key)
    row = CheckRule(site=site, name=name, criterion=of, languages=more.pop("languages", []))
    keeper = who or a_user("admin")
    made = rule or says("thank you for calling", of=of, **more)
    return services.keep(row, made, queues, keeper, NINE)


def reviewed(
    call: Call, answer: str = "yes", reviewer: User | None = None, **more: Any
) -> Evaluation:
    """A finished review of a call in which the greeting was answered so."""
    evaluation = finished(an_evaluation(call, reviewer, **more))
    Answer.objects.create(
        evaluation=evaluation, criterion=criterion(call.site), value=answer,
        hint=more.get("hint", ""),
    )  # fmt: skip
    return evaluation


def an_answered_call(queue: Queue, **more: Any) -> Call:
    return a_call(queue, agent=more.pop("agent", None) or a_reviewed_agent(queue.site), **more)


def as_lines(*given: dict[str, Any]) -> bytes:
    """JSON lines."""
    return "\n".join(json.dumps(one) for one in given).encode()
