"""The names of what rows and columns are of: sites, queues, teams, people, words of calls."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from ccm.models import Agent, Disposition, Queue, Site, Team, Topic
from kpis.reads.reading import By

ROWS: Mapping[By, QuerySet[Any]] = {
    "site": Site.objects.all(),
    "queue": Queue.objects.all(),
    "team": Team.objects.all(),
    "agent": Agent.objects.all(),
    "disposition": Disposition.objects.all(),
    "topic": Topic.objects.all(),
}

_OF_KIND: Mapping[By, Any] = {
    "site": gettext_lazy("site %(name)s"),
    "queue": gettext_lazy("queue %(name)s"),
    "team": gettext_lazy("team %(name)s"),
}


def names_of(by: By, keys: Iterable[Any]) -> dict[int, str]:
    """Names by id; with the site's, where one name is of several among them."""
    rows: QuerySet[Any] = ROWS[by].filter(pk__in=[key for key in keys if key is not None])
    if by not in ("queue", "team", "agent"):
        return dict(rows.values_list("pk", "name"))
    told = list(rows.values_list("pk", "name", "site__name"))
    many = Counter(name for _pk, name, _site in told)
    return {pk: f"{name} ({site})" if many[name] > 1 else name for pk, name, site in told}


def told_apart(named: Iterable[tuple[By, str]]) -> dict[tuple[By, str], str]:
    """What to call sites, queues and teams that are told of together, by kind and name: "queue
    Sales" and "team Sales" where several kinds have one name, else the name alone."""
    every = set(named)
    kinds = Counter(name for _by, name in every)
    return {
        (by, name): str(_OF_KIND[by] % {"name": name}) if kinds[name] > 1 else name
        for by, name in every
    }
