"""Calls that were recorded and written down, for reviews."""

import math
import struct
import wave
from pathlib import Path
from typing import Any

from django.conf import settings

from ccm.models import Call
from qa import cards
from qa.models import (
    AgentDraw,
    CallTranscript,
    CardCriterion,
    CheckRule,
    DrawnCall,
    Evaluation,
    PlanDraw,
    SamplingPlan,
    Scorecard,
    Suggestion,
)
from qa.reviews import saying, services
from tests.builders import NINE
from tests.qa.builders import a_plan, an_evaluation, told_by

SAID = (
    (4000, 10_000, "agent", "Good afternoon, you are through to Technical, my name is Sam."),
    (11_000, 18_000, "caller", "My line has dropped three times since this morning."),
    (19_000, 30_000, "agent", "I am sorry. May I take the postcode and the last bill amount?"),
    (31_000, 37_000, "caller", "•••• •••, forty-two pounds."),
    (38_000, 60_000, "agent", "Thank you. I can see the fault on the card since the 4.2 update."),
    (200_000, 206_000, "agent", "It is back up on my side. Can you see the light turn green?"),
)


def a_transcript(call: Call, **more: Any) -> CallTranscript:
    lines = [
        {"start_ms": start, "end_ms": end, "speaker": who, "label": "", "words": words}
        for start, end, who, words in SAID
    ]
    said = {
        "site_id": call.site_id, "queue_id": call.queue_id, "agent_id": call.agent_id,
        "called_at": call.offered_at, "language": "en", "lines": lines,
        "masked": {"postcode": 1}, "digest": "0" * 64, "made_at": NINE,
    } | more  # fmt: skip
    return CallTranscript.objects.create(call=call, **said)


def a_suggestion(evaluation: Evaluation, key: str = "greeting", **more: Any) -> Suggestion:
    """That a rule thinks a criterion is met, by line 1."""
    transcript = CallTranscript.objects.get(call=evaluation.call_id)
    criterion = CardCriterion.objects.get(card=evaluation.version.card, key=key)
    rule = CheckRule.objects.create(
        site=evaluation.site, name=f"Says {key}", criterion=criterion, rule={}, changed_at=NINE
    )
    said = {
        "value": "yes",
        "confidence": 0.9,
        "evidence": [{"line": 1, "at_ms": 4000, "quote": "Good"}],
    }
    return Suggestion.objects.create(
        transcript=transcript, rule=rule, criterion=criterion, card=evaluation.version.card,
        at=NINE, **said | more,
    )  # fmt: skip


def a_recording(name: str = "call.wav", seconds: float = 12) -> Path:
    """A tone, silence in its middle third, then a tone again, as a file in the folder."""
    rate = 8000
    many = int(seconds * rate)
    loud = [0.0 if many / 3 <= at < 2 * many / 3 else 0.6 for at in range(many)]
    samples = (
        int(32_000 * one * math.sin(at / 7) * (0.5 + 0.5 * math.sin(at / 900)))
        for at, one in enumerate(loud)
    )
    path = Path(settings.RECORDINGS) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return path


def a_drawn_review(call: Call, reviewer: Any = None, **more: Any) -> Evaluation:
    """Of a call that a plan drew, one of five of sixty."""
    plan = more.pop("plan", None) or SamplingPlan.objects.filter(site=call.site).first()
    plan = plan or a_plan(call.site, Scorecard.objects.filter(site=call.site).first())
    draw, _made = PlanDraw.objects.get_or_create(
        plan=plan, first_day=plan.starts_on,
        defaults={
            "site": call.site, "next_day": plan.starts_on.replace(day=plan.starts_on.day + 7),
            "seed": "s", "how": told_by(plan), "digest": "0" * 64, "eligible": 60, "due_at": NINE,
            "made_at": NINE,
        },
    )  # fmt: skip
    of_agent, _made = AgentDraw.objects.get_or_create(
        draw=draw, agent=call.agent,
        defaults={"wanted": 5, "eligible": 60, "calls": b"", "of_strata": b"", "digest": "0" * 64},
    )  # fmt: skip
    drawn, _made = DrawnCall.objects.get_or_create(
        drawn=of_agent,
        call=call,
        defaults={"layer": 0, "n": 5, "of": 60, "stratum": f"queue:{call.queue_id}|length:600-"},
    )
    version = plan.card.versions.get(state="published")
    return an_evaluation(call, reviewer, kind="drawn", drawn=drawn, version=version, **more)


def changes(evaluation: Evaluation, comment: str | None = None, **answers: Any) -> saying.Changes:
    """Answers by keys: a value, None for "not applicable", or (value, comment)."""
    said: dict[str, Any] = {"answers": {}}
    for key, value in answers.items():
        value, words = value if isinstance(value, tuple) else (value, None)
        one: dict[str, Any] = {"value": value or "", "skipped": value is None}
        said["answers"][key] = one if words is None else one | {"comment": words}
    if comment is not None:
        said["comment"] = comment
    read, wrong = saying.read(cards.read(evaluation.version.form), said)
    assert not wrong, wrong
    return read


def answered(evaluation: Evaluation, now: Any = NINE, **answers: Any) -> Evaluation:
    """The same review with these answers."""
    given = changes(evaluation, **answers)
    return services.save(evaluation, evaluation.reviewer, evaluation.revision, given, now)
