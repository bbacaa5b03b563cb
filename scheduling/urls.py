"""Addresses of forecasts and staffing."""

from django.urls import path

from scheduling.api.forecasts import ForecastScoresView, ForecastView, RequirementView
from scheduling.api.intraday import IntradayView
from scheduling.api.months import MonthsView
from scheduling.api.scenarios import ScenariosView
from scheduling.api.staffing import SimulateView, StaffingView
from scheduling.views import (
    adherence,
    bids,
    calculator,
    fairness,
    forecast,
    groups,
    intraday,
    intraday_people,
    mine,
    months,
    planned,
    proof,
    requirements,
    rosters,
    scenarios,
    special_days,
    terms,
    timeoff,
    trades,
)

urlpatterns = [
    path("forecast/", forecast.forecasts_page, name="forecasts"),
    path("forecast/<int:pk>/", forecast.forecast_page, name="forecast"),
    path("forecast/<int:pk>/publish/", forecast.forecast_publish, name="forecast_publish"),
    path("forecast/<int:pk>/day/", planned.forecast_day, name="forecast_day"),
    path("forecast/<int:pk>/months/", months.months_page, name="queue_months"),
    path("forecast/<int:pk>/plan/", planned.queue_plan, name="queue_plan"),
    path("forecast/group/<int:pk>/", groups.group_page, name="group"),
    path("forecast/group/<int:pk>/months/", months.group_months_page, name="group_months"),
    path("special-days/", special_days.special_days_page, name="special_days"),
    path("special-days/remove/", special_days.remove, name="special_day_remove"),
    *planned.GROUPS.urls(),
    *planned.EVENTS.urls(),
    *planned.OVERRIDES.urls(),
    *terms.urls(),
    *rosters.urls(terms.UNDER),
    *fairness.urls(terms.UNDER),
    *timeoff.urls(),
    *bids.urls(terms.UNDER),
    *adherence.urls(terms.UNDER),
    *mine.urls(terms.UNDER),
    *trades.urls(terms.UNDER),
    path("requirements/", requirements.requirements_page, name="requirements"),
    path("intraday/", intraday.intraday_page, name="intraday"),
    *intraday_people.urls(),
    path("proof/", proof.proofs_page, name="proofs"),
    path("proof/<int:pk>/", proof.proof_page, name="proof"),
    path("calculator/", calculator.calculator_page, name="calculator"),
    path("api/v1/forecast/", ForecastView.as_view(), name="api_forecast"),
    path("api/v1/forecast/months/", MonthsView.as_view(), name="api_months"),
    path("api/v1/forecast/scores/", ForecastScoresView.as_view(), name="api_forecast_scores"),
    path("api/v1/requirement/", RequirementView.as_view(), name="api_requirement"),
    path("api/v1/forecast/intraday/", IntradayView.as_view(), name="api_intraday"),
    path("scenarios/", scenarios.scenarios_page, name="scenarios"),
    path("scenarios/new/", scenarios.scenario_new, name="scenario_new"),
    path("scenarios/hiring/", scenarios.hiring_page, name="hiring"),
    path("scenarios/<int:pk>/", scenarios.scenario_edit, name="scenario_edit"),
    path("scenarios/<int:pk>/copy/", scenarios.scenario_copy, name="scenario_copy"),
    path("scenarios/<int:pk>/remove/", scenarios.scenario_remove, name="scenario_remove"),
    path("api/v1/staffing/", StaffingView.as_view(), name="api_staffing"),
    path("api/v1/scenarios/", ScenariosView.as_view(), name="api_scenarios"),
    path("api/v1/staffing/simulate/", SimulateView.as_view(), name="api_simulate"),
]
