"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    asking,
    badges,
    calendar,
    challenges,
    effect,
    huddles,
    leaderboards,
    library,
    library_writing,
    mine,
    plans,
    preparing,
    public,
    pulse,
    recognition,
    recruiting,
    remarks,
    rhythm,
    sessions,
    suggestions,
    trials,
    triggers,
    voice,
    wellbeing,
)

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *preparing.urls(UNDER),
    *mine.urls(UNDER),
    *rhythm.urls(UNDER),
    *calendar.urls(UNDER),
    *triggers.urls(UNDER),
    *plans.urls(UNDER),
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
