"""Failed sign-ins as an admin reads them."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_tables2 as tables
from axes.models import AccessAttempt, AccessFailureLog
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.entry.locking import TOKEN, USER
from ccm.models import User
from ccm.structure.tables import ListTable
from ccm.tables import WORDS, SortedColumn, tag


def accounts(attempts: Iterable[AccessAttempt | AccessFailureLog]) -> Mapping[str, str]:
    """Whom attempts were at, by the keys they are kept under. One query."""
    keys = {one.username or "" for one in attempts}
    ids = [int(key.removeprefix(USER)) for key in keys if key.startswith(USER)]
    people = User.objects.in_bulk(ids)
    return {key: _called(key, people) for key in keys}


def _called(key: str, people: Mapping[int, User]) -> str:
    if key.startswith(TOKEN):
        return gettext("a token that there is not")
    if not key.startswith(USER):
        return gettext("a name that there is not")
    user = people.get(int(key.removeprefix(USER)))
    return user.get_username() if user else gettext("someone gone")


class AttemptTable(ListTable):
    """Failures, the newest first. Call `find` once it is paged."""

    at = SortedColumn("attempt_time", verbose_name=_("When (UTC)"), attrs=WORDS)
    account = tables.Column(
        accessor="username", verbose_name=_("Account"), attrs=WORDS, orderable=False
    )
    address = SortedColumn("ip_address", verbose_name=_("From"), attrs=WORDS)
    then = SortedColumn("locked_out", verbose_name=_("Then"), attrs=WORDS)

    edit, label = "", _("Failed sign-ins")
    empty_hint = _("Wrong passwords, codes and tokens of the last 30 days are listed here.")

    class Meta(ListTable.Meta):
        order_by = "-at"

    def find(self) -> None:
        """Look up whose accounts the shown rows are about."""
        self.names = accounts(row.record for row in self.paginated_rows)

    def render_at(self, record: AccessFailureLog) -> str:
        return f"{record.attempt_time:%Y-%m-%d %H:%M:%S}"

    def render_account(self, value: str) -> str:
        return self.names[value]

    def render_then(self, value: Any) -> SafeString:
        return tag("warn", _("paused")) if value else tag("none", _("refused"))
