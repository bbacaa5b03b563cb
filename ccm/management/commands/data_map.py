"""`manage.py data_map`: write docs/data-map.md from the models and what is said of them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from ccm.personal import data_map


class Command(BaseCommand):
    help = "Write docs/data-map.md from the models."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "data-map.md"
        with translation.override("en"):
            path.write_text(data_map.render(), encoding="utf-8")
        self.stdout.write(str(path))
