"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    asking,
    library,
    library_writing,
    mine,
    public,
    recognition,
    recruiting,
    sessions,
    suggestions,
    voice,
)

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *mine.urls(UNDER),
    *recognition.urls(UNDER),
    *suggestions.urls(UNDER),
    *library.urls(UNDER),
    *library_writing.urls(UNDER),
    *public.urls(UNDER),
    *voice.urls(UNDER),
    *asking.urls(UNDER),
    *recruiting.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
