"""Addresses of quality review: its pages below `quality/`, its numbers below `api/v1/quality/`."""

from django.urls import URLPattern, URLResolver

from qa.api import reviews as reviews_api
from qa.views import reviews

UNDER = "quality"
API = "api/v1/quality"

urlpatterns: list[URLPattern | URLResolver] = [
    *reviews.urls(UNDER),
    *reviews_api.urls(API),
]
