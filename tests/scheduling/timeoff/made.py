"""Requests and books for tests: May 2025, of which the 5th is a Monday; days of eight hours."""

from datetime import UTC, date, datetime, timedelta

from scheduling.timeoff import Book, DayOff, Member, Policy, Request, fixed

DAY = 480
TODAY = date(2025, 4, 1)


def may(day):
    return date(2025, 5, day)


def a_request(name, *days, person=None, kind="leave", asked=0, on=TODAY, minutes=DAY, part=None):
    """Days are of May. `asked` is so many minutes after nine on the day `on`; it is of the person
    of the same name."""
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC) + timedelta(minutes=asked)
    return Request(
        id=name,
        person=person or name,
        kind=kind,
        asked_at=at,
        asked_on=on,
        days=tuple(DayOff(may(day), minutes, DAY, part) for day in days),
    )


def a_book(*undecided, most=1, members=(), policy=None, **more):
    """A group of which so many may be off on each day of May."""
    known = {one.id: one for one in members}
    for one in undecided:
        known.setdefault(one.person, Member(one.person, date(2020, 1, 1), groups=("desk",)))
    return Book(
        members=known,
        policies={"leave": policy or Policy()},
        allowances={("desk", may(day)): fixed(most) for day in range(1, 32)},
        undecided=tuple(undecided),
        **more,
    )


def outcomes(settled):
    return {name: one.outcome.value for name, one in settled.decisions.items()}
