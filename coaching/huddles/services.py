"""Writes huddles. The audit log has that one was prepared and held, not what was said in it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Team, User
from coaching.following import services as following
from coaching.following.services import Step
from coaching.huddles import preparing, reads
from coaching.models import Action, Huddle, HuddlePoint, HuddleStep

Source = HuddlePoint.Source
MOST_POINTS = 60
AHEAD = timedelta(days=7)
TWICE = timedelta(minutes=2)
UNSAID = ("id", "notes", "made_by", "made_at", "revision")


class Stale(ValidationError):
    """Somebody else has changed the huddle meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@transaction.atomic
def prepare(team: Team, day: date, who: User, now: datetime) -> Huddle:
    """The huddle of a team on a day, with what it begins with; the one that is there already, where
    somebody has prepared it. Raises ValidationError for a day that is over or over a week ahead."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    there: Huddle | None = Huddle.objects.filter(team=team, day=day).first()
    if there is not None:
        return there
    today = day_of(now, team.site.calendar)
    if not today <= day <= today + AHEAD:
        raise ValidationError({"day": _("Prepare one of today, or of the next seven days.")})
    made: Huddle = Huddle.objects.create(team=team, day=day, made_by=who, made_at=now)
    _fill(made, who, now)
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


@transaction.atomic
def again(huddle: Huddle, who: User, now: datetime) -> int:
    """Look once more for what it begins with, and add what is not on it; how many points that
    were. Raises ValidationError once it is held."""
    there = _locked(huddle)
    return _fill(there, who, now)


@transaction.atomic
def keep(huddle: Huddle, points: Iterable[int], seen: Iterable[int]) -> None:
    """Keep these points and strike off all others that were `seen`: what somebody else has put on
    it meanwhile stays. Raises ValidationError once it is held."""
    there = _locked(huddle)
    kept = set(points)
    there.points.filter(pk__in=kept).update(is_kept=True)
    there.points.filter(pk__in=set(seen) - kept).update(is_kept=False)


@transaction.atomic
def add(huddle: Huddle, title: str, words: str, who: User, now: datetime) -> HuddlePoint:
    """Put a point on it. A post that comes twice makes one. Raises ValidationError once it is
    held, and where it has too many."""
    there = _locked(huddle)
    same: HuddlePoint | None = there.points.filter(
        by=who, made_at__gt=now - TWICE, title=title, words=words
    ).first()
    if same is not None:
        return same
    if there.points.count() >= MOST_POINTS:
        raise ValidationError(_("A huddle has at most %(n)d points.") % {"n": MOST_POINTS})
    made: HuddlePoint = HuddlePoint.objects.create(
        huddle=there, source=Source.OWN, title=title, words=words, place=_next(there), by=who,
        made_at=now,
    )  # fmt: skip
    return made


@transaction.atomic
def hold(huddle: Huddle, notes: str, revision: int, who: User, now: datetime) -> Huddle:
    """Say that it was held, or what is noted of it from now on. Said twice it is held since the
    first. Raises Stale where it is not of that revision any more and says something else."""
    there: Huddle = _rows().get(pk=huddle.pk)
    if there.held_at is not None and there.notes == notes:
        return there
    if there.revision != revision:
        raise Stale
    before = values(there)
    if there.held_at is None:
        there.held_at, there.held_by = now, who
    there.notes = notes
    there.revision += 1
    there.save()
    if before != values(there):
        audit.record(who, there, before=before, after=values(there), now=now)
    return there


@transaction.atomic
def agree(huddle: Huddle, step: Step, who: User, now: datetime) -> Action:
    """Agree on a step of somebody of the team. Raises ValidationError of somebody else, and as
    `coaching.following`."""
    there: Huddle = _rows().get(pk=huddle.pk)
    if not reads.members(there).filter(pk=step.agent.pk).exists():
        raise ValidationError({"agent": _("They are not in this team.")})
    made = following.agree(step, None, who, now)
    HuddleStep.objects.get_or_create(action=made, defaults={"huddle": there})
    return made


def values(huddle: Huddle) -> dict[str, Any]:
    return audit.values_of(huddle, UNSAID)


def _fill(there: Huddle, who: User, now: datetime) -> int:
    today = day_of(now, there.team.site.calendar)
    known = set(there.points.values_list("source", "title", "words"))
    place = _next(there)
    found = [
        one
        for one in preparing.points(there.team, there.day, who, today)
        if (one.source, one.title, one.words) not in known
    ][: MOST_POINTS - len(known)]
    HuddlePoint.objects.bulk_create(
        HuddlePoint(
            huddle=there, source=one.source, title=one.title, words=one.words[:3000], url=one.url,
            place=place + number, by=None, made_at=now,
        )
        for number, one in enumerate(found)
    )  # fmt: skip
    return len(found)


def _next(there: Huddle) -> int:
    last: int | None = there.points.aggregate(last=Max("place"))["last"]
    return (last or 0) + 1


def _rows() -> Any:
    return Huddle.objects.select_for_update(of=("self",)).select_related("team__site")


def _locked(huddle: Huddle) -> Huddle:
    there: Huddle = _rows().get(pk=huddle.pk)
    if there.held_at is not None:
        raise ValidationError(_("It is held: put it on the next one."))
    return there
