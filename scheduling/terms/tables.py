"""The lists of the terms of work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    CharField,
    Count,
    DecimalField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ccm.structure.tables import DayColumn, ListTable
from ccm.tables import WORDS, WRAPPED, CountColumn, SortedColumn, SparseColumn, tag
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    RosterSession,
    Rotation,
    ShiftTemplate,
)
from scheduling.terms import words

_NARROW = {"th": {"class": "words"}, "td": {"class": "words why narrow"}}
# What somebody cannot is no wish.
_LEVELS = {Availability.Word.MUST_NOT: "warn"}


def _of(words_of_it: Any, attrs: Any = WORDS) -> tables.Column:
    """A column that is made of several fields: not sorted."""
    return tables.Column(verbose_name=words_of_it, accessor="pk", orderable=False, attrs=attrs)


class TemplateTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    kind = SortedColumn("kind", verbose_name=_("Kind"), attrs=WORDS)
    starts = SortedColumn("first_start", verbose_name=_("Starts"), attrs=WORDS)
    lengths = _of(_("Length"))
    on = _of(_("Weekdays"))
    pauses = _of(_("Pauses"), WRAPPED)

    edit, label = "shift_template_edit", _("Shift templates")
    empty_hint = _("A shift template says when shifts begin, how long they are, and their pauses.")

    class Meta(ListTable.Meta):
        order_by = "starts"

    def render_name(self, record: ShiftTemplate) -> SafeString:
        link = format_html(
            '<i class="swatch" data-colour="{}"></i>{}',
            record.colour,
            self.link(record, record.name),
        )
        if record.is_active:
            return link
        return format_html("{} <small>{}</small>", link, gettext("not in use"))

    def render_kind(self, record: ShiftTemplate) -> str:
        return record.get_kind_display()

    def render_starts(self, record: ShiftTemplate) -> str:
        return words.starts(record)

    def render_lengths(self, record: ShiftTemplate) -> str:
        return words.lengths(record)

    def render_on(self, record: ShiftTemplate) -> str:
        return words.weekdays(record.weekdays)

    def render_pauses(self, record: ShiftTemplate) -> str:
        return words.or_dash(words.pauses(record.pauses))


def contracts(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Each with how many have it by the date of UTC: `held`."""
    today = now.date()
    holds = Q(agents__ends_on=None) | Q(agents__ends_on__gt=today)
    return rows.annotate(
        held=Count("agents", filter=holds & Q(agents__starts_on__lte=today), distinct=True)
    )


class ContractTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    full = SortedColumn("is_full_time", verbose_name=_("Is"), attrs=WORDS)
    week = SparseColumn("week_minutes", verbose_name=_("Hours a week"))
    law = SparseColumn("law", verbose_name=_("Law"), attrs=WORDS)
    limits = _of(_("A week at most"))
    rest = SparseColumn("rest_minutes", verbose_name=_("Rest"))
    held = CountColumn("held", verbose_name=_("People today"))

    edit, label = "contract_edit", _("Contracts")
    empty_hint = _("A contract says what its people may be given, and which law holds beside it.")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: Contract) -> SafeString:
        return self.link(record, record.name)

    def render_full(self, record: Contract) -> str:
        return _full(record)

    def render_week(self, value: int) -> str:
        return words.hours(value)

    def render_limits(self, record: Contract) -> str:
        told = [] if record.most_week_minutes is None else [words.hours(record.most_week_minutes)]
        if (days := record.most_week_days) is not None:
            told.append(ngettext("%(n)s day", "%(n)s days", days) % {"n": days})
        return words.or_dash(", ".join(told))

    def render_rest(self, value: int) -> str:
        return words.hours(value)


def _full(contract: Contract) -> str:
    return gettext("full-time") if contract.is_full_time else gettext("part-time")


def rotations(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    return contracts(rows, now)


class RotationTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    weeks = SortedColumn("weeks", verbose_name=_("Weeks"))
    held = CountColumn("held", verbose_name=_("People today"))

    edit, label = "rotation_edit", _("Rotations")
    empty_hint = _("A rotation says which shifts days of several weeks have, and which are off.")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: Rotation) -> SafeString:
        return self.link(record, record.name)


