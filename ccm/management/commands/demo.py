"""`callcenter demo`: an invented call centre, to look at and to try things on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import work
from ccm.demo import exposure, load, logins

DAYS = 90
# Two years: what changes slowly, as a reviewer who drifts, or who is coached, shows in no less.
HISTORY = 730


class Command(BaseCommand):
    help = "Fill the record with an invented call centre, the same for the same seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--days", type=int, help=f"days until today; {DAYS} unless said")
        parser.add_argument(
            "--history",
            action="store_true",
            help=f"{HISTORY} days, with reviews and coaching of all of them",
        )
        parser.add_argument("--agents", type=int, default=120)
        parser.add_argument(
            "--worker-follows",
            action="store_true",
            help="leave what pages need not wait for to a worker that comes up next",
        )

        parser.add_argument(
            "--lock",
            action="store_true",
            help="shut the demo's accounts, whose passwords were shown; the rest stays",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lock"]:
            self.stdout.write(_("Locked: %(count)d accounts.") % {"count": exposure.lock()})
            return
        days = options["days"]
        if days is None:
            days = HISTORY if options["history"] else DAYS
        wanted = load.Wanted(options["seed"], days, options["agents"])
        try:
            if options["worker_follows"] or work.worker_is_up():
                loaded = load.load(wanted, timezone.now())
            else:
                with work.here():  # nobody else would count what was loaded
                    loaded = load.load(wanted, timezone.now())
        except load.DemoRefused as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal
        self.stdout.write(self._words(loaded))
        if not options["worker_follows"]:  # `up` tells them once the page is there
            self.stdout.write("\n".join(logins.lines_of(logins.working())))

    @staticmethod
    def _words(loaded: load.Loaded) -> str:
        if not loaded.new:
            return _("The demo centre is already there; nothing was changed.")
        return _("The demo centre: %(calls)s calls of %(sites)s sites until %(now)s.") % {
            "calls": f"{loaded.calls:,}",
            "sites": len(loaded.sites),
            "now": loaded.now.strftime("%Y-%m-%d %H:%M UTC"),
        }
