"""Every address. tests/test_access.py holds a row for each in the role matrix."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ccm.views import (
    accounts,
    analysts,
    attempts,
    audit,
    calls,
    contact,
    data_map,
    entry,
    erasures,
    event_shapes,
    first_run,
    gaps,
    health,
    imports,
    layouts,
    links,
    long_reads,
    mapping,
    names,
    notes,
    outgoing,
    personal,
    plans,
    retention,
    rights,
    standing_in,
    structure,
    survey,
    system,
    tokens,
)

handler400 = "ccm.views.failures.bad_request"
handler404 = "ccm.views.failures.not_found"
handler500 = "ccm.views.failures.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    # Who is here.
    path("first-run/", first_run.first_run_page, name="first_run"),
    path("failed-sign-ins/", attempts.attempts_page, name="failed_sign_ins"),
    path("failed-sign-ins/<int:pk>/unlock/", attempts.unlock, name="sign_in_unlock"),
    *entry.urls("accounts"),
    # The record.
    path("calls/", calls.calls_page, name="calls"),
    path("calls/export.csv", calls.calls_csv, name="calls_csv"),
    path("calls/<uuid:pk>/", calls.call_page, name="call"),
    path("calls/<uuid:pk>/note/", notes.note_page, name="call_note"),
    path("calls/<uuid:pk>/survey/", survey.invite, name="call_survey"),
    path(
        "calls/<uuid:pk>/survey/<int:link>/withdraw/",
        survey.withdraw,
        name="call_survey_withdraw",
    ),
    path("callbacks/promised/", notes.callbacks_page, name="callbacks"),
    path("callbacks/<int:pk>/done/", notes.callback_done, name="callback_done"),
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
    path("imports/layouts/", layouts.layouts_page, name="layouts"),
    path("imports/layouts/<int:pk>/", layouts.layout_page, name="layout"),
    path("imports/layouts/<int:pk>/delete/", layouts.layout_delete, name="layout_delete"),
    path("imports/shapes/", event_shapes.shapes_page, name="event_shapes"),
    path("imports/shapes/new/", event_shapes.shape_new, name="event_shape_new"),
    path("imports/shapes/<int:pk>/", event_shapes.shape_page, name="event_shape"),
    path("imports/shapes/<int:pk>/delete/", event_shapes.shape_delete, name="event_shape_delete"),
    path("gaps/", gaps.gaps_page, name="gaps"),
    path("imports/<int:pk>/issues.csv", imports.import_issues, name="import_issues"),
    # Names that logs brought.
    path("names/", names.names_page, name="names"),
    path("names/moves/<int:pk>/", names.names_move, name="names_move"),
    path("names/moves/<int:pk>/again/", names.names_again, name="names_again"),
    path("names/aliases/<int:pk>/confirm/", names.alias_confirm, name="alias_confirm"),
    path("names/aliases/<int:pk>/take-back/", names.alias_take_back, name="alias_take_back"),
    path("names/merges/<int:pk>/take-back/", names.merge_take_back, name="merge_take_back"),
    path("names/<slug:kind>/aliases/<int:pk>/part/", names.alias_part, name="alias_part"),
    path("names/agents/<int:pk>/give/", names.name_give, name="name_give"),
    path("names/<slug:kind>/confirm/", names.names_confirm, name="names_confirm"),
    path("names/<slug:kind>/<int:pk>/", names.name_page, name="name"),
    path("names/<slug:kind>/<int:pk>/confirm/", names.name_confirm, name="name_confirm"),
    path("names/<slug:kind>/<int:pk>/rename/", names.name_rename, name="name_rename"),
    path("names/<slug:kind>/<int:pk>/merge/", names.name_merge, name="name_merge"),
    # Who works where.
    *structure.urls(),
    # What it costs and aims at.
    *plans.urls(),
    *outgoing.WEBHOOKS.urls(),
    path("admin/webhooks/<int:pk>/secret/", outgoing.webhook_secret, name="webhook_secret"),
    # When callers may be contacted, and who is not to be.
    *contact.urls(),
    path("messages/", outgoing.deliveries_page, name="deliveries"),
    path("messages/<int:pk>/", outgoing.delivery_page, name="delivery"),
    path("links/", links.links_page, name="links"),
    path("links/<int:pk>/", links.link_edit, name="link_edit"),
    path("links/<int:pk>/delete/", links.link_delete, name="link_delete"),
    # Who may sign in, and as what.
    path("users/", accounts.users_page, name="users"),
    path("users/new/", accounts.user_new, name="user_new"),
    path("users/<int:pk>/", accounts.user_page, name="user"),
    path("users/<int:pk>/link/", accounts.user_link, name="user_link"),
    path("users/<int:pk>/active/", accounts.user_active, name="user_active"),
    path("users/<int:pk>/factors/", accounts.user_factors, name="user_factors"),
    path("users/<int:pk>/sessions/", accounts.user_sessions, name="user_sessions"),
    path(
        "accounts/password/choose/<str:uidb64>/<str:token>/",
        accounts.SetPassword.as_view(),
        name="set_password",
    ),
    path("rights/", rights.rights_page, name="rights"),
    path("tokens/", tokens.tokens_page, name="tokens"),
    path("tokens/new/", tokens.token_new, name="token_new"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("substitutes/", standing_in.substitutes_page, name="substitutes"),
    path("substitutes/<int:pk>/end/", standing_in.substitute_end, name="substitute_end"),
    path("emergencies/", standing_in.emergencies_page, name="emergencies"),
    path("emergencies/<int:pk>/end/", standing_in.emergency_end, name="emergency_end"),
    # Who changed what.
    path("audit/", audit.audit_page, name="audit"),
    # What is held of people, for how long, and what is done about it.
    path("personal-data/erasures/", erasures.erasures_page, name="erasures"),
    path("personal-data/erasures/<int:pk>/", erasures.erasure_page, name="erasure"),
    path("personal-data/erasures/<int:pk>/erase/", erasures.erasure_do, name="erasure_do"),
    path("personal-data/erasures/<int:pk>/leave/", erasures.erasure_leave, name="erasure_leave"),
    path("personal-data/erasures/<int:pk>/file.zip", erasures.erasure_file, name="erasure_file"),
    path("personal-data/analysts/", analysts.analysts_page, name="analysts"),
    path("personal-data/retention/", retention.retention_page, name="retention"),
    path("personal-data/map/", data_map.data_map_page, name="data_map"),
    path("audit/export.csv", audit.audit_csv, name="audit_csv"),
    *personal.urls("my-data"),
    # How it runs.
    path("system/", system.system_page, name="system"),
    path("system/settings/", system.settings_page, name="settings"),
    # What takes longer than a page may.
    path("answers/<int:pk>/", long_reads.progress, name="answer_progress"),
    path("answers/anew/", long_reads.anew, name="answer_anew"),
    # For callers.
    path("s/<str:words>/", survey.survey_page, name="survey"),
    path("s/<str:words>/stop/", survey.survey_stop, name="survey_stop"),
    # The figures.
    path("", include("kpis.urls")),
    # How many come, and how many people that takes.
    path("", include("scheduling.urls")),
    # What calls are worth, by who listens to them.
    path("", include("qa.urls")),
    path("", include("coaching.urls")),
    # For machines.
    path("api/v1/", include("ccm.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api_schema", template_name="ccm/api_docs.html"
        ),
        name="api_docs",
    ),
    path("healthz", health.health, name="health"),
    path("readyz", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
