"""Writes rules of asking callers, and draws whom to ask.

Drawing is safe to run twice and on several machines: one draws at a time, a call is drawn once, and
what is drawn and its link are kept together.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from ccm import addresses, audit, database, surveys
from ccm.models import (
    Call,
    CallAddress,
    Queue,
    SurveyInvitation,
    User,
)
from coaching.asking import back, rests
from coaching.asking.drawing import is_drawn
from coaching.asking.wanted import ASKED_WITHIN, LONGEST_CALL, drawn_by
from coaching.models import AskedCall, AskingRule

FIELDS = (
    "name", "questions", "share", "rest_days", "first_hour", "last_hour", "webhook", "by_mail",
    "subject", "words", "address_days", "is_on",
)  # fmt: skip
UNSAID = ("id", "seed", "since", "made_by", "revision")
MOST_AT_ONCE = 200
# So long a mail address may come in after the end of its call.
_ADDRESS_WITHIN = ASKED_WITHIN - timedelta(hours=1)

State, Why = AskedCall.State, AskedCall.Why


class Stale(ValidationError):
    """Somebody else has changed the rule meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has changed it meanwhile: what it says by now is shown."))


@transaction.atomic
def make(rule: AskingRule, queues: Sequence[Queue], who: User, now: datetime) -> AskingRule:
    """Keep a new rule; it is of calls that end from now on. A post that comes twice makes one.

    Raises ValidationError where another of the site has its name, or its webhook is another's.
    """
    database.hold(f"asking rules of {rule.site_id}")
    _check(rule)
    same: AskingRule | None = AskingRule.objects.filter(site=rule.site_id, name=rule.name).first()
    if same is not None:
        if same.made_by_id == who.pk and now - same.since < timedelta(minutes=2):
            return same
        raise ValidationError({"name": _("There is another rule of this name already.")})
    rule.seed, rule.since, rule.made_by = secrets.token_hex(16), now, who
    rule.save()
    rule.queues.set(queues)
    audit.record(who, rule, before=None, after=values(rule), now=now)
    return rule


@transaction.atomic
def change(
    pk: int, said: dict[str, Any], queues: Sequence[Queue], revision: int, who: User, now: datetime
) -> AskingRule:
    """Have a rule say something else, as far as it is `FIELDS`. One that is switched on again is of
    calls that end from now on. Raises Stale, and ValidationError as `make`."""
    rule: AskingRule = AskingRule.objects.select_for_update(of=("self",)).get(pk=pk)
    if rule.revision != revision:
        raise Stale
    before, was_on = values(rule), rule.is_on
    for name in FIELDS:
        setattr(rule, name, said[name])
    _check(rule)
    others = AskingRule.objects.filter(site=rule.site_id, name=rule.name).exclude(pk=pk)
    if others.exists():
        raise ValidationError({"name": _("There is another rule of this name already.")})
    if rule.is_on and not was_on:
        rule.since = now
    rule.revision += 1
    rule.save()
    rule.queues.set(queues)
    after = values(rule)
    if after != before:
        audit.record(who, rule, before=before, after=after, now=now)
    return rule


def draw_due(now: datetime) -> int:
    """Draw whom to ask, by all rules that are switched on; how many are asked now."""
    rules = AskingRule.objects.filter(is_on=True).select_related("site").order_by("pk")
    return sum(draw(rule, now) for rule in rules)


