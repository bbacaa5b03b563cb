"""The register of certificates, on the page and as a file."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import django_tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import User
from ccm.tables import WORDS, WRAPPED, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH
from coaching.models import Certificate
from qa.cells import when

LEVELS = {"near": "warn", "over": "bad", "valid": "ok", "withdrawn": "bad", "renewed": "none"}


def stand_words(stand: str) -> str:
    words = {
        "near": _("ends soon"), "over": _("expired"), "valid": _("valid"),
        "withdrawn": _("withdrawn"), "renewed": _("renewed"),
    }  # fmt: skip
    return words[stand]


class CertificateTable(django_tables2.Table):
    who = SortedColumn(
        "user", verbose_name=gettext_lazy("Who"), attrs=WRAPPED,
        fields=("user__last_name", "user__first_name", "user__username"),
    )  # fmt: skip
    teams = SortedColumn(
        "team_names", verbose_name=gettext_lazy("Team"), attrs=WORDS, empty_values=("",)
    )
    site = SortedColumn(
        "kind__site", verbose_name=gettext_lazy("Site"), attrs=WORDS, fields=("kind__site__name",)
    )
    kind = SortedColumn(
        "kind", verbose_name=gettext_lazy("Certificate"), attrs=WORDS, fields=("kind__name",)
    )
    given = SortedColumn("given_on", verbose_name=gettext_lazy("Given"), attrs=WORDS)
    until = SparseColumn(
        "expires_on", verbose_name=gettext_lazy("Valid until"), attrs=WORDS, empty_values=()
    )
    stand = SortedColumn("stand", verbose_name=gettext_lazy("State"), attrs=WORDS)
    act = django_tables2.Column(
        accessor="pk",
        verbose_name=gettext_lazy("Act"),
        orderable=False,
        attrs=WORDS,
        empty_values=(),
    )

    label = gettext_lazy("Certificates")
    empty_hint = gettext_lazy("Passing a course gives one where the course's settings say so.")
    export_url = ""

    class Meta:
        default = DASH
        order_by = ("until", "who")
        empty_text = gettext_lazy("No certificate is here")

    def __init__(self, *args: Any, kept: frozenset[int], **more: Any) -> None:
        """`kept` are the sites whose certificates the reader withdraws."""
        super().__init__(*args, **more)
        self._kept = kept

    def render_who(self, value: User) -> str:
        return str(value)

    def render_kind(self, record: Certificate) -> SafeString | str:
        name = record.kind.name
        if not record.why_withdrawn:
            return name
        return format_html('{}<span class="aside lr-words">{}</span>', name, record.why_withdrawn)

    def render_given(self, value: date) -> str:
        return date_format(value, "j M Y")

    def render_until(self, record: Certificate) -> str:
        end = record.expires_on
        return _("for good") if end is None else date_format(end, "j M Y")

    def render_stand(self, value: str) -> SafeString:
        return tag(LEVELS[value], stand_words(value))

    def render_act(self, record: Certificate) -> SafeString | str:
        if not record.is_current or record.kind.site_id not in self._kept:
            return ""
        url = reverse("certificate_withdraw", args=[record.pk])
        return format_html('<a class="link" href="{}">{}</a>', url, _("Withdraw"))


HEADER = (
    gettext_lazy("Who"), gettext_lazy("User"), gettext_lazy("Team"), gettext_lazy("Site"),
    gettext_lazy("Certificate"), gettext_lazy("Version of the course"), gettext_lazy("Given"),
    gettext_lazy("Valid until"), gettext_lazy("State"), gettext_lazy("Withdrawn"),
    gettext_lazy("Withdrawn by"), gettext_lazy("Why it is withdrawn"),
)  # fmt: skip


def lines(rows: QuerySet[Any]) -> Iterator[Sequence[object]]:
    """The end is the first day on which it holds no more; empty: it holds for good."""
    for one in rows.iterator(chunk_size=500):
        yield (
            str(one.user), one.user.username, one.team_names, one.kind.site.name, one.kind.name,
            one.version, one.given_on, one.expires_on, stand_words(one.stand),
            when(one.withdrawn_at, one.kind.site.tz),
            None if one.withdrawn_by is None else str(one.withdrawn_by), one.why_withdrawn,
        )  # fmt: skip
