"""`callcenter watch`: import the files that come into a folder, one after the other, until told
to stop."""

import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.imports import choosing, folder, formats, sites
from ccm.imports.records import FileRefused
from ccm.models import WatchedFolder
from ccm.models.people import known_zone

REFUSED, SOME_FAILED = 2, 3
# How often the record is told that the folder is looked at.
TOLD_EVERY = timedelta(minutes=1)


class Command(BaseCommand):
    help = (
        "Import the files that come into a folder; each is moved to its done or failed, beside a "
        "note. What is said of them is kept under --name: next time the name will do."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="", help="of the folder; its path if left out")
        parser.add_argument("--folder", type=Path, metavar="DIR")
        parser.add_argument("--format", choices=[choosing.AUTO, *formats.FORMATS], dest="form")
        parser.add_argument("--profile", metavar="NAME", help="a saved mapping, for --format")
        parser.add_argument("--site", help="made when it does not exist")
        parser.add_argument("--tz", "--zone", metavar="ZONE", help="zone of the logs' times")
        parser.add_argument("--queue", help="queue of logs that name none")
        parser.add_argument(
            "--date-order", choices=["dmy", "mdy"], help="where the dates leave it open"
        )
        parser.add_argument(
            "--every", type=seconds, default=2.0, metavar="SECONDS", help="how often to look"
        )
        parser.add_argument(
            "--settle",
            type=seconds,
            default=5.0,
            metavar="SECONDS",
            help="a file that has not changed for so long is complete",
        )
        parser.add_argument(
            "--once", action="store_true", help="end when nothing is left: for a timer"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            watched = watched_folder(options)
            with folder.held(Path(watched.folder)) as alone:
                if not alone:
                    raise FileRefused(_("Another process watches this folder."))
                self._watch(watched, options)
        except FileRefused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        except OSError as fault:
            words = _("The folder cannot be read: %(reason)s.") % {"reason": fault.strerror}
            raise CommandError(words, returncode=REFUSED) from fault

    def _watch(self, watched: WatchedFolder, options: dict[str, Any]) -> None:
        watcher = folder.Watcher(watched, options["settle"])
        failed = 0
        trouble = ""
        while True:
            try:
                for ended in watcher.look():
                    failed += ended.place == folder.FAILED
                    self.stdout.write(f"{ended.name}: {ended.place}: {ended.words}")
                self._tell(watched)
                trouble = ""
            except (OperationalError, InterfaceError, OSError) as fault:
                if options["once"]:
                    raise
                # Said once: the folder or the database is away and will be back.
                words = " ".join(str(fault).split())[:200]
                if words != trouble:
                    self.stderr.write(_("Trying again: %(reason)s") % {"reason": words})
                trouble = words
                folder.forget_connections()
            if options["once"] and not watcher.waiting:
                break
            time.sleep(options["every"])
        if failed:
            words = _("%(count)d files failed.") % {"count": failed}
            raise CommandError(words, returncode=SOME_FAILED)

    @staticmethod
    def _tell(watched: WatchedFolder) -> None:
        now = timezone.now()
        if watched.looked_at is None or now - watched.looked_at > TOLD_EVERY:
            watched.looked_at = now
            watched.save(update_fields=["looked_at"])


def watched_folder(said: dict[str, Any]) -> WatchedFolder:
    """The folder that is meant, as it was said before and is said now, kept for the next time.

    Raises FileRefused when it is not clear which, or what of.
    """
    path: Path | None = said["folder"] and said["folder"].resolve()
    name = said["name"] or str(path or "")[-120:]
    if not name:
        raise FileRefused(_("Say which folder to watch: --folder DIR, or its --name."))
    known = WatchedFolder.objects.select_related("site").filter(name=name).first()
    if known is None and path is None:
        raise FileRefused(_("There is no watched folder named %(name)s.") % {"name": name})
    zone = said["tz"]
    if zone:
        try:
            known_zone(zone)
        except ValidationError as refusal:
            raise FileRefused(refusal.messages[0]) from refusal
    if path is not None and not path.is_dir():
        raise FileRefused(_("There is no folder %(name)s.") % {"name": path})
    given = {
        "folder": None if path is None else str(path),
        "format": said["profile"] or said["form"],
        "zone": zone,
        "queue_name": said["queue"],
        "date_order": said["date_order"],
    }
    watched = known or WatchedFolder(name=name, format=choosing.AUTO)
    for field, value in given.items():
        if value is not None:
            setattr(watched, field, value)
    choosing.profile_of(watched.format)
    if known is None or said["site"]:
        form = formats.FORMATS.get(watched.format)
        implied = form.zone if form else None
        watched.site = sites.site_for(said["site"] or "", watched.zone, implied)
    watched.full_clean(exclude=["looked_at"])
    watched.save()
    return watched


def seconds(word: str) -> float:
    """A number of seconds up to a day, as an argument."""
    told = float(word)
    if not 0 < told <= 86_400:
        raise ValueError
    return told
