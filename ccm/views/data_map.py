"""What is held of people, table by table."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm.navigation import may_open
from ccm.personal import data_map

CALLERS, STAFF = "callers", "staff"
LONGEST = 80


@login_required
@require_safe
def data_map_page(request: HttpRequest) -> HttpResponse:
    """Every table, of whom it tells and for how long it is kept. For admins."""
    if not may_open("data_map", request.user):
        raise Http404
    entries = list(data_map.entries())
    asked = " ".join(request.GET.get("q", "")[:LONGEST].split())
    whom = request.GET.get("whom", "")
    found = [one for one in entries if one.whom and one.has(asked) and _is_of(one, whom)]
    words = {
        # An app's tables are together, so that its place is its address on the page.
        "groups": [(app, list(tables)) for app, tables in groupby(found, key=lambda one: one.app)],
        "nobodys": [one for one in entries if not one.whom and one.has(asked) and not whom],
        "asked": asked,
        "whom": whom,
        "choices": [("", _("All")), (CALLERS, _("Callers")), (STAFF, _("People who work here"))],
        "count": len(found),
    }
    return render(request, "ccm/data_map.html", words)


def _is_of(one: data_map.Entry, whom: str) -> bool:
    """Whether a table tells of those; anything else is everybody."""
    of = {CALLERS: one.is_of_callers, STAFF: one.is_of_staff}
    return of.get(whom, True)
