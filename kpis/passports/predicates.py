"""Names for the visits behind a figure: a passport lists the calls each name finds.

A name's meaning is bound to the parameters of the figure: "within T" is on the chosen
threshold, boundary and clock, and where a rate leaves visits out because they were
transferred in or left before the clock started, no name of that rate finds them. Names
that stand together in one numerator or denominator find no visit twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from kpis.parameters import Parameters
from kpis.sums.counts import Family

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
    # By the matter that it begins: its first contact stands for it.
    "matter": _("begins a matter that was resolved, could not be, or is open"),
    "matter_resolved": _("begins a matter that was resolved"),
    # By its rings at agents. A visit can ring often: these find visits, not rings.
    "rang": _("was answered by, not answered by, or declined by an agent it rang at"),
    "rang_missed": _("rang at an agent who did not answer, or declined"),
    "rang_no_answer": _("rang at an agent who did not answer"),
    "rang_unreachable": _("rang at an agent who could not be reached"),
    "rang_declined": _("rang at an agent who declined"),
    "rang_cancelled": _("rang at an agent until the caller left or another answered"),
    # By what it sold: as a sale that names it tells, else as the call itself does.
    "sold": _("sold something"),
    "sold_either_way": _("sold something, whether it came in or was made"),
    "sold_perhaps": _("may yet sell something, whether it came in or was made"),
    # Of calls out.
    "dialled": _("called out by the centre"),
    "dial_told": _("called out, and answered or over"),
    "conversation": _("called out, the talk as long as a conversation"),
    # By who answered or called, and whether the hours of that day of the agent are known.
    "answered_by_agent": _("answered, and it is told by which agent"),
    "answered_logged_in": _("answered, on a day whose states of the agent are known"),
    "answered_paid": _("answered, on a day whose paid time of the agent is known"),
    "dialled_logged_in": _("called out, on a day whose states of the agent are known"),
    "dialled_paid": _("called out, on a day whose paid time of the agent is known"),
    "conversation_logged_in": _("a conversation, on a day whose states of the agent are known"),
    "conversation_paid": _("a conversation, on a day whose paid time of the agent is known"),
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
UNANSWERED = frozenset(
    {
        "offered", "ended", "abandoned", "timed_out", "key_exit", "callback_requested", "other",
        "in_progress", "lost", "refused", "busy", "left_ivr", "abandoned_within",
        "abandoned_after", "abandoned_short", "abandoned_not_short", "abandoned_wait_known",
        "lost_within", "lost_after", "callback_within", "ended_wait_known", "missed",
        "missed_within", "called_back", "called_back_after", "returned_within",
    }
)  # fmt: skip
"""Those that find visits which nobody answered: these are of a queue, and of no agent."""
IN_QUEUE = UNANSWERED | {"answered_within", "answered_wait_known", "ring_known"}
"""Those that find visits by what became of them in a queue, which no call out ever enters."""
MATTERS = frozenset({"matter", "matter_resolved"})
"""Those that find contacts that begin a matter."""
RINGS = frozenset(name for name in PREDICATES if name.startswith("rang"))
ANSWERS = frozenset(
    f"{kind}{edge}" for kind in ("csat", "nps", "fcr", "ces") for edge in ("", "_good", "_bad")
)
"""RINGS and ANSWERS find visits of which a figure counts rings, or answers: some have several."""
FAMILY_OF: Mapping[str, Family] = {
    **dict.fromkeys((*RINGS, "missed", "missed_within", "ring_known"), "rings"),
    **dict.fromkeys(("called_back", "called_back_after", "returned_within"), "returns"),
    **dict.fromkeys(
        ("talk_known", "hold_known", "acw_known", "handling_known", "conversation"), "handling"
    ),
    **dict.fromkeys(
        ("transferred_out", "transferred_blind", "transferred_attended", "several_agents",
         "resolved", "resolved_known", "caller_told", "caller_told_first", "caller_resolvable",
         "caller_resolvable_first"),
        "outcomes",
    ),
    **dict.fromkeys(("noted", "escalated"), "notes"),
    **dict.fromkeys(
        (name for name in PREDICATES if name.startswith(("csat", "nps", "ces", "fcr"))), "answers"
    ),
}  # fmt: skip
"""What of the counts a figure of them is read from, beside how calls ended and waited."""
SALES = frozenset({"sold", "sold_either_way", "sold_perhaps"})
OF_HOURS = frozenset(
    f"{what}_{hours}"
    for what in ("answered", "dialled", "conversation")
    for hours in ("logged_in", "paid")
)
"""Those that find visits by the hours of who answered or called."""
OF_VISITS = OF_HOURS | {"answered_by_agent"}
"""Those that find visits, also where contacts are counted."""
OUT = frozenset({"dialled", "dial_told", "conversation"}) | {
    name for name in OF_HOURS if not name.startswith("answered")
}
"""Those that find calls out alone."""
EITHER_WAY = frozenset({"sold_either_way", "sold_perhaps"})
"""Those that find calls in and calls out."""


class Reason(NamedTuple):
    """Why a call counts or does not. `words` may hold placeholders: those of `Parameters`, and
    what the call lasted: {wait}, {ring}, {talk}, {hold}, {acw}, {handling}; until it was called
    back: {back} from entry, {called_back} from the request; {before} and {later} to the caller's
    other calls; {until} to the end of the matter that it begins. `untold` where one of these is not
    known."""

    words: str | _StrPromise
    untold: str | _StrPromise = ""


REASONS: Mapping[str, Reason] = {
    # Switched off by the parameters, whatever came of it.
    "outside": Reason(_("came outside opening hours, or tells its day alone")),
    "outside_before": Reason(_("never came to a queue, outside opening hours")),
    "transferred_in": Reason(_("was passed on to its queue, and such calls do not count")),
    "before_clock": Reason(_("left after {wait}, before the clock starts")),
    "untold_day": Reason(_("came or was made on a day of which no sales are told")),
    # By how it ended.
    "answered": Reason(_("answered after {wait}"), _("answered, after an unknown wait")),
    "abandoned": Reason(
        _("the caller left after {wait}"), _("the caller left after an unknown wait")
    ),
    "timed_out": Reason(_("timed out after {wait}"), _("timed out, after an unknown wait")),
    "key_exit": Reason(
        _("left by pressing a key after {wait}"), _("left by pressing a key, after an unknown wait")
    ),
    "other": Reason(
        _("left otherwise after {wait}, as for voicemail"),
        _("left otherwise after an unknown wait, as for voicemail"),
    ),
    "callback_requested": Reason(
        _("asked for a call back after {wait}"), _("asked for a call back after an unknown wait")
    ),
    "in_progress": Reason(_("still waiting, as far as is known")),
    "refused": Reason(_("turned away before the queue")),
    "busy": Reason(_("met a busy line before the queue")),
    "left_ivr": Reason(_("hung up in the menu before the queue")),
    "talked": Reason(_("answered on no queue, so never offered")),
    "no_queue": Reason(_("came to no queue, and nobody answered")),
    # By its wait.
    "answered_within": Reason(_("answered after {wait}, {within}")),
    "answered_after": Reason(_("answered after {wait}, not {within}")),
    "answered_unknown": Reason(_("answered after an unknown wait")),
    "abandoned_within": Reason(_("the caller left after {wait}, {within}")),
    "abandoned_after": Reason(_("the caller left after {wait}, not {within}")),
    "abandoned_unknown": Reason(_("the caller left after an unknown wait")),
    "abandoned_short": Reason(_("the caller left after {wait}: a short abandon, within {short}")),
    "abandoned_not_short": Reason(
        _("the caller left after {wait}: no short abandon, not within {short}")
    ),
    "abandoned_unrung": Reason(
        _("the caller left after {wait}, while no phone rang"),
        _("the caller left after an unknown wait, while no phone rang"),
    ),
    "missed": Reason(
        _("the caller left after {wait}, while a phone rang"),
        _("the caller left after an unknown wait, while a phone rang"),
    ),
    "missed_within": Reason(_("the caller left after {wait}, while a phone rang, {within}")),
    "missed_after": Reason(_("the caller left after {wait}, while a phone rang, not {within}")),
    "missed_unknown": Reason(_("the caller left after an unknown wait, while a phone rang")),
    "lost_within": Reason(_("left without service after {wait}, {within}")),
    "lost_after": Reason(_("left without service after {wait}, not {within}")),
    "lost_unknown": Reason(_("left without service after an unknown wait")),
    "callback_within": Reason(_("asked for a call back after {wait}, {within}")),
    "callback_after": Reason(_("asked for a call back after {wait}, not {within}")),
    "callback_unknown": Reason(_("asked for a call back after an unknown wait")),
    "ended_unknown": Reason(_("left the queue after an unknown wait")),
    "ring_known": Reason(_("answered after {wait}, with {ring} of it ringing")),
    "ring_unknown": Reason(_("answered after an unknown wait or ring")),
    # By the call back.
    "called_back": Reason(_("an agent had the caller on the line again {back} after entry")),
    "called_back_after": Reason(_("called back {called_back} after the request")),
    "called_back_untold": Reason(_("called back, not known how long after the request")),
    "not_called_back": Reason(_("asked for a call back; not called back, as far as is known")),
    "returned_within": Reason(_("called back {back} after entry, {within}")),
    "returned_after": Reason(_("called back {back} after entry, not {within}")),
    # By what is known of the answered.
    "talk_known": Reason(_("answered, with {talk} of talk")),
    "talk_unknown": Reason(_("answered, the talk not known")),
    "hold_known": Reason(_("answered, with {hold} of hold")),
    "hold_unknown": Reason(_("answered, the hold not known")),
    "acw_known": Reason(_("answered, with {acw} of wrap-up")),
    "acw_unknown": Reason(_("answered, the wrap-up not known")),
    "no_talk": Reason(_("answered and handled for {handling}, without any talk")),
    "handling_known": Reason(_("answered and handled for {handling}")),
    "handling_other": Reason(_("answered, measured in other parts than most")),
    "handling_unknown": Reason(_("answered, the handling not known")),
    "transferred_out": Reason(_("answered and passed on")),
    "transferred_blind": Reason(_("answered and passed on unannounced")),
    "transferred_attended": Reason(_("answered and passed on after a word with who took over")),
    "transferred_untold": Reason(_("answered and passed on, not told how")),
    "not_transferred": Reason(_("answered and not passed on")),
    "several_agents": Reason(_("answered by more than one agent")),
    "one_agent": Reason(_("answered by one agent")),
    "escalated": Reason(_("answered, and the note says that it was handed up")),
    "not_escalated": Reason(_("answered, and the note says nothing of handing up")),
    "not_noted": Reason(_("answered, without a note")),
    "resolved": Reason(_("answered and resolved")),
    "not_resolved": Reason(_("answered and not resolved")),
    "resolved_unknown": Reason(_("answered, not known whether resolved")),
    # By the caller's other calls.
    "withheld": Reason(_("the caller's number is withheld or not logged")),
    "shared": Reason(_("the caller's number is shared by many: more than ten contacts on a day")),
    "untold": Reason(_("not known what it was about")),
    "young": Reason(_("not yet known: {window} after it are not over")),
    "again": Reason(_("the caller had come before, {before} earlier: within {window}")),
    "returned": Reason(_("the caller came again within {later}")),
    "settled": Reason(_("the caller did not come again within {window}")),
    "not_settled": Reason(_("not resolved")),
    "told_again": Reason(_("resolved, but the caller had come before, {before} earlier")),
    "told_first": Reason(_("resolved, and the caller had not come within {window} before")),
    "not_resolvable": Reason(_("could not be resolved, or nobody said that it could")),
    # By the matter that it begins.
    "matter_young": Reason(_("begins a matter on a day that is not over: not yet known")),
    "matter_untold": Reason(_("begins a matter of which nobody says whether it was resolved")),
    "matter_resolved": Reason(_("begins a matter that was resolved {until} later")),
    "matter_ruled_out": Reason(
        _("begins a matter that could not be resolved, as was known {until} later")
    ),
    "matter_open": Reason(_("begins a matter that is open, as far as it was watched: for {until}")),
    # By its rings.
    "rang": Reason(_("rang at an agent who answered")),
    "rang_missed": Reason(_("rang at an agent who did not answer, or declined")),
    "rang_no_answer": Reason(_("rang at an agent who did not answer")),
    "rang_unreachable": Reason(_("rang at an agent who could not be reached")),
    "rang_declined": Reason(_("rang at an agent who declined")),
    "rang_cancelled": Reason(_("rang until the caller left or another agent answered")),
    "rang_not_so": Reason(_("no such ring is told of it")),
    "rang_nowhere": Reason(_("rang at no agent, as far as is told")),
    "rang_elsewhere": Reason(_("rang there, and was answered elsewhere or by nobody")),
    # By what it sold.
    "sold": Reason(_("a sale is of it")),
    "sold_perhaps": Reason(_("what may yet be sold is of it")),
    # Of calls out.
    "dial_answered": Reason(_("called out, and answered")),
    "dial_unanswered": Reason(_("called out, and not answered")),
    "dial_ringing": Reason(_("called out, and still ringing")),
    "conversation": Reason(_("called out, with {talk} of talk: at least {conversation}")),
    "talk_short": Reason(_("called out, with {talk} of talk: less than {conversation}")),
    # By the hours of who answered or called.
    "answered_logged_in": Reason(_("answered, on a day whose states are known")),
    "answered_unlogged": Reason(_("answered, on a day whose states are not known")),
    "answered_paid": Reason(_("answered, on a day whose paid time is known")),
    "answered_unpaid": Reason(_("answered, on a day whose paid time is not known")),
    "answered_nobody": Reason(_("answered, not told by whom")),
    "dialled_logged_in": Reason(_("called out, on a day whose states are known")),
    "dialled_unlogged": Reason(_("called out, on a day whose states are not known")),
    "dialled_paid": Reason(_("called out, on a day whose paid time is known")),
    "dialled_unpaid": Reason(_("called out, on a day whose paid time is not known")),
    "dialled_nobody": Reason(_("called out, not told by whom")),
    "conversation_logged_in": Reason(
        _("called out, with {talk} of talk, on a day whose states are known")
    ),
    "conversation_unlogged": Reason(
        _("called out, with {talk} of talk, on a day whose states are not known")
    ),
    "conversation_paid": Reason(
        _("called out, with {talk} of talk, on a day whose paid time is known")
    ),
    "conversation_unpaid": Reason(
        _("called out, with {talk} of talk, on a day whose paid time is not known")
    ),
    "conversation_nobody": Reason(_("called out and answered, not told by whom it was made")),
    # By its surveys.
    "csat_good": Reason(_("a satisfaction score in the highest quarter of its scale")),
    "csat_bad": Reason(_("a satisfaction score in the lowest quarter of its scale")),
    "csat": Reason(_("a satisfaction score in the middle of its scale")),
    "csat_none": Reason(_("no satisfaction score was given")),
    "nps_good": Reason(_("a recommendation of 9 or 10")),
    "nps_bad": Reason(_("a recommendation of 6 or less")),
    "nps": Reason(_("a recommendation of 7 or 8")),
    "nps_elsewhere": Reason(_("a recommendation on another scale than 0 to 10")),
    "nps_none": Reason(_("nobody said whether to recommend us")),
    "ces_good": Reason(_("an effort score of 5 to 7")),
    "ces_bad": Reason(_("an effort score of 1 to 3")),
    "ces": Reason(_("an effort score of 4")),
    "ces_elsewhere": Reason(_("an effort score on another scale than 1 to 7")),
    "ces_none": Reason(_("no effort score was given")),
    "fcr_good": Reason(_("the caller said that it was settled at the first contact")),
    "fcr_bad": Reason(_("the caller said that it was not settled at the first contact")),
    "fcr": Reason(_("the caller's answer is neither yes nor no")),
    "fcr_none": Reason(_("the caller did not say whether it was settled")),
    **{
        f"{kind}_{name}": Reason(words)
        for kind in ("csat", "nps", "ces")
        for name, words in (
            ("told", _("answered, and the caller answered the survey")),
            ("not_told", _("answered, and no survey of this kind was answered")),
            ("invited_told", _("was sent a link, and the survey was answered")),
            ("invited", _("was sent a link, and the survey was not answered")),
            ("not_invited", _("was sent no link, or one that was withdrawn")),
        )
    },
}
"""In words why a call counts or does not, by name. `behind` and `behind_repeats` decide which is
true of a call; of several that are the first in the order of `reasons_of` is told."""

_WAIT_OF_ANSWERED = ("answered_unknown", "answered_within", "answered_after")
_WAIT_OF_ABANDONED = ("abandoned_unknown", "abandoned_within", "abandoned_after")
_SHORT = ("abandoned_unknown", "abandoned_short", "abandoned_not_short")
_WAIT_OF_LOST = ("lost_unknown", "lost_within", "lost_after")
_MISSED = ("missed_unknown", "missed_within", "missed_after", "abandoned_unrung")
_HOW_PASSED_ON = ("transferred_untold", "not_transferred")
_ELSEWHERE = {kind: (f"{kind}_elsewhere",) for kind in ("nps", "ces")}

_TELLING: Mapping[str, tuple[str, ...]] = {
    "answered_within": _WAIT_OF_ANSWERED,
    "answered_wait_known": ("answered_unknown",),
    "abandoned": ("abandoned_unknown",),
    "abandoned_within": _WAIT_OF_ABANDONED,
    "abandoned_after": _WAIT_OF_ABANDONED,
    "abandoned_short": _SHORT,
    "abandoned_not_short": _SHORT,
    "abandoned_wait_known": ("abandoned_unknown",),
    "lost": ("lost_unknown",),
    "lost_within": _WAIT_OF_LOST,
    "lost_after": _WAIT_OF_LOST,
    "callback_requested": ("callback_unknown",),
    "callback_within": ("callback_unknown", "callback_within", "callback_after"),
    "ended_wait_known": ("ended_unknown",),
    "missed": ("missed", "abandoned_unrung"),
    "answered_by_agent": ("answered_nobody",),
    "missed_within": _MISSED,
    "ring_known": ("ring_known", "ring_unknown"),
    "called_back": ("called_back", "not_called_back"),
    "called_back_after": ("called_back_after", "called_back_untold", "not_called_back"),
    "returned_within": ("returned_within", "returned_after", "not_called_back"),
    **{
        f"{what}_{hours}": (f"{what}_{hours}", f"{what}_{unknown}", f"{what}_nobody", *more)
        for what, more in (
            ("answered", ()), ("dialled", ()), ("conversation", ("talk_unknown", "talk_short")),
        )
        for hours, unknown in (("logged_in", "unlogged"), ("paid", "unpaid"))
    },
    **{part: (part, part.replace("_known", "_unknown"))
       for part in ("talk_known", "hold_known", "acw_known")},
    "handling_known": ("no_talk", "handling_known", "handling_unknown", "handling_other"),
    "transferred_out": ("transferred_out", "not_transferred"),
    "transferred_blind": ("transferred_blind", "transferred_attended", *_HOW_PASSED_ON),
    "transferred_attended": ("transferred_attended", "transferred_blind", *_HOW_PASSED_ON),
    "several_agents": ("several_agents", "one_agent"),
    "escalated": ("escalated", "not_escalated", "not_noted"),
    "resolved": ("resolved", "not_resolved", "resolved_unknown"),
    "caller_settled": ("withheld", "shared", "untold", "young", "again", "returned", "settled"),
    "caller_told_first": (
        "withheld", "shared", "untold", "resolved_unknown", "not_settled", "told_again",
        "told_first",
    ),
    "caller_resolvable_first": (
        "withheld", "shared", "untold", "resolved_unknown", "not_resolvable", "not_settled",
        "told_again", "told_first",
    ),
    "matter_resolved": (
        "matter_young", "matter_untold", "matter_resolved", "matter_ruled_out", "matter_open",
    ),
    "rang_missed": ("rang_missed",),
    "rang": ("rang", "rang_cancelled", "rang_nowhere"),
    **{ring: (ring, "rang_not_so")
       for ring in ("rang_no_answer", "rang_unreachable", "rang_declined", "rang_cancelled")},
    "sold": ("sold",),
    "sold_either_way": ("sold",),
    "sold_perhaps": ("sold_perhaps",),
    "conversation": ("conversation", "talk_unknown", "talk_short"),
    **{
        kind: (f"{kind}_good", f"{kind}_bad", kind, *_ELSEWHERE.get(kind, ()), f"{kind}_none")
        for kind in ("csat", "nps", "ces", "fcr")
    },
    **{f"{kind}_told": (f"{kind}_told", f"{kind}_not_told") for kind in ("csat", "nps", "ces")},
    **{
        f"{kind}_invited_told": (f"{kind}_invited_told", f"{kind}_invited", f"{kind}_not_invited")
        for kind in ("csat", "nps", "ces")
    },
}  # fmt: skip
"""By the names of a figure's sides, the reasons that tell these apart from the rest, in order."""

