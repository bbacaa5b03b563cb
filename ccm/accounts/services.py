"""Writes accounts and what they may do. The audit log has each change, without names of people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import ADMIN, ROLES
from ccm.entry import factors, places
from ccm.models import User
from ccm.outgoing import outbox


class Refused(ValueError):
    """It cannot be so; the words say why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an account is to be: its names, and its roles with the ids of the sites they hold at."""

    username: str
    first_name: str
    last_name: str
    email: str
    roles: frozenset[str]
    sites: frozenset[int]


def admins() -> QuerySet[User]:
    """Whoever is an admin and may sign in."""
    is_admin = Q(is_superuser=True) | Q(groups__name=ADMIN)
    return User.objects.filter(is_admin, is_active=True).distinct()


def roles_of(user: User) -> frozenset[str]:
    named = frozenset(user.groups.filter(name__in=ROLES).values_list("name", flat=True))
    return named | ({ADMIN} if user.is_superuser else frozenset())


@transaction.atomic
def make(said: Said, who: User | None, now: datetime) -> User:
    """A new account without a password: whoever it is for chooses one by a link. Raises Refused
    where there is one of this login."""
    user = User(date_joined=now)
    user.set_unusable_password()
    _name(user, said)
    _save(user)
    _give(user, said.roles, said.sites)
    audit.record(who, user, before=None, after=values_of(user), now=now)
    return user


@transaction.atomic
def change(number: int, said: Said, who: User | None, now: datetime) -> User:
    """Change an account. Raises Refused where it would be the last admin's role, one's own roles or
    sites, or another's login."""
    user = _locked(number)
    before = values_of(user)
    named = _names_of(user)
    _name(user, said)
    _save(user)
    if (roles_of(user), frozenset(before["sites"])) != (said.roles, said.sites):
        if who is not None and who.pk == user.pk:
            raise Refused(_("Nobody changes their own roles or sites: ask another admin."))
        if ADMIN not in said.roles:
            _keep_an_admin(user)
        _give(user, said.roles, said.sites)
    after = values_of(user)
    if changed := [name for name, value in _names_of(user).items() if named[name] != value]:
        # That it changed, and not to what: the log holds no names of people.
        before, after = before | {"changed": []}, after | {"changed": changed}
    if before != after:
        audit.record(who, user, before=before, after=after, now=now)
    return user


@transaction.atomic
def set_active(number: int, is_active: bool, who: User | None, now: datetime) -> User:
    """Let somebody sign in, or no more: pages, links and API tokens stop with the next request.
    Raises Refused for the last admin and for oneself."""
    user = _locked(number)
    if user.is_active == is_active:
        return user
    if not is_active:
        if who is not None and who.pk == user.pk:
            raise Refused(_("Nobody makes their own account inactive: ask another admin."))
        _keep_an_admin(user)
    before = values_of(user)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    audit.record(who, user, before=before, after=values_of(user), now=now)
    return user


@transaction.atomic
def take_factors(number: int, who: User | None, now: datetime) -> int:
    """Take away all second factors and recovery codes of somebody who lost them, end their sessions
    and tell them by mail; how many those were. None for `who`: whoever runs the program. Raises
    Refused for oneself."""
    user = _not_own(number, who)
    many = factors.reset(user)
    places.end_all(user, now, who)
    if many and settings.MAIL_IS_SET and user.email:
        _tell_of_factors(user, now)
    return many


@transaction.atomic
def end_sessions(number: int, who: User, now: datetime) -> int:
    """Sign somebody out everywhere; how many sessions those were. Raises Refused for oneself."""
    return places.end_all(_not_own(number, who), now, who)


def _not_own(number: int, who: User | None) -> User:
    user = User.objects.select_for_update().get(pk=number)
    if who is not None and user.pk == who.pk:
        raise Refused(_("Your own are on the page Sign-in and security."))
    return user


def _tell_of_factors(user: User, now: datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Your second factor was taken away")
        words = _(
            "An admin took away what you sign in with beside your password for the account"
            " %(username)s, and ended your sessions. If you did not ask for it, tell your"
            " administrator.\n\nSet up another one here:\n\n%(link)s\n"
        ) % {
            "username": user.get_username(),
            "link": f"{settings.ADDRESS}{reverse('security')}",
        }
        outbox.mail(f"factors {user.pk} {now.isoformat()}", user.email, subject, words)


@transaction.atomic
def note_link(user: User, who: User, now: datetime) -> None:
    """That a link was made by which somebody's password can be chosen."""
    audit.record(who, user, before={}, after={"link": True}, now=now)


@transaction.atomic
def note_password(user: User, now: datetime) -> None:
    """That somebody chose a password by a link."""
    audit.record(user, user, before={}, after={"password": True}, now=now)


def values_of(user: User) -> dict[str, Any]:
    """What the log keeps of an account: nothing that names a person."""
    return {
        "roles": _in_order(roles_of(user)),
        "sites": sorted(user.sites.values_list("pk", flat=True)),
        "is_active": user.is_active,
    }


def _in_order(roles: Collection[str]) -> list[str]:
    return [role for role in ROLES if role in roles]


def _names_of(user: User) -> Mapping[str, str]:
    return {
        "username": user.username, "name": f"{user.first_name}\n{user.last_name}",
        "email": user.email,
    }  # fmt: skip


def _name(user: User, said: Said) -> None:
    user.username, user.email = said.username, said.email
    user.first_name, user.last_name = said.first_name, said.last_name


def _save(user: User) -> None:
    """The form has looked before, and somebody may have been faster."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as taken:
        raise Refused(_("There is an account of this login already.")) from taken


def _give(user: User, roles: frozenset[str], sites: frozenset[int]) -> None:
    others = user.groups.exclude(name__in=ROLES)
    user.groups.set([*others, *Group.objects.filter(name__in=roles)])
    user.sites.set(sites)
    if user.is_superuser and ADMIN not in roles:
        user.is_superuser = user.is_staff = False
        user.save(update_fields=["is_superuser", "is_staff"])


def _locked(number: int) -> User:
    """An account that nobody else changes meanwhile. Of admins one at a time is changed: two who
    took each other's role would leave none."""
    Group.objects.select_for_update().get(name=ADMIN)
    return User.objects.select_for_update().get(pk=number)


def _keep_an_admin(user: User) -> None:
    if admins().filter(pk=user.pk).exists() and not admins().exclude(pk=user.pk).exists():
        raise Refused(_("This is the last admin who may sign in: make another one first."))
