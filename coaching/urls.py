"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    badges,
    challenges,
    huddles,
    leaderboards,
    library,
    library_writing,
    mine,
    pulse,
    recognition,
    sessions,
    suggestions,
    wellbeing,
)

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *mine.urls(UNDER),
    *recognition.urls(UNDER),
    *suggestions.urls(UNDER),
    *library.urls(UNDER),
    *library_writing.urls(UNDER),
    *wellbeing.urls(UNDER),
    *pulse.urls(UNDER),
    *huddles.urls(UNDER),
    *leaderboards.urls(UNDER),
    *challenges.urls(UNDER),
    *badges.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
