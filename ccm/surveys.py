"""Asking callers: an invitation is a signed link that is good for one answer, for some days.

The words of a link are shown once and stored as a hash. A link that was made up fails its
signature and costs no query; of one that was used or withdrawn, has expired or is unknown nothing
more is told than that it is no longer valid.

A call has one open link at a time, and by its links one answer to each question: a new link takes
the place of the open one, and asks only what no link's answer has told.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ccm import database
from ccm.contact import reads as contact
from ccm.dirty import mark_answers, mark_gained
from ccm.identity import made_id, milliseconds
from ccm.imports.lacking import lost_its_end
from ccm.masking import masked
from ccm.models import (
    Agent,
    Call,
    CallAddress,
    Outcome,
    Precision,
    Queue,
    Site,
    SurveyInvitation,
    SurveyOptOut,
    SurveyResponse,
    User,
    token_hash,
)
from ccm.signals import record_changed

SOURCE = "survey"
GOOD_FOR = timedelta(days=7)
LONGEST = timedelta(days=92)
COMMENT_LIMIT = 2000
# A page lies open for a while before it is sent.
FORM_SECONDS = 86_400
_link = signing.Signer(salt="ccm.surveys.link", sep=".")
_form = signing.TimestampSigner(salt="ccm.surveys.form")
# Together with an expiry ahead: a link that takes an answer.
_GOOD = {"used_at": None, "withdrawn_at": None}
Kind = SurveyResponse.Kind
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller is asked, on a scale of whole numbers whose ends have words."""

    kind: str
    words: Words
    low: int
    high: int
    low_words: Words
    high_words: Words


QUESTIONS = {
    one.kind: one
    for one in (
        Question(
            Kind.CSAT, _("How satisfied are you with this call?"), 1, 5, _("not at all"), _("very")
        ),
        Question(
            Kind.NPS,
            _("How likely are you to recommend us to a friend?"),
            0,
            10,
            _("not at all likely"),
            _("very likely"),
        ),
        Question(
            Kind.CES,
            _("How easy was it to get your matter settled?"),
            1,
            7,
            _("very difficult"),
            _("very easy"),
        ),
        Question(Kind.FCR, _("Was your matter settled in this one call?"), 0, 1, _("No"), _("Yes")),
    )
}


class CannotAsk(Exception):
    """The caller cannot be asked; the words say why."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How callers are let rest: for how many days after they were asked, by an expression on their
    call, and when they were: by one that asks little, which may miss it, and by all that tells it
    since a moment. All may be null. `hold` keeps others from asking callers until the transaction
    ends."""

    days: Callable[[], Combinable]
    seen_at: Callable[[datetime], Combinable]
    asked_at: Callable[[Call, datetime], datetime | None]
    hold: Callable[[], None]


_rests: list[Rest] = []


def register(rest: Rest) -> None:
    """Have callers who rest not be asked by hand. One app knows who does."""
    if rest not in _rests:
        _rests.append(rest)


def facts(now: datetime) -> dict[str, Any]:
    """What a call is read with (`annotate`) where its caller may be asked: whether they do not want
    to be, or stand on the do-not-call list, and when they were, as far as that is seen at once, and
    rest for how long."""
    address = CallAddress.objects.filter(call=OuterRef(OuterRef("pk"))).values("hash")
    never = SurveyOptOut.objects.exclude(caller_hash="").filter(
        Q(caller_hash=OuterRef("caller_hash")) | Q(caller_hash__in=address)
    )
    found: dict[str, Any] = {
        "says_no": Exists(never), "is_listed": contact.is_listed(now)
    }  # fmt: skip
    for rest in _rests:
        found |= {"asked_at": rest.seen_at(now), "rest_days": rest.days()}
    return found


def let_alone(call: Call, now: datetime) -> str:
    """Why the caller of a call, which is read with `facts`, is not to be asked, though they could
    be, in words, or empty: they are not to be called, do not want to be asked, or were lately."""
    read: Any = call
    if read.is_listed:
        return gettext("This caller stands on the do-not-call list.")
    if read.says_no:
        return gettext("This caller does not want to be asked any more.")
    asked_at, days = getattr(read, "asked_at", None), getattr(read, "rest_days", None)
    return _rests_until(call.site, asked_at, days, now)


def _held_back(pk: UUID, now: datetime) -> str:
    """The same of a call before a link to its caller is made, by all that tells who was asked."""
    for rest in _rests:
        rest.hold()
    # As it is by now.
    call = Call.objects.annotate(**facts(now)).select_related("site").get(pk=pk)
    words, days = let_alone(call, now), getattr(call, "rest_days", None)
    if words or days is None:
        return words
    for rest in _rests:
        asked_at = rest.asked_at(call, now - timedelta(days=days))
        words = words or _rests_until(call.site, asked_at, days, now)
    return words


