"""`callcenter unlock`: pauses after wrong passwords, listed and ended."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.entry import locking
from ccm.entry.attempts import accounts


class Command(BaseCommand):
    help = "List the pauses after wrong passwords; end those of a user, or of an address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?", help="whose pauses end")
        parser.add_argument("--address", help="end what counts against this address")
        parser.add_argument("--all", action="store_true", help="end all of them")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        name, where = options["username"], options["address"]
        if not (name or where or options["all"]):
            return self._list()
        found = locking.counted(now)
        if name:
            key = locking.key_of_name(name)
            if not key.startswith(locking.USER):
                raise CommandError(_("There is no user of this name."), returncode=2)
            found = found.filter(username=key)
        if where:
            address = locking.as_counted(where)
            if address == locking.NOWHERE:
                raise CommandError(_("This is no address."), returncode=2)
            found = found.filter(ip_address=address)
        self.stdout.write(_("Ended: %(count)d") % {"count": locking.unlock(found, None, now)})

    def _list(self) -> None:
        now = timezone.now()
        paused = list(locking.locked(now))
        names = accounts(paused)
        for one in paused:
            until = locking.in_minutes(locking.pause_seconds(locking.end_of(one), now))
            self.stdout.write(f"{names[one.username]}  {one.ip_address}  {until}")
        if not paused:
            self.stdout.write(_("Nobody is in a pause."))
