"""Writes recognition. The audit log has who gave and took back, and to whom; not the words."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import DAY
from ccm.models import User
from coaching.models import HuddlePoint, Kudos
from coaching.recognition import reads

UNSAID = ("id", "giver", "words", "call", "survey", "given_at", "seen_at")
TWICE = timedelta(minutes=2)
"""The same from the same person within so long is one post that came twice."""


@transaction.atomic
def give(kudos: Kudos, who: User, now: datetime) -> Kudos:
    """Keep a recognition that is not kept yet. A post that comes twice makes one.

    Raises ValidationError where it is of the giver themselves, of somebody out of their reach, of
    a call that they may not open or that another took, or of an answer to another call.
    """
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    _check(kudos, who)
    same: Kudos | None = Kudos.objects.filter(
        giver=who, given_at__gt=now - TWICE, agent=kudos.agent_id, words=kudos.words,
        call=kudos.call_id, survey=kudos.survey_id, criterion=kudos.criterion_id,
    ).first()  # fmt: skip
    if same is not None:
        return same
    kudos.site, kudos.giver, kudos.given_at = kudos.agent.site, who, now
    kudos.save()
    audit.record(who, kudos, before=None, after=values(kudos), now=now)
    return kudos


def saw_own(agent: int, now: datetime) -> None:
    """Note that somebody read what they were given."""
    Kudos.objects.filter(agent=agent, seen_at=None, given_at__lte=now).update(seen_at=now)


@transaction.atomic
def take_back(pk: int, who: User, now: datetime) -> None:
    """Have a recognition that somebody gave be there no more, on no huddle either. Taken back
    twice, it is gone once.

    Raises ValidationError where it stands for longer than it may be taken back.
    """
    one: Kudos | None = (
        Kudos.objects.select_for_update(of=("self",))
        .select_related("agent")
        .filter(pk=pk, giver=who)
        .first()
    )
    if one is None:
        return
    if not reads.may_be_taken_back(one, now):
        raise ValidationError(_("It stands for more than a day, and can be taken back no more."))
    before = values(one)
    audit.record(who, one, before=before, after=None, now=now)
    # Huddles keep its words, with who gave it after them.
    HuddlePoint.objects.filter(
        Q(words=one.words) | Q(words__startswith=f"{one.words} ("),
        source=HuddlePoint.Source.KUDOS, huddle__day__gt=(one.given_at - DAY).date(),
        title=one.agent.name[:200],
    ).delete()  # fmt: skip
    one.delete()


@transaction.atomic
def show_on_walls(pk: int, is_on_walls: bool, who: User, now: datetime) -> None:
    """Have walls show what somebody was given, or no longer; by themselves alone."""
    one: Kudos = Kudos.objects.select_for_update(of=("self",)).get(pk=pk, agent__user=who)
    if one.is_on_walls == is_on_walls:
        return
    before = values(one)
    one.is_on_walls = is_on_walls
    one.save(update_fields=["is_on_walls"])
    audit.record(who, one, before=before, after=values(one), now=now)


def values(kudos: Kudos) -> dict[str, Any]:
    return audit.values_of(kudos, UNSAID)


def _check(kudos: Kudos, who: User) -> None:
    agent = kudos.agent
    if agent.user_id == who.pk:
        raise ValidationError({"agent": _("Thank somebody else: this is you.")})
    if not reads.sites(who).filter(pk=agent.site_id).exists():
        raise ValidationError({"agent": _("They are at no site of yours.")})
    if kudos.call_id is None:
        return
    call = reads.call(who, kudos.call_id)
    if call is None or call.agent_id != agent.pk:
        raise ValidationError(_("You may not open this call, or somebody else took it."))
    if kudos.survey_id is not None and not reads.surveys(call).filter(pk=kudos.survey_id).exists():
        raise ValidationError({"survey": _("This answer is of another call.")})
