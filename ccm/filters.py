"""What a page is asked to show: a period, a site, queues; read from the address, and only what
the reader may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import days_asked, periods
from ccm.days_asked import Misdated, Typed
from ccm.intervals import Span, day_of, site_days
from ccm.models import Queue, Site
from ccm.names import in_order

LONGEST_DEFINITION = 200
_ABOUT = "ccm_about_site"


Choices = list[tuple[str, str]]


def address(path: str, parameters: Mapping[str, object]) -> str:
    """A path with a query string of the parameters that say something."""
    known = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(known)}" if known else path


def of_sites(request: HttpRequest, sites: Iterable[Site]) -> Site | None:
    """Of some sites the one that the address names, which the page is then about, else the first;
    None: there is none. Raises Http404 for any other, whether it is out of reach or no site."""
    asked = request.GET.get("site", "")
    found = next((one for one in sites if not asked or one.slug == asked), None)
    if asked and found is None:
        raise Http404
    if asked and found is not None:
        about(request, found)
    return found


def of_open_sites(request: HttpRequest, sites: Iterable[Site], now: datetime) -> Site | None:
    """The same; but where the address names none, the site that a page with a period opens on
    (`read`): the first that is open now, or has a queue that is. The page is about it."""
    choices = list(sites)
    if not choices:
        return None
    slug = request.GET.get("site", "")
    queues = [] if slug or len(choices) == 1 else list(Queue.objects.visible_to(request.user))
    found = _chosen(choices, slug, queues, now)
    about(request, found)
    return found


def about(request: HttpRequest, site: Site) -> None:
    """Say which site a page is about, whatever its address says: the sidebar leads on to the same
    one."""
    setattr(request, _ABOUT, site.slug)


def site_about(request: HttpRequest) -> str | None:
    """The site that a page is about, as far as its view or its address says so."""
    said: str | None = getattr(request, _ABOUT, request.GET.get("site"))
    return said


@dataclass(frozen=True, slots=True)
class Bar:
    """The filters as `_partials/filters.html` draws them: choices are (value, words) pairs.

    A chip with nothing to choose from is not drawn. `definition` is another definition to show
    beside the chosen one, of `definitions`. `keep` are (name, value) pairs that stay in the
    address. `typed` are the days as they were typed, where they cannot be.
    """

    period: str
    periods: Choices
    start: date
    end: date
    site: str
    sites: Choices
    queue: str
    queues: Choices
    definition: str
    definitions: Choices
    keep: list[tuple[str, str]]
    error: str
    typed: tuple[Typed, Typed] | None = None


def days_words(first: date, last: date) -> str:
    """The days of a period in words: "1 Oct – 31 Oct 2026"; a year that both are of once."""
    end = date_format(last, "j M Y")
    if first == last:
        return end
    begin = date_format(first, "j M" if first.year == last.year else "j M Y")
    return f"{begin} – {end}"


@dataclass(frozen=True, slots=True)
class Filters:
    """The site, its queues (None: all), and the site days [first, last] of a page.

    `definition` is as the address says it: whoever knows KPIs reads it. `problem` is what of the
    address cannot be, `instead` what a page therefore shows: a file shows nothing instead.
    """

    sites: list[Site]
    site: Site
    all_queues: list[Queue]
    queue: Queue | None
    period: str
    first: date
    last: date
    today: date
    problem: str = ""
    instead: str = ""
    definition: str = ""
    typed: tuple[Typed, Typed] | None = None

    @property
    def queues(self) -> list[Queue] | None:
        return None if self.queue is None else [self.queue]

    @property
    def is_today(self) -> bool:
        return self.first == self.last == self.today

    @property
    def words(self) -> str:
        if self.period != periods.CUSTOM:
            return str(periods.PERIODS[self.period])
        return days_words(self.first, self.last)

    @property
    def said(self) -> str:
        """What a page says of an address that cannot be."""
        return f"{self.problem} {self.instead}".strip()

    @property
    def span(self) -> Span:
        """The site days as a stretch of UTC."""
        return site_days(self.first, self.last, self.site.calendar)

    @property
    def query(self) -> str:
        """The filters as a query string, so that they survive a click."""
        return urlencode(self.parameters())

    def of_queue(self, queue: Queue) -> "Filters":
        """The same period and site, one queue."""
        return replace(self, queue=queue)

    def parameters(self, **more: object) -> dict[str, str]:
        kept: dict[str, object] = {"period": self.period, "site": self.site.slug}
        if self.period == periods.CUSTOM:
            kept |= {"from": self.first, "to": self.last}
        if self.queue is not None:
            kept["queue"] = self.queue.pk
        kept["definition"] = self.definition
        return {key: str(value) for key, value in (kept | more).items() if value not in (None, "")}

    def bar(
        self,
        keep: Iterable[tuple[str, str]] = (),
        error: str = "",
        definitions: Choices | None = None,
    ) -> Bar:
        """The filters to draw; `error` is said where the period had nothing to complain of.

        A page without `definitions` to choose from keeps the one in the address.
        """
        kept = list(keep)
        if not definitions and self.definition:
            kept.append(("definition", self.definition))
        several = len(self.sites) > 1
        queues = [(str(one.pk), one.name) for one in self.all_queues]
        return Bar(
            # Typed days are mended where they stand.
            period=periods.CUSTOM if self.typed else self.period,
            periods=[(value, str(words)) for value, words in periods.PERIODS.items()],
            start=self.first,
            end=self.last,
            site=self.site.slug,
            sites=[(one.slug, one.name) for one in self.sites] if several else [],
            queue="" if self.queue is None else str(self.queue.pk),
            queues=[("", _("All %(count)d") % {"count": len(queues)}), *queues] if queues else [],
            definition=self.definition,
            definitions=definitions or [],
            keep=kept,
            error=self.said or error,
            typed=self.typed,
        )


def read(
    request: HttpRequest,
    now: datetime,
    default: str = "today",
    sites: Iterable[Site] | None = None,
    *,
    with_queues: bool = True,
) -> Filters | None:
    """The filters of a request; None when there is no site to choose from.

    `sites` are those a page may show, unless said all whose figures the reader sees; a page that
    tells of no queue reads none. A site or queue out of reach is a 404; a queue of another site in
    reach is let go of, because whoever changes the site has not changed the queue yet. A period
    that makes no sense falls back to the default, and its days are kept as they were `typed`. Both
    are `said`.
    """
    choices = list(Site.objects.with_figures_for(request.user) if sites is None else sites)
    if not choices:
        return None
    asked = request.GET
    rows = Queue.objects.visible_to(request.user) if with_queues else Queue.objects.none()
    reachable = sorted(rows, key=lambda queue: in_order(queue.name))
    site = _chosen(choices, asked.get("site", ""), reachable, now)
    queues = [one for one in reachable if one.site_id == site.pk]
    queue = _chosen_queue(reachable, asked.get("queue", ""))
    today = day_of(now, site.calendar)
    problem = instead = ""
    try:
        period, first, last = _period(asked, today, default)
    except Misdated as why:
        period, first, last = default, *periods.named(default, today)
        problem = str(why)
        instead = _("Shown instead: %(period)s.") % {"period": periods.PERIODS[default]}
    typed = None
    if problem and _is_custom(asked):
        typed = days_asked.typed(*_words(asked))
    if queue is not None and queue not in queues:
        words = _("%(queue)s is a queue of another site.") % {"queue": queue.name}
        shown = _("Shown is all of %(site)s.") % {"site": site.name}
        queue, problem, instead = None, f"{problem} {words}".lstrip(), f"{instead} {shown}".lstrip()
    definition = asked.get("definition", "")[:LONGEST_DEFINITION]
    return Filters(
        choices, site, queues, queue, period, first, last, today, problem, instead,
        definition, typed,
    )  # fmt: skip


def _chosen(sites: list[Site], slug: str, queues: list[Queue], now: datetime) -> Site:
    """The site that is asked for; else the first that is open now, or has a queue that is."""
    if not slug:
        hours = {site.pk: [one.hours for one in queues if one.site_id == site.pk] for site in sites}
        is_open = [site for site in sites if site.is_open(now)]
        has_open = [site for site in sites if any(site.is_open(now, one) for one in hours[site.pk])]
        return (is_open or has_open or sites)[0]
    for site in sites:
        if site.slug == slug:
            return site
    raise Http404


def _chosen_queue(queues: list[Queue], word: str) -> Queue | None:
    if not word:
        return None
    for queue in queues:
        if str(queue.pk) == word:
            return queue
    raise Http404


def _is_custom(asked: QueryDict) -> bool:
    said = asked.get("period")
    return said == periods.CUSTOM or (not said and bool(asked.get("from") or asked.get("to")))


def _words(asked: QueryDict) -> tuple[str, str]:
    """What the address says of the first and the last day."""
    return asked.get("from", ""), asked.get("to", "")


def _period(asked: QueryDict, today: date, default: str) -> tuple[str, date, date]:
    """Raises Misdated for one that cannot be."""
    if _is_custom(asked):
        return periods.CUSTOM, *days_asked.span(*_words(asked), today)
    period = asked.get("period") or default
    if period not in periods.PERIODS:
        raise Misdated(_("There is no such period."))
    return period, *periods.named(period, today)
