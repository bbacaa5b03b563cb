"""The lists of accounts, tokens, substitutes and emergencies."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.access import ADMIN, ROLES
from ccm.entry import factors
from ccm.intervals import day_of
from ccm.models import ApiToken, EmergencyReach, Substitution, User
from ccm.navigation import ROLE_WORDS
from ccm.structure.tables import ListTable
from ccm.tables import NARROW, WORDS, WRAPPED, SortedColumn, SparseColumn, tag


def moment(value: Any) -> str:
    """A moment in UTC, as lists of accounts write it."""
    return date_format(value, "j M Y H:i")


class UserTable(ListTable):
    """Accounts; their groups and sites are read beside them."""

    name = SortedColumn("username", verbose_name=_("Username"), attrs=WORDS)
    person = SortedColumn("last_name", verbose_name=_("Name"), attrs=WORDS, empty_values=())
    roles = tables.Column(
        accessor="pk", verbose_name=_("Roles"), attrs=NARROW, orderable=False, empty_values=()
    )
    sites = tables.Column(
        accessor="pk", verbose_name=_("Sites"), attrs=NARROW, orderable=False, empty_values=()
    )
    factor = tables.Column(
        accessor="pk",
        verbose_name=_("Second factor"),
        attrs=NARROW,
        orderable=False,
        empty_values=(),
    )
    last_login = SparseColumn("last_login", verbose_name=_("Last sign-in (UTC)"), attrs=WORDS)
    state = SortedColumn("is_active", verbose_name=_("State"), attrs=WORDS)

    edit, label = "user", _("Users")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: User) -> SafeString:
        return self.link(record, record.username)

    def render_person(self, record: User) -> str:
        return record.get_full_name() or self.default

    @staticmethod
    def _roles(record: User) -> set[str]:
        named = {one.name for one in record.groups.all()}
        return named | ({ADMIN} if record.is_superuser else set())

    def render_roles(self, record: User) -> str:
        named = self._roles(record)
        return ", ".join(str(ROLE_WORDS[one]) for one in ROLES if one in named) or self.default

    def render_sites(self, record: User) -> str:
        return ", ".join(one.name for one in record.sites.all()) or self.default

    def render_factor(self, record: Any) -> SafeString | str:
        words = factors.words(record.factor_kinds)
        if words and set(factors.FACTORS) & set(record.factor_kinds):
            return words
        if record.is_active and self._roles(record) & settings.MFA_ROLES:
            return tag("warn", _("none, and their role asks for one"))
        return words or self.default

    def render_last_login(self, record: User) -> str:
        return moment(record.last_login)

    def render_state(self, record: User) -> SafeString:
        if record.is_active:
            return format_html("{}", gettext("active"))
        return tag("none", _("inactive"))


class TokenTable(ListTable):
    """Keys for machines, with whom they act for."""

    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    user = SortedColumn("user__username", verbose_name=_("For"), attrs=WORDS)
    site = SparseColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    scopes = tables.Column(verbose_name=_("It may"), attrs=NARROW, orderable=False)
    made = SortedColumn("created_at", verbose_name=_("Made (UTC)"), attrs=WORDS)
    ends = SortedColumn("expires_at", verbose_name=_("Ends (UTC)"), attrs=WORDS)
    used = SparseColumn("last_used_at", verbose_name=_("Last used (UTC)"), attrs=WORDS)
    state = tables.Column(
        accessor="pk", verbose_name=_("State"), attrs=WORDS, orderable=False, empty_values=()
    )

    edit, label = "token_revoke", _("API tokens")
    empty_hint = _("A machine that posts or reads needs one.")

    class Meta(ListTable.Meta):
        order_by = "name"

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_user(self, record: ApiToken) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("user", args=[record.user_id]), record.user.username
        )

    def render_scopes(self, value: list[str]) -> str:
        return ", ".join(value)

    def render_made(self, value: Any) -> str:
        return moment(value)

    def render_ends(self, value: Any) -> str:
        return moment(value)

    def render_used(self, value: Any) -> str:
        return moment(value)

    def render_state(self, record: ApiToken) -> SafeString:
        if record.revoked_at is not None:
            return tag("none", _("revoked"))
        if not record.valid(self.now):
            return tag("none", _("ended"))
        if not record.user.is_active:
            return tag("warn", _("its account is inactive"))
        revoke = reverse(self.edit, args=[record.pk])
        words = gettext("active"), revoke, gettext("Revoke")
        return format_html('{} · <a class="link" href="{}">{}</a>', *words)


class SubstituteTable(ListTable):
    """Who stands in for whom, the newest first; `ends` (ids) are those that the reader may end."""

    first = SortedColumn("first_on", verbose_name=_("From"), attrs=WORDS)
    last = SortedColumn("last_on", verbose_name=_("To the end of"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("At"), attrs=WORDS)
    role = tables.Column(verbose_name=_("As"), attrs=WORDS, orderable=False)
    absent = SortedColumn("absent__username", verbose_name=_("For"), attrs=WORDS)
    substitute = SortedColumn("substitute__username", verbose_name=_("Stands in"), attrs=WORDS)
    state = tables.Column(
        accessor="pk", verbose_name=_("State"), attrs=WORDS, orderable=False, empty_values=()
    )

    label = _("Substitutes")
    empty_hint = _("Who is away names somebody who sees to their team or site meanwhile.")

    class Meta(ListTable.Meta):
        order_by = "-first"

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_first(self, record: Substitution) -> str:
        return date_format(record.first_on, "j M Y")

    def render_last(self, record: Substitution) -> str:
        return date_format(record.last_on, "j M Y")

    def render_role(self, record: Substitution) -> str:
        return str(ROLE_WORDS[record.role])

    def render_absent(self, record: Substitution) -> str:
        return str(record.absent)

    def render_substitute(self, record: Substitution) -> str:
        return str(record.substitute)

    def render_state(self, record: Substitution) -> SafeString:
        today = day_of(self.now, record.site.calendar)
        if record.ended_at is not None:
            return tag("none", _("ended"))
        if record.last_on < today:
            return tag("none", _("over"))
        words = gettext("now") if record.first_on <= today else gettext("to come")
        return format_html(
            '{} · <a class="link" href="{}">{}</a>',
            words, reverse("substitute_end", args=[record.pk]), gettext("End it"),
        )  # fmt: skip


class EmergencyTable(ListTable):
    """Reach in emergencies, the newest first."""

    begins = SortedColumn("begins_at", verbose_name=_("From (UTC)"), attrs=WORDS)
    ends = tables.Column(
        accessor="ends_at", verbose_name=_("Until (UTC)"), attrs=WORDS, orderable=False
    )
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    user = SortedColumn("user__username", verbose_name=_("Who"), attrs=WORDS)
    reason = tables.Column(verbose_name=_("Why"), attrs=WRAPPED, orderable=False)
    pages = tables.Column(
        accessor="pk", verbose_name=_("Pages opened"), orderable=False, empty_values=()
    )
    state = tables.Column(
        accessor="pk", verbose_name=_("State"), attrs=WORDS, orderable=False, empty_values=()
    )

    label = _("Emergencies")
    empty_hint = ""

    class Meta(ListTable.Meta):
        order_by = "-begins"

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def render_begins(self, record: EmergencyReach) -> str:
        return moment(record.begins_at)

    def render_ends(self, record: EmergencyReach) -> str:
        return moment(record.ended_at or record.ends_at)

    def render_user(self, record: EmergencyReach) -> str:
        return str(record.user)

    def render_pages(self, record: Any) -> int:
        many: int = record.page_count
        return many

    def render_state(self, record: EmergencyReach) -> SafeString:
        if record.ended_at is not None or record.ends_at <= self.now:
            return tag("none", _("over"))
        return format_html(
            '{} · <a class="link" href="{}">{}</a>',
            tag("warn", _("goes on")),
            reverse("emergency_end", args=[record.pk]),
            gettext("End it"),
        )
