"""Addresses of the API's own part, under /api/v1/."""

from django.urls import path

from ccm.api import reads
from ccm.api.events import EventsView

urlpatterns = [
    path("events/", EventsView.as_view(), name="events"),
    path("queues/", reads.QueueList.as_view(), name="api_queues"),
    path("agents/", reads.AgentList.as_view(), name="api_agents"),
    path("calls/", reads.CallList.as_view(), name="api_calls"),
    path("calls/<uuid:pk>/", reads.CallDetail.as_view(), name="api_call"),
]
