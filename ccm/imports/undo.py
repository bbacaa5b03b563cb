"""Takes an import back whole: what it made goes, what it changed returns, the days are recounted.

A job of many short transactions. Each takes its rows and its notes (`journal`) with it, so one
that was cut off goes on where it was, and twice is once. Meanwhile nothing is imported to the
site: a new log would meet rows that are about to go.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import database, jobs, partitions, work
from ccm.dirty import mark_answers, mark_calls, mark_days, mark_gained, mark_spells
from ccm.identity import id_floor
from ccm.imports import noted
from ccm.imports.storing import journal, links, locks
from ccm.imports.storing.aged import hold_open_days
from ccm.imports.storing.cutoffs import recut
from ccm.imports.storing.target import source_name
from ccm.models import (
    Agent,
    AgentAlias,
    AgentState,
    Call,
    Cost,
    Cutoff,
    DirtyDay,
    Disposition,
    Headcount,
    ImportBatch,
    ImportChange,
    IntervalCount,
    Job,
    Leave,
    Offer,
    PaidTime,
    Queue,
    RawEvent,
    Sale,
    SurveyInvitation,
    SurveyResponse,
    Target,
    Team,
    TeamLead,
    TeamMembership,
    Topic,
    User,
)
from ccm.retention import closed
from ccm.signals import calls_taken_back, record_changed

KIND = "undo"
CHUNK = 5_000
# Whatever zone a log is in, and however long a menu or an answer took: its ids lie this near its
# calls. What does not is found all the same, by a look at every row.
NEAR = timedelta(days=10)
_OF_LISTS: tuple[type[models.Model], ...] = (
    Sale, Cost, Target, Headcount, Leave, PaidTime, TeamMembership, TeamLead,
)  # fmt: skip
_WRITTEN: tuple[type[models.Model], ...] = (
    Offer, SurveyResponse, AgentState, IntervalCount, Cutoff, Call, *_OF_LISTS, Agent, Team, Queue,
)  # fmt: skip
_MODELS = {one._meta.db_table: one for one in _WRITTEN}
_NAMES: tuple[type[models.Model], ...] = (AgentAlias, Agent, Team, Queue, Topic, Disposition)
_NAME_TRIES = 3
# No list renames a team or a queue: where one is called otherwise now, a person said so.
_KEPT: dict[str, tuple[str, ...]] = {"ccm_agent": (), "ccm_team": ("name",), "ccm_queue": ("name",)}
# What only one may have, or may be gone.
_SHARED: dict[str, tuple[str, ...]] = {
    "ccm_agent": ("employee_id", "user_id"),
    "ccm_team": (),
    "ccm_queue": (),
    "ccm_teamlead": ("supervisor_id",),
}


class Blocked(Exception):
    """The import cannot be taken back now; the words say what is in the way."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking an import back would do, in rows."""

    made: int
    changed: int
    listed: int
    others: int
    names: int
    of_list: bool
    """Whether it tells of people, queues, money or aims: not all of it goes with the names."""
    blockers: list[ImportBatch]
    """Imports that changed its rows since, newest first: they go before it."""


def preview(batch: ImportBatch) -> Preview:
    """What would go and what would return. `listed` are rows that a list made, `others` changed
    rows that are no calls."""
    noted = ImportChange.objects.filter(batch=batch)
    changed = noted.filter(before__isnull=False)
    calls = changed.filter(relation=Call._meta.db_table).count()
    return Preview(
        made=batch.days.aggregate(made=Sum("made"))["made"] or 0,
        changed=calls,
        listed=sum(one._default_manager.filter(batch=batch).count() for one in _OF_LISTS),
        others=changed.count() - calls,
        names=noted.filter(before__isnull=True).exclude(relation=AgentAlias._meta.db_table).count(),
        of_list=_is_list(batch),
        blockers=blockers(batch),
    )


def _is_list(batch: ImportBatch) -> bool:
    return noted.rows_of(batch) is not None


