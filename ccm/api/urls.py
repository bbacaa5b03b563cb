"""Addresses of the API's own part, under /api/v1/."""

from django.urls import path

from ccm.api import reads
from ccm.api.answers import SurveysView
from ccm.api.calls import BulkCallsView
from ccm.api.events import EventsView
from ccm.api.invitations import SurveyInvitationsView
from ccm.api.notes import CallNoteView
from ccm.api.states import AgentStatesView
from ccm.api.uploads import UploadsView, UploadView

urlpatterns = [
    path("events/", EventsView.as_view(), name="events"),
    path("imports/", UploadsView.as_view(), name="api_imports"),
    path("imports/<int:pk>/", UploadView.as_view(), name="api_import"),
    path("queues/", reads.QueueList.as_view(), name="api_queues"),
    path("agents/", reads.AgentList.as_view(), name="api_agents"),
    path("calls/", reads.CallList.as_view(), name="api_calls"),
    path("calls/bulk", BulkCallsView.as_view(), name="api_calls_bulk"),
    path("surveys/", SurveysView.as_view(), name="api_surveys"),
    path("survey-invitations/", SurveyInvitationsView.as_view(), name="api_survey_invitations"),
    path("agent-states/", AgentStatesView.as_view(), name="api_agent_states"),
    path("calls/<uuid:pk>/note/", CallNoteView.as_view(), name="api_call_note"),
    path("calls/<uuid:pk>/", reads.CallDetail.as_view(), name="api_call"),
]
