"""Who is signed in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from ccm import kept, navigation
from ccm.access import facts, facts_signed_in, scope_of
from ccm.entry import factors
from ccm.kept import Kept
from ccm.models import User

_found: Kept[User] = Kept(
    lambda: User.objects.filter(pk=kept.ID).annotate(
        **facts(),
        **facts_signed_in(),
        has_factor=factors.has_one(),
        **navigation.counted(),
    )
)
navigation.on_registered(_found.forget)


class Backend(ModelBackend):
    """Signs in by password; finds the user of a request, the scope and what the sidebar counts in
    one query."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> User | None:
        if not settings.PASSWORD_SIGN_IN:
            return None
        found = super().authenticate(request, username=username, password=password, **more)
        return found if isinstance(found, User) else None

    def get_user(self, user_id: int) -> User | None:
        user = _found.get(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        scope_of(user, vars(user))
        return user
