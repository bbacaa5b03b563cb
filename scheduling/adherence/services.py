"""Writes exceptions, and what a site's adherence goes by; each time the audit log has it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, Site, User
from scheduling.adherence import marks
from scheduling.models import AdherenceException, AdherenceRules, Doing, KeptShift, PauseReason

State = AdherenceException.State
LONGEST = timedelta(hours=24)
# What is judged otherwise later than this has gone into pay and reports.
OLDEST = timedelta(days=62)
SOONEST = timedelta(days=31)
MOST_WAITING = 50
_UNSAID = ("id", "asked_by", "asked_at", "decided_by", "decided_at")


def values(row: Any) -> dict[str, Any]:
    """What the audit log keeps of a row."""
    return audit.values_of(row, _UNSAID)


@transaction.atomic
def ask(row: AdherenceException, who: User, now: datetime) -> bool:
    """Ask for an exception. False, and nothing is kept, where the same is there already: a form
    that was sent twice. Of two who ask at once one waits.

    Raises ValidationError, by fields of the form, for a time that cannot be, one that another
    exception lies over, and one that does not lie within a published shift of theirs.
    """
    agent = (
        Agent.objects.select_for_update(of=("self",), no_key=True)
        .select_related("site")
        .get(pk=row.agent_id)
    )
    if row.ends_at <= row.starts_at:
        raise ValidationError({"until": _("It ends before it begins.")})
    if row.ends_at - row.starts_at > LONGEST:
        raise ValidationError({"until": _("It is no longer than 24 hours.")})
    if not now - OLDEST <= row.starts_at <= now + SOONEST:
        raise ValidationError({"since": _("It begins within the last 62 days, or the next 31.")})
    there = AdherenceException.objects.filter(
        agent=agent, state__in=(State.ASKED, State.APPROVED),
        starts_at__lt=row.ends_at, ends_at__gt=row.starts_at,
    )  # fmt: skip
    same = {name: getattr(row, name) for name in ("starts_at", "ends_at", "kind", "reason")}
    if there.filter(state=State.ASKED, **same).exists():
        return False
    # What ends before it begins is told so, and not by what lies on the days until it does.
    _lies_within_a_shift(row, agent)
    if there.exists():
        raise ValidationError({"since": _("There is another exception at the same time.")})
    if AdherenceException.objects.asked().filter(agent=agent).count() >= MOST_WAITING:
        raise ValidationError(_("So many wait already: have these decided first."))
    row.state, row.asked_by, row.asked_at = State.ASKED, who, now
    row.save()
    audit.record(who, row, before=None, after=values(row), now=now)
    return True


def _lies_within_a_shift(row: AdherenceException, agent: Agent) -> None:
    begun = KeptShift.objects.published().filter(
        agent=agent, begins_at__lte=row.starts_at, ends_at__gt=row.starts_at
    )
    ends = [one.ends_at for one in begun if not one.is_on_call]
    if not ends:
        words = _("No published shift is on at this time: an exception lies within one.")
        raise ValidationError({"since": words})
    if row.ends_at > max(ends):
        words = _("It ends after it begins, and no later than the shift, which is over at %(at)s.")
        at = max(ends).astimezone(agent.site.calendar.zone)
        raise ValidationError({"until": words % {"at": f"{at:%H:%M}"}})


@transaction.atomic
def decide(row: AdherenceException, *, approved: bool, note: str, who: User, now: datetime) -> None:
    """Approve or refuse what waits, or decide anew what was decided. Raises ValidationError where
    somebody else has decided it or taken it back since `row` was read, where another one that is
    approved lies over it, for one's own, and for a refusal without a word why."""
    locked = _locked(row)
    if locked.agent.user_id == who.pk:
        raise ValidationError(_("Nobody decides their own."))
    if locked.state not in (State.ASKED, State.APPROVED, State.REFUSED):
        raise ValidationError(_("It was taken back meanwhile."))
    if locked.state != row.state or locked.decided_at != row.decided_at:
        raise ValidationError(_("Somebody has decided it meanwhile: look again."))
    if not approved and not note:
        raise ValidationError({"note": _("Say why it is refused: they are told.")})
    # One that was refused has made room for another.
    over = AdherenceException.objects.exclude(pk=locked.pk).filter(
        agent=locked.agent_id, state__in=(State.ASKED, State.APPROVED),
        starts_at__lt=locked.ends_at, ends_at__gt=locked.starts_at,
    )  # fmt: skip
    if approved and over.exists():
        raise ValidationError(_("There is another exception at the same time."))
    before = values(locked)
    locked.state = State.APPROVED if approved else State.REFUSED
    locked.note, locked.decided_by, locked.decided_at = note, who, now
    locked.save()
    audit.record(who, locked, before=before, after=values(locked), now=now)
    if State.APPROVED in (before["state"], locked.state):
        marks.exception_changed(locked)


@transaction.atomic
def withdraw(row: AdherenceException, who: User, now: datetime) -> bool:
    """Take back what waits; False where it waits no more."""
    locked = _locked(row)
    if locked.state != State.ASKED:
        return False
    before = values(locked)
    locked.state = State.WITHDRAWN
    locked.save(update_fields=["state"])
    audit.record(who, locked, before=before, after=values(locked), now=now)
    return True


@transaction.atomic
def keep_rules(
    site: Site,
    starts_on: date,
    said: Mapping[str, Any],
    who: User,
    now: datetime,
) -> None:
    """Have a site's adherence go by other rules from a day on; of a day that has some, by these
    instead. Days from it on are counted again."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    row = AdherenceRules.objects.filter(site=site, starts_on=starts_on).first()
    before = None if row is None else values(row)
    row = row or AdherenceRules(site=site, starts_on=starts_on)
    for name in ("variant", "forgiven_seconds", "late_seconds"):
        setattr(row, name, said[name])
    row.save()
    if before != (after := values(row)):
        audit.record(who, row, before=before, after=after, now=now)
        marks.all_of(site.pk)


@transaction.atomic
def keep_reasons(site: Site, said: Mapping[str, str], who: User, now: datetime) -> int:
    """Keep what reasons of pauses are; an empty word: nobody has said so. How many changed; where
    any did, all that was counted is counted again."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    there = {row.reason.casefold(): row for row in PauseReason.objects.filter(site=site)}
    changed = 0
    for reason, activity in said.items():
        if activity and activity not in Doing.values:
            raise ValidationError(_("There is no such activity."))
        row = there.get(reason.casefold())
        if (row.activity if row else "") == activity:
            continue
        changed += 1
        if row is not None and not activity:
            audit.record(who, row, before=values(row), after=None, now=now)
            row.delete()
            continue
        before = None if row is None else values(row)
        row = row or PauseReason(site=site, reason=reason)
        row.activity = activity
        row.save()
        audit.record(who, row, before=before, after=values(row), now=now)
    if changed:
        marks.all_of(site.pk)
    return changed


def _locked(row: AdherenceException) -> AdherenceException:
    found: AdherenceException = (
        AdherenceException.objects.select_for_update(of=("self",))
        .select_related("agent__site")
        .get(pk=row.pk)
    )
    return found
