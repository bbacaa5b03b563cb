"""Addresses of the figures."""

from django.urls import path

from kpis.api import KpiReport
from kpis.views import (
    alerts,
    boards,
    books,
    evaluation,
    home,
    mailings,
    passport,
    performance,
    reports,
)
from kpis.views import definitions as pages

urlpatterns = [
    path("", home.home, name="home"),
    path("curve/", home.curve, name="curve"),
    path("queues/", performance.queues, name="queues"),
    path("agents/", performance.agents, name="agents"),
    path("agents/<int:pk>/", performance.agent, name="agent"),
    path("evaluation/", evaluation.evaluation_page, name="evaluation"),
    path("reports/", reports.reports, name="reports"),
    path("reports/view/", reports.built, name="report"),
    path("reports/save/", reports.save, name="report_save"),
    path("reports/<int:pk>/", reports.saved, name="report_saved"),
    path("reports/<int:pk>/change/", reports.change, name="report_change"),
    path("reports/<int:pk>/copy/", reports.copy, name="report_copy"),
    path("reports/<int:pk>/delete/", reports.delete, name="report_delete"),
    path("reports/<int:pk>/mail/", mailings.mailing_new, name="mailing_new"),
    path("reports/mailed/", mailings.mailings, name="mailings"),
    path("reports/mailed/recap/", mailings.recap_new, name="recap_new"),
    path("reports/mailed/<int:pk>/", mailings.mailing_edit, name="mailing_edit"),
    path("reports/mailed/<int:pk>/send/", mailings.mailing_send, name="mailing_send"),
    path("reports/mailed/<int:pk>/leave/", mailings.mailing_leave, name="mailing_leave"),
    path("reports/mailed/<int:pk>/remove/", mailings.mailing_remove, name="mailing_remove"),
    path("passport/", passport.passport, name="passport"),
    path("passport/calls/", passport.calls, name="passport_calls"),
    path("alerts/", alerts.alerts_page, name="alerts"),
    path("alerts/<int:pk>/seen/", alerts.alert_seen, name="alert_seen"),
    *alerts.RULES.urls(),
    path("books/", books.books, name="books"),
    path("books/check/", books.check_now, name="books_check"),
    path("books/progress/", books.progress, name="books_progress"),
    path("definitions/", pages.definitions_page, name="definitions"),
    path("definitions/<slug:kpi>/", pages.definition, name="definition"),
    path("definitions/<slug:kpi>/<int:pk>/", pages.definition_edit, name="definition_edit"),
    path(
        "definitions/<slug:kpi>/<int:pk>/remove/",
        pages.definition_remove,
        name="definition_remove",
    ),
    path("boards/", boards.boards, name="boards"),
    path("boards/<slug:slug>/", boards.board, name="board"),
    path("boards/<slug:slug>/token/", boards.board_token, name="board_token"),
    path("boards/<slug:slug>/links/", boards.make_link, name="make_link"),
    path("links/<int:pk>/revoke/", boards.revoke_link, name="revoke_link"),
    path("kiosk/<str:words>/", boards.kiosk, name="kiosk"),
    path("kiosk/<str:words>/token/", boards.kiosk_token, name="kiosk_token"),
    path("api/v1/kpis/", KpiReport.as_view(), name="api_kpis"),
]
