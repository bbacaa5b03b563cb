"""Imports: what came in and when, a form for more, and what became of every row."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Min, QuerySet, Sum
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from ccm import exports, filters, jobs, tables
from ccm.access import scope_of
from ccm.forms import NEW, ImportForm, most_upload_bytes, too_large, zones
from ccm.imports import drafts, run
from ccm.imports.formats import FORMATS
from ccm.imports.records import FileRefused
from ccm.intervals import day_of
from ccm.models import Agent, ImportBatch, ImportPiece, Job, Queue, Site, User
from ccm.navigation import may_open

# A job that nobody has taken for so long tells that it waits for a worker.
TAKEN_WITHIN = timedelta(seconds=5)
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
            page = "mapping" if batch.format == run.MAPPED else "import"
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
    scope = scope_of(user)
    sites = Site.objects.all()
    return sites if scope.everything else sites.filter(pk__in=scope.call_sites)


def _form(user: User, *said: Any) -> ImportForm:
    return ImportForm(*said, sites=_sites(user), may_make_site=scope_of(user).everything)


@transaction.atomic
def _start(said: dict[str, Any], user: User) -> ImportBatch:
    """Begin the import that a form asks for, and make its site first where that is new."""
    site = said["site"]
    if site == NEW:
        form = FORMATS.get(said["format"])
        site = run.site_for(said["new_site"], said["zone"], form.zone if form else None)
    return run.start(
        [(file.name, file) for file in said["logs"]],
        form=said["format"],
        site=site,
        zone=said["zone"],
        queue=said["queue"],
        date_order=said["date_order"],
        dry_run=said["dry_run"],
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
    zones_of_sites = {site.zone for site in form.sites}
    table = tables.BatchTable(batches, zones_of_sites.pop() if len(zones_of_sites) == 1 else "UTC")
    tables.arrange(table, request.GET)
    words = {**_form_words(form), "table": table, "problem": problem}
    return render(request, "ccm/imports.html", words, status=status)


@login_required
@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    files = list(batch.files.all())
    rule = request.GET.get("rule", "")
    issues = batch.issues.select_related("file")
    url = filters.address(reverse("import_issues", args=[batch.pk]), {"rule": rule})
    table = tables.IssueTable(issues.filter(rule=rule) if rule else issues, url, len(files) > 1)
    tables.arrange(table, request.GET)
    return render(
        request,
        "ccm/import.html",
        _statement(batch)
        | {
            "files": files,
            "rules": _rules(batch),
            "rule": rule,
            "table": table,
            "span": _span(batch),
            # A try's files are kept a while, so that it can be done without sending them again.
            "kept": batch.dry_run and ImportPiece.objects.filter(file__batch=batch).exists(),
            "failing": next((one.name for one in files if not one.finished), ""),
        }
        | _new_names(batch.site),
    )


def _span(batch: ImportBatch) -> dict[str, Any] | None:
    """The days of the calls it tells of, and where they are listed; None where it tells of none."""
    if batch.first_at is None or batch.last_at is None:
        return None
    first, last = (day_of(moment, batch.site.tz) for moment in (batch.first_at, batch.last_at))
    shown = max(first, last - filters.LONGEST + timedelta(days=1))
    asked = {"site": batch.site.slug, "from": shown, "to": last}
    return {"first": first, "last": last, "url": filters.address(reverse("calls"), asked)}


@login_required
@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is; asked every second. Its end loads the page with the whole account."""
    batch = _batch(request, pk)
    if batch.job.finished:
        return HttpResponseClientRefresh()
    return render(request, "ccm/_import_progress.html", _statement(batch))


@login_required
@require_POST
def import_begin(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Do an import that was tried, with the files it was tried with."""
    batch = _batch(request, pk)
    kept = ImportPiece.objects.filter(file__batch=batch).exists()
    if batch.dry_run and batch.job.state == Job.State.DONE and kept:
        assert isinstance(request.user, User)
        drafts.begin(batch, request.user)
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
    return exports.download(
        f"import-{batch.pk}-issues.csv",
        tables.ISSUE_HEADER,
        (tables.issue_cells(issue) for issue in rows),
    )


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    found = ImportBatch.objects.visible_to(request.user).select_related("site", "job__created_by")
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
        "format": tables.formats_of(batch),
        "waits": waits,
        "poll_url": reverse("import_progress", args=[batch.pk]),
        "cancel_url": reverse("import_cancel", args=[batch.pk]),
        "level": tables.JOB_LEVELS.get(Job.State(job.state), "none"),
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
    """The issues by rule, those of most rows first: fate, rows, first line, an example."""
    grouped = (
        batch.issues.order_by()
        .values("fate", "rule")
        .annotate(rows=Sum("count"), line=Min("line"), message=Min("message"))
        .order_by("-rows", "rule")
    )
    return [one | {"fate": tables.fate_words(one["fate"]), "code": one["fate"]} for one in grouped]


def _new_names(site: Site) -> dict[str, int]:
    """How many names at the site an import made that nobody has confirmed yet."""
    return {
        "new_queues": Queue.objects.filter(site=site, is_new=True).count(),
        "new_agents": Agent.objects.filter(site=site, is_new=True).count(),
    }
