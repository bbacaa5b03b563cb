"""Calls for analysts, as a file in which pseudonyms stand for people."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ccm import exported, exports, pseudonyms
from ccm.access import scope_of
from ccm.analysts_form import AnalystsForm
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def analysts_page(request: HttpRequest) -> HttpResponseBase:
    """The form; what would tell of single people; the file. For who reads every call of a site."""
    if not may_open("analysts", request.user):
        raise Http404
    scope, now = scope_of(request.user), timezone.now()
    sites = Site.objects.order_by("name")
    if not scope.everything:
        sites = sites.filter(pk__in=scope.own_call_sites)
    form = AnalystsForm(
        request.POST or None, sites=sites, today=now.date(),
        initial={"precision": "minute"},
    )  # fmt: skip
    seen = None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked = said["site"], said["first"], said["last"]
        if "file" in request.POST:
            return _file(request, form)
        seen = {
            "calls": pseudonyms.calls_of(*asked).count(),
            "most": exports.MOST_ROWS,
            "warnings": pseudonyms.warnings(*asked),
        }
    return render(request, "ccm/analysts.html", {"form": form, "seen": seen})


def _file(request: HttpRequest, form: AnalystsForm) -> HttpResponse | HttpResponseBase:
    said = form.cleaned_data
    site, first, last = said["site"], said["first"], said["last"]
    exported.calls(
        signed_in(request), site, first, last, timezone.now(), file="pseudonyms",
    )  # fmt: skip
    names = pseudonyms.Pseudonyms(said["key"])
    return exports.download(
        f"analysts-{site.slug}-{first}-{last}.csv",
        [str(words) for words in pseudonyms.HEADER],
        pseudonyms.rows(site, first, last, said["precision"], names),
    )
