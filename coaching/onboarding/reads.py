"""Reads onboarding: paths, who is in which stage, and one newcomer's way."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet

from ccm.access import MANAGER, SUPERVISOR, TRAINER, scope_of
from ccm.intervals import day_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer
from coaching.access import course_sites
from coaching.models import (
    Attempt,
    Course,
    CourseVersion,
    LibraryPage,
    LibraryVersion,
    Newcomer,
    OnboardingPath,
    OnboardingStage,
    PageReceipt,
    StageSign,
)
from coaching.onboarding.stages import Stage, Way, holding, way

Kind = OnboardingStage.Kind
STATES = ("on", "done", "ended", "all")


@dataclass(frozen=True, slots=True)
class Line:
    """A newcomer in the list: how far they are, the stage that is next (None: none), for how many
    days they are there, and since when nothing was signed off."""

    newcomer: Newcomer
    way: Way
    next: OnboardingStage | None
    days: int
    since: date


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of somebody's path: who signed it off, whether the reader may, what the record says
    of it (a course passed on a day, a page read), and what keeps it from being signed off."""

    stage: OnboardingStage
    sign: StageSign | None
    fact: date | None
    needs_fact: bool
    held_by: Sequence[OnboardingStage]
    may_sign: bool
    may_take_back: bool
    title: str


def sites(user: Viewer) -> QuerySet[Site]:
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    if scope.everything:
        return rows
    return rows.filter(pk__in=course_sites(scope) | scope.team_sites)


def paths(user: Viewer, chosen: Sequence[Site]) -> QuerySet[OnboardingPath]:
    """Paths of some sites with how many are on each (`many`) and of how many stages."""
    rows: QuerySet[OnboardingPath] = OnboardingPath.objects.visible_to(user)
    return rows.filter(site__in=[one.pk for one in chosen]).select_related("site").annotate(
        many=Count("newcomers", filter=Q(newcomers__state="on"), distinct=True),
        many_stages=Count("stages", distinct=True),
    )  # fmt: skip


def pure(stages: Sequence[OnboardingStage]) -> list[Stage]:
    return [Stage(one.pk, one.kind == Kind.LIVE, one.is_gate) for one in stages]


def lines(rows: Sequence[Newcomer], now: datetime) -> list[Line]:
    """Newcomers, whose path and agent came with them, as a list tells of them. Two queries."""
    of_path: dict[int, list[OnboardingStage]] = defaultdict(list)
    for stage in OnboardingStage.objects.filter(path__in=[one.path_id for one in rows]):
        of_path[stage.path_id].append(stage)
    signed: dict[int, dict[int, date]] = defaultdict(dict)
    for one in StageSign.objects.filter(newcomer__in=[each.pk for each in rows]):
        signed[one.newcomer_id][one.stage_id] = one.done_on
    made = []
    for newcomer in rows:
        stages = of_path[newcomer.path_id]
        done = signed[newcomer.pk]
        far = way(pure(stages), done)
        made.append(
            Line(
                newcomer=newcomer,
                way=far,
                next=next((one for one in stages if one.pk == far.next), None),
                days=(day_of(now, newcomer.path.site.calendar) - newcomer.starts_on).days,
                since=max(done.values(), default=newcomer.starts_on),
            )
        )
    return made


def listed(
    user: Viewer, chosen: Sequence[Site], *, state: str, path: int | None
) -> QuerySet[Newcomer]:
    """Newcomers of some sites of whom the user is told, but themselves; the longest there first."""
    scope = scope_of(user)
    rows: QuerySet[Newcomer] = Newcomer.objects.visible_to(user).filter(
        agent__site__in=[one.pk for one in chosen]
    )
    if scope.agent is not None:
        rows = rows.exclude(agent=scope.agent)
    if state != "all":
        rows = rows.filter(state=state)
    if path is not None:
        rows = rows.filter(path=path)
    return rows.select_related("agent", "path__site", "mentor").order_by("starts_on", "pk")


def own(user: Viewer) -> Newcomer | None:
    """The reader's own way, while they are on it; else the last one that they are through."""
    agent = scope_of(user).agent
    if agent is None:
        return None
    rows = Newcomer.objects.filter(agent=agent).exclude(state=Newcomer.State.ENDED)
    found: Newcomer | None = rows.order_by(F("ended_at").desc(nulls_first=True)).first()
    return found


