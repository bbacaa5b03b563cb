"""A figure that explains itself: its formula, what it left out, how old it is, and its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import ngettext_lazy

from ccm.dirty import Notice
from ccm.intervals import site_day
from ccm.models import Agent, Queue, Site, Target
from ccm.names import in_order
from ccm.querysets import Viewer
from kpis import definitions, dimensions, formulas, inference, report
from kpis.choices import Change, Choices
from kpis.choosing import apart
from kpis.declaration import Need
from kpis.dimensions import OF_IDS, By
from kpis.figures import Figure, adds_up_queues
from kpis.measures.hourly import CALLS_OUT
from kpis.named import names_of
from kpis.reads import anew, timesheet
from kpis.reads.anew import Age
from kpis.recorded import Records
from kpis.report import Question
from kpis.report.cells import READERS
from kpis.reports.asked import with_good
from kpis.sums.agent_time import AgentTime
from kpis.sums.counts import Counts
from kpis.sums.staff import Paid

if TYPE_CHECKING:
    from kpis.measures import Words

_DAY = "j M Y"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a figure is of: a site's days, or a queue's, or an agent's; of these what has the keys
    of `only` in other dimensions, which `only_words` tells for people."""

    site: Site
    first: date
    last: date
    queue: Queue | None = None
    agent: Agent | None = None
    only: Mapping[By, Sequence[Any]] = field(default_factory=dict)
    only_words: str = ""
    age: Age | None = None
    """How old what is known of the site is, where the asker has it; of a passport's it is known."""

    @property
    def whole_until(self) -> datetime | None:
        """The end of the last whole day of the record when it was counted who came again."""
        last = None if self.age is None else self.age.last_whole
        return None if last is None else site_day(last, self.site.calendar).end

    @property
    def question(self) -> Question:
        """What a report is asked for this scope."""
        return Question(
            sites=[self.site],
            first=self.first,
            last=self.last,
            queues=None if self.queue is None else [self.queue],
            agents=None if self.agent is None else [self.agent],
            only=self.only,
        )

    @property
    def part(self) -> Literal["", "queue", "agent"]:
        """What of the site it is of; empty: all of it."""
        if self.agent is not None:
            return "agent"
        return "" if self.queue is None else "queue"

    @property
    def who(self) -> str:
        named = [str(one) for one in (self.agent, self.queue, self.site) if one is not None]
        return ", ".join((*named, self.only_words) if self.only_words else named)

    @property
    def days(self) -> str:
        days = date_format(self.first, _DAY)
        if self.last != self.first:
            days += f" – {date_format(self.last, _DAY)}"
        return f"{days} ({self.site.days_words})"


@dataclass(frozen=True, slots=True)
class Passport:
    """A figure and its explanation. `counted_at` is when its counts were made, `newest_at` the
    newest moment any call of the site shows; None: nothing was ever counted."""

    figure: Figure
    scope: Scope
    words: str
    unit_words: Words
    """What its n counts, a plural of `n`."""
    counted_at: datetime | None
    newest_at: datetime | None
    notice: Notice | None
    """What is being counted anew."""
    others: list[Figure]
    """The same figure under the other variants of its KPI."""
    beside: list[Figure]
    """And under those definitions that are asked for beside it, where they are not its own."""
    with_it: list[Figure]
    """What it is never shown without."""
    changes: list[Change]
    """When the KPI of this scope began to be made otherwise, up to the last day, first to last."""
    parts: int
    """The set of known parts that a handling time pools (`formulas.measured_parts`)."""
    aim: Target | None
    """What somebody set as the target of this scope; None: nobody did."""
    counts: Counts
    """What the figure was made of."""
    records: Records = field(default_factory=dict)
    """How far the record of the site goes, where it was asked for."""


def words_of(
    only: Mapping[By, Sequence[Any]], tz: ZoneInfo, known: Mapping[By, Mapping[int, str]]
) -> str:
    """The keys that narrow a scope, for people; an id that is no more is passed over. `known` are
    names by id, which are looked up where they are not given."""
    said = []
    for by, keys in only.items():
        names = known[by] if by in known else names_of(by, keys) if by in OF_IDS else {}
        said += [
            dimensions.word(by, key, tz, names)[1]
            for key in keys
            if key is None or by not in OF_IDS or key in names
        ]
    return ", ".join(said)


