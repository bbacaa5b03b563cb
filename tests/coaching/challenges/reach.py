"""Rows of the matrix of access of challenges."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from coaching.models import Challenge
from tests.reach import ONLY_ADMIN_POST, Row, World, to


def a_challenge(world: World) -> Challenge:
    """One of the world's team that has not begun."""
    now = timezone.now()
    first = now.date() + timedelta(days=3)
    there = Challenge.objects.filter(team=world.team).first()
    return there or Challenge.objects.create(
        team=world.team, name="Best", kpi="csat", first_on=first,
        last_on=first + timedelta(days=30), reward="A day off", made_at=now,
    )  # fmt: skip


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[a_challenge(world).pk])


#           nobody adm man pla sup qa  tra age
SEES = (302, 200, 200, 404, 200, 404, 404, 200)
LEADS = (302, 200, 200, 404, 200, 404, 404, 404)
LEADS_POST = (302, 302, 302, 404, 302, 404, 404, 404)

ROWS: dict[str, list[Row]] = {
    "challenges": [Row(to("challenges"), SEES, of_a_site=False)],
    "challenge_new": [
        Row(to("challenge_new"), LEADS, of_a_site=False),
        # An empty form: its errors, on the page.
        Row(to("challenge_new"), LEADS, "post", of_a_site=False),
    ],
    "challenge": [Row(_of("challenge"), SEES)],
    **{
        name: [Row(_of(name), LEADS_POST, "post", elsewhere=ONLY_ADMIN_POST)]
        for name in ("challenge_call_off", "challenge_give")
    },
}
PAGES: tuple[str, ...] = ("challenges", "challenge_new", "challenge")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
