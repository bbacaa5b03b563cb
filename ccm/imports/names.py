"""The names a log uses, as rows: known ones found, unknown ones made and flagged new.

What an import (`batch`) made is noted, so that it goes when the import is taken back.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Manager, Model

from ccm.imports import journal
from ccm.models import Agent, AgentAlias, Disposition, Queue, Site, Topic

_CHANNEL = re.compile(r"^(?:Agent|Local|SIP|PJSIP|IAX2|SCCP)/(\w+)(?:@.*|-[0-9a-f]{8})?$")


def extension(raw_name: str) -> str | None:
    """The extension in a switch's channel name: 1127 of Agent/1127 and of Local/1127@x."""
    hit = _CHANNEL.match(raw_name)
    return hit[1] if hit else None


@transaction.atomic
def queues(site: Site, names: Iterable[str], batch: int | None = None) -> dict[str, int]:
    """Queue ids by name at this site."""
    wanted = set(names)
    found = _queues(site, wanted)
    missing = sorted(wanted - found.keys())
    if missing:
        Queue.objects.bulk_create(
            [Queue(site=site, name=name, is_new=True) for name in missing], ignore_conflicts=True
        )
        found = _queues(site, wanted)
        _note(Queue, batch, [found[name] for name in missing])
    return found


def _queues(site: Site, names: set[str]) -> dict[str, int]:
    rows = Queue.objects.filter(site=site, name__in=names)
    return dict(rows.values_list("name", "pk"))


def topics(names: Iterable[str], batch: int | None = None) -> dict[str, int]:
    """Topic ids by name."""
    return _words(Topic._default_manager, set(names), batch)


def dispositions(names: Iterable[str], batch: int | None = None) -> dict[str, int]:
    """Disposition ids by name."""
    return _words(Disposition._default_manager, set(names), batch)


@transaction.atomic
def _words(rows: Manager[Any], wanted: set[str], batch: int | None) -> dict[str, int]:
    """Ids by name of words that are the same at all sites."""
    named = rows.filter(name__in=wanted).values_list("name", "pk")
    found = dict(named)
    missing = sorted(wanted - found.keys())
    if missing:
        made = [rows.model(name=name, is_new=True) for name in missing]
        rows.bulk_create(made, ignore_conflicts=True)
        found = dict(named.all())
        _note(rows.model, batch, [found[name] for name in missing])
    return found


def _note(model: type[Model], batch: int | None, made: list[int]) -> None:
    with connection.cursor() as cursor:
        journal.note_made(cursor, model._meta.db_table, batch, made)


@transaction.atomic
def agents(
    site: Site, source: str, raw_names: Iterable[str], batch: int | None = None
) -> dict[str, int]:
    """Agent ids by the names this source writes for them.

    A name that shares its extension with a known one is guessed to be the same person; the
    guess stands unconfirmed until somebody says so. Callers hold the source's lock, so no
    other import makes the same names meanwhile.
    """
    wanted = set(raw_names)
    known = dict(
        AgentAlias.objects.filter(source=source, raw_name__in=wanted).values_list(
            "raw_name", "agent_id"
        )
    )
    missing = sorted(wanted - known.keys())
    if not missing:
        return known
    by_extension = {
        extension(raw): agent
        for raw, agent in AgentAlias.objects.filter(source=source).values_list(
            "raw_name", "agent_id"
        )
    }
    made = []
    for raw in missing:
        number = extension(raw)
        guess = by_extension.get(number) if number else None
        if guess is None:
            guess = Agent.objects.create(site=site, name=raw, is_new=True).pk
            made.append(guess)
            if number:
                by_extension[number] = guess
        known[raw] = guess
    aliases = AgentAlias.objects.bulk_create(
        [AgentAlias(source=source, raw_name=raw, agent_id=known[raw]) for raw in missing]
    )
    _note(Agent, batch, made)
    _note(AgentAlias, batch, [one.pk for one in aliases])
    return known
