"""The sources of live events: when each was heard of last, how right its clock is, and which of
them has fallen silent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from ccm.intervals import day_of, site_day
from ccm.live import clocks
from ccm.live.clocks import Stretch
from ccm.models import LiveSource, Site
from ccm.querysets import Viewer

# Of a source that was not heard of for so long nothing is said any more: it is gone.
GONE = timedelta(days=7)


def heard(site: Site, source: str, news: Iterable[tuple[datetime, datetime]]) -> None:
    """Note what news of a source tell of it: each when it happened by its clock, and when it came
    by ours."""
    told = list(news)
    if not told:
        return
    heard_at, newest_at = max(came for _at, came in told), max(at for at, _came in told)
    known = LiveSource.objects.filter(site=site, source=source).first()
    if known is None:
        known = LiveSource(site=site, source=source, heard_at=heard_at, newest_at=newest_at)
    for since, came_at in pairwise([known.heard_at, *sorted({came for _at, came in told})]):
        opened = site.open_since(came_at)
        # A night is no pause.
        if not site.opening or (opened is not None and since >= opened):
            known.usual_pause = clocks.usual_pause(known.usual_pause, since, came_at)
    known.heard_at = max(known.heard_at, heard_at)
    known.newest_at = max(known.newest_at, newest_at)
    readings = clocks.latest(known.readings, told)
    behind = clocks.behind(readings, known.behind)
    changes = clocks.changed(known.changes, readings, known.behind, behind)
    known.behind, known.changes = behind, [list(one) for one in changes]
    known.readings = [list(one) for one in readings]
    known.save()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands at a moment. `silent_since` is set where it has fallen silent, `behind`
    where its clock is wrong (less than none: ahead); `gone` is silent for good. `on_counts` says in
    words that counts of today are by a clock that is, or was, wrong."""

    source: str
    site: Site
    heard_at: datetime
    newest_at: datetime
    silent_since: datetime | None
    behind: timedelta | None
    gone: bool = False
    on_counts: Sequence[str] = ()

    def words(self, now: datetime) -> list[str]:
        """What is wrong with it, in words for a wall; nothing where all is well."""
        said = []
        if self.silent_since is not None and not self.gone:
            words = _("Nothing has come from %(source)s since %(time)s.")
            when = _when(self.silent_since, self.site, now)
            said.append(words % {"source": self.source, "time": when})
        return [*said, *self.of_clock]

    @property
    def of_clock(self) -> list[str]:
        """What is, or was today, wrong with its clock."""
        return [*([self.clock] if self.clock else []), *self.on_counts]

    @property
    def state(self) -> str:
        """How it is, in a word or two."""
        if self.gone:
            return _("gone")
        if self.silent_since is not None:
            return _("silent")
        return _("clock wrong") if self.behind is not None else _("heard")

    @property
    def level(self) -> str:
        if self.gone:
            return "none"
        return "ok" if self.silent_since is None and self.behind is None else "warn"

    @property
    def clock(self) -> str:
        """How wrong its clock is, in words; empty where it is right, or nothing is known of it."""
        if self.behind is None or self.gone:
            return ""
        words = {"source": self.source, "time": _length(abs(self.behind))}
        if self.behind < timedelta():
            return _("The clock of %(source)s is %(time)s ahead.") % words
        return _("The clock of %(source)s is %(time)s behind, or all it posts is late.") % words


def standing(one: LiveSource, now: datetime) -> Standing:
    """How a source (with its site) stands at `now`."""
    site, silent = one.site, False
    if site.is_open(now):
        # Silence counts from the opening: who says nothing at night is not silent.
        since = max(one.heard_at, site.open_since(now) or one.heard_at)
        silent = now - since > clocks.silence(one.usual_pause)
    gone = now - one.heard_at > GONE
    today = site_day(day_of(now, site.calendar), site.calendar).start if one.changes else now
    wrong = [] if gone else clocks.miscounted(one.changes, today, one.heard_at)
    return Standing(
        source=one.source,
        site=site,
        heard_at=one.heard_at,
        newest_at=one.newest_at,
        silent_since=one.heard_at if silent or gone else None,
        behind=one.behind if clocks.is_wrong(one.behind) else None,
        gone=gone,
        on_counts=_on_counts(one.source, wrong, site, now),
    )


