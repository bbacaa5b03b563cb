"""Wrong passwords and made-up tokens are counted, and after too many there is a pause.

django-axes keeps the attempts, in the database: all processes count together, and Redis is not
asked. Who is counted is an account at a neighbourhood of addresses (`limits.neighbourhood`), so
that a stranger's guesses stop the stranger and never the account's own people elsewhere. A
neighbourhood that guesses at many accounts is stopped, too. An account at which many neighbourhoods
guess is only answered more slowly, and so is an address that is evidently many people's
(`limits.is_shared`).

An attempt is kept under a key and not under what was typed, which may be a password in the wrong
box: `user:12` of an account there is, `none:` and a keyed hash of any other name, `token:` and one
of a token.
"""

import hmac
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.signals import pre_save
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from ccm import audit, limits
from ccm.models import AuditEntry, User

LONGEST_NAME = 150
# What many addresses guess at one account: from so many failures on each answer takes a second
# longer for every so many more, and at most so long.
SLOW_FROM, SLOWER_EACH, SLOWEST_SECONDS = 30, 10, 8
# Failures are kept so long, and so many of an account at most.
KEPT_DAYS, MOST_LOGGED = 30, 1000
# An address that nobody knows: a request that came over no network.
NOWHERE = "0.0.0.0"  # noqa: S104
USER, NOBODY, TOKEN = "user:", "none:", "token:"


def user_key(pk: int) -> str:
    return f"{USER}{pk}"


def _hashed(words: str) -> str:
    key = settings.SECRET_KEY.encode()
    said = b"ccm.entry " + words.encode(errors="replace")
    return hmac.new(key, said, sha256).hexdigest()[:24]


def key_of_name(name: str) -> str:
    """Under what attempts with a name are counted; an account under one key, however its name is
    written."""
    if name and len(name) <= LONGEST_NAME and name.isprintable():
        known = User.objects.filter(username__iexact=name).order_by("pk")
        if (pk := known.values_list("pk", flat=True).first()) is not None:
            return user_key(pk)
    return NOBODY + _hashed(name.casefold())


