"""Names for the visits behind a figure: a passport lists the calls each name finds.

A name's meaning is bound to the parameters of the figure: "within T" is on the chosen
threshold, boundary and clock, and where a rate leaves visits out because they were
transferred in or left before the clock started, no name of that rate finds them. Names
that stand together in one numerator or denominator find no visit twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PREDICATES: Mapping[str, str | _StrPromise] = {
    # By outcome.
    "offered": _("entered the queue"),
    "ended": _("entered the queue and no longer waits"),
    "answered": _("connected to an agent"),
    "abandoned": _("the caller left while waiting"),
    "timed_out": _("waited as long as the queue allows"),
    "key_exit": _("left the queue by pressing a key"),
    "callback_requested": _("asked for a call back"),
    "other": _("left for voicemail, by a failure, or by an exit without a name"),
    "in_progress": _("still waiting"),
    "lost": _("timed out, left by key, or other exit without service"),
    "refused": _("turned away before the queue"),
    "busy": _("met a busy line before the queue"),
    "left_ivr": _("hung up in the menu before the queue"),
    # By outcome and wait; T is the threshold.
    "answered_within": _("answered, the wait known and within T"),
    "answered_wait_known": _("answered, the wait known"),
    "abandoned_within": _("abandoned, the wait known and within T"),
    "abandoned_after": _("abandoned after T, or after an unknown wait"),
    "abandoned_short": _("abandoned, the wait known and within the short-abandon limit"),
    "abandoned_not_short": _("abandoned after the short-abandon limit or an unknown wait"),
    "abandoned_wait_known": _("abandoned, the wait known"),
    "lost_within": _("lost, the wait known and within T"),
    "lost_after": _("lost after T, or after an unknown wait"),
    "callback_within": _("asked for a call back, the wait known and within T"),
    "ended_wait_known": _("no longer waits, the wait known"),
    "missed": _("the caller left while a phone rang at an agent"),
    "missed_within": _("left while a phone rang, the wait known and within T"),
    "ring_known": _("answered, the wait and the ring that was answered known"),
    # By the call back.
    "called_back": _("asked for a call back, and an agent had the caller on the line again"),
    "called_back_after": _("called back, known how long after the request"),
    "returned_within": _("called back, the wait until then within T"),
    # By what is known of an answered visit.
    "talk_known": _("answered, the talk time known"),
    "hold_known": _("answered, the hold time known"),
    "acw_known": _("answered, the wrap-up time known"),
    "handling_known": _("answered, measured in the parts that make the AHT"),
    "transferred_out": _("answered and transferred out at least once"),
    "transferred_blind": _("answered and passed on unannounced"),
    "transferred_attended": _("answered and passed on after a word with who takes over"),
    "several_agents": _("a contact that more than one agent answered"),
    "noted": _("answered, and somebody wrote a note on it"),
    "escalated": _("answered, and the note says that it was handed up"),
    "resolved": _("answered and resolved"),
    "resolved_known": _("answered, known whether resolved"),
    # By the other contacts of its caller; W is the window. Callers whose number is withheld or
    # shared by many are in none of these.
    "caller_first": _(
        "answered at least W days before the end, none of the caller in the W before"
    ),
    "caller_settled": _("the same, and none of the caller within the W days after"),
    "caller_told": _("answered, the caller known, and whether it was resolved"),
    "caller_told_first": _("the same, resolved, and none of the caller in the W days before"),
    "caller_resolvable": _("answered, the caller known, whether resolved, and that it could be"),
    "caller_resolvable_first": _("the same, resolved, and none of the caller in the W days before"),
    # By its rings at agents. A visit can ring often: these find visits, not rings.
    "rang": _("was answered by, not answered by, or declined by an agent it rang at"),
    "rang_missed": _("rang at an agent who did not answer, or declined"),
    "rang_no_answer": _("rang at an agent who did not answer"),
    "rang_unreachable": _("rang at an agent who could not be reached"),
    "rang_declined": _("rang at an agent who declined"),
    "rang_cancelled": _("rang at an agent until the caller left or another answered"),
    # Of calls out.
    "dialled": _("called out by the centre"),
    "dial_told": _("called out, and answered or over"),
    "conversation": _("called out, the talk as long as a conversation"),
    # By its surveys.
    "csat": _("a survey gave a satisfaction score"),
    "csat_good": _("a satisfaction score in the highest quarter of its scale"),
    "csat_bad": _("a satisfaction score in the lowest quarter of its scale"),
    "nps": _("a survey said whether the caller would recommend us"),
    "nps_good": _("a recommendation of 9 or 10"),
    "nps_bad": _("a recommendation of 6 or less"),
    "fcr": _("a survey said whether the matter was settled at the first contact"),
    "fcr_good": _("a survey said that it was settled at the first contact"),
    "ces": _("a survey said how easy it was"),
    "ces_good": _("an effort score of 5 to 7"),
    "ces_bad": _("an effort score of 1 to 3"),
    "csat_told": _("answered, and a survey gave a satisfaction score"),
    "csat_invited": _("a link asked for a satisfaction score"),
    "csat_invited_told": _("a link asked for a satisfaction score, and a survey gave one"),
    "nps_told": _("answered, and a survey said whether the caller would recommend us"),
    "nps_invited": _("a link asked whether the caller would recommend us"),
    "nps_invited_told": _("a link asked for a recommendation, and a survey gave one"),
    "ces_told": _("answered, and a survey said how easy it was"),
    "ces_invited": _("a link asked how easy it was"),
    "ces_invited_told": _("a link asked how easy it was, and a survey said it"),
}
