"""What a review keeps of its call, which it may outlive, and whether the call may be heard."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ccm.contact.reads import must_agree
from ccm.intervals import day_of
from ccm.models import Agent, Call, Site, TeamMembership
from qa.models import Evaluation, QualityRules


def facts(call: Call) -> dict[str, Any]:
    """A call's facts as they are now, by their names on `Call`: texts, numbers and moments (ISO
    8601). Names of rows are kept beside their ids."""
    named = {
        name: None if row is None else str(row)
        for name, row in (
            ("queue", call.queue),
            ("agent", call.agent),
            ("topic", call.topic),
            ("disposition", call.disposition),
        )
    }
    moments = {
        name: None if moment is None else moment.isoformat()
        for name in ("offered_at", "answered_at", "ended_at")
        for moment in [getattr(call, name)]
    }
    plain = {
        name: getattr(call, name)
        for name in (
            "source", "external_id", "linked_id", "channel", "direction", "outcome",
            "caller_masked", "ivr_ms", "wait_ms", "ring_ms", "talk_ms", "hold_ms", "acw_ms",
            "ended_by", "transfer_kind", "transfer_target", "consent", "resolved",
        )
    }  # fmt: skip
    return {**named, **moments, **plain}


def team_of(agent: Agent, day: date) -> int | None:
    """The team that an agent was in on a day of their site."""
    stays = TeamMembership.objects.filter(agent=agent, starts_on__lte=day).exclude(ends_on__lte=day)
    found: int | None = stays.values_list("team", flat=True).first()
    return found


def day_of_call(call: Call) -> date:
    """The day of its site that a call is of."""
    return day_of(call.offered_at, call.site.calendar)


def why_not_heard(call: Call, rules: QualityRules) -> str:
    """Why a call may not be reviewed, in words; empty: it may."""
    if call.agent_id is None:
        return _("Nobody answered this call.")
    if call.consent is False:
        return _("The caller did not agree to be recorded.")
    if call.consent is None and rules.asks_consent:
        return _("Nobody knows whether the caller agreed to be recorded.")
    return ""


def why_not_reviewed(evaluation: Evaluation, call: Call | None, rules: QualityRules) -> str:
    """The same of the call of a review; of one that is gone by what is kept of it."""
    if call is not None:
        return why_not_heard(call, rules)
    kept = evaluation.facts.get("consent")
    gone = Call(agent_id=evaluation.agent_id, consent=kept)
    return why_not_heard(gone, rules)


def rules_of(site: int) -> QualityRules:
    """A site's rules; where nobody has said any, the defaults. One query."""
    told = Site.objects.select_related("quality_rules").annotate(must_agree=must_agree())
    row: Any = told.get(pk=site)
    rules: QualityRules = getattr(row, "quality_rules", None) or QualityRules(site_id=site)
    rules.must_agree = row.must_agree
    return rules
