"""What differed from usual at a site on days that are over, for one reader.

The site, its queues and its teams are looked at, as far as the reader sees them. A figure is told
where it lies outside what is usual, and of all that recaps tell at most one in ten is chance
(docs/metrics.md, "Intervals and noise"). Targets are held against the figures as they are: those
of days that are over are exact. Whatever needs somebody is told before it.
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
from kpis import noise, report, usual
from kpis.choices import Choices
from kpis.definitions import parse
from kpis.dimensions import By
from kpis.figures import Figure
from kpis.noise import Verdict
from kpis.report import Question, Row
from kpis.reports import links
from kpis.reports import reach as reaching
from kpis.reports.reach import Reach
from kpis.reports.shapes import beside_value
from kpis.standing import Level, standing, target_words
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
    """A figure and whose it is; what is usual for it, and where it explains itself ("": nowhere).
    `satisfaction` stands beside handling times, which say nothing alone."""

    whose: str
    figure: Figure
    verdict: Verdict
    url: str
    satisfaction: Figure | None = None
    is_unlike: bool = False
    """Whether it is told as unlike usual: of all that recaps tell, few are chance."""

    @property
    def is_more(self) -> bool:
        return (self.figure.value or 0) > (self.verdict.usual or 0)

    @property
    def value(self) -> str:
        return figure_text(self.figure.value, self.figure.unit)

    @property
    def against_usual(self) -> str:
        """ "of 120; usual 80.0 %, 71.2 % to 88.0 %"; with what stands beside a handling time."""
        return "; ".join(one for one in (self._of, *self._usual) if one)

    @property
    def _usual(self) -> list[str]:
        one, unit = self.verdict, self.figure.unit
        ends = (beside_value(self.figure, each) for each in (one.usual, one.low, one.high))
        usual_, low, high = (figure_text(each, unit) for each in ends)
        words = _("usual %(usual)s, %(low)s to %(high)s")
        said = [words % {"usual": usual_, "low": low, "high": high}]
        if (beside := self.satisfaction) is not None:
            of = _("of %(n)s") % {"n": count(beside.n)}
            said.append(f"{beside.kpi.name} {figure_text(beside.value, beside.unit)} ({of})")
        return said

    @property
    def against_target(self) -> str:
        """ "of 120; target 80 %"; where it is unlike usual too, in which way, and what is usual."""
        usual_ = [self.unlike, *self._usual] if self.is_unlike else []
        return "; ".join(one for one in (self._of, target_words(self.figure), *usual_) if one)

    @property
    def unlike(self) -> str:
        """How it is unlike usual."""
        if self.is_neutral:
            return _("unlike usual")
        return _("better than usual") if self.is_strength else _("worse than usual")

    @property
    def is_off(self) -> bool:
        """Whether it is told as not on its target."""
        return self.state[0] in _MISSED

    @property
    def state(self) -> tuple[Level, str]:
        """Level and word of the figure against its target, as on every page; "none": it has none,
        or is of too few to say."""
        if self.figure.parameters.target is None:
            return "none", ""
        return standing(self.figure, Verdict())

    @property
    def _of(self) -> str:
        if self.figure.unit == "count":
            return ""
        return _("of %(n)s") % {"n": self.figure.n_words}

    @property
    def is_strength(self) -> bool:
        return self.figure.kpi.direction == ("up" if self.is_more else "down")

    @property
    def is_neutral(self) -> bool:
        """Neither more nor less of it is good by itself."""
        return self.figure.kpi.direction not in ("up", "down")


@dataclass(frozen=True, slots=True)
class Recap:
    """What is told. `looked_at` are the figures that were held against what is usual, `aimed` those
    that have a target. What is not on its target is told there alone, with how it is unlike usual
    where it is that too."""

    offered: int
    looked_at: int = 0
    strengths: list[Told] = field(default_factory=list)
    weaknesses: list[Told] = field(default_factory=list)
    others: list[Told] = field(default_factory=list)
    aimed: list[Told] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How much is unlike usual, on target or not."""
        alone = len(self.strengths) + len(self.weaknesses) + len(self.others)
        return alone + sum(one.is_off and one.is_unlike for one in self.aimed)

    @property
    def on_target(self) -> str:
        """What is on its target, by name alone: "Leeds (Service level), Sales (AHT, CSAT)"."""
        met: dict[str, list[str]] = {}
        for one in self.aimed:
            if one.state[0] == "ok":
                met.setdefault(one.whose, []).append(str(one.figure.kpi.name))
        return ", ".join(f"{whose} ({', '.join(names)})" for whose, names in met.items())

    @property
    def missed(self) -> list[tuple[Level, str, list[Told]]]:
        """What is not on its target, by level and word: what is off first."""
        found: dict[tuple[Level, str], list[Told]] = {}
        for level in _MISSED:
            for one in self.aimed:
                if one.state[0] == level:
                    found.setdefault(one.state, []).append(one)
        return [(level, word, many) for (level, word), many in found.items()]


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
    verdicts = {key: one.verdict.p for key, one in told.items()}
    unlike = [key for key in noise.discoveries(verdicts) if told[key].verdict.unusual]
    told |= {key: replace(told[key], is_unlike=True) for key in unlike}
    listed = [told[key] for key in unlike if not told[key].is_off]
    return Recap(
        offered=offered,
        looked_at=sum(p is not None for p in verdicts.values()),
        strengths=[one for one in listed if one.is_strength],
        weaknesses=[one for one in listed if not one.is_strength and not one.is_neutral],
        others=[one for one in listed if one.is_neutral],
        aimed=[one for one in told.values() if one.figure.parameters.target is not None],
    )


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
                    site.name if question.by == "total" else row.name,
                    figure,
                    verdicts.get((row.id, words), Verdict()),
                    link(row, words),
                    row.figures["csat"] if words == "aht" else None,
                ),
            )


def heading(recap: Recap | None) -> str:
    """ "2 off target, 1 unlike usual"; None: there is nothing to make one of yet."""
    if recap is None:
        return _("no figures yet")
    if not recap.offered:
        return _("nothing was counted")
    unlike = _("%(count)d unlike usual") % {"count": recap.count}
    said = [
        _("%(count)d %(word)s") % {"count": len(many), "word": word}
        for _level, word, many in recap.missed
    ]
    return ", ".join([*said, unlike if recap.count else _("nothing unusual")])
