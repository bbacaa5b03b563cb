"""Pages of schedules on which people are rows or choices among others: what each is of."""

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: Mapping[str, str | Promise] = {
    "roster_board": _("A roster"),
    "roster_account": _("How a roster came about"),
    "roster_days": _("Days of a roster"),
    "roster_since": _("Changes of a roster"),
    "roster_repair": _("A roster"),
    "fairness": _("Fairness"),
    "bid_round": _("A bid round"),
    "bid_new": _("A bid round"),
    "adherence": _("Adherence"),
    "adherence_now": _("Adherence"),
    "shrinkage": _("Shrinkage"),
    "acknowledgements": _("Who read their shifts"),
    "intraday_people": _("People of the day"),
    "shift_offers": _("Offers of hours"),
    "working_list": _("Terms of work"),
    "trades": _("Trades of shifts"),
    "my_trades": _("Trades of shifts"),
    "trade_offered": _("A trade of shifts"),
    "pairing_list": _("People together, or apart"),
    "pairing_new": _("People together, or apart"),
    "pairing_edit": _("People together, or apart"),
    "pairing_remove": _("People together, or apart"),
    "roster_session_list": _("Meetings in the roster"),
    "roster_session_new": _("A meeting in the roster"),
    "roster_session_edit": _("A meeting in the roster"),
    "availability_list": _("Availability"),
    "availability_new": _("Availability"),
    "time_off": _("Time off"),
    "time_off_calendar": _("Time off"),
    "leave_left": _("Leave that is left"),
    "leave_balance_list": _("Balances of leave"),
    "leave_balance_new": _("A balance of leave"),
}

# Where colleagues are shown to who reaches nobody else.
WITH_COLLEAGUES: Collection[str] = ("my_trades", "trade_offered")
