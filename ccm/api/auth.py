"""Tokens: `Authorization: Bearer ccm_...`, each good for named scopes until a date."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ccm import limits
from ccm.entry import locking
from ccm.models import ApiToken, User, token_hash
from ccm.rights import reach

# When a token was last used is kept to the minute, so that reading stays reading.
SEEN_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Signs a request in as the token's user; the token itself is `request.auth`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("The header is: Authorization: Bearer TOKEN."))
        now = timezone.now()
        words = parts[1].decode("latin-1")
        found = ApiToken.objects.select_related("user", "site")
        found = found.annotate(guesses=locking.token_guesses(request))
        token = found.filter(hash=token_hash(words)).first()
        guesses = locking.token_failed(request, words) if token is None else token.guesses
        # Of a proxy that nobody has named all programs have the address.
        if guesses > settings.ADDRESS_GUESSES and not limits.is_shared(request):
            raise Throttled(settings.AXES_COOLOFF_TIME.total_seconds())
        if token is None or not token.valid(now) or not token.user.is_active:
            raise AuthenticationFailed(_("This token is not known, or no longer good."))
        most = settings.API_PER_MINUTE
        if most and limits.too_often(f"token:{token.pk}", most, briefly=True):
            raise Throttled(
                limits.seconds_left(), _("This token asks too often: %(most)d times a minute.")
                % {"most": most},
            )  # fmt: skip
        if token.last_used_at is None or now - token.last_used_at > SEEN_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        if (match := request.resolver_match) is not None:
            reach.heed(token.user, match.url_name or "", str(request.method), request.GET)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ccm"'


class ReadOnly:
    """A view that is only read says so before it asks who writes: of whoever is signed in by a
    session a write would else first be asked for its CSRF token."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not hasattr(self, str(request.method).lower()):
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)  # type: ignore[misc]


def writes_for(request: Request, site: int) -> bool:
    """Whether the token may write for a site, which one that names a site does for no other."""
    token = request.auth
    return not isinstance(token, ApiToken) or token.site_id in (None, site)


class TokenScope(BasePermission):
    """Admits tokens that have the view's `token_scope`, and whoever is signed in otherwise.

    Which ways of signing in a view takes is said by its `authentication_classes`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return bool(request.user and request.user.is_authenticated)
        words = _("This token has not the scope %(scope)s.")
        self.message = words % {"scope": view.token_scope}
        return view.token_scope in request.auth.scopes
