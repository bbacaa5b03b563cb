"""Puts what is due into the outbox, each once: safe to run twice, beside itself, and to be killed.

A mailing is held by a lock while it is looked at. Its run is made in the transaction that puts the
run's mails into the outbox, so that either both are there or none.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ccm.intervals import day_of
from ccm.models import Delivery, User
from ccm.outgoing import outbox
from ccm.rights import reach as rights
from kpis.mailings import letters, moments
from kpis.mailings.letters import NotForReader, NotYet
from kpis.mailings.models import Mailing, MailingRun

log = logging.getLogger(__name__)
State = MailingRun.State
# How far back it is said what was left out.
REMEMBERED = timedelta(days=62)


class NobodyTold(Exception):
    """None of those it is for may see it, or has an address."""


def send_due(now: datetime) -> int:
    """Look at every mailing that is due; how many went out."""
    waiting = Q(runs__state=State.WAITING, runs__due_at__lte=now)
    due = Mailing.objects.filter(Q(next_at__lte=now) | waiting).distinct()
    sent = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            sent += _looked_at(pk, now)
        except Exception:  # one that cannot even be looked at holds up no other
            log.exception("mailing %s", pk)
    for pk in _refused().values_list("pk", flat=True):
        _tell_refused(pk)
    return sent


@transaction.atomic
def _looked_at(pk: int, now: datetime) -> int:
    """Send what is due of one mailing; how many of its runs went out."""
    held = Mailing.objects.filter(pk=pk).select_for_update(of=("self",), skip_locked=True)
    mailing = held.select_related("report", "site", "owner").first()
    if mailing is None:
        return 0
    today = day_of(now, mailing.rhythm.calendar)
    if mailing.is_on:
        _begin(mailing, now)
    sent = 0
    for run in mailing.runs.filter(state=State.WAITING).order_by("pk"):
        if run.day < today:
            _give_up(run, mailing, now)
        elif run.due_at <= now:
            sent += _tried(run, mailing, now)
    mailing.next_at = mailing.rhythm.next_after(now) if mailing.is_on else None
    mailing.save(update_fields=["next_at"])
    return sent


def _begin(mailing: Mailing, now: datetime) -> None:
    """Make the run of today, once it is due; of earlier days that nobody looked at say so."""
    rhythm, today = mailing.rhythm, day_of(now, mailing.rhythm.calendar)
    after = max(mailing.since, now - REMEMBERED)
    last = mailing.runs.filter(is_asked=False).order_by("-day").first()
    if last is not None:
        after = max(after, rhythm.at(last.day))
    late = []
    for day in rhythm.between(after, now):
        if day < today:
            late.append(day)
            made = {"state": State.SKIPPED, "due_at": rhythm.at(day), "finished_at": now}
            error = _("Nothing was sent on that day: the program did not run.")
            mailing.runs.get_or_create(day=day, is_asked=False, defaults=made | {"error": error})
        else:
            defaults = {"due_at": now}
            mailing.runs.get_or_create(day=day, is_asked=False, defaults=defaults)
    if late:
        words = _("It was not sent on %(days)s, for the program did not run then.")
        said = words % {"days": ", ".join(map(str, late))}
        _announce(mailing, f"left out {late[-1]}", _("Not sent: %(name)s"), said)


def _tried(run: MailingRun, mailing: Mailing, now: datetime) -> bool:
    """Put the mails of a run out; whether that went well."""
    run.tries += 1
    try:
        with transaction.atomic():
            _put(run, mailing, now)
    except NobodyTold as nobody:
        run.error = str(nobody)
        _give_up(run, mailing, now)
        return False
    except Exception as trouble:
        if isinstance(trouble, NotYet):
            run.error = str(trouble)[:300]
        else:
            log.exception("mailing %s of %s", mailing.pk, run.day)
            words = _("It could not be made (%(error)s); the log says more.")
            run.error = (words % {"error": type(trouble).__name__})[:300]
        run.due_at = now + moments.retried_after(run.tries)
        run.save()
        again = run.due_at.astimezone(mailing.rhythm.tz)
        words = _("%(error)s It is tried again from %(time)s on, until the day is over.")
        said = words % {"error": run.error, "time": f"{again:%H:%M} ({mailing.zone})"}
        _announce(mailing, f"run {run.pk} failed", _("Not sent yet: %(name)s"), said)
        return False
    run.state, run.finished_at, run.error = State.SENT, now, ""
    run.save()
    return True


def _put(run: MailingRun, mailing: Mailing, now: datetime) -> None:
    """Put out each reader's own mail. Raises NotYet, and NobodyTold where there is none."""
    if not rights.may(mailing.owner, "mailings"):
        raise NobodyTold(_("Who had it mailed has no role any more that may."))
    keys, left_out = [], []
    for reader in mailing.told.order_by("pk"):
        try:
            if not reader.is_active or not reader.email:
                raise NotForReader(_("has no login any more, or no address"))
            letter = letters.of(mailing, reader, run.tries, now)
        except NotForReader as why:
            left_out.append(f"{reader}: {why}")
            continue
        keys.append(f"mailing {run.pk} to {reader.pk}")
        outbox.mail(
            keys[-1], reader.email, letter.subject, letter.body,
            html=letter.html, site=mailing.site, files=letter.files,
        )  # fmt: skip
    run.left_out = "\n".join(left_out)
    if not keys:
        raise NobodyTold(_("There is nobody to tell."))
    run.mails.set(Delivery.objects.filter(key__in=keys))


def _give_up(run: MailingRun, mailing: Mailing, now: datetime) -> None:
    """A run that is not tried any more: its day is over, or there is nobody to tell."""
    run.state, run.finished_at = State.FAILED, now
    run.save()
    said = _("It was not sent on %(day)s. %(error)s") % {"day": run.day, "error": run.error}
    _announce(mailing, f"run {run.pk} given up", _("Given up: %(name)s"), said)


def _announce(mailing: Mailing, key: str, subject: str, said: str) -> None:
    """Tell whoever it belongs to, once; the page of mailings says it, too."""
    owner: User = mailing.owner
    if not owner.is_active or not owner.email:
        return
    body = f"{said}\n\n{letters.address('mailing_edit', mailing.pk)}\n"
    outbox.mail(f"mailing {mailing.pk} {key}", owner.email, subject % {"name": mailing}, body)


def _refused() -> QuerySet[MailingRun]:
    """Runs of which a mail was given up, and nobody was told yet."""
    given_up = MailingRun.objects.filter(refusal_told=False, mails__state=Delivery.State.FAILED)
    return given_up.distinct()


@transaction.atomic
def _tell_refused(pk: int) -> None:
    held = MailingRun.objects.filter(pk=pk, refusal_told=False)
    run = held.select_for_update(of=("self",), skip_locked=True).first()
    if run is None:
        return
    mailing = Mailing.objects.select_related("report", "site", "owner").get(pk=run.mailing_id)
    failed = run.mails.filter(state=Delivery.State.FAILED).order_by("pk")
    lines = "\n".join(f"{one.address}: {one.error}" for one in failed)
    said = _("These mails of %(day)s were not taken:") % {"day": run.day}
    _announce(mailing, f"run {run.pk} refused", _("Not delivered: %(name)s"), f"{said}\n{lines}")
    run.refusal_told = True
    run.save(update_fields=["refusal_told"])
