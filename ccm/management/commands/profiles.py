"""`callcenter profiles`: saved mappings listed, and carried from one installation to another."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ccm.imports.mapping import saved
from ccm.imports.records import FileRefused
from ccm.models import ImportProfile

LIST, EXPORT, IMPORT = "list", "export", "import"
REFUSED = 2


class Command(BaseCommand):
    help = "List saved mappings, print them as JSON, or take in what another one printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=[LIST, EXPORT, IMPORT])
        parser.add_argument(
            "names", nargs="*", metavar="NAME", help="export: which, else all; import: the files"
        )
        parser.add_argument(
            "--replace", action="store_true", help="import: change those of the same name"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["what"]:
                case "export":
                    self._export(options["names"])
                case "import":
                    self._import(options["names"], options["replace"])
                case _:
                    self._list()
        except FileRefused as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal

    def _list(self) -> None:
        for one in ImportProfile.objects.all():
            self.stdout.write(f"{one.slug:32} {one.name}: {saved.words_of(one)}")

    def _export(self, names: list[str]) -> None:
        which = [saved.named(name) for name in names] or ImportProfile.objects.all()
        self.stdout.write(json.dumps(saved.as_json(which), indent=2, ensure_ascii=False))

    def _import(self, names: list[str], replace: bool) -> None:
        if not names:
            raise FileRefused(_("Name the files to take in."))
        for name in names:
            try:
                said = json.loads(Path(name).read_text(encoding="utf-8"))
            except (OSError, ValueError) as wrong:
                raise FileRefused(f"{name}: {wrong}") from wrong
            for one in saved.take(said, replace=replace):
                self.stdout.write(f"{one.slug:32} {one.name}")
