"""`manage.py settings_doc`: write the README's table of settings from their declarations."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ccm import environment

_TABLE = re.compile(r"^\| name \| default \| meaning \|\n(?:\|.*\n)+", re.MULTILINE)


class Command(BaseCommand):
    help = "Write the README's table of settings from ccm/environment.py."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "README.md"
        text = path.read_text(encoding="utf-8")
        path.write_text(_TABLE.sub(lambda _old: environment.table(), text), encoding="utf-8")
        self.stdout.write(str(path))
