"""Looks at every rule: reads its figure, raises and clears alerts, has people told.

Safe to run twice, beside itself and late: a rule is held by a lock while it is looked at, an alert
is raised once, and each message has a key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ccm.intervals import QUARTER, Span, day_of, floor
from ccm.models import Site
from ccm.signals import counts_changed
from kpis.alerts import messages
from kpis.alerts.judging import Move, is_quiet, judged
from kpis.alerts.models import Alert, AlertRule
from kpis.alerts.watchable import can_be_watched
from kpis.alerts.words import raised_words
from kpis.choices import Choices
from kpis.definitions import parse
from kpis.figures import Figure, figure
from kpis.freshness import LATE, SILENT, Freshness, freshness
from kpis.reads import reading
from kpis.report.cells import counted
from kpis.sums.counts import Counts


def watch(now: datetime) -> int:
    """Look at every rule that is on; how many alerts began or ended."""
    look = _Look(now, freshness(now))
    rules = AlertRule.objects.filter(is_on=True).order_by("pk").values_list("pk", flat=True)
    moved = sum(_looked_at(pk, look) for pk in rules)
    if moved:
        counts_changed.send(sender=None)
    return moved


@dataclass(slots=True)
class _Look:
    """One look at all rules: what several of them read is read once."""

    now: datetime
    fresh: Mapping[int, Freshness]
    _choices: dict[date, Choices] = field(default_factory=dict)

    def choices(self, day: date) -> Choices:
        if day not in self._choices:
            self._choices[day] = Choices(day)
        return self._choices[day]


@transaction.atomic
def _looked_at(pk: int, look: _Look) -> bool:
    """Look at one rule; whether its alert began or ended."""
    rules = AlertRule.objects.filter(pk=pk, is_on=True).select_related("site", "queue")
    rule = rules.select_for_update(of=("self",), skip_locked=True).first()
    if rule is None or (rule.checked_at is not None and rule.checked_at > look.now):
        return False
    alert = rule.alerts.filter(cleared_at=None).first()
    rule.checked_at, rule.unknown = look.now, _unknown(rule.site, look)[:200]
    move = Move.STAY
    if not rule.unknown:
        one = _figure(rule, look)
        if one is None:
            rule.unknown = _("This KPI cannot be watched any more.")
        else:
            move = judged(one.value, one.n, rule.bounds, alert is not None)
            alert = _moved(move, alert, rule, one, look.now)
    rule.save(update_fields=["checked_at", "unknown"])
    if alert is not None and alert.cleared_at is None:
        _tell(alert, rule, look.now)
    return move != Move.STAY


def _unknown(site: Site, look: _Look) -> str:
    """Why nothing can be said of the site now; empty where something can."""
    fresh = look.fresh.get(site.pk, Freshness())
    if fresh.behind_since is not None and look.now - fresh.behind_since > 3 * LATE:
        return _("The counts are behind.")
    if fresh.newest_at is None:
        return _("No calls have come in yet.")
    if look.now - fresh.newest_at > SILENT and site.is_open(look.now):
        since = fresh.newest_at.astimezone(site.tz)
        return _("Nothing has come in since %(time)s.") % {"time": f"{since:%Y-%m-%d %H:%M}"}
    return ""


def _figure(rule: AlertRule, look: _Look) -> Figure | None:
    """The rule's figure over its window; None where its KPI cannot be watched any more."""
    if not can_be_watched(rule.kpi):
        return None
    kpi, variant = parse(rule.kpi)
    site, now = rule.site, look.now
    today = day_of(now, site.calendar)
    queues = None if rule.queue_id is None else [rule.queue_id]
    if rule.window == AlertRule.Window.DAY:
        # By the day, which may have more than its quarter hours: calls that tell only their day.
        selection = reading.Selection([site.pk], first=today, last=today, queues=queues)
    else:
        selection = reading.Selection([site.pk], spans=[_window(rule, now)], queues=queues)
    asked = variant if ":" in rule.kpi else None
    choices = look.choices(today)
    found = counted(selection, "total", choices.needs(kpi, asked))
    counts = found.get(None, Counts())
    return figure(counts, kpi, asked, choices, site.pk, rule.queue_id)


def _window(rule: AlertRule, now: datetime) -> Span:
    """The quarter hours of the window, the one that is going on among them."""
    end = floor(now) + QUARTER
    return Span(end - timedelta(minutes=rule.window), end)


def _moved(
    move: Move, alert: Alert | None, rule: AlertRule, one: Figure, now: datetime
) -> Alert | None:
    """The alert after a move; one that stands has its figure of now."""
    if move == Move.RAISE and one.value is not None:
        return Alert.objects.create(
            rule=rule,
            level=rule.level,
            words=raised_words(rule, one)[:300],
            raised_at=now,
            raised_value=one.value,
            value=one.value,
            n=one.n,
        )
    if alert is None:
        return None
    alert.value, alert.n = one.value, one.n
    if move == Move.CLEAR:
        alert.cleared_at = now
        if alert.told_at is not None:
            messages.put(alert, rule)
    alert.save()
    return alert


def _tell(alert: Alert, rule: AlertRule, now: datetime) -> None:
    """Tell of a standing alert once, outside the quiet hours, unless somebody has seen to it."""
    at = now.astimezone(rule.site.tz).time()
    if (
        alert.told_at is not None
        or alert.seen_at is not None
        or is_quiet(at, rule.quiet_from, rule.quiet_until)
    ):
        return
    messages.put(alert, rule)
    alert.told_at = now
    alert.save(update_fields=["told_at"])
