"""`manage.py metrics_doc`: write docs/metrics.md from the definitions."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from kpis import metrics_doc


class Command(BaseCommand):
    help = "Write docs/metrics.md from the KPI definitions."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "metrics.md"
        path.parent.mkdir(exist_ok=True)
        with translation.override("en"):
            path.write_text(metrics_doc.render(), encoding="utf-8")
        self.stdout.write(str(path))
