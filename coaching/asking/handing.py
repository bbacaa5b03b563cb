"""Hands links to callers on: posted to the webhook of their rule, or taken along as a list.
(`sending` mails them.)

No telephone number and no address goes along: the source knows whom it called with, by the id that
its call has there. A post that was taken and whose answer was lost is posted again, with the
same link and the same `Idempotency-Key`.
"""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from ccm import addresses, surveys
from ccm.contact import reads as contact
from ccm.models import Call, SurveyInvitation, Webhook, token_hash
from ccm.outgoing import outbox, webhooks
from coaching.asking.drawing import is_within
from coaching.asking.services import words_of
from coaching.models import AskedCall, AskingRule

log = logging.getLogger(__name__)
State, Why = AskedCall.State, AskedCall.Why
KIND = "survey.asked"
_AT_ONCE = 500


def hand_due(now: datetime, most: int = 100) -> int:
    """Post what is due to the webhooks of its rules; how many were tried. Beside others each takes
    its own. A webhook that does not take one is left alone until the next run, and after
    `outbox.RUN_SECONDS` no more are begun."""
    rules = AskingRule.objects.filter(webhook__isnull=False).select_related(
        "site__contact_hours", "webhook"
    )
    ends = time.monotonic() + outbox.RUN_SECONDS
    tried = 0
    for rule in rules:
        if not is_open(rule, now):
            continue
        while tried < most and time.monotonic() < ends:
            claimed = _claimed(rule, now)
            if claimed is None:
                break
            tried += 1
            one, words = claimed
            if words and not _is_taken(rule, one, words, now):
                break
    return tried


def is_open(rule: AskingRule, now: datetime) -> bool:
    """Whether it is an hour at which callers of a rule are asked."""
    own = is_within(now.astimezone(rule.site.tz).hour, rule.first_hour, rule.last_hour)
    # Where one may not ring, one does not write either.
    return own and not contact.is_shut(rule.site, now)


@transaction.atomic
def _claimed(rule: AskingRule, now: datetime) -> tuple[AskedCall, str] | None:
    """The next call whose link is due, with the words of it, and its try counted: whoever dies over
    it is followed by another later. No words: it is handed on no more. None: nothing is due."""
    due = AskedCall.objects.filter(rule=rule, state=State.DRAWN, due_at__lte=now)
    one: AskedCall | None = (
        due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    )
    if one is None:
        return None
    words, why = words_or_why(one, now)
    if why:
        leave(one, why)
    elif one.tries > len(outbox.MINUTES):
        one.state, words = State.FAILED, ""
        one.save()
    else:
        one.tries += 1
        one.due_at = now + max(outbox.HELD, outbox.wait(one.tries))
        one.save()
    return one, words


def _is_taken(rule: AskingRule, one: AskedCall, words: str, now: datetime) -> bool:
    """Post a link and write down how it went; whether it was taken."""
    assert rule.webhook is not None  # those without one are handed as lists
    # Who said meanwhile that they are not to be asked is left out already.
    row = AskedCall.objects.filter(pk=one.pk, state=State.DRAWN, tries=one.tries)
    try:
        _post(rule, rule.webhook, one, words, now)
    except (webhooks.Refused, OSError, ValueError) as trouble:
        error = (str(trouble) or type(trouble).__name__)[:300]
        log.warning("a link of rule %s not taken: %s", rule.pk, error)
        if one.tries > len(outbox.MINUTES):
            row.update(state=State.FAILED, error=error)
        else:
            row.update(due_at=now + outbox.wait(one.tries), error=error)
        return False
    row.update(state=State.HANDED, handed_at=now, error="")
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
    webhooks.post(webhook.url, payload, webhook.secrets_at(now), f"asked:{one.pk}", now)


@transaction.atomic
def hand_list(rule: AskingRule, now: datetime) -> int:
    """Have what waits of a rule be taken along as a list; how many links. Taken twice, the second
    has what came since."""
    waiting = AskedCall.objects.filter(rule=rule, state=State.DRAWN).select_related("invitation")
    handed = []
    for one, _call, _words, why in _told(
        waiting.select_for_update(of=("self",)).order_by("pk"), now
    ):
        if why:
            leave(one, why)
        else:
            handed.append(one.pk)
    AskedCall.objects.filter(pk__in=handed).update(state=State.HANDED, handed_at=now, tries=1)
    return len(handed)


def lines(rule: AskingRule, at: datetime) -> Iterator[Sequence[object]]:
    """The lines of a list that was taken at a moment: what each call is called at its source, and
    the link. Links that are over meanwhile are left out."""
    rows = AskedCall.objects.filter(rule=rule, handed_at=at).select_related("invitation")
    for one, call, words, _why in _told(rows.order_by("pk"), at):
        if call is not None and words and one.invitation is not None:
            yield (
                one.call_id, call.source, call.external_id,
                call.ended_at and call.ended_at.astimezone(rule.site.tz), link(words),
                one.invitation.expires_at.astimezone(rule.site.tz),
            )  # fmt: skip


def link(words: str) -> str:
    return f"{settings.ADDRESS}{reverse('survey', args=[words])}"


def words_or_why(one: AskedCall, now: datetime) -> tuple[str, str]:
    """The words of the link of a call that was drawn, or why it is handed on no more: its call is
    not there any more, its caller said no, it takes no answer, or the secret key is another than
    the one that it was made by. One of the two is empty."""
    is_there = Call.objects.filter(pk=one.call_id).exists()
    return _words_or_why(one, is_there, surveys.not_asked(_hashes(one), now), now)


def _told(
    rows: QuerySet[AskedCall], now: datetime
) -> Iterator[tuple[AskedCall, Call | None, str, str]]:
    """Rows with their calls, and of each `words_or_why`. Two queries for some hundred of them."""
    found = rows.iterator(chunk_size=_AT_ONCE)
    while some := [*islice(found, _AT_ONCE)]:
        wanted = Call.objects.only("source", "external_id", "ended_at")
        calls = wanted.in_bulk([one.call_id for one in some])
        never = surveys.not_asked(set().union(*map(_hashes, some)), now)
        for one in some:
            call = calls.get(one.call_id)
            yield one, call, *_words_or_why(one, call is not None, never, now)


def _hashes(one: AskedCall) -> set[str]:
    """The hashes of the number and the mail address of a caller, as far as they are known."""
    return {one.caller_hash, one.invitation.address_hash if one.invitation else ""} - {""}


def _words_or_why(
    one: AskedCall, is_there: bool, never: Collection[str], now: datetime
) -> tuple[str, str]:
    if not is_there:
        return "", Why.GONE
    if not _hashes(one).isdisjoint(never):
        return "", Why.NEVER
    invitation, words = one.invitation, words_of(one.call_id)
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
