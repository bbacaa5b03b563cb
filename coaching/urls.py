"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import mine, recognition, sessions, suggestions

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *mine.urls(UNDER),
    *recognition.urls(UNDER),
    *suggestions.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