class AvailabilityTable(ListTable):
    agent = SortedColumn("agent__name", verbose_name=_("Who"), attrs=WORDS)
    site = SortedColumn("agent__site__name", verbose_name=_("Site"), attrs=WORDS)
    said = SortedColumn("word", verbose_name=_("Says"), attrs=WORDS)
    # Said of no day and by nobody who is still there it says something all the same.
    when = SortedColumn("first_on", verbose_name=_("When"), attrs=_NARROW, empty_values=())
    note = SortedColumn("note", verbose_name=_("Note"), attrs=_NARROW)
    by = SortedColumn("said_by__username", verbose_name=_("Said by"), attrs=WORDS, empty_values=())

    edit, label = "availability_edit", _("Availability")
    empty_hint = _("People say it on their own page; planners can say it for them.")

    class Meta(ListTable.Meta):
        order_by = "agent"

    def render_agent(self, record: Availability) -> SafeString:
        return self.link(record, record.agent)

    def render_said(self, record: Availability) -> SafeString | str:
        level = _LEVELS.get(Availability.Word(record.word))
        return tag(level, words.said(record)) if level else words.said(record)

    def render_when(self, record: Availability) -> str:
        return words.when(record)

    def render_by(self, record: Availability) -> str:
        return by_words(record)


def by_words(one: Availability) -> str:
    """Who said it, and when; of whom is not known, or is there no more, only when."""
    said = {"who": one.said_by, "day": words.day(one.said_at.date())}
    return (gettext("%(who)s, %(day)s") if one.said_by else gettext("on %(day)s")) % said


class PairingTable(ListTable):
    one = SortedColumn("one__name", verbose_name=_("Who"), attrs=WORDS)
    other = SortedColumn("other__name", verbose_name=_("With whom"), attrs=WORDS)
    site = SortedColumn("one__site__name", verbose_name=_("Site"), attrs=WORDS)
    how = SortedColumn("together", verbose_name=_("They work"), attrs=WORDS)
    since = DayColumn("starts_on", verbose_name=_("From"), attrs=WORDS)
    until = DayColumn("ends_on", verbose_name=_("Until before"), attrs=WORDS)

    edit, label = "pairing_edit", _("Pairings")
    empty_hint = _("A pair works the same shifts, as somebody new with a mentor, or never does.")

    class Meta(ListTable.Meta):
        order_by = "one"

    def render_one(self, record: Pairing) -> SafeString:
        return self.link(record, record.one)

    def render_how(self, record: Pairing) -> str:
        return together_words(record)


def together_words(pair: Pairing) -> str:
    return gettext("the same shifts") if pair.together else gettext("never the same shift")


def sessions(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Each with how many people are named beside its team: `many`."""
    return rows.annotate(many=Count("people", distinct=True))


class SessionTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    kind = SortedColumn("kind", verbose_name=_("Kind"), attrs=WORDS)
    minutes = SortedColumn("minutes", verbose_name=_("Length"))
    team = SparseColumn("team__name", verbose_name=_("Team"), attrs=WORDS)
    many = CountColumn("many", verbose_name=_("People beside it"))
    when = SortedColumn("first_on", verbose_name=_("When"), attrs=WORDS)
    together = SortedColumn("together", verbose_name=_("Together"), attrs=WORDS)

    edit, label = "roster_session_edit", _("Sessions")
    empty_hint = _("Training, coaching and meetings that rosters find a time for within shifts.")

    class Meta(ListTable.Meta):
        order_by = "-when"

    def render_name(self, record: RosterSession) -> SafeString:
        return self.link(record, record.name)

    def render_kind(self, record: RosterSession) -> str:
        return record.get_kind_display()

    def render_minutes(self, value: int) -> str:
        return words.hours(value)

    def render_when(self, record: RosterSession) -> str:
        return session_days(record)

    def render_together(self, value: bool) -> str:
        return gettext("yes") if value else gettext("no")


def session_days(one: RosterSession) -> str:
    """From when to when it may be: "16 Mar 2026 09:00 – 20 Mar 2026"."""
    ends = [(one.first_on, one.from_minute), (one.last_on, one.to_minute)]
    said = [
        words.day(day) if clock is None else f"{words.day(day)} {words.clock(clock)}"
        for day, clock in ends
    ]
    return said[0] if said[0] == said[1] else " – ".join(said)


def working(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Agents who have not left, each with what holds on their site's day of `now`: `team_name`,
    `contract_name`, `rotation_name`, `skill_names`; or null."""
    there: Any = rows
    holds = Q(ends_on=None) | Q(ends_on__gt=OuterRef("its_today"))
    today = {"agent": OuterRef("pk"), "starts_on__lte": OuterRef("its_today")}
    contract = AgentContract.objects.filter(holds, **today)
    rotation = AgentRotation.objects.filter(holds, **today)
    filled = Func("proficiency", function="TRIM_SCALE", output_field=DecimalField())
    named = Concat("queue__name", Value(" "), Cast(filled, CharField()), output_field=CharField())
    skills = (
        AgentSkill.objects.filter(holds, **today)
        .order_by()
        .values("agent")
        .annotate(names=StringAgg(named, ", ", order_by=("queue__name",)))
        .values("names")
    )
    here = Q(left_on=None) | Q(left_on__gt=now.date())
    found: QuerySet[Any] = (
        there.filter(here)
        .with_team(now)
        .annotate(
            contract_name=Subquery(contract.values("contract__name")[:1]),
            rotation_name=Subquery(rotation.values("rotation__name")[:1]),
            skill_names=Subquery(skills),
        )
    )
    return found


class WorkingTable(ListTable):
    """Who works by what today; each leads to the own page, where it is kept."""

    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    team = SparseColumn("team_name", verbose_name=_("Team"), attrs=WORDS)
    contract = SparseColumn("contract_name", verbose_name=_("Contract"), attrs=WORDS)
    rotation = SparseColumn("rotation_name", verbose_name=_("Rotation"), attrs=WORDS)
    skills = SparseColumn("skill_names", verbose_name=_("Queues"), attrs=WRAPPED)

    label = _("Who works how")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: Any) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("work_terms", args=[record.pk]), record.name
        )


