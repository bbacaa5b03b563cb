"""`manage.py rights_doc`: write the table of docs/rights.md from the registry of actions."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from ccm.rights import document

_TABLE = re.compile(r"^\| action \| lets one \|.*\n(?:\|.*\n)*", re.MULTILINE)


class Command(BaseCommand):
    help = "Write the table of docs/rights.md from ccm/rights/actions.py."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "rights.md"
        text = path.read_text(encoding="utf-8")
        with translation.override("en"):
            told = document.table()
        path.write_text(_TABLE.sub(lambda _old: told, text), encoding="utf-8")
        self.stdout.write(str(path))
