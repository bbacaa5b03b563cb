"""What a team's month tells beside its KPIs (`kpis.above`): how schedules were kept, and how much
of what was planned was worked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import CharField, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.models import Agent, Team
from ccm.querysets import Viewer
from ccm.templatetags.figures import DASH, count, hours_minutes, percent
from kpis.above import Cell, Column
from scheduling.adherence import reads
from scheduling.adherence.reads import Totals
from scheduling.adherence.rules import Rules
from scheduling.models import AdherenceDay, AdherenceRules


def facts(user: Viewer, team: Team, first: date, last: date) -> Mapping[str, Any]:
    """The sums of the days on which each was in the team, as far as the reader may see them, and by
    which variant adherence is told."""
    rules = AdherenceRules.objects.filter(site=team.site_id, starts_on__lte=last)
    return {
        "kept_sums": reads.sums_of_each(AdherenceDay.objects.visible_to(user), team, first, last),
        "kept_by": Subquery(
            rules.order_by("-starts_on").values("variant")[:1], output_field=CharField(null=True)
        ),
    }


def of_people(people: Sequence[Any]) -> dict[int, Totals]:
    """The sums of each of whom there are any, found with the `facts`."""
    return {
        one.pk: reads.totals_of(one.kept_sums)
        for one in people
        if getattr(one, "kept_sums", None) is not None
    }


def rules_of(people: Sequence[Any]) -> Rules:
    """By what adherence is told, found with the same."""
    variant = next((one.kept_by for one in people if getattr(one, "kept_by", None)), None)
    return Rules() if variant is None else Rules(variant)


def adherence(_user: Viewer, _team: Team, people: Sequence[Agent]) -> Column:
    """How each kept their schedules, and how many shifts nobody came to."""
    by = rules_of(people)
    how = _(
        "Time in the scheduled activity of scheduled time (%(variant)s), of the days on which "
        "people were in the team; absent: shifts that nobody came to, without leave."
    ) % {"variant": by.variant}  # fmt: skip
    return Column(_("Adherence"), _cells(people, lambda one: _kept(one, by)), how)


def hours(_user: Viewer, _team: Team, people: Sequence[Agent]) -> Column:
    """What each worked of what was planned and paid."""
    how = _(
        "Hours that states tell of, of those that published rosters pay, of the days on which "
        "people were in the team. Days of shifts of which no log tells are not worked hours, and "
        "are said beside."
    )
    return Column(_("Hours worked"), _cells(people, _worked), how)


def _cells(people: Sequence[Agent], cell: Any) -> dict[int | None, Cell]:
    found = of_people(people)
    if not found:
        return {}
    cells: dict[int | None, Cell] = {pk: cell(one) for pk, one in found.items()}
    cells[None] = cell(sum(found.values(), Totals()))
    return cells


def _kept(one: Totals, by: Rules) -> Cell:
    value = by.adherence(one.kept).value
    if value is None:
        return Cell(DASH, _("not told") if one.shifts else "")
    absent = ngettext("%(n)s absent", "%(n)s absent", one.absent) % {"n": count(one.absent)}
    return Cell(percent(value), absent if one.absent else "")


def _worked(one: Totals) -> Cell:
    planned = hours_minutes(round(one.paid_seconds / 60))
    beside = _("of %(hours)s planned") % {"hours": planned}
    if one.untold:
        without = ngettext("%(n)s day without a log", "%(n)s days without a log", one.untold)
        beside = f"{beside}, {without % {'n': count(one.untold)}}"
    if one.untold == one.shifts and not one.worked_seconds:
        return Cell(DASH, beside)
    return Cell(hours_minutes(round(one.worked_seconds / 60)), beside)
