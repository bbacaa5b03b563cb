"""What a reader may ask reports for, and the question that is left of what was asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, Value
from django.db.models.fields import BigIntegerField, CharField
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import days_asked, periods
from ccm.access import scope_of
from ccm.days_asked import Misdated
from ccm.dirty import Notice
from ccm.models import Agent, Disposition, Queue, Site, Team, Topic
from ccm.names import in_order
from ccm.querysets import Viewer
from kpis.declaration import PRIVATE, Need
from kpis.dimensions import NAMES, By
from kpis.reads import anew
from kpis.reads.reading import Record
from kpis.report import Question
from kpis.reports import partial
from kpis.reports.asked import PICKED, Asked
from kpis.reports.partial import Todays
from kpis.sight import Sight


class Choice(NamedTuple):
    """A row that can be picked; `site` is null for words that all sites share."""

    id: int
    name: str
    site: int | None


@dataclass(frozen=True, slots=True)
class Reach:
    """The sites whose figures somebody sees, and what of them can be picked. Of `whole` sites
    every team and agent is seen, and what nobody did."""

    sites: Sequence[Site]
    choices: Mapping[By, Sequence[Choice]]
    whole: frozenset[int] = frozenset()
    records: Mapping[int, Record] = field(default_factory=dict)
    """How far the record of each site goes."""
    anew: Mapping[int, Notice] = field(default_factory=dict)
    """By site, what is being counted anew."""
    sight: Sight = field(default_factory=Sight)
    """What of `kpis.declaration.PRIVATE` the reader may know."""
    own: int | None = None
    """The agent whose figures alone are in reach."""

    def among(self, by: By, sites: Sequence[Site]) -> list[Choice]:
        """What can be picked of some sites."""
        ids = {site.pk for site in sites}
        return [one for one in self.choices.get(by, ()) if one.site is None or one.site in ids]


@dataclass(frozen=True, slots=True)
class Answerable:
    """A question that its reader may ask, and what of it could not be asked, in words."""

    question: Question
    todays: Todays
    """The day it was asked on, at each of its sites."""
    now: datetime
    problems: list[str] = field(default_factory=list)
    counting: list[Notice] = field(default_factory=list)
    """What of its sites is being counted anew."""
    misdated: str = ""
    """Why its days cannot be; `problems` say it too, with what is shown instead."""
    is_of_nothing: bool = False
    """All that was picked of a kind is gone, out of reach or of another site: the rest would answer
    something else."""
    apart: str = ""
    """Where "today" is not the same day at all of its sites: which days it is of, in words. Its
    period is then named by its days, for its name means others at some site."""


def of(user: Viewer) -> Reach:
    """The reach of a reader. Two queries."""
    found = Site.objects.with_figures_for(user).annotate(**anew.record(), **anew.told())
    sites: list[Any] = list(found)
    records = {site.pk: far for site in sites if (far := anew.record_of(site)) is not None}
    notices = {site.pk: one for site in sites if (one := anew.notice(site, site)) is not None}
    choices, people = _choices(user)
    sight = Sight(scope_of(user), people)
    return Reach(sites, choices, _whole(user, sites), records, notices, sight)


def of_self(user: Viewer) -> Reach:
    """The reach of an agent who sees no site's figures: what they did themselves. Of whoever is
    no agent there are no sites. Two queries."""
    own = scope_of(user).agent
    agents = Agent.objects.visible_to(user).select_related("site")
    told = anew.record("site") | anew.told("site")
    person: Any = None if own is None else agents.filter(pk=own).annotate(**told).first()
    if person is None:
        return Reach([], {})
    record, notice = anew.record_of(person), anew.notice(person, person.site)
    choices, people = _choices(user)
    return Reach(
        [person.site],
        choices,
        records={} if record is None else {person.site_id: record},
        anew={} if notice is None else {person.site_id: notice},
        sight=Sight(scope_of(user), people),
        own=person.pk,
    )


def _whole(user: Viewer, sites: Sequence[Site]) -> frozenset[int]:
    scope = scope_of(user)
    return frozenset(site.pk for site in sites if scope.everything or site.pk in scope.agent_sites)


def _choices(user: Viewer) -> tuple[dict[By, list[Choice]], frozenset[int]]:
    """What can be picked; and the agents whom the reader answers for."""
    rows: dict[str, Any] = {
        "queue": Queue.objects.visible_to(user).annotate(its_site=F("site")),
        "team": Team.objects.visible_to(user).annotate(its_site=F("site")),
        "agent": Agent.objects.visible_to(user).annotate(its_site=F("site")),
        "topic": _of_all_sites(Topic.objects.all()),
        "disposition": _of_all_sites(Disposition.objects.all()),
        _PEOPLE: Agent.objects.answered_for_by(user).annotate(its_site=F("site")),
    }
    first, *more = (
        many.order_by()
        .annotate(kind=Value(by, output_field=CharField()))
        .values_list("kind", "pk", "name", "its_site")
        for by, many in rows.items()
    )
    found: dict[By, list[Choice]] = {by: [] for by in PICKED}
    people = set[int]()
    for kind, pk, name, site in first.union(*more, all=True):
        if kind == _PEOPLE:
            people.add(pk)
        else:
            found[kind].append(Choice(pk, name, site))
    for many in found.values():
        many.sort(key=lambda one: (in_order(one.name), one.id))
    return found, frozenset(people)


_PEOPLE = "people"


def _of_all_sites(words: Any) -> Any:
    return words.annotate(its_site=Value(None, output_field=BigIntegerField()))


def where(sites: Sequence[Site], *picked: Iterable[int | None]) -> list[Site]:
    """Those of some sites that all that is picked is of, each kind told by the sites of its rows:
    no other has a part in the figures. None is of every site, and so is what is of none of them."""
    found = list(sites)
    for its in map(set, picked):
        here = [site for site in found if site.pk in its]
        if here and None not in its:
            found = here
    return found


def question(
    reach: Reach,
    sites: Sequence[Site],
    first: date,
    last: date,
    by: By,
    across: By,
    picked: Mapping[By, Sequence[Any]],
    **more: Any,
) -> Question:
    """The question about what the reader may see of it. `picked` are ids in reach, or keys of any
    other dimension; one that is not there is not picked by."""
    sites = where(sites, *(_sites_of(reach, sites, by, ids) for by, ids in picked.items()))
    whole = all(site.pk in reach.whole for site in sites) or reach.own is not None
    kept = {name: list(ids) for name, ids in picked.items()}
    # What is picked of a site that has no part, for something else that is picked, has none either.
    for name in {*kept} & {*PICKED}:
        here = {None, *(one.id for one in reach.among(name, sites))}
        kept[name] = [one for one in kept[name] if one in here]
    if reach.own is not None:
        kept["agent"] = [reach.own]
    for name in ("team", "agent"):
        if name in (by, across) and name not in kept and not whole:
            kept[name] = [one.id for one in reach.among(name, sites)]
    shown = {site.pk: site.name for site in sites}
    names: dict[By, dict[int, str]] = {"site": shown} if by == "site" or across == "site" else {}
    for name in {by, across, *kept} & {*PICKED}:
        names[name] = _named(reach.among(name, sites), shown)
    knows = _knows(reach, sites, kept)
    queues = agents = None
    # What is on no queue and what nobody did is no row that could be picked.
    if None not in kept.get("queue", [None]):
        queues = _rows(Queue, reach.among("queue", sites), kept.pop("queue"))
    if None not in kept.get("agent", [None]):
        agents = _rows(Agent, reach.among("agent", sites), kept.pop("agent"))
    return Question(
        sites=sites, first=first, last=last, by=by, across=across, queues=queues, agents=agents,
        only=kept, names=names, knows=knows, records=reach.records, **more,
    )  # fmt: skip


def _knows(
    reach: Reach, sites: Sequence[Site], kept: Mapping[By, Sequence[Any]]
) -> frozenset[Need]:
    """What of `PRIVATE` the reader may know of all of some sites, of what is picked there."""

    def here(by: By, site: Site) -> list[int | None] | None:
        if by not in kept:
            return None
        its = _sites_of(reach, [site], by, kept[by])
        return [one for one, of in zip(kept[by], its, strict=True) if one is None or of is not None]

    known = (reach.sight.knows(one.pk, here("agent", one), here("team", one)) for one in sites)
    return PRIVATE.intersection(*known)


def _sites_of(reach: Reach, sites: Sequence[Site], by: By, ids: Sequence[Any]) -> list[int | None]:
    """The site of each that is picked of a kind; None for what is of all."""
    known = {one.id: one.site for one in reach.among(by, sites)}
    return [known.get(one) for one in ids]


def _named(choices: Sequence[Choice], sites: Mapping[int, str]) -> dict[int, str]:
    """Names, with the site's where several have the same."""
    many = Counter(one.name for one in choices)
    return {
        one.id: f"{one.name} ({sites[one.site]})" if many[one.name] > 1 and one.site else one.name
        for one in choices
    }


