"""Sends links to callers by mail, from here.

A caller is never sent a second mail for want of knowing about the first: that one is on its way is
committed before it is handed to the mail server, and what became of it after. Who is killed
between leaves a mail of which nobody knows whether it went; it is told as not taken and not sent
again. Only what the server surely did not take is tried again.

Nothing that is kept or logged says an address: what mail servers answer names them, so of an answer
its number alone is told.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import addresses
from ccm.models import Call, CallAddress
from ccm.outgoing import outbox
from coaching.asking import back, handing, letters
from coaching.models import AskedCall, AskingRule

log = logging.getLogger(__name__)
State, Why = AskedCall.State, AskedCall.Why
# Longer than a worker lives that sends (CELERY_TASK_TIME_LIMIT).
LEASE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Mail:
    """One that is on its way: its row as it was claimed, and what is to be sent."""

    one: AskedCall
    message: EmailMultiAlternatives


class _NotTaken(Exception):
    """The server surely did not take it; `again`: it may take it later, `reached`: it answered."""

    def __init__(self, words: str, *, again: bool, reached: bool = True) -> None:
        super().__init__(words)
        self.again, self.reached = again, reached


class _Unknown(Exception):
    """Whether the server took it is not known."""


def send_due(now: datetime, most: int = 100) -> int:
    """Send what is due by mail; how many were tried or left out. Safe to run twice: beside others
    each takes its own."""
    _give_up_interrupted(now)
    if not settings.MAIL_IS_SET:
        return 0
    tried = 0
    for rule in AskingRule.objects.filter(by_mail=True).select_related("site__contact_hours"):
        while handing.is_open(rule, now) and tried < most:
            one = _next(rule, now)
            if one is None:
                break
            tried += 1
            if isinstance(one, _Mail) and not _send(one, now):
                # Nobody answers: each of the others would wait for as long.
                return tried
    return tried


@transaction.atomic(durable=True)
def _next(rule: AskingRule, now: datetime) -> _Mail | AskedCall | None:
    """Claim the next that is due, committed before anything is sent. One that cannot be sent is
    left out. None: nothing is due."""
    due = AskedCall.objects.filter(rule=rule, state=State.DRAWN, due_at__lte=now)
    one: AskedCall | None = (
        due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    )
    if one is None:
        return None
    words, why = handing.words_or_why(one, now)
    kept = CallAddress.objects.filter(call=one.call_id, expires_at__gt=now).first()
    address = ""
    if not why and kept is None:
        why = Why.EXPIRED
    elif not why and kept is not None:
        try:
            address = addresses.unseal(kept.sealed)
        except addresses.Unreadable:
            why = Why.SEALED
    if why or one.invitation is None:
        handing.leave(one, why)
        return one
    one.state, one.due_at, one.error = State.GOING, now + LEASE, ""
    one.tries += 1
    one.save()
    began = Call.objects.filter(pk=one.call_id).values_list("offered_at", flat=True).first()
    letter = letters.letter(rule, words, one.invitation.expires_at, began)
    return _Mail(one, letter.message(address, f"asked:{one.pk}"))


def _send(mail: _Mail, now: datetime) -> bool:
    """Send one that was claimed, and keep what became of it; whether the server answered."""
    reached = True
    try:
        with transaction.atomic():
            if not back.held([mail.one.call_id], waits=True):
                # Whoever took it back has left it to who had claimed it.
                _settle(mail.one, State.DRAWN)
                back.taken_back([mail.one.call_id], now)
                addresses.drop([mail.one.call_id])
                return True
            _hand_over(mail.message)
    except _NotTaken as trouble:
        reached = trouble.reached
        late = mail.one.tries > len(outbox.MINUTES)
        if trouble.again and not late:
            wait = timedelta(minutes=outbox.MINUTES[mail.one.tries - 1])
            _settle(mail.one, State.DRAWN, str(trouble), due_at=now + wait)
        else:
            _settle(mail.one, State.FAILED, str(trouble))
    except _Unknown:
        words = _("the connection broke while it was handed over: not sent again, since it may "
                  "have arrived")  # fmt: skip
        _settle(mail.one, State.FAILED, words)
    else:
        _settle(mail.one, State.HANDED, handed_at=now)
    return reached


def _hand_over(message: EmailMultiAlternatives) -> None:
    """Raises _NotTaken and _Unknown, whose words tell no address; nor does what they come from
    follow them into a log."""
    server = get_connection()
    try:
        try:
            server.open()
        except SoftTimeLimitExceeded:
            raise
        except Exception as trouble:
            words = _("the mail server is not reached (%(what)s)") % {"what": _kind(trouble)}
            raise _NotTaken(words, again=True, reached=False) from None
        try:
            server.send_messages([message])
        except SMTPRecipientsRefused as refused:
            codes = [code for code, _words in refused.recipients.values()]
            raise _answered(min(codes, default=0)) from None
        except SMTPResponseException as answer:
            raise _answered(answer.smtp_code) from None
        except SoftTimeLimitExceeded:
            raise
        except (SMTPException, OSError):
            raise _Unknown from None
        except Exception as trouble:
            words = _("it could not be written (%(what)s)") % {"what": type(trouble).__name__}
            raise _NotTaken(words, again=False) from None
    finally:
        with suppress(SMTPException, OSError):
            server.close()


def _answered(code: int) -> _NotTaken:
    words = _("the mail server refused it (%(code)s)") % {"code": code}
    # 4xx: not now (RFC 5321, 4.2.1).
    return _NotTaken(words, again=400 <= code < 500)


def _kind(trouble: Exception) -> str:
    code = trouble.smtp_code if isinstance(trouble, SMTPResponseException) else ""
    return f"{type(trouble).__name__} {code}".strip()


@transaction.atomic
def _settle(
    one: AskedCall,
    state: str,
    error: str = "",
    *,
    due_at: datetime | None = None,
    handed_at: datetime | None = None,
) -> None:
    """Keep what became of a mail; its address goes, unless it is tried again."""
    # A later try has its own say.
    mine = AskedCall.objects.filter(pk=one.pk, tries=one.tries)
    mine.update(state=state, error=error[:300], due_at=due_at or one.due_at, handed_at=handed_at)
    if error:
        log.warning("a mail of rule %s not taken: %s", one.rule_id, error)
    if state != State.DRAWN:
        addresses.drop([one.call_id])


@transaction.atomic
def _give_up_interrupted(now: datetime) -> None:
    """Tell of mails whose sender was killed that nobody knows whether they arrived."""
    rows = AskedCall.objects.filter(state=State.GOING, due_at__lte=now)
    for one in rows.select_for_update(skip_locked=True, of=("self",)):
        words = _("sending it was interrupted: not sent again, since it may have arrived")
        _settle(one, State.FAILED, words)
