"""Signing in without a form, as `Client.force_login` does it, in two statements instead of sixteen.

It is done some six thousand times by the suite. What happens when somebody truly signs in (a key of
the session's own, the moment noted, wrong passwords forgotten) has its tests with the form.
"""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.http import HttpRequest
from django.test import Client
from django.utils.crypto import get_random_string

from ccm.entry.store import SessionStore
from ccm.models import User

_by_django = Client._login  # type: ignore[attr-defined]


def login(client: Client, user: User, backend: str | None = None) -> None:
    """A session of the user, where the client has none yet."""
    is_known = settings.SESSION_COOKIE_NAME in client.cookies
    if is_known or SessionStore.__module__ != settings.SESSION_ENGINE or backend is None:
        return _by_django(client, user, backend)
    store = SessionStore(get_random_string(32, VALID_KEY_CHARS))
    store._session_cache = {  # nothing is there under the key yet
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: backend,
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    store.begin()
    store.create_model_instance(store._session_cache).save(force_insert=True)
    request = HttpRequest()
    request.session = store
    client._set_login_cookies(request)  # type: ignore[attr-defined]
