"""`callcenter import`: a call log into the record, over the same service as the page."""

import json
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import work
from ccm.imports import choosing, formats, run, sites, twice, zones
from ccm.imports.choosing import AUTO
from ccm.imports.mapping import drafts, saved
from ccm.imports.records import REJECTED, FileRefused, Unknown
from ccm.models import DirtyDay, ImportBatch, ImportFile, ImportIssue, Job
from ccm.models.people import known_zone
from ccm.signals import record_changed
from ccm.tasks import run_import

CLEAN, REFUSED, SOME_REJECTED = 0, 2, 3
# A worker that has said nothing for so long is looked for again.
PATIENCE_SECONDS = 20.0


class Command(BaseCommand):
    help = "Import call logs. Exit status: 0 clean, 3 some rows rejected, 2 file refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--format", default=AUTO, choices=[AUTO, *formats.FORMATS], dest="form")
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
        parser.add_argument(
            "--again",
            action="store_true",
            help="store its calls though the same file brought them as of another source",
        )
        parser.add_argument(
            "--corrects",
            type=int,
            metavar="NUMBER",
            help="the file holds corrected rows of this import, and is read as that one was",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            batch = self._import(options)
        except Unknown as refusal:
            how = _(
                "Name its format with --format or a saved layout with --profile, or upload it on"
                " the page %(page)s and say there what its columns mean."
            ) % {"page": reverse("imports")}
            raise CommandError(f"{refusal} {how}", returncode=REFUSED) from refusal
        except FileRefused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        refused = batch.job.state != Job.State.DONE
        # A table of zeros would only hide why a file was refused.
        if options["json"] or batch.read or not refused:
            self._say(batch, options["json"])
        if refused:
            raise CommandError(_why_refused(batch, self._files, options), returncode=REFUSED)
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
                        record_changed.send(sender=None)
            else:
                self._wait(batch)
            batch.refresh_from_db()
            # Read before a dry run takes it back.
            self._issues = list(batch.issues.select_related("file"))
            self._files = list(batch.files.all())
            self._zone = zones.zone_words(batch)
            batch.job.refresh_from_db()
            return batch

    def _start(self, options: dict[str, Any]) -> ImportBatch:
        for path in options["files"]:
            if not path.is_file():
                raise FileRefused(_("There is no file %(name)s.") % {"name": path})
        with ExitStack() as opened:
            streams = [
                (path.name, opened.enter_context(path.open("rb"))) for path in options["files"]
            ]
            if options["corrects"] is not None:
                return run.corrected(_corrected(options), streams)
            return self._start_of_logs(options, streams)

    @staticmethod
    def _start_of_logs(options: dict[str, Any], streams: list[tuple[str, BinaryIO]]) -> ImportBatch:
        if options["tz"]:
            _check_zone(options["tz"])
        for word, most in (("site", 120), ("queue", 120)):
            if len(options[word]) > most or "\0" in options[word]:
                raise FileRefused(_("A name has at most %(most)d characters.") % {"most": most})
        said = saved.named(options["profile"]).slug if options["profile"] else options["form"]
        form = _recognised(options["files"]) if said == AUTO else said
        site = sites.site_for(options["site"], options["tz"], zones.implied_zone(form))
        return run.start(
            streams,
            form=form if len(streams) == 1 else said,
            site=site,
            zone=options["tz"],
            queue=options["queue"],
            date_order=options["date_order"],
            dry_run=options["dry_run"],
            all_or_nothing=options["all_or_nothing"],
            again=options["again"],
        )

    def _wait(self, batch: ImportBatch) -> None:
        """Wait for a worker to import and count; do it here should the worker die."""
        heard = time.monotonic()
        seen, shown = (-1, ""), ""
        marks, all_there = DirtyDay.objects.filter(site=batch.site), False
        while True:
            job = Job.objects.get(pk=batch.job_id)
            if job.finished and not all_there:
                # Later ones are of calls that came in beside it: there may be some always.
                all_there = True
                marks = marks.filter(pk__lte=marks.aggregate(last=Max("pk"))["last"] or 0)
            left = marks.count()
            if job.finished and not left:
                return
            now = (job.done, f"{job.state} {left}")
            if now != seen:
                seen, heard = now, time.monotonic()
                if (line := f"{job.percent} % {job.words}") != shown:
                    self.stderr.write(line)
                    shown = line
            if time.monotonic() - heard > PATIENCE_SECONDS:
                heard = time.monotonic()
                if not work.worker_is_up():
                    with work.here():
                        run_import.run(batch.job_id)
                        record_changed.send(sender=None)
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
                    "count": one.count,
                }
                | ({} if one.origin is None else {"origin": one.origin})
                for one in self._issues
            ]
            words = {"batch": batch.pk, **books, "issues": issues}
            self.stdout.write(json.dumps(words, indent=2, ensure_ascii=False))
            return
        for name, count in books.items():
            self.stdout.write(f"{name:10} {count:>12,}")
        self.stdout.write(_("Zone of its times: %(zone)s") % {"zone": self._zone})
        for issue in self._issues:
            self.stdout.write(_issue_words(issue, len(self._files) > 1))
        if batch.dry_run:
            return
        page = {"number": batch.pk, "page": reverse("import", args=[batch.pk])}
        self.stdout.write(_("Import %(number)d: its account is the page %(page)s") % page)
        for file in self._files if batch.rejected else []:
            if file.shape:
                where = _("The rejected rows of %(name)s, to correct and upload there: %(page)s")
                rows = reverse("import_rejected", args=[batch.pk, file.pk])
                self.stdout.write(where % {"name": file.name, "page": rows})


