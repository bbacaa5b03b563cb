"""A figure of several sites together, by site: as a page, and as the drawer that a click opens."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from ccm.days_asked import Misdated
from ccm.navigation import may_open
from ccm.views.failures import Misread
from kpis.report import Unanswerable
from kpis.reports import across, reach


@login_required
@require_GET
@vary_on_headers("HX-Request")
def passport_sites(request: HttpRequest) -> HttpResponse:
    """The figure of each site, with its passport; 404 for what is out of the reader's reach."""
    if not may_open("reports", request.user):
        raise Http404
    try:
        question = across.asked(dict(request.GET.lists()), reach.of(request.user), timezone.now())
        made = across.of(question)
    except Misdated as why:
        raise Misread(str(why)) from why
    except (LookupError, ValueError, OverflowError) as nothing:
        raise Http404 from nothing
    except Unanswerable as refusal:
        raise Http404(str(refusal)) from refusal
    days = dict.fromkeys((question.first.isoformat(), question.last.isoformat()))
    context = {
        "name": made.figure.kpi.name,
        "made": made,
        "days": " – ".join(days),
        "sites": ", ".join(site.name for site in question.sites),
    }
    partial = "HX-Request" in request.headers
    template = "_partials/passport_sites.html" if partial else "kpis/passport_sites.html"
    return render(request, template, context)
