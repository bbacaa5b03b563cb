"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    badges,
    challenges,
    effect,
    huddles,
    leaderboards,
    library,
    library_writing,
    mine,
    preparing,
    pulse,
    recognition,
    remarks,
    sessions,
    suggestions,
    trials,
    wellbeing,
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
    *wellbeing.urls(UNDER),
    *pulse.urls(UNDER),
    *huddles.urls(UNDER),
    *leaderboards.urls(UNDER),
    *challenges.urls(UNDER),
    *badges.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
