"""A log that grows, is rotated and emptied, and what the record holds of it."""

import os
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from ccm.imports.formats import FORMATS
from ccm.imports.records import Reading
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target, source_name
from ccm.models import AgentState, Call, Cutoff, FollowedLog, Offer, Site

FORM = FORMATS["asterisk_queue_log"]


def record(site: Site) -> list[list[str]]:
    """All that the record holds of a site, with the ids that are made of what it holds."""
    calls = Call.objects.filter(site=site)
    # Keys of names are given anew each time.
    keys = ("batch_id", "queue_id", "agent_id")
    named = [one.attname for one in Call._meta.concrete_fields if one.attname not in keys]
    rings = Offer.objects.filter(call__in=calls.values("id"))
    states = AgentState.objects.filter(agent__site=site)
    rows = (
        calls.values_list("queue__name", "agent__name", *named),
        rings.values_list("id", "call", "agent__name", "starts_at", "ring_ms", "outcome"),
        states.values_list(
            "agent__name", "state", "reason", "starts_at", "ends_at", "cut_off", "source"
        ),
        Cutoff.objects.filter(source=source_name(FORM.name, site)).values_list("agent_name", "at"),
    )
    return [sorted(map(repr, some)) for some in rows]


def imported(site: Site, folder: Path, log: bytes) -> list[list[str]]:
    """What one import of a log makes of it, taken back at once."""
    path = folder / "whole"
    path.write_bytes(log)
    with transaction.atomic():
        for chunk in FORM.read(path, Reading(zone=None, now=timezone.now())):
            store(chunk, Target(site, source_name(FORM.name, site)))
        told = record(site)
        transaction.set_rollback(True)
    return told


def followed(path: Path, site: Site) -> FollowedLog:
    return FollowedLog.objects.create(
        name=str(path)[-120:], path=str(path), site=site, source=source_name(FORM.name, site)
    )


def rename(log: Path) -> None:
    """Rotate a log as logrotate does: what was rotated before moves on."""
    numbers = sorted(int(one.name.rpartition(".")[2]) for one in log.parent.glob("queue_log.*"))
    for number in reversed(numbers):
        log.with_name(f"queue_log.{number}").rename(log.with_name(f"queue_log.{number + 1}"))
    log.rename(log.with_name("queue_log.1"))


def copy_and_truncate(log: Path) -> None:
    """Rotate it and leave the file where it is, as its writer may not let go of it."""
    rename(log)
    copy = log.with_name("queue_log.1")
    copy.rename(log)
    copy.write_bytes(log.read_bytes())
    os.truncate(log, 0)
