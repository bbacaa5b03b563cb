"""The lists of sites, queues, teams and agents: sorted, paged and counted in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Queue, Site
from ccm.structure import opening_hours
from ccm.tables import WORDS, WRAPPED, CountColumn, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH

WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


def week_words(hours: dict[str, Any], always: Any) -> str:
    """Opening hours in one line, neighbouring days of the same hours together: "Mon–Fri
    09:00–17:00"; `always` where there are none."""
    if not hours:
        return str(always)
    told = (opening_hours.written(hours.get(str(day), [])) for day in range(7))
    days = [day.replace("-", "–") for day in told]
    runs: list[tuple[int, int, str]] = []
    for day, words in enumerate(days):
        if runs and runs[-1][2] == words:
            runs[-1] = (runs[-1][0], day, words)
        else:
            runs.append((day, day, words))
    return "; ".join(
        f"{WEEKDAYS[first]}{f'–{WEEKDAYS[last]}' if last > first else ''} {words}"
        for first, last, words in runs
        if words
    )


def spell_words(starts_on: date | None, ends_on: date | None) -> str:
    """The days of a stay in a team, or of a supervisor's time with one."""
    start, end = (one and date_format(one, "j M Y") for one in (starts_on, ends_on))
    if start and end:
        return gettext("from %(start)s until before %(end)s") % {"start": start, "end": end}
    if start:
        return gettext("since %(start)s") % {"start": start}
    if end:
        return gettext("until before %(end)s, nobody said since when") % {"end": end}
    return gettext("nobody said since when")


class DayColumn(SparseColumn):
    """A day, written as everywhere."""

    def render(self, value: date) -> str:
        return date_format(value, "j M Y")


class HoursColumn(tables.Column):
    """A week's hours, in words."""

    def __init__(self, accessor: str, always: Any, **kwargs: Any) -> None:
        super().__init__(accessor=accessor, orderable=False, attrs=WRAPPED, **kwargs)
        self.always = always
        # An empty mapping says something: it is no unknown.
        self.empty_values = (None,)

    def render(self, value: dict[str, Any]) -> str:
        return week_words(value, self.always)


class ListTable(tables.Table):
    """A list whose first column leads to the form of its row, the page named `edit`, where it may
    be changed."""

    edit = ""
    label: Any = ""
    empty_hint: Any = ""
    export_url = ""
    leads = True

    class Meta:
        default = DASH

    def read_only(self) -> None:
        """Lead to no form: the reader keeps none of it."""
        self.leads, self.empty_hint = False, ""

    def link(self, record: Any, words: object) -> SafeString:
        if not self.leads:
            return format_html("{}", words)
        return format_html('<a href="{}">{}</a>', reverse(self.edit, args=[record.pk]), words)


class StructureTable(ListTable):
    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: Any) -> SafeString:
        link = self.link(record, record.name)
        if getattr(record, "is_new", False):
            return format_html("{} {}", link, tag("warn", _("New")))
        return link