def with_clocks(sites: QuerySet[Site]) -> QuerySet[Site]:
    """Sites with what `on_counts` tells of their sources' clocks."""
    here = LiveSource.objects.filter(site=OuterRef("pk")).exclude(changes=[]).order_by("source")
    told = JSONObject(**{name: name for name in ("source", "heard_at", "newest_at", "changes")})
    return sites.annotate(clocks=ArraySubquery(here.values_list(told)))


def on_counts(site: Any, now: datetime) -> list[str]:
    """What is to be known of today's counts of a site found `with_clocks`: by which source's clock
    some of them are in the wrong hours, and what to do."""
    known = [
        LiveSource(
            site=site, source=told["source"], changes=told["changes"],
            heard_at=datetime.fromisoformat(told["heard_at"]),
            newest_at=datetime.fromisoformat(told["newest_at"]),
            behind=told["changes"][-1][1] * timedelta(milliseconds=1),
        )
        for told in site.clocks
    ]  # fmt: skip
    every = [standing(one, now) for one in known]
    return [" ".join(one.of_clock) for one in every if one.on_counts]


def shown_to(user: Viewer, now: datetime) -> list[Standing]:
    """How the sources stand that the user may see."""
    known = LiveSource.objects.visible_to(user).select_related("site")
    return [standing(one, now) for one in known]


def troubled(now: datetime) -> dict[int, list[Standing]]:
    """The sources that have fallen silent or whose clocks are, or were today, wrong, by the id of
    their site. One query, however many sites."""
    found: dict[int, list[Standing]] = defaultdict(list)
    lately = LiveSource.objects.filter(heard_at__gte=now - GONE).select_related("site")
    for one in lately:
        how = standing(one, now)
        if how.silent_since is not None or how.of_clock:
            found[one.site_id].append(how)
    return dict(found)


def _on_counts(source: str, wrong: Sequence[Stretch], site: Site, now: datetime) -> list[str]:
    """That what a source told while its clock was wrong is counted in the wrong hours today, and
    what to do."""
    over = [one for one in wrong if one.until is not None]
    return [
        *(_still(one, site, now) for one in wrong if one.until is None),
        *([_over(source, over, site, now)] if over else []),
    ]


def _still(wrong: Stretch, site: Site, now: datetime) -> str:
    since = _("so far")
    if wrong.begun is not None:
        since = _("since %(time)s") % {"time": _when(wrong.begun, site, now)}
    words = _(
        "If it is the clock, set it right: what it told %(since)s is in the wrong hours of today's"
        " figures."
    )
    if wrong.off < timedelta():
        words = _("Set it right: what it told %(since)s is in the wrong hours of today's figures.")
    return words % {"since": since}


def _over(source: str, wrong: Sequence[Stretch], site: Site, now: datetime) -> str:
    begun, until = wrong[0].begun, wrong[-1].until
    assert until is not None
    then = {"until": _when(until, site, now)}
    span = _("until %(until)s")
    if begun is not None:
        then |= {"begun": _when(begun, site, now)}
        span = _("from %(begun)s to %(until)s")
    words = _(
        "The clock of %(source)s was %(time)s behind %(then)s: what it told then stays in the wrong"
        " hours of today's figures."
    )
    if wrong[0].off < timedelta():
        words = _(
            "The clock of %(source)s was %(time)s ahead %(then)s: what it told then stays in the"
            " wrong hours of today's figures."
        )
    if len(wrong) > 1:
        words = _(
            "The clock of %(source)s was wrong again and again, by up to %(time)s, %(then)s: some"
            " of what it told then stays in the wrong hours of today's figures."
        )
    most = max(abs(one.off) for one in wrong)
    return words % {"source": source, "time": _length(most), "then": span % then}


def _when(moment: datetime, site: Site, now: datetime) -> str:
    """A moment by the site's clock, with the day where that is not today."""
    local, calendar = moment.astimezone(site.tz), site.calendar
    same_day = day_of(moment, calendar) == day_of(now, calendar)
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def _length(length: timedelta) -> str:
    """How long, as it is said of a clock: "1 h 00 min", "4 min 05 s", "7 s"."""
    seconds = round(length.total_seconds())
    if seconds >= 3600:
        minutes = round(seconds / 60)
        return _("%(h)d h %(min)02d min") % {"h": minutes // 60, "min": minutes % 60}
    if seconds >= 60:
        return _("%(min)d min %(s)02d s") % {"min": seconds // 60, "s": seconds % 60}
    return _("%(s)d s") % {"s": seconds}
