"""Addresses of quality review: its pages below `quality/`, its numbers below `api/v1/quality/`."""

from django.urls import URLPattern, URLResolver

from ccm.views.posts import all_lead_back
from qa.api import after as api_after
from qa.api import calibration as api_calibration
from qa.api import checks as api_checks
from qa.api import disputes as api_disputes
from qa.api import findings as api_findings
from qa.api import insight as api_insight
from qa.api import plans as api_plans
from qa.api import queue as api_queue
from qa.api import reviews as api_reviews
from qa.api import rules as api_rules
from qa.api import sampling as api_sampling
from qa.api import scorecards as api_scorecards
from qa.api import sessions as api_sessions
from qa.api import topics as api_topics
from qa.views import (
    after,
    calibration,
    checks,
    disputes,
    findings,
    insight,
    queue,
    recordings,
    review_answers,
    review_saving,
    reviews,
    sampling,
    score_passport,
    scorecards,
    transcripts,
)

UNDER = "quality"
API = "api/v1/quality"

PAGES: list[URLPattern] = [
    *scorecards.urls(UNDER),
    *sampling.urls(UNDER),
    *score_passport.urls(UNDER),
    *queue.urls(UNDER),
    *reviews.urls(UNDER),
    *review_saving.urls(UNDER),
    *review_answers.urls(UNDER),
    *recordings.urls(UNDER),
    *after.urls(UNDER),
    *disputes.urls(UNDER),
    *calibration.urls(UNDER),
    *insight.urls(UNDER),
    *findings.urls(UNDER),
    *checks.urls(UNDER),
    *transcripts.urls(UNDER),
]
urlpatterns: list[URLPattern | URLResolver] = [
    *all_lead_back(PAGES),
    *api_scorecards.urls(API),
    *api_plans.urls(API),
    *api_sampling.urls(API),
    *api_queue.urls(API),
    *api_reviews.urls(API),
    *api_after.urls(API),
    *api_disputes.urls(API),
    *api_calibration.urls(API),
    *api_sessions.urls(API),
    *api_insight.urls(API),
    *api_findings.urls(API),
    *api_checks.urls(API),
    *api_rules.urls(API),
    *api_topics.urls(API),
]
