"""What an operator is told by `manage.py check --deploy`, and before `manage.py migrate`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.translation import gettext as _

from ccm.limits import is_loopback


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


@register(Tags.security, deploy=True)
def proxy_is_named(**_kwargs: Any) -> list[CheckMessage]:
    """Behind a proxy that is not believed all people share its address, and its wrong passwords."""
    named = [one.strip() for one in settings.FORWARDED_ALLOW_IPS.split(",") if one.strip()]
    is_elsewhere = any(not is_loopback(one) for one in named)
    if not settings.HTTPS or is_elsewhere or is_loopback(settings.HOST):
        return []
    return [
        Warning(
            _("The proxy in front is not named (FORWARDED_ALLOW_IPS): everybody has its address."),
            hint=_("Name it, or a hundred wrong passwords of all people together stop all."),
            id="ccm.W010",
        )
    ]


@register(Tags.security, deploy=True)
def limits_can_be(**_kwargs: Any) -> list[CheckMessage]:
    """A limit of none would let nobody in, or stop nobody."""
    said = {
        "CCM_SESSION_IDLE_MINUTES": settings.SESSION_IDLE_MINUTES,
        "CCM_SESSION_HOURS": settings.SESSION_HOURS,
        "CCM_LOCK_AFTER": settings.LOCK_AFTER,
        "CCM_LOCK_MINUTES": settings.AXES_COOLOFF_TIME.total_seconds(),
        "CCM_ADDRESS_GUESSES": settings.ADDRESS_GUESSES,
    }
    found: list[CheckMessage] = [
        Error(_("%(name)s is no number from 1 on.") % {"name": name}, id="ccm.E010")
        for name, value in said.items()
        if value < 1
    ]
    if settings.API_PER_MINUTE < 0:
        words = _("%(name)s is no number from 0 on.") % {"name": "CCM_API_PER_MINUTE"}
        found.append(Error(words, id="ccm.E010"))
    return found


@register(Tags.security, deploy=True)
def somebody_gets_in(**_kwargs: Any) -> list[CheckMessage]:
    """A directory that is half told of lets nobody in; nor does one whose groups give no role."""
    found: list[CheckMessage] = []
    if bool(settings.OIDC_ISSUER) != bool(settings.OIDC_CLIENT_ID):
        found.append(
            Error(
                _("Of the directory CCM_OIDC_ISSUER or CCM_OIDC_CLIENT_ID is not set."),
                hint=_("Set both, or neither."),
                id="ccm.E003",
            )
        )
    if settings.DIRECTORY_IS_SET and not settings.OIDC_ROLES:
        found.append(
            Error(
                _("No group of the directory gives a role."),
                hint=_("Set CCM_OIDC_ROLES, as group=role,group=role."),
                id="ccm.E004",
            )
        )
    is_plain = settings.OIDC_ISSUER.startswith("http://")
    if settings.DIRECTORY_IS_SET and is_plain:
        found.append(
            Warning(
                _("CCM_OIDC_ISSUER is reached without TLS."),
                hint=_("Whoever is between can be anybody here: use its https address."),
                id="ccm.W002",
            )
        )
    if not settings.PASSWORD_SIGN_IN and not settings.DIRECTORY_IS_SET:
        found.append(
            Error(
                _("CCM_PASSWORD_SIGN_IN is off, and there is no directory."),
                hint=_("Set CCM_OIDC_ISSUER and what belongs to it, or let passwords in."),
                id="ccm.E005",
            )
        )
    return found


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
