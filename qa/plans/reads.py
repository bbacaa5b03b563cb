"""What pages tell of plans and draws: what was drawn, how far its reviews are, swaps, and what a
plan would draw."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from statistics import median
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.urls import reverse

from ccm.intervals import DAY, day_of
from ccm.models import Agent, Call, Site, User
from qa import sampling
from qa.models import AgentDraw, DrawnCall, Evaluation, PlanDraw, SamplingPlan
from qa.models.querysets import DrawnCallQuerySet
from qa.plans import drawing, eligible, kept, people, words
from qa.plans.how import How
from qa.plans.periods import Period, current, latest
from qa.plans.words import Names
from qa.sampling import Coverage, Due

STANDING, SWAPPED = DrawnCall.State.STANDING, DrawnCall.State.SWAPPED
DONE = (Evaluation.State.FINISHED, Evaluation.State.RELEASED)
# A seed by which a preview shares calls over reviewers: what is drawn in earnest has its own.
_PREVIEW = "preview"


def with_first(rows: QuerySet[Any], path: str = "") -> QuerySet[Any]:
    """Drawn calls, each with `first`, its first review that was not dropped."""
    name = f"{path}evaluations"
    stands = Q(**{f"{name}__rank": 0}) & ~Q(**{f"{name}__state": Evaluation.State.DROPPED})
    return rows.annotate(first=FilteredRelation(name, condition=stands))


def coverages(draws: Sequence[PlanDraw], now: datetime) -> dict[int, Coverage]:
    """How much of each draw was done, by its id. One query for any number of draws."""
    if not draws:
        return {}
    ids = [one.pk for one in draws]
    wanted: dict[int, int] = {}
    became = Case(
        When(state=SWAPPED, then=Value("swapped")),
        When(first__state__in=DONE, first__finished_at__gte=F("first__due_at"), then=Value("late")),
        When(first__state__in=DONE, then=Value("done")),
        When(drawn__draw__due_at__lt=now, first__pk=None, then=Value("overdue")),
        When(first__due_at__lt=now, then=Value("overdue")),
        default=Value("open"),
        output_field=CharField(),
    )
    counted = (
        with_first(DrawnCall.objects.filter(drawn__draw__in=ids))
        .annotate(became=became)
        .order_by()
        .annotate(whose=F("drawn__draw"))
        .values_list("whose", "became", "swap_reason")
        .annotate(many=Count("pk"))
    )
    asked = AgentDraw.objects.filter(draw__in=ids).order_by().annotate(
        whose=F("draw"), became=Value("wanted"), swap_reason=Value("")
    )  # fmt: skip
    both = counted.union(
        asked.values_list("whose", "became", "swap_reason").annotate(many=Sum("wanted")), all=True
    )
    told: dict[int, list[Due]] = defaultdict(list)
    swaps: dict[int, list[str]] = defaultdict(list)
    # One day stands for all: whether it was over is what the database has told.
    today = date.min + DAY
    as_due = {
        "late": Due(today - DAY, today),
        "done": Due(today, today),
        "overdue": Due(today - DAY),
        "open": Due(today),
    }
    for draw, how, reason, many in both:
        if how == "wanted":
            wanted[draw] = many
        elif how == "swapped":
            swaps[draw] += repeat(reason, many)
        else:
            told[draw] += repeat(as_due[how], many)
    return {
        pk: sampling.coverage(max(wanted.get(pk, 0), len(told[pk])), told[pk], today, swaps[pk])
        for pk in ids
    }


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in the list: its newest draw and how far that is, and the period that it draws
    next; None: it has ended."""

    plan: SamplingPlan
    newest: PlanDraw | None
    coverage: Coverage | None
    next: Period | None
    reviewers: int

    @property
    def swapped(self) -> int:
        return 0 if self.coverage is None else sum(self.coverage.swaps.values())


