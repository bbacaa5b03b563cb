"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from coaching.views import (
    certificates,
    courses,
    courses_writing,
    learning,
    library,
    library_writing,
    mine,
    onboarding,
    ramp,
    recognition,
    sessions,
    suggestions,
)

UNDER = "coaching"

PAGES: list[URLPattern] = [
    *sessions.urls(UNDER),
    *mine.urls(UNDER),
    *recognition.urls(UNDER),
    *suggestions.urls(UNDER),
    *library.urls(UNDER),
    *library_writing.urls(UNDER),
    *learning.urls(UNDER),
    *courses_writing.urls(UNDER),
    *courses.urls(UNDER),
    *certificates.urls(UNDER),
    *ramp.urls(UNDER),
    *onboarding.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
