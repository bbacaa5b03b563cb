"""Django's `migrate`, which waits for nobody longer than five seconds at a time."""

from typing import Any

from django.core.management.commands import migrate

from ccm import migrating


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        migrating.patiently(
            lambda: super(Command, self).handle(*args, **options), self.stderr.write
        )
