"""Reviews that are to be done: of drawn calls, of targeted ones, of calibration."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ccm.models import Call, User
from qa.models import CardVersion, Evaluation, QualityRules
from qa.reviews import facts


def unsaved(
    call: Call,
    version: CardVersion,
    reviewer: User,
    now: datetime,
    rules: QualityRules,
    **more: Any,
) -> Evaluation:
    """A review to be done, with its call's facts as they are; `more` are its other fields.

    Raises ValidationError where the call may not be heard, and where it is the reviewer's own.
    """
    if why := facts.why_not_heard(call, rules):
        raise ValidationError(why)
    agent = call.agent
    if agent is None:
        raise ValidationError(_("Nobody answered this call."))
    if agent.user_id == reviewer.pk:
        raise ValidationError(_("Nobody reviews their own calls."))
    # Who makes many says of each what they know: also that it is of no team.
    team = (
        more.pop("team_id") if "team_id" in more else facts.team_of(agent, facts.day_of_call(call))
    )
    return Evaluation(
        site_id=call.site_id,
        call_id=call.pk,
        agent=agent,
        team_id=team,
        queue_id=call.queue_id,
        called_at=call.offered_at,
        facts=facts.facts(call),
        version=version,
        reviewer=reviewer,
        made_at=now,
        **more,
    )
