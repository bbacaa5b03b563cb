"""`callcenter shapes`: shapes of live events listed, tried on a file of events, and saved."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.live.shapes import known, trying
from ccm.live.shapes.mapped import Mapped, Wrong
from ccm.models import EventShape

LIST, TRY, SAVE, SHOW = "list", "try", "save", "show"
REFUSED = 2


class Command(BaseCommand):
    help = "List shapes of live events, try one on a file of events, save or print one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="what", required=True)
        actions.add_parser(LIST)
        show = actions.add_parser(SHOW)
        show.add_argument("slug")
        trial = actions.add_parser(TRY)
        trial.add_argument("shape", metavar="FILE", help="the shape, as JSON")
        trial.add_argument("events", metavar="EVENTS", help="what a source posts, as JSON")
        save = actions.add_parser(SAVE)
        save.add_argument("name")
        save.add_argument("shape", metavar="FILE", help="the shape, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["what"]:
                case "show":
                    self._show(options["slug"])
                case "try":
                    self._try(options["shape"], options["events"])
                case "save":
                    self._save(options["name"], options["shape"])
                case _:
                    self._list()
        except Wrong as wrong:
            words = "\n".join(f"{one.pointer or '/'}: {one.message}" for one in wrong.faults)
            raise CommandError(words, returncode=REFUSED) from wrong
        except (OSError, ValueError) as wrong:
            raise CommandError(str(wrong), returncode=REFUSED) from wrong

    def _list(self) -> None:
        for slug in known.BUILT_IN:
            self.stdout.write(f"{slug:32} {_('built in')}")
        for one in EventShape.objects.all():
            self.stdout.write(f"{one.slug:32} {one.name}")

    def _show(self, slug: str) -> None:
        found = EventShape.objects.filter(slug=slug).first()
        if found is None:
            raise ValueError(_("There is no shape of this name."))
        self.stdout.write(json.dumps(found.mapping, indent=2, ensure_ascii=False))

    def _try(self, shape: str, events: str) -> None:
        """Say what would be made of each event; refused where any is."""
        mapped = Mapped.from_json(_json(shape, trying.LONGEST_SHAPE))
        tried = trying.tried(mapped, _json(events, trying.LONGEST_SAMPLE), timezone.now())
        for one in tried.events:
            if one.event is not None:
                said = json.dumps(dict(one.said), ensure_ascii=False)
                self.stdout.write(f"{one.number}: {said}")
            elif one.ignored:
                self.stdout.write(f"{one.number}: {_('ignored')}")
            for fault in one.faults:
                self.stdout.write(f"{one.number}: {fault.pointer or '/'}: {fault.message}")
        if any(one.faults for one in tried.events):
            raise CommandError(_("Not every event can be read."), returncode=REFUSED)

    def _save(self, name: str, shape: str) -> None:
        changes = EventShape.objects.filter(name=name).first()
        mapping = _json(shape, trying.LONGEST_SHAPE)
        saved = known.save(name, mapping, changes=changes)
        self.stdout.write(f"{saved.slug:32} {saved.name}")


def _json(name: str, limit: int) -> Any:
    with Path(name).open(encoding="utf-8") as file:
        return trying.json_of(file.read(limit + 1), limit)
