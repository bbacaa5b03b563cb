"""What one caller met: their contacts with a site around a call, one after the other.

A caller is told again by the hash of their number alone, and shown by its last digits. Visits of
one contact (a transfer, a call back of it) stand together, as `linked_id` says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ccm.models import Call, Outcome, SurveyResponse
from ccm.querysets import Viewer
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.parameters import DEFAULTS

BEFORE, AFTER = timedelta(days=90), timedelta(days=30)
"""So far around a call the caller's others are looked for."""
MOST_VISITS = 200
AGAIN_WITHIN_DAYS = DEFAULTS.window_days
"""Who comes again so soon came again, where nothing else is chosen for first contact
resolution."""
_GIVEN_UP = frozenset({Outcome.ABANDONED})


@dataclass(frozen=True, slots=True)
class Visit:
    """A call of a contact, with what the caller answered of it."""

    call: Call
    surveys: Sequence[SurveyResponse]

    @property
    def wait_seconds(self) -> float | None:
        return None if self.call.wait_ms is None else self.call.wait_ms / 1000

    @property
    def talk_seconds(self) -> float | None:
        return None if self.call.talk_ms is None else self.call.talk_ms / 1000

    @property
    def is_transferred(self) -> bool:
        return bool(self.call.transfer_kind or self.call.transfer_target)


@dataclass(frozen=True, slots=True)
class Contact:
    """Visits that belong together. `since`: from the end of the contact before to this one; None:
    it is the first that is known, or they overlap. `is_again`: so soon that the caller came again.
    """

    visits: Sequence[Visit]
    since: timedelta | None
    is_again: bool

    @property
    def began_at(self) -> datetime:
        return self.visits[0].call.offered_at


@dataclass(frozen=True, slots=True)
class Journey:
    """The contacts of a caller, the earliest first; `hidden` are visits that the reader may not
    open, whatever they are, and `left_out` those beyond so many that are told. Who came again did
    so `within_days`."""

    contacts: Sequence[Contact]
    hidden: int = 0
    left_out: int = 0
    within_days: int = AGAIN_WITHIN_DAYS

    @property
    def visits(self) -> list[Visit]:
        return [visit for contact in self.contacts for visit in contact.visits]

    @property
    def again(self) -> int:
        return sum(contact.is_again for contact in self.contacts)

    @property
    def transfers(self) -> int:
        return sum(visit.is_transferred for visit in self.visits)

    @property
    def given_up(self) -> int:
        return sum(visit.call.outcome in _GIVEN_UP for visit in self.visits)

    @property
    def wait_seconds(self) -> float:
        return sum(visit.wait_seconds or 0 for visit in self.visits)

    @property
    def agents(self) -> int:
        """How many agents took part in it, as far as they are known."""
        return len({visit.call.agent_id for visit in self.visits} - {None})


def of(user: Viewer, call: Call, choices: Choices) -> Journey:
    """What the caller of a call met around it, as far as the user may open their calls. Three
    queries, four of more than `MOST_VISITS`. Of a caller whom nobody knows it is the one
    contact."""
    _variant, parameters = choices.of(KPIS["fcr"], call.site_id, call.queue_id)
    rows = _of_caller(call)
    many = rows.count()
    seen = [*rows.visible_to(user).select_related("queue", "agent", "topic")[:MOST_VISITS]]
    surveys: dict[object, list[SurveyResponse]] = {}
    said = SurveyResponse.objects.filter(call__in=[one.pk for one in seen])
    for one in said.order_by("answered_at", "kind", "pk"):
        surveys.setdefault(one.call_id, []).append(one)
    is_cut = len(seen) == MOST_VISITS
    open_to = rows.visible_to(user).count() if is_cut else len(seen)
    within = parameters.window_days
    return Journey(
        contacts([Visit(one, surveys.get(one.pk, ())) for one in seen], within),
        many - open_to,
        open_to - len(seen),
        within,
    )


def contacts(visits: Iterable[Visit], within_days: int = AGAIN_WITHIN_DAYS) -> list[Contact]:
    """Visits as contacts, the earliest first. Pure."""
    together: dict[tuple[str, str], list[Visit]] = {}
    for visit in sorted(visits, key=lambda one: (one.call.offered_at, one.call.pk)):
        call = visit.call
        key = (call.source, call.linked_id or str(call.pk))
        together.setdefault(key, []).append(visit)
    made: list[Contact] = []
    within = timedelta(days=within_days)
    over: datetime | None = None
    for group in together.values():
        began = group[0].call.offered_at
        since = began - over if over is not None and over <= began else None
        is_again = bool(made) and began - made[-1].began_at <= within
        made.append(Contact(group, since, is_again))
        ends = [one.call.ended_at or one.call.offered_at for one in group]
        over = max([*ends, *([] if over is None else [over])])
    return made


def _of_caller(call: Call) -> Any:
    around = Call.objects.offered_between(call.offered_at - BEFORE, call.offered_at + AFTER)
    rows = around.filter(site=call.site_id)
    if call.caller_hash:
        rows = rows.filter(caller_hash=call.caller_hash)
    else:
        rows = rows.filter(source=call.source, linked_id=call.linked_id)
    return rows.order_by("offered_at", "pk")
