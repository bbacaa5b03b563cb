"""The tables of the record as polars frames, every value as the database has it."""

from typing import Any

import polars as pl
from django.db import connection

from ccm.models import Queue, Site
from tests.oracle.polars_oracle import Raw

UTC = pl.Datetime("us", "UTC")
CALLS = {
    "id": pl.String, "source": pl.String, "linked_id": pl.String, "queue_id": pl.Int64,
    "agent_id": pl.Int64, "topic_id": pl.Int64, "direction": pl.String, "caller_hash": pl.String,
    "offered_at": UTC, "answered_at": UTC, "ended_at": UTC, "wrapup_ended_at": UTC,
    "time_precision": pl.String, "wait_ms": pl.Int64, "ring_ms": pl.Int64, "talk_ms": pl.Int64,
    "hold_ms": pl.Int64, "acw_ms": pl.Int64, "outcome": pl.String, "transfer_kind": pl.String,
    "resolved": pl.Boolean, "resolvable": pl.Boolean, "sale_value": pl.String,
    "pipeline_value": pl.String,
}  # fmt: skip
OFFERS = {
    "id": pl.String, "call_id": pl.String, "agent_id": pl.Int64, "starts_at": UTC,
    "ring_ms": pl.Int64, "outcome": pl.String,
}  # fmt: skip
SURVEYS = {
    "id": pl.String, "call_id": pl.String, "queue_id": pl.Int64, "agent_id": pl.Int64,
    "kind": pl.String, "scale_min": pl.Int64, "scale_max": pl.Int64, "score": pl.Float64,
    "answered_at": UTC,
}  # fmt: skip
NOTES = {"call_id": pl.String, "escalation": pl.String}
INVITATIONS = {
    "call_id": pl.String, "questions": pl.String, "expires_at": UTC, "withdrawn_at": UTC,
}  # fmt: skip
STATES = {
    "agent_id": pl.Int64, "state": pl.String, "reason": pl.String, "starts_at": UTC, "ends_at": UTC,
}  # fmt: skip
PAID = {"agent_id": pl.Int64, "day": pl.Date, "minutes": pl.Int64}
# Money is text here, as the database writes it: to the last coin.
SALES = {
    "call_id": pl.String, "agent_id": pl.Int64, "sold_on": pl.Date, "value": pl.String,
    "pipeline_value": pl.String, "currency": pl.String,
}  # fmt: skip
COSTS = {
    "kind": pl.String, "queue_id": pl.Int64, "agent_id": pl.Int64, "first_on": pl.Date,
    "last_on": pl.Date, "amount": pl.String, "currency": pl.String,
}  # fmt: skip
AGENTS = {
    "id": pl.Int64, "hired_on": pl.Date, "left_on": pl.Date, "left_reason": pl.String,
}  # fmt: skip


def raw(site: Site) -> Raw:
    """All rows of a site."""
    of_site = f"SELECT id FROM ccm_call WHERE site_id = {site.pk}"
    of_agents = f"SELECT id FROM ccm_agent WHERE site_id = {site.pk}"
    hours = Queue.objects.filter(site=site).exclude(hours={})
    return Raw(
        site.zone,
        site.opening,
        dict(hours.values_list("pk", "hours")),
        table("ccm_call", CALLS, f"site_id = {site.pk}"),
        table("ccm_offer", OFFERS, f"call_id IN ({of_site})"),
        table("ccm_surveyresponse", SURVEYS, f"site_id = {site.pk}"),
        # A new note supersedes the last.
        table("ccm_callnote", NOTES, f"site_id = {site.pk} AND is_current"),
        table("ccm_surveyinvitation", INVITATIONS, f"site_id = {site.pk} AND call_id IS NOT NULL"),
        table("ccm_agentstate", STATES, f"agent_id IN ({of_agents})"),
        table("ccm_paidtime", PAID, f"agent_id IN ({of_agents})"),
        table("ccm_sale", SALES, f"site_id = {site.pk}"),
        table("ccm_cost", COSTS, f"site_id = {site.pk}"),
        table("ccm_agent", AGENTS, f"site_id = {site.pk}"),
        site.currency,
    )


def table(name: str, columns: dict[str, Any], where: str) -> pl.DataFrame:
    """Rows of one table. Keys are text; a column of nothing but null keeps its type."""
    read = ", ".join(f"{one}::text" if kind == pl.String else one for one, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {read} FROM {name} WHERE {where}")
        return pl.DataFrame(cursor.fetchall(), schema=columns, orient="row")
