"""Who reaches proposals and the rules that make them."""

from collections.abc import Callable

from django.urls import reverse

from coaching.models import Proposal, TriggerRule
from tests.coaching.holding.reach import COACHED, COACHED_POST, a_session
from tests.coaching.triggers.builders import a_proposal, a_rule
from tests.reach import INTAKE, INTAKE_POST, ONLY_ADMIN_POST, Row, World, to


def _rule(world: World) -> TriggerRule:
    return TriggerRule.objects.filter(site=world.site).first() or a_rule(world.site)


def _proposal(world: World) -> Proposal:
    found = Proposal.objects.filter(agent=world.agent, state="open").first()
    return found or a_proposal(world.agent, _rule(world))


def _of(name: str) -> Callable[[World], str]:
    return lambda world: reverse(name, args=[_proposal(world).pk])


def _site(name: str, more: str = "") -> Callable[[World], str]:
    return lambda world: f"{reverse(name)}?site={world.site.slug}{more}"


def _of_rule(world: World) -> str:
    return reverse("trigger_rule", args=[_rule(world).pk])


def _onto(world: World) -> str:
    return reverse("proposal_onto", args=[_proposal(world).pk, a_session(world).pk])


ROWS: dict[str, list[Row]] = {
    "proposals": [Row(to("proposals"), COACHED, of_a_site=False), Row(_site("proposals"), COACHED)],
    "proposal": [Row(_of("proposal"), COACHED)],
    # Nothing is said in them: the page says what is missing.
    **{
        name: [Row(_of(name), COACHED, "post")] for name in ("proposal_put_off", "proposal_decline")
    },
    "proposal_onto": [Row(_onto, COACHED_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "trigger_rules": [Row(_site("trigger_rules"), COACHED)],
    "trigger_limits": [Row(_site("trigger_limits"), INTAKE, "post")],
    "trigger_start": [Row(_site("trigger_start"), INTAKE_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "trigger_rule_new": [Row(_site("trigger_rule_new", "&kind=kpi"), INTAKE)],
    "trigger_rule": [Row(_of_rule, INTAKE), Row(_of_rule, INTAKE, "post")],
}
PAGES: tuple[str, ...] = (
    "proposals", "proposal", "trigger_rules", "trigger_rule_new", "trigger_rule",
)  # fmt: skip
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
