"""Hands links to callers on: posted to the webhook of their rule, or taken along as a list.
(`sending` mails them.)

No telephone number and no address goes along: the source knows whom it called with, by the id that
its call has there. A post that was taken and whose answer was lost is posted again, with the
same link and the same `Idempotency-Key`.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from ccm import addresses, surveys
from ccm.models import Call, SurveyInvitation, Webhook, token_hash
from ccm.outgoing import outbox, webhooks
from coaching.asking.drawing import is_within
from coaching.asking.services import words_of
from coaching.models import AskedCall, AskingRule

log = logging.getLogger(__name__)
State, Why = AskedCall.State, AskedCall.Why
KIND = "survey.asked"


def hand_due(now: datetime, most: int = 100) -> int:
    """Post what is due to the webhooks of its rules; how many were tried. Beside others each takes
    its own."""
    rules = AskingRule.objects.filter(webhook__isnull=False).select_related("site", "webhook")
    tried = 0
    for rule in rules:
        if not is_open(rule, now):
            continue
        while tried < most and _hand_next(rule, now):
            tried += 1
    return tried


def is_open(rule: AskingRule, now: datetime) -> bool:
    """Whether it is an hour at which callers of a rule are asked."""
    return is_within(now.astimezone(rule.site.tz).hour, rule.first_hour, rule.last_hour)


@transaction.atomic
def _hand_next(rule: AskingRule, now: datetime) -> bool:
    due = AskedCall.objects.filter(rule=rule, state=State.DRAWN, due_at__lte=now)
    one: AskedCall | None = (
        due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    )
    if one is None:
        return False
    words, why = words_or_why(one, now)
    if why:
        leave(one, why)
        return True
    assert rule.webhook is not None  # those without one are handed as lists
    one.tries += 1
    try:
        _post(rule, rule.webhook, one, words, now)
    except (webhooks.Refused, OSError, ValueError) as trouble:
        one.error = (str(trouble) or type(trouble).__name__)[:300]
        log.warning("a link of rule %s not taken: %s", rule.pk, one.error)
        if one.tries > len(outbox.MINUTES):
            one.state = State.FAILED
        else:
            one.due_at = now + timedelta(minutes=outbox.MINUTES[one.tries - 1])
    else:
        one.state, one.handed_at, one.error = State.HANDED, now, ""
    one.save()
    return True


def _post(rule: AskingRule, webhook: Webhook, one: AskedCall, words: str, now: datetime) -> None:
    call = Call.objects.filter(pk=one.call_id).values("source", "external_id", "ended_at").first()
    invitation = one.invitation
    if call is None or invitation is None:
        raise ValueError("the call is not there any more")
    payload = {
        "kind": KIND,
        "site": rule.site.slug,
        "rule": rule.name,
        "call": {
            "id": str(one.call_id), "source": call["source"], "external_id": call["external_id"],
            "ended_at": call["ended_at"].isoformat() if call["ended_at"] else None,
        },
        "link": link(words),
        "expires_at": invitation.expires_at.isoformat(),
        "questions": invitation.questions,
    }  # fmt: skip
    webhooks.post(webhook.url, payload, webhook.secret, f"asked:{one.pk}", now)


@transaction.atomic
def hand_list(rule: AskingRule, now: datetime) -> int:
    """Have what waits of a rule be taken along as a list; how many links. Taken twice, the second
    has what came since."""
    waiting = AskedCall.objects.filter(rule=rule, state=State.DRAWN)
    handed = 0
    for one in waiting.select_for_update(of=("self",)).order_by("pk"):
        _words, why = words_or_why(one, now)
        if why:
            leave(one, why)
            continue
        one.state, one.handed_at, one.tries = State.HANDED, now, 1
        one.save()
        handed += 1
    return handed


def lines(rule: AskingRule, at: datetime) -> Iterator[Sequence[object]]:
    """The lines of a list that was taken at a moment: what each call is called at its source, and
    the link. Links that are over meanwhile are left out."""
    rows = AskedCall.objects.filter(rule=rule, handed_at=at).order_by("pk")
    for one in rows.iterator(chunk_size=500):
        call = Call.objects.filter(pk=one.call_id).values("source", "external_id", "ended_at")
        found = call.first()
        words, _why = words_or_why(one, at)
        if found is not None and words and one.invitation is not None:
            yield (
                one.call_id, found["source"], found["external_id"],
                found["ended_at"] and found["ended_at"].astimezone(rule.site.tz), link(words),
                one.invitation.expires_at.astimezone(rule.site.tz),
            )  # fmt: skip


def link(words: str) -> str:
    return f"{settings.ADDRESS}{reverse('survey', args=[words])}"


def words_or_why(one: AskedCall, now: datetime) -> tuple[str, str]:
    """The words of the link of a call that was drawn, or why it is handed on no more: its call was
    taken back, its caller said no, it takes no answer, or the secret key is another than the one
    that it was made by. One of the two is empty."""
    invitation = one.invitation
    if not Call.objects.filter(pk=one.call_id).exists():
        return "", Why.GONE
    hashes = {one.caller_hash, "" if invitation is None else invitation.address_hash} - {""}
    if surveys.opted_out(hashes):
        return "", Why.NEVER
    words = words_of(one.call_id)
    if invitation is None or invitation.hash != token_hash(words):
        return "", Why.OVER
    if invitation.state_at(now) != SurveyInvitation.State.OPEN:
        return "", Why.OVER
    return words, ""


def leave(one: AskedCall, why: str) -> None:
    """Leave out one that was drawn, and let its address go."""
    one.state, one.why = State.LEFT, why
    one.save()
    addresses.drop([one.call_id])
