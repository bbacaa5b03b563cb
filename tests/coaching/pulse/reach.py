"""Rows of the matrix of access of surveys of people."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from coaching.models import PulseSurvey
from tests.coaching.pulse.builders import a_pulse
from tests.reach import ALL_IN, ONLY_ADMIN_POST, Row, World, to


def _survey(world: World, kind: str = "pulse", days: int = 0) -> PulseSurvey:
    """One that asks all of the site, from so many days on."""
    first = timezone.now().date() + timedelta(days=days)
    there = PulseSurvey.objects.filter(site=world.site, kind=kind, opens_on=first).first()
    last = first + timedelta(days=6)
    return there or a_pulse(world.site, kind=kind, opens_on=first, closes_on=last)


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[_survey(world).pk])


def _exit(world: World) -> str:
    """One for those who leave, who nobody here is."""
    return reverse("pulse_survey", args=[_survey(world, kind="exit").pk])


def _coming(world: World) -> str:
    """The address at which one is called off that has not begun."""
    return reverse("pulse_call_off", args=[_survey(world, days=3).pk])


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


#           nobody adm man pla sup qa  tra age
ASKS = (302, 200, 200, 404, 200, 404, 404, 404)
MANAGES = (302, 200, 200, 404, 404, 404, 404, 404)
MANAGES_POST = (302, 302, 302, 404, 404, 404, 404, 404)
IS_ASKED = (302, 404, 404, 404, 404, 404, 404, 200)

ROWS: dict[str, list[Row]] = {
    "pulse": [Row(to("pulse"), ALL_IN, of_a_site=False)],
    "pulse_new": [
        Row(_site("pulse_new"), ASKS),
        # An empty form: its errors, on the page.
        Row(_site("pulse_new"), ASKS, "post"),
    ],
    "pulse_survey": [Row(_of("pulse_survey"), ALL_IN), Row(_exit, MANAGES)],
    "pulse_call_off": [Row(_coming, MANAGES_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "pulse_answer": [
        Row(_of("pulse_answer"), IS_ASKED, elsewhere=(302, *(404,) * 7)),
        # Nothing is said in it: the page says so.
        Row(_of("pulse_answer"), IS_ASKED, "post", elsewhere=(302, *(404,) * 7)),
    ],
    "pulse_kept": [Row(to("pulse_kept"), ALL_IN, of_a_site=False)],
}
PAGES: tuple[str, ...] = ("pulse", "pulse_new", "pulse_survey", "pulse_answer", "pulse_kept")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
