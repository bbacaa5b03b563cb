"""What stands beside a report's figures: the same of other days, or what is usual.

Like stands beside like. Of a day that is not over at a site both sides are taken up to the same
minute of its clock; what is known of whole days alone is compared without it. A change is marked
where it is more than noise (docs/metrics.md, "Intervals and noise"), and so that of all that a
report marks at most one in ten is chance. Else nothing is said of it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.intervals import DAY, days, site_day
from ccm.models import Site
from kpis import inference, noise, recorded, report, usual
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.dimensions import IN_TIME, moment_words
from kpis.figures import Figure
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.report import Question, Row, Unanswerable
from kpis.report.cells import cells
from kpis.reports import alike, holidays, partial
from kpis.reports.alike import Stretch
from kpis.sums.counts import Counts, Family, of_days

# What is usual is told of stretches so short: eight of them lie within a year.
MOST_DAYS = 28
# Calls that are read to cut their days: of more days that takes too long.
MOST_CALL_DAYS = 31
# Of these every day has its own part.
_BY_DAY: frozenset[Need] = frozenset({"open", "outbound", "time", "repeats"})

Key = tuple[Any, str]
"""The key of a row and the words of a KPI."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a figure is compared with, None where nothing is known, for a `reason`; and whether the
    change is more than noise. `p` is how often chance does that much; None: not judged."""

    value: float | int | None = None
    p: float | None = None
    marked: bool = False
    now: float | int | None = None
    """The figure of what is compared, where that is not all that it is of: of a day that is not
    over the part that the days before are taken of too, or without it."""
    without_today: bool = False
    """Whether `now` is of the days that are over alone."""
    reason: str = ""
    currency: str = ""
    """Of money; that of the figure is the same, where both are known."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands beside the figures of a report, compared `how`, and which days that is of."""

    how: str = ""
    found: Mapping[Key, Beside] = field(default_factory=dict)
    before: Stretch | None = None
    """None of what is usual: that is of several."""
    by_day: bool = False
    cut: str = ""
    """What the clock shows up to which the days are taken, where the last is not over; at which
    sites, where they differ."""
    cuts: Mapping[int, tuple[date, str]] = field(default_factory=dict)
    """By site, the day that is not over and what its clock shows."""
    partly: Mapping[int | None, str] = field(default_factory=dict)
    """By site, None: all together, what is not on record of the days that rows are compared with,
    in words; of rows that are days it is said why nothing stands beside them."""
    notes: tuple[str, ...] = ()

    def get(self, row: Any, words: str) -> Beside:
        return self.found.get((row, words), Beside())

    def days(self, row: Any) -> tuple[str, str]:
        """The first and the last day that a row is compared with; empty where there are none."""
        if self.before is None:
            return "", ""
        first, last = self.before.first, self.before.last
        if self.by_day:
            mine = next((day for day, to in self.before.beside.items() if to == row), None)
            if mine is None:
                return "", ""
            first = last = mine
        return first.isoformat(), last.isoformat()

    def until(self, row: Row) -> str:
        """What the clock shows up to which a row is compared; empty where all its days are whole
        at its sites."""
        if row.site is None and not self.by_day:
            return self.cut
        told = [
            time
            for site, (day, time) in self.cuts.items()
            if row.site in (None, site) and not (self.by_day and row.id != day)
        ]
        return told[0] if len({*told}) == 1 else self.cut if told else ""

    @property
    def time(self) -> str:
        """What all clocks show up to which days are taken; empty where they differ."""
        times = {time for _day, time in self.cuts.values()}
        return times.pop() if len(times) == 1 else ""