def blockers(batch: ImportBatch) -> list[ImportBatch]:
    """The imports that changed rows which this one made, or changed before them; newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.batch_id FROM ccm_importchange j"
            " WHERE j.owner = %(batch)s AND j.batch_id <> %(batch)s"
            " UNION SELECT j.batch_id FROM ccm_importchange m"
            " JOIN ccm_importchange j ON j.row = m.row AND j.relation = m.relation AND j.id > m.id"
            " WHERE m.batch_id = %(batch)s AND j.batch_id <> %(batch)s"
            "   AND m.before IS NOT NULL AND j.before IS NOT NULL",
            {"batch": batch.pk},
        )
        found = [row[0] for row in cursor.fetchall()]
    return list(ImportBatch.objects.filter(pk__in=found).order_by("-pk"))


def possible(batch: ImportBatch) -> bool:
    """Whether there is anything to take back that nobody takes back already."""
    return (
        batch.job.finished
        and not batch.dry_run
        and batch.undone_at is None
        and (batch.undo is None or batch.undo.finished)
        and _kept_any(batch)
    )


def _kept_any(batch: ImportBatch) -> bool:
    """Whether an import left anything: rows, changes, names, what ends spells that are open, or
    lines that no rule knows."""
    return (
        batch.stored > 0
        or batch.updated > 0
        or batch.changes.exists()
        or Cutoff.objects.filter(batch=batch).exists()
        or RawEvent.objects.filter(batch=batch).exists()
    )


def start(batch: ImportBatch, user: User | None = None) -> Job:
    """Queue the taking back of an import.

    Raises Blocked where that is not possible, where a later import changed its rows, and while
    another import or taking back is going on at its site, or calls are moved to other names.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            locks.wait_briefly(cursor)
            # Before the sources: a post has this first, too.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_of(batch.site_id)]
            )
            _hold_sources(cursor, batch)
            # Who moves calls to other names looks for those who take an import back, as this
            # looks for them: with the same lock neither can miss the other.
            locks.have_names_alone(cursor)
            return _start(batch, user)
    except OperationalError as held:
        if not locks.waited_in_vain(held):
            raise
        raise Blocked(_("Calls are being written just now: try again in a minute.")) from held


