"""A customer, by the number they called from: found, taken along as a file, erased.

What is theirs goes from their calls: the hash that tells them again, the masked number, recordings'
and transcripts' links, what else the source told, comments, notes, transcripts. The calls stay as
calls of somebody: one random word stands for the hash on all of them, so who came again is counted
as before and nobody can be told by it. Then every text of every table is looked through for the
number.
"""

import csv
import io
import secrets
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import addresses, audit, exports, jobs, work
from ccm.callers import caller_hash, caller_masked, erased_hash
from ccm.contact import reads as contact
from ccm.digits import plainly
from ccm.erasure import numbers, traces
from ccm.models import (
    Call,
    DoNotCall,
    ErasedCaller,
    Erasure,
    ImportChange,
    ImportPiece,
    Job,
    User,
)

KIND = "erasure"
BATCH = 500
# So long a number is kept, enciphered, for somebody to say that it is to be erased.
SEALED = timedelta(days=3)
_CALL = {
    "caller_masked": "", "recording": "", "transcript": "", "extra": None,
}  # fmt: skip


Texts = Iterator[tuple[type[Model], list[str]]]


class Refused(ValueError):
    """It cannot be done; the words say why."""


@transaction.atomic
def look_for(number: str, why: str, user: User, now: datetime) -> Erasure:
    """Have what is held of a customer looked for. Raises Refused for what is no number."""
    if not numbers.digits_of(number):
        raise Refused(
            _("This is no telephone number of %(fewest)d digits or more.")
            % {"fewest": numbers.FEWEST}
        )
    job = Job.objects.create(kind=KIND, created_by=user)
    one = Erasure.objects.create(
        kind=Erasure.Kind.CUSTOMER, sealed=addresses.seal(plainly(number)), why=why,
        asked_by=user, asked_at=now, job=job,
    )  # fmt: skip
    audit.record(user, one, before=None, after={"kind": one.kind}, now=now, why=why)
    job_id = job.pk
    transaction.on_commit(lambda: queue(job_id))
    return one


@transaction.atomic
def erase(one: Erasure, user: User, now: datetime) -> None:
    """Have what was found erased. Raises Refused where that is not possible (any more)."""
    held = Erasure.objects.select_for_update().get(pk=one.pk)
    if not may_erase(held):
        raise Refused(_("It is not to be erased now: look for it again."))
    before, held.state = held.state, Erasure.State.ERASING
    held.job = Job.objects.create(kind=KIND, created_by=user)
    held.save(update_fields=["state", "job"])
    audit.record(
        user, held, before={"state": before}, after={"state": "erasing"}, now=now, why=held.why
    )
    job_id = held.job.pk
    transaction.on_commit(lambda: queue(job_id))


def may_erase(one: Erasure) -> bool:
    """Whether it was found and nobody has begun, or whose work failed."""
    failed = one.state == Erasure.State.ERASING and one.job is not None and one.job.finished
    return one.state == Erasure.State.FOUND or failed


@transaction.atomic
def leave(one: Erasure, user: User, now: datetime) -> None:
    """Leave it as it is, and forget whom it was about."""
    held = Erasure.objects.select_for_update().get(pk=one.pk)
    if held.state not in (Erasure.State.LOOKING, Erasure.State.FOUND):
        raise Refused(_("It is being erased, or is over."))
    audit.record(user, held, before={"state": held.state}, after={"state": "left"}, now=now)
    held.state, held.sealed, held.stand_in, held.done_at = Erasure.State.LEFT, "", "", now
    held.save(update_fields=["state", "sealed", "stand_in", "done_at"])


def forget(now: datetime) -> None:
    """Forget whom somebody looked for and did not erase, or whose work failed and was not begun
    again. Safe to run twice."""
    nobody_at_it = Q(state__in=(Erasure.State.LOOKING, Erasure.State.FOUND)) | Q(
        Q(job=None) | Q(job__finished_at__isnull=False), state=Erasure.State.ERASING
    )
    Erasure.objects.filter(nobody_at_it, asked_at__lt=now - SEALED).update(
        state=Erasure.State.LEFT, sealed="", stand_in="", done_at=now
    )


def queue(job_id: int) -> None:
    from ccm.tasks import run_erasure

    work.send(run_erasure, job_id)


def find(job: Job, one: Erasure) -> None:
    """Count what there is of them."""
    number = addresses.unseal(one.sealed)
    found: Counter[str] = Counter()
    ids = calls_of(number)
    found[_name(Call)] += len(ids)
    for trace in traces.of_calls():
        for some in _batches(ids):
            found[_name(trace.model)] += _rows(trace, some).count()
    for model, _names, pks in _holding(number, job):
        counted = _by_call(model, caller_hash(number)).filter(pk__in=pks)
        found[_name(model)] += len(pks) - counted.count()
    is_found(one, found, _names_with(number))


