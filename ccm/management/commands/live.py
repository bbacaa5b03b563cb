"""`callcenter live`: events into the record, frames to the walls, until told to stop."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from ccm.live.process import LiveProcess


class Command(BaseCommand):
    help = str(_("Fold live events into the record and publish the wallboards' frames."))

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stopping.set())
        LiveProcess(stopping).run()