def plans(rows: QuerySet[SamplingPlan], now: datetime) -> list[PlanRow]:
    """Plans with how they stand, those that still draw first. Four queries."""
    newest = PlanDraw.objects.filter(plan=OuterRef("pk")).order_by("-first_day")
    found = list(
        rows.select_related("site", "card")
        .annotate(newest=Subquery(newest.values("pk")[:1]), many=Count("reviewers"))
        .order_by(F("ended_on").desc(nulls_first=True), "site__name", "name")
    )
    draws = PlanDraw.objects.in_bulk([one.newest for one in found if one.newest])
    told = coverages(list(draws.values()), now)
    told_rows = []
    for one in found:
        today = day_of(now, one.site.calendar)
        upcoming = current(one.cadence, one.starts_on, today)
        is_over = one.ended_on is not None and upcoming.next > one.ended_on
        told_rows.append(
            PlanRow(
                one,
                draws.get(one.newest),
                told.get(one.newest),
                None if is_over else upcoming,
                one.many,
            )
        )
    return told_rows


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw of a plan, and how far it is."""

    draw: PlanDraw
    coverage: Coverage

    @property
    def last_day(self) -> date:
        return self.draw.next_day - DAY

    @property
    def swapped(self) -> int:
        return sum(self.coverage.swaps.values())


def draws(rows: QuerySet[PlanDraw], now: datetime) -> list[DrawRow]:
    """Draws with how far they are. Three queries."""
    found = list(rows.select_related("plan", "site", "made_by"))
    told = coverages(found, now)
    return [DrawRow(one, told[one.pk]) for one in found]


@dataclass(frozen=True, slots=True)
class OfAgent:
    """What was drawn of an agent, and how far it is; counts of calls."""

    kept: AgentDraw
    drawn: int
    reviewed: int
    swapped: int

    @property
    def lacks(self) -> bool:
        """Whether there were fewer calls than wanted."""
        return self.drawn < self.kept.wanted


def agents(draw: PlanDraw, user: User) -> list[OfAgent]:
    """What was drawn of each agent but the reader, by team and name. One query."""
    others = AgentDraw.objects.filter(draw=draw).exclude(agent__user=user)
    drawn = with_first(others, "drawn__")
    rows = drawn.select_related("agent", "team").defer("calls", "of_strata").annotate(
        many=Count("drawn", filter=Q(drawn__state=STANDING), distinct=True),
        done=Count("drawn", filter=Q(drawn__state=STANDING, first__state__in=DONE), distinct=True),
        out=Count("drawn", filter=Q(drawn__state=SWAPPED), distinct=True),
    )  # fmt: skip
    rows = rows.order_by(F("team__name").asc(nulls_last=True), "agent__name", "pk")
    return [OfAgent(one, one.many, one.done, one.out) for one in rows]


@dataclass(frozen=True, slots=True)
class OfCall:
    """A drawn call: when it was, its queue and talk (of the record, or of what a review kept of
    it), its stratum in words, the strata that it was drawn from (their labels, and in words), and
    its reviews that the reader may know of, the first one first. `state` is one of "nobody",
    "open", "overdue", "done" and "swapped"."""

    drawn: DrawnCall
    at: datetime | None
    queue: str
    talk_s: float | None
    stratum: str
    layer: Sequence[str]
    drawn_from: Sequence[str]
    reviews: Sequence[Evaluation]
    state: str

    @property
    def joined(self) -> Sequence[str]:
        """The strata that it was drawn from in words, where they are more than its own."""
        return self.drawn_from if len(self.layer) > 1 else ()

    @property
    def word(self) -> str:
        return str(words.STATES[self.state])

    @property
    def level(self) -> str:
        return words.LEVELS.get(self.state, "none")

    @property
    def probability(self) -> float:
        return self.drawn.n / self.drawn.of

    @property
    def links(self) -> list[tuple[Evaluation, str]]:
        """Its reviews, each with its page; empty where there is none."""
        return [(one, reverse("review", args=[one.pk])) for one in self.reviews]


@dataclass(frozen=True, slots=True)
class Told:
    """Drawn calls as they are told, and names to write other labels with."""

    calls: Sequence[OfCall]
    names: Names


def calls(rows: Iterable[DrawnCall], user: User, now: datetime, more: Iterable[str] = ()) -> Told:
    """Drawn calls (with their `first_state`) as they are told to somebody, and the names in their
    labels and `more`. Three queries for any number, and one for each kind of name."""
    found = list(rows)
    there = drawing.calls_of({str(one.call_id) for one in found})
    layers = _layers(found)
    names = Names.of([*(label for each in layers.values() for label in each), *more])
    known: dict[int, list[Evaluation]] = defaultdict(list)
    seen = Evaluation.objects.visible_to(user).exclude(state=Evaluation.State.DROPPED)
    rows_seen = seen.filter(drawn__in=found).select_related("reviewer").defer("comment")
    for one in rows_seen.order_by("rank"):
        known[one.drawn_id or 0].append(one)
    return Told(
        [
            _of_call(one, there.get(str(one.call_id)), layers[one.pk], known[one.pk], names, now)
            for one in found
        ],
        names,
    )


def _layers(rows: Sequence[DrawnCall]) -> dict[int, tuple[str, ...]]:
    """The strata that each drawn call was drawn from, by its id. A query where calls are told
    apart; the call's own stratum where what is kept has no such layer."""
    draws = {one.drawn_id: one.drawn.draw for one in rows}
    hows = {one.pk: How.read(one.how["plan"]) for one in draws.values()}
    apart = [pk for pk, one in draws.items() if hows[one.pk].strata]
    layers = {
        each.pk: kept.layers(draws[each.pk].seed, hows[each.draw_id], each)
        for each in (AgentDraw.objects.filter(pk__in=apart).order_by() if apart else ())
    }
    return {
        one.pk: layers[one.drawn_id][one.layer]
        if one.layer < len(layers.get(one.drawn_id, ()))
        else (one.stratum,)
        for one in rows
    }


