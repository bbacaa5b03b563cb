"""What is held of people, table by table."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ccm.navigation import may_open
from ccm.personal import data_map


@login_required
@require_safe
def data_map_page(request: HttpRequest) -> HttpResponse:
    """Every table, of whom it tells and for how long it is kept. For admins."""
    if not may_open("data_map", request.user):
        raise Http404
    entries = list(data_map.entries())
    peoples = [one for one in entries if one.whom]
    words = {
        "header": data_map.HEADER,
        "groups": [
            (app, [list(zip(data_map.HEADER, one.cells(), strict=True)) for one in tables])
            for app, tables in groupby(peoples, key=lambda one: one.app)
        ],
        "nobodys": [one.table for one in entries if not one.whom],
    }
    return render(request, "ccm/data_map.html", words)
