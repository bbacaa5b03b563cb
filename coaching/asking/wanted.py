"""Of which calls the mail addresses of callers are kept, and when they go.

Kept are those of calls that a rule by mail would draw, and no others: a call's number is the same
each time. They go as soon as nothing is to be sent to them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ccm.identity import id_floor
from ccm.models import Call, CallAddress, Direction, Outcome, Site, SurveyInvitation
from coaching.asking.drawing import is_drawn
from coaching.models import AskedCall, AskingRule

ASKED_WITHIN = timedelta(hours=48)
"""After its end a call is drawn for so long; of what comes in later nobody is asked any more."""
LONGEST_CALL = timedelta(days=1)
WAITING = (AskedCall.State.DRAWN, AskedCall.State.GOING)


def calls_of(rule: AskingRule, now: datetime) -> QuerySet[Call]:
    """Calls that a rule is of, drawn or not: answered, on its queues, and over since it was
    switched on and not for too long."""
    since = max(rule.since, now - ASKED_WITHIN)
    # A source's clock may be ahead.
    last = now + 2 * LONGEST_CALL
    rows: QuerySet[Call] = Call.objects.offered_between(since - LONGEST_CALL, last).filter(
        site=rule.site_id, direction=Direction.INBOUND, outcome=Outcome.ANSWERED,
        ended_at__gte=since,
    )  # fmt: skip
    queues = [*rule.queues.values_list("pk", flat=True)]
    return rows.filter(queue__in=queues) if queues else rows


def until(site: Site, calls: Collection[UUID], now: datetime) -> Mapping[UUID, datetime]:
    """Of some calls of a site those whose address is wanted, and until when at most."""
    rules = [*AskingRule.objects.filter(site=site, is_on=True, by_mail=True)]
    # Ids begin with the time as the source wrote it, by whatever clock.
    since = id_floor(now - ASKED_WITHIN - LONGEST_CALL - timedelta(days=1))
    recent = [one for one in calls if one >= since] if rules else []
    days: dict[UUID, int] = {}
    for one in rules:
        drawn = [call for call in recent if is_drawn(one.seed, call, float(one.share))]
        for call in calls_of(one, now).filter(pk__in=drawn).values_list("pk", flat=True):
            days[call] = max(one.address_days, days.get(call, 0))
    wanted = {call: now + timedelta(days=many) for call, many in days.items()}
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
