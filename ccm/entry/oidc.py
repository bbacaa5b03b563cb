"""The company's directory as an OpenID provider: authorization code with PKCE, by allauth.

On top of what allauth looks at: a nonce ties the answer to this browser's question, the ID token's
signature is looked at whichever way it came, and what the provider says of itself is for the issuer
that the settings name. Source: OpenID Connect Core 1.0, 3.1.3.7; Discovery 1.0, 4.3.
"""

import hmac
import secrets
import time
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ccm.entry import directory

# With keys that the provider publishes: none that the client's own secret could make.
ALGORITHMS = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
]  # fmt: skip
# Clocks differ.
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255
# What the provider says of itself is asked for so seldom, however often strangers press the button.
KEPT_SECONDS = 300.0
_kept: dict[str, tuple[float, dict[str, Any]]] = {}


def forget() -> None:
    """Ask the provider anew what it says of itself."""
    _kept.clear()


class Wrong(OAuth2Error):
    """An answer of the provider that is not to be believed."""


class TooWeak(Wrong):
    """Somebody signed in there by less than the settings ask for."""


class Client(OAuth2Client):
    """Asks the provider for tokens."""

    def get_access_token(self, *args: Any, **more: Any) -> dict[str, Any]:
        """Raises OAuth2Error, RequestException."""
        try:
            found = super().get_access_token(*args, **more)
        except (LookupError, ValueError, TypeError) as fault:
            raise Wrong("the provider's tokens cannot be read") from fault
        if not isinstance(found, dict):
            raise Wrong("the provider's tokens are no object")
        return found


class Adapter(OpenIDConnectOAuth2Adapter):
    """Talks to the provider. `nonce` is what this browser's question was asked with. `since`: when
    it was asked, if it is of who is signed in and is to show it once more; else 0."""

    client_class = Client
    nonce = ""
    since = 0.0

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """It is not kept."""
        return SocialToken(token=str(data["access_token"]))

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return str(build_absolute_uri(request, reverse("directory_callback")))

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises Wrong, RequestException."""
        since, kept = _kept.get(settings.OIDC_ISSUER, (0.0, None))
        if kept is not None and time.monotonic() - since < KEPT_SECONDS:
            return kept
        try:
            found = super().openid_config
        except ValueError as fault:
            raise Wrong("the provider's configuration is no JSON") from fault
        if not isinstance(found, dict):
            raise Wrong("the provider's configuration is no object")
        if str(found.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
            raise Wrong("the provider's configuration is of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(found.get(name), str):
                raise Wrong(f"the provider's configuration has no {name}")
        _kept[settings.OIDC_ISSUER] = time.monotonic(), found
        return found

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        """Who it is, by the ID token; groups that it does not tell are asked for. Raises Wrong."""
        said = kwargs["response"].get("id_token")
        if not isinstance(said, str):
            raise Wrong("the provider sent no ID token")
        claims = self.claims_of(said, app)
        if settings.OIDC_GROUPS_CLAIM not in claims and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(token.token)
            if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
                raise Wrong("what the provider says of the person is another's")
            claims = {**more, **claims}
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login

    def claims_of(self, id_token: str, app: SocialApp) -> dict[str, Any]:
        """The claims of an ID token that is for this client, and for this question. Raises Wrong,
        RequestException."""
        try:
            key = self._key(jwt.get_unverified_header(id_token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as fault:
            raise Wrong(f"the ID token is not to be believed: {fault}") from fault
        nonce, party = claims.get("nonce"), claims.get("azp", app.client_id)
        if not (isinstance(nonce, str) and self.nonce):
            raise Wrong("the ID token has no nonce")
        if not hmac.compare_digest(nonce.encode(), self.nonce.encode()):
            raise Wrong("the ID token answers another question")
        if party != app.client_id:
            raise Wrong("the ID token is for another client")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise Wrong("the ID token names nobody")
        wanted = settings.OIDC_STRENGTH
        if wanted and _ways(claims).isdisjoint(wanted):
            raise TooWeak(f"neither acr nor amr of the ID token is one of {', '.join(wanted)}")
        if self.since:
            shown_at = claims.get("auth_time")
            if not isinstance(shown_at, int | float) or shown_at < self.since - LEEWAY_SECONDS:
                raise Wrong("the ID token does not say that they have just shown who they are")
        return claims

    def _key(self, kid: object) -> Any:
        """The provider's key of that id; its only one, where the token names none. Raises Wrong."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            found = jwt.PyJWKSet.from_dict(answer.json()).keys
        of_it = [one for one in found if one.public_key_use in (None, "sig")]
        if kid is not None:
            of_it = [one for one in of_it if one.key_id == kid]
        if len(of_it) != 1:
            raise Wrong("the ID token is under no key of the provider")
        return of_it[0].key


def _ways(claims: dict[str, Any]) -> set[str]:
    """How somebody signed in there, as an ID token says."""
    said = claims.get("amr")
    ways = [claims.get("acr"), *(said if isinstance(said, list) else [said])]
    return {one for one in ways if isinstance(one, str)}


class Directory(OpenIDConnectProvider):
    """The provider as allauth knows it."""

    oauth2_adapter_class = Adapter
    pkce_enabled_default = True

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("directory_login")

    def get_callback_url(self) -> str:
        return reverse("directory_callback")

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        """Nothing of it is the browser's to say."""
        return list(self.get_scope())

    def get_auth_params_from_request(self, request: HttpRequest, action: Any) -> dict[str, str]:
        return {}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        return found | {"process": "login"}

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:  # fmt: skip
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = {"nonce": nonce}
        if settings.OIDC_STRENGTH:
            kwargs["auth_params"]["acr_values"] = " ".join(settings.OIDC_STRENGTH)
        since = 0.0
        if request.user.is_authenticated:
            # Not by a session that the provider has anyway.
            since = time.time()
            kwargs["auth_params"] |= {"prompt": "login", "max_age": "0"}
        answer: HttpResponse = super().redirect(
            request, process, next_url=next_url, data=data, nonce=nonce, since=since, **kwargs
        )
        return answer

    def extract_uid(self, data: dict[str, Any]) -> str:
        return directory.uid_of(data["iss"], data["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept of the claims: whose they are."""
        return {"issuer": data["iss"], "subject": data["sub"]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing: `directory` reads the claims itself."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []


class Callback(OAuth2CallbackView):
    """Where the provider sends people back to."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, answer = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        self.adapter.since = (state or {}).get("since", 0.0)
        return state, answer
