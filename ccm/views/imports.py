"""Imports: what came in and when, a form for more, and what became of every row."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from ccm import days_asked, exported, exports, filters, jobs, tables
from ccm.access import scope_of
from ccm.forms import NEW, CorrectionForm, ImportForm, most_upload_bytes, too_large, zones
from ccm.imports import choosing, rejected, run, sites, twice, undo
from ccm.imports.files import corrections
from ccm.imports.files.tables import write_workbook
from ccm.imports.formats import FORMATS
from ccm.imports.mapping import drafts, saved
from ccm.imports.records import LINES, FileRefused, Shape
from ccm.imports.zones import zone_words
from ccm.intervals import day_of
from ccm.live import sources
from ccm.models import Agent, FollowedLog, ImportBatch, ImportFile, ImportPiece, Job, Site, User
from ccm.navigation import may_open

# A job that nobody has taken for so long tells that it waits for a worker.
TAKEN_WITHIN = timedelta(seconds=5)
# So many of the days that an import told of are shown a page, at first and where all are asked for.
FIRST_DAYS, MOST_DAYS = 20, 500
# Beside its files an upload holds the other fields and the lines between them.
FORM_BYTES = 2**20


# The request's size is looked at before its body is read, and the token of a form is in the
# body: so the inner view asks for the token, not the middleware.
@csrf_exempt
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def imports_page(request: HttpRequest) -> HttpResponse:
    user = _importer(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > most_upload_bytes() + FORM_BYTES:
        return _page(request, _form(user), problem=too_large(), status=413)
    return _imports_page(request)


@csrf_protect
def _imports_page(request: HttpRequest) -> HttpResponse:
    user = _importer(request)
    if request.method != "POST":
        return _page(request, _form(user))
    form = _form(user, request.POST, request.FILES)
    if form.is_valid():
        try:
            batch = _start(form.cleaned_data, user)
        except FileRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            page = "mapping" if batch.format == choosing.MAPPED else "import"
            return _to(request, reverse(page, args=[batch.pk]))
    if "HX-Request" in request.headers:
        # The chosen files stay in the page: only the rest of the form is drawn anew.
        return render(request, "ccm/_import_form.html", _form_words(form))
    return _page(request, form)


def _importer(request: HttpRequest) -> User:
    """The reader, who may import. Raises Http404 for anybody else."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not may_open("imports", request.user):
        raise Http404
    return request.user


def _sites(user: User) -> QuerySet[Site]:
    """Sites that the user may import to: a manager's own."""
    return Site.objects.managed_by(user)


def _form(user: User, *said: Any) -> ImportForm:
    return ImportForm(*said, sites=_sites(user), may_make_site=scope_of(user).everything)


@transaction.atomic
def _start(said: dict[str, Any], user: User) -> ImportBatch:
    """Begin the import that a form asks for, and make its site first where that is new."""
    site = said["site"]
    if site == NEW:
        form = FORMATS.get(said["format"])
        site = sites.site_for(said["new_site"], said["zone"], form.zone if form else None)
    return run.start(
        [(file.name, file) for file in said["logs"]],
        form=said["format"],
        site=site,
        zone=said["zone"],
        queue=said["queue"],
        date_order=said["date_order"],
        dry_run=said["dry_run"],
        all_or_nothing=said["all_or_nothing"],
        user=user,
    )


def _form_words(form: ImportForm) -> dict[str, Any]:
    return {
        "form": form,
        "zones": zones(),
        "most_bytes": most_upload_bytes(),
        "too_large": too_large(),
    }


def _to(request: HttpRequest, url: str) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(url)
    return redirect(url)


def _page(
    request: HttpRequest, form: ImportForm, problem: str = "", status: int = 200
) -> HttpResponse:
    batches = (
        ImportBatch.objects.visible_to(request.user)
        .select_related("job__created_by", "site")
        .prefetch_related("files")
    )
    now = timezone.now()
    zones_of_sites = {site.zone for site in form.sites}
    table = tables.BatchTable(batches, zones_of_sites.pop() if len(zones_of_sites) == 1 else "")
    tables.arrange(table, request.GET)
    words = {
        **_form_words(form),
        "table": table,
        "problem": problem,
        "may_keep_layouts": scope_of(request.user).everything,
        "sources": sources.shown_to(request.user, now),
        "several_sites": len(form.sites) > 1,
        "now": now,
        **_followed(form, now),
    }
    return render(request, "ccm/imports.html", words, status=status)


