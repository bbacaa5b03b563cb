"""Reads the pages of the library, who may write them, and who has read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from ccm.access import ADMIN, MANAGER, TRAINER, scope_of
from ccm.intervals import UTC_DAYS, day_of
from ccm.models import Agent, Site, Team, TeamLead, TeamMembership, User
from ccm.querysets import Viewer
from coaching.access import library_sites, sees_readers
from coaching.library import reading
from coaching.models import (
    Lesson,
    LibraryPage,
    LibraryVersion,
    OnboardingStage,
    PageAnswer,
    PageReceipt,
    PublicPage,
    PublicShelf,
)

STATES = ("used", "drafts", "withdrawn")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to, "" is all; `site` is a slug, or "all" for pages of all sites."""

    site: str = ""
    kind: str = ""
    state: str = "used"
    is_mine: bool = False
    is_overdue: bool = False
    is_to_read: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """What one reader of a page is told beside it: whether they have to read it and have not, when
    they read which version, and what they answered of this one."""

    must_read: bool
    read: PageReceipt | None
    answer: PageAnswer | None


@dataclass(frozen=True, slots=True)
class Helped:
    """What readers answered of a version."""

    yes: int
    no: int


def sites_read(user: Viewer) -> QuerySet[Site]:
    """Sites whose pages the user reads."""
    return Site.objects.visible_to(user).order_by("name")


def sites_written(user: Viewer) -> QuerySet[Site]:
    """Sites whose pages the user writes."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    return rows if scope.everything else rows.filter(pk__in=library_sites(scope))


def writes(user: Viewer, page: LibraryPage) -> bool:
    """Whether the user changes a page that they see."""
    scope = scope_of(user)
    return scope.everything or page.site_id in library_sites(scope)


def sees_readers_of(user: Viewer, page: LibraryPage) -> bool:
    """Whether the user may be told of anybody whether they have read a page that they see."""
    scope = scope_of(user)
    if page.site_id is None:
        return sees_readers(scope)
    return writes(user, page) or page.site_id in scope.team_sites


def owners(site: Site | None) -> QuerySet[User]:
    """Who may own a page: whoever writes it."""
    found = Q(is_superuser=True) | Q(groups__name=ADMIN)
    if site is not None:
        found |= Q(groups__name__in=(MANAGER, TRAINER), sites=site)
    return User.objects.filter(found, is_active=True).distinct().order_by("username")


def teams(site: Site | None) -> QuerySet[Team]:
    """Teams that a page may be for: of its site; a page of all sites is for no single ones."""
    return Team.objects.none() if site is None else Team.objects.filter(site=site).order_by("name")


def pages(user: Viewer, asked: Asked, now: datetime) -> QuerySet[LibraryPage]:
    """The pages that a list is narrowed to; its text is not looked for here."""
    rows: QuerySet[LibraryPage] = LibraryPage.objects.visible_to(user)
    if asked.state == "used":
        rows = rows.filter(retired_at=None, is_published=True)
    elif asked.state == "drafts":
        drafts = LibraryVersion.objects.drafts().filter(page=OuterRef("pk"))
        rows = rows.filter(Exists(drafts), pk__in=LibraryPage.objects.written_by(user).values("pk"))
    else:
        rows = rows.filter(retired_at__isnull=False)
    if asked.site:
        rows = rows.filter(Q(site=None) if asked.site == "all" else Q(site__slug=asked.site))
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.is_mine:
        rows = rows.filter(owner=user.pk)
    if asked.is_overdue:
        rows = rows.filter(overdue(now))
    if asked.is_to_read:
        still = reading.still_to_read(user, now) if isinstance(user, User) else frozenset()
        rows = rows.filter(versions__in=still)
    return rows


@dataclass(frozen=True, slots=True)
class Uses:
    """What hangs on a page while it is in use: the slug of the shelf where anybody reads it ("":
    nowhere), lessons of courses, and stages of onboarding."""

    shelf: str
    lessons: int
    stages: int


def uses(page: LibraryPage) -> Uses:
    """One query. A page of all sites stands on each shelf that is open: the first by name."""
    shelves = PublicShelf.objects.filter(is_on=True)
    if page.site_id is not None:
        shelves = shelves.filter(site=page.site_id)
    shelf = shelves.filter(Exists(PublicPage.objects.filter(page=page.pk))).order_by("site__name")
    lessons = Lesson.objects.filter(
        page=page.pk, version__is_current=True, version__course__retired_at=None
    )
    stages = OnboardingStage.objects.filter(page=page.pk, path__retired_at=None)
    row = LibraryPage.objects.filter(pk=page.pk).values_list(
        Subquery(shelf.values("site__slug")[:1]), _count(lessons), _count(stages)
    )
    slug, many_lessons, many_stages = row.get()
    is_there = page.is_published and page.retired_at is None
    return Uses(slug or "" if is_there else "", many_lessons, many_stages)


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("page").annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def listed(user: Viewer, asked: Asked, now: datetime) -> QuerySet[LibraryPage]:
    """The pages of a list with what the version in use says of each, or in a list of drafts its
    draft: `shown` (its id), `title`, `number`, `published`, `must_from`; and `reads`, `helped` and
    `unhelped`, of that version."""
    told = Q(versions__is_current=True)
    if asked.state == "drafts":
        told = Q(versions__published_at=None)
    rows = pages(user, asked, now).annotate(told=FilteredRelation("versions", condition=told))
    answers = PageAnswer.objects.filter(version=OuterRef("told__pk"))
    return rows.annotate(
        shown=F("told__pk"),
        title=F("told__title"),
        number=F("told__number"),
        published=F("told__published_at"),
        must_from=F("told__must_from"),
        reads=_many(PageReceipt.objects.filter(version=OuterRef("told__pk"))),
        helped=_many(answers.filter(helped=True)),
        unhelped=_many(answers.filter(helped=False)),
    ).select_related("site", "owner")


def _many(rows: QuerySet[Any]) -> Coalesce:
    """How many rows there are of each version."""
    counted = rows.order_by().values("version").annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def today_of(site: Site | None, now: datetime) -> date:
    """The day of `now` at a site; what is of all sites keeps UTC's."""
    return day_of(now, UTC_DAYS if site is None else site.calendar)


