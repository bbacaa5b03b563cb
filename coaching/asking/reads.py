"""Reads what became of whom was drawn, by step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from ccm.intervals import Span
from ccm.models import CallAddress, Queue, Site, SurveyOptOut, Webhook
from ccm.querysets import Viewer
from coaching.asking.wanted import WAITING
from coaching.models import AskedCall, AskingRule
from kpis.noise import Interval, wilson

State = AskedCall.State


@dataclass(frozen=True, slots=True)
class Steps:
    """How many were `drawn` by a rule in some days: `left` by why, `waiting` to be handed on,
    `failed`, `handed`; of these `begun`, who touched an answer on their page or sent it,
    `answered`, `over`, whose link ended without an answer, and `stopped`, who said since that they
    are not to be asked any more. That a page was opened is no step: what looks at mails before
    people does so."""

    drawn: int = 0
    left: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    failed: int = 0
    handed: int = 0
    begun: int = 0
    answered: int = 0
    over: int = 0
    stopped: int = 0

    @property
    def rate(self) -> float | None:
        """Answered of those handed on, 0.0 to 1.0; None where nobody was."""
        return self.answered / self.handed if self.handed else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's: each caller is asked once."""
        return wilson(self.answered, self.handed)


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites whose callers the user has asked."""
    found: QuerySet[Site] = Site.objects.managed_by(user).order_by("name")
    return found


def rules(user: Viewer, site: Site) -> list[AskingRule]:
    rows = AskingRule.objects.visible_to(user).filter(site=site)
    return [*rows.select_related("webhook", "site").prefetch_related("queues")]


def steps(of: Sequence[AskingRule], span: Span, now: datetime) -> dict[int, Steps]:
    """What became of those drawn in [start, end) by `now`, by rule. Two queries."""
    rows = AskedCall.objects.filter(
        rule__in=[one.pk for one in of], drawn_at__gte=span.start, drawn_at__lt=span.end
    ).order_by()
    handed = Q(state=State.HANDED)
    used = Q(invitation__used_at__isnull=False)
    said_no = SurveyOptOut.objects.filter(
        Q(caller_hash=OuterRef("caller_hash"))
        | Q(caller_hash=OuterRef("invitation__address_hash")),
        at__gte=OuterRef("handed_at"),
    )
    over = Q(invitation__withdrawn_at=None, invitation__expires_at__lte=now)
    counted = rows.values("rule").annotate(
        drawn=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        handed=Count("pk", filter=handed),
        begun=Count("pk", filter=handed & (Q(invitation__begun_at__isnull=False) | used)),
        answered=Count("pk", filter=handed & used),
        over=Count("pk", filter=handed & ~used & over),
        stopped=Count("pk", filter=handed & Q(Exists(said_no))),
    )
    left: dict[int, dict[str, int]] = {}
    said = rows.filter(state=State.LEFT).values_list("rule", "why").annotate(n=Count("pk"))
    for rule, why, n in said:
        left.setdefault(rule, {})[why] = n
    found = {
        one["rule"]: Steps(
            one["drawn"], left.get(one["rule"], {}), one["waiting"], one["failed"], one["handed"],
            one["begun"], one["answered"], one["over"], one["stopped"],
        )
        for one in counted
    }  # fmt: skip
    return {one.pk: found.get(one.pk, Steps()) for one in of}


def lists(rule: AskingRule, most: int = 20) -> list[tuple[datetime, int]]:
    """When lists of a rule were taken along, with how many links, the newest first."""
    rows = AskedCall.objects.filter(rule=rule, state=State.HANDED).order_by()
    counted = rows.values_list("handed_at").annotate(n=Count("pk")).order_by("-handed_at")
    return [(at, n) for at, n in counted[:most] if at is not None]


def troubles(rule: AskingRule) -> list[str]:
    """What went wrong last on handing on, in words, once each."""
    rows = AskedCall.objects.filter(rule=rule).exclude(error="").order_by("-drawn_at")
    return list(dict.fromkeys(rows.values_list("error", flat=True)[:20]))[:3]


def queues(site: Site) -> QuerySet[Queue]:
    return Queue.objects.filter(site=site).order_by("name")


def webhooks(site: Site) -> QuerySet[Webhook]:
    return Webhook.objects.filter(site=site).order_by("name")


def addresses_of(site: Site) -> tuple[int, datetime | None]:
    """How many mail addresses of callers are kept of a site, and when the last will be gone."""
    told = CallAddress.objects.filter(site=site).aggregate(n=Count("pk"), last=Max("expires_at"))
    return told["n"], told["last"]
