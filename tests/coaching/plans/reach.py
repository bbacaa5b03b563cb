"""Who reaches plans."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from coaching.models import Plan
from tests.coaching.holding.reach import COACHED, SEEN
from tests.reach import Row, World, to


def _plan(world: World) -> Plan:
    today = timezone.now().date()
    said = {"goal": "Fewer holds", "made_at": timezone.now(), "starts_on": today}
    found, _made = Plan.objects.get_or_create(
        agent=world.agent, kind="improvement", state="running",
        defaults=said | {"until_on": today + timedelta(days=30)},
    )  # fmt: skip
    return found


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[_plan(world).pk])


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


ROWS: dict[str, list[Row]] = {
    "plans": [Row(to("plans"), COACHED, of_a_site=False), Row(_site("plans"), COACHED)],
    "plan_new": [Row(_site("plan_new"), COACHED), Row(_site("plan_new"), COACHED, "post")],
    "plan": [Row(_of("plan"), SEEN)],
    # Nothing is said in them: the page says what is missing.
    **{
        name: [Row(_of(name), COACHED, "post")] for name in ("plan_change", "plan_end", "plan_step")
    },
}
PAGES: tuple[str, ...] = ("plans", "plan_new", "plan")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
