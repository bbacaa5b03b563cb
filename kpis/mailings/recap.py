"""What differed from usual at a site on days that are over, for one reader.

The site, its queues and its teams are looked at, as far as the reader sees them. A figure is told
where it lies outside what is usual, and of all that recaps tell at most one in ten is chance
(docs/metrics.md, "Intervals and noise"). Targets are held against the figures as they are: those
of days that are over are exact. Whatever needs somebody is told before it. Each figure is told
once, with its target and with what is usual where it is unlike that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ccm.intervals import days as all_days
from ccm.models import Site
from ccm.templatetags.figures import count
from ccm.templatetags.figures import figure as figure_text
from kpis import named, noise, report, usual
from kpis.choices import Choices
from kpis.definitions import parse
from kpis.dimensions import By
from kpis.figures import Figure
from kpis.noise import Verdict
from kpis.report import Question, Row
from kpis.reports import links
from kpis.reports import reach as reaching
from kpis.reports.reach import Reach
from kpis.standing import Level, beside_value, standing, target_words
from kpis.sums.counts import Counts
from kpis.usual import ByDay

KPIS: Sequence[tuple[By, Sequence[str]]] = (
    ("total", ("offered", "service_level", "abandon_rate", "asa", "aht", "csat", "transfer_rate")),
    ("queue", ("offered", "service_level", "abandon_rate", "asa", "aht", "csat", "transfer_rate")),
    ("team", ("answered", "aht", "csat", "transfer_rate", "missed_rate", "resolved_rate")),
)
"""What is looked at, by whose it is."""
_MISSED: Sequence[Level] = ("bad", "warn")


@dataclass(frozen=True, slots=True)
class Told:
    """A figure and whose it is (by id; None: the site's); what is usual for it, whether it is told
    to be unlike that, and where it explains itself ("": nowhere). `satisfaction` stands beside
    handling times, which say nothing alone."""

    by: By
    id: Any
    whose: str
    figure: Figure
    verdict: Verdict
    url: str
    satisfaction: Figure | None = None
    is_unlike: bool = False

    @property
    def is_more(self) -> bool:
        return (self.figure.value or 0) > (self.verdict.usual or 0)

    @property
    def value(self) -> str:
        return figure_text(self.figure.value, self.figure.unit)

    @property
    def said(self) -> str:
        """What is said of it beside its value. Of one that is off its target: "of 120; target 80 %;
        worse than usual: 90.0 %, 82.1 % to 95.0 %"; else "of 120; usual 90.0 %, 82.1 % to 95.0 %;
        target 70 %, on target". With what stands beside a handling time."""
        level, word = self.state
        target = target_words(self.figure)
        if level not in _MISSED:
            target = ", ".join(one for one in (target, word) if one)
        said = [target, self._usual] if level in _MISSED else [self._usual, target]
        return "; ".join(one for one in (self._of, *said, self._satisfaction) if one)

    @property
    def state(self) -> tuple[Level, str]:
        """Level and word of the figure against its target, as on every page; "none": it has none,
        or is of too few to say."""
        if self.figure.parameters.target is None:
            return "none", ""
        return standing(self.figure, Verdict())

    @property
    def is_missed(self) -> bool:
        return self.state[0] in _MISSED

    @property
    def is_strength(self) -> bool:
        return self.figure.kpi.direction == ("up" if self.is_more else "down")

    @property
    def is_neutral(self) -> bool:
        """Neither more nor less of it is good by itself."""
        return self.figure.kpi.direction not in ("up", "down")

    @property
    def _of(self) -> str:
        if self.figure.unit == "count":
            return ""
        return _("of %(n)s") % {"n": self.figure.n_words}

    @property
    def _usual(self) -> str:
        """What is usual, where it is told to be unlike that; in its list a heading says how."""
        if not self.is_unlike:
            return ""
        one, unit = self.verdict, self.figure.unit
        ends = (beside_value(self.figure, each) for each in (one.usual, one.low, one.high))
        usual_, low, high = (figure_text(each, unit) for each in ends)
        words = _("usual %(usual)s, %(low)s to %(high)s")
        if self.is_missed:
            words = _("worse than usual: %(usual)s, %(low)s to %(high)s")
            if self.is_strength:
                words = _("better than usual: %(usual)s, %(low)s to %(high)s")
            elif self.is_neutral:
                words = _("unlike usual: %(usual)s, %(low)s to %(high)s")
        return words % {"usual": usual_, "low": low, "high": high}

    @property
    def _satisfaction(self) -> str:
        beside = self.satisfaction
        if beside is None:
            return ""
        of = _("of %(n)s") % {"n": count(beside.n)}
        return f"{beside.kpi.name} {figure_text(beside.value, beside.unit)} ({of})"


@dataclass(frozen=True, slots=True)
class Recap:
    """What is told. `told` are all figures that were read, `looked_at` how many of them were held
    against what is usual; where none could be, `uncompared` says why."""

    offered: int
    told: list[Told] = field(default_factory=list)
    unlike: list[Told] = field(default_factory=list)
    looked_at: int = 0
    uncompared: str = ""

    @property
    def strengths(self) -> list[Told]:
        return [one for one in self._alone if one.is_strength]

    @property
    def weaknesses(self) -> list[Told]:
        return [one for one in self._alone if not one.is_strength and not one.is_neutral]

    @property
    def others(self) -> list[Told]:
        return [one for one in self._alone if one.is_neutral]

    @property
    def _alone(self) -> list[Told]:
        """What is unlike usual, but for what is told before because it is not on its target."""
        return [one for one in self.unlike if not one.is_missed]

    @property
    def count(self) -> int:
        return len(self.unlike)

    @property
    def missed(self) -> list[tuple[Level, str, list[Told]]]:
        """What is not on its target, by level and word: what is off first."""
        found: dict[tuple[Level, str], list[Told]] = {}
        for level in _MISSED:
            for one in self.told:
                if one.state[0] == level:
                    found.setdefault(one.state, []).append(one)
        return [(level, word, many) for (level, word), many in found.items()]

    @property
    def on_target(self) -> str:
        """What is on its target of those of whom nothing is not, by name alone: "Leeds (Service
        level), Sales (AHT, CSAT)"."""
        return self._met(False)

    @property
    def partly_on_target(self) -> str:
        """The same of those of whom something is not."""
        return self._met(True)

    def _met(self, is_partly: bool) -> str:
        short = {one.whose for one in self.told if one.is_missed}
        met: dict[str, list[str]] = {}
        for one in self.told:
            # What is unlike usual says in its line that it is on target.
            if one.state[0] == "ok" and not one.is_unlike and (one.whose in short) == is_partly:
                met.setdefault(one.whose, []).append(str(one.figure.kpi.name))
        return ", ".join(f"{whose} ({', '.join(names)})" for whose, names in met.items())


def of(site: Site, reach: Reach, first: date, last: date, base: str) -> Recap:
    """The recap of some days of a site; addresses begin with `base`."""
    choices = Choices(last)
    told: dict[tuple[By, Any, str], Told] = {}
    offered = 0
    for by, kpis in KPIS:
        question = reaching.question(reach, [site], first, last, by, "total", {}, kpis=kpis)
        known = usual.by_day(question, _of_waits(kpis, choices))
        read = {(key, None): Counts.sum(its) for key, its in _of_days(known, first, last).items()}
        answered = report.answer(question, choices, read)
        rows = [row for row in answered if by == "total" or row.id]
        if by == "total":
            offered = sum(row.counts.offered for row in rows)
        told |= dict(_told(site, question, rows, known, base))
    names = named.told_apart((_kind(one.by), one.whose) for one in told.values())
    verdicts = {key: one.verdict.p for key, one in told.items()}
    unlike = [key for key in noise.discoveries(verdicts) if told[key].verdict.unusual]
    every = {
        key: replace(one, whose=names[_kind(one.by), one.whose], is_unlike=key in unlike)
        for key, one in told.items()
    }
    looked_at = sum(p is not None for p in verdicts.values())
    return Recap(
        offered=offered,
        told=[*every.values()],
        unlike=[every[key] for key in unlike],
        looked_at=looked_at,
        uncompared="" if looked_at else _why_not(site, first, last),
    )


def _kind(by: By) -> By:
    return "site" if by == "total" else by


def _why_not(site: Site, first: date, last: date) -> str:
    """Why nothing of some days could be held against what is usual."""
    if any(usual.is_holiday(site, day) for day in all_days(first, last)):
        return _("there was a holiday")
    return usual.too_few_words()


def _of_waits(kpis: Iterable[str], choices: Choices) -> bool:
    """Whether any of these is read from how many waited how long."""
    return any(one.of_waits for kpi in kpis for one in choices.variants(parse(kpi)[0]))


def _of_days(known: ByDay, first: date, last: date) -> dict[Any, list[Counts]]:
    """What was counted on some days, by key."""
    found = {
        key: [there[day] for day in all_days(first, last) if day in there]
        for key, there in known.items()
    }
    return {key: many for key, many in found.items() if many}


def _told(
    site: Site, question: Question, rows: Sequence[Row], known: ByDay, base: str
) -> Iterable[tuple[tuple[By, Any, str], Told]]:
    verdicts = usual.closed_verdicts(question, rows, known)
    link = links.of(question, base)
    for row in rows:
        for words, figure in row.figures.items():
            yield (
                (question.by, row.id, words),
                Told(
                    question.by,
                    row.id,
                    site.name if question.by == "total" else row.name,
                    figure,
                    verdicts.get((row.id, words), Verdict()),
                    link(row, words),
                    row.figures["csat"] if words == "aht" else None,
                ),
            )


def heading(recap: Recap | None) -> str:
    """ "2 off target, 1 of them unlike usual, 3 others unlike usual"; None: there is nothing to
    make one of yet."""
    if recap is None:
        return _("no figures yet")
    if not recap.offered:
        return _("nothing was counted")
    said = [
        _("%(count)d %(word)s") % {"count": len(many), "word": word}
        for _level, word, many in recap.missed
    ]
    both = sum(one.is_missed for one in recap.unlike)
    others = _("%(count)d others unlike usual") if said else _("%(count)d unlike usual")
    counted = ((_("%(count)d of them unlike usual"), both), (others, recap.count - both))
    said += [words % {"count": many} for words, many in counted if many]
    if not recap.looked_at:
        said.append(_("nothing held against usual"))
    elif not recap.count:
        said.append(_("nothing unusual"))
    return ", ".join(said)