SWITCHED = ("outside", "outside_before", "transferred_in", "before_clock", "untold_day")
"""What is taken out of both sides: by the parameters, and where nobody tells what was sold."""
_ENDED = (
    "in_progress", "answered", "abandoned", "timed_out", "key_exit", "other",
    "callback_requested", "refused", "busy", "left_ivr", "talked", "no_queue",
    "rang_elsewhere",
)  # fmt: skip
_DIALLED = ("dial_ringing", "dial_answered", "dial_unanswered")


def reasons_of(names: Collection[str], parameters: Parameters, outbound: bool) -> tuple[str, ...]:
    """The reasons for which calls are or are not in a figure whose sides have these names, in the
    order in which they are tried: what is switched off first, how a call ended last."""
    telling = [one for name in names for one in _TELLING.get(name, ())]
    if any(name.startswith(("caller_", "matter")) for name in names):
        return tuple(dict.fromkeys(telling))
    # What still waits may have rung, or sold, and is left out for that it waits.
    waiting = ("in_progress",) if "ended" in names else ()
    found = [*SWITCHED, *waiting, *telling, *(_DIALLED if outbound else _ENDED)]
    if not parameters.short_abandon_seconds:
        found = [one for one in found if not one.endswith("_short")]
    return tuple(dict.fromkeys(found))
