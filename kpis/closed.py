"""Counts of days that retention has closed, or is about to."""

from datetime import date

from django.db.models import Model
from django.utils.translation import gettext as _

from ccm.intervals import site_day
from ccm.models import Agent, Queue, Site
from kpis.models import AgentTimeStat, DayStat, IntervalStat, MatterStat, RepeatMark, RepeatStat
from kpis.rollups.repeats_units import AROUND

_OF_QUEUES = (DayStat, RepeatStat, MatterStat)
_OF_AGENTS = (DayStat, RepeatStat, AgentTimeStat)


def holds(row: Model, before: date) -> bool:
    """Whether there are counts of a queue's or an agent's days before one."""
    if isinstance(row, Queue):
        opens = site_day(before, row.site.calendar).start
        return IntervalStat.objects.filter(queue=row.pk, start__lt=opens).exists() or any(
            model._default_manager.filter(queue=row.pk, day__lt=before).exists()
            for model in _OF_QUEUES
        )
    if isinstance(row, Agent):
        return any(
            model._default_manager.filter(agent=row.pk, day__lt=before).exists()
            for model in _OF_AGENTS
        )
    return False


def waits(site: Site, before: date) -> str:
    """Who came again may still be counted on days before one: not yet, then."""
    marks = RepeatMark.objects.filter(site=site, first__lt=before + AROUND)
    return _("Who came again is still being counted.") if marks.exists() else ""