def _followed(form: ImportForm, now: datetime) -> dict[str, Any]:
    """The logs that are followed for the sites one may import to, and which of them still are."""
    logs = list(FollowedLog.objects.filter(site__in=form.sites).select_related("site"))
    return {
        "followed": logs,
        "alive": {one.pk for one in logs if one.is_looked_at(now)},
    }


@login_required
@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _import_page(request, _batch(request, pk))


def _import_page(
    request: HttpRequest, batch: ImportBatch, problem: str = "", status: int = 200
) -> HttpResponse:
    """The account of an import; `problem` is why corrected rows were not taken."""
    files = list(batch.files.all())
    # Of several files the words of a refusal name the one.
    told = any(batch.job.words.startswith(f"{one.name}: ") for one in files)
    rule = request.GET.get("rule", "")
    issues = batch.issues.select_related("file")
    url = filters.address(reverse("import_issues", args=[batch.pk]), {"rule": rule})
    table = tables.IssueTable(
        issues.filter(rule=rule) if rule else issues,
        url,
        several_files=len(files) > 1,
        corrected=batch.corrects_id is not None,
    )
    rules = _rules(batch)
    found = sum(one["issues"] for one in rules if rule in ("", one["rule"]))
    tables.arrange(table, request.GET, tables.KnownPaginator, found=found)
    return render(
        request,
        "ccm/import.html",
        _statement(batch)
        | {
            "files": files,
            "rules": rules,
            "rule": rule,
            "table": table,
            "span": _span(batch),
            "zone": zone_words(batch, {one["rule"] for one in rules}),
            # A try's files are kept a while, so that it can be done without sending them again.
            "kept": batch.dry_run and ImportPiece.objects.filter(file__batch=batch).exists(),
            "twice": twice.is_asked(batch),
            "unknown": drafts.is_unexplained(batch),
            "failing": next((one.name for one in files if not (told or one.finished)), ""),
            **_rejected(batch, files),
            "correction": CorrectionForm(),
            "problem": problem,
            "may_undo": undo.possible(batch),
        }
        | _days(request, batch)
        | _new_names(batch.site),
        status=status,
    )


def _rejected(batch: ImportBatch, files: list[ImportFile]) -> dict[str, Any]:
    """The files whose rejected rows are there to be had, those of them with rows that are still
    open, and what was corrected since."""
    if not batch.rejected:
        return {"correctable": [], "open": set(), "since": rejected.Since(0, [])}
    kept = timezone.now() - batch.created_at < corrections.KEPT and batch.job.finished
    since = rejected.corrected_since(batch)
    return {
        "correctable": [one for one in files if one.shape] if kept else [],
        "open": rejected.open_files(batch, since) if kept else set(),
        "since": since,
    }


