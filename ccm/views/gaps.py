"""What the record of some days, or a log that was imported, seems to lack."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm import days_asked, filters
from ccm.imports import gaps, lacking
from ccm.intervals import Span, day_of, site_days
from ccm.models import ImportBatch, Site
from ccm.navigation import may_open

THRESHOLDS = {
    "usual": int(gaps.EXPECTED),
    "call_hours": int(gaps.LONGEST_CALL.total_seconds() // 3600),
    "session_hours": int(gaps.LACKS_LOGOUT_AFTER.total_seconds() // 3600),
}


@login_required
@require_safe
def gaps_page(request: HttpRequest) -> HttpResponse:
    """A site's days, all sources together."""
    if not may_open("gaps", request.user):
        raise Http404
    own = Site.objects.managed_by(request.user)
    shown = filters.read(request, timezone.now(), default="7d", sites=own)
    if shown is None:
        return render(request, "ccm/gaps.html", THRESHOLDS)
    bar = replace(shown, all_queues=[], queue=None).bar()
    if bar.sites and not request.GET.get("site"):
        unsaid = replace(bar, site="", sites=[("", _("choose a site")), *bar.sites])
        return render(request, "ccm/gaps.html", THRESHOLDS | {"filters": unsaid})
    if shown.problem:
        # Of days that nobody asked for nothing is told, and nothing is shown instead.
        told = {"filters": replace(bar, error=shown.problem), "problem": shown.problem}
        return render(request, "ccm/gaps.html", THRESHOLDS | told)
    return _page(request, shown.site, shown.span, {"filters": bar})


@login_required
@require_safe
def import_gaps(request: HttpRequest, pk: int) -> HttpResponse:
    """The days that an import tells of: silences of its source, its own calls and sessions."""
    found = ImportBatch.objects.visible_to(request.user).select_related("site")
    batch = get_object_or_404(found, pk=pk)
    words: dict[str, Any] = {"batch": batch, "back": reverse("import", args=[batch.pk])}
    if batch.first_at is None or batch.last_at is None:
        return render(request, "ccm/gaps.html", THRESHOLDS | words)
    first, last = (
        day_of(moment, batch.site.calendar) for moment in (batch.first_at, batch.last_at)
    )
    words["last_only"] = last - first >= days_asked.LONGEST
    first = max(first, last - days_asked.LONGEST + timedelta(days=1))
    span = site_days(first, last, batch.site.calendar)
    return _page(request, batch.site, span, words | {"first": first, "last": last}, batch)


def _page(
    request: HttpRequest,
    site: Site,
    span: Span,
    words: dict[str, Any],
    batch: ImportBatch | None = None,
) -> HttpResponse:
    found = lacking.of_days(site, span, batch.source if batch else "", batch)
    more = found.endless_count - len(found.endless)
    sessions = found.sessions[: lacking.SHOWN]
    return render(
        request,
        "ccm/gaps.html",
        THRESHOLDS
        | {
            "site": site,
            "found": found,
            "more_calls": more,
            "sessions": sessions,
            "more_sessions": len(found.sessions) - len(sessions),
        }
        | words,
    )
