"""What a huddle begins with: what the last day was unlike, what is to be read, and who was thanked.

Changes are those of the recap of the day before (`kpis.mailings.recap`): each figure against the
same weekday of eight weeks, and of all that are told at most one in ten is chance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.access import AGENT
from ccm.intervals import DAY, site_day, site_days
from ccm.models import Team, User
from coaching.access import stays_on
from coaching.models import Huddle, HuddlePoint, Kudos, LibraryVersion
from kpis import usual
from kpis.mailings import recap
from kpis.mailings.recap import Recap
from kpis.reports import reach as reaching

Source = HuddlePoint.Source
MOST_CHANGES = 6
MOST_URL = 300
MOST_BACK = 3
"""So many days without a call are passed over for the last one with some."""
SINCE = timedelta(days=7)
"""What is new since the last huddle, but no longer ago."""


@dataclass(frozen=True, slots=True)
class Point:
    source: str
    title: str
    words: str = ""
    url: str = ""


def points(team: Team, day: date, who: User, today: date) -> list[Point]:
    """The points of a huddle of a team on a day, as `who` prepares it `today`: what is good first.
    Nothing is told of a day that is not over."""
    since = _since(team, day)
    return [
        *_changes(team, min(day, today), who),
        *_thanks(team, since, day),
        *_pages(team, since, day),
    ]


def _since(team: Team, day: date) -> date:
    """The day from which on something is new: that of the last huddle."""
    before = Huddle.objects.filter(team=team, day__lt=day).order_by("-day").first()
    earliest = day - SINCE
    return earliest if before is None else max(earliest, before.day)


def _changes(team: Team, day: date, who: User) -> Iterator[Point]:
    """What of the team's figures, and its site's, was unlike usual on the last day with calls; that
    nothing was, or that it could not be told, is a point, too."""
    site, reach = team.site, reaching.of(who)
    if site.pk not in {one.pk for one in reach.sites}:
        return
    for back in range(1, MOST_BACK + 1):
        on = day - back * DAY
        found = recap.of(site, reach, on, on, "")
        if not found.offered:
            continue
        unlike = [
            one
            for one in found.unlike
            if one.by == "total" or (one.by == "team" and one.id == team.pk)
        ]
        unlike.sort(key=lambda one: (not one.is_strength, one.is_neutral))
        for one in unlike[:MOST_CHANGES]:
            title = _("%(whose)s: %(kpi)s %(value)s on %(day)s") % {
                "whose": one.whose, "kpi": one.figure.kpi.name, "value": one.value,
                "day": date_format(on, "j M"),
            }  # fmt: skip
            yield Point(
                Source.CHANGE, title[:200], one.said, one.url if len(one.url) <= MOST_URL else ""
            )
        if not unlike:
            yield _nothing(found, team, on)
        return


def _nothing(found: Recap, team: Team, on: date) -> Point:
    day = {"day": date_format(on, "j M")}
    its = (one for one in found.told if one.by == "team" and one.id == team.pk)
    of_team = sum(one.verdict.p is not None for one in its)
    if not of_team:
        title = _("What of the team was unlike usual on %(day)s cannot be told") % day
        return Point(Source.CHANGE, title, found.uncompared or usual.too_few_words())
    words = ngettext(
        "%(n)s figure of the team was held against the same weekday of eight weeks.",
        "%(n)s figures of the team were held against the same weekday of eight weeks.",
        of_team,
    ) % {"n": of_team}
    title = _("Nothing of the team or its site was unlike usual on %(day)s") % day
    return Point(Source.CHANGE, title, words)


def _thanks(team: Team, since: date, day: date) -> Iterator[Point]:
    """What the team's people were thanked for since the last huddle."""
    calendar = team.site.calendar
    span = site_days(since, day - DAY, calendar)
    stays = stays_on(day).filter(team=team)
    rows = Kudos.objects.filter(
        agent__in=stays.values("agent"), given_at__gte=span.start, given_at__lt=span.end
    ).select_related("agent", "giver")
    for one in rows.order_by("given_at", "pk"):
        words = one.words
        if one.giver is not None:
            words = _("%(words)s (from %(who)s)") % {"words": words, "who": one.giver}
        yield Point(Source.KUDOS, one.agent.name[:200], words, reverse("recognition"))


def _pages(team: Team, since: date, day: date) -> Iterator[Point]:
    """Pages that the team's agents must read, published since the last huddle."""
    calendar = team.site.calendar
    begins, ends = site_day(since, calendar).start, site_day(day, calendar).end
    rows = LibraryVersion.objects.current().filter(
        Q(page__site=None) | Q(page__site=team.site_id),
        Q(page__teams=None) | Q(page__teams=team),
        must_from__isnull=False, page__retired_at=None, page__roles__name=AGENT,
        published_at__gte=begins, published_at__lt=ends,
    )  # fmt: skip
    for one in rows.light().distinct().order_by("published_at", "pk"):
        url = reverse("library_page", args=[one.page_id])
        yield Point(Source.PAGE, one.title[:200], one.note or one.why[:300], url)
