"""Addresses of quality review: its pages below `quality/`, its numbers below `api/v1/quality/`."""

from django.urls import URLPattern, URLResolver

from qa.api import scorecards as api_scorecards
from qa.views import scorecards

UNDER = "quality"
API = "api/v1/quality"

urlpatterns: list[URLPattern | URLResolver] = [
    *scorecards.urls(UNDER),
    *api_scorecards.urls(API),
]
