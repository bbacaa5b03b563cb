"""Rows of the matrix of access of recognition."""

from django.urls import reverse
from django.utils import timezone

from ccm.models import Agent
from coaching.models import Kudos
from tests.builders import an_agent
from tests.coaching.recognition.builders import a_kudos
from tests.reach import ALL_IN, INTAKE, NOT_THEIRS, OWN_POST, Row, World, to


def _site(name: str):
    def path(world: World) -> str:
        return reverse(name) + f"?site={world.site.slug}"

    return path


def _feed(world: World) -> str:
    """The feed of the site, with one for its agent and one for another."""
    if not Kudos.objects.filter(site=world.site).exists():
        other = Agent.objects.filter(site=world.site).exclude(pk=world.agent.pk).first()
        for one in (world.agent, other or an_agent(world.site)):
            a_kudos(one, given_at=timezone.now())
    return reverse("recognition") + f"?site={world.site.slug}"


def _of_call(world: World) -> str:
    return reverse("recognition_new") + f"?call={world.call.pk}"


def _of_the_agent(world: World) -> str:
    one = Kudos.objects.filter(agent=world.agent).first() or a_kudos(world.agent)
    return reverse("recognition_walls", args=[one.pk])


def _of_nobody(world: World) -> str:
    """The address at which somebody who is not there would take one back."""
    one = Kudos.objects.filter(site=world.site, giver=None).first()
    return reverse("recognition_take_back", args=[(one or a_kudos(world.agent)).pk])


#               nobody adm man pla sup qa  tra age
# Who may open the call, but whoever took it.
OF_THE_CALL = (302, 200, 200, 404, 200, 200, 404, 404)

ROWS: dict[str, list[Row]] = {
    "recognition": [
        Row(to("recognition"), ALL_IN, of_a_site=False),
        Row(_feed, ALL_IN),
    ],
    "recognition_csv": [
        Row(to("recognition_csv"), INTAKE, of_a_site=False),
        Row(_site("recognition_csv"), INTAKE),
    ],
    "recognition_new": [
        Row(_of_call, OF_THE_CALL),
        Row(_site("recognition_new"), ALL_IN),
        # An empty form: its errors, on the page.
        Row(_site("recognition_new"), ALL_IN, "post"),
    ],
    # Nobody but who was thanked has it shown.
    "recognition_walls": [Row(_of_the_agent, OWN_POST, "post", elsewhere=NOT_THEIRS)],
    # Nobody takes back what they did not give.
    "recognition_take_back": [Row(_of_nobody, NOT_THEIRS, "post", elsewhere=NOT_THEIRS)],
}
PAGES: tuple[str, ...] = ("recognition", "recognition_new")
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
