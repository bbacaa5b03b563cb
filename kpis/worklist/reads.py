"""Who is to be called back, by when, by whom, and what became of it.

Two ask for it: a caller in a queue, who would rather not wait on, and a note on a call, which
promises it. A request in a queue is called back as the KPIs count it (`kpis.call_backs`); a promise
by the first call out of the same contact after its call that reached the caller, up to a week past
the time. Either is done, too, when somebody says so, on the note or in the worklist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, Greatest, Least, NullIf, Trim

from ccm.access import MANAGER, Scope, scope_of
from ccm.contact.reads import is_listed
from ccm.dirty import CALLED_BACK
from ccm.intervals import DAY
from ccm.models import Agent, Call, CallNote, Outcome, Precision, Site, User
from ccm.notes import PLANNED
from ccm.querysets import Viewer
from kpis.call_backs import IN_VAIN, asked_at, of_calls_out
from kpis.floor.limits import DEFAULTS
from kpis.floor.reads import limits_of
from kpis.rollups.units import REACHED_AT, promised
from kpis.worklist.due import Due
from kpis.worklist.models import CallBackOwner

# Calls with what is told of them.
Rows = QuerySet[Any]
# A call back that is due within this is due now.
SOON = timedelta(hours=1)

OPEN, OVERDUE, KEPT, LATE, ALL = "open", "overdue", "kept", "late", "all"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a reader may do about the call backs of a site that they see."""

    may_take: bool = False
    may_assign: bool = False


def rights(user: Viewer, site: Site) -> Rights:
    """Agents take and hand back for themselves; supervisors, managers of the site and admins for
    others, too."""
    scope = scope_of(user)
    manages = scope.has(MANAGER) and site.pk in scope.managed_sites
    if scope.everything or manages or site.pk in scope.team_sites:
        return Rights(may_take=True, may_assign=True)
    return Rights(may_take=scope.agent is not None and site.pk in scope.sites)


def may_have(user: User, site: Site) -> QuerySet[User]:
    """To whom the user may give a call back of a site, each with `name`: the logins of agents there
    whom the user answers for, of all of them for who manages it; and the user."""
    scope = scope_of(user)
    agents = Agent.objects.filter(site=site, user__is_active=True)
    if not (scope.everything or (scope.has(MANAGER) and site.pk in scope.managed_sites)):
        agents = agents.answered_for_by(user)
    found = User.objects.filter(Q(pk=user.pk) | Q(pk__in=agents.order_by().values("user")))
    return found.annotate(name=_name()).order_by("name", "pk")


def _name(user: str = "") -> Coalesce:
    """How a login is called: as its agent, else by its own names, else by itself."""
    names = Trim(Concat(f"{user}first_name", Value(" "), f"{user}last_name"))
    return Coalesce(f"{user}agent__name", NullIf(names, Value("")), f"{user}username")


def owners(calls: Rows) -> list[tuple[int, str]]:
    """Those who call some of the calls back, by name."""
    taken = calls.exclude(owner_id=None).order_by("owner_name", "owner_id")
    return list(taken.values_list("owner_id", "owner_name").distinct())


def of_site(user: Viewer, site: Site, now: datetime) -> Rows:
    """Calls of a site whose callers are to be called back, or were in the last week, as `told`,
    that the user may know about: those they may open, for an agent also what nobody took at the
    agent's site and what was given to them."""
    scope = scope_of(user)
    found: Any = _all(now, site.pk)
    if scope.everything:
        return _told(found, now, [site])
    seen = found.visible_to(user)
    if scope.agent is not None:
        own = CallBackOwner.objects.filter(owner=user.pk).values("call")
        seen = seen | found.filter(Q(pk__in=own) | _nobodys(scope))
    return _told(seen, now, [site])


def _nobodys(scope: Scope) -> Q:
    """Calls that nobody took, at the site of the user's agent."""
    its = Agent.objects.filter(Q(pk=scope.agent)).values("site")
    return Q(agent=None, site__in=its)


def due(now: datetime, site: Site | None = None) -> dict[int, dict[int | None, Due]]:
    """What is due within the hour or overdue at every site, or at one, by queue (None: on no
    queue). One query, one more for the hours of every site; who has taken it makes no difference.
    """
    its = None if site is None else site.pk
    sites = Site.objects.select_related("floor_rules") if site is None else [site]
    waiting = _told(_all(now, its), now, sites, with_owner=False).filter(
        done_at=None, due_at__lte=now + SOON
    )
    found: dict[int, dict[int | None, Due]] = {}
    for place, queue, calls, overdue, since in (
        waiting.order_by()
        .values("site", "queue")
        .annotate(
            calls=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now)), since=Min("due_at")
        )
        .values_list("site", "queue", "calls", "overdue", "since")
    ):
        found.setdefault(place, {})[queue] = Due(calls, overdue, since)
    return found


def sides(now: datetime) -> dict[str, Q]:
    """What becomes of a call back, each as a condition on rows as `told`."""
    return {
        OPEN: Q(done_at=None),
        OVERDUE: Q(done_at=None, due_at__lt=now),
        KEPT: Q(done_at__lte=F("due_at")),
        LATE: Q(done_at__gt=F("due_at")),
        ALL: Q(),
    }


def standing(row: Any, now: datetime) -> str:
    """Which of these a row is on; of those that are open, whether it is overdue."""
    if row.done_at is None:
        return OVERDUE if row.due_at < now else OPEN
    return KEPT if row.done_at <= row.due_at else LATE