def _recognised(paths: list[Path]) -> str:
    """The format of the first file, which a new site can take its zone from. Raises FileRefused."""
    try:
        return choosing.recognised(paths[0])
    except FileRefused as refusal:
        if len(paths) == 1:
            raise
        raise type(refusal)(f"{paths[0].name}: {refusal}") from refusal


def _corrected(options: dict[str, Any]) -> ImportBatch:
    """The import whose corrected rows are given, by its number. Raises FileRefused."""
    told = ("profile", "site", "tz", "queue", "date_order", "dry_run", "all_or_nothing", "again")
    if options["form"] != AUTO or any(options[name] for name in told):
        raise FileRefused(_("Corrected rows are read as their import was: say nothing beside it."))
    batch = ImportBatch.objects.filter(pk=options["corrects"]).first()
    if batch is None:
        raise FileRefused(_("There is no import %(number)d.") % {"number": options["corrects"]})
    return batch


def _issue_words(issue: ImportIssue, several_files: bool) -> str:
    """What was wrong with a line, where in it, and with which value."""
    fate = _("rejected") if issue.fate == REJECTED else issue.fate
    if issue.count > 1:
        fate = _("%(fate)s, the first of %(count)s alike") % {
            "fate": fate, "count": f"{issue.count:,}",
        }  # fmt: skip
    place = f"{issue.file.name}, line {issue.line}" if several_files else f"line {issue.line}"
    if issue.origin is not None:
        place += f" (line {issue.origin} of the first file)"
    where = [_("column %(column)s") % {"column": issue.column}] if issue.column else []
    if issue.value or issue.column:
        where.append(_("value %(value)s") % {"value": f'"{issue.value}"'})
    words = f"{place}: {fate}: {issue.message}"
    return f"{words} ({', '.join(where)})" if where else words


def _why_refused(batch: ImportBatch, files: list[ImportFile], options: dict[str, Any]) -> str:
    """Why an import was refused, what stands of its other files, and where that can be mended."""
    told = [batch.job.words]
    if not batch.dry_run and not batch.all_or_nothing:
        read = [file.name for file in files if file.finished]
        unread = [file.name for file in files if not file.finished and not file.position][1:]
        if read:
            words = _("Read to the end, and what they told stays: %(names)s.")
            told.append(words % {"names": ", ".join(read)})
        if unread:
            told.append(_("Not read: %(names)s.") % {"names": ", ".join(unread)})
    if twice.is_asked(batch):
        told.append(_("To store them all the same say --again."))
    elif options["profile"]:
        words = _(
            "To mend the layout %(name)s upload the file on the page %(page)s, say there what its"
            " columns mean, and save that under the same name."
        )
        told.append(words % {"name": options["profile"], "page": reverse("imports")})
    elif not batch.dry_run and drafts.is_open(batch):
        words = _("Say what its columns mean on the page %(page)s, or name a layout by --profile.")
        told.append(words % {"page": reverse("mapping", args=[batch.pk])})
    if not batch.dry_run:
        page = {"number": batch.pk, "page": reverse("import", args=[batch.pk])}
        told.append(_("(Import %(number)d: %(page)s)") % page)
    return " ".join(told)


def _check_zone(name: str) -> None:
    try:
        known_zone(name)
    except ValidationError as refusal:
        raise FileRefused(refusal.messages[0]) from refusal
