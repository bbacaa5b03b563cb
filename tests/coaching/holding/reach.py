"""Who reaches sessions and steps."""

from collections.abc import Callable

from django.urls import reverse
from django.utils import timezone

from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import services
from coaching.holding.services import Asked
from coaching.models import Session
from tests.builders import a_user
from tests.reach import NOT_THEIRS, ONLY_ADMIN_POST, OWN, Row, World, to


def a_session(world: World) -> Session:
    """A planned one with the world's agent, by somebody else."""
    coach = a_user("manager", world.site)
    asked = Asked(world.site, "one_to_one", coach, (world.agent,), timezone.now())
    return services.plan(asked, coach, timezone.now())


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[a_session(world).pk])


def a_step(world: World) -> str:
    """A step of the world's agent."""
    session = a_session(world)
    step = Step(world.agent, f"Step {session.pk}", timezone.now().date())
    made = following.agree(step, session, session.coach, timezone.now())
    return reverse("action_end", args=[made.pk])


def _site(name: str) -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}"


#           nobody adm man pla sup qa  tra age
COACHED = (302, 200, 200, 404, 200, 404, 404, 404)
COACHED_POST = (302, 302, 302, 404, 302, 404, 404, 404)
SEEN = (302, 200, 200, 404, 200, 404, 404, 200)
SEEN_POST = (302, 302, 302, 404, 302, 404, 404, 302)
OF_ONESELF = (302, *(404,) * 6, 302)

ROWS: dict[str, list[Row]] = {
    "sessions": [
        Row(to("sessions"), COACHED, of_a_site=False),
        Row(_site("sessions"), COACHED),
    ],
    "steps": [
        Row(to("steps"), COACHED, of_a_site=False),
        Row(lambda world: f"{reverse('steps')}?agent={world.agent.pk}", COACHED),
    ],
    "session_new": [Row(_site("session_new"), COACHED)],
    "quick_note": [
        Row(_site("quick_note"), COACHED),
        Row(lambda world: f"{_site('quick_note')(world)}&agent={world.agent.pk}", COACHED),
        Row(_site("quick_note"), COACHED, "post"),
    ],
    "session": [Row(_of("session"), SEEN)],
    # Nothing is said in them: the page says what is missing.
    **{
        name: [Row(_of(name), COACHED, "post")]
        for name in ("session_change", "session_call_off", "session_hold", "session_step")
    },
    "session_point": [Row(_of("session_point"), SEEN, "post")],
    **{
        name: [Row(_of(name), COACHED_POST, "post", elsewhere=ONLY_ADMIN_POST)]
        for name in ("session_share", "session_agenda", "session_private")
    },
    "session_sign": [Row(_of("session_sign"), SEEN_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "session_say": [Row(_of("session_say"), OF_ONESELF, "post", elsewhere=NOT_THEIRS)],
    "action_end": [Row(a_step, SEEN)],
    "my_coaching": [Row(to("my_coaching"), OWN, of_a_site=False)],
    "my_steps": [Row(to("my_steps"), OWN, of_a_site=False)],
    "my_point": [Row(to("my_point"), OWN, "post", of_a_site=False)],
    "my_point_back": [
        Row(lambda _world: reverse("my_point_back", args=[1]), OF_ONESELF, "post", of_a_site=False)
    ],
}
PAGES: tuple[str, ...] = (
    "sessions",
    "steps",
    "session_new",
    "quick_note",
    "session",
    "action_end",
    "my_coaching",
)
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
