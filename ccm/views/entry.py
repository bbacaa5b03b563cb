"""Signing in and out, and the page of what somebody signs in with: allauth's views, those that are
used here and no others, under this project's addresses and templates."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    raise_if_reauthentication_required,
)
from allauth.mfa.adapter import get_adapter as get_factors
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.adapter import get_adapter as get_directory
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, re_path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from ccm.entry import agents, directory, factors, oidc, places, resets, rights
from ccm.entry.forms import RIGHTS, sign_out_first
from ccm.models import User

View = Callable[..., Any]


def _me(request: HttpRequest) -> User:
    """Whoever is signed in."""
    assert isinstance(request.user, User)
    return request.user


class SignIn(account.LoginView):
    """By a username and a password; and the ways to others."""

    template_name = "registration/login.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not settings.PASSWORD_SIGN_IN:
            raise Http404
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "with_password": settings.PASSWORD_SIGN_IN,
            "with_reset": resets.is_open(),
            "directory": settings.OIDC_NAME if settings.DIRECTORY_IS_SET else "",
        }


class SecondStep(mfa.AuthenticateView):
    """A code or a passkey after the password. What the password was shown for has to be so still:
    another one, or other rights, and it begins again."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        login = self.stage.login
        rights_then = login.state.get(RIGHTS)
        if rights_then is not None and rights_then != login.user.get_session_auth_hash():
            return self.stage.abort()
        return super().post(request, *args, **kwargs)


class EnterByPasskey(webauthn.LoginWebAuthnView):
    """Whoever was signed in in this browser is signed out first."""

    def form_valid(self, form: Any) -> Any:
        sign_out_first(self.request)
        return super().form_valid(form)


class ChangePassword(account.PasswordChangeView):
    """Of who has one here: whom the directory lets in has none, and gets none."""

    template_name = "account/password_change.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = request.user
        if user.is_authenticated and not (settings.PASSWORD_SIGN_IN and user.has_usable_password()):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> Any:
        answer = super().form_valid(form)
        messages.info(self.request, _("Your password is another one now."))
        return answer


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class RemovePasskey(webauthn.RemoveWebAuthnView):
    """The last factor of a role that asks for one stays, as an app's does."""

    template_name = "mfa/webauthn/authenticator_confirm_delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "stays": not get_factors().can_delete_authenticator(self.object),
            "words": get_factors().error_messages["cannot_delete_authenticator"],
        }

    def form_valid(self, form: Any) -> Any:
        if not get_factors().can_delete_authenticator(self.object):
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)