def is_found(one: Erasure, found: Counter[str], words: str = "") -> None:
    """Say what was found, unless somebody has left it meanwhile."""
    one.found = {name: n for name, n in sorted(found.items()) if n}
    one.state, one.words = Erasure.State.FOUND, words[:300]
    Erasure.objects.filter(pk=one.pk, state=Erasure.State.LOOKING).update(
        found=one.found, state=one.state, words=one.words
    )


def _names_with(number: str) -> str:
    """Where the number is a name that rows are known by: told of, and left."""
    named = sorted(model._meta.db_table for model, *_more in _holding(number, of=traces.identities))
    if not named:
        return ""
    return _("It is a name, login or reference in %(tables)s too: change these by hand.") % {
        "tables": ", ".join(named)
    }


def do(job: Job, one: Erasure) -> None:
    """Erase them, in batches that are each whole; done again it finds what is left."""
    number = addresses.unseal(one.sealed)
    if ImportPiece.objects.exists():
        raise jobs.Refused(
            _("Files of imports wait to be read and may tell of them: finish or remove these.")
        )
    before = timezone.now()
    with transaction.atomic():
        row, _made = ErasedCaller.objects.get_or_create(
            hash=erased_hash(number), defaults={"before": before}
        )
        row.before = max(row.before, before)
        row.save(update_fields=["before"])
    if not one.stand_in:
        # Cut off or begun again it is the same word: one caller stays one.
        one.stand_in = secrets.token_hex(16)
        one.save(update_fields=["stand_in"])
    _keep_listed(number, one.stand_in)
    ids = calls_of(number)
    for some in _batches(ids):
        _erase_calls(one, some, one.stand_in)
        jobs.beat(job, job.done + len(some))
    for model, names, pks in _holding(number, job):
        _hide(one, model, names, pks, number)
    left = calls_of(number)
    if left:
        raise jobs.Refused(_("Calls came in meanwhile: erase once more."))
    empty_caches()
    with transaction.atomic():
        held = Erasure.objects.select_for_update().get(pk=one.pk)
        is_done(held)


def _keep_listed(number: str, stand_in: str) -> None:
    """Who stands on the do-not-call list stands there by the word of their calls, too: a call back
    that they asked for once is not made. Nothing of the entry goes along that would tell whose word
    it is. Safe to run twice."""
    listed = DoNotCall.objects.filter(
        contact.holds(timezone.now()), caller_hash=caller_hash(number)
    )
    for site in set(listed.values_list("site", flat=True)):
        DoNotCall.objects.get_or_create(
            site_id=site, caller_hash=stand_in, defaults={"caller_masked": caller_masked("")}
        )


def is_done(held: Erasure) -> None:
    held.state, held.sealed, held.stand_in = Erasure.State.DONE, "", ""
    held.done_at = timezone.now()
    held.save(update_fields=["state", "sealed", "stand_in", "done_at"])


def calls_of(number: str) -> list[UUID]:
    """The calls of a customer, whatever site's. Looks through all months."""
    rows = Call._default_manager.filter(caller_hash=caller_hash(number))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _by_call(model: type[Model], caller: str) -> QuerySet[Any]:
    """Rows that are emptied or removed because they are of a caller's calls."""
    field = next((one.field for one in traces.of_calls() if one.model is model), "")
    if model is not Call and not field:
        return model._default_manager.none()
    return model._default_manager.filter(
        **{f"{field}__caller_hash" if field else "caller_hash": caller}
    )


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    for at in range(0, len(ids), BATCH):
        yield ids[at : at + BATCH]


def _rows(trace: traces.Trace, ids: list[UUID]) -> Any:
    return trace.model._default_manager.filter(**{f"{trace.field}__in": ids})


def _name(model: type[Model]) -> str:
    return model._meta.db_table


@transaction.atomic
def _erase_calls(one: Erasure, ids: list[UUID], stand_in: str) -> None:
    gone: Counter[str] = Counter()
    for trace in traces.of_calls():
        rows = _rows(trace, ids)
        if trace.clear is None:
            gone[_name(trace.model)] += rows.delete()[1].get(trace.model._meta.label, 0)
        else:
            gone[_name(trace.model)] += _cleared(rows, trace.clear)
            _in_journal(trace.model, [str(pk) for pk in rows.values_list("pk", flat=True)], trace)
    gone[_name(Call)] += Call._default_manager.filter(pk__in=ids).update(
        caller_hash=stand_in, **_CALL
    )
    for change in ImportChange.objects.filter(
        relation=_name(Call), row__in=[str(pk) for pk in ids], before__isnull=False
    ):
        change.before = {**(change.before or {}), **_CALL, "caller_hash": stand_in}
        change.save(update_fields=["before"])
    note(one, gone)


def _cleared(rows: Any, clear: traces.Clear) -> int:
    plain = {name: value for name, value in clear.items() if not callable(value)}
    made = {name: value for name, value in clear.items() if callable(value)}
    for row in rows if made else ():
        for name, value in made.items():
            setattr(row, name, value(getattr(row, name)))
        row.save(update_fields=[*made])
    return int(rows.update(**plain)) if plain else len(rows)


