"""What schedules hold of people."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.personal import Held, Told, of_agent
from scheduling.columns_held import COLUMNS
from scheduling.models import (
    AdherenceDay,
    AdherenceException,
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Bid,
    BidLine,
    CalendarFeed,
    KeptRoster,
    KeptShift,
    KeptWish,
    LeaveOpening,
    LeaveRequest,
    Pairing,
    RosterSession,
    ShiftChange,
    ShiftOfferAnswer,
    Trade,
)

_PUBLISHED = Q(roster__state=KeptRoster.State.PUBLISHED)
_UNPUBLISHED = _("of a roster that is not published yet")

TOLD = Told(
    title=_("Schedules"),
    held=[
        Held(KeptShift, _("Shifts"), _("of rosters"), of_agent("agent"), at="day",
             shown=_PUBLISHED, later=_UNPUBLISHED),
        Held(ShiftChange, _("Changes of shifts"), _("what they were before, and after"),
             of_agent("agent"), at="day", shown=Q(is_published=True), later=_UNPUBLISHED),
        Held(AdherenceDay, _("Days of adherence"), _("what was planned, and what was done"),
             of_agent("agent"), at="day"),
        Held(AdherenceException, _("Exceptions of adherence"), _("asked for, and decided"),
             of_agent("agent"), at="starts_at"),
        Held(AgentContract, _("Contracts"), _("how long you work, and by which rules"),
             of_agent("agent"), at="starts_on"),
        Held(AgentRotation, _("Rotations"), _("the weeks that come round"), of_agent("agent"),
             at="starts_on"),
        Held(AgentSkill, _("Skills"), _("which queues you take"), of_agent("agent"),
             at="starts_on"),
        Held(Availability, _("Availability"), _("when you can and would like to work"),
             of_agent("agent"), at="said_at"),
        Held(KeptWish, _("Wishes"), _("and what became of them"), of_agent("agent"), at="day",
             shown=_PUBLISHED, later=_UNPUBLISHED),
        Held(Pairing, _("People together, or apart"), _("in shifts"), of_agent("one", "other"),
             at="starts_on", shown=Q(together=True), without=("note",),
             later=_("who is kept apart from whom may be the other's wish")),
        Held(RosterSession, _("Meetings in the roster"), _("that you are in"), of_agent("people"),
             at="first_on"),
        Held(LeaveRequest, _("Requests for time off"), _("and what was decided"),
             of_agent("agent"), at="asked_at"),
        Held(LeaveOpening, _("Balances of leave"), _("what was carried over"), of_agent("agent"),
             at="said_at"),
        Held(ShiftOfferAnswer, _("Offers of overtime and time off"), _("made to you"),
             of_agent("agent"), at="day"),
        Held(Trade, _("Trades of shifts"), _("that you gave, were asked for, or took"),
             of_agent("giver", "to", "taker"), at="asked_at"),
        Held(Bid, _("Bids"), _("the order that you would like lines of shifts in"),
             of_agent("agent"), at="ranked_at"),
        Held(BidLine, _("Lines of shifts"), _("that became yours"), of_agent("holder")),
        Held(CalendarFeed, _("Calendar addresses"), _("at which your calendar reads your shifts"),
             of_agent("agent"), at="made_at", without=("hash",)),
    ],
    of_nobody=(
        # Rules, and what can be chosen.
        "scheduling.adherencerules", "scheduling.pausereason", "scheduling.contract",
        "scheduling.shifttemplate", "scheduling.rotation", "scheduling.rotationday",
        "scheduling.siterules", "scheduling.leavekind", "scheduling.leaverules",
        "scheduling.dayallowance", "scheduling.knownevent", "scheduling.override",
        "scheduling.dayword", "scheduling.queuegroup", "scheduling.staffingplan",
        "scheduling.forecastplan",
        # How plans come about.
        "scheduling.adherencefill", "scheduling.adherencemark", "scheduling.keptroster",
        "scheduling.rosteredit", "scheduling.rosterrun", "scheduling.rosterrepair",
        "scheduling.rosternotice", "scheduling.bidround", "scheduling.shiftoffer",
        "scheduling.staffedday", "scheduling.intradayaction", "scheduling.scenario",
        "scheduling.forecast", "scheduling.forecastday", "scheduling.askedbefore",
        "scheduling.groupforecast", "scheduling.groupday", "scheduling.scoredday",
        "scheduling.dayahead", "scheduling.strayed", "scheduling.forecastrun",
        "scheduling.dayupdate", "scheduling.reforecast", "scheduling.queueproof",
        "scheduling.queuemonths",
    ),
    kept=COLUMNS,
)  # fmt: skip
