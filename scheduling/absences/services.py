"""Writes time off: what people ask for, what becomes of it, and what planners say; each time the
audit log has it.

Whoever writes at a site waits for whoever does already, so that no room is given twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import DAY, day_of
from ccm.models import Agent, Leave, Site, User
from ccm.plans import services as plans
from scheduling.absences import books, kept, letters, staffed, words
from scheduling.absences.books import Kept
from scheduling.models import (
    DayAllowance,
    LeaveKind,
    LeaveOpening,
    LeaveRequest,
    LeaveRules,
)
from scheduling.models.timeoff import MOST_DAYS
from scheduling.timeoff import Decision, Outcome, Rule, settle

State = LeaveRequest.State
Said: TypeAlias = LeaveKind | LeaveRules | LeaveOpening
MODELS = (LeaveKind, LeaveRules, LeaveOpening, DayAllowance, LeaveRequest)
MOST_OPEN = 50
_STATES = {
    Outcome.APPROVED: State.APPROVED,
    Outcome.REFUSED: State.REFUSED,
    Outcome.WAITLISTED: State.WAITING,
}
# What nobody may set aside: who is away already is, and what is over cannot be asked for.
FIRM = frozenset({Rule.PAST, Rule.OVERLAP})
_UNSAID = ("id", "said_by", "said_at", "asked_by", "asked_at", "decided_by", "decided_at",
           "days", "facts", "position", "leave")  # fmt: skip


def values(row: Any) -> dict[str, Any]:
    """What the audit log keeps of a row."""
    return audit.values_of(row, _UNSAID)


@transaction.atomic
def ask(row: LeaveRequest, who: User, now: datetime) -> LeaveRequest:
    """Keep what somebody asks for, and have it decided at once where the rules decide.

    Raises ValidationError for a kind that is none of the site's or cannot be asked for, for what is
    asked for already, and for more than a person can have open.
    """
    site = _locked(row.agent.site_id)
    check(row)
    row.asked_by, row.asked_at, row.state = who, now, State.ASKED
    staffed.ensure(site, row.first_on, row.last_on, now)
    row.save()
    audit.record(who, row, before=None, after=values(row), now=now)
    if row.kind.decides == LeaveKind.Decides.RULES:
        _settle(site, [*_waiting(site), row], now)
    else:
        held_against(site, row, day_of(now, site.calendar))
        row.save()
    return row


def check(row: LeaveRequest) -> None:
    """Raises ValidationError for what cannot be asked for at all."""
    if row.kind.site_id != row.agent.site_id or not row.kind.is_active:
        raise ValidationError({"kind": _("There is no such kind of leave to ask for.")})
    if row.last_on < row.first_on:
        raise ValidationError({"last_on": _("It ends before it begins.")})
    if (row.last_on - row.first_on).days >= MOST_DAYS:
        raise ValidationError({"last_on": _("It lasts a year at most.")})
    if (row.from_minute is None) != (row.to_minute is None):
        raise ValidationError({"to_minute": _("Say from when and to when, or neither.")})
    if row.part is not None:
        if row.first_on != row.last_on:
            raise ValidationError({"to_minute": _("Hours are of one day.")})
        if row.part[1] <= row.part[0]:
            raise ValidationError({"to_minute": _("It ends before it begins.")})
    own = LeaveRequest.objects.filter(agent=row.agent_id)
    same = {
        "first_on": row.first_on,
        "last_on": row.last_on,
        "from_minute": row.from_minute,
        "to_minute": row.to_minute,
    }
    if own.standing().filter(**same).exists():
        raise ValidationError(_("This was asked for already: it stands below."))
    if own.open().count() >= MOST_OPEN:
        raise ValidationError(
            _("%(most)s requests are open already: wait for them, or withdraw some.")
            % {"most": MOST_OPEN}
        )


@transaction.atomic
def preview(row: LeaveRequest, now: datetime) -> Decision:
    """What would become of a request if it were asked for now, decided as `ask` does: its days are
    reckoned where nobody has yet, and who waits for them goes before it where the order says so.
    Its days and its facts are told with it; of requests nothing is kept. Raises as `ask` does."""
    site = _locked(row.agent.site_id)
    check(row)
    row.asked_at = now
    staffed.ensure(site, row.first_on, row.last_on, now)
    before = _waiting(site) if row.kind.decides == LeaveKind.Decides.RULES else []
    return held_against(site, row, day_of(now, site.calendar), before)


def held_against(
    site: Site, row: LeaveRequest, today: date, waiting: Sequence[LeaveRequest] = ()
) -> Decision:
    """What the rules say of a request as all stands now, whoever waits but those `waiting`. Its
    days and its facts are told anew; nothing is kept."""
    found = books.of_requests(site, [*waiting, row], today)
    told = settle(found.book, today).decisions[kept.request_id(row.pk)]
    row.facts = kept.facts_written(told.facts, found.book.allowances)
    return told


@transaction.atomic
def settle_site(site_id: int, now: datetime) -> int:
    """Go through all that waits at a site, in its order; returns how many were decided. Safe to do
    twice."""
    site = _locked(site_id)
    rows = _waiting(site)
    many = _settle(site, rows, now) if rows else 0
    _look_again(site, now)
    return many


def _look_again(site: Site, now: datetime) -> None:
    """What the rules say of requests that a person decides, as all stands now."""
    rows = LeaveRequest.objects.filter(state=State.ASKED, agent__site=site, kind__site=site)
    for row in rows.select_related("agent", "kind").select_for_update(of=("self",)).order_by("pk"):
        was = row.facts
        held_against(site, row, day_of(now, site.calendar))
        if row.facts != was:
            row.save(update_fields=["facts", "days"])


@transaction.atomic
def approve(row: LeaveRequest, seen: str, reason: str, who: User, now: datetime) -> LeaveRequest:
    """Approve what is open. `seen` is the state in which it was looked at.

    Raises ValidationError where somebody decided meanwhile, where a rule that nobody may set aside
    speaks against it, and where another does and no reason is given.
    """
    site, row = _to_decide(row, seen)
    if not row.is_open:
        raise ValidationError(_("It is decided already."))
    staffed.ensure(site, row.first_on, row.last_on, now)
    _lock_people([row])
    told = held_against(site, row, day_of(now, site.calendar))
    firm = [one for one in told.broken if one.rule in FIRM]
    if firm:
        raise ValidationError(words.fact(firm[0]))
    if told.broken and not reason:
        raise ValidationError(
            {"reason": _("A rule speaks against it: say why it is approved all the same.")}
        )
    _decide(row, State.APPROVED, who, reason, now)
    return row


@transaction.atomic
def refuse(row: LeaveRequest, seen: str, reason: str, who: User, now: datetime) -> LeaveRequest:
    """Refuse what is open, with a reason. Raises ValidationError without one, and where somebody
    decided meanwhile."""
    site, row = _to_decide(row, seen)
    if not row.is_open:
        raise ValidationError(_("It is decided already."))
    if not reason:
        raise ValidationError({"reason": _("Say why.")})
    held_against(site, row, day_of(now, site.calendar))
    _decide(row, State.REFUSED, who, reason, now)
    return row


@transaction.atomic
def take_back(row: LeaveRequest, seen: str, reason: str, who: User, now: datetime) -> LeaveRequest:
    """Take back what was approved, with a reason; its absence goes. Raises ValidationError without
    one, where it is not approved, and where somebody was faster."""
    _site, row = _to_decide(row, seen)
    if row.state != State.APPROVED:
        raise ValidationError(_("It is not approved."))
    if not reason:
        raise ValidationError({"reason": _("Say why.")})
    _end(row, State.CANCELLED, who, reason, now)
    return row


@transaction.atomic
def withdraw(row: LeaveRequest, who: User, now: datetime) -> LeaveRequest:
    """Withdraw what one asked for oneself. Raises ValidationError where it is over, has begun, or
    was decided against."""
    site, row = _to_decide(row, None)
    today = day_of(now, site.calendar)
    if row.state == State.WITHDRAWN:
        return row  # asked twice
    if not may_withdraw(row, today):
        raise ValidationError(_("It has begun or is over: ask who leads your team."))
    _end(row, State.WITHDRAWN, who, "", now)
    return row


def may_withdraw(row: LeaveRequest, today: date) -> bool:
    """Whether its person can withdraw it: while it is open, and approved before it begins."""
    return row.is_open or (row.state == State.APPROVED and row.first_on > today)


@transaction.atomic
def follow_absences(site_id: int, now: datetime) -> int:
    """Have approved requests to come follow their absences: one that was removed elsewhere, as with
    an import that was taken back, is taken back; one that was moved is of its new days. Returns how
    many followed. Safe to do twice."""
    site = _locked(site_id)
    today = day_of(now, site.calendar)
    rows = LeaveRequest.objects.approved().filter(
        agent__site=site, last_on__gte=today, from_minute=None
    )
    many = 0
    for row in rows.select_related("agent", "kind", "leave").select_for_update(of=("self",)):
        leave = row.leave
        if leave is None:
            _end(row, State.CANCELLED, None, "", now)
        elif leave.last_on is not None and (leave.first_on, leave.last_on) != (
            row.first_on, row.last_on,
        ):  # fmt: skip
            before = values(row)
            row.first_on, row.last_on = leave.first_on, leave.last_on
            books.of_requests(site, [row], today)  # tells its days anew
            row.save()
            audit.record(None, row, before=before, after=values(row), now=now)
        else:
            continue
        many += 1
    return many


@transaction.atomic
def keep(row: Said, who: User, now: datetime) -> None:
    """Keep a kind of leave, a site's rules, or what somebody has left.

    Raises ValidationError for a balance of a kind of another site, or of which none is kept.
    """
    if isinstance(row, LeaveOpening):
        if row.kind.site_id != row.agent.site_id:
            told = {"name": row.kind.name, "site": row.kind.site}
            raise ValidationError(_("%(name)s is of another site: %(site)s.") % told)
        if not row.kind.keeps_balance:
            raise ValidationError({"kind": _("No balance is kept of this kind.")})
        row.said_by, row.said_at = who, now
    there = type(row)._default_manager.filter(pk=row.pk).first()
    before = None if there is None else values(there)
    row.save()
    # Numbers as they are kept, with all their digits.
    row.refresh_from_db()
    if before != (after := values(row)):
        audit.record(who, row, before=before, after=after, now=now)


@transaction.atomic
def forget(row: LeaveKind | LeaveOpening, who: User, now: datetime) -> bool:
    """Remove a kind that nobody ever asked for, or a word on a balance."""
    if hanging(row):
        return False
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()
    return True


def hanging(row: LeaveKind | LeaveOpening) -> list[str]:
    """What hangs on a row, so that it cannot go, in words."""
    if not isinstance(row, LeaveKind):
        return []
    told = (
        (row.requests.count(), _("requests for time off")),
        (row.openings.count(), _("balances")),
    )
    return [f"{many} {said}" for many, said in told if many]


@transaction.atomic
def say_days(
    site: Site,
    days: Sequence[date],
    people: Decimal | None,
    reason: str,
    who: User,
    now: datetime,
) -> None:
    """Say how many may be away on each of some days (None: they are closed), whatever was said
    before."""
    site = _locked(site.pk)
    there = {one.day: one for one in DayAllowance.objects.filter(site=site, day__in=days)}
    for day in days:
        row = there.get(day) or DayAllowance(site=site, day=day)
        before = values(row) if row.pk else None
        row.people, row.reason, row.said_by, row.said_at = people, reason, who, now
        row.save()
        row.refresh_from_db()
        if before != (after := values(row)):
            audit.record(who, row, before=before, after=after, now=now)


@transaction.atomic
def unsay_day(site: Site, day: date, who: User, now: datetime) -> bool:
    """Have a day go by the site's rules again; False where nothing was said of it."""
    site = _locked(site.pk)
    row = DayAllowance.objects.filter(site=site, day=day).first()
    if row is None:
        return False
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()
    return True


