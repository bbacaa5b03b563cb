"""Addresses of coaching: its pages below `coaching/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back

UNDER = "coaching"

PAGES: list[URLPattern] = []
urlpatterns: list[URLPattern | URLResolver] = [*all_lead_back(PAGES)]