def _rests_until(site: Site, asked_at: datetime | None, days: int | None, now: datetime) -> str:
    if asked_at is None or days is None or now - asked_at >= timedelta(days=days):
        return ""
    zone = ZoneInfo(site.zone)
    again = asked_at + timedelta(days=days)
    return ngettext(
        "This caller was asked on %(asked)s, and the site lets callers rest for %(days)d "
        "day: they may be asked again from %(again)s on.",
        "This caller was asked on %(asked)s, and the site lets callers rest for %(days)d "
        "days: they may be asked again from %(again)s on.",
        days,
    ) % {
        "asked": date_format(asked_at.astimezone(zone), "j M Y"),
        "days": days,
        "again": date_format(again.astimezone(zone), "j M Y"),
    }


def obstacle(call: Call, answered: Collection[str], end_is_lost: bool) -> str:
    """Why the caller of a call cannot be asked, in words, or empty; `answered` are the questions
    that a link's answer told already, `end_is_lost` as `lacking.lost_its_end` tells.

    A source that tells days alone tells no ends: its calls are over.
    """
    if end_is_lost and call.outcome == Outcome.IN_PROGRESS:
        return gettext(
            "No log told how this call ended, nor that anybody answered it: there is nothing to "
            "ask its caller about."
        )
    goes_on = call.outcome in (Outcome.IN_PROGRESS, Outcome.ANSWERED) and call.ended_at is None
    if goes_on and not end_is_lost and call.time_precision != Precision.DAY:
        return gettext("This call has no end yet: its caller can be asked once it is over.")
    if not QUESTIONS.keys() - set(answered):
        return gettext("The caller has answered every question by a link already.")
    return ""


@transaction.atomic
def invite(
    questions: Sequence[str],
    by: User | None,
    expires_at: datetime,
    *,
    now: datetime,
    site: Site,
    call: Call | None = None,
    queue: Queue | None = None,
    agent: Agent | None = None,
    words: str = "",
    address_hash: str = "",
    rested: bool = False,
) -> tuple[SurveyInvitation, str]:
    """A new invitation, and the words of its link, which are kept nowhere; those that are said
    (`words_again`), else new ones. `address_hash` tells the mail address that it goes to, `rested`
    that it was seen to who was asked lately.

    Of a call it withdraws the open link there is, and asks those of the questions that no link's
    answer told. Raises CannotAsk where there are none, for a call that goes on, and of a caller who
    is let alone.
    """
    asked = list(dict.fromkeys(questions))
    if call is not None:
        # First: who draws callers holds the same before links of calls.
        if not rested and (why := _held_back(call.pk, now)):
            raise CannotAsk(why)
        asked = _still_to_ask(call, asked, by, now)
    words = words or _link.sign(secrets.token_urlsafe(24))
    made = SurveyInvitation.objects.create(
        hash=token_hash(words),
        call=call,
        site=site,
        queue=queue,
        agent=agent,
        questions=asked,
        created_by=by,
        expires_at=expires_at,
        address_hash=address_hash,
    )
    _counts_anew(made)
    return made, words


def _still_to_ask(call: Call, asked: list[str], by: User | None, now: datetime) -> list[str]:
    """Withdraw a call's open link; which questions a new one is to ask."""
    # Two who make links at once are one after the other.
    database.hold(f"survey links of {call.pk}")
    # First: an answer that is just coming by that link is waited for, and seen below.
    open_one = SurveyInvitation.objects.filter(call=call, **_GOOD)
    open_one.update(withdrawn_at=now, withdrawn_by=by)
    told = set(
        SurveyResponse.objects.filter(call=call, source=SOURCE).values_list("kind", flat=True)
    )
    if words := obstacle(call, told, lost_its_end(call)):
        raise CannotAsk(words)
    if call.caller_hash and not_asked([call.caller_hash], now):
        raise CannotAsk(gettext("This caller does not want to be asked any more."))
    left = [kind for kind in asked if kind not in told]
    if not left:
        raise CannotAsk(gettext("The caller has answered this by a link already."))
    return left


def words_again(name: str) -> str:
    """The words of a link that a program may have to tell twice: the same for the same name, so
    that they need not be kept, and for nobody to guess without the secret key."""
    key = hashlib.sha256(f"ccm.surveys.again:{settings.SECRET_KEY}".encode()).digest()
    made = hmac.new(key, name.encode(), hashlib.sha256).digest()
    return _link.sign(signing.b64_encode(made[:24]).decode())


def opened(invitation: SurveyInvitation, now: datetime) -> None:
    """Note that the page of a link was opened; the first time counts."""
    if invitation.opened_at is None:
        SurveyInvitation.objects.filter(pk=invitation.pk, opened_at=None).update(opened_at=now)


