"""The lists of webhooks and of what was sent."""

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ccm.models import Delivery, Webhook
from ccm.outgoing.services import host_of
from ccm.structure.tables import ListTable
from ccm.tables import WORDS, WRAPPED, SortedColumn, SparseColumn, tag

_LEVELS = {Delivery.State.SENT: "ok", Delivery.State.FAILED: "bad"}


class WebhookTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    # The rest of an address is often a secret.
    host = tables.Column(accessor="url", verbose_name=_("Leads to"), attrs=WORDS, orderable=False)

    edit, label = "webhook_edit", _("Webhooks")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: Webhook) -> SafeString:
        return self.link(record, record.name)

    def render_host(self, value: str) -> str:
        return host_of(value)


WEBHOOK_HEADER: list[Any] = [_("Site"), _("Name"), _("Leads to")]


def webhook_cells(webhook: Webhook) -> Sequence[object]:
    return (webhook.site.name, webhook.name, host_of(webhook.url))


class DeliveryTable(ListTable):
    """Messages, the newest first. Each says when it was put out, and why it has not arrived."""

    made = SortedColumn("made_at", verbose_name=_("Put out (UTC)"), attrs=WORDS)
    way = SortedColumn("way", verbose_name=_("By"), attrs=WORDS)
    to = tables.Column(verbose_name=_("To"), attrs=WORDS, orderable=False)
    subject = SortedColumn("subject", verbose_name=_("About"), attrs=WRAPPED)
    state = SortedColumn("state", verbose_name=_("State"), attrs=WORDS)
    tries = SortedColumn("tries", verbose_name=_("Tries"))
    error = SparseColumn("error", verbose_name=_("What went wrong"), attrs=WRAPPED)

    edit, label = "delivery", _("Messages")
    empty_hint = _("Mails and webhooks of alerts and reports are listed here.")

    class Meta(ListTable.Meta):
        order_by = "-made"

    def render_made(self, record: Delivery) -> SafeString:
        return self.link(record, date_format(record.made_at, "j M Y H:i"))

    def render_way(self, record: Delivery) -> str:
        return record.get_way_display()

    def render_state(self, record: Delivery) -> SafeString:
        state = Delivery.State(record.state)
        return tag(_LEVELS.get(state, "warn" if record.tries else "none"), state.label)
