"""What a team's month tells beside its KPIs (`kpis.above`): who was coached, and what callers wrote
on each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from ccm import stays
from ccm.access import scope_of
from ccm.intervals import site_days
from ccm.models import Team
from ccm.querysets import Viewer
from ccm.templatetags.figures import count
from coaching.access import coached_sites
from coaching.models import Participant
from coaching.voice import reads
from kpis.above import Cell, Column
from qa.access import reviewed_sites


def coached_facts(user: Viewer, team: Team, first: date, last: date) -> Mapping[str, Any]:
    """How many sessions were held with each on the days on which they were in the team, where the
    reader sees the team's."""
    scope = scope_of(user)
    sees = scope.everything or team.site_id in coached_sites(scope) or team.pk in scope.teams
    if not sees:
        return {}
    span = site_days(first, last, team.site.calendar)
    held = Participant.objects.filter(
        agent=OuterRef("pk"), session__state="held",
        session__starts_at__gte=span.start, session__starts_at__lt=span.end,
    )  # fmt: skip
    held = stays.in_team_at(held, team, "session__starts_at")
    return {"sessions_held": _counted(held.order_by(), Count("pk"))}


def coached(_user: Viewer, _team: Team, people: Sequence[Any]) -> Column:
    """The sessions of each, and how many of the team had any."""
    cells: dict[int | None, Cell] = {}
    told = {one.pk: one.sessions_held for one in people if hasattr(one, "sessions_held")}
    if any(told.values()):
        cells = {pk: Cell(count(n)) for pk, n in told.items()}
        some = sum(n > 0 for n in told.values())
        said = {"n": count(some), "all": count(len(told))}
        cells[None] = Cell(_("%(n)s of %(all)s") % said, _("were coached"))
    how = _(
        "Coaching sessions of any kind that were held in the month, whoever held them, of the days "
        "on which people were in the team."
    )
    return Column(_("Coached"), cells, how)


def comment_facts(user: Viewer, team: Team, first: date, last: date) -> Mapping[str, Any]:
    """How many comments there are on each of the days on which they were in the team, and with how
    many bad scores, where the reader reads the team's."""
    scope = scope_of(user)
    sees = scope.everything or team.site_id in reviewed_sites(scope) or team.pk in scope.teams
    if not sees:
        return {}
    span = site_days(first, last, team.site.calendar)
    rows: Any = reads.all_comments(team.site, span).filter(agent=OuterRef("pk"))
    rows = stays.in_team_at(rows, team, "answered_at").order_by()
    return {
        "comments_said": _counted(rows, Count("pk")),
        "comments_bad": _counted(rows, Count("pk", filter=reads.scored(reads.BAD))),
    }


def comments(user: Viewer, _team: Team, people: Sequence[Any]) -> Column:
    """What callers wrote on each but the reader themselves, and how much of it with a bad score."""
    told = [one for one in people if hasattr(one, "comments_said") and one.user_id != user.pk]
    cells: dict[int | None, Cell] = {}
    if any(one.comments_said for one in told):
        cells = {one.pk: _cell(one.comments_said, one.comments_bad) for one in told}
        cells[None] = _cell(
            sum(one.comments_said for one in told), sum(one.comments_bad for one in told)
        )
    how = _(
        "Comments that callers wrote in the month on who was in the team on the day, and how many "
        "of them beside a bad score. Few callers write, so that these are no shares of callers."
    )
    return Column(_("Comments"), cells, how)


def _cell(said: int, bad: int) -> Cell:
    return Cell(count(said), _("%(n)s bad") % {"n": count(bad)} if said else "")


def _counted(rows: Any, what: Count) -> Coalesce:
    """A count of rows of an agent outside, as an annotation."""
    counted = rows.values(of=F("agent")).annotate(n=what).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
