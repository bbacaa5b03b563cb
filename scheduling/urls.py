"""Addresses of forecasts and staffing."""

from django.urls import path

from scheduling.api import StaffingView
from scheduling.views import calculator

urlpatterns = [
    path("calculator/", calculator.calculator_page, name="calculator"),
    path("api/v1/staffing/", StaffingView.as_view(), name="api_staffing"),
]