@transaction.atomic
def draw(rule: AskingRule, now: datetime) -> int:
    """Draw whom to ask by a rule; how many are asked now. Safe to run twice."""
    # Rest is of callers, whatever rule they were asked by: one draws at a time.
    rests.hold()
    calls = [one for one in _candidates(rule, now) if is_drawn(rule.seed, one, float(rule.share))]
    if not calls:
        return 0
    chosen = Call.objects.filter(pk__in=calls[:MOST_AT_ONCE]).select_related(
        "site", "queue", "agent"
    )
    rows = sorted(chosen, key=lambda one: (one.ended_at or now, one.pk))
    kept = CallAddress.objects.filter(call__in=[one.pk for one in rows], expires_at__gt=now)
    by_call = dict(kept.values_list("call", "hash"))
    callers = {one.pk: {one.caller_hash, by_call.get(one.pk, "")} - {""} for one in rows}
    hashes = set().union(*callers.values())
    since = now - timedelta(days=rule.rest_days)
    never, resting = surveys.not_asked(hashes, now), {*rests.asked(rule.site_id, hashes, since)}
    asked = set()
    for call in rows:
        why, told = "", callers[call.pk]
        if told & never:
            why = Why.NEVER
        elif rule.by_mail and call.pk not in by_call:
            why = Why.NOWHERE
        elif not rule.by_mail and not call.caller_hash:
            why = Why.WITHHELD
        elif told & resting:
            why = Why.RESTING
        if why or not _ask(rule, call, by_call.get(call.pk, ""), now):
            AskedCall.objects.create(
                rule=rule, call=call, caller_hash=call.caller_hash, state=State.LEFT,
                why=why or Why.CANNOT, drawn_at=now,
            )  # fmt: skip
            continue
        resting |= told
        asked.add(call.pk)
    # Last, so that nothing is waited for with calls in hand.
    held = back.held([one.pk for one in rows], waits=False)
    back.taken_back({one.pk for one in rows} - held, now)
    # Whoever is not taken back after all is drawn again, and so is who rested for them.
    drawn = AskedCall.objects.filter(call__in=held)
    if rule.by_mail:
        drawn = drawn.filter(state=State.LEFT)
    addresses.drop([*drawn.values_list("call", flat=True)])
    return len(asked & held)


def _ask(rule: AskingRule, call: Call, address_hash: str, now: datetime) -> bool:
    """Have a link made for the caller of a call; whether they can be asked."""
    try:
        with transaction.atomic():
            made, _words = surveys.invite(
                rule.questions, rule.made_by, now + surveys.GOOD_FOR, now=now, site=call.site,
                call=call, queue=call.queue, agent=call.agent, words=words_of(call.pk),
                address_hash=address_hash, rested=True,
            )  # fmt: skip
    except surveys.CannotAsk:
        return False
    AskedCall.objects.create(
        rule=rule, call=call, caller_hash=call.caller_hash, invitation=made, state=State.DRAWN,
        drawn_at=now, due_at=now,
    )  # fmt: skip
    return True


def words_of(call: UUID) -> str:
    """The words of the link to the caller of a call that was drawn."""
    return surveys.words_again(f"asked:{call}")


def _candidates(rule: AskingRule, now: datetime) -> list[UUID]:
    """Calls of a rule that are over and that nobody was drawn or sent a link for, in order."""
    since = max(rule.since, now - ASKED_WITHIN)
    rows = Call.objects.offered_between(since - LONGEST_CALL, now).filter(
        drawn_by(rule), ended_at__gte=since, ended_at__lte=now
    )
    if rule.by_mail:
        known = CallAddress.objects.filter(call=OuterRef("pk"), expires_at__gt=now)
        # The address may come with what is told of a call later.
        rows = rows.filter(Exists(known) | Q(ended_at__lte=now - _ADDRESS_WITHIN))
    asked = AskedCall.objects.filter(call=OuterRef("pk"))
    linked = SurveyInvitation.objects.filter(call=OuterRef("pk"))
    rows = rows.exclude(Exists(asked)).exclude(Exists(linked)).order_by("ended_at", "pk")
    return [*rows.values_list("pk", flat=True)]


def values(rule: AskingRule) -> dict[str, Any]:
    queues = [*rule.queues.order_by("pk").values_list("pk", flat=True)]
    return audit.values_of(rule, UNSAID) | {"queues": queues}


def _check(rule: AskingRule) -> None:
    if rule.by_mail and rule.webhook is not None:
        raise ValidationError({"webhook": _("By mail or to a webhook: choose one.")})
    if rule.webhook is not None and rule.webhook.site_id != rule.site_id:
        raise ValidationError({"webhook": _("This webhook is of another site.")})
    if rule.first_hour >= rule.last_hour:
        raise ValidationError({"last_hour": _("This is not after the hour they begin at.")})
