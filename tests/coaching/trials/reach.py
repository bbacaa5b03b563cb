"""Who reaches trials."""

from collections.abc import Callable

from django.urls import reverse

from coaching.models import Trial
from tests.coaching.holding.reach import COACHED
from tests.coaching.trials.builders import a_trial
from tests.reach import INTAKE, Row, World, to


def _of(name: str) -> Callable[[World], str]:
    """An address of a trial of the world's agent, which a manager might have registered."""

    def path(world: World) -> str:
        there = Trial.objects.filter(site=world.site).first()
        return reverse(name, args=[(there or a_trial(world.site, [world.agent])).pk])

    return path


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


ROWS: dict[str, list[Row]] = {
    "trials": [Row(to("trials"), COACHED, of_a_site=False), Row(_site("trials"), COACHED)],
    "trials_csv": [
        Row(to("trials_csv"), COACHED, of_a_site=False),
        Row(_site("trials_csv"), COACHED),
    ],
    "trial_new": [
        Row(_site("trial_new"), COACHED),
        # An empty form: its errors, on the page.
        Row(_site("trial_new"), COACHED, "post"),
    ],
    "trial": [Row(_of("trial"), COACHED)],
    # Who leads a team changes those that they registered, and this is none.
    "trial_edit": [Row(_of("trial_edit"), INTAKE), Row(_of("trial_edit"), INTAKE, "post")],
    **{name: [Row(_of(name), INTAKE, "post")] for name in ("trial_stop", "trial_decide")},
}
PAGES: tuple[str, ...] = ("trials", "trial_new", "trial", "trial_edit")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
