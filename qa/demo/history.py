"""The months of reviews that a demo centre has behind it, step by step: each may be cut off and is
gone on with when it is asked for again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min

from ccm.access import MANAGER, SUPERVISOR
from ccm.demo import load, logins
from ccm.intervals import DAY
from ccm.models import Agent, Call, Site, SurveyResponse, User
from qa.after.releasing import end_of
from qa.demo import afterwards, calibrated, found, house, said
from qa.demo.minds import chance
from qa.demo.reviewed import Filler
from qa.models import CardVersion, Evaluation, SamplingPlan
from qa.plans import drawing
from qa.reviews import facts, making

Kind, Reason = Evaluation.Kind, Evaluation.Reason
# A plan is drawn so long after its period.
_DRAWN_AFTER = timedelta(days=1, hours=6)
_TARGETED_A_MONTH = 6
_GROWN = "qa_evaluation, qa_answer, qa_reviewevent, qa_drawncall, qa_agentdraw"


@dataclass(frozen=True, slots=True)
class People:
    """Who acts: analysts by username, who leads a team of the first site, and who decides."""

    analysts: dict[str, User]
    supervisor: User
    manager: User

    @property
    def first(self) -> User:
        return self.analysts[house.ANALYSTS[0].username]


def write(now: datetime) -> bool:
    """Write all of it; whether there is a demo to write it of. Safe to run twice."""
    job = load.loaded_demo()
    first = Call.objects.filter(source="demo").aggregate(first=Min("offered_at"))["first"]
    if job is None or first is None:
        return False
    people = People(
        house.reviewers(),
        User.objects.get(username=logins.username(SUPERVISOR)),
        User.objects.get(username=logins.username(MANAGER)),
    )
    house.sign_ins()
    filler = Filler(
        first,
        now,
        house.minds(people.analysts),
        house.skills(job.payload["seed"], job.payload["agents"], first.date()),
        house.WAYS,
    )
    cards = house.scorecards(people.first, first)
    plans = house.plans(cards, people.analysts, first.date())
    for plan in plans:
        _draw(plan, filler, now)
    # Somebody may import a log of their own meanwhile, whose site is none of the demo's.
    sites = Site.objects.filter(pk__in={plan.site_id for plan in plans}).order_by("pk")
    _targeted(people, filler, sites, first, now)
    _analyze()
    afterwards.write(people.manager, now)
    calibrated.write(people.analysts, filler, first, now)
    said.write(filler, people.first, now)
    found.write(people.supervisor, people.manager, people.first, now)
    return True


def _draw(plan: SamplingPlan, filler: Filler, now: datetime) -> None:
    """Draw the plan's periods that are over, the oldest first, and have each reviewed."""
    zone = plan.site.calendar.zone
    for period in drawing.undrawn(plan, now)[::-1]:
        over = datetime.combine(period.next, datetime.min.time(), zone)
        drawing.make(plan, period.first, None, min(now, over + _DRAWN_AFTER))
    waiting = Evaluation.objects.filter(
        kind=Kind.DRAWN, state="todo", drawn__drawn__draw__plan=plan
    )
    filler.fill(waiting.select_related("version", "agent", "site"), open_from=now)


def _targeted(
    people: People, filler: Filler, sites: Iterable[Site], first: datetime, now: datetime
) -> None:
    """Calls that a supervisor took because of a low survey, or because they were good."""
    targeted = Evaluation.objects.filter(kind=Kind.TARGETED)
    made = []
    for site in () if targeted.exists() else sites:
        version = _version(site)
        rules = facts.rules_of(site.pk)
        by = people.supervisor if site.slug == "leeds" else people.first
        for start in _months(first, now):
            for response, reason in _surveyed(site, by, start):
                call = response.call
                if call is None or facts.why_not_heard(call, rules):
                    continue
                at = min(now - timedelta(hours=3), response.answered_at + DAY)
                made.append(
                    making.unsaved(
                        call, version, by, at, rules, kind=Kind.TARGETED, reason=reason,
                        made_by=by, due_at=end_of(site, at, 3),
                    )
                )  # fmt: skip
    Evaluation.objects.bulk_create(made)
    filler.fill(targeted.filter(state="todo").select_related("version", "agent", "site"))


def _version(site: Site) -> CardVersion:
    plan = SamplingPlan.objects.filter(site=site).order_by("pk").first()
    assert plan is not None
    newest: CardVersion = plan.card.versions.published().latest("number")
    return newest


def _surveyed(site: Site, by: User, start: datetime) -> Iterator[tuple[SurveyResponse, str]]:
    rows = (
        SurveyResponse.objects.filter(
            site=site, kind="csat", call__isnull=False, agent__isnull=False,
            answered_at__gte=start, answered_at__lt=start + 30 * DAY,
        )
        .exclude(agent__user=by)
        .filter(call__talk_ms__gte=60_000)
        .select_related("call__agent", "call__site", "call__queue")
    )  # fmt: skip
    if by.groups.filter(name=SUPERVISOR).exists():
        rows = rows.filter(agent__in=Agent.objects.answered_for_by(by))
    low = list(rows.filter(score__lte=2).order_by("answered_at")[: _TARGETED_A_MONTH * 4])
    for one in low[::4]:
        yield one, Reason.LOW_SURVEY
    good = rows.filter(score=5).order_by("answered_at").first()
    if good is not None and chance("praise", good.pk) < 0.5:
        yield good, Reason.PRAISE


def _months(first: datetime, now: datetime) -> Iterator[datetime]:
    start = first
    while start + 30 * DAY < now:
        yield start
        start += 30 * DAY


def _analyze() -> None:
    """Tell the planner of the rows just written: autovacuum would come too late for pages."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_GROWN}")
