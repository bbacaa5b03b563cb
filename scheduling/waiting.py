"""What of schedules waits for a reader's word."""

from ccm.waiting import Waiting
from scheduling.models import AdherenceException, LeaveRequest, Trade

TIME_OFF = Waiting(
    "leave_asked",
    lambda: LeaveRequest.objects.filter(state=LeaveRequest.State.ASKED),
)
TRADES = Waiting(
    "trades_waiting",
    lambda: Trade.objects.filter(state=Trade.State.WAITING),
    people=("giver", "taker"),
    site="roster__site",
    until="until",
)
EXCEPTIONS = Waiting(
    "exceptions_asked",
    lambda: AdherenceException.objects.asked(),
)
