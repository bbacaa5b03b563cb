"""Webhooks, and what was sent or is on its way."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ccm import tables
from ccm.models import Delivery, Webhook
from ccm.navigation import may_open
from ccm.outgoing import outbox, services
from ccm.outgoing.forms import WebhookForm
from ccm.outgoing.tables import WEBHOOK_HEADER, DeliveryTable, WebhookTable, webhook_cells
from ccm.views.lists import Listing, signed_in


def _keep(request: HttpRequest, row: Webhook, _said: Mapping[str, Any]) -> None:
    made = row.pk is None
    services.keep(row, signed_in(request), timezone.now())
    if made:
        words = _("Messages are signed with %(secret)s: note it now, it is shown once.")
        messages.info(request, words % {"secret": row.secret})


def _forget(request: HttpRequest, row: Webhook) -> bool:
    services.remove(row, signed_in(request), timezone.now())
    return True


WEBHOOKS = Listing(
    slug="webhook",
    place="webhooks",
    words=gettext_lazy("Webhooks"),
    new_words=gettext_lazy("New webhook"),
    model=Webhook,
    table=WebhookTable,
    header=WEBHOOK_HEADER,
    cells=webhook_cells,
    form=WebhookForm,
    keep=_keep,
    forget=_forget,
    links=(("api_docs", gettext_lazy("The API, described")),),
    along=(gettext_lazy("Its messages go, also those on their way."),),
)


@login_required
@require_safe
def deliveries_page(request: HttpRequest) -> HttpResponse:
    """What was sent, what waits, and what was given up."""
    _admin(request)
    state = request.GET.get("state", "")
    rows = Delivery.objects.select_related("webhook")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    table = DeliveryTable(rows)
    table.empty_text = _("Nothing was sent yet")
    tables.arrange(table, request.GET)
    choices = [("", _("All")), *Delivery.State.choices]
    unsent = outbox.unsent(request.user)
    words = {"table": table, "state": state, "choices": choices, "unsent": unsent}
    return render(request, "ccm/deliveries.html", words)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delivery_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One message as it goes out; sending it again."""
    _admin(request)
    one = get_object_or_404(Delivery.objects.select_related("webhook", "site"), pk=pk)
    if request.method == "POST":
        outbox.try_again(one, timezone.now())
        messages.info(request, _("It is tried again."))
        return redirect("delivery", pk)
    return render(request, "ccm/delivery.html", {"one": one, "files": one.attachments.all()})


def _admin(request: HttpRequest) -> None:
    """Raises Http404 for anybody but an admin: messages hold names and addresses of any site."""
    if not may_open("deliveries", request.user):
        raise Http404