TEMPLATE_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Kind"), _("Starts"), _("Length"), _("Weekdays"), _("Pauses"),
    _("In use"),
]  # fmt: skip
CONTRACT_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Is"), _("Hours a week"), _("Law"), _("Most hours a week"),
    _("Most days a week"), _("Rest between shifts"), _("People today"),
]  # fmt: skip
ROTATION_HEADER: list[Any] = [_("Site"), _("Name"), _("Weeks"), _("People today")]
AVAILABILITY_HEADER: list[Any] = [
    _("Site"), _("Who"), _("Says"), _("When"), _("Note"), _("Said by"),
]  # fmt: skip
PAIRING_HEADER: list[Any] = [
    _("Site"), _("Who"), _("With whom"), _("They work"), _("From"), _("Until before"), _("Note"),
]  # fmt: skip
SESSION_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Kind"), _("Minutes"), _("Team"), _("People beside it"), _("When"),
    _("Together"), _("Weight"), _("Note"),
]  # fmt: skip
WORKING_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Team"), _("Contract"), _("Rotation"), _("Queues"),
]  # fmt: skip


def _hours(minutes: int | None) -> str | None:
    return None if minutes is None else words.hours(minutes)


def template_cells(one: ShiftTemplate) -> Sequence[object]:
    return (
        one.site.name, one.name, one.get_kind_display(), words.starts(one), words.lengths(one),
        words.weekdays(one.weekdays), words.pauses(one.pauses),
        gettext("yes") if one.is_active else gettext("no"),
    )  # fmt: skip


def contract_cells(one: Any) -> Sequence[object]:
    return (
        one.site.name, one.name, _full(one), _hours(one.week_minutes), one.law,
        _hours(one.most_week_minutes), one.most_week_days, _hours(one.rest_minutes), one.held,
    )  # fmt: skip


def rotation_cells(one: Any) -> Sequence[object]:
    return (one.site.name, one.name, one.weeks, one.held)


def availability_cells(one: Availability) -> Sequence[object]:
    return (
        one.agent.site.name, one.agent, words.said(one), words.when(one), one.note, by_words(one),
    )  # fmt: skip


def pairing_cells(one: Pairing) -> Sequence[object]:
    return (
        one.one.site.name, one.one, one.other, together_words(one), one.starts_on, one.ends_on,
        one.note,
    )  # fmt: skip


def session_cells(one: Any) -> Sequence[object]:
    return (
        one.site.name, one.name, one.get_kind_display(), one.minutes,
        None if one.team is None else one.team.name, one.many, session_days(one),
        gettext("yes") if one.together else gettext("no"), one.weight, one.note,
    )  # fmt: skip


def working_cells(one: Any) -> Sequence[object]:
    return (
        one.site.name, one.name, one.team_name, one.contract_name, one.rotation_name,
        one.skill_names,
    )  # fmt: skip


def availability_words(one: Availability) -> str:
    return f"{one.agent}: {words.said(one)}, {words.when(one)}"


def pairing_words(one: Pairing) -> str:
    return gettext("%(one)s and %(other)s") % {"one": one.one, "other": one.other}
