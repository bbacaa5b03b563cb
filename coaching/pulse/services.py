"""Writes surveys of people and what is answered to them.

Of an answer this keeps what was said. Nothing here takes who said it: who has answered comes as a
mark (`coaching.pulse.marks`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, Team, User
from coaching.models import PulseAnswer, PulseQuestion, PulseSurvey, PulseTurn
from coaching.pulse import FEWEST, mixing, reads
from coaching.pulse.apart import is_enough, leaves_a_few

Kind, Scale = PulseSurvey.Kind, PulseQuestion.Scale
LONGEST = timedelta(days=28)
LONGEST_EXIT = timedelta(days=366)
BETWEEN = timedelta(days=14)
"""The same people are asked again so long after the last survey was over, at the earliest."""
TWICE = timedelta(minutes=2)


class Over(ValidationError):
    """It takes no answers: not yet, or not any more."""

    def __init__(self) -> None:
        super().__init__(_("It takes no answers by now."))


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey to be made; questions are (text, scale)."""

    site: Site
    team: Team | None
    kind: str
    title: str
    opens_on: date
    closes_on: date
    questions: Sequence[tuple[str, str]]


@transaction.atomic
def make(asked: Asked, who: User, now: datetime) -> PulseSurvey:
    """Make a survey, whose questions stay as they are. A post that comes twice makes one.

    Raises ValidationError for days that are over or too many, without a question on a scale, and
    for a group of fewer than five, one that was asked lately, or one beside which another would
    tell of a few.
    """
    Site.objects.select_for_update(no_key=True).get(pk=asked.site.pk)
    same: PulseSurvey | None = PulseSurvey.objects.filter(
        made_by=who, made_at__gt=now - TWICE, site=asked.site, team=asked.team, kind=asked.kind,
        title=asked.title, opens_on=asked.opens_on, closes_on=asked.closes_on,
    ).first()  # fmt: skip
    if same is not None:
        return same
    made = PulseSurvey(
        site=asked.site, team=asked.team, kind=asked.kind, title=asked.title,
        opens_on=asked.opens_on, closes_on=asked.closes_on, made_by=who, made_at=now,
    )  # fmt: skip
    _check(made, asked.questions, now)
    made.save()
    PulseQuestion.objects.bulk_create(
        PulseQuestion(survey=made, place=place, text=text, scale=scale)
        for place, (text, scale) in enumerate(asked.questions, start=1)
    )
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


@transaction.atomic
def call_off(pk: int, who: User, now: datetime) -> None:
    """Have a survey be there no more that nobody was asked yet. Called off twice, it is gone once.
    Raises ValidationError once it has begun: what people said stays theirs to be read."""
    one: PulseSurvey | None = (
        PulseSurvey.objects.select_for_update(of=("self",))
        .select_related("site")
        .filter(pk=pk)
        .first()
    )
    if one is None:
        return
    if one.opens_on <= one.day(now):
        raise ValidationError(_("It has begun, and stays."))
    audit.record(who, one, before=values(one), after=None, now=now)
    one.delete()


@transaction.atomic
def answer(survey: int, own: str, said: Mapping[int, int | str], now: datetime) -> None:
    """Keep answers to the questions of a survey, by their places. `own` is the mark of whoever
    answers. Said twice, the first stands.

    Raises Over where it is not open, ValidationError without a score of each scale.
    """
    one: PulseSurvey = PulseSurvey.objects.select_for_update(no_key=True, of=("self",)).get(
        pk=survey
    )
    if not one.is_open(now):
        raise Over
    if PulseTurn.objects.filter(survey=one, mark=own).exists():
        return
    rows = []
    for question in one.questions.all():
        value = said.get(question.place)
        if question.scale == Scale.WORDS:
            if isinstance(value, str) and value:
                rows.append(PulseAnswer(question=question, words=value))
            continue
        low, high = question.ends
        if not isinstance(value, int) or not low <= value <= high:
            raise ValidationError(_("Answer each question that has a scale."))
        rows.append(PulseAnswer(question=question, score=value))
    PulseAnswer.objects.bulk_create(rows)
    PulseTurn.objects.create(survey=one, mark=own)
    mixing.mix(one.pk)


def values(one: PulseSurvey) -> dict[str, Any]:
    return audit.values_of(one, ("id", "made_by", "made_at"))


def _check(one: PulseSurvey, questions: Sequence[tuple[str, str]], now: datetime) -> None:
    today = one.day(now)
    if one.opens_on < today:
        raise ValidationError({"opens_on": _("It begins today at the earliest.")})
    if one.closes_on < one.opens_on:
        raise ValidationError({"closes_on": _("It ends before it starts.")})
    longest = LONGEST_EXIT if one.kind == Kind.EXIT else LONGEST
    if one.closes_on - one.opens_on >= longest:
        words = _("It lasts %(n)d days at most.")
        raise ValidationError({"closes_on": words % {"n": longest.days}})
    if not any(scale != Scale.WORDS for _text, scale in questions):
        raise ValidationError(_("Ask at least one question on a scale."))
    if one.kind == Kind.EXIT:
        if one.team_id is not None:
            raise ValidationError({"team": _("An exit survey is of the whole site.")})
        _check_apart(one)
        return
    _check_group(one, today)


def _check_apart(one: PulseSurvey) -> None:
    """That nobody asks the same people at the same time: what one more has answered would tell of
    whoever it is."""
    lately = PulseSurvey.objects.filter(
        site=one.site, team=one.team, kind=one.kind, closes_on__gt=one.opens_on - BETWEEN,
        opens_on__lt=one.closes_on + BETWEEN,
    )  # fmt: skip
    if lately.exists():
        words = _("The same people are asked again %(n)d days after the last was over.")
        raise ValidationError({"opens_on": words % {"n": BETWEEN.days}})


def _check_group(one: PulseSurvey, today: date) -> None:
    asked = reads.group(one.site, one.team, today)
    if not is_enough(asked, FEWEST):
        words = _("These are fewer than %(n)d people: of so few nothing is asked.")
        raise ValidationError({"team": words % {"n": FEWEST}})
    _check_apart(one)
    beside = reads.groups_beside(one.site, one.opens_on, one.closes_on, today)
    if leaves_a_few(asked, beside, FEWEST):
        words = _(
            "Beside another survey of these months this would tell of fewer than %(n)d people what"
            " they said. Ask those that it asks, or later."
        )
        raise ValidationError({"team": words % {"n": FEWEST}})
