"""Who has a role that asks for a second factor sets one up before anything else."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from ccm.api import plain_problem
from ccm.entry import factors
from ccm.views.failures import API

log = logging.getLogger(__name__)
# All that there is of a page to somebody who has none yet: what it takes to have one, and the way
# out. What asks for no sign-in knows nobody either (`OPEN`).
SETTING_UP = frozenset(
    {
        "security",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "directory_again",
        "directory_login",
        "directory_callback",
        "login",
        "account_login",
        "logout",
        "account_logout",
        "health",
    }
)


class SecondFactorFirst:
    """Leads to the second factor who has to have one and has none; and says in words where what
    counts wrong codes is away."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Tokens are none of a session: their requests have no user yet here."""
        found = request.resolver_match
        if not settings.MFA_ROLES or (found is not None and found.url_name in SETTING_UP):
            return None
        if not factors.is_missing(request.user):  # type: ignore[arg-type]
            return None
        if request.path.startswith(API):
            words = _("Your role asks for a second factor: set one up first.")
            return plain_problem(HTTPStatus.FORBIDDEN, words)
        if "HX-Request" in request.headers:
            answer = HttpResponse(status=HTTPStatus.FORBIDDEN)
            answer["HX-Redirect"] = redirect("security").url
            return answer
        return redirect("security")

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        found = request.resolver_match
        is_entry = found is not None and request.path.startswith("/accounts/")
        if not isinstance(fault, RedisError) or not is_entry:
            return None
        log.warning("what counts wrong codes is away: %s", type(fault).__name__)
        words = _(
            "What counts wrong codes is away, and without it none is taken. Try again in a minute."
        )
        page = render_to_string("account/away.html", {"words": words})
        return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