def _all(now: datetime, site: int | None = None) -> Rows:
    """Calls with a request of the last week, or with a promise that is open or ended in it."""
    asked: Any = Call.objects.offered_between(now - CALLED_BACK, now + DAY).filter(
        outcome=Outcome.CALLBACK_REQUESTED, direction="inbound", queue__isnull=False
    )
    asked = asked.exclude(time_precision=Precision.DAY)
    notes = CallNote.objects.filter(is_current=True, callback_due_at__isnull=False).filter(
        Q(callback_done_at=None) | Q(callback_done_at__gte=now - CALLED_BACK)
    )
    if site is not None:
        asked, notes = asked.filter(site=site), notes.filter(site=site)
    # Looked up by their ids, calls are of few months.
    ids = asked.order_by().values("pk").union(notes.order_by().values("call"))
    return Call.objects.filter(pk__in=ids)


def _told(calls: Rows, now: datetime, sites: Iterable[Site], with_owner: bool = True) -> Rows:
    """Calls of the sites, each with `asked_at`, when it was asked for or noted; `promised_at`;
    `due_at`, that or so much opening time of the site after the asking; `reached_at`, `noted_at`,
    `said_at` (by whoever calls) and the first of them, `done_at`; `tries` in vain and the last of
    them, `tried_at`; `words` of the note; `is_listed`, whether the caller stands on the do-not-call
    list; and `owner_id` with `owner_name`, the agent's or else the login.
    """
    its = CallBackOwner.objects.filter(call=OuterRef("pk"))
    note = CallNote.objects.filter(call=OuterRef("pk"), is_current=True)
    promise = note.filter(callback_due_at__isnull=False)
    found: Any = calls.annotate(
        promised_at=Subquery(promise.values("callback_due_at")[:1]),
        noted_at=Subquery(promise.values("callback_done_at")[:1]),
        asked_at=Case(
            When(outcome=Outcome.CALLBACK_REQUESTED, then=asked_at()),
            default=Coalesce(Subquery(promise.values("at")[:1]), "offered_at"),
        ),
    ).annotate(
        due_at=Coalesce("promised_at", _due_at(sites, now)),
        reached_at=_of_calls_out(REACHED_AT, DateTimeField(), now),
        said_at=Subquery(its.values("made_at")[:1]),
        done_at=Least("reached_at", "noted_at", "said_at"),
    )
    if not with_owner:
        return found
    return found.annotate(
        is_listed=is_listed(now),
        tries=_of_calls_out(f"count(*) {IN_VAIN}", IntegerField(), now),
        tried_at=_of_calls_out(f"max(back.offered_at) {IN_VAIN}", DateTimeField(), now),
        words=Subquery(promise.values("words")[:1]),
        owner_id=Subquery(its.values("owner")[:1]),
        owner_name=Subquery(its.values(name=_name("owner__"))[:1]),
    )


def _due_at(sites: Iterable[Site], now: datetime) -> Case:
    """When a request is due: the site's time after it, of which only opening hours count."""
    alike: dict[tuple[str, str, int], list[Site]] = {}
    for site in sites:
        minutes = limits_of(site).callback
        alike.setdefault((str(site.opening), site.zone, minutes), []).append(site)
    always = Value(timedelta(minutes=DEFAULTS["callback"]), DurationField())
    return Case(
        *(
            When(site__in=[site.pk for site in several], then=_after(several[0], minutes, now))
            for (_hours, _zone, minutes), several in alike.items()
        ),
        default=_moment(asked_at() + always),
        output_field=DateTimeField(),
    )


def _after(site: Site, minutes: int, now: datetime) -> Any:
    """So many minutes of a site's opening time after a request of the time that is listed."""
    span = timedelta(minutes=minutes)
    found = site.stretches(now - CALLED_BACK - DAY, now + 2 * DAY, span)
    if not found:
        return _moment(asked_at() + Value(span, DurationField()))
    # Stretches hold their end; buckets do not.
    ends = [one.until + timedelta.resolution for one in found]
    place = Func(
        asked_at(), Value(ends, ArrayField(DateTimeField())),
        function="width_bucket", output_field=IntegerField(),
    )  # fmt: skip
    opens = _nth([one.opens for one in found], place, DateTimeField())
    later = _nth([one.later for one in found], place, DurationField())
    return _moment(Greatest(asked_at(), opens) + later)


def _nth(of: Sequence[Any], place: Any, kind: Any) -> Any:
    """That of a list whose number, from 0, is `place`."""
    return Func(
        Value(of, ArrayField(kind)), place + 1,
        template="((%(expressions)s])", arg_joiner=")[", output_field=kind,
    )  # fmt: skip


def _moment(told: Any) -> ExpressionWrapper:
    return ExpressionWrapper(told, output_field=DateTimeField())


def _of_calls_out(told: str, kind: Any, now: datetime) -> Case:
    """Something of the calls out of a row's contact: of a request as the KPIs have it, of a promise
    after its call."""
    promise = promised(Call._meta.db_table)
    high = now + DAY
    return Case(
        When(
            outcome=Outcome.CALLBACK_REQUESTED,
            then=of_calls_out(told, kind, now - CALLED_BACK - 2 * DAY, high),
        ),
        default=of_calls_out(told, kind, now - PLANNED - 2 * DAY, high, **promise),
        output_field=kind,
    )
