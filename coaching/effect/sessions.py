"""Sessions as a source of events: whoever was in one that was held was coached on its day.

A session is of the day that it was planned for; of an earlier one, where it was said to be held
before that. It is about a KPI where a step that was agreed on in it is measured by it, or a point
that was kept on its agenda was found by it.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ccm.intervals import day_of, site_days
from ccm.models import Site
from coaching.effect.sources import Event, Narrowed, Said, Source, Words
from coaching.models import Action, AgendaItem, Participant, Session

Kind = Session.Kind


def _kinds(_site: Site) -> Mapping[str, Words]:
    return dict(Kind.choices)


def _read(site: Site, first: date, last: date, asked: Narrowed) -> Iterator[Event]:
    calendar = site.calendar
    span = site_days(first, last, calendar)
    rows = Participant.objects.filter(
        session__site=site, session__state=Session.State.HELD, session__kind__in=asked.kinds
    )
    # Of the two moments the earlier one lies within.
    rows = rows.filter(
        Q(session__starts_at__gte=span.start) & Q(session__held_at__gte=span.start),
        Q(session__starts_at__lt=span.end) | Q(session__held_at__lt=span.end),
    )
    if asked.about:
        steps = Action.objects.filter(
            session=OuterRef("session"), agent=OuterRef("agent"), kpi=asked.about
        )
        points = AgendaItem.objects.kept().filter(
            Q(agent=None) | Q(agent=OuterRef("agent")),
            session=OuterRef("session"),
            facts__kpi=asked.about,
        )
        rows = rows.filter(Exists(steps) | Exists(points))
    told = rows.order_by("session__starts_at", "pk").values_list(
        "agent", "session__kind", "session__coach", "session__starts_at", "session__held_at"
    )
    for agent, kind, coach, starts_at, held_at in told:
        assert held_at is not None  # as it was held
        yield Event(agent, day_of(min(starts_at, held_at), calendar), kind, coach)


SOURCE = Source(
    name="sessions",
    words=_("Coaching sessions"),
    happened=_("Coaching"),
    kinds=_kinds,
    default=(Kind.ONE_TO_ONE, Kind.SIDE_BY_SIDE, Kind.GROUP),
    tells_about=True,
    read=_read,
    said=Said(
        one=_("a session"),
        done=_("coached"),
        kind=_("Kind"),
        kinds=_("Kinds"),
        all_kinds=_("all kinds"),
        by_kind=_("By kind"),
    ),
)