def compared(
    question: Question, rows: Sequence[Row], how: str, period: str, now: datetime, choices: Choices
) -> Comparison:
    """The rows of a question, by itself and not across anything, beside other days.

    At most two queries, two for each that a KPI needs beside counts, and two for answers, for each
    day that it is at some site. Raises Unanswerable where there is nothing that they can be
    compared with, and says why.
    """
    if question.across != "total":
        raise Unanswerable(_("Figures are compared where columns are nothing but the KPIs."))
    if question.by in IN_TIME and question.by != "day":
        raise Unanswerable(
            _("Rows of this kind are not compared: the one before stands above each. Choose rows by"
              " day, or other rows than of time.")
        )  # fmt: skip
    length = (question.last - question.first).days + 1
    if how == "usual":
        if length > MOST_DAYS and question.by != "day":
            words = _("What is usual is told of at most %(count)d days.")
            raise Unanswerable(words % {"count": MOST_DAYS})
        past = _past(question)
    else:
        past = [alike.before(how, period, question.first, question.last)]
    counted = _Counted.of(question, rows, past, now)
    if how == "usual":
        found, before = _usual(counted, rows, past), None
    else:
        found, before = _earlier(counted, rows, past[0], choices), past[0]
    made = Comparison(
        how, _marked(found), before, question.by == "day", counted.cut_words, counted.cuts,
        _partly(question, rows, before),
    )  # fmt: skip
    return replace(made, notes=tuple(_notes(counted, made, rows)))


def _partly(
    question: Question, rows: Sequence[Row], before: Stretch | None
) -> dict[int | None, str]:
    """By the site of rows, what is not on record of the days before."""
    if before is None or question.by == "day":
        return {}
    sites = {row.site: holidays.sites_of(question, [row]) for row in rows}
    return {
        site: partial.of_days(question.records, many, before.first, before.last)
        for site, many in sites.items()
    }


