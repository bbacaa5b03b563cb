"""Addresses of forecasts and staffing."""

from django.urls import path

from scheduling.api import StaffingView
from scheduling.views import calculator, forecast, proof, requirements

urlpatterns = [
    path("forecast/", forecast.forecasts_page, name="forecasts"),
    path("forecast/<int:pk>/", forecast.forecast_page, name="forecast"),
    path("forecast/<int:pk>/publish/", forecast.forecast_publish, name="forecast_publish"),
    path("requirements/", requirements.requirements_page, name="requirements"),
    path("proof/", proof.proofs_page, name="proofs"),
    path("proof/<int:pk>/", proof.proof_page, name="proof"),
    path("calculator/", calculator.calculator_page, name="calculator"),
    path("api/v1/staffing/", StaffingView.as_view(), name="api_staffing"),
]
