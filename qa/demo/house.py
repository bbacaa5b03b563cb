"""Who reviews in the demo centre, by what, and how calls are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from ccm.access import AGENT, QA_ANALYST
from ccm.demo import logins
from ccm.demo.centre import SOURCE
from ccm.demo.people import hire
from ccm.intervals import DAY
from ccm.models import Agent, AgentAlias, Queue, Site, User
from qa.cards import services as cards
from qa.cards import starters
from qa.demo.minds import Asked, Mind
from qa.models import PlanReviewer, SamplingPlan, Scorecard


@dataclass(frozen=True, slots=True)
class Analyst:
    username: str
    given: str
    family: str
    mind: Mind


# The known truth of the demo: one of them gives two points less each month.
DRIFTS = "qa_lindholm"
ANALYSTS = (
    Analyst(logins.username(QA_ANALYST), "Quentin", "Abara", Mind()),
    Analyst("qa_menon", "Ravi", "Menon", Mind(severity=0.15)),
    Analyst("qa_duarte", "Sofía", "Duarte", Mind(severity=-0.1)),
    Analyst("qa_haddad", "Noor", "Haddad", Mind(severity=0.05)),
    Analyst(DRIFTS, "Bea", "Lindholm", Mind(severity=-0.1, drift=0.085)),
)
# What everybody keeps, and what reviewers see differently: a criterion that nobody fails, and one
# that asks to be written anew.
WAYS: Mapping[str, Asked] = {"greeting": Asked(-3.8), "manner": Asked(-0.6, vague=7.0)}
# The card of each queue that sells; of the others it is that of support.
_SELLING = frozenset({"Ventas", "Renewals"})
_PLANS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("leeds", {"cadence": "weekly", "per_agent": 2, "strata": ["length"], "bands": [180, 480]}),
    ("bogota", {"cadence": "biweekly", "per_agent": 3, "strata": ["queue"], "due_days": 10}),
    (
        "pune",
        {
            "cadence": "monthly", "per_agent": 5, "due_days": 14, "release": "at_day",
            "release_days": 2, "strata": ["new_hire"], "new_hire_days": 120,
        },
    ),
)  # fmt: skip


def reviewers() -> dict[str, User]:
    """The analysts by username, all of all sites of the demo. Safe to run twice."""
    role = Group.objects.get(name=QA_ANALYST)
    sites = Site.objects.filter(slug__in=[slug for slug, _how in _PLANS])
    found = {}
    for one in ANALYSTS:
        user, _made = User.objects.get_or_create(
            username=one.username,
            defaults={
                "first_name": one.given,
                "last_name": one.family,
                "password": make_password(None),
            },
        )
        user.groups.add(role)
        user.sites.add(*sites)
        found[one.username] = user
    return found


def minds(users: Mapping[str, User]) -> dict[int, Mind]:
    return {users[one.username].pk: one.mind for one in ANALYSTS}


def skills(seed: int, agents: int, first: date) -> dict[int, float]:
    """How good each agent is, by their ids: what moves what callers say of them, too."""
    quality = {one.alias: one.quality for one in hire(seed, agents, first).people}
    rows = AgentAlias.objects.filter(source=SOURCE, raw_name__in=quality)
    return {agent: quality[name] for agent, name in rows.values_list("agent", "raw_name")}


def sign_ins() -> None:
    """A sign-in for each agent, with which nobody signs in: so that agents can answer to reviews.
    Safe to run twice."""
    waiting = [one for one in Agent.objects.filter(user=None) if one.employee_id]
    User.objects.bulk_create(
        (
            User(
                username=one.employee_id.lower(), first_name=one.name, password=make_password(None)
            )
            for one in waiting
        ),
        ignore_conflicts=True,
    )
    users = User.objects.in_bulk(
        (one.employee_id.lower() for one in waiting), field_name="username"
    )
    role = Group.objects.get(name=AGENT)
    role.user_set.add(*users.values())
    for one in waiting:
        one.user = users[one.employee_id.lower()]
    Agent.objects.bulk_update(waiting, ["user"])


def scorecards(who: User, now: datetime) -> dict[str, Scorecard]:
    """Support and sales, for all sites, published. Safe to run twice."""
    found = {}
    for id in ("support", "sales"):
        starter = starters.find(id)
        assert starter is not None
        name = str(starter.name)
        card = Scorecard.objects.filter(site=None, name=name).first()
        if card is None:
            card = cards.make(name, None, str(starter.words), starter.card, who, now)
        draft = card.versions.filter(state="draft").first()
        if draft is not None and not card.versions.published().exists():
            cards.publish(draft, _("The first version"), who, now, revision=draft.revision)
        found[id] = card
    return found


def plans(
    made: Mapping[str, Scorecard], users: Mapping[str, User], first: date
) -> list[SamplingPlan]:
    """One plan of each site for its queues that help, and one for those that sell. Safe to run
    twice."""
    found = []
    for slug, how in _PLANS:
        site = Site.objects.get(slug=slug)
        queues = list(Queue.objects.filter(site=site))
        for card, name, own in (
            ("support", _("Service"), [one for one in queues if one.name not in _SELLING]),
            ("sales", _("Selling"), [one for one in queues if one.name in _SELLING]),
        ):
            if not own:
                continue
            plan, is_new = SamplingPlan.objects.get_or_create(
                site=site,
                name=f"{site.name}: {name}",
                defaults={
                    **how,
                    "card": made[card],
                    "direction": "inbound",
                    "shortest_s": 60,
                    "several_share": "0.15",
                    "starts_on": _begins(how["cadence"], first),
                },
            )
            if is_new:
                plan.queues.set(own)
                PlanReviewer.objects.bulk_create(
                    PlanReviewer(plan=plan, user=one) for one in users.values()
                )
            found.append(plan)
    return found


def _begins(cadence: str, first: date) -> date:
    """The first Monday, or the first of a month, of the history."""
    if cadence == "monthly":
        return first if first.day == 1 else (first.replace(day=1) + 32 * DAY).replace(day=1)
    return first + DAY * (-first.weekday() % 7)