def as_json(made: Comparison, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What stands beside each row, for machines."""
    found = []
    for row in rows:
        first, last = made.days(row.id)
        beside = {words: made.get(row.id, words) for words in row.figures}
        found.append(
            {
                "key": row.key,
                "first": first or None,
                "last": last or None,
                "until": made.until(row) or None,
                "not_whole": made.partly.get(row.site, ""),
                "kpis": {
                    words: {
                        "value": one.value,
                        "now": row.figures[words].value if one.now is None else one.now,
                        "more_than_noise": None if one.p is None else one.marked,
                        "reason": one.reason,
                    }
                    for words, one in beside.items()
                },
            }
        )
    return found


def _past(question: Question) -> list[Stretch]:
    """The stretches that tell what is usual, the newest first."""
    first, last = question.first, question.last
    if question.by == "day":
        weeks = range(1, usual.LOOK_BACK + 1)
        return [alike.earlier(first, last, timedelta(weeks=week)) for week in weeks]
    # Which of them a holiday leaves out is told row by row: each is of its own sites.
    spans = usual.past_spans(None, first, last)
    return [alike.earlier(first, last, first - start) for start, _end in spans]


ByDay = Mapping[Any, Mapping[date, Counts]]
"""Counts by row and day."""
Pair = tuple[date, date | None]
"""A day and the day of the report that it stands beside, if any. It may be another's past and a
day of the report itself, and be wanted whole for the one and in part for the other."""
ByPair = Mapping[Any, Mapping[Pair, Counts]]


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts by row and pair of days of all that is compared.

    `up_to` has of a day that is not over at a site, and of those it stands beside, the part up to
    the same time of its clock; `over` has days that are over alone, and none that stand beside
    another: of a row of several sites those that are over at all of them.
    """

    question: Question
    todays: partial.Todays
    up_to: ByPair
    over: ByPair
    untold: frozenset[Need] | None
    """What of a part of a day cannot be told; None: nothing of it can."""
    until: Mapping[int, datetime]
    """By site, up to which moment the day that is not over is taken."""

    @classmethod
    def of(
        cls, question: Question, rows: Sequence[Row], past: Sequence[Stretch], now: datetime
    ) -> "_Counted":
        figures = [one for row in rows for one in row.figures.values()]
        needs = {need for one in figures for need in one.variant.reads(one.parameters)} & _BY_DAY
        families = {family for one in figures for family in one.variant.families(one.parameters)}
        todays = partial.todays_of(question.sites, now)
        stretches = [alike.same(question.first, question.last), *past]
        pairs = [pair for one in stretches for pair in _pairs(one)]
        whole: dict[date, ByDay] = {}
        parts: list[ByPair] = []
        untold: set[Need] | None = None
        is_too_long = False
        until: dict[int, datetime] = {}
        for today, here in _by_today(question, todays).items():
            selection = replace(
                here.selection,
                first=min(one.first for one in stretches),
                last=max(one.last for one in stretches),
            )
            whole[today] = _read(here, selection, needs, families)[0]
            # A day that has not begun yet stands beside nothing.
            parts.append(_paired(whole[today], _before(today, pairs)))
            of_today = [pair for pair in pairs if pair[1] == today]
            cut = {then for then, _day in of_today}
            if question.last < today:
                untold = untold or set()
                continue
            if not cut:
                continue
            records = question.records
            its_until = {
                site.pk: usual.up_to(
                    site, now, records[site.pk].newest_at if site.pk in records else None
                )
                for site in here.sites
            }
            until |= its_until
            selection = replace(
                selection,
                first=min(cut),
                last=max(cut),
                only={**selection.only, "day": sorted(cut)},
                until=its_until,
            )
            if selection.of_calls(question.by) and (max(cut) - min(cut)).days > MOST_CALL_DAYS:
                is_too_long = True
                continue
            part, its_untold = _read(here, selection, needs, families)
            parts.append(_paired(part, of_today))
            untold = (untold or set()) | its_untold
        over = _over(whole, pairs)
        if untold is None or is_too_long:
            return cls(question, todays, over, over, None, until)
        return cls(question, todays, _together(parts), over, frozenset(untold), until)

    def today(self, row: Row) -> date:
        """The day that it is at the site of a row; of several, the earliest."""
        return min(day for site, day in self.todays.items() if row.site in (None, site))

    def is_cut(self, row: Row) -> bool:
        """Whether the days that a row is of are not all over at all its sites."""
        last = row.id if self.question.by == "day" else self.question.last
        return bool(last >= self.today(row))

    @property
    def cuts(self) -> dict[int, tuple[date, str]]:
        """By site, the day of which a part is taken, and what its clock shows up to then."""
        return {
            site.pk: (today, moment_words(moment, site.tz, "H:i"))
            for site in self.question.sites
            if (moment := self.until.get(site.pk)) is not None
            and moment > site_day(today := self.todays[site.pk], site.calendar).start
        }

    @property
    def cut_words(self) -> str:
        """What the clocks show up to which days are taken; empty where all are over."""
        cuts = self.cuts
        times = {time for _day, time in cuts.values()}
        if len(times) < 2:
            return times.pop() if times else ""
        names = {site.pk: site.name for site in self.question.sites}
        return ", ".join(f"{names[site]} {time}" for site, (_day, time) in cuts.items())

    def parted(self, figure: Figure) -> bool:
        """Whether a figure is known of a part of a day."""
        needs = figure.variant.reads(figure.parameters)
        return self.untold is not None and not needs & self.untold

    def days(self, row: Any, figure: Figure, stretch: Stretch) -> list[Counts]:
        """The counts of each day of a stretch, of a row and for a figure: those up to a minute
        where it is known of a part of a day."""
        counted = self.up_to if self.parted(figure) else self.over
        by_day = self.question.by == "day"
        there = counted.get(None if by_day else row, {})
        pairs = _pairs(stretch)
        return [there[one] for one in pairs if one in there and not (by_day and one[1] != row)]


def _by_today(question: Question, todays: partial.Todays) -> dict[date, Question]:
    """A question of the sites at which it is the same day, by that day."""
    sites: dict[date, list[Site]] = {}
    for site in question.sites:
        sites.setdefault(todays[site.pk], []).append(site)
    return {day: replace(question, sites=here) for day, here in sites.items()}


def _read(
    question: Question, selection: Selection, needs: Iterable[Need], families: Collection[Family]
) -> tuple[dict[Any, dict[date, Counts]], set[Need]]:
    """Counts by row, None of a total and of days, and by day; and what cannot be told of them."""
    alone = question.by in ("total", "day")
    keys: tuple[reading.By, ...] = ("day",) if alone else (question.by, "day")
    found, untold = cells(selection, keys, needs, "waits" in families, families)
    by_row: dict[Any, dict[date, Counts]] = {}
    for (*row, day), counts in found.items():
        by_row.setdefault(row[0] if row else None, {})[day] = counts
    return by_row, {*untold}


def _pairs(stretch: Stretch) -> list[Pair]:
    return [(then, stretch.beside.get(then)) for then in days(stretch.first, stretch.last)]


def _before(today: date, pairs: Iterable[Pair]) -> list[Pair]:
    """Those that do not stand beside today or a later day."""
    return [(then, day) for then, day in pairs if day is None or day < today]


def _paired(by_row: ByDay, pairs: Sequence[Pair]) -> ByPair:
    return {
        row: {pair: there[pair[0]] for pair in pairs if pair[0] in there}
        for row, there in by_row.items()
    }


def _over(whole: Mapping[date, ByDay], pairs: Sequence[Pair]) -> ByPair:
    """Of whole days of sites, by the day that it is there, those that are over, and stand beside
    such, at all the sites that a row is of."""
    todays: dict[Any, date] = {}
    for today, by_row in whole.items():
        todays |= {row: min(today, todays.get(row, today)) for row in by_row}
    over = {today: _before(today, pairs) for today in whole}
    return _together(
        [
            {row: _paired({row: there}, over[todays[row]])[row] for row, there in by_row.items()}
            for by_row in whole.values()
        ]
    )


def _together(many: Sequence[ByPair]) -> ByPair:
    """Counts of other sites, or other days, as one."""
    found: dict[Any, dict[Pair, list[Counts]]] = {}
    for by_row in many:
        for row, there in by_row.items():
            days_ = found.setdefault(row, {})
            for day, counts in there.items():
                days_.setdefault(day, []).append(counts)
    return {
        row: {day: here[0] if len(here) == 1 else of_days(here) for day, here in there.items()}
        for row, there in found.items()
    }


def _earlier(
    counted: _Counted, rows: Sequence[Row], before: Stretch, choices: Choices
) -> dict[Key, Beside]:
    """Each row's figures of the days before."""
    question = counted.question
    now = alike.same(question.first, question.last)
    whole = _of_whole_days(counted, rows, before, choices)
    agents = _of_agents(counted, rows, before)
    found: dict[Key, Beside] = {}
    for row in rows:
        for words, figure in row.figures.items():
            key = (row.id, words)
            if not _adds_up(figure):
                found[key] = whole.get(key) or Beside(reason=_whole_days_alone())
                continue
            mine, then = counted.days(row.id, figure, now), counted.days(row.id, figure, before)
            held, reason = _now(counted, row, figure, mine)
            if reason:
                found[key] = Beside(reason=reason)
                continue
            if not then:
                found[key] = Beside(reason=_nothing_before(question, row.id, before))
                continue
            value = figure.again(of_days(then))
            was = replace(figure, value=value.value, n=value.n, reason=str(value.reason))
            found[key] = Beside(
                was.value,
                _change_p((held, mine, agents[0].get(row.id)), (was, then, agents[1].get(row.id))),
                now=held.value if held is not figure else None,
                reason=was.why_none,
                without_today=held is not figure and not counted.parted(figure),
            )
    return found


def _now(counted: _Counted, row: Row, figure: Figure, mine: Sequence[Counts]) -> tuple[Figure, str]:
    """A figure of what is compared: itself, or of a day that is not over the part up to a minute;
    or the reason why nothing of it can be."""
    if not counted.is_cut(row):
        return figure, ""
    if not mine and not counted.parted(figure):
        return figure, _whole_days_alone()
    if not mine and not counted.cut_words:
        return figure, _("nothing of today is counted yet")
    value = figure.again(of_days(mine))
    return replace(figure, value=value.value, n=value.n, reason=str(value.reason)), ""


def _whole_days_alone() -> str:
    return _("today is not over, and this is known of whole days alone")


def _adds_up(figure: Figure) -> bool:
    """Whether a figure of days is made of those of each."""
    return figure.variant.reads(figure.parameters) <= _BY_DAY


def _of_whole_days(
    counted: _Counted, rows: Sequence[Row], before: Stretch, choices: Choices
) -> dict[Key, Beside]:
    """What does not add up over days, of the days before as a report tells it: never judged. Where
    the last day is not over, both are of the days that are; of rows of several sites those that
    are over at all of them."""
    question = counted.question
    asked = [
        words for words in question.kpis if any(not _adds_up(row.figures[words]) for row in rows)
    ]
    if not asked:
        return {}
    apart = _by_today(question, counted.todays)
    if any(row.site is None for row in rows):
        apart = {min(apart): question}
    found: dict[Key, Beside] = {}
    own = {(row.id, words): row.figures[words] for row in rows for words in asked}
    for today, here in apart.items():
        last = min(question.last, today - DAY)
        beside = {then: day for then, day in before.beside.items() if day <= last}
        if not beside:
            continue
        is_cut = last < question.last
        here = replace(here, kpis=asked, records={})
        then = replace(here, first=before.first, last=max(beside) if is_cut else before.last)
        now: dict[Key, Figure] = {}
        if is_cut and question.by != "day":
            whole = report.answer(replace(here, last=last), choices)
            now = {(row.id, words): one for row in whole for words, one in row.figures.items()}
        for row in report.answer(then, choices):
            to = beside.get(row.id) if question.by == "day" else row.id
            for words, figure in row.figures.items():
                held = now.get((to, words))
                mine = held or own.get((to, words))
                if mine and len({mine.currency, figure.currency} - {""}) > 1:
                    was = _("it was in %(currency)s, and nothing is converted")
                    found[to, words] = Beside(reason=was % {"currency": figure.currency})
                    continue
                found[to, words] = Beside(
                    figure.value,
                    now=held.value if held else None,
                    reason=figure.why_none,
                    without_today=held is not None,
                    currency=figure.currency,
                )
    return found


def _usual(counted: _Counted, rows: Sequence[Row], past: Sequence[Stretch]) -> dict[Key, Beside]:
    """Each row's figures beside the median of the last eight such stretches."""
    question = counted.question
    now = alike.same(question.first, question.last)
    found: dict[Key, Beside] = {}
    # Many rows are of the same sites and days.
    told: dict[Any, tuple[str, list[Stretch]]] = {}
    for row in rows:
        of = (row.site, row.id if question.by == "day" else None)
        if of not in told:
            sites = holidays.sites_of(question, [row])
            begun = (
                date.min if question.by == "day" else recorded.whole_from(question.records, sites)
            )
            open_ = [
                one
                for one in past
                if one.first >= begun and not _holiday(question, sites, row.id, one)
            ]
            told[of] = _holiday(question, sites, row.id, now), open_
        holiday, open_past = told[of]
        for words, figure in row.figures.items():
            key = (row.id, words)
            if holiday or not _adds_up(figure):
                why = _("of a holiday nothing is usual: %(holiday)s") % {"holiday": holiday}
                found[key] = Beside(reason=why if holiday else _("it is not told of past weeks"))
                continue
            held, reason = _now(counted, row, figure, counted.days(row.id, figure, now))
            if reason or not row.counts.offered:
                found[key] = Beside(reason=reason or _("nothing was counted"))
                continue
            stretches = [
                of_days(there) for one in open_past if (there := counted.days(row.id, figure, one))
            ]
            open_weeks = [counts for counts in stretches if counts.offered][: usual.WEEKS]
            verdict = usual.judged(held, open_weeks)
            few = len(open_weeks) < noise.FEWEST_PAST
            found[key] = Beside(
                verdict.usual,
                verdict.p,
                now=held.value if held is not figure else None,
                without_today=held is not figure and not counted.parted(figure),
                reason=""
                if verdict.usual is not None
                else usual.too_few_words()
                if few
                else _("nothing is usual of it"),
            )
    return found


def _holiday(question: Question, sites: Sequence[Site], row: Any, stretch: Stretch) -> str:
    """The first day of a stretch that is a holiday of one of the sites, of rows that are days that
    which stands beside the row; empty where none is. With a site closed the sum is of fewer."""
    then = days(stretch.first, stretch.last)
    if question.by == "day":
        then = (day for day, to in stretch.beside.items() if to == row)
    return next(holidays.among(sites, then), "")


def _nothing_before(question: Question, row: Any, before: Stretch) -> str:
    if question.by == "day" and row not in before.beside.values():
        return _("the month before has no such day")
    return _("nothing was counted then")


def _of_agents(
    counted: _Counted, rows: Sequence[Row], before: Stretch
) -> tuple[Mapping[Any, Sequence[Counts]], Mapping[Any, Sequence[Counts]]]:
    """By row, what each agent brings to figures of answers, now and then; nothing of other figures,
    of rows that are days, and of a day that is not over: that is not told by agent."""
    question = counted.question
    of_answers = (
        inference.is_of_agents(one, question.by) for row in rows for one in row.figures.values()
    )
    if any(map(counted.is_cut, rows)) or not any(of_answers):
        return {}, {}
    then = replace(question, first=before.first, last=before.last)
    return inference.of_agents(question), inference.of_agents(then)


_Side = tuple[Figure, Sequence[Counts], Sequence[Counts] | None]
"""A figure, the counts of its days, and those of its agents where it is of answers."""


def _change_p(now: _Side, before: _Side) -> float | None:
    """How likely chance alone makes the change; None where neither days nor agents tell how sure it
    is: of counts and money, and of what is no ratio of sums."""
    if now[0].variant.interval != "cluster_ratio" and (now[2] is None or before[2] is None):
        return None
    drawn, was = (
        inference.drawn(figure, many, agents or (), of_days(many))
        for figure, many, agents in (now, before)
    )
    return inference.changed(drawn, was).p


def _marked(found: Mapping[Key, Beside]) -> dict[Key, Beside]:
    """With a mark on the changes that are more than noise, each by itself and all together."""
    listed = {
        key
        for key in noise.discoveries({key: one.p for key, one in found.items()})
        if (found[key].p or 0.0) < 1 - noise.LEVEL
    }
    return {key: replace(one, marked=key in listed) for key, one in found.items()}


def _notes(counted: _Counted, made: Comparison, rows: Sequence[Row]) -> Iterator[str]:
    """What is to be known of a comparison: which days it is with, and of what it says nothing."""
    question = counted.question
    first, last = question.first, question.last
    length = (last - first).days + 1
    if made.before is not None:
        yield _before_words(made.before, length)
        asked = holidays.sites_of(question, rows), made.before.first, made.before.last
        if since := recorded.since(question.records, *asked):
            yield _("Not all of the days before are on record: %(sites)s.") % {"sites": since}
    if any(map(counted.is_cut, rows)):
        yield from _cut_notes(counted, made, rows)
    yield from holidays.note(question, rows)
    yield from _nothing_beside(question, made, rows)
    judged = sum(one.p is not None for one in made.found.values())
    if judged > 1:
        marked = sum(one.marked for one in made.found.values())
        yield _(
            "Looked at for noise: %(count)d changes; more than noise: %(marked)d. Of all that"
            " reports mark, at most one in ten is chance; a team's evaluation looks at other"
            " changes, and may mark otherwise."
        ) % {"count": judged, "marked": marked}
    if made.before is None:
        return
    then = days(made.before.first, made.before.last)
    if told := [*holidays.among(holidays.sites_of(question, rows), then)]:
        yield _("Holidays among the days before: %(days)s.") % {"days": holidays.few(told)}
    by_days = any(
        one.variant.interval == "cluster_ratio" for row in rows for one in row.figures.values()
    )
    if by_days and (question.by == "day" or length < noise.FEWEST_DAYS):
        # Of whatever comes so far usual can be asked: rows of weeks and months are refused.
        words = _("Better or worse is told of at least %(least)d days, or beside what is usual.")
        yield words % {"least": noise.FEWEST_DAYS}


def _nothing_beside(question: Question, made: Comparison, rows: Sequence[Row]) -> Iterator[str]:
    """Which KPIs stand beside nothing in any row, and why: dashes alone would say it to nobody.
    What none of the rows tells at all says why itself."""
    kpis: dict[str, list[str]] = {}
    for words in question.kpis:
        if all(row.figures[words].is_untold for row in rows):
            continue
        found = [made.get(row.id, words) for row in rows]
        # What is known of whole days alone is said where today is spoken of.
        said = Counter(one.reason for one in found if one.reason not in ("", _whole_days_alone()))
        if said and all(one.value is None for one in found):
            ((why, _times),) = said.most_common(1)
            kpis.setdefault(why, []).append(str(rows[0].figures[words].kpi.name))
    for why, names in kpis.items():
        if len(names) == len(question.kpis):
            yield _("Nothing stands beside these figures: %(why)s.") % {"why": why}
        else:
            words = _("Nothing stands beside %(kpis)s: %(why)s.")
            yield words % {"kpis": ", ".join(names), "why": why}


def _before_words(before: Stretch, length: int) -> str:
    then = (before.last - before.first).days + 1
    told = " – ".join(
        dict.fromkeys(date_format(day, "j M Y") for day in (before.first, before.last))
    )
    if then == length:
        return _("Before: %(days)s.") % {"days": told}
    words = _("Before: %(days)s, %(then)d days beside %(now)d.")
    return words % {"days": told, "then": then, "now": length}


def _cut_notes(counted: _Counted, made: Comparison, rows: Sequence[Row]) -> Iterator[str]:
    question = counted.question
    open_ = [site.name for site in question.sites if question.last >= counted.todays[site.pk]]
    if made.cut:
        words = _(
            "Today is not over: it is compared up to %(time)s, and so are the days it stands"
            " beside. In brackets is the figure up to then, where it is another."
        )
        if len(open_) < len(question.sites):
            words = _(
                "At %(sites)s today is not over: there it is compared up to %(time)s, and so are"
                " the days it stands beside. In brackets is the figure up to then, where it is"
                " another."
            )
        yield words % {"time": made.cut, "sites": partial.named(open_)}
    else:
        yield _("Nothing of today is counted yet: it is compared without it.")
    without, alone = set[str](), set[str]()
    for row in filter(counted.is_cut, rows):
        for words, figure in row.figures.items():
            beside = made.get(row.id, words)
            if beside.without_today:
                without.add(str(figure.kpi.name))
            elif beside.reason == _whole_days_alone():
                alone.add(str(figure.kpi.name))
    if without:
        words = _("Known of whole days alone, so compared without today: %(kpis)s.")
        yield words % {"kpis": ", ".join(sorted(without))}
    if alone := alone - without:
        words = _("Known of whole days alone, so not compared of today: %(kpis)s.")
        yield words % {"kpis": ", ".join(sorted(alone))}
