"""`callcenter follow`: a switch's log into the record as it is written, until told to stop."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ccm import asked
from ccm.imports import sites, zones
from ccm.imports.records import FileRefused
from ccm.imports.storing.target import source_name
from ccm.live.following import Follower
from ccm.management.commands.watch import seconds
from ccm.models import FollowedLog

REFUSED = 2
# What a log is called here, and the format that an import of it is read by.
KINDS = {"queue_log": "asterisk_queue_log"}


class Command(BaseCommand):
    help = (
        "Read a log as it is written, through rotation and truncation, from where it was left. Its "
        "calls are those that an import of it makes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=KINDS, help="what writes it: queue_log is Asterisk's")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--site", default="", help="made when it does not exist")
        parser.add_argument("--tz", default="", metavar="ZONE", help="zone of a site to be made")
        parser.add_argument("--name", default="", help="of the log; its path if left out")
        parser.add_argument(
            "--from-end", action="store_true", help="the first time, leave out what is there"
        )
        parser.add_argument(
            "--every", type=seconds, default=0.5, metavar="SECONDS", help="how often to look"
        )
        parser.add_argument("--once", action="store_true", help="read what is there, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        with asked.to_end() as stopping:
            try:
                log = followed_log(options)
                follower = Follower(log, stopping, from_end=options["from_end"])
                if not options["once"]:
                    follower.run(options["every"])
                elif not follower.once():
                    raise FileRefused(_("Another process follows this log."))
            except FileRefused as refusal:
                raise CommandError(str(refusal), returncode=REFUSED) from refusal
            except OSError as fault:
                words = _("The log cannot be read: %s.") % (fault.strerror or fault)
                raise CommandError(words, returncode=REFUSED) from fault


def followed_log(said: dict[str, Any]) -> FollowedLog:
    """The log that is meant, with how far it is read. Raises FileRefused where it was followed
    for another site, or which site is unclear."""
    form = KINDS[said["kind"]]
    path = said["file"].absolute()
    name = said["name"] or str(path)[-120:]
    known = FollowedLog.objects.select_related("site").filter(name=name).first()
    if known is None:
        site = sites.site_for(said["site"], said["tz"], zones.implied_zone(form))
        known = FollowedLog(name=name, site=site, source=source_name(form, site), path=str(path))
        known.full_clean()
        known.save()
    elif said["site"] and said["site"].casefold() != known.site.name.casefold():
        words = _("%(name)s is followed for %(site)s: give it another --name for another site.")
        raise FileRefused(words % {"name": name, "site": known.site.name})
    if known.path != str(path):
        known.path = str(path)
        known.save(update_fields=["path"])
    return known
