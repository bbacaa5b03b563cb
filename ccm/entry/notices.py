"""What a page says once to whoever did something, in a cookie named as the others are."""

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class InACookie(CookieStorage):
    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class Storage(FallbackStorage):
    """In a cookie, and in the session what is too long for one."""

    storage_classes: tuple[Any, ...] = (InACookie, SessionStorage)
