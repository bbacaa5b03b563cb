"""allauth's forms, as this project asks them."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ResetPasswordKeyForm
from allauth.account.models import Login
from allauth.mfa.adapter import get_adapter as get_factors
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from ccm.entry.longest import LONGEST_PASSWORD

LONGEST_NAME = 80
RIGHTS = "ccm_rights"
"""Under which a sign-in that waits for a second factor keeps what its password was shown for."""


class SignInForm(LoginForm):
    """A username and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        password.label = _("Password")
        password.help_text = ""
        password.max_length = LONGEST_PASSWORD
        password.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
        self.fields.clear()
        self.fields.update({"username": name, "password": password})

    def user_credentials(self) -> dict[str, str]:
        said = self.cleaned_data
        return {"username": said["username"].strip(), "password": said["password"]}

    def _clean_with_password(self, credentials: dict[str, str]) -> dict[str, Any]:
        adapter = get_adapter(self.request)
        user = adapter.authenticate(self.request, **credentials)
        if user is None:
            raise adapter.validation_error("username_password_mismatch")
        self._login = Login(user=user, state={RIGHTS: user.get_session_auth_hash()})
        self.user = user
        return self.cleaned_data

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> Any:
        sign_out_first(request)
        return super().login(request, redirect_url)


def sign_out_first(request: HttpRequest) -> None:
    """End the session of whoever is signed in in a browser in which somebody signs in: the next one
    is of a new key, and of what was shown for it alone."""
    if request.user.is_authenticated:
        get_adapter(request).logout(request)


class ResetForm(forms.Form):
    """Whom to send a link to. What is sent, and whether, `ccm.entry.resets` knows: the answer is
    the same, and as fast, for an address that nobody has."""

    email = forms.EmailField(label=_("Mail address"), max_length=254)

    def save(self, request: HttpRequest, **_more: Any) -> str:
        from ccm.entry import resets

        email = str(self.cleaned_data["email"])
        resets.ask(email)
        return email


class ChosenPassword(ResetPasswordKeyForm):
    """A new password, twice, by a link: of an admin's, and of one that came by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("password1", _("New password")), ("password2", _("Once more"))):
            field = self.fields[name]
            field.label = label
            field.widget.attrs["autocomplete"] = "new-password"


class _AnyJson(forms.Form):
    """What a browser says of a key is anything that a stranger likes: what cannot be read is wrong,
    and no fault of ours."""

    def clean_credential(self) -> Any:
        return _told(super().clean_credential)  # type: ignore[misc]


def _told(read: Any) -> Any:
    try:
        return read()
    except (ValidationError, DatabaseError, RedisError):
        raise
    except Exception as fault:
        # Parsers of CBOR and of keys raise whatever their parts do.
        raise get_factors().validation_error("incorrect_code") from fault


class AddPasskey(AddWebAuthnForm):
    name = forms.CharField(label=_("Name"), required=False, max_length=LONGEST_NAME)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with it alone, without a username and a password")
        passwordless.help_text = _(
            "It then asks for your fingerprint, your face or its PIN itself."
        )

    def clean(self) -> Any:
        return _told(super().clean)


class UsePasskey(_AnyJson, AuthenticateWebAuthnForm):
    pass


class EnterByPasskey(_AnyJson, LoginWebAuthnForm):
    pass


class ProveByPasskey(_AnyJson, ReauthenticateWebAuthnForm):
    pass
