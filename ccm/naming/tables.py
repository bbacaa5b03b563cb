"""The lists of names that logs brought: new ones, guesses, and all that there are."""

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ccm.models import AgentAlias
from ccm.naming.seen import MOST_COUNTED, Seen, by_calls
from ccm.naming.services import Kind
from ccm.tables import WORDS, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH, count, local_time

ACTION = {"th": {"class": "words"}, "td": {"class": "words action"}}


def calls_words(seen: Seen) -> str:
    """How many calls, as far as they were counted."""
    capped = seen.calls > MOST_COUNTED
    return f"{count(MOST_COUNTED)}+" if capped else count(seen.calls)


class NameTable(tables.Table):
    """Names of one kind. What the record knows of each (`seen`) is looked up for the rows shown."""

    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    logs = tables.Column(
        verbose_name=_("Names in logs"), accessor="pk", orderable=False, attrs=WORDS
    )
    calls = tables.Column(verbose_name=_("Calls"), accessor="pk")
    first = tables.Column(verbose_name=_("First"), accessor="pk", orderable=False, attrs=WORDS)
    last = tables.Column(verbose_name=_("Last"), accessor="pk", orderable=False, attrs=WORDS)
    source = tables.Column(verbose_name=_("Source"), accessor="pk", orderable=False, attrs=WORDS)
    batch = tables.Column(verbose_name=_("Import"), accessor="pk", orderable=False)
    confirm = tables.TemplateColumn(
        template_name="ccm/_confirm.html",
        verbose_name=_("Right?"),
        accessor="pk",
        orderable=False,
        attrs=ACTION,
    )

    class Meta:
        order_by = "name"
        default = DASH

    label = _("Names")
    export_url = ""

    def __init__(self, data: QuerySet[Any], kind: Kind, zone: str) -> None:
        """`zone` is for times of names that belong to no site."""
        super().__init__(data, exclude=() if kind.of_a_site else ("site",))
        self.kind, self.zone = kind, zone
        self.seen: Mapping[int, Seen] = {}
        self.empty_text: Any = _("No new names")
        self.empty_hint: Any = _("What an import does not know yet appears here.")

    def _of(self, record: Any) -> Seen:
        return self.seen.get(record.pk, Seen())

    def _zone(self, record: Any) -> str:
        return record.site.zone if self.kind.of_a_site else self.zone

    def order_calls(self, rows: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        return by_calls(self.kind, rows, is_descending), True

    def render_name(self, record: Any) -> SafeString:
        url = reverse("name", args=[self.kind.slug, record.pk])
        return format_html('<a href="{}">{}</a>', url, record.name)

    def render_logs(self, record: Any) -> str:
        told = dict.fromkeys(alias.raw_name for alias in record.aliases.all())
        return ", ".join(told) or DASH

    def render_calls(self, record: Any) -> str:
        return calls_words(self._of(record))

    def render_first(self, record: Any) -> SafeString | str:
        return local_time(self._of(record).first, self._zone(record), "j M Y")

    def render_last(self, record: Any) -> SafeString | str:
        return local_time(self._of(record).last, self._zone(record), "j M Y")

    def render_source(self, record: Any) -> str:
        return self._of(record).source or DASH

    def render_batch(self, record: Any) -> SafeString | str:
        batch = self._of(record).batch
        if batch is None:
            return DASH
        return format_html('<a href="{}">{}</a>', reverse("import", args=[batch]), batch)


class GuessTable(tables.Table):
    """Names that an import took for an agent's by their extension, for a person to say so."""

    raw = SortedColumn("raw_name", verbose_name=_("Name in logs"), attrs=WORDS)
    agent = SortedColumn("agent__name", verbose_name=_("Taken for"), attrs=WORDS)
    known = tables.Column(verbose_name=_("Known as"), accessor="pk", orderable=False, attrs=WORDS)
    site = SortedColumn("agent__site__name", verbose_name=_("Site"), attrs=WORDS)
    source = SparseColumn("source", verbose_name=_("Source"), attrs=WORDS)
    confirm = tables.TemplateColumn(
        template_name="ccm/_confirm_alias.html",
        verbose_name=_("Right?"),
        accessor="pk",
        orderable=False,
        attrs=ACTION,
    )

    class Meta:
        order_by = "raw"
        default = DASH

    label = _("Guesses")
    empty_hint = _("Agent/1127 and Local/1127@x are guessed to be one agent; a guess waits here.")
    export_url = ""

    def __init__(self, data: QuerySet[AgentAlias]) -> None:
        super().__init__(data, empty_text=_("Nothing was guessed"))

    def render_agent(self, record: AgentAlias) -> SafeString:
        url = reverse("name", args=["agents", record.agent_id])
        return format_html('<a href="{}">{}</a>', url, record.agent.name)

    def render_known(self, record: AgentAlias) -> str:
        others = (alias for alias in record.agent.aliases.all() if alias.pk != record.pk)
        return ", ".join(dict.fromkeys(alias.raw_name for alias in others)) or DASH


def alias_state(alias: AgentAlias) -> SafeString:
    return tag("none", _("confirmed")) if alias.confirmed else tag("warn", _("guessed"))
