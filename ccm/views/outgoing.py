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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import tables
from ccm.database import MOST_ID
from ccm.models import Delivery, Webhook
from ccm.navigation import may_open
from ccm.outgoing import outbox, services
from ccm.outgoing.forms import SecretForm, WebhookForm
from ccm.outgoing.tables import WEBHOOK_HEADER, DeliveryTable, WebhookTable, webhook_cells
from ccm.views.lists import Listing, keeper, row_of, signed_in

_TRIES_SHOWN = 50


def _keep(request: HttpRequest, row: Webhook, _said: Mapping[str, Any]) -> None:
    made = row.pk is None
    services.keep(row, signed_in(request), timezone.now())
    if made:
        _show_once(request, row.secret)


def _show_once(request: HttpRequest, secret: str) -> None:
    words = _("Messages are signed with %(secret)s: note it now, it is shown once.")
    messages.info(request, words % {"secret": secret})


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
    links=(
        ("deliveries", gettext_lazy("What was sent")),
        ("api_docs", gettext_lazy("The API, described")),
    ),
    along=(gettext_lazy("What waits for it is given up. The log of what was sent stays."),),
    form_page="ccm/webhook_form.html",
    beside=lambda _request, row: {
        "renewing": SecretForm(),
        "is_old_good": len(row.secrets_at(timezone.now())) > 1,
    },
)


@login_required
@require_POST
def webhook_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a webhook a new secret, which is shown once."""
    user = keeper(request, WEBHOOKS)
    row = row_of(request, WEBHOOKS, pk)
    form = SecretForm(request.POST)
    if form.is_valid():
        days = form.cleaned_data["days"]
        _show_once(request, services.renew_secret(row, days, user, timezone.now()))
    else:
        messages.warning(request, _("Nothing was changed: choose how long the old one stays."))
    return redirect("webhook_edit", pk)


@login_required
@require_safe
def deliveries_page(request: HttpRequest) -> HttpResponse:
    """What was sent, what waits, and what was given up."""
    _reader(request)
    state, hook = request.GET.get("state", ""), request.GET.get("webhook", "")
    hooks = {str(one.pk): one for one in Webhook.objects.visible_to(request.user)}
    rows = Delivery.objects.visible_to(request.user).select_related("webhook")
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    if hook in hooks:
        rows = rows.filter(webhook=hooks[hook])
    table = DeliveryTable(rows)
    table.empty_text = _("Nothing was sent yet")
    tables.arrange(table, request.GET)
    words = {
        "table": table,
        "state": state,
        "choices": [("", _("All")), *Delivery.State.choices],
        "hook": hook,
        "hooks": [("", _("All")), *((pk, one.name) for pk, one in hooks.items())],
        "unsent": outbox.unsent(request.user),
    }
    return render(request, "ccm/deliveries.html", words)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delivery_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One message as it goes out, and each try to send it; sending it again."""
    _reader(request)
    if pk > MOST_ID:
        raise Http404
    rows = Delivery.objects.visible_to(request.user).select_related("webhook", "site", "repeats")
    one = get_object_or_404(rows, pk=pk)
    again = _again(request, one)
    if request.method == "POST":
        if not again:
            messages.warning(request, _("It is not sent again."))
        elif one.state == Delivery.State.SENT:
            made = outbox.repeat(one)
            messages.info(request, _("It is sent again, as a message of its own: this one."))
            return redirect("delivery", made.pk)
        else:
            outbox.try_again(one, timezone.now())
            messages.info(request, _("It is tried again."))
        return redirect("delivery", pk)
    words = {
        "one": one,
        "files": one.attachments.all(),
        "again": again,
        "attempts": one.attempts.order_by("-pk")[:_TRIES_SHOWN],
        "repeated": one.repeated.order_by("pk")[:_TRIES_SHOWN],
        "now": timezone.now(),
    }
    return render(request, "ccm/delivery.html", words)


def _again(request: HttpRequest, one: Delivery) -> str:
    """What sending it again is called for whoever asks; empty: it cannot be. Mails that were sent
    are not; a webhook is told again by who keeps it."""
    if one.way == Delivery.Way.WEBHOOK:
        hooks = Webhook.objects.managed_by(request.user).filter(pk=one.webhook_id)
        if not hooks.exists():
            return ""
        if one.state == Delivery.State.SENT:
            return _("Send again")
    return "" if one.state == Delivery.State.SENT else _("Try again now")


def _reader(request: HttpRequest) -> None:
    """Raises Http404 for who sees no message."""
    if not may_open("deliveries", request.user):
        raise Http404
