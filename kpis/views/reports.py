"""Reports that people put together, and those they keep."""

import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ccm import exported, long_reads
from ccm.exports import download
from ccm.navigation import ROLE_WORDS, may_open
from ccm.tables import ROWS, arrange
from ccm.views.failures import Misread
from kpis.models import SavedReport
from kpis.reports import form, links, making, reach, services
from kpis.reports.asked import PARAMETERS, Asked
from kpis.reports.making import Made
from kpis.reports.reach import Answerable, Reach


@login_required
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """Reports of the reader's own, and those that are shared with the reader."""
    _refuse(request)
    found = SavedReport.objects.visible_to(request.user).select_related("owner")
    rows = [
        {
            "saved": one,
            "own": one.owner_id == request.user.pk,
            "roles": ", ".join(str(ROLE_WORDS[role]) for role in one.roles if role in ROLE_WORDS),
            "words": form.words_of(services.question_of(one)),
        }
        for one in found
    ]
    return render(request, "kpis/reports.html", {"rows": rows})


@login_required
@require_GET
def saved(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page of a saved report, whose address says all of it."""
    _refuse(request)
    one = get_object_or_404(SavedReport.objects.visible_to(request.user), pk=pk)
    return redirect(f"{reverse('report')}?{services.question_of(one).query}&saved={one.pk}")


FILES = ("csv", "xlsx")
WHOLE = "all"
"""Under `rows`: all of them on one page, as it is printed; `MOST_PRINTED` at most."""
MOST_PRINTED = 2_000
# What an address says beside the question: how the page shows it.
_OF_PAGE = re.compile(r"saved|export|rows|(t\d+-)?(sort|page)")


@login_required
@require_GET
def built(request: HttpRequest) -> HttpResponseBase:
    """The report that the address asks for: its form and what it says, or a file of that."""
    _refuse(request)
    now = long_reads.asked_at()
    asked = Asked.of(dict(request.GET.lists()))
    seen = reach.of(request.user)
    answerable = reach.answerable(asked, seen, now)
    made = making.make(asked, answerable)
    made.problems += _unread(request)
    export = request.GET.get("export")
    if export in FILES:
        # A file of something else than was asked for could not say so, as the page does.
        if answerable.misdated:
            raise Misread(answerable.misdated)
        if asked.misread or made.is_refused:
            raise Misread(" ".join(made.problems))
        return _file(request, made, export, now)
    return _page(request, made, asked, answerable, seen, now)


def _unread(request: HttpRequest) -> list[str]:
    """What of an address nothing here reads, in words."""
    known = {"export": ("", *FILES), "rows": ("", WHOLE)}
    unread = [
        f"{name}={value}"[:60]
        for name, value in request.GET.items()
        if value not in known.get(name, (value,))
        or not (name in PARAMETERS or _OF_PAGE.fullmatch(name))
    ]
    words = _("Not understood, so left out: %(words)s.")
    return [words % {"words": ", ".join(unread)}] if unread else []


def _refuse(request: HttpRequest) -> None:
    """404 for who sees no site's figures."""
    if not may_open("reports", request.user):
        raise Http404


def _page(
    request: HttpRequest,
    made: Made,
    asked: Asked,
    answerable: Answerable,
    seen: Reach,
    now: datetime,
) -> HttpResponse:
    question = made.question
    drawn = making.drawn(made, links.of(question))
    whole = request.GET.get("rows") == WHOLE
    for one in drawn:
        arrange(one, request.GET, Paginator, MOST_PRINTED if whole else ROWS)
    records = [one for one in map(seen.records.get, (site.pk for site in question.sites)) if one]
    newest_at = max((one.newest_at for one in records), default=None)
    kept = _saved(request)
    query = asked.query
    saved_too = f"&saved={kept.pk}" if kept else ""
    return render(
        request,
        "kpis/report.html",
        {
            "form": form.drawn(asked, seen, answerable, made.rows),
            "heading": kept.name if kept else form.title(asked, answerable),
            "saved": kept,
            "own": kept is not None and kept.owner_id == request.user.pk,
            "roles": [(role, ROLE_WORDS[role]) for role in services.SHARED_WITH],
            "hidden": [(name, one) for name, many in asked.parameters().items() for one in many],
            "tables": drawn,
            "chart": making.chart(made),
            "told": made.facts,
            "problems": made.problems,
            "notes": making.notes(made),
            "counting": answerable.counting,
            "whole": whole,
            "several_pages": any(one.page.has_other_pages() for one in drawn),
            "most_printed": f"{MOST_PRINTED:,}",
            "whole_url": f"?{query}{saved_too}&rows={WHOLE}",
            "paged_url": f"?{query}{saved_too}",
            # What no file can answer is not offered as one.
            "files": not (made.is_refused or answerable.misdated),
            "csv_url": f"?{query}&export=csv",
            "xlsx_url": f"?{query}&export=xlsx",
            "zone": question.tz.key,
            "counted_at": max((one.counted_at for one in records), default=None),
            "as_of": None if newest_at is None else min(newest_at, now),
            # A kept answer is older than it was when it was asked for.
            "now": timezone.now(),
        },
    )


def _saved(request: HttpRequest) -> SavedReport | None:
    """The saved report that the address came from, if the reader may see it."""
    word = request.GET.get("saved", "")
    if not (word.isascii() and word.isdigit() and len(word) <= 18):
        return None
    found: SavedReport | None = (
        SavedReport.objects.visible_to(request.user).filter(pk=int(word)).first()
    )
    return found


def _file(request: HttpRequest, made: Made, export: str, now: datetime) -> HttpResponseBase:
    base = request.build_absolute_uri("/").rstrip("/")
    question = made.question
    if "agent" in (question.by, question.across) or question.agents:
        assert request.user.is_authenticated
        exported.figures(request.user, question.sites, question.first, question.last, now, export)
    if export == "csv":
        header, *lines = making.lines(made, base)
        return download(f"{made.file_name}.csv", header, lines)
    return HttpResponse(
        making.workbook(made, base, now),
        content_type=making.XLSX,
        headers={
            "Content-Disposition": f'attachment; filename="{made.file_name}.xlsx"',
            "Cache-Control": "no-store",
        },
    )


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the report of the form as a new one."""
    _refuse(request)
    asked = Asked.of(_posted(request))
    user: Any = request.user
    try:
        made = services.save(
            user,
            request.POST.get("name", ""),
            asked,
            request.POST.getlist("roles"),
            now=timezone.now(),
        )
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
        return redirect(f"{reverse('report')}?{asked.query}")
    messages.info(request, _("%(name)s is kept among your reports.") % {"name": made.name})
    return redirect("report_saved", pk=made.pk)


@login_required
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, other readers or, where the form brings it, another question."""
    one = _own(request, pk)
    asked = Asked.of(_posted(request)) if "kpi" in request.POST else None
    try:
        services.change(
            one,
            request.POST.get("name", ""),
            request.POST.getlist("roles"),
            asked,
            now=timezone.now(),
        )
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
        query = (asked or services.question_of(one)).query
        return redirect(f"{reverse('report')}?{query}&saved={pk}")
    messages.info(request, _("%(name)s is changed.") % {"name": one.name})
    return redirect("report_saved", pk=pk)


@login_required
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A report that the reader may see, as one of the reader's own."""
    _refuse(request)
    one = get_object_or_404(SavedReport.objects.visible_to(request.user), pk=pk)
    user: Any = request.user
    made = services.copy(one, user, timezone.now())
    messages.info(request, _("%(name)s is among your own reports now.") % {"name": made.name})
    return redirect("report_saved", pk=made.pk)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then deletes one of the reader's own reports."""
    one = _own(request, pk)
    if request.method == "POST":
        services.remove(one, timezone.now())
        messages.info(request, _("%(name)s is deleted.") % {"name": one.name})
        return redirect("reports")
    return render(request, "kpis/report_delete.html", {"saved": one})


def _own(request: HttpRequest, pk: int) -> SavedReport:
    _refuse(request)
    one: SavedReport = get_object_or_404(SavedReport.objects.owned_by(request.user), pk=pk)
    return one


def _posted(request: HttpRequest) -> dict[str, list[str]]:
    return {name: [str(one) for one in many] for name, many in request.POST.lists()}