def _start(batch: ImportBatch, user: User | None) -> Job:
    batch = (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("job", "undo")
        .get(pk=batch.pk)
    )
    if not possible(batch):
        raise Blocked(_("There is nothing to take back, or it is being taken back already."))
    # Whoever closes days looks for those who take an import back under the same lock.
    hold_open_days(batch.site)
    if words := closed.in_the_way(batch):
        raise Blocked(words)
    if later := blockers(batch):
        raise Blocked(
            _("Import %(later)d changed its rows since: take that one back before it.")
            % {"later": later[0].pk}
        )
    # A draft is one that nobody has begun.
    over = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED, Job.State.DRAFT)
    at_site = ImportBatch.objects.filter(site=batch.site_id, dry_run=False).exclude(pk=batch.pk)
    busy = at_site.exclude(job__state__in=over) | at_site.filter(undo__isnull=False).exclude(
        undo__state__in=over
    )
    if (other := busy.first()) is not None:
        raise Blocked(
            _("Import %(other)d of this site is still being worked on: wait until it is done.")
            % {"other": other.pk}
        )
    # The job of `ccm.naming.services`, which stands above the imports.
    if Job.objects.filter(kind="names", state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise Blocked(_("Calls are being moved to other names: wait until that is done."))
    batch.undo = Job.objects.create(kind=KIND, created_by=user)
    batch.save(update_fields=["undo"])
    job_id = batch.undo.pk
    transaction.on_commit(lambda: _queue(job_id))
    return batch.undo


def _queue(job_id: int) -> None:
    from ccm.tasks import run_undo

    work.send(run_undo, job_id)


def none_begins(site_id: int) -> bool:
    """Whether no import of the site is being taken back; then none begins to be until the
    transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_of(site_id)]
        )
    return going_on(site_id) is None


def _of(site_id: int) -> str:
    return f"undo:{site_id}"


def going_on(site_id: int) -> ImportBatch | None:
    """The import of this site that is being taken back now."""
    return _going_on().filter(site=site_id).first()


def sites_at_it() -> QuerySet[ImportBatch, int]:
    """The sites where an import is being taken back now."""
    return _going_on().values_list("site", flat=True)


def _going_on() -> QuerySet[ImportBatch]:
    at_it = (Job.State.QUEUED, Job.State.RUNNING)
    return ImportBatch.objects.filter(undone_at=None, undo__state__in=at_it)


def run(job_id: int, seconds: float | None = None) -> bool:
    """Take an import back, or go on with it. Safe to run twice at once.

    Past `seconds` it stops after a chunk; whether there is more to do, in another turn.
    """
    until = None if seconds is None else time.monotonic() + seconds
    with jobs.running(job_id) as job:
        if job is None:
            return False
        batch = ImportBatch.objects.select_related("site").get(undo=job)
        if not job.total:
            seen = preview(batch)
            job.total = seen.made + seen.changed + seen.others
        for table in journal.KEYS:
            _take_away(batch, table, job, until)
        for table in (*journal.KEYS, *journal.NAMED):
            while count := database.retried(_put_back, batch, table):
                jobs.beat(job, job.done + count, _("Putting back what it changed"), until)
        partitions.analyze_grown()
        _forget(batch)
        job.done, job.words = job.total, _words(job.pk)
        record_changed.send(sender=None)
    return not job.finished


def _words(job_id: int) -> str:
    kept = Job.objects.get(pk=job_id).payload.get("kept", [])
    if not kept:
        return _("Taken back")
    return _("Taken back, but for a login or number that is another's or gone: %(names)s") % {
        "names": ", ".join(kept)
    }


def _take_away(batch: ImportBatch, table: str, job: Job, until: float | None) -> None:
    """Delete what the import made in a table: first near its calls, then wherever else."""
    bounds: list[tuple[str | None, str | None]] = [(None, None)]
    if journal.KEYS[table] == "uuid" and batch.first_at and batch.last_at:
        near = (str(id_floor(batch.first_at - NEAR)), str(id_floor(batch.last_at + NEAR)))
        bounds = [near, (None, None)]
    for after, last in bounds:
        if not _has_any(batch, table):
            return
        while True:
            count, after = database.retried(_delete_some, batch, table, after, last)
            if after is None:
                break
            jobs.beat(job, job.done + count, _("Removing what it made"), until)


def _has_any(batch: ImportBatch, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE batch_id = %s)", [batch.pk])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def _delete_some(
    batch: ImportBatch, table: str, after: str | None, last: str | None
) -> tuple[int, str | None]:
    """Delete the next rows of the import in the order of their keys; how many, and the last key
    looked at, which is None at the end."""
    kind = journal.KEYS[table]
    with connection.cursor() as cursor:
        _hold_sources(cursor, batch)
        cursor.execute(
            f"SELECT id::text FROM {table} WHERE batch_id = %(batch)s"
            + (f" AND id > %(after)s::{kind}" if after else "")
            + (f" AND id < %(last)s::{kind}" if last else "")
            + " ORDER BY id LIMIT %(most)s",
            {"batch": batch.pk, "after": after, "last": last, "most": CHUNK},
        )
        rows = [row[0] for row in cursor.fetchall()]
        if not rows:
            return 0, None
        if table == Call._meta.db_table:
            # Who is just doing something about one of them is waited for.
            cursor.execute(
                f"SELECT id FROM {table} WHERE id = ANY(%s::uuid[]) AND batch_id = %s FOR UPDATE",
                [rows, batch.pk],
            )
            calls_taken_back.send(sender=None, calls=[row[0] for row in cursor.fetchall()])
        _mark(cursor, batch, table, rows)
        if table == Call._meta.db_table:
            links.let_go(cursor, batch.site, rows)
            cursor.execute(
                "DELETE FROM ccm_calladdress WHERE call_id = ANY(%s::uuid[])"
                " AND EXISTS (SELECT FROM ccm_call c WHERE c.id = call_id AND c.batch_id = %s)",
                [rows, batch.pk],
            )
        with recut(cursor, batch.site, table, rows):
            cursor.execute(
                f"DELETE FROM {table} WHERE id = ANY(%s::{kind}[]) AND batch_id = %s",
                [rows, batch.pk],
            )
        return len(rows), rows[-1]


@transaction.atomic
def _put_back(batch: ImportBatch, table: str) -> int:
    """Put back the next rows that the import changed, and drop their notes; how many."""
    with connection.cursor() as cursor:
        _hold_sources(cursor, batch)
        cursor.execute(
            "SELECT j.row FROM ccm_importchange j"
            " WHERE j.batch_id = %s AND j.relation = %s AND j.before IS NOT NULL"
            " ORDER BY j.row LIMIT %s",
            [batch.pk, table, CHUNK],
        )
        rows = [row[0] for row in cursor.fetchall()]
        if not rows:
            return 0
        if table in _SHARED:
            _put_back_named(cursor, batch, table, rows)
        else:
            _put_back_written(cursor, batch, table, rows)
        cursor.execute(
            "DELETE FROM ccm_importchange j WHERE j.batch_id = %s"
            " AND j.relation = %s AND j.row = ANY(%s)",
            [batch.pk, table, rows],
        )
        return len(rows)


def _put_back_written(
    cursor: CursorWrapper, batch: ImportBatch, table: str, rows: list[str]
) -> None:
    _mark(cursor, batch, table, rows)
    # What a person has said of a call since stays as it is.
    said = (
        " || (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(to_jsonb(t))"
        "     WHERE key = 'noted' OR key = ANY(t.noted))"
        if table == Call._meta.db_table
        else ""
    )
    with recut(cursor, batch.site, table, rows):
        _restore(cursor, batch, table, rows, f"j.before{said}")
    if table in (links.SALES, links.ANSWERS):
        links.relink(cursor, batch.site, table, rows)
    _mark(cursor, batch, table, rows)


def _put_back_named(cursor: CursorWrapper, batch: ImportBatch, table: str, rows: list[str]) -> None:
    """Put back agents, teams, who leads them and queues one by one, for what one had may be
    another's by now, or gone: then it keeps what it has, and the job's payload tells of it."""
    one_by_one = [(column,) for column in _SHARED[table]]
    for row in rows:
        if _fits(cursor, batch, table, row, ()):
            continue
        any(_fits(cursor, batch, table, row, keep) for keep in (*one_by_one, _SHARED[table]))
        kept: Any = _MODELS[table]._default_manager.get(pk=row)
        job = Job.objects.get(undoes=batch)
        job.payload["kept"] = [
            *job.payload.get("kept", []),
            str(kept.team if isinstance(kept, TeamLead) else kept),
        ]
        job.save(update_fields=["payload"])


def _fits(
    cursor: CursorWrapper, batch: ImportBatch, table: str, row: str, keep: tuple[str, ...]
) -> bool:
    """Put a name back but for the columns to `keep`; whether that could be done."""
    before = "(j.before - %(keep)s::text[])"
    try:
        with transaction.atomic():
            _restore(cursor, batch, table, [row], before, keep=[*_KEPT.get(table, ()), *keep])
            # References are looked at when the transaction ends, unless asked for.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError:
        return False
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return True


def _restore(
    cursor: CursorWrapper, batch: ImportBatch, table: str, rows: list[str], before: str, **more: Any
) -> None:
    """Set rows to `before`, SQL on the row (t) and its note (j). A column that is younger than the
    note stays as it is."""
    kind = (journal.KEYS | journal.NAMED)[table]
    # Whose a row is, no change of it tells; since then it may have been let go (`journal.hold`).
    columns = ", ".join(
        field.attname
        for field in _MODELS[table]._meta.concrete_fields
        if not field.primary_key and field.attname != "batch_id"
    )
    values: dict[str, Any] = {"batch": batch.pk, "table": table, "rows": rows}
    cursor.execute(
        f"UPDATE {table} t SET ({columns}) = (SELECT {columns}"
        f"   FROM jsonb_populate_record(NULL::{table}, to_jsonb(t) || {before}))"
        " FROM ccm_importchange j WHERE j.batch_id = %(batch)s AND j.relation = %(table)s"
        f" AND j.row = t.id::text AND t.id = ANY(%(rows)s::{kind}[])",
        values | more,
    )


def _hold_sources(cursor: CursorWrapper, batch: ImportBatch) -> None:
    """Keep the writers of the import's sources away until the transaction ends."""
    formats = set(batch.files.values_list("format", flat=True)) - {""}
    sources = {source_name(form, batch.site) for form in formats} | {batch.source}
    for source in sorted(sources - {""}):
        locks.hold_source(cursor, source)


def _mark(cursor: CursorWrapper, batch: ImportBatch, table: str, rows: list[str]) -> None:
    """Mark the days that these rows of a table count on."""
    if table == Call._meta.db_table:
        mark_calls(cursor, batch.site, rows)
    elif table == SurveyResponse._meta.db_table:
        mark_answers(cursor, batch.site, rows)
    elif table == Offer._meta.db_table:
        cursor.execute(f"SELECT DISTINCT call_id FROM {table} WHERE id = ANY(%s::uuid[])", [rows])
        mark_gained(cursor, batch.site, [str(row[0]) for row in cursor.fetchall()])
    elif table == AgentState._meta.db_table:
        mark_spells(cursor, batch.site, rows)


def _forget(batch: ImportBatch) -> None:
    """Drop the names that nothing uses any more, the notes, and say that it is done.

    A recount that just counts on one of the names gets in the way for a moment; a name that is
    in use each time stays, flagged as new, and without what a list told of it.
    """
    for _try in range(_NAME_TRIES):
        with suppress(IntegrityError, models.ProtectedError), transaction.atomic():
            _drop_names(batch)
            break
    with transaction.atomic():
        _untell(batch)
        batch.changes.all().delete()
        RawEvent.objects.filter(batch=batch).delete()
        batch.undone_at = timezone.now()
        batch.save(update_fields=["undone_at"])
        noted.taken_back(batch)


def _drop_names(batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        locks.have_names_alone(cursor)
        for model in _NAMES:
            table = model._meta.db_table
            made = [
                int(row)
                for row in batch.changes.filter(relation=table).values_list("row", flat=True)
            ]
            gone = list(_unused(model, made, batch))
            if model is Queue:
                # Its marks go with it, and the site's contacts are to be counted all the same.
                days = DirtyDay.objects.filter(queue__in=gone).values_list("day", flat=True)
                mark_days(cursor, batch.site, {(None, day) for day in days})
            if model in (Agent, Queue):
                name = model._meta.model_name
                SurveyInvitation.objects.filter(**{f"{name}__in": gone}).update(**{str(name): None})
            model._default_manager.filter(pk__in=gone).delete()


def _untell(batch: ImportBatch) -> None:
    """Have names that a list made, and that stay, be as if logs alone had told of them. One that a
    person has corrected since is no longer among its notes (`journal.make_own`)."""
    if not _is_list(batch):
        return
    for table, untold in journal.UNTOLD.items():
        made = batch.changes.filter(relation=table, before__isnull=True).values_list(
            "row", flat=True
        )
        stays = _MODELS[table]._default_manager.filter(pk__in=[int(row) for row in made])
        stays.update(is_new=True, **untold)


def _unused(model: type[models.Model], made: list[int], batch: ImportBatch) -> Any:
    """Of names that the import made, those that nobody confirmed and nothing else uses. Those of
    a list were never to be confirmed: they go where nothing else uses them.

    What is only counted from the record, or marks it for counting (`derived`), is no use. Nor is a
    link that asked about a call which is gone: it stays, so that its caller rests, without names.
    """
    if not made:
        return []
    rows = model._default_manager.filter(pk__in=made)
    listed = _is_list(batch)
    if model is AgentAlias and listed:
        return rows.values_list("pk", flat=True)
    if model is AgentAlias:
        # Nobody said that it is right: neither of the guess nor of the agent it was made with.
        rows = rows.filter(models.Q(confirmed=False) | models.Q(agent__is_new=True))
        name = {"agent": OuterRef("agent"), "agent_name": OuterRef("raw_name")}
        for told in (Call, AgentState, SurveyResponse, IntervalCount):
            using = told._default_manager.filter(source=OuterRef("source"), **name)
            rows = rows.exclude(Exists(using))
        rows = rows.exclude(Exists(Offer.objects.filter(call__source=OuterRef("source"), **name)))
        return rows.values_list("pk", flat=True)
    if not listed:
        rows = rows.filter(is_new=True)
    for field in model._meta.get_fields(include_hidden=True):
        if isinstance(field, models.ForeignObjectRel) and not field.many_to_many:
            user = field.related_model
            assert isinstance(user, type)
            if not getattr(user, "derived", False):
                using = user._base_manager.filter(**{field.field.name: OuterRef("pk")})
                if user is SurveyInvitation:
                    there = Call.objects.filter(pk=OuterRef("call"))
                    using = using.filter(models.Q(call=None) | Exists(there))
                rows = rows.exclude(Exists(using))
    return rows.values_list("pk", flat=True)
