"""Changes of a roster's shifts, whoever makes them and why: each is kept with what was before, so
that it can be undone, and told to those whom it is about.

Nobody's change is lost: a change says at which revision it was thought of, and one of days that
somebody else has changed since is refused with their names. The roster is locked meanwhile.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Agent, Site, User
from scheduling.models import KeptRoster, KeptShift, RosterEdit, ShiftChange
from scheduling.rosters import given, services
from scheduling.rosters.changed import shifts_changed
from scheduling.rosters.given import Given
from scheduling.terms import read

Key = tuple[int, date]
_MOST_NAMED = 5
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is to have on a day; None: off."""

    agent: int
    day: date
    given: Given | None


class Stale(ValidationError):
    """Somebody else has changed the same days since."""


@transaction.atomic
def apply(
    roster: KeptRoster,
    wanted: Sequence[Wanted],
    who: User,
    now: datetime,
    *,
    seen: int,
    why: str = RosterEdit.Why.HAND,
    note: str = "",
    undoes: RosterEdit | None = None,
    by_themselves: Collection[int] = (),
) -> RosterEdit | None:
    """Change shifts, all of them or none; None where all are so already. `seen` is the revision at
    which it was thought of; `by_themselves` are agents who asked for it, and need not acknowledge
    what they have.

    Raises Stale, and ValidationError for what cannot be: a roster that is being made, days and
    people that are not of it, a shift that is none, or a second one of a day that people work by.
    """
    locked = _locked(roster)
    if services.working(locked) is not None:
        raise ValidationError(_("It is being made: wait until that is over, or stop it."))
    if seen > locked.revision or len({(one.agent, one.day) for one in wanted}) < len(wanted):
        raise ValidationError(_("That cannot be: look again."))
    there = {(one.agent_id, one.day): one for one in _rows(locked, wanted)}
    changed = [
        one for one in wanted if _values(there.get((one.agent, one.day))) != _said(one.given)
    ]
    if not changed:
        return None
    if undoes is None:
        not_stale(locked, [(one.agent, one.day) for one in changed], seen)
    else:
        _as_left(undoes, there)
    _possible(locked, changed)
    if not locked.is_draft:
        _only_once(locked, changed)
    locked.revision += 1
    locked.save(update_fields=["revision"])
    edit = RosterEdit(
        roster=locked, number=locked.revision, why=why, note=note, undoes=undoes,
        made_by=who, made_at=now,
    )  # fmt: skip
    edit.save()
    audit.record(
        who, locked, before={"revision": edit.number - 1}, after={"revision": edit.number}, now=now
    )
    soon = _soon(locked, now)
    ShiftChange.objects.bulk_create(
        ShiftChange(
            edit=edit,
            agent_id=one.agent,
            day=one.day,
            before=_values(there.get((one.agent, one.day))),
            after=_said(one.given),
            is_published=not locked.is_draft,
            is_short=not locked.is_draft and one.day <= soon and one.agent not in by_themselves,
        )
        for one in changed
    )
    gone = [there[one.agent, one.day].pk for one in changed if (one.agent, one.day) in there]
    KeptShift.objects.filter(pk__in=gone).delete()
    KeptShift.objects.bulk_create(
        given.row(locked, one.agent, one.day, one.given) for one in changed if one.given is not None
    )
    roster.revision = locked.revision
    if not locked.is_draft:
        days = {one.day for one in changed}
        shifts_changed.send(sender=KeptShift, site=locked.site_id, wanted=days)
    return edit


def undo(roster: KeptRoster, who: User, now: datetime) -> RosterEdit | None:
    """Put back what somebody last did with a roster; None where there is nothing to put back.
    Raises Stale where somebody else has changed the same days since."""
    done, _undone = stacks(roster, who)
    return reverse(done[-1], who, now) if done else None


def redo(roster: KeptRoster, who: User, now: datetime) -> RosterEdit | None:
    """Do again what somebody last undid. As `undo`."""
    _done, undone = stacks(roster, who)
    return reverse(undone[-1], who, now) if undone else None


def stacks(roster: KeptRoster, who: User) -> tuple[list[RosterEdit], list[RosterEdit]]:
    """What somebody did with a roster since it was last made and can undo, and what they undid and
    can do again; the last of each is next. A new change leaves nothing to do again."""
    mine = RosterEdit.objects.filter(
        roster=roster.pk, made_by=who, number__gt=roster.made_revision,
        why__in=(RosterEdit.Why.HAND, RosterEdit.Why.UNDO),
    )  # fmt: skip
    done: list[RosterEdit] = []
    undone: list[RosterEdit] = []
    for one in mine.order_by("number"):
        one.roster = roster  # the asker's: it has the new revision once one of them is put back
        if one.undoes_id is None:
            done.append(one)
            undone.clear()
        elif done and one.undoes_id == done[-1].pk:
            done.pop()
            undone.append(one)
        elif undone and one.undoes_id == undone[-1].pk:
            undone.pop()
            done.append(one)
    return done, undone