def issue(
    asked: str,
    scope: Scope,
    knows: frozenset[Need] = frozenset(),
    alone: bool = False,
    beside: Sequence[str] = (),
) -> Passport:
    """The passport of a KPI ("id", "id:variant" or "id:variant@number") in a scope, for who may
    know `knows`; `alone`, without the figures of the other variants and the age of the data.
    `beside` are definitions, those of other KPIs passed over.

    Raises UnknownKpi.
    """
    kpi, variant = definitions.parse(asked)
    _name, at, number = asked.partition("@")
    rivals = [
        (one, f"{kpi.id}:{one.id}" + (at + number if one.number == variant.number else ""))
        for one in (() if alone else kpi.variants)
    ]
    more = [one for one in beside if definitions.parse(one)[0] is kpi]
    good = () if alone else with_good([asked])[1]
    words = [asked, *(name for _one, name in rivals), *more, *good]
    choices = Choices(scope.last)
    scope = scope if scope.age else replace(scope, age=anew.age_of(scope.site))
    age = None if alone else scope.age
    records = {} if age is None or age.record is None else {scope.site.pk: age.record}
    question = replace(scope.question, kpis=words, knows=knows, records=records)
    (row,) = report.answer(question, choices)
    figure = row.figures[asked]
    counted = (row.counts.outbound or Counts()) if figure.variant.of_outbound else row.counts
    counted_at, newest_at = (None, None) if age is None else _newest(figure, scope, age)
    return Passport(
        figure=figure,
        scope=scope,
        words=definitions.passport(kpi, figure.variant, figure.parameters),
        unit_words=unit_words(scope.question, figure),
        counted_at=counted_at,
        newest_at=newest_at,
        notice=None if age is None else age.notice,
        others=[row.figures[name] for one, name in rivals if one is not figure.variant],
        beside=[row.figures[one] for one in more if not apart.alike(row.figures[one], figure)],
        with_it=[row.figures[one] for one in good],
        changes=choices.changes(
            kpi, date.min, scope.site.pk, None if scope.queue is None else scope.queue.pk
        ),
        parts=formulas.measured_parts(counted) or 0,
        aim=choices.aim(
            kpi,
            figure.variant,
            scope.site.pk,
            None if scope.queue is None else scope.queue.pk,
            None if scope.agent is None else scope.agent.pk,
        ),
        counts=row.counts,
        records=records,
    )


def _newest(figure: Figure, scope: Scope, age: Age) -> tuple[datetime | None, datetime | None]:
    """When the counts of a figure were made, and up to which moment these are."""
    if {"repeats", "matters"} & {*figure.variant.needs}:
        return age.repeats_at, scope.whole_until
    record = age.record
    return (None, None) if record is None else (record.counted_at, record.newest_at)


def interval(made: Passport) -> inference.Told:
    """How far the figure would be trusted for days like these."""
    return inference.of_figure(made.figure, made.scope.question, made.counts)


def unit_words(question: Question, figure: Figure) -> Words:
    """What a figure's n counts, a plural of `n`. Where the same matter is the same queue, a site
    adds up its queues."""
    if figure.variant.of_outbound:
        return CALLS_OUT
    if question.counts_contacts and not adds_up_queues(figure):
        return ngettext_lazy("contact", "contacts", "n")
    return ngettext_lazy("visit", "visits", "n")


@dataclass(frozen=True, slots=True)
class PaidRow:
    """Paid time that a figure was summed from: an agent's, or that of a day of the one agent.
    `productive_ms` is what of it utilisation counts."""

    of: Agent | date
    paid: Paid
    productive_ms: float


def is_of_paid_time(figure: Figure) -> bool:
    """Whether a figure is a share of paid time, behind which there are no calls."""
    return figure.unit == "fraction" and "paid" in figure.variant.needs


def paid_times(made: Passport, user: Viewer) -> list[PaidRow]:
    """The paid time behind a figure, as `times`, who was paid most first; what was there unpaid
    is in none."""
    scope = made.scope
    selection = scope.question.selection
    read = READERS["paid"]
    productive = made.figure.parameters.productive

    def row(of: Agent | date, paid: Paid) -> PaidRow:
        return PaidRow(of, paid, formulas.utilisation_u1(paid, productive).numerator)

    if scope.agent is not None:
        by_day = read(selection, ("day",)) or {}
        return [row(day, paid) for (day,), paid in sorted(by_day.items()) if paid.paid_in_all_ms]
    by_agent = {pk: paid for (pk,), paid in (read(selection, ("agent",)) or {}).items()}
    agents = Agent.objects.visible_to(user).filter(pk__in=by_agent)
    rows = [row(agent, by_agent[agent.pk]) for agent in agents if by_agent[agent.pk].paid_in_all_ms]
    return sorted(rows, key=lambda one: (-one.paid.paid_in_all_ms, in_order(str(one.of))))


@dataclass(frozen=True, slots=True)
class TimeRow:
    """What a figure of agents' time was summed from: an agent's time, or a day of the one agent."""

    of: Agent | date
    time: AgentTime


def times(made: Passport, user: Viewer) -> list[TimeRow]:
    """The time behind a figure: by agent, those that `user` may see, who was there longest first;
    of one agent by day."""
    scope = made.scope
    selection = scope.question.selection
    if scope.agent is not None:
        by_day = timesheet.agent_time(selection, "day")
        return [TimeRow(day, by_day[day]) for day in sorted(by_day)]
    by_agent = timesheet.agent_time(selection, "agent")
    agents = Agent.objects.visible_to(user).filter(pk__in=by_agent)
    rows = [TimeRow(agent, by_agent[agent.pk]) for agent in agents]
    return sorted(rows, key=lambda row: (-row.time.logged_in_ms, in_order(str(row.of))))
