"""What speaks against the time of a session, by the roster that is published, in words."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Leave, Site, User
from coaching.agreed.times import Clash, Piece, clashes
from coaching.models import Participant, Session
from scheduling.mine import words as of_shifts
from scheduling.models import KeptRoster, KeptShift
from scheduling.rosters import parts


def against(
    site: Site,
    agents: Collection[Agent],
    coach: User,
    starts_at: datetime,
    minutes: int,
    *,
    but: Session | None = None,
) -> list[str]:
    """What speaks against a session with some agents of a site, a line each; nothing where no
    roster is published of that day. `but`: the session itself, where it is planned already. Six
    queries."""
    end = starts_at + timedelta(minutes=minutes)
    people = {one.pk: one for one in agents}
    leads = Agent.objects.filter(user=coach).first()
    if leads is not None:
        people.setdefault(leads.pk, leads)
    day = day_of(starts_at, site.calendar)
    rostered = _rostered(site, people, day)
    shifts = _shifts(people, starts_at, end, day)
    absent = _absent(people, day)
    engaged = _engaged(people, coach, starts_at, end, but)
    found = []
    for pk, agent in sorted(people.items(), key=lambda one: one[1].name):
        if pk in absent:
            found.append(_("%(who)s is absent on that day.") % {"who": agent.name})
            continue
        others = engaged.get(pk, ())
        if pk in rostered:
            told = clashes(starts_at, end, shifts.get(pk, ()), others)
        else:
            told = [Clash("engaged", one) for one in others]
        found += [_words(one, agent, site) for one in told]
    if leads is None and engaged.get(0):
        found += [_said("engaged", str(coach), _clock(one, site), "") for one in engaged[0]]
    return found


def _words(clash: Clash, agent: Agent, site: Site) -> str:
    if clash.piece is None:
        return _("%(who)s has no shift on that day.") % {"who": agent.name}
    name = clash.piece.name
    return _said(clash.why, agent.name, _clock(clash.piece, site), name)


def _said(why: str, who: str, clock: str, what: str) -> str:
    words = {
        "outside": _("%(who)s works %(clock)s on that day."),
        "pause": _("%(who)s has a break %(clock)s."),
        "busy": _("%(who)s has %(what)s %(clock)s."),
        "on_call": _("%(who)s is on call %(clock)s."),
        "engaged": _("%(who)s has another session %(clock)s."),
    }[why]
    return words % {"who": who, "clock": clock, "what": what}


def _clock(one: Piece, site: Site) -> str:
    return of_shifts.clock(one.start, one.end, site.tz)


def _rostered(site: Site, people: Collection[int], day: date) -> set[int]:
    """Of whom a roster of that day is published: one of the site, or of a group whom it has shifts
    of."""
    rosters = KeptRoster.objects.published().within(day, day).filter(site=site)
    found = dict(rosters.values_list("pk", "group"))
    if None in found.values():
        return set(people)
    shifts = KeptShift.objects.filter(roster__in=found, agent__in=people)
    return set(shifts.order_by().values_list("agent", flat=True)) if found else set()


def _shifts(
    people: Collection[int], start: datetime, end: datetime, day: date
) -> Mapping[int, list[Piece]]:
    """The parts of the shift of each that is nearest: that meets the time, else that of the day."""
    rows = KeptShift.objects.published().filter(agent__in=people)
    meets = Q(begins_at__lt=end, ends_at__gt=start)
    rows = rows.filter(meets | Q(day=day), day__gte=day - 2 * DAY).order_by("begins_at")
    of_each: dict[int, list[KeptShift]] = defaultdict(list)
    for one in rows:
        of_each[one.agent_id].append(one)
    found: dict[int, list[Piece]] = {}
    for agent, some in of_each.items():
        meeting = [one for one in some if one.begins_at < end and start < one.ends_at]
        found[agent] = [piece for one in meeting or some for piece in _pieces(one)]
    return found


def _pieces(shift: KeptShift) -> Iterable[Piece]:
    for one in parts.of_shift(shift):
        yield Piece(one.kind, of_shifts.part(one), one.start, one.end)


def _absent(people: Collection[int], day: date) -> set[int]:
    rows = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=day), agent__in=people, first_on__lte=day
    )
    return set(rows.order_by().values_list("agent", flat=True))


def _engaged(
    people: Mapping[int, Agent], coach: User, start: datetime, end: datetime, but: Session | None
) -> Mapping[int, Sequence[Piece]]:
    """Other sessions of that time, by agent; those that a coach leads who is none by 0."""
    rows: Any = Session.objects.planned().filter(
        starts_at__lt=end, starts_at__gt=start - timedelta(minutes=480)
    )
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    theirs = Participant.objects.filter(session__in=rows, agent__in=people)
    found: dict[int, list[Piece]] = defaultdict(list)
    said = theirs.values_list("agent", "session__starts_at", "session__minutes")
    for agent, starts, minutes in said:
        found[agent].append(_piece(starts, minutes))
    own = next((pk for pk, one in people.items() if one.user_id == coach.pk), 0)
    for starts, minutes in rows.filter(coach=coach).values_list("starts_at", "minutes"):
        found[own].append(_piece(starts, minutes))
    return {one: [piece for piece in pieces if start < piece.end] for one, pieces in found.items()}


def _piece(starts: datetime, minutes: int) -> Piece:
    return Piece("session", "", starts, starts + timedelta(minutes=minutes))
