"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    calendar,
    library,
    library_writing,
    mine,
    plans,
    recognition,
    rhythm,
    sessions,
    suggestions,
    triggers,
)

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *mine.urls(UNDER),
    *rhythm.urls(UNDER),
    *calendar.urls(UNDER),
    *triggers.urls(UNDER),
    *plans.urls(UNDER),
    *recognition.urls(UNDER),
    *suggestions.urls(UNDER),
    *library.urls(UNDER),
    *library_writing.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
