"""Signing in and out, second factors, passwords and sessions, in the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any

from allauth.account import signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as of_factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import audit
from ccm.audit import Names, Told
from ccm.entry import factors, locking, places
from ccm.models import AuditEntry, BrowserSession, User

FACTOR = Authenticator._meta.label_lower
SESSION = BrowserSession._meta.label_lower
CHANGED_BY_SELF, CHANGED_BY_MAIL = "changed", "mail"
_WAYS = {
    "password": gettext_lazy("a password"),
    "directory": gettext_lazy("the company's directory"),
    Authenticator.Type.TOTP.value: gettext_lazy("a code of an app"),
    Authenticator.Type.WEBAUTHN.value: gettext_lazy("a passkey"),
    Authenticator.Type.RECOVERY_CODES.value: gettext_lazy("a recovery code"),
}
_PASSWORDS = {
    CHANGED_BY_SELF: gettext_lazy("set by its owner"),
    CHANGED_BY_MAIL: gettext_lazy("set anew by a link in a mail"),
}


@receiver(signals.user_logged_in, dispatch_uid="ccm.entry.signed_in")
def signed_in(request: HttpRequest, user: User, **_more: Any) -> None:
    """How somebody came in: each way once, in the order in which they were shown."""
    ways = [_way(one) for one in get_authentication_records(request, user)]
    after = {"ways": list(dict.fromkeys(way for way in ways if way))}
    audit.note(user, user, AuditEntry.Action.SIGNED_IN, after=after, now=timezone.now())


def _way(record: Mapping[str, Any]) -> str:
    if record.get("reauthenticated"):
        return ""
    method = str(record.get("method", ""))
    if method == "socialaccount":
        return "directory"
    return str(record.get("type", "")) if method == "mfa" else method


@receiver(user_logged_out, dispatch_uid="ccm.entry.signed_out")
def signed_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        audit.note(user, user, AuditEntry.Action.SIGNED_OUT, after={}, now=timezone.now())


@receiver(post_save, sender=Authenticator, dispatch_uid="ccm.entry.factor_added")
def factor_added(instance: Authenticator, created: bool, **_more: Any) -> None:
    """In the transaction of the row, whichever way it came. The first one of somebody ends their
    other sessions: none of them was asked for it."""
    if not created:
        return
    now, who = timezone.now(), _who()
    audit.record(who, instance, before=None, after=_factor(instance), now=now)
    if instance.type in factors.FACTORS:
        others = Authenticator.objects.filter(user=instance.user_id, type__in=factors.FACTORS)
        if not others.exclude(pk=instance.pk).exists():
            is_own = who is not None and who.pk == instance.user_id
            places.end_others(instance.user, _session_key() if is_own else None, now)


def _session_key() -> str | None:
    key: str | None = context.request.session.session_key
    return key


@receiver(of_factors.authentication_failed, dispatch_uid="ccm.entry.code_failed")
def code_failed(request: HttpRequest, user: User, **_more: Any) -> None:
    """A wrong code is among the failed sign-ins."""
    locking.code_failed(request, user)


@receiver(post_delete, sender=Authenticator, dispatch_uid="ccm.entry.factor_removed")
def factor_removed(instance: Authenticator, **_more: Any) -> None:
    audit.record(_who(), instance, before=_factor(instance), after=None, now=timezone.now())


def _factor(one: Authenticator) -> dict[str, Any]:
    """Whose and what: neither its secret nor how its owner calls it."""
    return {"user": one.user_id, "type": one.type}


@receiver([signals.password_changed, signals.password_set], dispatch_uid="ccm.entry.password")
def password_changed(user: User, **_more: Any) -> None:
    _password(user, CHANGED_BY_SELF)


@receiver(signals.password_reset, dispatch_uid="ccm.entry.password_reset")
def password_reset(user: User, **_more: Any) -> None:
    _password(user, CHANGED_BY_MAIL)


def _password(user: User, how: str) -> None:
    audit.record(user, user, before={"password": ""}, after={"password": how}, now=timezone.now())


def _who() -> User | None:
    """Who is at it; None: nobody who is signed in, but a command."""
    user = getattr(context.request, "user", None)
    return user if isinstance(user, User) else None


def tell_entry(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """A sign-in or sign-out: who it was is said beside it."""
    return {one.pk: Told(_("The own account")) for one in entries}


def write_entry(values: Mapping[str, Any], name: str, value: Any) -> tuple[str, str] | None:
    if name != "ways":
        return None
    ways = value if isinstance(value, list) else []
    return _("By"), ", ".join(str(_WAYS.get(one, one)) for one in ways) or audit.DASH


def tell_factors(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    return {one.pk: Told(_("Second factor")) for one in entries}


def tell_sessions(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    return {one.pk: Told(_("Session")) for one in entries}


def words_of_password(value: str) -> str:
    return str(_PASSWORDS.get(value, value))


def register() -> None:
    """Have the log say it in words; when a process begins."""
    for act in (AuditEntry.Action.SIGNED_IN, AuditEntry.Action.SIGNED_OUT):
        audit.register(str(act), tell_entry, write_entry)
    audit.register(FACTOR, tell_factors)
    audit.register(SESSION, tell_sessions)
    audit.value("password", words_of_password)
