"""Addresses of quality review: its pages below `quality/`, its numbers below `api/v1/quality/`."""

from django.urls import URLPattern, URLResolver

from qa.api import findings as api_findings
from qa.api import insight as api_insight
from qa.views import findings, insight

UNDER = "quality"
API = "api/v1/quality"

urlpatterns: list[URLPattern | URLResolver] = [
    *insight.urls(UNDER),
    *findings.urls(UNDER),
    *api_insight.urls(API),
    *api_findings.urls(API),
]