def key_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Under what an attempt is counted; asked by axes."""
    said = credentials or {}
    name = said.get("username") or said.get("email") or said.get("login") or ""
    known: dict[str, str] | None = getattr(request, "entry_keys", None)
    if known is None:
        known = request.entry_keys = {}  # type: ignore[attr-defined]
    if name not in known:
        known[name] = key_of_name(str(name))
    return known[name]


def address(request: HttpRequest) -> str:
    """Where an attempt is counted; asked by axes."""
    return as_counted(limits.address_of(request))


def as_counted(words: str) -> str:
    """An address as attempts from it are counted: of IPv6 the first of its neighbourhood, of none
    at all `NOWHERE`."""
    if limits.parsed(words) is None:
        return NOWHERE
    return limits.neighbourhood(words).partition("/")[0]


@dataclass(frozen=True, slots=True)
class Tries:
    """Failures of the last minutes: of an account at a neighbourhood, of that neighbourhood at any
    account, of the account from other neighbourhoods; and when the last of the first two were."""

    here: int
    of_address: int
    elsewhere: int
    here_at: datetime | None
    of_address_at: datetime | None
    is_shared: bool = False
    """Whether it is no neighbourhood but a proxy that nobody has named: one guesses, and all have
    its address."""

    @property
    def until(self) -> datetime | None:
        """Until when nothing is tried any more; None: it may be tried."""
        ends = []
        if self.here >= settings.LOCK_AFTER and self.here_at:
            ends.append(self.here_at + settings.AXES_COOLOFF_TIME)
        if self.is_full and self.of_address_at and not self.is_shared:
            ends.append(self.of_address_at + settings.AXES_COOLOFF_TIME)
        return max(ends, default=None)

    @property
    def wait_seconds(self) -> int:
        """How much later an answer comes."""
        waits = [0]
        if self.elsewhere >= SLOW_FROM:
            waits.append(1 + (self.elsewhere - SLOW_FROM) // SLOWER_EACH)
        if self.is_shared and self.is_full:
            waits.append(1 + (self.of_address - settings.ADDRESS_GUESSES) // SLOWER_EACH)
        return min(SLOWEST_SECONDS, max(waits))

    @property
    def is_full(self) -> bool:
        """Whether the neighbourhood has tried as often as one may, for whatever accounts."""
        return self.of_address >= settings.ADDRESS_GUESSES


def tries(key: str, where: str, now: datetime, *, is_shared: bool = False) -> Tries:
    """What was tried lately. One query."""
    fresh = AccessAttempt.objects.filter(attempt_time__gt=now - settings.AXES_COOLOFF_TIME)
    mine, there = Q(username=key), Q(ip_address=where)
    people = ~Q(username__startswith=TOKEN)
    failures = "failures_since_start"
    found = fresh.filter(mine | there).aggregate(
        here=Sum(failures, filter=mine & there, default=0),
        of_address=Sum(failures, filter=there & people, default=0),
        elsewhere=Sum(failures, filter=mine & ~there, default=0),
        here_at=Max("attempt_time", filter=mine & there),
        of_address_at=Max("attempt_time", filter=there & people),
    )
    return Tries(**found, is_shared=is_shared)


class Handler(AxesDatabaseHandler):
    """Counts as axes does, keeps less, and knows of the two wider brakes."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        now = timezone.now()
        shared = limits.is_shared(request)
        found = tries(key_of(request, credentials), address(request), now, is_shared=shared)
        request.entry_wait = found.wait_seconds  # type: ignore[attr-defined]
        request.entry_until = found.until  # type: ignore[attr-defined]
        return found.until is not None

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **more: Any,
    ) -> None:
        if request is None:  # a program, not a page
            return
        # One row of an account at a neighbourhood, whatever browsers it names.
        request.axes_user_agent = ""  # type: ignore[attr-defined]
        super().user_login_failed(sender, credentials, request, **more)
        # The tenth failure is answered as what comes after it.
        if request.axes_locked_out and getattr(request, "entry_until", None) is None:  # type: ignore[attr-defined]
            request.entry_until = timezone.now() + settings.AXES_COOLOFF_TIME  # type: ignore[attr-defined]

    def remove_out_of_limit_failure_logs(
        self, *, username: str, limit: int | None = MOST_LOGGED
    ) -> int:
        """Keep the newest failures of a key; axes would keep the oldest."""
        newest = AccessFailureLog.objects.filter(username=username).order_by("-attempt_time")
        beyond = AccessFailureLog.objects.filter(pk__in=newest.values("pk")[limit:])
        return beyond._raw_delete(beyond.db)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **more: Any) -> None:
        """Whoever gets in has mistyped before, and no more."""
        found = AccessAttempt.objects.filter(username=user_key(user.pk))
        found.filter(ip_address=address(request))._raw_delete(found.db)

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
        """Nothing is kept of it."""


def _keep_less(sender: Any, instance: Any, **_more: Any) -> None:
    """What else was in the request is nobody's business, and may be long."""
    instance.user_agent = instance.http_accept = ""
    if isinstance(instance, AccessAttempt):
        instance.get_data = instance.post_data = ""


def connect() -> None:
    """Hear what axes is about to keep."""
    for model in (AccessAttempt, AccessFailureLog):
        pre_save.connect(_keep_less, sender=model, dispatch_uid=f"ccm.entry.{model.__name__}")


