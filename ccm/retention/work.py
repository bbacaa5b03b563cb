"""What goes each night: in batches, each whole by itself, so that a killed run goes on where it was
and one that is done twice finds nothing left.

Calls of months that are over for every site that has any go with their partition; others row by
row. Before the first one goes the counts of their days are closed (`ccm.retention.closed`), for
counts outlive what was counted.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, Max, Model, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import database, jobs, partitions, work
from ccm.identity import id_floor
from ccm.imports.storing import locks
from ccm.intervals import site_day
from ccm.models import (
    Call,
    CallNote,
    DirtyDay,
    ImportBatch,
    ImportChange,
    Job,
    RetentionKind,
    RetentionRule,
    RetentionRun,
    Site,
)
from ccm.retention import closed, parts, rules
from ccm.retention.parts import Part
from ccm.signals import calls_taken_back

log = logging.getLogger(__name__)

KIND = "retention"
OF_SITES = tuple(kind for kind in RetentionKind if kind != RetentionKind.AUDIT)
BATCH = 2_000
# So many runs of a class of a site are kept.
RUNS = 400
# So often a month is tried to be taken out, where others keep reading calls.
DROPS = 3
# What ends a turn, and is no fault of a class of a site.
_ENDS = (jobs.Cancelled, jobs.HandedOver, jobs.Refused, SoftTimeLimitExceeded)


@dataclass(frozen=True, slots=True)
class Preview:
    """What of a site would go of the days before `before`: rows by table, as people call it, and
    the months of calls that would go whole."""

    site: Site
    kind: str
    before: date
    rows: dict[str, int] = field(default_factory=dict)
    months: list[date] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def preview(site: Site, kind: str, before: date) -> Preview:
    """Count what would go. Reads only."""
    moment = site_day(before, site.calendar).start
    rows: Counter[str] = Counter()
    for part in parts.of(kind):
        rows[_name(part.model)] += part.model._default_manager.filter(
            part.rows(site, moment)
        ).count()
    months: list[date] = []
    if kind == RetentionKind.CALLS:
        calls = Call._default_manager.filter(parts.calls_before(site, moment))
        rows[_name(Call)] += calls.count()
        for one in parts.following():
            if one.goes:
                theirs = one.model._default_manager.filter(
                    **{f"{one.field}__in": calls.order_by().values("pk")}
                )
                rows[_name(one.model)] += theirs.count()
        months = _whole_months(site, before)
    return Preview(site, kind, before, {name: n for name, n in rows.items() if n}, months)


def _name(model: type[Model]) -> str:
    return model._meta.db_table


def _whole_months(site: Site, before: date) -> list[date]:
    """Months of calls that would go whole once this site keeps none of the days before `before`: no
    site has any that stays, nor can any bring calls of such a month any more."""
    moment = site_day(before, site.calendar).start
    opened = {one.pk: _begins(one) for one in Site.objects.all()}
    opened[site.pk] = max(filter(None, (opened.get(site.pk), moment)), default=moment)
    shut = _shut_until(site, before)
    found = []
    for month in sorted(partitions.existing_months()):
        if not _is_shut(month, shut):
            break
        low, high = partitions.ids_of(month)
        newest = dict(
            Call._default_manager.filter(id__gte=low, id__lt=high)
            .order_by()
            .values_list("site")
            .annotate(Max("offered_at"))
        )
        if newest and all((at := opened.get(one)) and newest[one] < at for one in newest):
            found.append(month)
    return found


def _shut_until(site: Site | None = None, before: date | None = None) -> datetime | None:
    """The moment before which no site takes calls in any more, those without any yet included;
    None: there is a site that takes all. `site` as it is once its calls before a day went."""
    moments = []
    for one in Site.objects.all():
        day = one.counts_closed_before
        if site is not None and before is not None and one.pk == site.pk:
            day = max(filter(None, (day, before + closed.MARGIN)))
        if day is None:
            return None
        moments.append(site_day(day, one.calendar).start)
    return min(moments, default=None)


def _is_shut(month: date, until: datetime | None) -> bool:
    """Whether all calls that a month can hold were offered before a moment."""
    after = partitions.next_month(month)
    ends = datetime(after.year, after.month, 1, tzinfo=UTC) + parts.BIRTH
    return until is not None and ends <= until


def _begins(site: Site) -> datetime | None:
    day = site.record_begins_on
    return None if day is None else site_day(day, site.calendar).start


def due(now: datetime) -> Iterator[tuple[Site, str, date]]:
    """Which classes of which sites have anything that may go by the rules in force."""
    told = list(RetentionRule.objects.all())
    for site in Site.objects.order_by("pk"):
        for kind in OF_SITES:
            today = rules.cut(0, site, now)
            rule = rules.in_force(told, kind, site.pk, today)
            if rule is not None and rule.days is not None:
                yield site, kind, rules.cut(rule.days, site, now)


def start(now: datetime) -> Job | None:
    """Have what is out by the rules removed soon; None: no rule lets anything go. One that waits
    or is under way is given back instead."""
    with database.alone("retention:start", wait=True):
        waiting = Job.objects.filter(kind=KIND, finished_at=None).first()
        if waiting is not None:
            return waiting
        if not any(due(now)):
            return None
        job = Job.objects.create(kind=KIND)
    transaction.on_commit(lambda: _queue(job.pk))
    return job


def _queue(job_id: int) -> None:
    from ccm.tasks import run_retention

    work.send(run_retention, job_id)


def run(job_id: int, seconds: float | None = None) -> bool:
    """Remove what is out, or go on with it. Safe to run twice at once.

    Past `seconds` it stops after a batch; whether there is more to do, in another turn.
    """
    until = None if seconds is None else time.monotonic() + seconds
    with jobs.running(job_id) as job:
        if job is None:
            return False
        if not connection.in_atomic_block:
            _drop_left()
        # As of when it was asked for: a night over midnight removes no more for it.
        for site, kind, before in list(due(job.created_at)):
            one, _made = RetentionRun.objects.get_or_create(
                job=job, site=site, kind=kind,
                defaults={"before": before, "started_at": timezone.now()},
            )  # fmt: skip
            try:
                _of_site(job, one, before, until)
            except _ENDS:
                raise
            except Exception:
                # Of this class of this site alone: the next night tries again.
                log.exception("retention of %s of site %s failed", kind, site.pk)
                _over(one, _("It stopped on an error of ours; the log has it."))
        gone = sum(sum(one.gone.values()) for one in RetentionRun.objects.filter(job=job))
        job.words = _("%(rows)s rows removed or emptied") % {"rows": f"{gone:,}"}
    job.refresh_from_db()
    return job.state == Job.State.QUEUED


def _drop_left() -> None:
    """Drop the months that a run of before began to take out. Those that somebody else detached are
    theirs."""
    noted = RetentionRun.objects.exclude(months=[]).values_list("months", flat=True)
    own = {month for months in noted for month in months}
    for month in sorted(partitions.detached_months()):
        if f"{month:%Y-%m}" in own:
            _dropped(month)


def _of_site(job: Job, one: RetentionRun, before: date, until: float | None) -> None:
    site, kind = one.site, one.kind
    if one.finished_at is not None:
        return
    if before < one.before:
        # A rule that has begun since keeps more.
        one.before, one.expected = before, {}
        one.save(update_fields=["before", "expected"])
    moment = site_day(one.before, site.calendar).start
    if not one.expected:
        seen = preview(site, kind, one.before)
        one.expected = seen.rows
        one.save(update_fields=["expected"])
    if not one.expected:
        _over(one)
        return
    closes = kind in (RetentionKind.CALLS, RetentionKind.STATES)
    if closes and (words := database.retried(_close, site, kind, one.before)):
        _over(one, words)
        return
    job.words = _("%(kind)s of %(site)s") % {
        "kind": RetentionKind(kind).label, "site": site.name
    }  # fmt: skip
    for part in parts.of(kind):
        _take(job, one, part, site, moment, until)
    if kind == RetentionKind.CALLS:
        _take_calls(job, one, site, moment, until)
    _over(one)
    old = RetentionRun.objects.filter(site=site, kind=kind).order_by("-pk")
    RetentionRun.objects.filter(pk__in=list(old.values_list("pk", flat=True)[RUNS:])).delete()


def _over(one: RetentionRun, waits_for: str = "") -> None:
    one.waits_for, one.finished_at = waits_for[:200], timezone.now()
    one.save(update_fields=["waits_for", "finished_at"])


@transaction.atomic
def _close(site: Site, kind: str, before: date) -> str:
    """Close the counts of the days that lose what they were counted from, and of MARGIN after; why
    that cannot be now, in words, or nothing.

    Whoever stores calls reads under a lock of the site's row which days are closed, and marks what
    it changed: so behind this lock no mark of such a day is missed, and none is made any more.
    """
    held = Site.objects.select_for_update().get(pk=site.pk)
    until = before + closed.MARGIN
    if held.counts_closed_before is None or held.counts_closed_before < until:
        if DirtyDay.objects.filter(site=site, day__lt=until).exists():
            return _("Figures of these days are still being counted.")
        # Who begins to later on reads under the same lock which days are closed.
        at_it = (Job.State.QUEUED, Job.State.RUNNING)
        if ImportBatch.objects.filter(site=site, undone_at=None, undo__state__in=at_it).exists():
            return _("An import is being taken back.")
        if words := closed.waits(held, until):
            return words
        held.counts_closed_before = until
    if kind == RetentionKind.CALLS:
        held.record_begins_on = max(filter(None, (held.record_begins_on, before)))
    held.save(update_fields=["counts_closed_before", "record_begins_on"])
    return ""


def _take(
    job: Job, one: RetentionRun, part: Part, site: Site, moment: datetime, until: float | None
) -> None:
    """Remove or empty the rows of a part, in the order of their keys."""
    after: Any = None
    while True:
        rows = part.model._default_manager.filter(part.rows(site, moment)).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        found = list(rows.values_list("pk", flat=True)[:BATCH])
        if not found:
            return
        database.retried(_apply, one, part, found)
        after = found[-1]
        jobs.beat(job, job.done + len(found), until=until)


@transaction.atomic
def _apply(one: RetentionRun, part: Part, found: list[Any]) -> None:
    rows = part.model._default_manager.filter(pk__in=found)
    if part.clear is None:
        _note(one, dict(_deleted(part.model, found)))
        return
    rows.update(**part.clear)
    _in_journal(part, found)
    _note(one, {_name(part.model): len(found)})


def _deleted(model: type[Model], found: list[Any]) -> Counter[str]:
    """Remove rows with all that refers to them, and what imports noted of them; how many of which
    table."""
    gone = _let_go(model, found)
    ImportChange.objects.filter(relation=_name(model), row__in=[str(pk) for pk in found]).delete()
    rows = model._default_manager.filter(pk__in=found)
    gone[_name(model)] += rows.delete()[1].get(model._meta.label, 0)
    return gone


def _let_go(model: type[Model], found: list[Any]) -> Counter[str]:
    gone: Counter[str] = Counter()
    for follows in parts.following(model):
        rows = follows.model._default_manager.filter(**{f"{follows.field}__in": found})
        if follows.goes:
            gone += _deleted(follows.model, list(rows.values_list("pk", flat=True)))
        elif follows.lets_go:
            rows.update(**{follows.field: None})
    return gone


def _in_journal(part: Part, found: list[Any]) -> None:
    """What an import noted of the rows as they were: taken back, it must not bring it back."""
    noted = ImportChange.objects.filter(
        relation=_name(part.model), row__in=[str(pk) for pk in found], before__isnull=False
    )
    for change in noted:
        change.before = {**(change.before or {}), **(part.clear or {})}
        change.save(update_fields=["before"])


def _note(one: RetentionRun, more: dict[str, int]) -> None:
    """Add to what a run has removed, in the transaction that removes it."""
    held = RetentionRun.objects.select_for_update().get(pk=one.pk)
    held.gone = dict(Counter(held.gone) + Counter(more))
    held.save(update_fields=["gone"])
    one.gone = held.gone


def _take_calls(
    job: Job, one: RetentionRun, site: Site, moment: datetime, until: float | None
) -> None:
    site.refresh_from_db(fields=["record_begins_on", "counts_closed_before"])
    # Whoever comes later is not among these, and keeps what it has.
    sites = list(Site.objects.values_list("pk", flat=True))
    may_drop = not connection.in_atomic_block
    for month in _whole_months(site, one.before) if may_drop else ():
        if not _is_shut(month, _shut_until()):
            break
        low, high = partitions.ids_of(month)
        # Of all sites: each of them is out.
        calls = Call._default_manager.filter(id__gte=low, id__lt=high, site__in=sites)
        _empty(job, one, calls, until, with_calls=False)
        rows = calls.count()
        _note_month(one, month, rows)
        if not _dropped(month):
            _note_stays(one, month, rows)
    theirs = Call._default_manager.filter(parts.calls_before(site, moment))
    _empty(job, one, theirs, until, with_calls=True)
    _sweep(one, site, moment)


def _dropped(month: date) -> bool:
    """Take a month out; whether it went. It stays where a site is there by now that may have calls
    of it, and where others have read calls all the while: what is out goes row by row then."""
    for _try in range(DROPS):
        try:
            return partitions.drop_month(month, lambda: _is_shut(month, _shut_until()))
        except OperationalError as held:
            if not locks.waited_in_vain(held):
                raise
    return False


@transaction.atomic
def _note_month(one: RetentionRun, month: date, rows: int) -> None:
    """Before it goes: once it is gone nobody can count it. Said once, also where the work was cut
    off before it went."""
    held = RetentionRun.objects.select_for_update().get(pk=one.pk)
    if f"{month:%Y-%m}" not in held.months:
        held.months = [*held.months, f"{month:%Y-%m}"]
        held.gone = dict(Counter(held.gone) + Counter({_name(Call): rows}))
        held.save(update_fields=["months", "gone"])


@transaction.atomic
def _note_stays(one: RetentionRun, month: date, rows: int) -> None:
    held = RetentionRun.objects.select_for_update().get(pk=one.pk)
    held.months = [known for known in held.months if known != f"{month:%Y-%m}"]
    held.gone = dict(Counter(held.gone) - Counter({_name(Call): rows}))
    held.save(update_fields=["months", "gone"])
    one.gone = held.gone


def _empty(
    job: Job, one: RetentionRun, calls: QuerySet[Call], until: float | None, *, with_calls: bool
) -> None:
    """Remove what goes with calls, and (`with_calls`) the calls."""
    after: UUID | None = None
    while True:
        rows = calls.order_by("pk") if after is None else calls.filter(pk__gt=after).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        database.retried(_remove, one, ids, with_calls)
        after = ids[-1]
        jobs.beat(job, job.done + len(ids), until=until)


@transaction.atomic
def _remove(one: RetentionRun, ids: list[UUID], with_calls: bool) -> None:
    # Who is just doing something about one of them is waited for.
    list(Call._default_manager.select_for_update().filter(pk__in=ids).values_list("pk", flat=True))
    calls_taken_back.send(sender=None, calls=[str(pk) for pk in ids])
    gone = _let_go(Call, list(ids))
    texts = [str(pk) for pk in ids]
    ImportChange.objects.filter(row__in=texts, relation=_name(Call)).delete()
    if with_calls:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM ccm_call WHERE id = ANY(%s::uuid[])", [texts])
            gone[_name(Call)] += cursor.rowcount
    _note(one, dict(gone))


def _sweep(one: RetentionRun, site: Site, moment: datetime) -> None:
    """What somebody wrote of a call in the moment that it went: nothing refers to one that is not
    there."""
    there = Call._default_manager.filter(pk=OuterRef("call"))
    lost = CallNote.objects.filter(site=site, call_id__lt=id_floor(moment + parts.BIRTH)).filter(
        ~Exists(there)
    )
    if count := lost.delete()[0]:
        with transaction.atomic():
            _note(one, {_name(CallNote): count})
