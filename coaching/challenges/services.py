"""Registers challenges, and decides them by their rule."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import DAY, day_of
from ccm.models import Team, User
from coaching.challenges import reads
from coaching.models import Challenge

Outcome = Challenge.Outcome
log = logging.getLogger(__name__)
LONGEST = timedelta(days=366)
TWICE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Rule:
    team: Team
    name: str
    kpi: str
    first_on: date
    last_on: date
    fewest: int
    reward: str
    each_month: bool = False


@transaction.atomic
def register(rule: Rule, who: User, now: datetime) -> Challenge:
    """Say a rule before it begins, which stays as it is. A post that comes twice makes one.

    Raises ValidationError where it begins today or earlier, ends before it begins, lasts longer
    than a year, or asks for each month and is not of two whole ones or more.
    """
    Team.objects.select_for_update(no_key=True).get(pk=rule.team.pk)
    said = {name: getattr(rule, name) for name in Rule.__slots__}
    same: Challenge | None = Challenge.objects.filter(
        made_by=who, made_at__gt=now - TWICE, **said
    ).first()
    if same is not None:
        return same
    if rule.first_on <= day_of(now, rule.team.site.calendar):
        raise ValidationError({"first_on": _("It begins tomorrow at the earliest.")})
    if rule.last_on < rule.first_on:
        raise ValidationError({"last_on": _("It ends before it starts.")})
    if rule.last_on - rule.first_on >= LONGEST:
        raise ValidationError({"last_on": _("It lasts a year at most.")})
    if rule.each_month and not _is_of_months(rule.first_on, rule.last_on):
        words = _("Then it begins on the first of a month and ends on the last of another.")
        raise ValidationError({"each_month": words})
    made: Challenge = Challenge.objects.create(made_by=who, made_at=now, **said)
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


def _is_of_months(first: date, last: date) -> bool:
    """Whether it is of two whole calendar months or more: of part of one few would be known."""
    return (
        first.day == 1
        and (last + DAY).day == 1
        and (first.year, first.month)
        != (
            last.year,
            last.month,
        )
    )


@transaction.atomic
def call_off(pk: int, who: User, now: datetime) -> None:
    """Have one be there no more that has not begun. Called off twice, it is gone once. Raises
    ValidationError once it has begun."""
    one = _rows().filter(pk=pk).first()
    if one is None:
        return
    if reads.has_begun(one, now):
        raise ValidationError(_("It has begun, and goes on to its end."))
    audit.record(who, one, before=values(one), after=None, now=now)
    one.delete()


@transaction.atomic
def decide(pk: int, now: datetime) -> Challenge:
    """Decide one by its rule: whoever's range of ranks is the first place alone has won; where
    nobody's is, it is too close to call. Where it asks for each month, whoever missed one has not
    won. Decided twice it stays as it was first; one that is not due stays open."""
    one: Challenge = _rows().get(pk=pk)
    if one.outcome or not reads.is_due(one, now):
        return one
    found = reads.standing(one, None, now)
    assert found is not None
    before = values(one)
    first = [place.agent for place in found.places if (place.rank.best, place.rank.worst) == (1, 1)]
    one.outcome = Outcome.FEW if found.why == "few" else Outcome.CLOSE
    if len(first) == 1:
        one.missed_in = reads.missed_in(one, first[0]) if one.each_month else None
        if one.missed_in is None:
            one.outcome, one.winner_id = Outcome.WON, first[0]
        else:
            one.outcome = Outcome.BROKE
    one.decided_at = now
    one.save(update_fields=["outcome", "winner", "missed_in", "decided_at"])
    audit.record(None, one, before=before, after=values(one), now=now)
    return one


@transaction.atomic
def give(pk: int, who: User, now: datetime) -> Challenge:
    """Say that the reward was given. Said twice it was given once. Raises ValidationError where
    nobody has won."""
    one: Challenge = _rows().get(pk=pk)
    if one.given_at is not None:
        return one
    if one.outcome != Outcome.WON:
        raise ValidationError(_("Nobody has won it."))
    before = values(one)
    one.given_at, one.given_by = now, who
    one.save(update_fields=["given_at", "given_by"])
    audit.record(who, one, before=before, after=values(one), now=now)
    return one


def decide_due(now: datetime) -> int:
    """Decide all that are due, each by itself; how many were decided. Safe to run twice. One that
    fails holds up no other."""
    rows = Challenge.objects.filter(outcome="", last_on__lt=now.date()).select_related("team__site")
    many = 0
    for one in [one for one in rows.order_by("pk") if reads.is_due(one, now)]:
        try:
            decide(one.pk, now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("deciding challenge %d failed", one.pk)
        else:
            many += 1
    return many


def values(one: Challenge) -> dict[str, Any]:
    return audit.values_of(one, ("id", "made_by", "made_at"))


def _rows() -> Any:
    return Challenge.objects.select_for_update(of=("self",)).select_related("team__site")
