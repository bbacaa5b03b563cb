"""`callcenter import`: a call log into the record, over the same service as the page."""

import json
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import work
from ccm.imports import formats, run
from ccm.imports.mapping import saved
from ccm.imports.records import REJECTED, FileRefused
from ccm.models import DirtyDay, ImportBatch, Job
from ccm.models.people import known_zone
from ccm.tasks import run_import

CLEAN, REFUSED, SOME_REJECTED = 0, 2, 3
# A worker that has said nothing for so long is looked for again.
PATIENCE_SECONDS = 20.0


class Command(BaseCommand):
    help = "Import call logs. Exit status: 0 clean, 3 some rows rejected, 2 file refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument(
            "--format", default=run.AUTO, choices=[run.AUTO, *formats.FORMATS], dest="form"
        )
        kind.add_argument("--profile", metavar="NAME", help="a saved mapping, by name or slug")
        parser.add_argument("--site", default="", help="made when it does not exist")
        parser.add_argument("--tz", default="", metavar="ZONE", help="zone of the log's times")
        parser.add_argument("--queue", default="", help="queue of a log that names none")
        parser.add_argument(
            "--date-order", default="", choices=["dmy", "mdy"], help="where the dates leave it open"
        )
        parser.add_argument("--dry-run", action="store_true", help="read and count, write nothing")
        parser.add_argument(
            "--all-or-nothing", action="store_true", help="keep no row where any is rejected"
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            batch = self._import(options)
        except FileRefused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        refused = batch.job.state != Job.State.DONE
        # A table of zeros would only hide why a file was refused.
        if options["json"] or batch.read or not refused:
            self._say(batch, options["json"])
        if refused:
            raise CommandError(batch.job.words, returncode=REFUSED)
        if batch.rejected:
            words = ngettext(
                "%(count)d row was rejected", "%(count)d rows were rejected", batch.rejected
            )
            raise CommandError(words % {"count": batch.rejected}, returncode=SOME_REJECTED)

    def _import(self, options: dict[str, Any]) -> ImportBatch:
        with ExitStack() as stack:
            if options["dry_run"]:
                # Even the site and the names it would make are taken back.
                stack.enter_context(transaction.atomic())
                stack.callback(transaction.set_rollback, True)
            in_process = options["dry_run"] or not work.worker_is_up()
            batch = self._start(options)
            if in_process:
                with work.here():
                    run.run(batch.job_id)
                    if not options["dry_run"]:
                        run.record_changed.send(sender=None)
            else:
                self._wait(batch)
            batch.refresh_from_db()
            # Read before a dry run takes it back.
            self._issues = list(batch.issues.all())
            batch.job.refresh_from_db()
            return batch

    def _start(self, options: dict[str, Any]) -> ImportBatch:
        for path in options["files"]:
            if not path.is_file():
                raise FileRefused(_("There is no file %(name)s.") % {"name": path})
        if options["tz"]:
            _check_zone(options["tz"])
        for word, most in (("site", 120), ("queue", 120)):
            if len(options[word]) > most or "\0" in options[word]:
                raise FileRefused(_("A name has at most %(most)d characters.") % {"most": most})
        said = saved.named(options["profile"]).slug if options["profile"] else options["form"]
        form = run.recognised(options["files"][0]) if said == run.AUTO else said
        site = run.site_for(options["site"], options["tz"], run.implied_zone(form))
        with ExitStack() as opened:
            streams = [
                (path.name, opened.enter_context(path.open("rb"))) for path in options["files"]
            ]
            return run.start(
                streams,
                form=form if len(streams) == 1 else said,
                site=site,
                zone=options["tz"],
                queue=options["queue"],
                date_order=options["date_order"],
                dry_run=options["dry_run"],
                all_or_nothing=options["all_or_nothing"],
            )

    def _wait(self, batch: ImportBatch) -> None:
        """Wait for a worker to import and count; do it here should the worker die."""
        heard = time.monotonic()
        seen = (-1, "")
        while True:
            job = Job.objects.get(pk=batch.job_id)
            left = DirtyDay.objects.filter(site=batch.site).count()
            if job.finished and not left:
                return
            now = (job.done, f"{job.state} {left}")
            if now != seen:
                seen, heard = now, time.monotonic()
                self.stderr.write(f"{job.percent} % {job.words}")
            if time.monotonic() - heard > PATIENCE_SECONDS:
                heard = time.monotonic()
                if not work.worker_is_up():
                    with work.here():
                        run_import.run(batch.job_id)
                        run.record_changed.send(sender=None)
            time.sleep(0.2)

    def _say(self, batch: ImportBatch, as_json: bool) -> None:
        books = {
            name: getattr(batch, name)
            for name in ("read", "stored", "updated", "duplicate", "rejected", "ignored")
        }
        if as_json:
            issues = [
                {
                    "line": one.line,
                    "column": one.column,
                    "value": one.value,
                    "rule": one.rule,
                    "message": one.message,
                }
                for one in self._issues
            ]
            words = {"batch": batch.pk, **books, "issues": issues}
            self.stdout.write(json.dumps(words, indent=2, ensure_ascii=False))
            return
        for name, count in books.items():
            self.stdout.write(f"{name:10} {count:>12,}")
        for one in self._issues:
            told = _("rejected") if one.fate == REJECTED else one.fate
            self.stdout.write(f"line {one.line}: {told}: {one.message}")


def _check_zone(name: str) -> None:
    try:
        known_zone(name)
    except ValidationError as refusal:
        raise FileRefused(refusal.messages[0]) from refusal
