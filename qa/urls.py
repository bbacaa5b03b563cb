"""Addresses of quality review: its pages below `quality/`, its numbers below `api/v1/quality/`."""

from django.urls import URLPattern, URLResolver

from qa.api import calibration as calibration_api
from qa.api import disputes as disputes_api
from qa.views import after, calibration, disputes

UNDER = "quality"
API = "api/v1/quality"

urlpatterns: list[URLPattern | URLResolver] = [
    *after.urls(UNDER),
    *disputes.urls(UNDER),
    *calibration.urls(UNDER),
    *disputes_api.urls(API),
    *calibration_api.urls(API),
]