def _of_call(
    one: DrawnCall,
    call: Call | None,
    layer: Sequence[str],
    reviews: Sequence[Evaluation],
    names: Names,
    now: datetime,
) -> OfCall:
    at, queue, talk = None, "", None
    if call is not None:
        at, talk = call.offered_at, call.talk_ms
        queue = "" if call.queue is None else call.queue.name
    elif reviews:
        at, talk = reviews[0].called_at, reviews[0].facts.get("talk_ms")
        queue = reviews[0].facts.get("queue") or ""
    due = reviews[0].due_at if reviews else one.drawn.draw.due_at
    first = getattr(one, "first_state", None)
    if one.state == SWAPPED:
        state = "swapped"
    elif first is None:
        state = "nobody"
    elif first in DONE:
        state = "done"
    else:
        state = "overdue" if due is not None and due < now else "open"
    return OfCall(
        one, at, queue, None if talk is None else talk / 1000, words.stratum(one.stratum, names),
        layer, [words.stratum(label, names) for label in layer], reviews, state,
    )  # fmt: skip


def told_calls(rows: DrawnCallQuerySet) -> QuerySet[DrawnCall]:
    """Drawn calls with what `calls` tells of them."""
    return (
        with_first(rows.with_swap())
        .annotate(first_state=F("first__state"))
        .select_related("drawn__agent", "drawn__team", "drawn__draw__site", "drawn__draw__plan")
        .defer("drawn__calls", "drawn__of_strata")
    )


def changeable_calls(user: User, *, may_review: bool) -> QuerySet[DrawnCall]:
    """Drawn calls of plans that the user keeps, and (`may_review`) that are theirs to review; none
    of their own calls."""
    theirs = Q(drawn__draw__in=PlanDraw.objects.kept_by(user).values("pk"))
    if may_review:
        own = Evaluation.objects.reviewed_by(user).open().filter(drawn__isnull=False)
        theirs |= Q(pk__in=own.values("drawn"))
    rows = DrawnCall.objects.filter(theirs).exclude(
        drawn__agent__in=Agent.objects.filter(user=user).values("pk")
    )
    return told_calls(rows)


def drawn_calls(draw: PlanDraw, user: User) -> QuerySet[DrawnCall]:
    """All calls that a draw has drawn, also those swapped since, but for the reader's own."""
    rows = DrawnCall.objects.filter(drawn__draw=draw).exclude(drawn__agent__user=user)
    return told_calls(rows).order_by("drawn__agent__name", "drawn", "layer", "pk")


@dataclass(frozen=True, slots=True)
class SwapsOf:
    """Swaps of somebody for a reason: how many, and of how many of them the review had begun."""

    who: str
    reason: str
    many: int
    begun: int