def steps(user: Viewer, newcomer: Newcomer, now: datetime) -> list[Step]:
    """The stages of somebody's path, as the reader may see to them. Six queries at most."""
    stages = list(newcomer.path.stages.select_related("course", "page").order_by("place", "pk"))
    signs = {one.stage_id: one for one in newcomer.signs.select_related("signed_by", "stage")}
    facts = facts_of(newcomer.agent, stages)
    titles = _titles(stages)
    mine = roles_of(user, newcomer.agent, now)
    by_pk = {one.pk: one for one in stages}
    made = []
    for one in stages:
        held = holding(pure(stages), signs, one.pk)
        sign = signs.get(one.pk)
        needs = one.kind in (Kind.COURSE, Kind.READING)
        is_free = not held and (not needs or one.pk in facts)
        may = newcomer.state == Newcomer.State.ON and one.signer in mine
        made.append(
            Step(
                stage=one, sign=sign, fact=facts.get(one.pk), needs_fact=needs,
                held_by=[by_pk[pk] for pk in held],
                may_sign=may and sign is None and is_free,
                may_take_back=may and sign is not None,
                title=titles.get(one.pk, ""),
            )
        )  # fmt: skip
    return made


def facts_of(agent: Agent, stages: Sequence[OnboardingStage]) -> Mapping[int, date]:
    """By stage the day on which its course was passed, or its page read as it is in use."""
    if agent.user_id is None:
        return {}
    zone = agent.site.calendar
    passed = Attempt.objects.filter(
        passed=True, assignment__user=agent.user_id,
        assignment__course__in=[one.course_id for one in stages if one.course_id],
    )  # fmt: skip
    days = {
        course: day_of(at, zone)
        for course, at in passed.order_by("finished_at").values_list(
            "assignment__course", "finished_at"
        )
        if at is not None
    }
    read = PageReceipt.objects.filter(
        user=agent.user_id, version__is_current=True,
        version__page__in=[one.page_id for one in stages if one.page_id],
    )  # fmt: skip
    pages = {page: day_of(at, zone) for page, at in read.values_list("version__page", "read_at")}
    found = {}
    for one in stages:
        day = days.get(one.course_id) if one.course_id else pages.get(one.page_id or 0)
        if day is not None:
            found[one.pk] = day
    return found


def roles_of(user: Viewer, agent: Agent, now: datetime) -> frozenset[str]:
    """As what the user may sign stages of an agent off; as nothing of themselves."""
    scope = scope_of(user)
    if agent.user_id is not None and agent.user_id == user.pk:
        return frozenset()
    if scope.everything:
        return frozenset((SUPERVISOR, TRAINER, MANAGER))
    found = set()
    if agent.site_id in scope.trained_sites:
        found.add(TRAINER)
    if agent.site_id in scope.managed_sites:
        found.add(MANAGER)
    if scope.teams and Agent.objects.in_teams(scope.team_calendars, now).filter(
        pk=agent.pk
    ).exists():  # fmt: skip
        found.add(SUPERVISOR)
    return frozenset(found)


def agents(user: Viewer, site: Site, now: datetime) -> QuerySet[Agent]:
    """Who may be sent on a path by the user: who works at a site and is on none."""
    rows = mentors(user, site, now).exclude(pk__in=Newcomer.objects.standing().values("agent"))
    return rows.exclude(user=user.pk, user__isnull=False)


def mentors(user: Viewer, site: Site, now: datetime) -> QuerySet[Agent]:
    """Whom the user may name to go along with a newcomer: who works at a site, of one's own teams
    for who leads teams."""
    scope = scope_of(user)
    today = day_of(now, site.calendar)
    rows = Agent.objects.filter(site=site)
    rows = rows.filter(Q(left_on=None) | Q(left_on__gt=today))
    if not (scope.everything or site.pk in course_sites(scope)):
        rows = rows.filter(pk__in=Agent.objects.answered_for_by(user).values("pk"))
    return rows.order_by("name", "pk")


def pages(site: Site) -> QuerySet[LibraryPage]:
    return LibraryPage.objects.filter(
        Q(site=site) | Q(site=None), retired_at=None, is_published=True
    )


def courses(site: Site) -> QuerySet[Course]:
    return Course.objects.in_use().filter(site=site)


def _titles(stages: Sequence[OnboardingStage]) -> dict[int, str]:
    """What the courses and pages of stages are called by now."""
    courses = dict(
        CourseVersion.objects.filter(
            is_current=True, course__in=[one.course_id for one in stages if one.course_id]
        ).values_list("course", "title")
    )
    pages = dict(
        LibraryVersion.objects.current()
        .filter(page__in=[one.page_id for one in stages if one.page_id])
        .values_list("page", "title")
    )
    found = {}
    for one in stages:
        title = courses.get(one.course_id) if one.course_id else pages.get(one.page_id or 0)
        if title:
            found[one.pk] = title
    return found