def reverse(edit: RosterEdit, who: User, now: datetime) -> RosterEdit | None:
    """Put back what an edit changed, whoever made it; None where all is so already. Raises Stale
    where somebody has changed the same days since."""
    wanted = [
        Wanted(one.agent_id, one.day, None if one.before is None else given.of_values(one.before))
        for one in edit.changes.order_by("day", "agent")
    ]
    return apply(
        edit.roster, wanted, who, now, seen=edit.number, why=RosterEdit.Why.UNDO, undoes=edit
    )  # fmt: skip


def _locked(roster: KeptRoster) -> KeptRoster:
    # As `services.publish` does, the roster, then its site: of two rosters of the same people one
    # is changed after the other.
    locked = (
        KeptRoster.objects.select_for_update(of=("self",)).select_related("site").get(pk=roster.pk)
    )
    if not locked.is_draft:
        Site.objects.select_for_update(no_key=True).get(pk=locked.site_id)
    return locked


def _rows(roster: KeptRoster, wanted: Iterable[Wanted]) -> Iterable[KeptShift]:
    keys = [*wanted]
    rows: Iterable[KeptShift] = roster.shifts.filter(
        agent__in={one.agent for one in keys}, day__in={one.day for one in keys}
    )
    return rows


def _values(row: KeptShift | None) -> Mapping[str, object] | None:
    return None if row is None else given.of_row(row).values()


def _said(wanted: Given | None) -> Mapping[str, object] | None:
    return None if wanted is None else wanted.values()


def not_stale(roster: KeptRoster, keys: Collection[Key], seen: int) -> None:
    """Raises Stale, with their name, where somebody has changed some people's days since a
    revision."""
    if seen < roster.made_revision:
        raise Stale(_("It was made anew since you looked at it: look again."))
    since = ShiftChange.objects.filter(edit__roster=roster, edit__number__gt=seen)
    for one in since.select_related("agent", "edit__made_by").order_by("edit__number"):
        if (one.agent_id, one.day) in keys:
            raise _stale(one, str(one.edit.made_by or _("Somebody")))


def _as_left(edit: RosterEdit, there: Mapping[Key, KeptShift]) -> None:
    """Raises Stale where what is to be put back is not any more as an edit left it."""
    for one in edit.changes.select_related("agent"):
        if _values(there.get((one.agent_id, one.day))) != one.after:
            raise _stale(one, _("Somebody"))


def _stale(change: ShiftChange, who: str) -> Stale:
    return Stale(
        _("%(who)s has changed what %(name)s has on %(day)s since: look again.")
        % {"who": who, "name": change.agent.name, "day": date_format(change.day, "D j M")}
    )


def _possible(roster: KeptRoster, wanted: Sequence[Wanted]) -> None:
    people = {one.agent for one in wanted if one.given is not None}
    there = Agent.objects.filter(pk__in=people, site=roster.site_id).count()
    if there < len(people):
        raise ValidationError(_("There is somebody who is not of this site."))
    for one in wanted:
        if not roster.first_day <= one.day <= roster.last_day:
            raise ValidationError(_("There is a day that is not of this roster."))
        if one.given is not None:
            _is_a_shift(roster, one.day, one.given)


def _is_a_shift(roster: KeptRoster, day: date, said: Given) -> None:
    """Raises ValidationError where it begins on another day, is too long, or what is in it lies
    outside of its spells or over each other."""
    begin = said.begins_at.astimezone(roster.site.calendar.zone)
    if begin.date() != day:
        raise ValidationError(_("A shift begins on the day that it is of."))
    if not timedelta(0) < said.ends_at - said.begins_at <= LONGEST:
        raise ValidationError(_("A shift ends after it begins, within 24 hours."))
    moment = datetime.fromisoformat
    at = said.begins_at
    for one in sorted(said.activities, key=lambda each: moment(each["start"])):
        start, end = moment(one["start"]), moment(one["end"])
        if end <= start:
            raise ValidationError(_("%(name)s ends before it begins.") % {"name": one["name"]})
        if start < at:
            raise ValidationError(
                _("%(name)s begins before what precedes it is over.") % {"name": one["name"]}
            )
        if not any(since <= start and end <= to for since, to in said.spells):
            raise ValidationError(
                _("%(name)s lies outside of the hours worked.") % {"name": one["name"]}
            )
        at = end


def _only_once(roster: KeptRoster, wanted: Sequence[Wanted]) -> None:
    """Raises ValidationError where somebody works by another published roster on the day."""
    mine = {(one.agent, one.day) for one in wanted if one.given is not None}
    others = KeptShift.objects.published().exclude(roster=roster)
    others = others.filter(
        agent__in={agent for agent, _day in mine}, day__in={day for _agent, day in mine}
    ).select_related("agent")
    twice = [one.agent.name for one in others if (one.agent_id, one.day) in mine]
    if twice:
        raise ValidationError(
            _("By another roster there are shifts on the same days of: %(names)s")
            % {"names": ", ".join(twice[:_MOST_NAMED])}
        )


def _soon(roster: KeptRoster, now: datetime) -> date:
    """The last day of which people are told shortly by now."""
    notice = read.rules(roster.site).notice_days
    today: date = day_of(now, roster.site.calendar)
    return today + timedelta(days=notice - 1)
