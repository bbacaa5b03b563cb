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
from kpis.passports import contents
from kpis.passports.passport import unit_words
from kpis.reads import anew
from kpis.report import Question
from kpis.reports import across, reach
from kpis.reports.across import Across


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
    days = dict.fromkeys((question.first.isoformat(), question.last.isoformat()))
    context = {
        "name": made.figure.kpi.name,
        "made": made,
        "beside": contents.beside(made.others),
        "with_it": contents.with_it(made.with_it),
        "facts": _facts(question, made),
        "days": " – ".join(days),
        "sites": ", ".join(site.name for site in question.sites),
    }
    partial = "HX-Request" in request.headers
    template = "_partials/passport_sites.html" if partial else "kpis/passport_sites.html"
    return render(request, template, context)


def _facts(question: Question, made: Across) -> dict[str, object]:
    """What a passport says of a figure, but for its calls: those are of one site. It is whole up to
    where the record that ends first does."""
    one = made.figure
    if {"repeats", "matters"} & {*one.variant.needs}:
        until = anew.whole_until(question.sites)
    else:
        until = {site: record.newest_at for site, record in question.records.items()}
    ends = [(until[site.pk], site.zone) for site in question.sites if site.pk in until]
    as_of, zone = min(ends, default=(None, question.tz.key))
    return contents.facts(one, unit_words(question, one), made.interval) | {
        "left_out": [{"words": note.words, "n": note.n} for note in one.left_out],
        "as_of": as_of,
        "zone": zone,
        "now": timezone.now(),
    }