def is_overdue(page: LibraryPage, now: datetime) -> bool:
    """Whether the day is over by which somebody was to look whether it is still right."""
    due: date | None = page.review_on
    return due is not None and page.retired_at is None and due < today_of(page.site, now)


def overdue(now: datetime) -> Q:
    """Those of which `is_overdue` says so, each by the day of its site. One query."""
    late = Q(site=None, review_on__lt=day_of(now, UTC_DAYS))
    for site in Site.objects.all():
        late |= Q(site=site, review_on__lt=day_of(now, site.calendar))
    return late & Q(retired_at=None)


def current(page: LibraryPage) -> LibraryVersion | None:
    found: LibraryVersion | None = (
        LibraryVersion.objects.light()
        .current()
        .filter(page=page)
        .select_related("published_by")
        .first()
    )
    return found


def draft(page: LibraryPage) -> LibraryVersion | None:
    rows = LibraryVersion.objects.light().drafts().filter(page=page)
    found: LibraryVersion | None = rows.select_related("made_by").first()
    return found


def versions(page: LibraryPage, *, with_draft: bool) -> Sequence[LibraryVersion]:
    """All of a page, the last first, without what they say."""
    rows = LibraryVersion.objects.light().defer("why", "body")
    rows = rows.filter(page=page).select_related("published_by")
    return list(rows if with_draft else rows.published())


def whole(*some: LibraryVersion) -> list[LibraryVersion]:
    """Versions with all that they say."""
    known = LibraryVersion.objects.light().in_bulk([one.pk for one in some])
    return [known[one.pk] for one in some]


