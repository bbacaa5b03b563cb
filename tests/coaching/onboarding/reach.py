"""Rows of the matrix of access of onboarding."""

from django.urls import reverse

from coaching.models import Newcomer, OnboardingPath
from tests.coaching.courses.reach import TOLD, WRITERS, WRITERS_POST
from tests.coaching.onboarding.builders import a_newcomer, a_path
from tests.reach import ONLY_ADMIN_POST, Row, World, to


def _path(world: World) -> OnboardingPath:
    return OnboardingPath.objects.filter(site=world.site).first() or a_path(world.site)


def _person(name: str, *, stage: str = ""):
    """An address of the agent of the world, who is new; of a stage by its kind."""

    def path(world: World) -> str:
        rows = Newcomer.objects.standing().filter(agent=world.agent)
        one = rows.first() or a_newcomer(world.agent, _path(world))
        more = [one.path.stages.get(kind=stage).pk] if stage else []
        return reverse(name, args=[one.pk, *more])

    return path


def _of(name: str, *more: object, query: str = ""):
    return lambda world: reverse(name, args=[_path(world).pk, *more]) + query


def _stage(name: str):
    def path(world: World) -> str:
        one = _path(world)
        return reverse(name, args=[one.pk, one.stages.first().pk])

    return path


def _site(name: str):
    return lambda world: reverse(name) + f"?site={world.site.slug}"


# The newcomer reads their own way, too.
READ = (302, 200, 200, 404, 200, 404, 200, 200)
TOLD_POST = (302, 302, 302, 404, 302, 404, 302, 404)

ROWS: dict[str, list[Row]] = {
    "onboarding": [
        Row(to("onboarding"), TOLD, of_a_site=False), Row(_site("onboarding"), TOLD),
    ],
    "onboarding_csv": [Row(_site("onboarding_csv"), TOLD)],
    "onboarding_start": [
        Row(_site("onboarding_start"), TOLD), Row(_site("onboarding_start"), TOLD, "post"),
    ],
    "onboarding_person": [Row(_person("onboarding_person"), READ)],
    # On which day is not said.
    "onboarding_sign": [Row(_person("onboarding_sign", stage="shadow"), TOLD, "post")],
    # Nothing is signed off.
    "onboarding_take_back": [
        Row(_person("onboarding_take_back", stage="roleplay"), TOLD_POST, "post",
            elsewhere=ONLY_ADMIN_POST)
    ],
    # Nobody says why.
    "onboarding_end": [
        Row(_person("onboarding_end"), TOLD_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "onboarding_paths": [
        Row(to("onboarding_paths"), WRITERS, of_a_site=False),
        Row(to("onboarding_paths"), WRITERS, "post", of_a_site=False),
    ],
    "onboarding_path": [Row(_of("onboarding_path"), WRITERS)],
    "onboarding_path_withdraw": [
        Row(_of("onboarding_path_withdraw"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "onboarding_stage_new": [
        Row(_of("onboarding_stage_new", query="?kind=shadow"), WRITERS),
        Row(_of("onboarding_stage_new", query="?kind=shadow"), WRITERS, "post"),
    ],
    "onboarding_stage": [
        Row(_stage("onboarding_stage"), WRITERS), Row(_stage("onboarding_stage"), WRITERS, "post"),
    ],
    "onboarding_stage_remove": [
        Row(_of("onboarding_stage_remove", 0), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "onboarding_stage_up": [
        Row(_stage("onboarding_stage_up"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
}  # fmt: skip
PAGES: tuple[str, ...] = (
    "onboarding", "onboarding_start", "onboarding_person", "onboarding_paths", "onboarding_path",
    "onboarding_stage_new", "onboarding_stage",
)  # fmt: skip
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
