"""Rounds of bids that a demo shows: one that is open for the team of who signs in as an agent, and
one that was given out two days ago, by fairness."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from ccm.intervals import DAY
from ccm.models import Agent, Site, TeamMembership, User
from scheduling.bids import services
from scheduling.bids.awarding import Criterion
from scheduling.models import BidRound, KeptRoster, KeptShift
from scheduling.rosters import given, kept

DAYS = 7
_FEWEST, _MOST = 3, 8
_WEEK = timedelta(days=DAYS)
_GIVEN = (timedelta(days=9), timedelta(days=3), timedelta(days=2))  # begun, closed, given out
_OPEN, _CLOSES = timedelta(days=1), timedelta(days=5)
# Of those who take part so many have chosen, so many lines each; the reader has not.
_CHOSEN, _LINES = 3, 2


def write(site: Site, planner: User, first_day: date, now: datetime) -> None:
    """Begin them on drafts of two weeks from a Monday on, of which no roster is yet; each is of the
    shifts that the team has in the last that is published."""
    team = _team(site)
    last = site.rosters.published().order_by("-first_day").first()
    if last is None or len(team) < _FEWEST:
        return
    begun, closed, done = (now - one for one in _GIVEN)
    over = _draft(site, planner, last, team, first_day, begun)
    held = _begin(over, planner, [Criterion.FAIRNESS, Criterion.SENIORITY], begun, closed)
    if held is not None:
        _choose(held, planner, begun + DAY)
        services.close(held, closed)
        services.give(held, planner, done, seen=services.mark(held))
    at = now - _OPEN
    draft = _draft(site, planner, last, team, first_day + _WEEK, at)
    held = _begin(draft, planner, [Criterion.SENIORITY, Criterion.DRAW], at, now + _CLOSES)
    if held is not None:
        _choose(held, planner, now)


def _team(site: Site) -> Sequence[Agent]:
    """The reader and some of their team."""
    reader = Agent.objects.filter(site=site).exclude(user=None).order_by("pk").first()
    stays = TeamMembership.objects.filter(ends_on=None)
    teams = stays.filter(agent=reader).values("team")
    mates = Agent.objects.filter(pk__in=stays.filter(team__in=teams).values("agent"))
    return [*mates.filter(left_on=None, is_new=False).order_by("pk")[:_MOST]]


def _draft(
    site: Site,
    planner: User,
    last: KeptRoster,
    team: Sequence[Agent],
    first_day: date,
    at: datetime,
) -> KeptRoster:
    """The shifts that some people have in the first week of a roster, by the clock, as a draft."""
    draft = KeptRoster(
        site=site, first_day=first_day, days=DAYS, note=_("Shifts of a team, to be chosen"),
        made_by=planner, made_at=at,
    )  # fmt: skip
    draft.save()
    problem, begin = kept.problem_of(draft, None, []), kept.begin_of(site, first_day)
    rows: dict[int, list[KeptShift]] = defaultdict(list)
    shifts = last.shifts.filter(agent__in=team, day__lt=last.first_day + _WEEK)
    for one in shifts.select_related("template").order_by("day"):
        number = (one.day - last.first_day).days
        if one.template is None:
            continue
        local = one.begins_at.astimezone(site.tz)
        minutes = round((one.ends_at - one.begins_at).total_seconds()) // 60
        shape = given.by_hand(one.template, local.hour * 60 + local.minute, minutes)
        mine = replace(problem, shapes=(shape,))
        said = given.of_shape(
            mine, begin, number, given.placed(mine, number, shape), one.template.pk
        )
        day = first_day + number * DAY
        rows[one.agent_id].append(given.row(draft, one.agent_id, day, said))
    KeptShift.objects.bulk_create(row for theirs in rows.values() for row in theirs)
    # Who was there in that week may be absent in this one.
    draft.shifts.exclude(pk__in=draft.shifts.worked().values("pk")).delete()
    return draft


def _begin(
    draft: KeptRoster,
    planner: User,
    criteria: Sequence[Criterion],
    now: datetime,
    closes_at: datetime,
) -> BidRound | None:
    """A round for all of a draft; None where too few have shifts."""
    if draft.shifts.values("agent").distinct().count() < _FEWEST:
        return None
    held = BidRound(
        roster=draft, criteria=[one.value for one in criteria], closes_at=closes_at,
        note=_("The lines of your team: rank those that you like"),
    )  # fmt: skip
    services.begin(held, planner, now)
    return held


def _choose(held: BidRound, who: User, now: datetime) -> None:
    """Some of those who take part rank the first lines that are open to them."""
    numbers = [*held.lines.values_list("number", flat=True)]
    for bid in held.bids.filter(agent__user=None).order_by("agent")[:_CHOSEN]:
        open_to = [one for one in numbers if str(one) not in bid.against]
        if open_to:
            services.rank(bid, open_to[:_LINES], who, now, seen=bid.changes)
