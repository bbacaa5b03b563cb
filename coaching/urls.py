"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    effect,
    library,
    library_writing,
    mine,
    preparing,
    recognition,
    remarks,
    sessions,
    suggestions,
    trials,
)

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *preparing.urls(UNDER),
    *mine.urls(UNDER),
    *recognition.urls(UNDER),
    *remarks.urls(UNDER),
    *suggestions.urls(UNDER),
    *library.urls(UNDER),
    *library_writing.urls(UNDER),
    *effect.urls(UNDER),
    *trials.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
