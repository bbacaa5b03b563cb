"""Somebody's published shifts as a calendar that other programs read (RFC 5545), and what they
agreed to beside them.

An event is of somebody and a day, whatever becomes of its shift: its id stays, and each change of
the day counts its sequence up. Nobody else is named in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from ccm.intervals import site_day
from ccm.models import Agent
from kpis.mailings.letters import whole
from scheduling.mine import engaged, words
from scheduling.mine.engaged import Engagement
from scheduling.mine.reads import today_of
from scheduling.models import KeptShift, ShiftChange
from scheduling.rosters import parts

BEFORE = timedelta(weeks=4)
# Rosters have at most eight weeks, and somebody one shift a day.
MOST_EVENTS = 400
# How often programs are asked to look again, if they heed it.
EVERY = timedelta(hours=1)
# So long before what somebody agreed to their program reminds them.
REMINDED = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Version:
    """How often a day was changed since it was published, and when it was last."""

    sequence: int
    at: datetime


def of_agent(agent: Agent, now: datetime, centre: str = "") -> bytes:
    """Their shifts from four weeks ago on; none that is not published, or of a day of leave; and
    what they agreed to. Two queries, and one of each who tells of that. The same as long as nothing
    changes: `now` is only where it begins. `centre` is what addresses of pages begin with; empty:
    as in mails."""
    since = today_of(agent, now) - BEFORE
    shifts = list(
        KeptShift.objects.published()
        .filter(agent=agent, day__gte=since)
        .worked()
        .select_related("roster", "template")
        .order_by("day", "pk")[:MOST_EVENTS]
    )
    changed = {
        day: (many, at)
        for day, many, at in ShiftChange.objects.filter(
            agent=agent, is_published=True, day__gte=since
        )
        .values_list("day")
        .annotate(Count("pk"), Max("edit__made_at"))
        .order_by()
    }
    agreed = engaged.of(agent, site_day(since, agent.site.calendar).start)[:MOST_EVENTS]
    zone = agent.site.calendar.zone
    events = [*_events(shifts, changed, zone), *(event_of(one, centre) for one in agreed)]
    return written("my schedule", _("My schedule"), events)


def written(product: str, name: str, events: Iterable[Event]) -> bytes:
    """Some events as a calendar of a name; `product` says which of ours it is."""
    calendar = Calendar()
    calendar.add("prodid", f"-//ccm//{product}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def event_of(one: Engagement, centre: str = "") -> Event:
    """What somebody agreed to, as an event whose page is at the address `centre`; empty: at that of
    mails. Of what is not called off it reminds."""
    event = Event()
    event.add("uid", f"{one.uid}@ccm")
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.made_at.astimezone(UTC))
    event.add("dtstart", one.starts_at.astimezone(UTC))
    event.add("dtend", one.ends_at.astimezone(UTC))
    event.add("summary", one.words)
    if one.place:
        event.add("location", one.place)
    event.add("url", f"{centre}{one.url}" if centre else whole(one.url))
    event.add("status", "CANCELLED" if one.is_off else "CONFIRMED")
    event.add("class", "PRIVATE")
    if not one.is_off:
        event.add_component(_reminder(one.words))
    return event


def _reminder(words: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", -REMINDED)
    return alarm


def _events(
    shifts: Iterable[KeptShift], changed: dict[object, tuple[int, datetime]], zone: ZoneInfo
) -> Iterable[Event]:
    for one in shifts:
        published_at = one.roster.published_at
        assert published_at is not None
        many, at = changed.get(one.day, (0, published_at))
        yield _event(one, _Version(many, max(at, published_at).astimezone(UTC)), zone)


def _event(shift: KeptShift, version: _Version, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"shift-{shift.agent_id}-{shift.day:%Y%m%d}@ccm")
    event.add("sequence", version.sequence)
    # When it was last changed, and not when it is asked for: what is the same reads the same.
    event.add("dtstamp", version.at)
    event.add("last-modified", version.at)
    event.add("dtstart", shift.begins_at.astimezone(UTC))
    event.add("dtend", shift.ends_at.astimezone(UTC))
    event.add("summary", _summary(shift))
    event.add("description", _description(shift, zone))
    event.add("class", "PRIVATE")
    return event


def _summary(shift: KeptShift) -> str:
    if shift.template is not None:
        name: str = shift.template.name
        return name
    return _("On call") if shift.is_on_call else _("Work")


def _description(shift: KeptShift, zone: ZoneInfo) -> str:
    """What is not for contacts, a line each, and of a split shift its spells."""
    pieces = parts.of_shift(shift)
    lines = [
        f"{words.clock(one.start, one.end, zone)} {words.part(one)}"
        for one in pieces
        if one.kind not in (parts.ON_QUEUE, parts.ON_CALL)
    ]
    if len(shift.spells) > 1:
        moment = datetime.fromisoformat
        spells = [words.clock(moment(begin), moment(end), zone) for begin, end in shift.spells]
        lines.insert(0, ", ".join(spells))
    return "\n".join(lines)