def _rows(model: Any, choices: Sequence[Choice], ids: Sequence[int]) -> list[Any]:
    """Rows of which no more is known than a choice tells: a question asks no more of them."""
    known = {one.id: one for one in choices}
    return [model(pk=one, name=known[one].name, site_id=known[one].site) for one in ids]


def answerable(asked: Asked, reach: Reach, now: datetime) -> Answerable:
    """What a reader may ask of a question, on the day of `now`: what is gone or out of reach is
    said in words. Raises LookupError where no site is in reach."""
    problems = []
    if asked.misread:
        words = ", ".join(asked.misread)
        problems.append(_("Not understood, so left out: %(words)s.") % {"words": words})
    by_slug = {site.slug: site for site in reach.sites}
    sites = [by_slug[slug] for slug in asked.sites if slug in by_slug]
    missing = len(asked.sites) - len(sites)
    if missing:
        problems.append(_missing(missing, "site", is_all=not sites))
    if not asked.sites:
        sites = list(reach.sites)
    if not reach.sites:
        raise LookupError("no site's figures are in reach")
    picked, lost, is_of_nothing = left_of(asked.picked or {}, reach, sites)
    problems += lost
    sites = where(sites, *(_sites_of(reach, sites, by, ids) for by, ids in picked.items()))
    todays = partial.todays_of(sites or reach.sites[:1], now)
    first, last, period, misdated = _days(asked, todays)
    if misdated:
        shown = _("Shown instead: %(period)s.") % {"period": periods.PERIODS[periods.DEFAULT]}
        problems.append(f"{misdated} {shown}")
    made = question(
        reach, sites, first, last, asked.by, asked.across, picked,
        kpis=asked.kpis, channel=asked.channel, direction=asked.direction,
    )  # fmt: skip
    counting = [reach.anew[site.pk] for site in sites if site.pk in reach.anew]
    apart = _apart_words(period, sites, todays)
    return Answerable(made, todays, now, problems, counting, misdated, is_of_nothing, apart)


