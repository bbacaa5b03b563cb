"""`callcenter backup`: a copy of the whole record in one file."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ccm import backups
from ccm.backups import keys, making


class Command(BaseCommand):
    help = (
        "Copy the whole record, as it is at this moment, into one file: the database, and the"
        " folder of recordings where it is the program's own. The copy is read back before it gets"
        " its name. Keep CCM_SECRET_KEY and CCM_CALLER_KEY apart from it: they are not in it."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="a folder, or a file that is not there yet")
        keys.add_argument(parser)
        parser.add_argument(
            "--sealed", action="store_true", help="make none where there is no key to seal it"
        )
        parser.add_argument(
            "--recordings",
            choices=["yes", "no"],
            help="copy the folder CCM_RECORDINGS, too (default: where it lies in CCM_DATA_DIR)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        word = options["recordings"]
        try:
            key = keys.key(options["key_file"])
            if options["sealed"] and key is None:
                raise backups.Refused("There is no key: give it by CCM_BACKUP_KEY or --key-file.")
            made = making.make(
                options["target"],
                key,
                now=timezone.now(),
                recordings=making.keeps_recordings() if word is None else word == "yes",
                say=self.stderr.write,
            )
        except backups.Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        tables = made.said.tables.values()
        self.stdout.write(
            f"{made.path}: {made.bytes:,} bytes, {'sealed' if made.sealed else 'not sealed'},"
            f" {len(tables)} tables, {sum(table.rows for table in tables):,} rows,"
            f" {len(made.said.parts) - 1:,} recordings, read back, {made.seconds:.1f} s"
        )
