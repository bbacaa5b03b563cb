"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    asking,
    badges,
    challenges,
    effect,
    huddles,
    leaderboards,
    library,
    library_writing,
    mine,
    preparing,
    public,
    pulse,
    recognition,
    recruiting,
    remarks,
    sessions,
    suggestions,
    trials,
    voice,
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
    *public.urls(UNDER),
    *voice.urls(UNDER),
    *asking.urls(UNDER),
    *recruiting.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
