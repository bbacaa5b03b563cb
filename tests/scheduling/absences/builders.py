"""Leave that tests begin with: 2026, in which 4 May is a Monday."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ccm.models import Agent, Site, User
from scheduling.absences import services
from scheduling.models import (
    DayAllowance,
    LeaveKind,
    LeaveOpening,
    LeaveRequest,
    LeaveRules,
    StaffedDay,
)
from tests.builders import a_user

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
TODAY = NOW.date()
MONDAY = date(2026, 5, 4)
DAY = timedelta(days=1)


def a_kind(site: Site, name: str = "Vacation", **more: Any) -> LeaveKind:
    """25 days of eight hours a year, at once, of which nothing is carried."""
    said = {"year_minutes": 25 * 480}
    return LeaveKind.objects.create(site=site, name=name, **said | more)


def rules(site: Site, people: float | None = None, **more: Any) -> LeaveRules:
    """So many people may be away, whatever the day; else it goes by the forecast."""
    said: dict[str, Any] = {"measure": "forecast"}
    if people is not None:
        said = {"measure": "fixed", "people": Decimal(str(people))}
    return LeaveRules.objects.create(site=site, **said | more)


def staffed(site: Site, day: date, has: int, needs: int | None) -> StaffedDay:
    """What a day has and needs, in hours."""
    return StaffedDay.objects.create(
        site=site, day=day, contracted_minutes=60 * has,
        required_minutes=None if needs is None else 60 * needs, reckoned_at=NOW,
    )  # fmt: skip


def closed(site: Site, day: date, people: float | None = None) -> DayAllowance:
    return DayAllowance.objects.create(
        site=site, day=day, people=None if people is None else Decimal(str(people)), said_at=NOW
    )


def had(agent: Agent, kind: LeaveKind, hours: float, day: date = date(2026, 1, 2)) -> LeaveOpening:
    """What was left once the leave year had begun, and had given what it gives."""
    return LeaveOpening.objects.create(
        agent=agent, kind=kind, day=day, minutes=round(60 * hours), reason="Brought along",
        said_at=NOW,
    )  # fmt: skip


def unsaved(
    agent: Agent, kind: LeaveKind, first: date = MONDAY, last: date | None = None, **more: Any
) -> LeaveRequest:
    return LeaveRequest(agent=agent, kind=kind, first_on=first, last_on=last or first, **more)


def asked(
    agent: Agent,
    kind: LeaveKind,
    first: date = MONDAY,
    last: date | None = None,
    now: datetime = NOW,
    **more: Any,
) -> LeaveRequest:
    """What somebody asked for, as it was decided at once."""
    who = agent.user or _anybody()
    return services.ask(unsaved(agent, kind, first, last, **more), who, now)


def _anybody() -> User:
    return User.objects.filter(username="asker").first() or a_user("", name="asker")


def leave_of(site: Site, agent: Agent) -> dict[str, Any]:
    """One of everything of a site's time off, and of somebody, by its name; made where it is not
    there."""
    used = LeaveKind.objects.filter(site=site, name="Unpaid").first()
    used = used or a_kind(site, "Unpaid", keeps_balance=False, is_paid=False, decides="person")
    kind = LeaveKind.objects.filter(site=site, name="Vacation").first() or a_kind(site)
    told = LeaveKind.objects.filter(site=site, name="Told").first() or a_kind(site, "Told")
    row = LeaveRequest.objects.standing().filter(agent=agent).first()
    return {
        "leave_kind": kind,
        "leave_balance": LeaveOpening.objects.filter(agent=agent).first() or had(agent, told, 80),
        "request": row or LeaveRequest.objects.create(
            agent=agent, kind=used, first_on=date(2027, 5, 3), last_on=date(2027, 5, 4),
            asked_at=NOW, days=[
                {"day": f"2027-05-0{day}", "minutes": 480, "of_minutes": 480} for day in (3, 4)
            ], facts=[
                {"rule": "past", "holds": True, "day": "2027-05-03", "found": "400",
                 "allowed": "0"},
                {"rule": "allowance", "holds": False, "day": "2027-05-03", "found": "480",
                 "allowed": None},
            ],
        ),
    }  # fmt: skip