class SiteTable(StructureTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    zone = SortedColumn("zone", verbose_name=_("Zone"), attrs=WORDS)
    day_begins = SortedColumn("day_begins", verbose_name=_("Days begin"), attrs=WORDS)
    country = SortedColumn("country", verbose_name=_("Country"), attrs=WORDS)
    currency = SortedColumn("currency", verbose_name=_("Currency"), attrs=WORDS)
    opening = HoursColumn("opening", _("always open"), verbose_name=_("Open"))
    queues = CountColumn("queue_count", verbose_name=_("Queues"))
    agents = CountColumn("agent_count", verbose_name=_("Agents"))

    edit, label = "site_edit", _("Sites")

    def render_day_begins(self, value: int) -> str:
        return f"{value:02}:00"

    class Meta(StructureTable.Meta):
        pass


class QueueTable(StructureTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    channel = SortedColumn("channel", verbose_name=_("Channel"), attrs=WORDS)
    hours = HoursColumn("hours", _("as its site"), verbose_name=_("Open"))

    edit, label = "queue_edit", _("Queues")

    class Meta(StructureTable.Meta):
        pass

    def render_channel(self, record: Queue) -> str:
        return record.get_channel_display()


class TeamTable(StructureTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    supervisor = SparseColumn("supervisor_name", verbose_name=_("Supervisor today"), attrs=WORDS)
    members = CountColumn("member_count", verbose_name=_("Agents today"))

    edit, label = "team_edit", _("Teams")

    class Meta(StructureTable.Meta):
        pass


class AgentTable(StructureTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    number = SparseColumn("employee_id", verbose_name=_("Employee id"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    team = SparseColumn("team_name", verbose_name=_("Team today"), attrs=WORDS)
    login = SparseColumn("user__username", verbose_name=_("Username"), attrs=WORDS)
    skills = tables.Column(verbose_name=_("Skills"), orderable=False, attrs=WORDS)
    contract = SparseColumn("contract_hours", verbose_name=_("Hours a week"))
    hired = DayColumn("hired_on", verbose_name=_("Hired"), attrs=WORDS)
    left = DayColumn("left_on", verbose_name=_("Left"), attrs=WORDS)

    edit, label = "agent_edit", _("Agents")

    class Meta(StructureTable.Meta):
        pass

    def render_skills(self, value: list[str]) -> str:
        return ", ".join(value) or DASH

    def render_contract(self, record: Agent) -> str:
        return f"{record.contract_hours:g}"


def sites(rows: QuerySet[Site], now: datetime) -> QuerySet[Any]:
    return rows.annotate(queue_count=_many(Queue, "site"), agent_count=_many(Agent, "site"))


def _many(model: Any, field: str) -> Coalesce:
    rows = model._default_manager.filter(**{field: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(rows.values(field).annotate(n=Count("pk")).values("n")), 0)


def here(now: datetime) -> Q:
    """Agents who have not left: by the date of UTC, which a day more or less does not matter to."""
    return Q(left_on=None) | Q(left_on__gt=now.date())


SITE_HEADER = [
    _("Name"), _("Zone"), _("Days begin"), _("Country"), _("Region"), _("Currency"), _("Open"),
    _("Queues"), _("Agents"),
]  # fmt: skip
# The names are those that the mapping of a list knows: what is exported can be imported.
QUEUE_HEADER = [
    _("Queue"), _("Site"), _("Channel"), _("Open on Monday"), _("Open on Tuesday"),
    _("Open on Wednesday"), _("Open on Thursday"), _("Open on Friday"), _("Open on Saturday"),
    _("Open on Sunday"), _("New"),
]  # fmt: skip
TEAM_HEADER = [
    _("Team"), _("Site"), _("Supervisor"), _("Supervisor since"), _("Agents today"),
]  # fmt: skip
AGENT_HEADER = [
    _("Name"), _("Employee id"), _("Site"), _("Team"), _("In the team since"),
    _("Login or e-mail"), _("Skills"), _("Contract, hours a week"), _("Hired on"), _("Left on"),
    _("Reason for leaving"), _("New"),
]  # fmt: skip


def site_cells(site: Any) -> Sequence[object]:
    return (
        site.name, site.zone, f"{site.day_begins:02}:00", site.country, site.region, site.currency,
        week_words(site.opening, ""), site.queue_count, site.agent_count,
    )  # fmt: skip


def queue_cells(queue: Any) -> Sequence[object]:
    new = _("yes") if queue.is_new else ""
    week = (opening_hours.written(queue.hours.get(str(day), [])) for day in range(7))
    return (queue.name, queue.site.name, queue.channel, *week, new)


def team_cells(team: Any) -> Sequence[object]:
    return (
        team.name, team.site.name, team.supervisor_name, team.supervisor_since, team.member_count,
    )  # fmt: skip


def agent_cells(agent: Any) -> Sequence[object]:
    return (
        agent.name, agent.employee_id, agent.site.name, agent.team_name, agent.team_since,
        agent.user.username if agent.user else None, ", ".join(agent.skills), agent.contract_hours,
        agent.hired_on, agent.left_on, agent.get_left_reason_display(),
        _("yes") if agent.is_new else "",
    )  # fmt: skip
