"""Addresses of forecasts and staffing."""

from django.urls import path

from scheduling.api import SimulateView, StaffingView
from scheduling.views import calculator, forecast, planned, requirements

urlpatterns = [
    path("forecast/", forecast.forecasts_page, name="forecasts"),
    path("forecast/<int:pk>/", forecast.forecast_page, name="forecast"),
    path("forecast/<int:pk>/publish/", forecast.forecast_publish, name="forecast_publish"),
    path("forecast/<int:pk>/day/", planned.forecast_day, name="forecast_day"),
    path("forecast/<int:pk>/plan/", planned.queue_plan, name="queue_plan"),
    *planned.EVENTS.urls(),
    *planned.OVERRIDES.urls(),
    path("requirements/", requirements.requirements_page, name="requirements"),
    path("calculator/", calculator.calculator_page, name="calculator"),
    path("api/v1/staffing/", StaffingView.as_view(), name="api_staffing"),
    path("api/v1/staffing/simulate/", SimulateView.as_view(), name="api_simulate"),
]