def begun(invitation: SurveyInvitation, now: datetime) -> None:
    """Note that somebody touched an answer on the page of a link, or sent it; the first time
    counts. What opens the pages of mails before people do neither."""
    if invitation.begun_at is None:
        SurveyInvitation.objects.filter(pk=invitation.pk, begun_at=None).update(begun_at=now)


@transaction.atomic
def opt_out(invitation: SurveyInvitation, now: datetime) -> None:
    """Have a caller not be asked any more, as far as their call says who they are and by the mail
    address that they were asked at, and this link take no answer. Said twice, it is so once."""
    call = Call.objects.filter(pk=invitation.call_id).first() if invitation.call_id else None
    for one in (call.caller_hash if call is not None else "", invitation.address_hash):
        if one:
            SurveyOptOut.objects.get_or_create(caller_hash=one, defaults={"at": now})
    good = SurveyInvitation.objects.filter(pk=invitation.pk, **_GOOD)
    if good.update(withdrawn_at=now):
        _counts_anew(invitation)


def not_asked(hashes: Collection[str], now: datetime) -> set[str]:
    """Those of some callers who are not to be asked: they said so, or are not to be called at all.
    One query."""
    said = SurveyOptOut.objects.filter(caller_hash__in=hashes).values_list("caller_hash")
    return {one for (one,) in said.union(contact.listed(hashes, now))}


@transaction.atomic
def withdraw(invitation: SurveyInvitation, by: User, now: datetime) -> bool:
    """Have a link take no answer any more; whether it was still open."""
    good = SurveyInvitation.objects.filter(pk=invitation.pk, **_GOOD, expires_at__gt=now)
    if not good.update(withdrawn_at=now, withdrawn_by=by):
        return False
    _counts_anew(invitation)
    return True


def _counts_anew(invitation: SurveyInvitation) -> None:
    """Have the day of its call counted again: how many were asked is counted there."""
    if invitation.call_id is not None:
        with connection.cursor() as cursor:
            mark_gained(cursor, invitation.site, [invitation.call_id.hex])
        transaction.on_commit(lambda: record_changed.send(sender=None))


def invitation_of(words: str, now: datetime) -> SurveyInvitation | None:
    """The invitation these words open, while it is good."""
    try:
        _link.unsign(words)
    except signing.BadSignature:
        return None
    good = SurveyInvitation.objects.filter(**_GOOD, expires_at__gt=now)
    return good.select_related("site").filter(hash=token_hash(words)).first()


def ever_invited(words: str) -> SurveyInvitation | None:
    """The invitation that these words were made for, whatever became of it: who was asked may say
    no at any time."""
    try:
        _link.unsign(words)
    except signing.BadSignature:
        return None
    made = SurveyInvitation.objects.select_related("site").filter(hash=token_hash(words))
    return made.first()


def form_token(invitation: SurveyInvitation) -> str:
    """What the page of an invitation sends back, so that no other page can answer it."""
    return _form.sign(invitation.hash)


def from_its_page(words: str, token: str) -> bool:
    """Whether a token was made for the page of this link, not too long ago."""
    try:
        return bool(_form.unsign(token, max_age=FORM_SECONDS) == token_hash(words))
    except signing.BadSignature:
        return False


def answered(words: str) -> bool:
    """Whether an answer came by this link."""
    return SurveyInvitation.objects.filter(hash=token_hash(words), used_at__isnull=False).exists()


@transaction.atomic
def answer(
    invitation: SurveyInvitation, scores: Mapping[str, int], comment: str, now: datetime
) -> bool:
    """Keep the answers to an invitation's questions, once; whether this was the once.

    `scores` are by kind, at least one; the comment goes with the first.
    """
    good = SurveyInvitation.objects.filter(pk=invitation.pk, **_GOOD, expires_at__gt=now)
    if not good.update(used_at=now, begun_at=Coalesce("begun_at", now)):
        return False
    call = Call.objects.filter(pk=invitation.call_id).first() if invitation.call_id else None
    told: SurveyInvitation | Call = call or invitation
    birth = milliseconds(now)
    ids: list[str] = []
    for kind, score in scores.items():
        question = QUESTIONS[kind]
        ids.append(made_id(birth, SOURCE, str(invitation.pk), kind))
        SurveyResponse.objects.create(
            id=ids[-1],
            source=SOURCE,
            call=call,
            site=invitation.site,
            queue_id=told.queue_id,
            agent_id=told.agent_id,
            kind=kind,
            scale_min=question.low,
            scale_max=question.high,
            score=score,
            comment=masked(comment) if len(ids) == 1 else "",
            answered_at=now,
        )
    with connection.cursor() as cursor:
        mark_answers(cursor, invitation.site, ids)
    transaction.on_commit(lambda: record_changed.send(sender=None))
    return True