class Lock(AxesStandaloneBackend):
    """The first of the backends: tries nothing where there is a pause. What signs in without a
    request is a program of this installation, at which nobody guesses."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> None:
        if request is not None:
            super().authenticate(request, username=username, password=password, **more)


def locked_out(
    request: HttpRequest, _response: HttpResponse, _credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """What is told in a pause, of names that there are and of others alike; asked by axes."""
    until: datetime | None = getattr(request, "entry_until", None)
    seconds = pause_seconds(until, timezone.now())
    page = render(
        request,
        "ccm/locked.html",
        {"words": in_minutes(seconds)},
        status=HTTPStatus.TOO_MANY_REQUESTS,
    )
    page["Retry-After"] = str(seconds)
    page["Cache-Control"] = "no-store"
    return page


def pause_seconds(until: datetime | None, now: datetime) -> int:
    """How long a pause still is, in whole seconds, one at least."""
    return max(1, math.ceil((until - now).total_seconds())) if until else 1


def in_minutes(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return ngettext("in a minute", "in %(count)d minutes", minutes) % {"count": minutes}


# Second factors. allauth stops after five wrong codes of an account, wherever they come from.


def code_failed(request: HttpRequest, user: User) -> None:
    """Note that a wrong code or passkey was shown for an account."""
    key = user_key(user.pk)
    AccessFailureLog.objects.create(
        username=key, ip_address=address(request), user_agent="", path_info=request.path[:255]
    )
    Handler().remove_out_of_limit_failure_logs(username=key)


# Tokens of the API. They have 256 bits and are not guessed; what is limited is who tries.


def _guessed(request: HttpRequest) -> QuerySet[AccessAttempt]:
    """Tokens that there are not, which came from an address lately. The same one again is no
    guess: a machine that was set up wrong stops none beside it."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(
        ip_address=address(request), username__startswith=TOKEN, attempt_time__gt=since
    )


def token_guesses(request: HttpRequest) -> Coalesce:
    """How many different ones, for the query that looks a token up."""
    counted = _guessed(request).order_by().values("ip_address").annotate(many=Count("pk"))
    return Coalesce(Subquery(counted.values("many")), 0)


def token_failed(request: HttpRequest, token: str) -> int:
    """Note that a token came that there is not; how many different ones that makes. Beyond what an
    address may try nothing more is noted, and the pause ends."""
    key = TOKEN + _hashed(token)
    before = set(_guessed(request).values_list("username", flat=True))
    if len(before) > settings.ADDRESS_GUESSES:
        return len(before)
    said = {"username": key, "ip_address": address(request), "user_agent": ""}
    path = str(request.path)[:255]
    _row, is_new = AccessAttempt.objects.get_or_create(
        **said, defaults={"failures_since_start": 1, "path_info": path}
    )
    if is_new:
        AccessFailureLog.objects.create(**said, path_info=path)
    else:
        again = AccessAttempt.objects.filter(**said)
        again.update(
            failures_since_start=F("failures_since_start") + 1, attempt_time=timezone.now()
        )
    return len(before | {key})


# What an admin does about it.


def counted(now: datetime) -> QuerySet[AccessAttempt]:
    """What counts against anybody, the latest first."""
    since = now - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(attempt_time__gt=since).order_by("-attempt_time")


def locked(now: datetime) -> QuerySet[AccessAttempt]:
    """The accounts at addresses that are in a pause, the latest first."""
    found = counted(now).exclude(username__startswith=TOKEN)
    return found.filter(failures_since_start__gte=settings.LOCK_AFTER)


def end_of(attempt: AccessAttempt) -> datetime:
    """When its pause ends."""
    last: datetime = attempt.attempt_time
    return last + settings.AXES_COOLOFF_TIME


def forget(now: datetime) -> int:
    """Drop attempts that are old: those that count for nothing any more, and the log of them after
    `KEPT_DAYS`. How many of the log."""
    AccessAttempt.objects.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME)._raw_delete(
        "default"
    )
    old = AccessFailureLog.objects.filter(attempt_time__lte=now - timedelta(days=KEPT_DAYS))
    return old._raw_delete("default")


def unlock(found: Iterable[AccessAttempt], who: User | None, now: datetime) -> int:
    """End these pauses; the audit log has it. How many there were."""
    ended = 0
    with transaction.atomic():
        held = AccessAttempt.objects.select_for_update().filter(pk__in=[one.pk for one in found])
        for one in held:
            before = {"failures_since_start": one.failures_since_start}
            audit.record(who, one, before=before, after=None, now=now)
            one.delete()
            ended += 1
    return ended


def tell(entries: Sequence[AuditEntry], _names: audit.Names) -> Mapping[int, audit.Told]:
    return {one.pk: audit.Told(gettext("Pause after wrong passwords")) for one in entries}
