"""Every address. tests/test_access.py holds a row for each in the role matrix."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ccm.views import calls, gaps, health, imports, mapping

handler404 = "ccm.views.failures.not_found"
handler500 = "ccm.views.failures.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    # Who is here.
    path("accounts/login/", LoginView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    # The record.
    path("calls/", calls.calls_page, name="calls"),
    path("calls/export.csv", calls.calls_csv, name="calls_csv"),
    path("calls/<uuid:pk>/", calls.call_page, name="call"),
    path("imports/", imports.imports_page, name="imports"),
    path("imports/<int:pk>/", imports.import_page, name="import"),
    path("imports/<int:pk>/mapping/", mapping.mapping_page, name="mapping"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/begin/", imports.import_begin, name="import_begin"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/correct/", imports.import_correct, name="import_correct"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import_undo"),
    path("imports/<int:pk>/gaps/", gaps.import_gaps, name="import_gaps"),
    path("imports/<int:pk>/rejected/<int:file>/", imports.import_rejected, name="import_rejected"),
    path("gaps/", gaps.gaps_page, name="gaps"),
    path("imports/<int:pk>/issues.csv", imports.import_issues, name="import_issues"),
    # The figures.
    path("", include("kpis.urls")),
    # For machines.
    path("api/v1/", include("ccm.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
    path("healthz", health.health, name="health"),
]