def swaps(draws: Iterable[int]) -> list[SwapsOf]:
    """Swaps of some draws by who made them and why, the most first. One query."""
    rows = DrawnCall.objects.filter(drawn__draw__in=list(draws), state=SWAPPED).order_by()
    names = [f"swapped_by__{name}" for name in ("first_name", "last_name", "username")]
    counted = rows.values_list("swapped_by", *names, "swap_reason").annotate(
        many=Count("pk", distinct=True),
        begun=Count("pk", distinct=True, filter=Q(evaluations__begun_at__isnull=False)),
    )
    reasons = dict(DrawnCall.Reason.choices)
    found = [
        SwapsOf(f"{first or ''} {last or ''}".strip() or login or "", str(reasons[reason]), many,
                begun)
        for _who, first, last, login, reason, many, begun in counted
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.many, one.who, one.reason))


@dataclass(frozen=True, slots=True)
class Strata:
    """A stratum in words with its calls, eligible and drawn."""

    words: str
    eligible: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Expected:
    """A stratum in words with its eligible calls, and how many of them would be drawn in the mean
    of many seeds."""

    words: str
    eligible: int
    drawn: float


@dataclass(frozen=True, slots=True)
class Load:
    """Reviews that somebody would get, second ones among them; `most` is what they can do."""

    user: User
    reviews: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would draw of a period: of how many agents, how many of their calls (fewest, in
    the middle, most), `drawn` of `wanted`; how many agents have `fewer` calls than wanted; what is
    left out and why, strata, the reviewers' load and the reviews that nobody would do. None of it
    hangs on a seed but how the load is shared where it is not even."""

    period: Period
    eligible: int
    agents: int
    fewest: int
    middle: float
    most: int
    fewer: int
    wanted: int
    drawn: int
    left_out: Sequence[tuple[str, int]]
    strata: Sequence[Expected]
    load: Sequence[Load]
    nobody: Sequence[tuple[str, int]]


def preview(site: Site, how: How, cadence: str, starts_on: date, now: datetime) -> Preview:
    """What a plan would draw of the newest whole period. Nine queries or so, of any plan."""
    period = latest(cadence, starts_on, day_of(now, site.calendar))
    found = eligible.find(site, how, period)
    persons = people.those(site, [one.user for one in how.reviewers], now)
    made = drawing.draw(_PREVIEW, how, found, persons)
    sizes = [one.many for one in found.agents]
    wanted = [how.wanted(sorted(one.calls)) for one in found.agents]
    here: Counter[str] = Counter()
    expected: defaultdict[str, float] = defaultdict(float)
    for theirs, one in made.draws:
        here.update({label: len(ids) for label, ids in theirs.calls.items()})
        for layer in one.layers:
            for stratum in map(str, layer.strata):
                share = len(theirs.calls[stratum]) / len(layer.calls)
                expected[stratum] += len(layer.taken) * share
    names = Names.of(here)
    load = drawing.shared_of(made.work)
    capacity = {one.user: one.capacity for one in how.reviewers}
    return Preview(
        period=period,
        eligible=found.many,
        agents=len(sizes),
        fewest=min(sizes, default=0),
        middle=median(sizes) if sizes else 0.0,
        most=max(sizes, default=0),
        fewer=sum(size < many for size, many in zip(sizes, wanted, strict=True)),
        wanted=sum(wanted),
        drawn=sum(len(one.drawn) for _theirs, one in made.draws),
        left_out=words.left_out(found.left_out),
        strata=[
            Expected(words.stratum(label, names), here[label], expected[label])
            for label in sorted(here, key=lambda one: (-here[one], one))
        ]
        if how.strata
        else [],
        load=[
            Load(one.user, load.get(pk, 0), capacity[pk])
            for pk, one in sorted(persons.items(), key=lambda one: one[1].user.username)
        ],
        nobody=words.missing(drawing.without_anybody(made.work.missing)),
    )


def missing_of(draw: PlanDraw) -> list[tuple[str, int]]:
    """Reviews of a draw that nobody could be found for when it was made, by why in words."""
    return words.missing(Counter(why for _call, _rank, why in draw.how.get("missing", ())))


def drawn_strata(draw: PlanDraw) -> dict[str, tuple[int, int]]:
    """(eligible, drawn) calls of each stratum of a draw, by its label, the largest first. One
    query."""
    eligible_of: dict[str, int] = draw.how["strata"]
    rows = DrawnCall.objects.filter(drawn__draw=draw, state=STANDING).order_by()
    drawn = dict(rows.values_list("stratum").annotate(many=Count("pk")))
    ordered = sorted(eligible_of.items(), key=lambda one: (-one[1], one[0]))
    return {label: (many, drawn.get(label, 0)) for label, many in ordered}
