"""What the people of a demo work by: contracts by their hours, the shifts that its rota has, and
what some of them wish."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ccm.demo.rota import HOUR_MS, Shift
from ccm.models import Agent, Queue, Site
from scheduling.models import (
    AgentContract,
    AgentSkill,
    Availability,
    Contract,
    ShiftTemplate,
    SiteRules,
)
from scheduling.terms import words

# A week of five shifts of eight hours worked.
_FULL_WEEK = 40 * 60
_STEP, _HALF = 15, 30
# Its rota moves days off on from week to week, and sixth days happen.
_SOFT = {"most_week_minutes": 200, "most_week_days": 200, "most_days_in_row": 200}
# What a trade may leave short: a shift is given up where a supervisor says so.
_SHORT_HOURS = 8
_BAND = 3 * 60
_BREAK = {"name": "Break", "minutes": 15, "is_paid": True}
_LUNCH = {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 315, "is_paid": False}
_WITH_LUNCH = (
    _BREAK | {"earliest": 45, "latest": 165}, _LUNCH, _BREAK | {"earliest": 330, "latest": 450},
)  # fmt: skip
_LONG_HOURS = 6
_FEW = 12
_SLOWER = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class _Kind:
    """Shifts that begin from one minute of the clock to another."""

    name: str
    since: int
    until: int
    colour: str


def _kinds() -> tuple[_Kind, ...]:
    return (
        _Kind(_("Night"), 0, 4 * 60, "c8"),
        _Kind(_("Early"), 4 * 60, 9 * 60, "c1"),
        _Kind(_("Day"), 9 * 60, 12 * 60, "c3"),
        _Kind(_("Late"), 12 * 60, 20 * 60, "c2"),
        _Kind(_("Late night"), 20 * 60, 24 * 60, "c4"),
    )


def start_of(shift: Shift, zone: ZoneInfo) -> int:
    """The minute of the clock at which a shift of the rota is planned to begin: a whole quarter."""
    local = datetime.fromtimestamp(shift.start / 1_000, UTC).astimezone(zone)
    return (local.hour * 60 + local.minute) // _STEP * _STEP


def minutes_of(shift: Shift) -> int:
    return round(shift.hours * HOUR_MS / 60_000 / _STEP) * _STEP


def write(site: Site, worked: Sequence[Shift], now: datetime) -> None:
    """Keep the terms of a site whose rota has these shifts. Safe to run twice."""
    usual = {"weights": _SOFT, "trade_short_hours": _SHORT_HOURS}
    SiteRules.objects.get_or_create(site=site, defaults=usual)
    _templates(site, worked)
    agents = list(Agent.objects.filter(site=site, is_new=False).order_by("pk"))
    _contracts(site, agents)
    _skills(agents)
    _wishes(agents[:_FEW], now)


def _templates(site: Site, worked: Sequence[Shift]) -> None:
    zone = ZoneInfo(site.zone)
    for kind in _kinds():
        mine = [one for one in worked if kind.since <= start_of(one, zone) < kind.until]
        for is_long, name in (
            (True, kind.name),
            (False, _("%(kind)s, short") % {"kind": kind.name}),
        ):
            some = [one for one in mine if (minutes_of(one) > _LONG_HOURS * 60) is is_long]
            if some:
                _template(
                    site, name, kind.colour, some, _WITH_LUNCH if is_long else _WITH_LUNCH[:1]
                )


def _template(
    site: Site, name: str, colour: str, worked: Sequence[Shift], pauses: Sequence[object]
) -> None:
    starts = {start_of(one, ZoneInfo(site.zone)) for one in worked}
    is_even = not any((one - min(starts)) % _HALF for one in starts)
    ShiftTemplate.objects.get_or_create(
        site=site,
        name=name,
        defaults={
            "first_start": min(starts),
            "last_start": max(starts),
            "step_minutes": _HALF if is_even else _STEP,
            "lengths": sorted({minutes_of(one) for one in worked}),
            "weekdays": sorted({one.day.weekday() for one in worked}),
            "pauses": list(pauses),
            "colour": colour,
        },
    )


def _contracts(site: Site, agents: Iterable[Agent]) -> None:
    for agent in agents:
        hours = agent.contract_hours
        if hours is None or agent.hired_on is None:
            continue
        minutes = round(hours * 60)
        contract, _made = Contract.objects.get_or_create(
            site=site,
            name=_("%(hours)s hours a week") % {"hours": words.hours(minutes)},
            defaults={
                "is_full_time": minutes >= 35 * 60,
                "week_minutes": minutes,
                "most_week_minutes": max(minutes, _FULL_WEEK),
                "most_week_days": 5,
                "most_days_in_row": 6,
                "start_band_minutes": _BAND,
            },
        )
        if not AgentContract.objects.filter(agent=agent).exists():
            AgentContract.objects.create(
                agent=agent, contract=contract, starts_on=agent.hired_on, ends_on=agent.left_on
            )


def _skills(agents: Iterable[Agent]) -> None:
    """Who takes several queues is slower at all but their first."""
    queues = {(one.site_id, one.name): one for one in Queue.objects.all()}
    for agent in agents:
        if len(agent.skills) < 2 or agent.hired_on is None:
            continue
        for number, name in enumerate(agent.skills):
            queue = queues.get((agent.site_id, name))
            if queue is not None:
                AgentSkill.objects.get_or_create(
                    agent=agent, queue=queue, starts_on=agent.hired_on,
                    defaults={"proficiency": _SLOWER if number else 1},
                )  # fmt: skip


def _wishes(agents: Sequence[Agent], now: datetime) -> None:
    """Some would rather not work on a weekday, and some like one."""
    words = (Availability.Word.RATHER_NOT, Availability.Word.LIKES)
    for number, agent in enumerate(agents):
        if not Availability.objects.filter(agent=agent).exists():
            Availability.objects.create(
                agent=agent, word=words[number % 2], weekday=number % 5, said_at=now
            )
