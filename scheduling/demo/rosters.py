"""The rosters that a demo's people worked by, and the draft of the weeks to come.

Its rota says who is there when, and what they do meanwhile to the minute; the rosters have it as a
planner would have planned it, by whole quarters. Who is ill was planned, who is on holiday not.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import PLANNER
from ccm.demo import rota
from ccm.demo.centre import SOURCE
from ccm.demo.house import SITES, SiteSpec
from ccm.demo.load import loaded_demo
from ccm.demo.people import Person, hire
from ccm.demo.rota import Duty, Shift
from ccm.intervals import day_of
from ccm.models import AgentAlias, Site, User
from scheduling.demo import bids, terms
from scheduling.demo import kept as demo_kept
from scheduling.demo import today as today_of
from scheduling.models import Forecast, KeptRoster, KeptShift, RosterSession, ShiftTemplate
from scheduling.rosters import asked, given, kept, services
from scheduling.shifts import Activity, Assignment, Problem

DAYS = 14
# So many rosters are over, one is being worked by; the next one is published, too.
_PAST = 2
_SECONDS = 20
_MS = 60_000
_STEP = 15
_KINDS = {
    rota.TRAINING: KeptShift.Activity.TRAINING,
    rota.COACHING: KeptShift.Activity.COACHING,
    rota.MEETING: KeptShift.Activity.MEETING,
    rota.BACK_OFFICE: KeptShift.Activity.OTHER,
    rota.CALLS_OUT: KeptShift.Activity.OTHER,
}


def publish() -> list[int]:
    """Keep the terms and rosters of every site of a demo, and ask for the next draft of its first;
    the jobs that are to make one. Safe to run twice."""
    job = loaded_demo()
    if job is None:
        return []
    seed, many, days = (int(job.payload[name]) for name in ("seed", "agents", "days"))
    then = datetime.fromisoformat(job.payload["now"])
    first = then.date() - timedelta(days=days - 1)
    crew = hire(seed, many, first)
    jobs: list[int] = []
    for spec in SITES:
        site = Site.objects.filter(slug=spec.slug).first()
        planner = User.objects.filter(groups__name=PLANNER, sites=site).order_by("pk").first()
        if site is None or planner is None or site.rosters.exists():
            continue
        with transaction.atomic():
            jobs += _of_site(site, spec, crew.of(spec.name), seed, planner, then, first)
    return jobs


def ask() -> int:
    """Keep what is asked of rosters by the forecasts that stand, once there are some; of how many.
    Safe to run twice. Of days before the first that was forecast nothing is known, and their
    rosters say so."""
    if loaded_demo() is None:
        return 0
    sites = Site.objects.filter(slug__in=[spec.slug for spec in SITES])
    rows = KeptRoster.objects.filter(site__in=sites, asked_at=None)
    many = 0
    for roster in rows.select_related("site").order_by("pk"):
        if Forecast.objects.filter(queue__site=roster.site_id).exists():
            asked.by_now(roster, timezone.now())
            many += 1
    return many


def _of_site(
    site: Site,
    spec: SiteSpec,
    people: list[Person],
    seed: int,
    planner: User,
    then: datetime,
    first: date,
) -> Iterator[int]:
    today = day_of(then, site.calendar)
    monday = today - timedelta(days=today.weekday())
    begin = max(monday - _PAST * timedelta(days=DAYS), first + timedelta(days=-first.weekday() % 7))
    last = monday + timedelta(days=2 * DAYS - 1)
    worked = list(rota.shifts(spec, people, begin, last))
    terms.write(site, worked, then)
    by_alias = dict(AgentAlias.objects.filter(source=SOURCE).values_list("raw_name", "agent"))
    agents = [by_alias[one.alias] for one in people]
    away = {
        (one.agent, one.day)
        for one in rota.absences(spec, people, seed, begin, last)
        if one.kind == rota.HOLIDAY
    }
    there = [one for one in worked if (one.agent, one.day) not in away]
    pauses: dict[int, list[Duty]] = defaultdict(list)
    for duty in rota.duties(spec, people, seed, begin, last):
        if duty.kind == rota.PAUSE:
            pauses[duty.agent].append(duty)
    while begin + timedelta(days=DAYS - 1) <= last:
        _roster(site, begin, there, agents, pauses, planner)
        begin += timedelta(days=DAYS)
    today_of.write(site, planner, timezone.now())
    demo_kept.write(site, planner, timezone.now())
    if spec is SITES[0]:
        _session(site, begin)
        bids.write(site, planner, begin + timedelta(days=DAYS), timezone.now())
        draft = KeptRoster(site=site, first_day=begin, days=DAYS, note=_("The weeks to come"))
        services.begin(draft, planner, timezone.now())
        run = services.make(draft, _SECONDS, planner)
        if run is not None:
            yield run.job_id


def _session(site: Site, begin: date) -> None:
    """A meeting of a team in the first week of the draft."""
    team = site.teams.order_by("pk").first()
    if team is not None:
        RosterSession.objects.create(
            site=site, name=_("Team meeting"), kind=KeptShift.Activity.MEETING, minutes=30,
            team=team, first_on=begin, last_on=begin + timedelta(days=4), from_minute=9 * 60,
            to_minute=17 * 60, together=True,
        )  # fmt: skip


def _roster(
    site: Site,
    begin: date,
    worked: Sequence[Shift],
    agents: Sequence[int],
    pauses: Mapping[int, Sequence[Duty]],
    planner: User,
) -> None:
    """One that was published two weeks before it began, or today."""
    mine = [one for one in worked if begin <= one.day < begin + timedelta(days=DAYS)]
    told = datetime.combine(begin - timedelta(days=DAYS), datetime.min.time(), UTC)
    at = min(told + timedelta(hours=12), timezone.now())
    roster = KeptRoster.objects.create(
        site=site, first_day=begin, days=DAYS, state=KeptRoster.State.PUBLISHED,
        made_by=planner, made_at=at, published_by=planner, published_at=at,
    )  # fmt: skip
    problem = kept.problem_of(roster, None, [])
    templates = list(ShiftTemplate.objects.filter(site=site))
    KeptShift.objects.bulk_create(
        _shift(roster, problem, one, agents[one.agent], templates, pauses[one.agent])
        for one in mine
    )


def _shift(
    roster: KeptRoster,
    problem: Problem,
    worked: Shift,
    agent: int,
    templates: Sequence[ShiftTemplate],
    pauses: Sequence[Duty],
) -> KeptShift:
    zone = ZoneInfo(roster.site.zone)
    start, minutes = terms.start_of(worked, zone), terms.minutes_of(worked)
    template = next(
        one
        for one in templates
        if one.first_start <= start <= one.last_start and minutes in one.lengths
    )
    shape = given.by_hand(template, start, minutes)
    mine = replace(problem, shapes=(shape,))
    day = (worked.day - roster.first_day).days
    begin = kept.begin_of(roster.site, roster.first_day)
    origin = int(begin.timestamp()) // 60
    since, to = mine.spells(day, shape)[0][0], mine.spells(day, shape)[-1][1]
    done = [
        one
        for one in pauses
        if one.reason != rota.CALLS_OUT and 0 <= one.at - worked.start < minutes * _MS
    ]
    activities = _activities(done, origin, since, to)
    if worked.calls_out:
        activities = _calling_out(activities, since, to)
    assigned = Assignment(shape.id, activities) if activities else given.placed(mine, day, shape)
    said = given.of_shape(mine, begin, day, assigned, template.pk)
    kinds = {str(name): kind.value for name, kind in _KINDS.items()}
    told = [{**one, "kind": kinds.get(one["name"], one["kind"])} for one in said.activities]
    return given.row(roster, agent, worked.day, replace(said, activities=told))


def _activities(done: Sequence[Duty], origin: int, since: int, to: int) -> tuple[Activity, ...]:
    """What was done as it was planned: by whole quarters, one after the other, within the shift."""
    found: list[Activity] = []
    free = since
    for one in sorted(done, key=lambda each: each.at):
        at = max(round((one.at / _MS - origin) / _STEP) * _STEP, free)
        long = max(round(one.length / _MS / _STEP), 1) * _STEP
        if at + long > to:
            break
        found.append(Activity(one.reason, at, at + long, is_pause=one.reason not in _KINDS))
        free = at + long
    return tuple(found)


def _calling_out(activities: Sequence[Activity], since: int, to: int) -> tuple[Activity, ...]:
    """A day of calling out as it was planned: all of a shift that nothing else takes."""
    found: list[Activity] = []
    free = since
    for one in activities:
        if one.start > free:
            found.append(Activity(rota.CALLS_OUT, free, one.start, is_pause=False))
        found.append(one)
        free = one.end
    if to > free:
        found.append(Activity(rota.CALLS_OUT, free, to, is_pause=False))
    return tuple(found)
