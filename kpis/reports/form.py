"""The form that a report is put together with, and what a report is of, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import days_asked, periods
from ccm.days_asked import Typed
from ccm.models import Channel, Direction
from kpis.choosing import apart, beside
from kpis.choosing.words import of_asked
from kpis.definitions import KPIS, parse
from kpis.definitions.handling import HANDLING
from kpis.definitions.outcome import OUTCOME
from kpis.definitions.presence import PRESENCE
from kpis.definitions.repeats import FCR
from kpis.definitions.service import ABANDON_RATE, SERVICE_LEVEL
from kpis.definitions.volume import VOLUME
from kpis.definitions.waiting import WAITING
from kpis.dimensions import MOMENTS, NAMES
from kpis.report import Question, Row
from kpis.reports.asked import DIMENSIONS, PICKED, Asked
from kpis.reports.reach import Answerable, Reach

if TYPE_CHECKING:
    from kpis.measures import Words

GROUPS: Sequence[tuple["Words", Iterable[Any]]] = (
    (gettext_lazy("Volume"), VOLUME),
    (gettext_lazy("Service"), (SERVICE_LEVEL, ABANDON_RATE)),
    (gettext_lazy("Waiting"), WAITING),
    (gettext_lazy("Handling"), HANDLING),
    (gettext_lazy("Presence"), PRESENCE),
    (gettext_lazy("Outcome"), (FCR, *OUTCOME)),
)
COMPARISONS: dict[str, "Words"] = {
    "": gettext_lazy("Nothing"),
    "previous": gettext_lazy("The days before"),
    "weekdays": gettext_lazy("The same weekdays before"),
    "usual": gettext_lazy("What is usual"),
    "target": gettext_lazy("Target"),
}

Options = list[tuple[str, str, bool]]
"""Value, words, whether it is chosen."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form as `kpis/_report_form.html` draws it: options are (value, words, chosen). `typed`
    are the days as they were typed, where they cannot be."""

    kpis: list[tuple[str, Options]]
    by: Options
    across: Options
    periods: Options
    start: date
    end: date
    typed: tuple[Typed, Typed] | None
    compare: Options
    definitions: Options
    """What can be shown beside the definitions chosen by the admin."""
    takes_number: bool
    """Whether any of these can be shown with a number of its own."""
    sites: Options
    picks: list[tuple[str, str, Options]]
    """What can be picked by id: name, words, options."""
    channels: Options
    directions: Options


def drawn(asked: Asked, reach: Reach, answerable: Answerable, rows: Sequence[Row]) -> Form:
    """The form with what is asked chosen in it; `rows` are the answer."""
    question = answerable.question
    picked = asked.picked or {}
    sites = [site for site in reach.sites if not asked.sites or site.slug in asked.sites]
    others = ",".join(_beside(asked))
    made = {one: apart.of(rows, one) for one in asked.kpis if rows and ":" not in one}
    definitions = beside.options(asked.kpis, others, made)
    return Form(
        kpis=_kpis(asked),
        by=_options(asked.by, [(by, str(NAMES[by])) for by in DIMENSIONS]),
        across=_options(
            asked.across,
            [(by, _("The KPIs") if by == "total" else str(NAMES[by])) for by in DIMENSIONS],
        ),
        periods=_options(asked.period, _periods(asked, answerable)),
        start=question.first,
        end=question.last,
        typed=typed(asked, question),
        compare=_options(asked.compare, [(one, str(two)) for one, two in COMPARISONS.items()]),
        definitions=_options(others, definitions),
        takes_number=beside.takes_number(definitions),
        sites=[(site.slug, site.name, site.slug in asked.sites) for site in reach.sites]
        if len(reach.sites) > 1
        else [],
        picks=[
            (
                by,
                str(NAMES[by]),
                [
                    (str(one.id), one.name, one.id in picked.get(by, ()))
                    for one in reach.among(by, sites)
                ],
            )
            for by in PICKED
            if reach.among(by, sites)
        ],
        channels=_options(asked.channel, [("", _("All")), *_labels(Channel.choices)]),
        directions=_options(
            asked.direction, [("", _("Inbound, or as rows say")), *_labels(Direction.choices)]
        ),
    )


def _periods(asked: Asked, answerable: Answerable) -> list[tuple[str, str]]:
    """The periods; the chosen one with its days, where they are others at some site."""
    named = {one: str(words) for one, words in periods.PERIODS.items()}
    if answerable.apart and asked.period != periods.CUSTOM:
        named[asked.period] += f" ({_days_words(answerable.question)})"
    return [*named.items()]


def _labels(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    return [(value, str(words)) for value, words in choices]


def _options(chosen: str, among: Iterable[tuple[str, str]]) -> Options:
    return [(value, words, value == chosen) for value, words in among]


def _beside(asked: Asked) -> list[str]:
    """The definitions asked for that stand beside the chosen one of their KPI."""
    return [one for one in asked.kpis if ":" in one and one.partition(":")[0] in asked.kpis]


def _kpis(asked: Asked) -> list[tuple[str, Options]]:
    """KPIs by group; a variant that was asked for by name alone stands there too. What no group
    holds stands under "More"."""
    alone = [one for one in asked.kpis if one not in _beside(asked)]
    grouped = {kpi.id for _words, kpis in GROUPS for kpi in kpis}
    more = [kpi for kpi in KPIS.values() if kpi.id not in grouped]
    made = []
    for words, kpis in (*GROUPS, (_("More"), more)):
        options = [
            (one, kpi_words(one), one in asked.kpis)
            for kpi in kpis
            for one in (kpi.id, *(one for one in alone if one.startswith(f"{kpi.id}:")))
        ]
        if options:
            made.append((str(words), options))
    return made


def kpi_words(words: str) -> str:
    """A KPI as people call it, with the variant that was asked for."""
    kpi, _variant = parse(words)
    return f"{kpi.name} ({of_asked(words)})" if ":" in words else str(kpi.name)


def added_words(added: Sequence[str]) -> str:
    """Why KPIs stand in a report that nobody asked for."""
    words = _("Also shown: %(kpis)s. How fast calls are handled is never told without how well.")
    return words % {"kpis": ", ".join(map(kpi_words, added))}


def words_of(asked: Asked) -> str:
    """A question in a line: its KPIs, rows, columns, period and what it is compared with."""
    kpis = ", ".join(kpi_words(one) for one in asked.kpis)
    sides = " × ".join(str(NAMES[by]) for by in (asked.by, asked.across) if by != "total")
    compared = _("beside: %(what)s") % {"what": COMPARISONS[asked.compare]} if asked.compare else ""
    return " · ".join(one for one in (kpis, sides, _period_words(asked), compared) if one)


def title(asked: Asked, answerable: Answerable) -> str:
    """What a report that has no name is called: its rows, columns and period. Of days from one to
    another those that it shows, which are others where these could not be read; so too where the
    period is of other days at some of its sites."""
    sides = " × ".join(str(NAMES[by]) for by in (asked.by, asked.across) if by != "total")
    period = _period_words(asked)
    if asked.period == periods.CUSTOM or answerable.apart:
        period = _days_words(answerable.question)
    return _("Report: %(what)s") % {"what": f"{sides or _('Total')}, {period}"}


def typed(asked: Asked, question: Question) -> tuple[Typed, Typed] | None:
    """The days that were typed, where others are shown instead."""
    shown = (question.first.isoformat(), question.last.isoformat())
    if asked.period != periods.CUSTOM or shown == (asked.start, asked.end):
        return None
    return days_asked.typed(asked.start, asked.end)


def _period_words(asked: Asked) -> str:
    if asked.period == periods.CUSTOM:
        return f"{asked.start} – {asked.end}"
    return str(periods.PERIODS[asked.period])


def _days_words(question: Question) -> str:
    return " – ".join(dict.fromkeys((question.first.isoformat(), question.last.isoformat())))


def told(asked: Asked, question: Question, is_beside: bool) -> list[tuple[str, str]]:
    """What a report is of: (name, words). `is_beside`: what it was asked to stand beside stands
    there."""
    days = f"{question.first.isoformat()} – {question.last.isoformat()}"
    zones = sorted({site.days_words for site in question.sites})
    facts = [
        (_("Days"), days),
        (_("Sites"), ", ".join(site.name for site in question.sites) or "–"),
        (_("Zone"), _zone_words(question, zones)),
        (_("Counted in"), _("contacts") if question.counts_contacts else _("visits")),
        *picked(asked, question),
    ]
    if asked.compare:
        what = str(COMPARISONS[asked.compare])
        asked_for = _("nothing; asked for: %(what)s") % {"what": what}
        facts.append((_("Beside"), what if is_beside else asked_for))
    return facts


def picked(asked: Asked, question: Question) -> list[tuple[str, str]]:
    """What is picked of a report beside its sites: (name, words)."""
    facts = []
    for by, ids in (asked.picked or {}).items():
        names = question.names.get(by, {})
        words = ", ".join(names[one] for one in ids if one in names)
        facts.append((str(NAMES[by]), words or "–"))
    if question.channel:
        facts.append((str(NAMES["channel"]), str(Channel(question.channel).label)))
    if question.direction:
        facts.append((str(NAMES["direction"]), str(Direction(question.direction).label)))
    return facts


def _zone_words(question: Question, zones: Sequence[str]) -> str:
    if len(zones) < 2:
        return "; ".join(zones) or "UTC"
    sides = {question.by, question.across}
    if "clock" in sides and not sides & {*MOMENTS}:
        words = _("each site's own days (%(zones)s); hours are those of each site's own clock")
        return words % {"zones": "; ".join(zones)}
    words = _("each site's own days (%(zones)s); moments are told in %(zone)s")
    return words % {"zones": "; ".join(zones), "zone": question.tz.key}
