"""Of which calls the mail addresses of callers are kept, and when they go.

Kept are those of calls that a rule by mail would draw, and no others: calls that an agent took and
that end after the rule began, on its queues; a call's number is the same each time. They go as soon
as nothing is to be sent to them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from ccm.identity import id_floor
from ccm.models import Call, CallAddress, Direction, Outcome, Site, SurveyInvitation
from coaching.asking.drawing import is_drawn
from coaching.models import AskedCall, AskingRule

ASKED_WITHIN = timedelta(hours=48)
"""After its end a call is drawn for so long; of what comes in later nobody is asked any more."""
LONGEST_CALL = timedelta(days=1)
# Calls of which it is known how they ended.
_OVER = Q(ended_at__isnull=False) | ~Q(outcome__in=(Outcome.ANSWERED, Outcome.IN_PROGRESS))
WAITING = (AskedCall.State.DRAWN, AskedCall.State.GOING)


def drawn_by(rule: AskingRule) -> Q:
    """Calls that a rule may draw, whatever their number; `rule.queues` are read once."""
    may = Q(
        site=rule.site_id, direction=Direction.INBOUND, outcome=Outcome.ANSWERED,
        ended_at__gte=rule.since,
    )  # fmt: skip
    if queues := [one.pk for one in rule.queues.all()]:
        may &= Q(queue__in=queues)
    return may


def until(site: Site, calls: Collection[UUID], now: datetime) -> Mapping[UUID, datetime]:
    """Of some calls of a site those whose address is wanted, and until when at most."""
    there = AskingRule.objects.filter(site=site, is_on=True, by_mail=True)
    rules = [*there.prefetch_related("queues")]
    # Ids begin with the time as the source wrote it, by whatever clock.
    since = id_floor(now - ASKED_WITHIN - LONGEST_CALL - timedelta(days=1))
    recent = [one for one in calls if one >= since] if rules else []
    wanted: dict[UUID, datetime] = {}
    for rule in rules:
        drawn = [one for one in recent if is_drawn(rule.seed, one, float(rule.share))]
        over = Call.objects.filter(_OVER, pk__in=drawn) if drawn else Call.objects.none()
        never = over.exclude(drawn_by(rule))
        ends = now + timedelta(days=rule.address_days)
        for call in {*drawn} - {*never.values_list("pk", flat=True)}:
            wanted[call] = max(ends, wanted.get(call, ends))
    if not wanted:
        return {}
    # Told again after the mail was sent it would be kept again.
    done = {*AskedCall.objects.filter(call__in=wanted).values_list("call", flat=True)}
    done |= {*SurveyInvitation.objects.filter(call__in=wanted).values_list("call", flat=True)}
    return {call: ends for call, ends in wanted.items() if call not in done}


def let_go(now: datetime) -> int:
    """Let go of addresses that nothing is to be sent to: of calls that were asked about or left
    out, that no rule by mail of their site draws as they ended, or that came too long ago to be
    drawn. How many. Safe to run twice."""
    asked = AskedCall.objects.filter(call=OuterRef("call"))
    rules = AskingRule.objects.filter(is_on=True, by_mail=True).prefetch_related("queues")
    of_site = rules.filter(site=OuterRef("site"))
    over = Q(kept_at__lte=now - ASKED_WITHIN - LONGEST_CALL) | ~Exists(of_site) | Exists(asked)
    if conditions := [drawn_by(one) for one in rules]:
        ended = Call.objects.filter(_OVER, pk=OuterRef("call"))
        over |= Q(Exists(ended.exclude(reduce(or_, conditions))))
    rows = CallAddress.objects.filter(over).exclude(Exists(asked.filter(state__in=WAITING)))
    gone: int = rows.delete()[0]
    return gone
