"""What waits for reviewers: one's own reviews, those of others that one may know of, and how the
work lies on each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject, NullIf, Trim
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import User
from ccm.waiting import led_by_reader
from qa.access import reviewed_sites
from qa.models import Evaluation
from qa.models.querysets import OPEN
from qa.plans import words
from qa.plans.words import Names

# What was done counts in the load of a reviewer for so long.
LATELY = timedelta(days=28)
MOST_OWN = 20
MOST_DONE = 10
STATES = ("open", "overdue", "done", "unreleased")
# How lists are ordered: what is done by when it was, what is to be done by its day.
NEWEST, DUE = ("-finished_at", "-pk"), ("due_at", "pk")


@dataclass(frozen=True, slots=True)
class Shown:
    """A review in the queue: why the call was taken, in words, and whether it is late; and by which
    scorecard it is done, at which site (`by`)."""

    review: Evaluation
    why: str
    is_overdue: bool

    @property
    def talk_s(self) -> float | None:
        talk = self.review.facts.get("talk_ms")
        return None if talk is None else talk / 1000

    @property
    def by(self) -> str:
        return f"{self.review.version.card} · {self.review.site}"


# What is told of a review names these.
NAMED = ("agent", "queue", "site", "reviewer", "drawn", "session_call__session")


def read(rows: QuerySet[Evaluation]) -> list[Evaluation]:
    """Reviews with the rows that they name. One query."""
    # The form of a version is long.
    return list(rows.select_related(*NAMED, "version__card").defer("version__form"))


def names_of(reviews: Iterable[Evaluation]) -> Names:
    """The names in the labels of reviews. A query for each kind of name."""
    return Names.of(one.drawn.stratum for one in reviews if one.drawn is not None)


def told(reviews: Iterable[Evaluation], names: Names, now: datetime) -> list[Shown]:
    """Reviews with why they were taken."""
    return [Shown(one, why(one, names), is_overdue(one, now)) for one in reviews]


def shown(rows: QuerySet[Evaluation], now: datetime) -> list[Shown]:
    """The same of rows that are yet to be read."""
    found = read(rows)
    return told(found, names_of(found), now)


def shown_of(review: Evaluation, now: datetime) -> Shown:
    """The same of one review."""
    return told([review], names_of([review]), now)[0]


def is_overdue(review: Evaluation, now: datetime) -> bool:
    return review.is_open and review.due_at is not None and review.due_at < now


def why(review: Evaluation, names: Names) -> str:
    """Why a call is reviewed. Who scores a call beside others reads the same as they do."""
    if review.kind == Evaluation.Kind.CALIBRATION:
        assert review.session_call is not None  # the database holds it
        return _("Calibration: %(session)s") % {"session": review.session_call.session}
    if review.kind == Evaluation.Kind.TARGETED:
        # `get_reason_display` makes all the choices anew, of each of thousands of rows.
        reason = Evaluation.Reason(review.reason).label if review.reason else _("Targeted")
        return f"{reason}: {review.reason_words}" if review.reason_words else str(reason)
    stratum = words.stratum(review.drawn.stratum, names) if review.drawn else ""
    return _("Drawn: %(stratum)s") % {"stratum": stratum} if stratum else _("Drawn at random")


def own(user: User) -> QuerySet[Evaluation]:
    """What somebody is to review, what is due first; what has no day last. Of each whether its call
    may be swapped."""
    rows = Evaluation.objects.reviewed_by(user).open().with_swap()
    return rows.order_by(F("due_at").asc(nulls_last=True), "called_at", "pk")


def own_done(user: User) -> QuerySet[Evaluation]:
    """What somebody reviewed, the last first."""
    return Evaluation.objects.reviewed_by(user).done().order_by("-finished_at", "-pk")


def listed(
    user: User,
    now: datetime,
    *,
    state: str = "",
    reviewer: int | None = None,
    agent: int | None = None,
    plan: int | None = None,
    site: int | None = None,
) -> QuerySet[Evaluation]:
    """Reviews of others that somebody may know of, and their own, but for dropped ones, each with
    whether they read its answers (`is_told`) and release it: what is due first first, of those that
    are done the newest."""
    rows = Evaluation.objects.visible_to(user).told_to(user).with_release(user)
    rows = rows.exclude(state=Evaluation.State.DROPPED)
    rows = rows.order_by(*(NEWEST if state in ("done", "unreleased") else DUE))
    if state == "open":
        rows = rows.open()
    elif state == "overdue":
        rows = rows.overdue(now)
    elif state == "done":
        rows = rows.done()
    elif state == "unreleased":
        rows = rows.unreleased().released_by(user)
    asked = {"reviewer": reviewer, "agent": agent, "drawn__drawn__draw__plan": plan, "site": site}
    return rows.filter(**{name: one for name, one in asked.items() if one is not None})


@dataclass(frozen=True, slots=True)
class Load:
    """How much lies on a reviewer, and what they did lately."""

    id: int
    reviewer: str
    open: int
    overdue: int
    done: int


def _called(person: str) -> Any:
    """The name of a user that rows lead to, as `str` has it."""
    whole = Trim(Concat(f"{person}__first_name", Value(" "), f"{person}__last_name"))
    return Coalesce(NullIf(whole, Value("")), F(f"{person}__username"))


def loads(user: User, now: datetime) -> list[Load]:
    """How the work lies on each reviewer, the most overdue first: of all reviews that somebody's
    reach covers, also of those that are blind to them, so that everybody reads the same. One
    query."""
    rows = Evaluation.objects.counted_by(user).exclude(state=Evaluation.State.DROPPED)
    lately = Q(finished_at__gte=now - LATELY)
    opened = Q(state__in=OPEN)
    counted = (
        rows.filter(opened | lately)
        .order_by()
        .values_list("reviewer", _called("reviewer"))
        .annotate(
            open=Count("pk", filter=opened),
            overdue=Count("pk", filter=opened & Q(due_at__lt=now)),
            done=Count("pk", filter=lately & ~opened),
        )
    )
    found = [Load(pk, name, many, late, done) for pk, name, many, late, done in counted]
    return sorted(found, key=lambda one: (-one.overdue, -one.open, one.reviewer))


def facts() -> dict[str, Any]:
    """A reader's open reviews, as annotations of users: of each its site, and of those whose agent
    they lead the stay in the team."""
    rows = Evaluation.objects.open().filter(reviewer=OuterRef("pk"))
    rows = rows.exclude(agent__user=OuterRef("pk")).order_by("pk")
    team = "agent__memberships__team"
    led = rows.filter(led_by_reader(team))
    return {
        "reviews_open": ArraySubquery(rows.values(told=JSONObject(row="pk", site="site"))),
        "reviews_led": ArraySubquery(
            led.values(
                told=JSONObject(
                    row="pk", team=team,
                    starts="agent__memberships__starts_on", ends="agent__memberships__ends_on",
                )
            )
        ),
    }  # fmt: skip


def count(user: User) -> int:
    """How many reviews wait for a reader; no query where `facts` came with them."""
    at: Sequence[Any] | None = getattr(user, "reviews_open", None)
    if at is None:
        many: int = Evaluation.objects.reviewed_by(user).open().count()
        return many
    scope = scope_of(user)
    if scope.everything:
        return len(at)
    sites = reviewed_sites(scope)
    now = timezone.now()
    days = {team: day_of(now, calendar).isoformat() for team, calendar in scope.team_calendars}
    led = {
        one["row"]
        for one in getattr(user, "reviews_led", ())
        if one["team"] in days
        and one["starts"] <= days[one["team"]]
        and (one["ends"] is None or days[one["team"]] < one["ends"])
    }
    return sum(one["site"] in sites or one["row"] in led for one in at)


def choices(rows: QuerySet[Any]) -> dict[str, list[tuple[str, str]]]:
    """(id, name) of the reviewers, agents and plans of some reviews, to choose from. One query."""
    plan = "drawn__drawn__draw__plan"
    parts = []
    for kind, path, name in (
        ("reviewer", "reviewer", _called("reviewer")),
        ("agent", "agent", F("agent__name")),
        ("plan", plan, F(f"{plan}__name")),
    ):
        named = rows.exclude(**{path: None}).order_by().annotate(
            named_as=Value(kind), whose=F(path), called=Cast(name, CharField())
        )  # fmt: skip
        parts.append(named.values_list("named_as", "whose", "called").distinct())
    found: dict[str, list[tuple[str, str]]] = {"reviewer": [], "agent": [], "plan": []}
    for kind, whose, called in parts[0].union(*parts[1:]):
        found[kind].append((str(whose), called))
    return {kind: sorted(them, key=lambda one: (one[1], one[0])) for kind, them in found.items()}
