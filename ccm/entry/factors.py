"""Second factors: whether somebody has one, who must, and taking them away."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Exists, OuterRef

from ccm.access import ROLES, scope_of
from ccm.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What asks for more than a password. Recovery codes stand in for one of them."""


def has_one() -> Exists:
    """Whether users have a second factor, as an annotation of them: `has_factor`."""
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS))


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
