"""Second factors: whether somebody has one, who must, and taking them away."""

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.access import ROLES, scope_of
from ccm.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What asks for more than a password. Recovery codes stand in for one of them."""


def has_one() -> Exists:
    """Whether users have a second factor, as an annotation of them: `has_factor`."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS))


def kinds() -> ArraySubquery:
    """What users have beside a password, as an annotation of them: types, each once a row."""
    found = Authenticator.objects.filter(user=OuterRef("pk")).order_by("pk")
    return ArraySubquery(found.values("type"))


def kinds_of(user: User) -> list[str]:
    """The same of one. One query."""
    return list(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def words(types: Collection[str]) -> str:
    """The second factors of somebody as "an app, 2 passkeys"; "": there is none. Recovery codes are
    told beside them."""
    said = []
    if Authenticator.Type.TOTP in types:
        said.append(_("an app"))
    if many := sum(one == Authenticator.Type.WEBAUTHN for one in types):
        said.append(ngettext("%(n)d passkey", "%(n)d passkeys", many) % {"n": many})
    if Authenticator.Type.RECOVERY_CODES in types:
        said.append(_("recovery codes"))
    return ", ".join(said)


def is_missing(user: User) -> bool:
    """Whether somebody's role asks for a second factor, and there is none.

    No query where the user was found by `ccm.backend`; else one or two.
    """
    if not settings.MFA_ROLES or not user.is_authenticated:
        return False
    if not scope_of(user).has(*settings.MFA_ROLES):
        return False
    known: bool | None = getattr(user, "has_factor", None)
    if known is None:
        known = Authenticator.objects.filter(user=user, type__in=FACTORS).exists()
    return not known


def is_required(user: User) -> bool:
    """Whether somebody may not be without one."""
    return bool(settings.MFA_ROLES) and scope_of(user).has(*settings.MFA_ROLES)


@transaction.atomic
def reset(user: User) -> int:
    """Take away all second factors and recovery codes of somebody who lost them; how many. The log
    has each (`ccm.entry.noted`). Safe to run twice."""
    found = Authenticator.objects.select_for_update().filter(user=user)
    many = len(found)
    for one in found:
        one.delete()
    return many


def check_settings() -> None:
    """Refuse to begin where a role that is to be protected is none: nobody would be asked."""
    said = {
        "CCM_MFA_ROLES": set(settings.MFA_ROLES),
        "CCM_OIDC_ROLES": {role for roles in settings.OIDC_ROLES.values() for role in roles},
    }
    for name, words in said.items():
        if unknown := sorted(words - set(ROLES)):
            known = ", ".join(ROLES)
            raise ImproperlyConfigured(f"{name}: {unknown[0]!r} is no role; there are {known}")
