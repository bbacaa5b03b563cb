"""The lists of accounts and tokens."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.access import ADMIN, ROLES
from ccm.models import ApiToken, User
from ccm.navigation import ROLE_WORDS
from ccm.structure.tables import ListTable
from ccm.tables import WORDS, WRAPPED, SortedColumn, SparseColumn, tag


def moment(value: Any) -> str:
    """A moment in UTC, as lists of accounts write it."""
    return date_format(value, "j M Y H:i")


class UserTable(ListTable):
    """Accounts; their groups and sites are read beside them."""

    name = SortedColumn("username", verbose_name=_("Login"), attrs=WORDS)
    person = SortedColumn("last_name", verbose_name=_("Name"), attrs=WORDS, empty_values=())
    roles = tables.Column(
        accessor="pk", verbose_name=_("Roles"), attrs=WRAPPED, orderable=False, empty_values=()
    )
    sites = tables.Column(
        accessor="pk", verbose_name=_("Sites"), attrs=WRAPPED, orderable=False, empty_values=()
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

    def render_roles(self, record: User) -> str:
        named = {one.name for one in record.groups.all()}
        named |= {ADMIN} if record.is_superuser else set()
        return ", ".join(str(ROLE_WORDS[one]) for one in ROLES if one in named) or self.default

    def render_sites(self, record: User) -> str:
        return ", ".join(one.name for one in record.sites.all()) or self.default

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
    scopes = tables.Column(verbose_name=_("It may"), attrs=WRAPPED, orderable=False)
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
        return self.link(record, gettext("Revoke"))