def held_words(leave: Leave) -> str:
    """Why an absence is changed only with the request that it came of; empty where it came of
    none. `ccm.plans.services` asks."""
    row = LeaveRequest.objects.approved().filter(leave=leave).first()
    if row is None:
        return ""
    return _("It came of a request for time off: take that back instead.")


def _locked(site_id: int) -> Site:
    # The rules with it, where there are any; they are not locked.
    rows = Site.objects.select_related("leave_rules").select_for_update(no_key=True, of=("self",))
    found: Site = rows.get(pk=site_id)
    return found


def _lock_people(rows: Iterable[LeaveRequest]) -> None:
    """Whoever writes an absence of them meanwhile (`ccm.plans.services.keep`) waits."""
    people = {one.agent_id for one in rows}
    locked = Agent.objects.select_for_update(no_key=True).filter(pk__in=people)
    list(locked.order_by("pk").values_list("pk"))


def _waiting(site: Site) -> list[LeaveRequest]:
    rows = LeaveRequest.objects.filter(
        state=State.WAITING, agent__site=site, kind__site=site
    ).select_related("agent", "kind")
    return list(rows.select_for_update(of=("self",)).order_by("asked_at", "pk"))


def _to_decide(row: LeaveRequest, seen: str | None) -> tuple[Site, LeaveRequest]:
    site = _locked(row.agent.site_id)
    rows = LeaveRequest.objects.select_related("agent", "kind", "leave", "decided_by")
    found: LeaveRequest = rows.select_for_update(of=("self",)).get(pk=row.pk)
    if seen is not None and found.state != seen:
        told = {"state": found.get_state_display(), "who": found.decided_by or _("the rules")}
        raise ValidationError(
            _("It was changed since you looked at it: %(state)s, by %(who)s.") % told
        )
    return site, found


