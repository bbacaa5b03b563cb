"""People whom the company's directory knows: made at their first sign-in, with the roles and sites
that their groups stand for, set anew at each."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from allauth.socialaccount.models import SocialAccount
from allauth.utils import generate_unique_username
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import ADMIN, ROLES
from ccm.entry import first_run, mapping
from ccm.models import Site, User

log = logging.getLogger(__name__)
PROTOCOL = "openid_connect"
PROVIDER = "directory"
"""Under which accounts of the directory are kept, whichever provider it is."""
Claims = Mapping[str, Any]


class Refused(Exception):
    """The directory knows them, and they do not get in; its message says why."""


def uid_of(issuer: str, subject: str) -> str:
    """What tells a person of a directory from all others, of whichever directory."""
    return blake2b(f"{issuer}\0{subject}".encode(), digest_size=32).hexdigest()


def knows(user: User) -> bool:
    """Whether somebody comes by the directory, which then is their only way in: no password of
    their own outlives what it says of them."""
    return bool(SocialAccount.objects.filter(user=user).exists())


def let_in(user: User | None, account: SocialAccount, claims: Claims, now: datetime) -> User:
    """Who signs in, as `claims` tell: the `user` of a sign-in before, or a new one.

    Roles and sites are those of the groups now; the log has what changes. Raises Refused where no
    group stands for a role, whose roles are taken away then; and of the very first one who is no
    admin, since nobody could make one afterwards.
    """
    groups = mapping.groups_in(claims.get(settings.OIDC_GROUPS_CLAIM))
    roles = mapping.stand_for(groups, settings.OIDC_ROLES)
    if user is None and not roles:
        raise Refused(_nothing())
    if user is None and ADMIN not in roles and first_run.is_due():
        raise Refused(_("Nothing is set up here yet: the first one to sign in is an admin."))
    with transaction.atomic():
        if user is None:
            user = _made(account, claims, now)
        else:
            user = User.objects.select_for_update().get(pk=user.pk)
        _set(user, roles, _sites(groups), now)
    if not roles:
        raise Refused(_nothing())
    return user


def _nothing() -> str:
    return _("None of your groups opens anything here. Ask who gives them.")


def _made(account: SocialAccount, claims: Claims, now: datetime) -> User:
    """A new user, who has no password: never one that is there already, whatever it is called."""
    words = [claims.get(name) for name in ("preferred_username", "email", "name")]
    user = User(
        username=generate_unique_username(
            [one for one in words if isinstance(one, str)] + ["user"]
        ),
        first_name=_short(claims.get("given_name"), 150),
        last_name=_short(claims.get("family_name"), 150),
        email=valid_email_or_none(_short(claims.get("email"), 254)) or "",
    )
    user.set_unusable_password()
    user.save()
    account.user = user
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        # Two tabs at once: the other one was first.
        raise Refused(_("You are signing in twice at once. Begin again.")) from None
    audit.record(user, user, before=None, after={"is_active": True, "by": "directory"}, now=now)
    return user


def _short(said: object, most: int) -> str:
    return said.replace("\0", "").strip()[:most] if isinstance(said, str) else ""


def _sites(groups: Iterable[str]) -> list[Site] | None:
    """The sites that groups stand for; None: they are an admin's to give."""
    if settings.OIDC_SITES is None:
        return None
    slugs = mapping.stand_for(groups, settings.OIDC_SITES)
    found = list(Site.objects.filter(slug__in=slugs))
    if unknown := slugs - {one.slug for one in found}:
        log.warning("CCM_OIDC_SITES names sites that there are none of: %s", sorted(unknown))
    return found


def _set(user: User, roles: set[str], sites: list[Site] | None, now: datetime) -> None:
    """Give exactly these roles and sites, and note what changed."""
    had = set(user.groups.filter(name__in=ROLES).values_list("name", flat=True))
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if had != roles:
        user.groups.remove(*Group.objects.filter(name__in=had - roles))
        user.groups.add(*Group.objects.filter(name__in=roles - had))
        before["roles"], after["roles"] = sorted(had), sorted(roles)
    if sites is not None:
        had_sites = set(user.sites.values_list("pk", flat=True))
        if had_sites != (given := {one.pk for one in sites}):
            user.sites.set(sites)
            before["sites"], after["sites"] = sorted(had_sites), sorted(given)
    if after:
        audit.record(user, user, before=before, after=after | {"by": "directory"}, now=now)