def _days(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    """What the import did to each queue's day, and what of its books is of none."""
    counted = ("stored", "updated", "duplicate")
    told = batch.days.aggregate(found=Count("pk"), **{name: Sum(name) for name in counted})
    table = tables.DayTable(batch.days.all())
    few = request.GET.get("days") != "all"
    rows = FIRST_DAYS if few else MOST_DAYS
    tables.arrange(table, request.GET, tables.KnownPaginator, rows, found=told["found"])
    hidden = few and told["found"] > FIRST_DAYS
    asked = request.GET.dict() | {"days": "all", table.prefixed_page_field: ""}
    beyond = [
        (getattr(batch, name) - (told[name] or 0), words)
        for name, words in zip(counted, (_("stored"), _("updated"), _("duplicate")), strict=True)
    ]
    beyond += [(batch.rejected, _("rejected")), (batch.ignored, _("ignored"))]
    return {
        "days": table,
        "all_days_url": filters.address("", asked) + "#days" if hidden else "",
        "beyond": [one for one in beyond if one[0]],
    }


def _span(batch: ImportBatch) -> dict[str, Any] | None:
    """The days of the calls it tells of, and where they are listed, as far as these have come: a
    clock may be fast by a day. None where it tells of none."""
    if batch.first_at is None or batch.last_at is None:
        return None
    first, last = (
        day_of(moment, batch.site.calendar) for moment in (batch.first_at, batch.last_at)
    )
    today = day_of(timezone.now(), batch.site.calendar)
    until = min(last, today)
    shown = max(min(first, until), until - days_asked.LONGEST + timedelta(days=1))
    asked = {"site": batch.site.slug, "from": shown, "to": until}
    return {"first": first, "last": last, "url": filters.address(reverse("calls"), asked)}


@login_required
@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is; asked every second. Its end loads the page with the whole account."""
    batch = _batch(request, pk)
    if batch.working is None:
        return HttpResponseClientRefresh()
    return render(request, "ccm/_import_progress.html", _statement(batch))


@login_required
@require_POST
def import_begin(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Do an import that was tried, with the files it was tried with; or, knowingly, one that was
    refused because another source has brought its calls."""
    batch = _batch(request, pk)
    if twice.is_asked(batch):
        run.go_on(batch)
    kept = ImportPiece.objects.filter(file__batch=batch).exists()
    if batch.dry_run and batch.job.state == Job.State.DONE and kept:
        assert isinstance(request.user, User)
        try:
            drafts.begin(batch, request.user)
        except (saved.NameTaken, twice.Twice):
            # Its mapping asks whether to replace the other one, or to store its calls twice.
            return HttpResponseRedirect(reverse("mapping", args=[batch.pk]))
    return HttpResponseRedirect(reverse("import", args=[batch.pk]))


@login_required
@require_POST
def import_cancel(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Ask the import to stop; what is stored until then stays stored."""
    batch = _batch(request, pk)
    if not batch.job.finished:
        jobs.ask_to_stop(batch.job)
    return HttpResponseRedirect(reverse("import", args=[batch.pk]))


@login_required
@require_safe
def import_issues(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What was wrong with the lines, to keep."""
    batch = _batch(request, pk)
    issues = batch.issues.select_related("file").order_by("file", "line", "pk")
    if rule := request.GET.get("rule", ""):
        issues = issues.filter(rule=rule)
    rows = issues[: exports.MOST_ROWS + 1].iterator(chunk_size=2000)
    _note_export(request, batch, "issues")
    return exports.download(
        f"import-{batch.pk}-issues.csv",
        tables.ISSUE_HEADER,
        (tables.issue_cells(issue) for issue in rows),
    )


@login_required
@require_safe
def import_rejected(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """The rejected rows of a file in its own shape, each with where and why: those that nobody has
    corrected yet, or, asked to, all."""
    batch = _batch(request, pk)
    kept = get_object_or_404(batch.files, pk=file)
    _note_export(request, batch, "rejected")
    shape = Shape(kept.shape or LINES.kind, kept.header, kept.delimiter)
    rows = corrections.written(rejected.rows_of(kept, corrected="all" in request.GET), shape)
    name = f"import-{batch.pk}-{kept.pk}-rejected"
    if shape.kind == "table" and kept.name.lower().endswith((".xlsx", ".xlsm")):
        return _workbook(f"{name}.xlsx", rows, shape.delimiter)
    kind = {"table": "text/csv", "json": "application/x-ndjson"}.get(shape.kind, "text/plain")
    ending = {"table": "tsv" if shape.delimiter == "\t" else "csv", "json": "jsonl"}
    return exports.kept(f"{name}.{ending.get(shape.kind, 'log')}", kind, rows)


def _note_export(request: HttpRequest, batch: ImportBatch, what: str) -> None:
    if request.method == "GET" and isinstance(request.user, User):
        exported.lines(request.user, batch, what, timezone.now())


def _workbook(name: str, rows: Iterable[str], delimiter: str) -> FileResponse:
    """Rejected rows of a workbook, as one."""
    # The response closes it, and then it is gone.
    book = TemporaryFile()  # noqa: SIM115
    write_workbook((row.removeprefix("\ufeff") for row in rows), delimiter, book)
    book.seek(0)
    return FileResponse(
        book, as_attachment=True, filename=name, headers={"Cache-Control": "no-store"}
    )


# As on the page of imports, the size is looked at before the token in the body.
@csrf_exempt
@login_required
@require_POST
def import_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Import rejected rows that were corrected: only those are tried."""
    batch = _batch(request, pk)
    if int(request.META.get("CONTENT_LENGTH") or 0) > most_upload_bytes() + FORM_BYTES:
        return _import_page(request, batch, too_large(), 413)
    return _import_correct(request, batch)


@csrf_protect
def _import_correct(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    form = CorrectionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, batch, str(form.errors["rows"][0]))
    assert request.user.is_authenticated
    rows = form.cleaned_data["rows"]
    try:
        made = run.corrected(batch, [(rows.name, rows)], request.user)
    except FileRefused as refusal:
        return _import_page(request, batch, str(refusal))
    return redirect("import", made.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking the import back would do; and, asked to, do it."""
    batch = _batch(request, pk)
    problem = ""
    if request.method == "POST":
        assert request.user.is_authenticated
        try:
            undo.start(batch, request.user)
        except undo.Blocked as reason:
            problem = str(reason)
        else:
            return redirect("import", batch.pk)
    words = {
        "batch": batch,
        "format": tables.formats_of(batch),
        "possible": undo.possible(batch),
        "seen": undo.preview(batch),
        "since": rejected.corrected_since(batch),
        "problem": problem,
    }
    return render(request, "ccm/import_undo.html", words, status=409 if problem else 200)


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    found = ImportBatch.objects.visible_to(request.user).select_related(
        "site", "job__created_by", "undo", "corrects"
    )
    return get_object_or_404(found.prefetch_related("files"), pk=pk)


def _statement(batch: ImportBatch) -> dict[str, Any]:
    """Where the import stands and where every row went."""
    job, now = batch.job, timezone.now()
    waits = ""
    if job.state == Job.State.QUEUED and now - job.created_at > TAKEN_WITHIN:
        waits = _("No worker has taken it yet. It begins as soon as one is up and free.")
    elif (
        job.state == Job.State.RUNNING
        and job.heartbeat_at is not None
        and now - job.heartbeat_at > jobs.STALE_AFTER
    ):
        waits = _("Its worker has not been heard of for a while. Another goes on with it.")
    return {
        "batch": batch,
        "job": job,
        "working": batch.working,
        "format": tables.formats_of(batch),
        "waits": waits,
        "poll_url": reverse("import_progress", args=[batch.pk]),
        "cancel_url": reverse("import_cancel", args=[batch.pk]),
        "state": tables.import_tag(batch),
        "fates": [
            ("=", batch.stored, _("stored"), _("made new records"), "none"),
            ("+", batch.updated, _("updated"), _("completed or corrected records"), "none"),
            ("+", batch.duplicate, _("duplicate"), _("were in the record already"), "none"),
            (
                "+",
                batch.rejected,
                _("rejected"),
                _("could not be read; below is why"),
                "bad" if batch.rejected else "none",
            ),
            ("+", batch.ignored, _("ignored"), _("left out by a rule that says why"), "none"),
        ],
    }


def _rules(batch: ImportBatch) -> list[dict[str, Any]]:
    """The issues by rule, those of most rows first: fate, rows, issues, first line, an example."""
    grouped = (
        batch.issues.order_by()
        .values("fate", "rule")
        .annotate(rows=Sum("count"), issues=Count("pk"), line=Min("line"), message=Min("message"))
        .order_by("-rows", "rule")
    )
    return [one | {"fate": tables.fate_words(one["fate"]), "code": one["fate"]} for one in grouped]


def _new_names(site: Site) -> dict[str, int]:
    """How many names at the site an import made that nobody has confirmed yet."""
    agents = Agent.objects.filter(site=OuterRef("pk"), is_new=True).order_by().values("site")
    counted = agents.annotate(count=Count("pk")).values("count")
    new = Count("queues", filter=Q(queues__is_new=True))
    return Site.objects.filter(pk=site.pk).aggregate(
        new_queues=new, new_agents=Coalesce(Max(Subquery(counted)), 0)
    )
