"""What a demo shows of time off: its sites' kinds of leave, how many may be away, and what some of
its people ask for."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import PLANNER
from ccm.demo import rota
from ccm.demo.house import SITES
from ccm.demo.load import loaded_demo
from ccm.intervals import DAY, day_of
from ccm.models import Agent, Site, User
from scheduling.absences import kept, services, staffed
from scheduling.models import LeaveKind, LeaveRequest, LeaveRules
from scheduling.rosters import edits
from scheduling.rosters.edits import Wanted

_DAY_MINUTES = 8 * 60
_YEAR_DAYS, _CARRIED_DAYS = 25, 5
_PLANNED = Decimal("0.1")
# Weeks ahead in which they begin, and their days; the last ones ask a person.
_ASKED = ((3, 5), (3, 5), (4, 2), (3, 5), (6, 10), (5, 1), (3, 3), (4, 1))
_OF_A_PERSON = 2


def publish() -> int:
    """Keep it of every site of a demo; returns of how many. Safe to run twice."""
    job = loaded_demo()
    if job is None:
        return 0
    then = datetime.fromisoformat(job.payload["now"])
    many = 0
    for spec in SITES:
        site = Site.objects.filter(slug=spec.slug).first()
        planner = User.objects.filter(groups__name=PLANNER, sites=site).order_by("pk").first()
        if site is None or planner is None or site.leave_kinds.exists():
            continue
        with transaction.atomic():
            _of_site(site, planner, then)
        many += 1
    return many


def _of_site(site: Site, planner: User, then: datetime) -> None:
    LeaveRules.objects.get_or_create(site=site, defaults={"planned_share": _PLANNED})
    # By the name that its absences have: those that are told already use the balance.
    holiday = LeaveKind(
        site=site,
        name=rota.HOLIDAY,
        year_minutes=_YEAR_DAYS * _DAY_MINUTES,
        notice_days=7,
        longest_run=21,
        carries=_CARRIED_DAYS * _DAY_MINUTES,
        carried_month=3,
        carried_day=31,
    )
    unpaid = LeaveKind(
        site=site,
        name=_("Unpaid leave"),
        is_paid=False,
        keeps_balance=False,
        decides=LeaveKind.Decides.PERSON,
    )
    for kind in (holiday, unpaid):
        services.keep(kind, planner, then)
    # As each night does it: the calendar has room on it from the first look.
    staffed.renew(site, then)
    today = day_of(then, site.calendar)
    people = Agent.objects.filter(site=site, is_new=False, left_on=None).exclude(hired_on=None)
    for number, (agent, (weeks, days)) in enumerate(
        zip(people.select_related("site", "user").order_by("pk"), _ASKED, strict=False)
    ):
        by_person = number >= len(_ASKED) - _OF_A_PERSON
        first = _monday(today) + timedelta(weeks=weeks)
        row = LeaveRequest(
            agent=agent,
            kind=unpaid if by_person else holiday,
            first_on=first,
            last_on=first + _calendar_days(days),
        )
        services.ask(row, agent.user or planner, then)
    _freed(site, planner, timezone.now())


def _freed(site: Site, planner: User, now: datetime) -> None:
    """Take whoever is on leave that was approved off the published rosters of those days, as the
    planner does."""
    approved = list(LeaveRequest.objects.approved().filter(agent__site=site))
    for roster in site.rosters.published().order_by("first_day"):
        there = {*roster.shifts.values_list("agent_id", "day")}
        wanted = [
            Wanted(one.agent_id, off.day, None)
            for one in approved
            for off in kept.days_of(one)
            if (one.agent_id, off.day) in there
        ]
        if wanted:
            edits.apply(
                roster, wanted, planner, now, seen=roster.revision,
                note=_("Time off was approved"), by_themselves={one.agent for one in wanted},
            )  # fmt: skip


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _calendar_days(working: int) -> timedelta:
    """From a Monday to the last of so many working days."""
    weeks, rest = divmod(working - 1, 5)
    return timedelta(weeks=weeks) + rest * DAY