class ProveByPasskey(webauthn.ReauthenticateWebAuthnView):
    """What is wrong is said on the page."""

    def form_invalid(self, form: Any) -> Any:
        return self.render_to_response(self.get_context_data())


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; the browser drops what it keeps of pages, also for its way back.

    Not its cookies, which would be those of all hosts of the domain, and of a screen that is paired
    here. Nor its storage: it has how the browser shows pages, and a page drops its drafts itself
    (`static/js/session.js`).
    """
    answer: HttpResponse = account.logout(request)
    answer["Clear-Site-Data"] = '"cache"'
    return answer


@login_required
@never_cache
@require_safe
def security_page(request: HttpRequest) -> HttpResponse:
    """What the reader signs in with, and where they are signed in."""
    user = _me(request)
    found = list(Authenticator.objects.filter(user=user).order_by("pk"))
    recovery = next((one for one in found if one.type == "recovery_codes"), None)
    now, this = timezone.now(), rights.mark(request.session.session_key)
    context = {
        "has_password": settings.PASSWORD_SIGN_IN and user.has_usable_password(),
        "account": SocialAccount.objects.filter(user=user).first(),
        "directory": settings.OIDC_NAME,
        "app": next((one for one in found if one.type == "totp"), None),
        "passkeys": [one for one in found if one.type == "webauthn"],
        "codes_left": len(recovery.wrap().get_unused_codes()) if recovery else 0,
        "has_codes": recovery is not None,
        "missing": factors.is_missing(user),
        "required": factors.is_required(user),
        "sessions": [
            (one, agents.words(one.user_agent), one.mark == this) for one in places.of(user, now)
        ],
        "zone": places.zone_of(user),
    }
    return render(request, "account/security.html", context)


@login_required
@require_POST
def session_end(request: HttpRequest, mark: str) -> HttpResponse:
    """End one session, of who shows who it is; the one that asks goes on, and is signed out
    elsewhere."""
    me = _me(request)
    key = places.key_of(me, mark)
    if key is None or key == request.session.session_key:
        raise Http404
    raise_if_reauthentication_required(request, app="allauth.mfa")
    places.end(me, [key], timezone.now(), me)
    messages.info(request, _("That session has ended."))
    return redirect("security")


@login_required
@require_POST
@reauthentication_required(app="allauth.mfa")
def sessions_end(request: HttpRequest) -> HttpResponse:
    """End all sessions but the one that asks, of who shows who it is."""
    places.end_others(_me(request), request.session.session_key, timezone.now())
    messages.info(request, _("You are signed out everywhere but here."))
    return redirect("security")


@require_POST
@never_cache
def directory_login(request: HttpRequest) -> HttpResponse:
    """Off to the company's directory, by a page that leads there: browsers hold a form to the
    content policy (`form-action`) wherever its answer would redirect to."""
    answer = _by_directory(request, OAuth2LoginView)
    if answer.status_code != HTTPStatus.FOUND:
        return answer
    context = {"url": answer["Location"], "directory": settings.OIDC_NAME}
    return render(request, "account/directory_away.html", context)


@require_safe
@never_cache
def directory_callback(request: HttpRequest) -> HttpResponse:
    """Back from it."""
    return _by_directory(request, oidc.Callback)


def _by_directory(request: HttpRequest, kind: Any) -> HttpResponse:
    if not settings.DIRECTORY_IS_SET:
        raise Http404
    adapter = oidc.Adapter(request, directory.PROVIDER)
    try:
        answer: HttpResponse = kind.adapter_view(adapter)(request)
    except (OAuth2Error, RequestException) as fault:
        said = get_directory(request)
        answer = said.not_answered(request, fault)
    return answer


@login_required
@never_cache
@require_safe
def directory_again(request: HttpRequest) -> HttpResponse:
    """Who has only the directory to show who it is goes there once more."""
    if not settings.DIRECTORY_IS_SET or get_reauthentication_flows(request.user):
        raise Http404
    wanted = request.GET.get("next", "")
    context = {
        "directory": settings.OIDC_NAME,
        "next": wanted if wanted and get_adapter(request).is_safe_url(wanted) else "",
    }
    return render(request, "account/directory_again.html", context)


def _where_mail_is_set(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not resets.is_open():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _signed_in(view: View) -> View:
    """To the sign-in page who is nobody, before anything else looks; what changes is kept with what
    the log says of it, or neither is."""
    return login_required(never_cache(transaction.atomic(view)))


def urls(under: str) -> list[URLPattern]:
    """Each of allauth's addresses that is used, under the names by which it finds them. Forms take
    what is posted; allauth's own would take PUT for it, too."""
    sign_in = SignIn.as_view()
    security = f"{under}/security/"
    reset = f"{under}/password/reset"
    found = [
        path(f"{under}/login/", sign_in, name="login"),
        path(f"{under}/login/", sign_in, name="account_login"),
        path(f"{under}/logout/", sign_out, name="logout"),
        path(f"{under}/logout/", sign_out, name="account_logout"),
        path(f"{under}/login/code/", SecondStep.as_view(), name="mfa_authenticate"),
        path(f"{under}/login/passkey/", EnterByPasskey.as_view(), name="mfa_login_webauthn"),
        path(f"{under}/login/directory/", directory_login, name="directory_login"),
        path(f"{under}/login/directory/back/", directory_callback, name="directory_callback"),
        path(
            f"{reset}/",
            _where_mail_is_set(account.password_reset),
            name="account_reset_password",
        ),
        path(
            f"{reset}/sent/",
            _where_mail_is_set(account.password_reset_done),
            name="account_reset_password_done",
        ),
        re_path(
            rf"^{reset}/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            _where_mail_is_set(transaction.atomic(account.password_reset_from_key)),
            name="account_reset_password_from_key",
        ),
        path(
            f"{reset}/done/",
            _where_mail_is_set(account.password_reset_from_key_done),
            name="account_reset_password_from_key_done",
        ),
        path(security, security_page, name="security"),
        path(security, security_page, name="mfa_index"),
        path(security, security_page, name="mfa_list_webauthn"),
        path(f"{security}sessions/end/", sessions_end, name="sessions_end"),
        path(f"{security}sessions/<slug:mark>/end/", session_end, name="session_end"),
        path(f"{security}again/", _signed_in(account.reauthenticate),
             name="account_reauthenticate"),
        path(f"{security}again/code/", _signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
        path(f"{security}again/passkey/", _signed_in(ProveByPasskey.as_view()),
             name="mfa_reauthenticate_webauthn"),
        path(f"{security}again/directory/", directory_again, name="directory_again"),
        path(f"{security}password/", _signed_in(ChangePassword.as_view()),
             name="account_change_password"),
        path(f"{security}app/", _signed_in(totp.activate_totp), name="mfa_activate_totp"),
        path(f"{security}app/remove/", _signed_in(totp.deactivate_totp),
             name="mfa_deactivate_totp"),
        path(f"{security}passkeys/new/", _signed_in(webauthn.add_webauthn),
             name="mfa_add_webauthn"),
        path(f"{security}passkeys/<int:pk>/remove/", _signed_in(RemovePasskey.as_view()),
             name="mfa_remove_webauthn"),
        path(f"{security}codes/", _signed_in(codes.view_recovery_codes),
             name="mfa_view_recovery_codes"),
        path(f"{security}codes/new/", _signed_in(codes.generate_recovery_codes),
             name="mfa_generate_recovery_codes"),
    ]  # fmt: skip
    for one in found:
        one.callback = require_http_methods(["GET", "HEAD", "POST"])(one.callback)
    return found
