"""`callcenter simulate`: the demo centre's calls go on, live, through the events API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from django.utils.translation import gettext as _

from ccm import asked
from ccm.demo import load, simulate

LOOK_AGAIN_SECONDS = 10.0


class Command(BaseCommand):
    help = "Post the demo centre's next calls as they happen, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where the web listens")

    def handle(self, *args: Any, **options: Any) -> None:
        with asked.to_end() as stop:
            job = load.loaded_demo()
            if job is None:
                self.stderr.write(_("There is no demo centre yet; waiting for one."))
            while job is None and not stop.is_set():
                connections.close_all()
                stop.wait(LOOK_AGAIN_SECONDS)
                job = load.loaded_demo()
            if job is not None and not stop.is_set():
                player = simulate.Player(job.payload)
                simulate.Simulator(player).run(simulate.Web(options["port"]), stop)
