"""Surveys of people for tests."""

from datetime import date, timedelta
from typing import Any

from ccm.models import Site
from coaching.models import PulseAnswer, PulseQuestion, PulseSurvey
from tests.builders import NINE

MONDAY = date(2026, 3, 2)
ASKED = (("Would you recommend us?", "ten"), ("I get help", "five"), ("What first?", "words"))


def a_pulse(site: Site, *asked: tuple[str, str], **more: Any) -> PulseSurvey:
    """A week from the Monday of NINE, with a question of each scale."""
    said = {
        "title": "March", "opens_on": MONDAY, "closes_on": MONDAY + timedelta(days=6),
        "made_at": NINE, **more,
    }  # fmt: skip
    made: PulseSurvey = PulseSurvey.objects.create(site=site, **said)
    PulseQuestion.objects.bulk_create(
        PulseQuestion(survey=made, place=place, text=text, scale=scale)
        for place, (text, scale) in enumerate(asked or ASKED, start=1)
    )
    return made


def answered(survey: PulseSurvey, place: int, *said: int | str) -> None:
    """Answers to a question of a survey."""
    question = survey.questions.get(place=place)
    PulseAnswer.objects.bulk_create(
        PulseAnswer(question=question, words=one)
        if isinstance(one, str)
        else PulseAnswer(question=question, score=one)
        for one in said
    )
