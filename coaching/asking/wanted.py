"""Of which calls the mail addresses of callers are kept, and when they go.

Kept are those of calls that a rule by mail would draw, and no others: a call's number is the same
each time. They go as soon as nothing is to be sent to them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from ccm.identity import id_floor
from ccm.models import CallAddress, Site, SurveyInvitation
from coaching.asking.drawing import is_drawn
from coaching.models import AskedCall, AskingRule

ASKED_WITHIN = timedelta(hours=48)
"""After its end a call is drawn for so long; of what comes in later nobody is asked any more."""
LONGEST_CALL = timedelta(days=1)
WAITING = (AskedCall.State.DRAWN, AskedCall.State.GOING)


def until(site: Site, calls: Collection[UUID], now: datetime) -> Mapping[UUID, datetime]:
    """Of some calls of a site those whose address is wanted, and until when at most."""
    rules = [*AskingRule.objects.filter(site=site, is_on=True, by_mail=True)]
    # Ids begin with the time as the source wrote it, by whatever clock.
    since = id_floor(now - ASKED_WITHIN - LONGEST_CALL - timedelta(days=1))
    recent = [one for one in calls if one >= since] if rules else []
    wanted = {}
    for call in recent:
        days = [one.address_days for one in rules if is_drawn(one.seed, call, float(one.share))]
        if days:
            wanted[call] = now + timedelta(days=max(days))
    if not wanted:
        return {}
    # Told again after the mail was sent it would be kept again.
    done = {*AskedCall.objects.filter(call__in=wanted).values_list("call", flat=True)}
    done |= {*SurveyInvitation.objects.filter(call__in=wanted).values_list("call", flat=True)}
    return {call: ends for call, ends in wanted.items() if call not in done}


def let_go(now: datetime) -> int:
    """Let go of addresses that nothing is to be sent to: of calls that were asked about or left
    out, that came too long ago to be drawn, or whose site asks nobody by mail any more. How many.
    Safe to run twice."""
    asked = AskedCall.objects.filter(call=OuterRef("call"))
    rules = AskingRule.objects.filter(site=OuterRef("site"), is_on=True, by_mail=True)
    over = Q(kept_at__lte=now - ASKED_WITHIN - LONGEST_CALL) | ~Exists(rules) | Exists(asked)
    rows = CallAddress.objects.filter(over).exclude(Exists(asked.filter(state__in=WAITING)))
    gone: int = rows.delete()[0]
    return gone
