"""Verifying the whole record of sites, as long work or by hand: a run for each, kept with what
differs."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import jobs, work
from ccm.models import Job, Site, Team, User
from kpis.definitions import KPIS
from kpis.models import VerifyDifference, VerifyRun
from kpis.second import paths, statements, views
from kpis.second.books import TITLES, Line
from kpis.second.check import LONGEST, Outcome, check, check_record, snapshot
from kpis.second.compare import Difference, Place
from kpis.second.paths import Stretch

KIND = "verify"
# So many differences of a run are kept; of the others it only says how many they are.
KEPT = 1000
# So many finished runs of a site are kept.
RUNS = 60


def start(sites: Iterable[Site], user: User | None = None) -> Job:
    """Have the whole record of sites verified soon. One that is under way or waits is given back
    instead where it is of all these."""
    asked = sorted(site.pk for site in sites)
    for job in Job.objects.filter(kind=KIND, finished_at=None).order_by("pk"):
        if set(asked) <= set(job.payload.get("sites", ())):
            return job
    job = Job.objects.create(kind=KIND, created_by=user, payload={"sites": asked})
    transaction.on_commit(lambda: _queue(job.pk))
    return job


def working(sites: Iterable[int] | None) -> Job | None:
    """The verification that waits or is under way of these sites alone; None: of any."""
    own = None if sites is None else set(sites)
    for job in Job.objects.filter(kind=KIND, finished_at=None).order_by("pk"):
        if own is None or set(job.payload.get("sites", ())) <= own:
            return job
    return None


def _queue(job_id: int) -> None:
    from kpis.tasks import run_verify

    work.send(run_verify, job_id)


def run(job_id: int, seconds: float | None = None) -> bool:
    """Do a job, or go on with one that was cut off. Safe to run twice at once.

    Past `seconds` it stops after a stretch; whether there is more to do, in another turn.
    """
    until = None if seconds is None else time.monotonic() + seconds
    with jobs.running(job_id) as job:
        if job is None:
            return False
        if not views.there():
            raise jobs.Refused(_("There are no SQL views to verify with: see docs/operating.md."))
        sites = list(Site.objects.filter(pk__in=job.payload["sites"]).order_by("name"))
        days = {site.pk: paths.days_told(site) for site in sites}
        job.done, job.total = (
            0,
            sum(len(paths.stretches(site, days[site.pk], LONGEST)) for site in sites),
        )
        for site in sites:
            _verify(job, site, days[site.pk], until)
        job.words = words_of(job)
    job.refresh_from_db()
    return job.state == Job.State.QUEUED


def _verify(job: Job, site: Site, days: list[date], until: float | None) -> None:
    one, _made = VerifyRun.objects.get_or_create(
        job=job,
        site=site,
        defaults={"started_at": timezone.now(), "first": days[0] if days else None},
    )
    for stretch in paths.stretches(site, days, LONGEST):
        job.done += 1
        if one.through is not None and stretch.last <= one.through:
            continue
        with snapshot() as cursor:
            its = [day for day in days if stretch.first <= day <= stretch.last]
            keep(one, check(cursor, stretch, its), stretch)
        words = _("%(site)s, until %(day)s") % {"site": site.name, "day": stretch.last}
        jobs.beat(job, job.done, words, until)
    if one.finished_at is None:
        with snapshot() as cursor:
            found = check_record(cursor, site)
        end(one, found)


def begin(site: Site, days: Sequence[date]) -> VerifyRun:
    """A run of no job: whoever asked for it waits for it."""
    first = days[0] if days else None
    made: VerifyRun = VerifyRun.objects.create(site=site, started_at=timezone.now(), first=first)
    return made


def end(one: VerifyRun, outcome: Outcome) -> None:
    """The last that a run found: it is over, and pages show it."""
    with transaction.atomic():
        keep(one, outcome)
        one.finished_at = timezone.now()
        one.save(update_fields=["finished_at"])
    _forget(one.site)


def keep(one: VerifyRun, outcome: Outcome, stretch: Stretch | None = None) -> None:
    """Add what a check found to its run."""
    room = max(0, KEPT - one.differing)
    rows = [*map(_of_figure, outcome.differences), *map(_of_book, outcome.lines)][:room]
    for row in rows:
        row.run = one
    VerifyDifference.objects.bulk_create(rows)
    one.days += outcome.days
    one.cells += outcome.cells
    one.differing += outcome.wrong
    one.counting = sorted({*one.counting, *outcome.counting})
    wrong = [line.book for line in outcome.lines]
    for book, checked in outcome.checked.items():
        before = one.books.get(book, [0, 0])
        one.books[book] = [before[0] + checked, before[1] + wrong.count(book)]
    if stretch is not None:
        one.through = stretch.last
    one.save()


def _of_figure(found: Difference) -> VerifyDifference:
    place = found.place
    return VerifyDifference(
        name=place.kpi,
        day=place.day,
        queue_id=place.queue,
        agent_id=place.agent,
        shown=found.shown.value,
        shown_n=found.shown.n,
        second=found.second.value,
        second_n=found.second.n,
        what=words_of_place(place),
    )


def words_of_place(place: Place) -> str:
    """What beside its day a figure is of, for people: a team, or the days before that are together
    in it. Empty: neither."""
    if place.since is not None:
        days = [date_format(one, "j M Y") for one in (place.since, place.day)]
        return _("%(first)s to %(last)s together") % dict(zip(("first", "last"), days, strict=True))
    return team_words(place.team)


def team_words(team: int | None) -> str:
    """The team that a figure is of, for people; empty: of none."""
    if team is None:
        return ""
    named = Team.objects.filter(pk=team).values_list("name", flat=True).first()
    return _("team %(name)s") % {"name": named or team}


def _of_book(line: Line) -> VerifyDifference:
    return VerifyDifference(
        name=line.book,
        day=line.day,
        queue_id=line.queue,
        agent_id=line.agent,
        shown=line.one,
        second=line.other,
        what=line.what[:200],
    )


def words_of(job: Job) -> str:
    """How a job came out, of all its sites."""
    runs = list(VerifyRun.objects.filter(job=job))
    cells, differing = sum(one.cells for one in runs), sum(one.differing for one in runs)
    compared = ngettext("%(count)d figure compared", "%(count)d figures compared", cells) % {
        "count": cells
    }
    if not differing:
        return compared + _(", 0 differences; the books balance")
    return compared + ngettext(", %(count)d difference", ", %(count)d differences", differing) % {
        "count": differing
    }


def _forget(site: Site) -> None:
    """Drop the oldest runs of a site, and those that never ended."""
    newest = VerifyRun.objects.filter(site=site).order_by("-pk").values_list("pk", flat=True)[:RUNS]
    VerifyRun.objects.filter(site=site).exclude(pk__in=list(newest)).delete()


def not_compared() -> list[tuple[str, str]]:
    """What has no second path, KPIs and variants by their names, and why."""
    names: dict[str, list[str]] = defaultdict(list)
    for name, why in statements.WITHOUT_VIEW.items():
        names[str(why)].append(title(name))
    return [("; ".join(those), why) for why, those in names.items()]


def title(name: str) -> str:
    """A book's title, or the name of a KPI with its variant."""
    if name in TITLES:
        return str(TITLES[name])
    kpi, colon, variant = name.partition(":")
    if kpi not in KPIS:
        return name
    return f"{KPIS[kpi].name}, {variant}" if colon else str(KPIS[kpi].name)
