"""What allauth asks of this project: whom it lets in, what it says, how it keeps secrets."""

import logging
import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.entry import directory, factors, oidc, sealing
from ccm.models import User

log = logging.getLogger(__name__)
BACKEND = "ccm.backend.Backend"
# Of no address: a request that came over a socket of this machine.
NOWHERE = "0.0.0.0"  # noqa: S104  nobody listens on it


class Accounts(DefaultAccountAdapter):
    """Signing in and out. Accounts are made by admins, or by the directory's first sign-in."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy(
            "This username and this password do not belong together."
        ),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
        "too_many_login_attempts": gettext_lazy(
            "Too many wrong codes. Wait five minutes and try again."
        ),
        "rate_limited": gettext_lazy("This was asked for too often. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted elsewhere, so that nobody is kept out by others' guesses."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """By the one backend that finds the user of a request, however somebody came in."""
        user.backend = BACKEND
        super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        messages.error(request, _("This account is closed. Ask an admin of yours."))
        return redirect("login")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """What is wrong alone: what went well, the page that follows shows."""
        if level >= messages.ERROR and message:
            messages.add_message(request, level, message, extra_tags=extra_tags)

    def send_notification_mail(self, *args: Any, **more: Any) -> None:
        """None: the audit log has it, and the person's own page."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the connection tells, or a proxy that FORWARDED_ALLOW_IPS names."""
        try:
            found: str = super().get_client_ip(request)
        except PermissionDenied:
            return NOWHERE
        return found

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("security")

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Who has just signed in has shown who it is."""
        request = context.request
        records = get_authentication_records(request, request.user)
        at = max((one.get("at", 0.0) for one in records), default=0.0)
        return bool(time.time() - at >= account_settings.REAUTHENTICATION_TIMEOUT)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has neither a password nor a second factor comes from the directory, and shows it
        there who it is."""
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if found or not user.is_authenticated or not settings.DIRECTORY_IS_SET:
            return found
        again = {"id": "directory", "url": reverse("directory_again")}
        return [{**again, "description": settings.OIDC_NAME}]


class Factors(DefaultMFAAdapter):
    """Second factors, whose secrets are enciphered as they are kept."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("This code is wrong, or was used already."),
        "cannot_delete_authenticator": gettext_lazy(
            "Your role asks for a second factor: set up another one before you remove this."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; where no key opens it, another one, which no code is right for."""
        try:
            return sealing.unseal(encrypted_text)
        except sealing.Unreadable:
            log.error("a second factor is under none of CCM_FACTOR_KEYS: no code of it is right")
            return str(generate_totp_secret())

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user = authenticator.user
        if not factors.is_required(user):
            return True
        # Two tabs at once would each leave the other's: one after the other.
        User.objects.select_for_update().get(pk=user.pk)
        others = Authenticator.objects.filter(user=user, type__in=factors.FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        said: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return said | {"name": user.get_username()}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        many = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)d") % {"number": many + 1}


class DirectoryAccounts(DefaultSocialAccountAdapter):
    """Those that the company's directory vouches for."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one directory of the settings: none is kept in the database."""
        if not settings.DIRECTORY_IS_SET:
            return []
        if provider not in (None, directory.PROVIDER, directory.PROTOCOL):
            return []
        return [
            SocialApp(
                provider=directory.PROTOCOL,
                provider_id=directory.PROVIDER,
                name=settings.OIDC_NAME,
                client_id=settings.OIDC_CLIENT_ID,
                secret=settings.OIDC_CLIENT_SECRET,
                settings={"server_url": settings.OIDC_ISSUER},
            )
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Nobody is who somebody else's mail address says."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Who they are here, with the roles and sites that their groups stand for now."""
        if sociallogin.state.get("process") not in (None, "login"):
            raise ImmediateHttpResponse(refused(request, _("This is no way to sign in.")))
        known = sociallogin.user if sociallogin.is_existing else None
        try:
            user = directory.let_in(known, sociallogin.account, sociallogin.claims, timezone.now())
        except directory.Refused as refusal:
            raise ImmediateHttpResponse(refused(request, str(refusal))) from None
        sociallogin.user = user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        raise ImmediateHttpResponse(self.not_answered(request, exception or error))

    def not_answered(self, request: HttpRequest, fault: object) -> HttpResponse:
        """In words that tell a stranger nothing; the log has why."""
        log.warning("no sign-in by the directory: %s", fault)
        if isinstance(fault, oidc.TooWeak):
            words = _("Sign in to %(directory)s with more than a password, as is asked for here.")
            return refused(request, words % {"directory": settings.OIDC_NAME})
        words = _(
            "%(directory)s did not say who you are, or the answer came too late. Begin again."
        )
        said = words % {"directory": settings.OIDC_NAME}
        return refused(request, said[:1].upper() + said[1:])


def refused(request: HttpRequest, words: str) -> HttpResponse:
    """Nobody is signed in, and why."""
    return render(request, "account/refused.html", {"words": words}, status=403)
