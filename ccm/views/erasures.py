"""Erasing a customer or an agent who left: looked for, shown, taken along, erased."""

import tempfile
from collections.abc import Mapping

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import addresses, exported
from ccm.erasure import agents, customers
from ccm.erasure.forms import AgentForm, CustomerForm
from ccm.models import Erasure
from ccm.navigation import may_open
from ccm.personal import reads
from ccm.views.lists import signed_in

SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erasures_page(request: HttpRequest) -> HttpResponse:
    """Who was looked for lately, and the forms that look for somebody. For admins."""
    _admin(request)
    of_agent = request.method == "POST" and "agent" in request.POST
    customer = CustomerForm(None if of_agent else request.POST or None)
    agent = AgentForm(request.POST if of_agent else None)
    form = agent if of_agent else customer
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, timezone.now()
        try:
            if of_agent:
                one = agents.look_for(said["agent"], said["why"], signed_in(request), now)
            else:
                one = customers.look_for(said["number"], said["why"], signed_in(request), now)
        except customers.Refused as refusal:
            form.add_error("agent" if of_agent else "number", str(refusal))
        else:
            return redirect("erasure", pk=one.pk)
    words = {
        "forms": [
            (_("A customer"), customer, "customer"), (_("An agent who left"), agent, "agent"),
        ],
        "erasures": Erasure.objects.select_related("agent", "asked_by")[:SHOWN],
    }  # fmt: skip
    return render(request, "ccm/erasures.html", words)


@login_required
@require_safe
def erasure_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found of somebody, or went."""
    _admin(request)
    one = get_object_or_404(Erasure.objects.select_related("agent", "asked_by", "job"), pk=pk)
    waits = one.state in (Erasure.State.LOOKING, Erasure.State.ERASING)
    goes_on = waits and one.job is not None and not one.job.finished
    counts = one.gone if one.state == Erasure.State.DONE or one.gone else one.found
    words = {
        "one": one,
        "rows": _told(counts),
        "may_erase": customers.may_erase(one),
        "at_it": one.job if goes_on else None,
    }
    return render(request, "ccm/erasure.html", words)


def _told(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Rows by table: what a row is, the table's name, and how many."""
    named = {one._meta.db_table: str(one._meta.verbose_name) for one in apps.get_models()}
    return [(capfirst(named.get(table, "")), table, n) for table, n in sorted(counts.items())]


@login_required
@require_POST
def erasure_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase what was found."""
    _admin(request)
    one = get_object_or_404(Erasure, pk=pk)
    try:
        customers.erase(one, signed_in(request), timezone.now())
    except customers.Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("erasure", pk=pk)


@login_required
@require_POST
def erasure_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave what was found as it is."""
    _admin(request)
    one = get_object_or_404(Erasure, pk=pk)
    try:
        customers.leave(one, signed_in(request), timezone.now())
    except customers.Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("erasure", pk=pk)


@login_required
@require_safe
def erasure_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All that is held of a customer, or what an agent who left reads of theirs, as a ZIP."""
    _admin(request)
    one = get_object_or_404(Erasure, pk=pk)
    if one.state != Erasure.State.FOUND:
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    if one.agent is not None:
        reads.write(one.agent, file)
    else:
        try:
            customers.write(one, file)
        except addresses.Unreadable:
            file.close()
            words = _("The key is gone under which the number was kept: look for it again.")
            messages.error(request, words)
            return redirect("erasure", one.pk)
    now = timezone.now()
    exported.listed(
        signed_in(request), Erasure, None, True, now, file="zip", agent=one.agent_id
    )  # fmt: skip
    file.seek(0)
    name = f"{one.kind}-{one.pk}.zip"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    answer["Cache-Control"] = "no-store"
    return answer


def _admin(request: HttpRequest) -> None:
    if not may_open("erasures", request.user):
        raise Http404
