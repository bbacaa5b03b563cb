"""The names a log uses, as rows: known ones found, unknown ones made and flagged new.

An alias table remembers every name a log ever told, so that what a person renames, merges or
splits (`ccm.naming.services`) is found again when the same log is read once more. What an import
(`batch`) made is noted, so that it goes when the import is taken back.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection, models, transaction

from ccm.imports.storing import journal
from ccm.imports.storing.target import looked_up
from ccm.intervals import site_day
from ccm.models import (
    Agent,
    AgentAlias,
    Disposition,
    DispositionAlias,
    Queue,
    QueueAlias,
    Site,
    Topic,
    TopicAlias,
)
from ccm.names import visible

# What PostgreSQL reads in the same way.
CHANNEL = re.compile(r"^(?:Agent|Local|SIP|PJSIP|IAX2|SCCP)/(\w+)(?:@.*|-[0-9a-f]{8})?$")


def extension(raw_name: str) -> str | None:
    """The extension in a switch's channel name: 1127 of Agent/1127 and of Local/1127@x."""
    hit = CHANNEL.match(raw_name)
    return hit[1] if hit else None


def listed_source(site: Site) -> str:
    """Where lists of people (`ccm.imports.facts`) file what logs of the site call agents."""
    return f"list of people@{site.slug}"[:80]


def queues(site: Site, names: Iterable[str], batch: int | None = None) -> dict[str, int]:
    """Queue ids by the names that logs of this site write."""
    return _known_or_made(Queue, QueueAlias, "queue", set(names), batch, site=site)


def topics(names: Iterable[str], batch: int | None = None) -> dict[str, int]:
    """Topic ids by the words of a log."""
    return _known_or_made(Topic, TopicAlias, "topic", set(names), batch)


def dispositions(names: Iterable[str], batch: int | None = None) -> dict[str, int]:
    """Disposition ids by the words of a log."""
    return _known_or_made(Disposition, DispositionAlias, "disposition", set(names), batch)


@transaction.atomic(savepoint=False)
def _known_or_made(
    model: type[models.Model],
    alias: type[models.Model],
    owner: str,
    wanted: set[str],
    batch: int | None,
    **scope: Any,
) -> dict[str, int]:
    """Ids of `model` by raw name. A name without an alias is that of the row so called, but for
    what nobody sees in it, else of a new one, and has an alias from then on.

    Of two who make the same name at once the first one's stands.
    """
    aliases = alias._default_manager.filter(raw_name__in=wanted, **scope)
    found: dict[str, int] = dict(aliases.values_list("raw_name", f"{owner}_id"))
    missing = sorted(wanted - found.keys())
    if not missing:
        return found
    rows = model._default_manager
    shown = {raw: visible(raw) or raw for raw in missing}
    called = rows.filter(name__in=shown.values(), **scope).values_list("name", "pk")
    there = dict(called)
    made = sorted(set(shown.values()) - there.keys())
    if made:
        new = [model(name=name, is_new=True, **scope) for name in made]
        rows.bulk_create(new, ignore_conflicts=True)
        there = dict(called.all())
        _note(model, batch, [there[name] for name in made])
    alias._default_manager.bulk_create(
        [alias(raw_name=raw, **{f"{owner}_id": there[shown[raw]]}, **scope) for raw in missing],
        ignore_conflicts=True,
    )
    return dict(aliases.values_list("raw_name", f"{owner}_id"))


def _note(model: type[models.Model], batch: int | None, made: list[int]) -> None:
    with connection.cursor() as cursor:
        journal.note_made(cursor, model._meta.db_table, batch, made)


@dataclass(frozen=True, slots=True)
class Agents:
    """Whose the names of one source are: `first` from ever on, `later` for those handed on since,
    each with the moments of its changes in order."""

    first: dict[str, int]
    later: dict[str, list[tuple[datetime, int]]]

    def at(self, raw_name: str, moment: datetime) -> int:
        """The agent whose name this was at `moment`."""
        whose = self.first[raw_name]
        for since, agent in self.later.get(raw_name, []):
            if moment >= since:
                whose = agent
        return whose

    def ids(self, raw_name: str, moment: str) -> pl.Expr:
        """The same of a column of names (null: null) and one of moments."""
        whose = looked_up(raw_name, self.first)
        for name, turns in self.later.items():
            for since, agent in turns:
                handed_on = (pl.col(raw_name) == name) & (pl.col(moment) >= since)
                whose = pl.when(handed_on).then(pl.lit(agent, pl.Int64)).otherwise(whose)
        return whose


@transaction.atomic(savepoint=False)
def agents(site: Site, source: str, raw_names: Iterable[str], batch: int | None = None) -> Agents:
    """Whose the names are that this source writes, by the day at the site.

    A name that shares its extension with a known one is guessed to be the same person; the
    guess stands unconfirmed until somebody says so. Callers hold the source's lock, so no
    other import makes the same names meanwhile.
    """
    wanted = set(raw_names)
    first, later = known_agents(site, source, wanted)
    missing = sorted(wanted - first.keys())
    if not missing:
        return Agents(first, later)
    by_extension: dict[str | None, int] = {}
    # Where an extension was handed on, the newest holder is the likeliest.
    for raw, agent in (
        AgentAlias.objects.filter(source=source)
        .order_by(models.F("valid_from").asc(nulls_first=True), "pk")
        .values_list("raw_name", "agent_id")
    ):
        by_extension[extension(raw)] = agent
    listed = dict(
        AgentAlias.objects.filter(source=listed_source(site)).values_list("raw_name", "agent_id")
    )
    new: list[AgentAlias] = []
    made: list[int] = []
    for raw in missing:
        number = extension(raw)
        guess = by_extension.get(number) if number else None
        said = listed.get(raw) or (listed.get(number) if number else None)
        if said is not None:
            # What a list of people says is no guess.
            guess = None
        whose = said or guess
        if whose is None:
            whose = Agent.objects.create(site=site, name=visible(raw) or raw, is_new=True).pk
            made.append(whose)
            if number:
                by_extension[number] = whose
        first[raw] = whose
        # That an agent has its own name is no guess.
        new.append(AgentAlias(source=source, raw_name=raw, agent_id=whose, confirmed=guess is None))
    aliases = AgentAlias.objects.bulk_create(new)
    _note(Agent, batch, made)
    _note(AgentAlias, batch, [one.pk for one in aliases])
    return Agents(first, later)


def known_agents(
    site: Site, source: str, raw_names: Iterable[str]
) -> tuple[dict[str, int], dict[str, list[tuple[datetime, int]]]]:
    """The parts of `Agents` that the aliases tell; a name without an undated one is missing."""
    first: dict[str, int] = {}
    turns: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for raw, since, agent in AgentAlias.objects.filter(
        source=source, raw_name__in=set(raw_names)
    ).values_list("raw_name", "valid_from", "agent_id"):
        if since is None:
            first[raw] = agent
        else:
            turns[raw].append((since, agent))
    later = {
        raw: [(site_day(day, site.calendar).start, agent) for day, agent in sorted(held)]
        for raw, held in turns.items()
    }
    return first, later