def reader(user: User, version: LibraryVersion, now: datetime) -> Reader:
    """What the reader of a current version is told. Two queries."""
    known = PageReceipt.objects.filter(user=user, version__page=version.page_id)
    known = known.select_related("version").only("read_at", "version__number")
    read = known.order_by("-version__number").first()
    answer = PageAnswer.objects.filter(user=user, version=version).first()
    return Reader(version.pk in reading.still_to_read(user, now), read, answer)


def helped(version: LibraryVersion) -> Helped:
    told = version.answers.aggregate(
        yes=Count("pk", filter=Q(helped=True)), no=Count("pk", filter=Q(helped=False))
    )
    return Helped(told["yes"], told["no"])


def said_of(version: LibraryVersion, most: int = 50) -> Sequence[PageAnswer]:
    """What readers wrote of a version, the last first."""
    return list(version.answers.exclude(words="").select_related("user")[:most])


def readers(
    user: Viewer, page: LibraryPage, version: LibraryVersion, now: datetime, *, state: str = "all"
) -> QuerySet[User]:
    """Those who have to read a version and those who have read it, of whom the user is told: each
    with `must` (whether they have to), `read_number` and `read_at` (what they read last of what
    counts) and `team_names` (of today). `state` narrows: "still" to read, or "read"."""
    counts_from = version.must_from or version.number
    receipts = PageReceipt.objects.filter(
        user=OuterRef("pk"), version__page=page, version__number__gte=counts_from
    ).order_by("-version__number")
    must = reading.audience(page, now) if version.must_from is not None else User.objects.none()
    stays = TeamMembership.objects.filter(reading.of_today(now), agent__user=OuterRef("pk"))
    names = stays.order_by().values("agent__user")
    rows = User.objects.filter(_told(user, page, now), is_active=True).annotate(
        must=Case(When(pk__in=must.values("pk"), then=Value(True)), default=Value(False)),
        read_number=Subquery(receipts.values("version__number")[:1]),
        read_at=Subquery(receipts.values("read_at")[:1]),
        team_names=Coalesce(
            Subquery(names.annotate(all=StringAgg("team__name", ", ")).values("all")),
            Value(""),
            output_field=TextField(),
        ),
    )
    read = Q(read_number__isnull=False)
    if state == "still":
        return rows.filter(~read, must=True)
    return rows.filter(read if state == "read" else read | Q(must=True))


def counted(rows: QuerySet[User]) -> Mapping[str, int]:
    """How many of some `readers` have still to read it, and have read it."""
    told: Mapping[str, int] = rows.aggregate(
        still=Count("pk", filter=Q(read_number=None)),
        read=Count("pk", filter=Q(read_number__isnull=False)),
    )
    return told


def _told(user: Viewer, page: LibraryPage, now: datetime) -> Q:
    """People of whom the user is told what they have read: of pages that they write all; of pages
    of all sites those of own sites; and agents of own teams."""
    scope = scope_of(user)
    if writes(user, page):
        return Q()
    told = Q(pk__in=[])
    if scope.teams:
        led = Agent.objects.answered_for_by(user).filter(user__isnull=False)
        told |= Q(pk__in=led.values("user"))
    own = library_sites(scope)
    if page.site_id is None and own:
        there = User.sites.through.objects.filter(user=OuterRef("pk"), site__in=own)
        agents = Agent.objects.filter(user=OuterRef("pk"), site__in=own)
        leads = TeamLead.objects.filter(
            reading.of_today(now), supervisor=OuterRef("pk"), team__site__in=own
        )
        told |= Q(Exists(there)) | Q(Exists(agents)) | Q(Exists(leads))
    return told


def by_state(rows: QuerySet[User]) -> QuerySet[User]:
    """Those who have still to read it first, then by name."""
    return rows.order_by(F("read_at").asc(nulls_first=True), "username")
