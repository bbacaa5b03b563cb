"""Addresses of forecasts and staffing."""

from django.urls import path

from scheduling.api import StaffingView
from scheduling.scenarios.api import ScenariosView
from scheduling.views import calculator, forecast, requirements, scenarios

urlpatterns = [
    path("forecast/", forecast.forecasts_page, name="forecasts"),
    path("forecast/<int:pk>/", forecast.forecast_page, name="forecast"),
    path("forecast/<int:pk>/publish/", forecast.forecast_publish, name="forecast_publish"),
    path("requirements/", requirements.requirements_page, name="requirements"),
    path("calculator/", calculator.calculator_page, name="calculator"),
    path("scenarios/", scenarios.scenarios_page, name="scenarios"),
    path("scenarios/new/", scenarios.scenario_new, name="scenario_new"),
    path("scenarios/hiring/", scenarios.hiring_page, name="hiring"),
    path("scenarios/<int:pk>/", scenarios.scenario_edit, name="scenario_edit"),
    path("scenarios/<int:pk>/copy/", scenarios.scenario_copy, name="scenario_copy"),
    path("scenarios/<int:pk>/remove/", scenarios.scenario_remove, name="scenario_remove"),
    path("api/v1/staffing/", StaffingView.as_view(), name="api_staffing"),
    path("api/v1/scenarios/", ScenariosView.as_view(), name="api_scenarios"),
]
