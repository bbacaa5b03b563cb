"""What an operator is told by `manage.py check --deploy`, and before `manage.py migrate`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.translation import gettext as _


@register(Tags.security, deploy=True)
def secrets_are_set(**_kwargs: Any) -> list[CheckMessage]:
    """A key made up at the start would sign everyone out, and forget every caller, each time."""
    if settings.SECRET_KEY_IS_SET:
        return []
    return [
        Error(
            _("CCM_SECRET_KEY is not set."),
            hint=_("`callcenter` makes and keeps one; elsewhere set 50 random characters."),
            id="ccm.E001",
        )
    ]


@register(Tags.security, deploy=True)
def reached_over_https(**_kwargs: Any) -> list[CheckMessage]:
    """Whoever lets strangers in needs HTTPS."""
    loopback = {"localhost", "127.0.0.1", "[::1]"}
    if settings.HTTPS or set(settings.ALLOWED_HOSTS) <= loopback:
        return []
    return [
        Warning(
            _("Others reach this server (CCM_ALLOWED_HOSTS) without HTTPS."),
            hint=_("Put it behind a proxy that speaks HTTPS and set CCM_HTTPS=yes."),
            id="ccm.W001",
        )
    ]


_FEWEST = 32


@register(Tags.security, deploy=True)
def keys_of_the_audit_log_are_long(**_kwargs: Any) -> list[CheckMessage]:
    """A short one is found by trying. That there is none the log's page says: processes that serve
    pages need none."""
    if all(len(one) >= _FEWEST for one in settings.AUDIT_KEYS):
        return []
    return [
        Warning(
            _("A key in CCM_AUDIT_KEY is short."),
            hint=_("Make it of 32 random characters or more."),
            id="ccm.W030",
        )
    ]


@register(Tags.database)
def tables_can_be_migrated(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Tables of a version between those that a migration begins at would be taken for whole."""
    from ccm import database

    if not databases:
        return []
    try:
        database.check_history()
    except database.NotReady as refusal:
        return [Error(str(refusal), id="ccm.E002")]
    return []
