"""Addresses of quality review: its pages below `quality/`, its numbers below `api/v1/quality/`."""

from django.urls import URLPattern, URLResolver

from qa.api import sampling as api_sampling
from qa.views import queue, sampling

UNDER = "quality"
API = "api/v1/quality"

urlpatterns: list[URLPattern | URLResolver] = [
    *queue.urls(UNDER),
    *sampling.urls(UNDER),
    *api_sampling.urls(API),
]
