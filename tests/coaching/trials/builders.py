"""Trials for tests, planned ones and those of a past that nobody could register by now."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from ccm.intervals import site_day
from ccm.models import Agent, Site
from coaching.models import Trial, TrialAgent
from coaching.trials import locks


def a_trial(site: Site, agents: Sequence[Agent] = (), **more: Any) -> Trial:
    """One of four weeks that begins tomorrow, registered a minute ago."""
    first: date = more.pop("starts_on", timezone.now().date() + timedelta(days=1))
    said = {
        "title": "Greet by name", "words": "The first sentence has the caller's name.",
        "kpi": "aht", "hoped": "less", "starts_on": first,
        "ends_on": first + timedelta(days=27), "begins_at": site_day(first, site.calendar).start,
        "made_at": timezone.now() - timedelta(minutes=1),
    }  # fmt: skip
    with locks.unlocked():
        made: Trial = Trial.objects.create(site=site, **said | more)
        TrialAgent.objects.bulk_create(TrialAgent(trial=made, agent=one) for one in agents)
    return made