def _settle(site: Site, rows: Sequence[LeaveRequest], now: datetime) -> int:
    """Decide what can be decided of open requests; returns of how many the state changed."""
    today = day_of(now, site.calendar)
    _lock_people(rows)
    found: Kept = books.of_requests(site, rows, today)
    decisions: Mapping[str, Decision] = settle(found.book, today).decisions
    many = 0
    for row in rows:
        told = decisions[kept.request_id(row.pk)]
        state = _STATES[told.outcome]
        stands = state == row.state == State.WAITING
        facts = kept.facts_written(told.facts, found.book.allowances)
        if stands and (facts, told.position) == (row.facts, row.position):
            continue
        was = row.position
        row.facts, row.position = facts, told.position
        if stands:
            row.save(update_fields=["facts", "position", "days"])
            if was is not None and row.position is not None and row.position < was:
                letters.tell_place(row)
        else:
            many += 1
            _decide(row, state, None, "", now)
    return many


def _decide(row: LeaveRequest, state: str, who: User | None, reason: str, now: datetime) -> None:
    """Decide what is open as its facts say, or somebody; what is approved becomes an absence."""
    before, waited = values(row), row.state == State.WAITING
    row.state, row.reason, row.decided_by = state, reason, who
    if state != State.WAITING:
        row.position = None
    row.decided_at = None if state == State.WAITING else now
    if state == State.APPROVED and row.part is None:
        leave = Leave(
            agent=row.agent, kind=row.kind.name, first_on=row.first_on, last_on=row.last_on
        )
        plans.keep(leave, who, now)
        row.leave = leave
    row.save()
    audit.record(who, row, before=before, after=values(row), now=now)
    if waited:
        letters.tell_decided(row)


def _end(row: LeaveRequest, state: str, who: User | None, reason: str, now: datetime) -> None:
    """End what is open or approved, with its absence."""
    before, leave = values(row), row.leave
    row.state, row.reason, row.leave, row.position = state, reason, None, None
    row.decided_by, row.decided_at = who, now
    row.save()
    audit.record(who, row, before=before, after=values(row), now=now)
    if leave is not None:
        plans.forget(leave, who, now)


def days_between(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]
