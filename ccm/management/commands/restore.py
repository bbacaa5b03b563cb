"""`callcenter restore`: a copy read back, and compared with what it was made of."""

import argparse
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ccm import backups
from ccm.backups import keys, restoring


class Command(BaseCommand):
    help = (
        "Read a copy that `callcenter backup` made into an empty database, compare each table with"
        " what was copied, and bring the tables up to date. Stop web, live, workers and beat first."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        keys.add_argument(parser)
        parser.add_argument(
            "--into", metavar="NAME", help="another database of the server, made if need be"
        )
        parser.add_argument(
            "--replace",
            metavar="NAME",
            help="the database's name, typed once more: all that is in it goes first",
        )
        parser.add_argument(
            "--jobs",
            type=int,
            default=os.cpu_count() or 1,
            help="tables and indexes restored at a time (default %(default)s)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with restoring.into(options["into"], restoring.make_database):
                done = restoring.restore(
                    options["file"],
                    keys.key(options["key_file"]),
                    replace=options["replace"],
                    jobs=max(1, options["jobs"]),
                    say=self.stderr.write,
                )
        except backups.Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        self.stdout.write(
            f"Restored what was copied at {done.said.made_at}: {len(done.said.tables)} tables,"
            f" {done.rows:,} rows, each table equal to the copy, {done.seconds:.1f} s."
        )
        if done.migrated:
            self.stdout.write(f"Then {done.migrated} migrations, for the copy was older.")
        for path in done.others:
            self.stdout.write(f"Left as it was, and another than in the copy: {path}")
        for name in done.keys:
            self.stdout.write(f"{name} is another than the record was made with: put the old back.")
        self.stdout.write("Next: `callcenter verify` reckons every figure anew.")
