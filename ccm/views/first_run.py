"""The page that makes the first admin, and the way there."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ccm import limits
from ccm.entry import first_run
from ccm.entry.longest import LONGEST_PASSWORD
from ccm.models import User

# A minute, from one address.
MOST_TRIES = 10


class FirstAdminForm(forms.ModelForm):
    """The token of the log, and who may do everything from now on."""

    token = forms.CharField(
        label=gettext_lazy("Token from the log"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("The password again"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("token", "username", "password", "again")

    class Meta:
        model = User
        fields = ("username",)
        field_classes = {"username": UsernameField}
        labels = {"username": gettext_lazy("Username")}

    def clean_token(self) -> str:
        said: str = self.cleaned_data["token"]
        if not first_run.is_token(said):
            raise ValidationError(_("This is not the token that the log of this server shows."))
        return said

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        password, again = said.get("password"), said.get("again")
        if password and again and password != again:
            self.add_error("again", _("These are two different passwords."))
        return said

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if password := self.cleaned_data.get("password"):
            try:
                password_validation.validate_password(password, self.instance)
            except ValidationError as wrong:
                self.add_error("password", wrong)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def first_run_page(request: HttpRequest) -> HttpResponse:
    """Makes the first admin and signs them in; is not there once there is anybody."""
    if not first_run.is_due():
        raise Http404
    form = FirstAdminForm()
    if request.method == "POST":
        there = limits.address_key(limits.address_of(request))
        if limits.too_often(f"first-run:{there}", MOST_TRIES):
            return _later(request)
        form = FirstAdminForm(request.POST)
        if form.is_valid():
            return _made(request, form)
        # A token that is wrong tells nothing of the rest.
        if "token" in form.errors:
            form.errors.pop("username", None)
            form.errors.pop("password", None)
    return render(request, "ccm/first_run.html", {"form": form})


def _made(request: HttpRequest, form: FirstAdminForm) -> HttpResponse:
    user = form.save(commit=False)
    try:
        first_run.make_admin(user, form.cleaned_data["password"])
    except first_run.TooLate:
        raise Http404 from None
    said = {"username": user.username}
    answer: HttpResponse = perform_password_login(request, said, Login(user=user))
    return answer


def _later(request: HttpRequest) -> HttpResponse:
    words = _("Too many tries: wait a minute.")
    page = render(
        request, "ccm/first_run.html", {"form": FirstAdminForm(), "words": words}, status=429
    )
    page["Retry-After"] = str(limits.WINDOW_SECONDS)
    return page


def leads_there(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead whoever would have to sign in, where nobody can yet, to the page of the first admin."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        if first_run.is_over():
            return response
        sign_in = resolve_url(settings.LOGIN_URL)
        is_led = (
            response.status_code == HTTPStatus.FOUND
            and urlsplit(response["Location"]).path == sign_in
        )
        if (is_led or request.path == sign_in) and first_run.is_due():
            return redirect("first_run")
        return response

    return middleware