def _in_journal(model: type[Model], rows: list[str], trace: traces.Trace) -> None:
    plain = {
        name: value
        for name, value in (trace.clear or {}).items()
        if not callable(value) and not hasattr(value, "resolve_expression")
    }
    for change in ImportChange.objects.filter(
        relation=_name(model), row__in=rows, before__isnull=False
    ):
        change.before = {**(change.before or {}), **plain}
        change.save(update_fields=["before"])


def note(one: Erasure, more: Counter[str]) -> None:
    held = Erasure.objects.select_for_update().get(pk=one.pk)
    held.gone = {name: n for name, n in (Counter(held.gone) + more).items() if n}
    held.save(update_fields=["gone"])
    one.gone = held.gone


def _holding(
    number: str, job: Job | None = None, of: Callable[[], Texts] = traces.texts
) -> Iterator[tuple[type[Model], list[str], list[Any]]]:
    """Rows whose texts have the number, by table: the columns looked through, and their keys."""
    digits = numbers.digits_of(number)
    found = numbers.pattern(digits)
    for model, names in of():
        pks = [pk for pk in _candidates(model, names, digits) if _has(model, names, pk, found)]
        if job is not None:
            jobs.stop_if_asked(job)
        if pks:
            yield model, names, pks


def column_of(model: type[Model], name: str) -> str:
    """The column of a field."""
    column: str = getattr(model._meta.get_field(name), "column")  # noqa: B009  of relations, too
    return column


def _candidates(model: type[Model], names: list[str], digits: str) -> list[Any]:
    meta = model._meta
    columns = " || ' ' || ".join(
        f"COALESCE({connection.ops.quote_name(column_of(model, name))}::text, '')" for name in names
    )
    assert meta.pk is not None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {connection.ops.quote_name(column_of(model, meta.pk.name))}"
            f" FROM {connection.ops.quote_name(meta.db_table)}"
            f" WHERE regexp_replace({columns}, '\\D', '', 'g') LIKE %s",
            [f"%{digits}%"],
        )
        return [row[0] for row in cursor.fetchall()]


def _has(model: type[Model], names: list[str], pk: Any, found: Any) -> bool:
    row = model._default_manager.filter(pk=pk).values_list(*names).first()
    return row is not None and any(numbers.holds(value, found) for value in row)


def _hide(one: Erasure, model: type[Model], names: list[str], pks: list[Any], number: str) -> None:
    found = numbers.pattern(numbers.digits_of(number))
    for pk in pks:
        with transaction.atomic():
            row = model._default_manager.select_for_update(of=("self",)).filter(pk=pk).first()
            if row is None:
                continue
            changed = {
                name: numbers.hidden(value, found)
                for name in names
                if numbers.holds(value := getattr(row, name), found)
            }
            if changed:
                model._default_manager.filter(pk=pk).update(**changed)
                if not _by_call(model, one.stand_in).filter(pk=pk).exists():
                    note(one, Counter({_name(model): 1}))


def empty_caches() -> None:
    """Forget what Redis keeps of answers that pages have read: they tell of people by name."""
    prefix = cache.make_key("")
    client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    for key in client.scan_iter(match=f"{prefix}*"):
        client.delete(key)


# The file


def write(one: Erasure, file: IO[bytes]) -> None:
    """All that is held of a customer who was found, as a ZIP of CSV files, a table each."""
    number = addresses.unseal(one.sealed)
    ids = calls_of(number)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        _add(packed, Call, Call._default_manager.filter(pk__in=ids))
        for trace in traces.of_calls():
            _add(packed, trace.model, _rows(trace, ids))
        for model, _names, pks in _holding(number):
            _add(packed, model, model._default_manager.filter(pk__in=pks), "texts_")


# Of whoever took the call, or of the machine: not the customer's.
_NOT_THEIRS = frozenset(
    {"agent", "agent_name", "author", "batch", "created_by", "made_by", "hash", "sealed", "noted",
     "site", "digest", "key", "revision"}
)  # fmt: skip


def _add(packed: zipfile.ZipFile, model: type[Model], rows: Any, prefix: str = "") -> None:
    fields = [
        one
        for one in model._meta.concrete_fields
        if one.name not in _NOT_THEIRS and one.related_model is not User
    ]
    told = list(rows.values_list(*(one.attname for one in fields)))
    if not told:
        return
    with packed.open(f"{prefix}{_name(model)}.csv", "w", force_zip64=True) as entry:
        text = io.TextIOWrapper(entry, encoding="utf-8-sig", newline="")
        writer = csv.writer(text)
        writer.writerow([exports.cell(one.name) for one in fields])
        writer.writerows([exports.cell(value) for value in row] for row in told)
        text.flush()
        text.detach()
