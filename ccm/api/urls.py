"""Addresses of the API's own part, under /api/v1/."""

from django.urls import path

from ccm.api import reads
from ccm.api.events import EventsView
from ccm.api.uploads import UploadsView, UploadView

urlpatterns = [
    path("events/", EventsView.as_view(), name="events"),
    path("imports/", UploadsView.as_view(), name="api_imports"),
    path("imports/<int:pk>/", UploadView.as_view(), name="api_import"),
    path("queues/", reads.QueueList.as_view(), name="api_queues"),
    path("agents/", reads.AgentList.as_view(), name="api_agents"),
    path("calls/", reads.CallList.as_view(), name="api_calls"),
    path("calls/<uuid:pk>/", reads.CallDetail.as_view(), name="api_call"),
]