def left_of(
    wanted: Mapping[By, Sequence[int]], reach: Reach, sites: Sequence[Site]
) -> tuple[dict[By, list[int]], list[str], bool]:
    """What is left, at some sites, of ids that are picked by; what is not, in words; and whether
    nothing is left of a kind, or of the sites, so that the rest would answer something else."""
    there = {by: {one.id for one in reach.among(by, sites)} for by in wanted}
    left = {by: [one for one in ids if one in there[by]] for by, ids in wanted.items()}
    # What is picked of one kind may be of no site that another is of.
    here = where(sites, *(_sites_of(reach, sites, by, ids) for by, ids in left.items()))
    names = {site.pk: site.name for site in reach.sites}
    lost = []
    is_of_nothing = not sites
    for by, ids in wanted.items():
        there[by] = {one.id for one in reach.among(by, here)}
        left[by] = [one for one in ids if one in there[by]]
        away = {*ids} - there[by]
        elsewhere = [
            f"{one.name} ({names[one.site]})" if one.site in names else one.name
            for one in reach.choices.get(by, ())
            if one.id in away
        ]
        gone = len(away) - len(elsewhere)
        is_of_nothing |= not left[by]
        if elsewhere and not left[by] and here:
            words = _("%(what)s of another site than %(sites)s: %(names)s.")
            if not gone:
                words = _("%(what)s of another site than %(sites)s: %(names)s. Nothing to show.")
            told = {"what": str(NAMES[by]), "sites": ", ".join(site.name for site in here)}
            lost.append(words % {**told, "names": ", ".join(elsewhere)})
        elif elsewhere:
            words = _("%(what)s, left out because of another site: %(names)s.")
            lost.append(words % {"what": str(NAMES[by]), "names": ", ".join(elsewhere)})
        if gone:
            lost.append(_missing(gone, by, is_all=not left[by]))
    return left, lost, is_of_nothing


def _missing(count: int, what: By, is_all: bool) -> str:
    words = ngettext(
        "%(what)s: one that this report asks for is gone, or out of your reach.",
        "%(what)s: %(count)d that this report asks for are gone, or out of your reach.",
        count,
    ) % {"what": str(NAMES[what]), "count": count}
    return f"{words} {_('Nothing to show.')}" if is_all else words


def _days(asked: Asked, todays: Todays) -> tuple[date, date, str, str]:
    """The days of a period, and the period; or of the default one and why those asked for cannot
    be. Of several sites they are those of the site where it is earliest: a day that has begun at
    all of them; days from one to another may be any that have begun at one."""
    today = min(todays.values())
    if asked.period != periods.CUSTOM:
        return *periods.named(asked.period, today), asked.period, ""
    try:
        latest = max(todays.values())
        return *days_asked.span(asked.start, asked.end, latest), asked.period, ""
    except Misdated as why:
        return *periods.named(periods.DEFAULT, today), periods.DEFAULT, str(why)


def _apart_words(period: str, sites: Sequence[Site], todays: Todays) -> str:
    """Where a period is of other days at some of its sites: that all are shown with the same."""
    days = {*todays.values()}
    if period == periods.CUSTOM or len({periods.named(period, day) for day in days}) < 2:
        return ""
    told = [
        _("%(day)s at %(sites)s")
        % {
            "day": day.isoformat(),
            "sites": partial.named([site.name for site in sites if todays[site.pk] == day]),
        }
        for day in sorted(days)
    ]
    first, last = periods.named(period, min(days))
    words = _(
        "Today is %(todays)s. “%(period)s” would be other days of each, so all sites are shown"
        " with the same: %(days)s. Choose one site to have its own."
    )
    shown = " – ".join(dict.fromkeys((first.isoformat(), last.isoformat())))
    return words % {"todays": ", ".join(told), "period": periods.PERIODS[period], "days": shown}
