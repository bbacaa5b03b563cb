"""The calls behind a figure: each name of `kpis.predicates` as a filter on the calls table."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable

from ccm.models import Offer, SurveyResponse
from kpis.parameters import Parameters

_LOST = ("timed_out", "key_exit", "voicemail", "failed", "other")
_APART = ("refused", "busy", "left_ivr")


def calls(names: Iterable[str], parameters: Parameters) -> Q:
    """Visits that any of the names finds, under these parameters."""
    found = Q(pk__in=[])
    for name in names:
        found |= condition(name, parameters)
    return found


def condition(name: str, parameters: Parameters) -> Q:
    """One name of `PREDICATES` as a condition. Raises KeyError for a name that is none.

    Where the clock starts late, waits shrink by it: `wait <= T` is `wait <= T + start`.
    """
    shift = parameters.clock_start_seconds
    limit_ms = (parameters.threshold_seconds + shift) * 1000
    within = Q(wait_ms__lte=limit_ms) if parameters.boundary == "<=" else Q(wait_ms__lt=limit_ms)
    short = (
        Q(wait_ms__lte=(parameters.short_abandon_seconds + shift) * 1000)
        if parameters.short_abandon_seconds
        else Q(pk__in=[])
    )
    answered, abandoned = Q(outcome="answered"), Q(outcome="abandoned")
    lost, callback = Q(outcome__in=_LOST), Q(outcome="callback_requested")
    known = Q(wait_ms__isnull=False)
    conditions = {
        "offered": ~Q(outcome__in=_APART),
        "ended": ~Q(outcome__in=(*_APART, "in_progress")),
        "answered": answered,
        "abandoned": abandoned,
        "timed_out": Q(outcome="timed_out"),
        "key_exit": Q(outcome="key_exit"),
        "callback_requested": callback,
        "other": Q(outcome__in=("voicemail", "failed", "other")),
        "in_progress": Q(outcome="in_progress"),
        "lost": lost,
        "refused": Q(outcome="refused"),
        "busy": Q(outcome="busy"),
        "left_ivr": Q(outcome="left_ivr"),
        "answered_within": answered & known & within,
        "answered_wait_known": answered & known,
        "abandoned_within": abandoned & known & within,
        "abandoned_after": abandoned & ~(known & within),
        "abandoned_short": abandoned & known & short,
        "abandoned_not_short": abandoned & ~(known & short),
        "abandoned_wait_known": abandoned & known,
        "lost_within": lost & known & within,
        "lost_after": lost & ~(known & within),
        "callback_within": callback & known & within,
        "ended_wait_known": ~Q(outcome__in=(*_APART, "in_progress")) & known,
        "talk_known": answered & Q(talk_ms__isnull=False),
        "hold_known": answered & Q(hold_ms__isnull=False),
        "acw_known": answered & Q(acw_ms__isnull=False),
        "handling_known": answered & Q(talk_ms__isnull=False),
        "not_handled": ~answered & ~Q(outcome="in_progress"),
        "transferred_out": answered & ~Q(transfer_kind=""),
        "resolved": answered & Q(resolved=True),
        "resolved_known": answered & Q(resolved__isnull=False),
        "rang": _rang("answered", "no_answer", "unreachable", "declined"),
        "rang_missed": _rang("no_answer", "unreachable", "declined"),
        "rang_no_answer": _rang("no_answer", "unreachable"),
        "rang_unreachable": _rang("unreachable"),
        "rang_declined": _rang("declined"),
        "surveyed": _scored(),
        "surveyed_top": _scored(Q(share__gte=0.75)),
        "surveyed_bottom": _scored(Q(share__lte=0.25)),
    }
    return conditions[name]


def _rang(*outcomes: str) -> Q:
    return Q(Exists(Offer.objects.filter(call=OuterRef("pk"), outcome__in=outcomes)))


def _scored(share: Q | None = None) -> Q:
    width: Combinable = F("scale_max") - F("scale_min")
    answers = SurveyResponse.objects.filter(call=OuterRef("pk"), kind="csat")
    if share is not None:
        answers = answers.annotate(share=(F("score") - F("scale_min")) / width).filter(share)
    return Q(Exists(answers))
