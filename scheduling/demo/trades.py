"""Shifts that the people of a demo trade: one that its giver would swap with who signs in as an
agent, one that anybody may take, one that is given up if a supervisor says so, and an open one."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import PLANNER
from ccm.demo.house import SITES
from ccm.demo.load import loaded_demo
from ccm.intervals import DAY
from ccm.models import Agent, Site, TeamMembership, User
from scheduling.models import KeptShift, Trade
from scheduling.rosters import given
from scheduling.trades import services

_AHEAD = timedelta(days=3)
_MORE = 3
# So many are asked whether they may be given up.
_MOST_ASKED = 10


def publish() -> int:
    """Have them offered at every site of a demo whose people have shifts; at how many. Safe to run
    twice. After what is asked for is known: it says which shift may be given up."""
    if loaded_demo() is None:
        return 0
    many = 0
    for spec in SITES:
        site = Site.objects.filter(slug=spec.slug).first()
        planner = User.objects.filter(groups__name=PLANNER, sites=site).order_by("pk").first()
        if site is None or planner is None or Trade.objects.filter(roster__site=site).exists():
            continue
        with transaction.atomic():
            write(site, planner, timezone.now())
        many += 1
    return many


def write(site: Site, planner: User, now: datetime) -> None:
    """Have them offered, by people of the reader's team where they are enough."""
    reader = Agent.objects.filter(site=site).exclude(user=None).order_by("pk").first()
    own = KeptShift.objects.published().filter(agent=reader, begins_at__gt=now)
    usual = own.order_by("begins_at").values_list("begins_at", flat=True).first()
    rows = list(_others(site, reader, usual, now))
    busy = {*own.values_list("day", flat=True)}
    # For another day of theirs: who swaps has no shift yet on the one that they get.
    swapped = next((one for one in rows if one.day not in busy), None)
    if swapped is None:
        return
    chosen: dict[date, KeptShift] = {}
    for one in rows:
        if one.day != swapped.day:
            chosen.setdefault(one.day, one)
    if len(chosen) < _MORE:
        return
    covered, like, *others = chosen.values()
    services.offer(
        swapped, Trade.Kind.SWAP, planner, now, to=reader, note=_("The school has a feast that day")
    )
    services.offer(covered, Trade.Kind.COVER, planner, now)
    _given_up(others, planner, now)
    said, why = given.of_row(like), _("Renewals are due this week")
    services.post(like.roster, like.day, said, 1, planner, now, note=why)


def _given_up(shifts: list[KeptShift], planner: User, now: datetime) -> None:
    """The first that may be; where each would be missed, none."""
    for one in shifts[:_MOST_ASKED]:
        try:
            services.offer(one, Trade.Kind.GIVE_UP, planner, now, note=_("A house to move to"))
        except ValidationError:
            continue
        return


def _others(
    site: Site, reader: Agent | None, usual: datetime | None, now: datetime
) -> list[KeptShift]:
    """Shifts to come of others than the reader: of their team first, of these first that begin at
    nearly the time at which they usually do."""
    rows = KeptShift.objects.published().filter(
        roster__site=site, begins_at__gt=now + _AHEAD, is_night=False
    )
    mates: set[int] = set()
    if reader is not None:
        rows = rows.exclude(agent=reader)
        stays = TeamMembership.objects.filter(ends_on=None)
        teams = stays.filter(agent=reader).values("team")
        mates = {*stays.filter(team__in=teams).values_list("agent_id", flat=True)}

    def order(one: KeptShift) -> tuple[bool, timedelta, datetime, int]:
        # How far its clock is from the usual one, either way round.
        apart = timedelta(0) if usual is None else (one.begins_at - usual) % DAY
        return one.agent_id not in mates, min(apart, DAY - apart), one.begins_at, one.pk

    # Training or a meeting in a shift stays with whom it is of.
    plain = [
        one
        for one in rows.select_related("roster__site", "agent")
        if all(each["is_pause"] for each in one.activities)
    ]
    return sorted(plain, key=order)
